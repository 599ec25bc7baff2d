"""Soles that lie on the floor and do not stab it: a foot is pitched about its ankle where its heel or tip is below.

The pitch of CMU's feet is uncertain by 10 to 25 degrees (markers on shoes), so that the heel of a walker comes down two
or three centimetres inside the floor. To raise the leg for it would bend the knee of a nearly straight leg by ten
degrees; a few degrees at the ankle do the same, and no limb changes its direction.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.transform import Rotation

from synth.body.skeleton import Skeleton
from synth.motion.align import body_joint
from synth.motion.performance import SIDES

MOST_DEG = 20.0
SMOOTH_S = 0.03
SHORTEST_M = 0.04  # a point nearer to the ankle than this, seen along the foot, is not raised by turning the foot


def level_soles(body: Skeleton, rotations: np.ndarray, root: np.ndarray, fps: float) -> None:
    """Turns the feet of rotations (T, J, 3, 3) in place, so that heels and tips are at or above z = 0.

    Heels are raised no further than tips can come down, and the other way about: a foot that is under the floor at both
    ends, or by more than `MOST_DEG` can mend, is left for the leg to raise.
    """
    joints, probes = body.fk(rotations, root), body.posed_probes(rotations, root)
    for side in SIDES:
        ankle, ball = body_joint(body, f"ankle.{side}"), body_joint(body, f"toe.{side}")
        rest = (body.heads[ball] - body.heads[ankle]) * [1.0, 1.0, 0.0]
        ahead = rotations[:, ankle] @ (rest / np.linalg.norm(rest))
        points = probes[:, on_foot(body, side)]
        reach = np.einsum("tpi,ti->tp", points - joints[:, None, ankle], ahead)
        tip, tip_free = _angles_deg(points[..., 2], reach)
        heel, heel_free = _angles_deg(points[..., 2], -reach)
        pitch_deg = np.minimum(tip, heel_free) - np.minimum(heel, tip_free)
        pitch_deg = np.clip(gaussian_filter1d(pitch_deg, SMOOTH_S * fps, mode="nearest"), -MOST_DEG, MOST_DEG)
        left = np.cross([0.0, 0.0, 1.0], ahead)
        size = np.linalg.norm(left, axis=1, keepdims=True)
        axis = np.where(size > 0.3, left / np.maximum(size, 0.3), 0.0)  # a foot that stands on its tip is not pitched
        turn = Rotation.from_rotvec(-np.radians(pitch_deg)[:, None] * axis).as_matrix()
        for bone in foot_bones(body, side):
            rotations[:, bone] = turn @ rotations[:, bone]


def foot_bones(body: Skeleton, side: str) -> list[int]:
    """The numbers of the bones of a foot and its toes."""
    names = enumerate(body.names)
    return [n for n, name in names if name.startswith(("foot", "toe")) and name.endswith(f".{side}")]


def on_foot(body: Skeleton, side: str) -> np.ndarray:
    """(P,) bool: the ground probes that mostly move with the foot of a side ("L", "R")."""
    nearest = np.take_along_axis(body.probe_bones, body.probe_weights.argmax(axis=1)[:, None], axis=1)[:, 0]
    return np.isin(nearest, foot_bones(body, side))


def _angles_deg(height: np.ndarray, reach: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """By how many degrees to raise the points (T, P) that are `reach` ahead of the ankle until none is under the floor,
    and by how many they can be lowered until one is; each (T,), one of them 0."""
    angle = np.degrees(np.arctan2(height, np.maximum(reach, SHORTEST_M)))
    lowest = np.where(reach > SHORTEST_M, angle, np.inf).min(axis=1)
    return np.maximum(-lowest, 0.0), np.maximum(lowest, 0.0)
