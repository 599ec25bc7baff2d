"""Hands that lie on the floor and do not stab it: a hand is turned about its wrist where it is below.

CMU's hands carry 15 to 35 degrees of false extension and no fingers, so that whoever stands on the hands, or goes past
the floor with one, has fingers or a thumb several centimetres inside. As with soles, some degrees at the wrist mend
what would take an arm's or the whole body's place.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.transform import Rotation

from synth.body.skeleton import Skeleton
from synth.motion.align import body_joint
from synth.motion.contact import lift
from synth.motion.performance import SIDES

MOST_DEG = 40.0
WINDOW_S = 0.04
ROUNDS = 3  # another finger may be the lowest when one is up
SHORTEST_M = 0.04  # a point nearer to the wrist than this is not raised by turning the hand
_UP = np.array([0.0, 0.0, 1.0])


def level_hands(body: Skeleton, rotations: np.ndarray, root: np.ndarray, fps: float) -> None:
    """Turns the hands of rotations (T, J, 3, 3), fingers posed, in place, so that they are at or above z = 0.

    What `MOST_DEG` cannot mend, and a wrist that is itself in the floor, is left for the body to be lifted.
    """
    for side in SIDES:
        wrist, bones = body_joint(body, f"wrist.{side}"), hand_bones(body, side)
        moved = np.isin(body.probe_bones[np.arange(len(body.probe_bones)), body.probe_weights.argmax(axis=1)], bones)
        turned = np.zeros((len(root), 3))
        for _ in range(ROUNDS):
            at = body.fk(rotations, root)[:, wrist]
            levers = body.posed_probes(rotations, root)[:, moved] - at[:, None]
            more = _raising(levers, at[:, 2], fps)
            size = np.linalg.norm(turned + more, axis=1, keepdims=True)
            more = (turned + more) * np.minimum(1.0, np.radians(MOST_DEG) / np.maximum(size, 1e-9)) - turned
            turned = turned + more
            turn = Rotation.from_rotvec(more).as_matrix()
            for bone in bones:
                rotations[:, bone] = turn @ rotations[:, bone]


def hand_bones(body: Skeleton, side: str) -> list[int]:
    """The numbers of the bones of a hand and its fingers."""
    bones = [body_joint(body, f"wrist.{side}")]
    for bone, parent in enumerate(body.parents):
        if parent in bones:
            bones.append(bone)
    return bones


def _raising(levers: np.ndarray, wrist_m: np.ndarray, fps: float) -> np.ndarray:
    """(T, 3) the turn, axis times radians, that brings the deepest point, (T, P, 3) from a wrist of height (T,), up."""
    length = np.linalg.norm(levers, axis=2)
    goal = np.arcsin(np.clip(-wrist_m[:, None] / np.maximum(length, 1e-9), -1.0, 1.0))
    short = goal - np.arcsin(np.clip(levers[..., 2] / np.maximum(length, 1e-9), -1.0, 1.0))
    short = np.where(length > SHORTEST_M, short, 0.0)
    worst = short.argmax(axis=1)[:, None]
    angle = np.maximum(np.take_along_axis(short, worst, axis=1)[:, 0], 0.0)
    lever = np.take_along_axis(levers, worst[..., None], axis=1)[:, 0] * [1.0, 1.0, 0.0]
    axis = np.cross(lever, _UP) * angle[:, None]
    axis = gaussian_filter1d(axis, WINDOW_S * fps, axis=0, mode="nearest")
    axis /= np.maximum(np.linalg.norm(axis, axis=1, keepdims=True), 1e-12)
    return axis * lift(-angle, fps, WINDOW_S)[:, None]
