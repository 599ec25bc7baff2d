"""A CMU performance on another body.

Bones of the body take the rotation of the source bone that drives them, D = R A, with the constant A of `align`; the
middle of the hips follows the source's, scaled by the legs' length; the spine is bent so that the trunk leans as the
source's (`spine`); planted feet are then locked, hands laid on the floor (`palms`), and the whole is set on it
(`contact`). Rotations and not positions are transferred, so that limbs point where the subject's did,
whatever the proportions (Monzani et al. 2000, "Using an intermediate skeleton and inverse kinematics for motion
retargeting", split the task in the same way).
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import binary_dilation
from scipy.spatial.transform import Rotation

from synth.body.skeleton import Skeleton
from synth.errors import find
from synth.motion.align import alignment, body_joint, level_feet, sources
from synth.motion.builtin import rig
from synth.motion.builtin.hands import PRESETS
from synth.motion.builtin.hands import turns as finger_turns
from synth.motion.contact import ease_legs, follow_feet, lift_out, plant_feet, raise_feet, set_on_floor
from synth.motion.motion import Motion
from synth.motion.palms import level_hands
from synth.motion.performance import SIDES, Performance
from synth.motion.soles import level_soles
from synth.motion.spine import match_trunk, zero_lean
from synth.motion.toes import bend_toes

HAND_SHARE = 0.5  # CMU's hands carry 15 to 35 degrees of false extension; half of the wrist's bend is kept
BEARING_M = (0.10, 0.35)  # but all of it below the first height over the floor, where a hand bears weight
PAD_S = 0.5  # retargeted on either side of a crop, so that filters do not feel its ends


def retarget(
    trial: Performance,
    body: Skeleton,
    *,
    start: int = 0,
    stop: int | None = None,
    hands: str = "relaxed",
    label: str = "",
    lock: bool = True,
    lift: bool = True,
) -> Motion:
    """Frames start to stop (exclusive) of a performance on a body, floor at z = 0, at the source's rate.

    hands: preset of the fingers. Resting feet are calibrated on the whole trial. lock=False leaves legs and hands
    alone, so that every limb points exactly as the source's. lift=False leaves what is under the floor.
    """
    part, inside = padded(trial, start, len(trial) if stop is None else stop)
    # A frame longer at both ends: a foot that is at rest in a frame is in one place in its neighbours too.
    planted = {side: binary_dilation(part.planted(side)) for side in SIDES}
    rotations = _turned(trial, part, body)
    root = _root(part, body, rotations)
    bend_toes(body, rotations, root)
    root = set_on_floor(body, rotations, root, planted["L"] | planted["R"])
    if lock:
        rotations, root = _lock_feet(body, rotations, root, planted=planted, fps=trial.fps)
    _pose_fingers(body, rotations, hands)
    if lock:
        level_hands(body, rotations, root, trial.fps)
    if lift:
        root = lift_out(body, rotations, root, trial.fps)
    return Motion.from_matrices(
        matrices=rotations[inside], root=root[inside], names=body.names, fps=trial.fps, kind="cmu", label=label
    )


def _turned(trial: Performance, part: Performance, body: Skeleton) -> np.ndarray:
    """(T, J, 3, 3) the body's rotations over a part of a trial, before it meets the floor."""
    turns = alignment(trial.skeleton, body)
    turns.update({f"{side.lower()}foot": turn for side, turn in level_feet(trial, body).items()})
    rotations, zero = _rotations(part, body, turns), Performance.zero_pose(trial.skeleton)
    match_trunk(part, body, rotations, zero_lean(zero, body, _rotations(zero, body, turns)))
    return rotations


def _lock_feet(
    body: Skeleton, rotations: np.ndarray, root: np.ndarray, *, planted: dict, fps: float
) -> tuple[np.ndarray, np.ndarray]:
    """Rotations and root with feet that stand; the body gives way first, then the ankles, and the legs last."""
    root = follow_feet(body, rotations, root, planted=planted, fps=fps)
    levelled = rotations.copy()
    level_soles(body, levelled, root, fps)
    root = ease_legs(body, levelled, root, planted=planted, fps=fps)
    level_soles(body, rotations, root, fps)
    rotations = plant_feet(body, rotations, root, planted=planted, fps=fps)
    return raise_feet(body, rotations, root, fps), root


def padded(trial: Performance, start: int, stop: int) -> tuple[Performance, slice]:
    """Frames start to stop with some more on either side, the floor level, and where in it the frames are."""
    pad = round(PAD_S * trial.fps)
    first, last = max(0, start - pad), min(len(trial), stop + pad)
    return trial.cut(slice(first, last)).levelled(), slice(start - first, stop - first)


def _rotations(part: Performance, body: Skeleton, turns: dict[str, np.ndarray]) -> np.ndarray:
    """D (T, J, 3, 3) of every bone of the body."""
    driven = {name: part.turn(name) for name in set(sources(body))}
    for side in SIDES:
        own = side.lower()
        share = HAND_SHARE + (1.0 - HAND_SHARE) * part.near_floor(f"finger.{side}", *BEARING_M)
        driven[f"{own}hand"] = _milder(driven[f"{own}wrist"], driven[f"{own}hand"], share)
    return np.stack([driven[name] @ turns[name] for name in sources(body)], axis=1)


def _milder(forearm: np.ndarray, hand: np.ndarray, share: np.ndarray) -> np.ndarray:
    """The hand (T, 3, 3) with a share (T,) of its turn against the forearm."""
    bend = Rotation.from_matrix(forearm.transpose(0, 2, 1) @ hand).as_rotvec()
    return forearm @ Rotation.from_rotvec(share[:, None] * bend).as_matrix()


def _pose_fingers(body: Skeleton, rotations: np.ndarray, preset: str) -> None:
    """Sets the fingers, of which CMU records nothing, in place."""
    find("preset of hands", preset, PRESETS)
    measures = rig.build(body)
    for side in SIDES:
        wrist = rotations[:, measures.hands[side].bone]
        for bone, turn in finger_turns(measures, side, preset).items():
            rotations[:, bone] = wrist @ turn


def _root(part: Performance, body: Skeleton, rotations: np.ndarray) -> np.ndarray:
    """The root's path (T, 3) that puts the hips where the source's are, at the body's size."""
    scale = _leg_m(body) / part.leg_m()
    posed = body.fk(rotations, np.zeros((len(part), 3)))
    hips = np.mean([posed[:, body_joint(body, f"hip.{side}")] for side in SIDES], axis=0)
    wanted = np.mean([part.joint(f"hip.{side}") for side in SIDES], axis=0)
    return scale * wanted - hips


def _leg_m(body: Skeleton) -> float:
    """Thigh and shin together, mean of both sides."""
    steps = [("hip", "knee"), ("knee", "ankle")]
    ends = [[body.heads[body_joint(body, f"{name}.{side}")] for name in step] for step in steps for side in SIDES]
    return float(sum(np.linalg.norm(end - start) for start, end in ends) / 2)
