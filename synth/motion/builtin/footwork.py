"""Feet that are put from place to place in one cycle, and how high the hips may be over them.

A foot stands until it is lifted, is carried to its next place and stands there; the last place of a cycle is the first
of the next. The swing's lift and progress are those of walking (`walk`): up before on, on before down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import PchipInterpolator
from scipy.ndimage import gaussian_filter1d, minimum_filter1d

from synth.motion.builtin import easing, feet
from synth.motion.builtin.figure import Figure
from synth.motion.builtin.rig import SIGN, Rig
from synth.motion.builtin.rotations import about, apply, slerp, turn, unit
from synth.motion.builtin.walk import CARRIED, LIFT

_SMOOTH_S = 0.06
BIG_TOE_M = 0.018  # inwards of the ankle
CLEAR_M = 0.012  # of a swinging foot over the floor


@dataclass(frozen=True, kw_only=True)
class Fall:
    """One step of one foot. lift, land: shares of the cycle. to: the ankle's x and y when it has landed, metres.
    yaw_deg: its heading then. height_m: of the swing. heel_deg: how far the heel rises at the lift; land_deg: the
    foot's pitch at the landing, toes up below 0, heel up above."""

    lift: float
    land: float
    to: tuple[float, float]
    yaw_deg: float
    height_m: float = 0.06
    heel_deg: float = 35.0
    land_deg: float = -10.0


@dataclass(frozen=True, eq=False)
class Track:
    """Of one foot: ground (T, 3), yaw_deg, pitch_deg and air (T,), 0 planted, from 0 to 1 through a swing."""

    ground: np.ndarray
    yaw_deg: np.ndarray
    pitch_deg: np.ndarray
    air: np.ndarray

    def step(self, rig: Rig, side: str) -> feet.Step:
        """The foot on this track, its toes flat until it leaves the floor."""
        toe_share = np.where(self.air > 0, np.clip(1 - 5 * self.air, 0.15, 1.0), 1.0)
        return feet.roll(
            rig, side, ground=self.ground, yaw_deg=self.yaw_deg, pitch_deg=self.pitch_deg, toe_share=toe_share
        )


def walked(falls: Sequence[Fall], phase: np.ndarray) -> Track:
    """The track of a foot that makes these steps in every cycle, in the order of time."""
    within = phase % 1.0
    ground, pitch, air = np.zeros((len(phase), 3)), np.zeros(len(phase)), np.zeros(len(phase))
    ground[:, :2], yaw = falls[-1].to, np.full(len(phase), falls[-1].yaw_deg)
    for fall in falls:
        share = (within - fall.lift) / (fall.land - fall.lift)
        swing = np.clip(share, 0.0, 1.0)
        on = _keyed(CARRIED, swing)
        ground[:, :2] += on[:, None] * (np.array(fall.to) - ground[:, :2])
        ground[:, 2] += fall.height_m * _keyed(LIFT, swing)
        yaw = yaw + on * (fall.yaw_deg - yaw)
        pitch += _pitch(fall, share)
        air += np.where(swing < 1.0, swing, 0.0)
    return Track(ground, yaw, easing.soften(pitch, 0.012), air)


def _keyed(keys: dict[float, float], share: np.ndarray) -> np.ndarray:
    """(T,) values at shares from 0 to 1 of keys whose last one counts as 1."""
    return PchipInterpolator([*list(keys)[:-1], 1.0], list(keys.values()))(share)


def _pitch(fall: Fall, share: np.ndarray) -> np.ndarray:
    """(T,) degrees by which a step tips the foot, from before its lift until after its landing."""
    keys = [-0.35, 0.0, 0.3, 0.8, 1.0, 1.25]
    values = [0.0, fall.heel_deg, fall.heel_deg, fall.land_deg, fall.land_deg, 0.0]
    return PchipInterpolator(keys, values)(np.clip(share, -0.35, 1.25))


def height(rig: Rig, steps: dict[str, feet.Step], hips: np.ndarray, yaw_deg, *, stretch=0.985, free=None) -> np.ndarray:
    """(T,) how high the hips may be over `hips` (T, 2) with both legs bent no less than `stretch` of their length.

    free: {side: (T,) bool} where a leg bears nothing and is brought to its place by other means.
    """
    room = np.full(len(hips), np.inf)
    for side, step in steps.items():
        joint = hips + apply(turn(yaw_deg=yaw_deg), [0.0, SIGN[side] * rig.hip_half_m, 0.0])[..., :2]
        across = np.linalg.norm(step.ankle[:, :2] - joint, axis=1)
        tall = step.ankle[:, 2] + np.sqrt(np.maximum((stretch * rig.leg_m) ** 2 - across**2, 0.04))
        room = np.minimum(room, np.where((free or {}).get(side, False), np.inf, tall))
    window = int(2 * _SMOOTH_S * easing.FPS) | 1
    return gaussian_filter1d(minimum_filter1d(room, window, mode="wrap"), _SMOOTH_S * easing.FPS / 2, mode="wrap")


def on_toes(rig: Rig, side: str, at, yaw_deg: np.ndarray, *, stood_deg: float) -> np.ndarray:
    """(T, 3) the `ground` of a foot that stood at `at` (3,) or (T, 3), heading for `stood_deg`, and turns to `yaw_deg`
    (T,) on the ball of its big toe, which stays where it is."""
    shape = rig.feet[side]
    pivot = np.array([shape.ball[0] + 0.5 * shape.toe_m, -SIGN[side] * BIG_TOE_M, 0.0])
    return at + apply(turn(yaw_deg=stood_deg), pivot) - apply(turn(yaw_deg=yaw_deg), pivot)


def hung(rig: Rig, side: str, hip: np.ndarray, base: np.ndarray, thigh_deg, knee_deg, out_deg=0.0) -> np.ndarray:
    """(T, 3) the ankle of a leg that hangs from `hip` (T, 3): thigh forward, knee bent, whole leg outwards, in degrees
    against the axes `base` (T, 3, 3)."""
    thigh, shin = np.radians(thigh_deg), np.radians(np.asarray(thigh_deg) - knee_deg)
    first, second = rig.legs[side].lengths
    ahead = first * np.sin(thigh) + second * np.sin(shin)
    down = first * np.cos(thigh) + second * np.cos(shin)
    out = SIGN[side] * np.radians(np.broadcast_to(np.asarray(out_deg, dtype=np.float64), ahead.shape))
    return hip + apply(base, np.stack([ahead, np.sin(out) * down, -np.cos(out) * down], axis=1))


def between(rig: Rig, side: str, planted: feet.Step, *, ankle, foot, share) -> feet.Step:
    """The step at `share` (T,) of the way from a foot on the ground to one in the air, `foot` (T, 3, 3) its turn; it
    is raised where it would touch the floor in passing."""
    way = share[:, None]
    turned, toes = slerp(planted.foot, foot, share), slerp(planted.toes, foot, share)
    at, shape = planted.ankle * (1 - way) + ankle * way, rig.feet[side]
    sole = np.array([0.0, 0.0, -shape.ankle_m - shape.ball[2]])
    ends = np.stack(
        [
            apply(turned, shape.heel),
            apply(turned, shape.ball) + apply(toes, sole),
            apply(turned, shape.ball) + apply(toes, sole + np.array([shape.toe_m, 0.0, 0.0])),
        ]
    )
    low = at[:, 2] + ends[:, :, 2].min(axis=0)
    clear = CLEAR_M * np.minimum(1.0, 25 * share)
    at = at + np.where(share > 0, np.maximum(clear - low, 0.0), 0.0)[:, None] * np.array([0.0, 0.0, 1.0])
    return feet.Step(at, turned, toes, planted.forward)


def swung_leg(figure: Figure, side: str, step: feet.Step, out_deg=0.0) -> None:
    """Poses a leg whose foot may be before or behind the body: the knee bends forward in the pelvis' own plane."""
    hip = figure.joints()[:, figure.rig.legs[side].joints[0]]
    line = unit(step.ankle - hip)
    pole = np.cross(line, apply(figure.bone("root"), [0.0, 1.0, 0.0]))
    figure.leg(side, step, pole=apply(about(line, -SIGN[side] * np.asarray(out_deg)), pole))
