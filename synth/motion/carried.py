"""Objects go with the hands that hold them: where a prop is when the same motion is done in another manner.

An object that keeps its place relative to a hand, to the chest or to the head belongs to that bone and moves with it.
One that does so for a while only (a ball that is dribbled, an arrow until it is loosed) moves with a hand while it is
in it, and less the further away it is. What stands still in the world stays.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from synth.motion.builtin.rig import SIDES, Rig
from synth.motion.builtin.rotations import apply, slerp, transpose
from synth.motion.motion import to_matrices, to_quaternions
from synth.motion.props import PropTrack
from synth.motion.support import Pose

ATTACHED_M = 0.015  # root mean square stray of an object's origin in the frame of the bone that it belongs to
STILL_M = 0.002
IN_HAND_M, OFF_HAND_M = 0.12, 0.24  # from the palm: held up to, free from
_BONES = ("wrist.R", "wrist.L", "spine01", "head")


def follow(rig: Rig, props: tuple[PropTrack, ...], before: Pose, after: Pose) -> tuple[PropTrack, ...]:
    """The props of the poses `before`, moved to where they belong in the poses `after`."""
    return tuple(_follow(rig, prop, before, after) for prop in props)


def _follow(rig: Rig, prop: PropTrack, before: Pose, after: Pose) -> PropTrack:
    if np.ptp(prop.positions, axis=0).max() < STILL_M:
        return prop
    bones = [rig.skeleton.index(name) for name in _BONES]
    stray = [_stray(prop, before, bone) for bone in bones]
    if min(stray) < ATTACHED_M:
        return _moved(prop, before, after, bones[int(np.argmin(stray))], np.ones(len(prop.positions)))
    for hand, share in zip((rig.hands[s] for s in SIDES), _shares(rig, prop, before), strict=True):
        prop = _moved(prop, before, after, hand.bone, share)
    return prop


def _stray(prop: PropTrack, pose: Pose, bone: int) -> float:
    seen = apply(transpose(pose.rotations[:, bone]), prop.positions - pose.joints[:, bone])
    return float(np.sqrt(((seen - seen.mean(axis=0)) ** 2).sum(axis=1).mean()))


def _shares(rig: Rig, prop: PropTrack, pose: Pose) -> np.ndarray:
    """(2, T) how far the object is in the left and in the right hand, in [0, 1]; never more than 1 together."""
    shares = []
    for hand in (rig.hands[side] for side in SIDES):
        palm = pose.joints[:, hand.bone] + apply(pose.rotations[:, hand.bone], hand.rest[:, 0] * hand.length_m)
        away = np.linalg.norm(prop.positions - palm, axis=1)
        near = np.clip((OFF_HAND_M - away) / (OFF_HAND_M - IN_HAND_M), 0.0, 1.0)
        shares.append(near * near * (3.0 - 2.0 * near))
    return np.array(shares) / np.maximum(1.0, np.sum(shares, axis=0))


def _moved(prop: PropTrack, before: Pose, after: Pose, bone: int, share: np.ndarray) -> PropTrack:
    """The object with `share` (T,) of the bone's change from one pose to the other."""
    change = after.rotations[:, bone] @ transpose(before.rotations[:, bone])
    there = after.joints[:, bone] + apply(change, prop.positions - before.joints[:, bone])
    turns = to_matrices(prop.rotations)
    turned = slerp(turns, change @ turns, share)
    return dataclasses.replace(
        prop,
        positions=prop.positions + share[:, None] * (there - prop.positions),
        rotations=to_quaternions(turned),
    )
