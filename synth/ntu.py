"""Our bodies as a Kinect would report them: NTU RGB+D's 25 joints, in its camera's frame, at its pace.

NTU RGB+D (Shahroudy et al., CVPR 2016) was recorded with a Kinect v2:

- Frame. Metres; z away from the sensor, y up, x to the sensor's *left* (right-handed). Its colour picture, being
  mirrored, has x grow to the right. "Left" in a joint's name is the person's own left: in all six of the data set's
  recordings that were looked at (setups 1 to 4), people who face the sensor have their left shoulder at the smaller x.
- Places. Kinect's hips and shoulders lie nearer the midline than the anatomical joints, its "hand" in the palm and
  its "hand tip" hardly beyond. The weights below put our bones' heads where the distances between joints are those of
  these recordings: hips 0.09 to 0.14 m apart, shoulders 0.20 to 0.33, mid spine 0.25 to 0.30 above the base, shoulder
  spine 0.18 to 0.22 above that, neck 0.06 to 0.07 and head 0.10 to 0.13 above each other, palm 0.05 to 0.07 from the
  wrist, tip 0.03 to 0.06 from the palm, thumb 0.07 to 0.10 from the wrist, foot 0.08 to 0.14 from the ankle.
- Pace. 30 frames per second; a clip at another rate is interpolated between its frames.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from synth.errors import UnknownName
from synth.frames import Camera

FPS = 30.0
# In the data set's order: its joint k is entry k - 1. Weights of the heads of our bones, of sum 1.
_MIDDLE = {
    "spine_base": {"root": 1.0},
    "spine_mid": {"spine02": 1.0},
    "neck": {"neck01": 0.2, "clavicle.L": 0.4, "clavicle.R": 0.4},
    "head": {"head": 0.5, "neck03": 0.5},
}
_SIDED = {
    "shoulder": {"shoulder01": 0.5, "upperarm01": 0.5},
    "elbow": {"lowerarm01": 1.0},
    "wrist": {"wrist": 1.0},
    "hand": {"wrist": 0.5, "finger3-1": 0.5},
    "hip": {"upperleg01": 0.5, "pelvis": 0.5},
    "knee": {"lowerleg01": 1.0},
    "ankle": {"foot": 1.0},
    "foot": {"foot": 1 / 3, "toe2-1": 2 / 3},
}
_SPINE = {"spine_shoulder": {"spine01": 0.5, "clavicle.L": 0.25, "clavicle.R": 0.25}}
_TIPS = {"hand_tip": {"finger3-1": 1.0}, "thumb": {"finger1-2": 1.0}}


def _of_side(part: dict[str, dict[str, float]], names: Sequence[str], side: str) -> dict[str, dict[str, float]]:
    return {f"{n}.{side}": {f"{bone}.{side}": share for bone, share in part[n].items()} for n in names}


_ARM, _LEG = ("shoulder", "elbow", "wrist", "hand"), ("hip", "knee", "ankle", "foot")
JOINTS: dict[str, dict[str, float]] = {
    **_MIDDLE,
    **_of_side(_SIDED, _ARM, "L"),
    **_of_side(_SIDED, _ARM, "R"),
    **_of_side(_SIDED, _LEG, "L"),
    **_of_side(_SIDED, _LEG, "R"),
    **_SPINE,
    **_of_side(_TIPS, ("hand_tip", "thumb"), "L"),
    **_of_side(_TIPS, ("hand_tip", "thumb"), "R"),
}
NTU_JOINTS = tuple(JOINTS)


def ntu_matrix(names: Sequence[str]) -> np.ndarray:
    """(25, J) float64 weights of the bones' heads of a body with these bones; raises UnknownName for one it lacks."""
    place = {name: index for index, name in enumerate(names)}
    matrix = np.zeros((len(JOINTS), len(names)))
    for row, parts in enumerate(JOINTS.values()):
        for bone, share in parts.items():
            if bone not in place:
                raise UnknownName("bone", bone, names, "NTU's joints are made of the bones of our body model.")
            matrix[row, place[bone]] = share
    return matrix


def ntu_joints(joints_m: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """(T, 25, 3) of (T, J, 3), in the frame these are in."""
    return np.einsum("nj,tjk->tnk", ntu_matrix(names), joints_m)


def as_seen(points_m: np.ndarray, camera: Camera) -> np.ndarray:
    """(..., 3) world metres -> the sensor's frame: x to its left, y up, z away, metres."""
    view = camera.view()
    right_down_forward = points_m @ view[:, :3].T + view[:, 3]
    return right_down_forward * np.array([-1.0, -1.0, 1.0])


def resampled(points_m: np.ndarray, fps: float, to_fps: float) -> np.ndarray:
    """(T, ...) at `fps` -> (T', ...) at `to_fps`, from the first frame to the last, linear between frames."""
    if fps == to_fps:
        return points_m
    count = int(np.floor((len(points_m) - 1) * to_fps / fps + 1e-6)) + 1
    at = np.minimum(np.arange(count) * fps / to_fps, len(points_m) - 1)
    before = at.astype(int)
    after = np.minimum(before + 1, len(points_m) - 1)
    share = (at - before).reshape(-1, *[1] * (points_m.ndim - 1))
    return points_m[before] * (1 - share) + points_m[after] * share
