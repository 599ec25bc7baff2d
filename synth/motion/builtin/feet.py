"""Feet on the floor: where an ankle has to be so that the foot rolls over its heel or its ball without sliding.

A foot is flat, or turned about a pivot that stays where it is: the toe joints when the heel is up (the toes stay flat
on the floor), the rear edge of the sole when the toes are up. This is the foot roll of character rigs, and gives
heel strike and toe-off without any correction afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synth.motion.builtin.rig import ROLL_DEG, Rig
from synth.motion.builtin.rotations import about, apply, turn


@dataclass(frozen=True)
class Step:
    """Where one foot is: ankle (T, 3) metres, foot and toes (T, 3, 3) rotations, forward (T, 3) horizontal unit."""

    ankle: np.ndarray
    foot: np.ndarray
    toes: np.ndarray
    forward: np.ndarray


def roll(rig: Rig, side: str, *, ground: np.ndarray, yaw_deg, pitch_deg, toe_share=1.0) -> Step:
    """A foot that would stand flat with its ankle over `ground` and is turned about its heel or ball from there.

    Args:
        ground: (T, 3) the point of the floor under the flat foot's ankle; z > 0 lifts the foot.
        yaw_deg: (T,) the foot's heading. pitch_deg: (T,) heel up above 0, toes up below.
        toe_share: (T,) how much of the heel's rise the toes leave out: 1 flat on the floor, 0 in line with the foot,
            and in any case enough to stay over the floor.
    """
    frames = len(ground)
    yaw = np.broadcast_to(np.asarray(yaw_deg, dtype=np.float64), frames)
    pitch = np.broadcast_to(np.asarray(pitch_deg, dtype=np.float64), frames)
    heading = turn(yaw_deg=yaw)
    tilt = about([0.0, 1.0, 0.0], pitch)
    shape = rig.feet[side]
    pivot = np.where(pitch[:, None] > 0, shape.ball, shape.heel)
    ankle = ground + np.array([0.0, 0.0, shape.ankle_m]) + apply(heading, pivot - apply(tilt, pivot))
    droop = np.degrees(np.arcsin(np.clip(ground[:, 2] / shape.toe_m, 0.0, 1.0)))
    ankle[:, 2] += shape.sink_m * np.clip(pitch / ROLL_DEG, 0.0, None)
    toe_pitch = np.where(pitch > 0, np.minimum((1 - np.broadcast_to(toe_share, frames)) * pitch, droop), pitch)
    return Step(ankle, heading @ tilt, heading @ about([0.0, 1.0, 0.0], toe_pitch), heading[:, :, 0])


def about_ball(rig: Rig, side: str, ball: np.ndarray, yaw_deg) -> np.ndarray:
    """(T, 3) the `ground` of `roll` for a foot whose ball stays over `ball` (3,) or (T, 3) whatever its heading."""
    offset = rig.feet[side].ball * [1.0, 1.0, 0.0]
    return np.asarray(ball) - apply(turn(yaw_deg=np.asarray(yaw_deg, dtype=np.float64)), offset)
