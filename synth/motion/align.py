"""How a body's bones lie on a CMU skeleton: one constant rotation A per source bone, D(t) = R(t) A.

R is a source bone's rotation relative to the zero pose of its file, D the body bone's relative to the body's rest. A
turns the body's rest direction of a limb into the zero pose's. Down a limb it is built on the parent's, by the smallest
rotation that brings the direction home, which keeps the roll of thigh, shin and forearm. The trunk does not match
directions but transfers turns (A near identity), so that the body keeps the curve of its own spine: CMU's hip joints
lie about 4 cm too far forward, and a little more than half of the lean that this makes is taken out (none looks
slouched, all leans back).
"""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from synth.body.skeleton import Skeleton
from synth.frames import rotation_z
from synth.motion.asf import ROOT, AsfSkeleton
from synth.motion.performance import SIDES, Performance

TRUNK_SHARE = 0.55  # half looks as upright; this much more brings the shoulders of who hangs within their bar (MPJPE)
LEAST_FLAT = 8  # frames in which a foot rests flat; fewer say nothing about it
MOST_LEVELLED = np.radians(60.0)  # no marker is so far off; the largest seen is 50 degrees
_SIDEWAYS = np.diag([1.0, -1.0, 1.0])
_OTHER = {"L": "R", "R": "L"}
_TRUNK = (ROOT, "lowerback", "upperback", "thorax", "lclavicle", "rclavicle")
# Body bones driven by each source bone; a bone that is not here follows its parent (fingers the hand, toes the foot).
_MIDDLE = {
    "root": ROOT,
    "spine05": ROOT,
    "spine04": "lowerback",
    "spine03": "lowerback",
    "spine02": "upperback",
    "spine01": "thorax",
    "neck01": "lowerneck",
    "neck02": "lowerneck",
    "neck03": "upperneck",
    "head": "head",
    "pelvis.L": ROOT,
    "pelvis.R": ROOT,
}
_LEFT = {
    "upperleg01": "lfemur",
    "upperleg02": "lfemur",
    "lowerleg01": "ltibia",
    "lowerleg02": "ltibia",
    "foot": "lfoot",
    "clavicle": "lclavicle",
    "shoulder01": "lclavicle",
    "upperarm01": "lhumerus",
    "upperarm02": "lhumerus",
    "lowerarm01": "lradius",
    "lowerarm02": "lwrist",
    "wrist": "lhand",
}
DRIVEN_BY = {
    **_MIDDLE,
    **{f"{bone}.L": source for bone, source in _LEFT.items()},
    **{f"{bone}.R": "r" + source[1:] for bone, source in _LEFT.items()},
}
# Joints of the body by the bone whose head they are.
_JOINT_BONES = {
    "hip": "upperleg01",
    "knee": "lowerleg01",
    "ankle": "foot",
    "toe": "toe3-1",
    "shoulder": "upperarm01",
    "elbow": "lowerarm01",
    "wrist": "wrist",
    "finger": "finger3-1",
}
_LEG = (("femur", "hip", "knee"), ("tibia", "knee", "ankle"))
_ARM = (("humerus", "shoulder", "elbow"), ("radius", "elbow", "wrist"), ("hand", "wrist", "finger"))


def body_joint(skeleton: Skeleton, name: str) -> int:
    """The number of the body's bone whose head is a joint such as `knee.L`."""
    joint, side = name.split(".")
    return skeleton.index(f"{_JOINT_BONES[joint]}.{side}")


def sources(skeleton: Skeleton) -> list[str]:
    """The source bone that drives each bone of the body."""
    chosen: list[str] = []
    for name, parent in zip(skeleton.names, skeleton.parents, strict=True):
        chosen.append(DRIVEN_BY.get(name) or chosen[parent])
    return chosen


def alignment(source: AsfSkeleton, body: Skeleton) -> dict[str, np.ndarray]:
    """A (3, 3) of every source bone that drives something; feet still without their calibration."""
    zero = Performance.zero_pose(source)
    turns = {name: np.eye(3) for name in source.names}
    turns.update(dict.fromkeys(_TRUNK, _trunk_pitch(zero, body)))
    for side in SIDES:
        for limb in (_LEG, _ARM):
            turns.update(_limb(zero, body, side, limb))
        own = side.lower()
        turns[f"{own}foot"], turns[f"{own}wrist"] = turns[f"{own}tibia"], turns[f"{own}radius"]
    return turns


def level_feet(trial: Performance, body: Skeleton) -> dict[str, np.ndarray]:
    """A (3, 3) of both feet by side: the mean turn that lays the body's sole flat where the subject's rests.

    The foot's direction is no guide: markers put CMU's resting feet at -10 to -25 degrees of pitch. A foot that never
    rests flat (a dancer's that stays on its toes, one of which too little is seen) takes the other's, mirrored; if
    neither does, the stillest frames must do.
    """
    turns = {side: _level_turns(trial, body, side) for side in SIDES}
    level = {side: turns[side][_rests_flat(trial, turns[side], side)] for side in SIDES}
    seen = {side: len(level[side]) >= LEAST_FLAT for side in SIDES}
    if not any(seen.values()):
        level, seen = {side: turns[side][trial.standing(side)] for side in SIDES}, dict.fromkeys(SIDES, True)
    means = {side: Rotation.from_matrix(level[side]).mean().as_matrix() for side in SIDES if seen[side]}
    return {side: means[side] if seen[side] else _SIDEWAYS @ means[_OTHER[side]] @ _SIDEWAYS for side in SIDES}


def _level_turns(trial: Performance, body: Skeleton, side: str) -> np.ndarray:
    """(T, 3, 3) the A of a foot that would lay its sole flat in each frame."""
    pointing = trial.joint(f"toe.{side}") - trial.joint(f"ankle.{side}")
    own = body.heads[body_joint(body, f"toe.{side}")] - body.heads[body_joint(body, f"ankle.{side}")]
    yaw_deg = np.degrees(np.arctan2(pointing[:, 1], pointing[:, 0]) - np.arctan2(own[1], own[0]))
    wanted = np.stack([rotation_z(angle) for angle in yaw_deg])
    return trial.turn(f"{side.lower()}foot").transpose(0, 2, 1) @ wanted


def _rests_flat(trial: Performance, turns: np.ndarray, side: str) -> np.ndarray:
    """(T,) bool: the foot stands, its heel is down, and it is not upside down (as while one lies on one's face)."""
    return trial.standing(side) & trial.heel_down(side) & (Rotation.from_matrix(turns).magnitude() < MOST_LEVELLED)


def smallest_rotation(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """(..., 3, 3) the rotations by the smallest angle that turn directions (..., 3) into others.

    Opposite directions leave the axis open; one square to `start` is taken.
    """
    start, end = (v / np.linalg.norm(v, axis=-1, keepdims=True) for v in (start, end))
    real = 1.0 + np.sum(start * end, axis=-1, keepdims=True)
    axis = np.cross(start, end)
    opposite = real < 1e-9
    least = np.eye(3)[np.argmin(np.abs(start), axis=-1)]
    quaternion = np.concatenate([np.where(opposite, 0.0, real), np.where(opposite, np.cross(start, least), axis)], -1)
    flat = Rotation.from_quat(quaternion.reshape(-1, 4), scalar_first=True).as_matrix()
    return flat.reshape(*start.shape[:-1], 3, 3)


def _limb(zero: Performance, body: Skeleton, side: str, limb: tuple) -> dict[str, np.ndarray]:
    turns, above = {}, np.eye(3)
    for bone, start, end in limb:
        start, end = f"{start}.{side}", f"{end}.{side}"
        own = body.heads[body_joint(body, end)] - body.heads[body_joint(body, start)]
        wanted = (zero.joint(end) - zero.joint(start))[0]
        above = smallest_rotation(above @ own, wanted) @ above
        turns[side.lower() + bone] = above
    return turns


def _trunk_pitch(zero: Performance, body: Skeleton) -> np.ndarray:
    """The share of the difference in lean, from the middle of the hips to the middle of the shoulders."""

    def lean(joint) -> float:
        up = sum(joint(f"shoulder.{side}") - joint(f"hip.{side}") for side in SIDES)
        return float(np.arctan2(up[0], up[2]))

    there = lean(lambda name: zero.joint(name)[0])
    here = lean(lambda name: body.heads[body_joint(body, name)])
    return Rotation.from_euler("y", TRUNK_SHARE * (there - here)).as_matrix()
