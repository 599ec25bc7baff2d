"""Push-up: hands and toes on the floor, the body a plank that goes down and up between them.

The plank turns about the balls of the feet. How high the shoulders are for a given slope is tabulated on the body
itself, so that straight arms end the way up and the wanted depth ends the way down, whatever the proportions.
The head points to +X.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synth.motion.builtin import easing, feet
from synth.motion.builtin.figure import Figure
from synth.motion.builtin.rig import SIDES, SIGN, Rig
from synth.motion.builtin.rotations import turn
from synth.motion.builtin.style import Style
from synth.motion.motion import Motion

STYLE = Style(
    ranges={
        "tempo_hz": (0.38, 0.8),
        "depth_share": (0.72, 1.0),  # 1: the chest is CLEARANCE_M over the floor at the bottom
        "hands_apart_share": (1.05, 1.6),  # distance of the hands over that of the shoulder joints
        "hands_ahead_m": (-0.06, 0.03),  # of the wrists before the shoulders, arms straight
        "hands_turned_deg": (-8.0, 22.0),  # fingers inwards
        "elbow_flare_deg": (28.0, 68.0),  # of the upper arms away from the trunk
        "feet_apart_m": (0.06, 0.28),
        "sag_deg": (-5.0, 5.0),  # hips below (+) or above (-) the line
        "head_deg": (4.0, 30.0),  # gaze ahead of the straight line down
        "bottom_share": (0.0, 0.1),
        "top_share": (0.0, 0.16),
        "descent_share": (0.44, 0.6),
        "sway_m": (0.001, 0.005),
    },
)
CLEARANCE_M = 0.07
CHEST_SHARE = 0.17  # of the leg's length: the breast bone before the line of the shoulders
FOOT_DEG = 68.0  # of the heel's rise, straight above the ball


@dataclass(frozen=True)
class Plank:
    """What one slope of the body gives: shoulders (N, 2) x and z of their middle, for slopes (N,) in degrees."""

    slope_deg: np.ndarray
    shoulders: np.ndarray


def motion(rig: Rig, style: dict, rng: np.random.Generator, label: str) -> Motion:
    """The push-ups of one style as a motion on the body of `rig`."""
    clock = easing.clock(style["tempo_hz"], wander=easing.sway(rng, 0.006))
    plank = _tabulate(rig, style)
    palm_m = _palm_height(rig)
    up, wrists_x = _top(rig, style, plank, palm_m)
    high = np.interp(up, plank.slope_deg, plank.shoulders[:, 1])
    low = high + style["depth_share"] * (CLEARANCE_M + CHEST_SHARE * rig.leg_m - high)
    share = _down(style, clock.phase) * (1 + easing.drift(easing.sway(rng, 0.015), clock.loop))
    slope = np.interp(high + (low - high) * share, plank.shoulders[:, 1], plank.slope_deg)
    sway = easing.drift(easing.sway(rng, 1.0), clock.loop)
    figure = _lie(rig, style, slope, share, sway)
    for side in SIDES:
        _arm(figure, side, style, np.array([wrists_x, palm_m]))
    return figure.motion(label, cycles=clock.cycles)


def _down(style: dict, phase: np.ndarray) -> np.ndarray:
    top, bottom = style["top_share"], style["bottom_share"]
    reached = top / 2 + style["descent_share"] * (1 - top - bottom)
    keys = {top / 2: 0.0, reached: 1.0, reached + bottom + 1e-3: 1.0, 1 - top / 2 - 1e-3: 0.0}
    return easing.soften(easing.ease(keys, phase), 0.04)


def _lie(rig: Rig, style: dict, slope: np.ndarray, share: np.ndarray, sway: np.ndarray) -> Figure:
    """The body but the arms, on its toes with the line from ankles to neck at `slope` (T,) degrees."""
    figure = Figure(rig, len(slope))
    heel = FOOT_DEG - 0.35 * slope
    steps = {}
    for side in SIDES:
        ground = np.tile([0.0, SIGN[side] * style["feet_apart_m"] / 2, 0.0], (len(slope), 1))
        steps[side] = feet.roll(rig, side, ground=ground, yaw_deg=0.0, pitch_deg=heel)
    across = steps["L"].ankle[:, 1] - rig.hip_half_m
    ankle = (steps["L"].ankle + steps["R"].ankle) / 2
    sag = np.radians(style["sag_deg"] * (0.5 + 0.5 * share))
    along = np.sqrt((0.994 * rig.leg_m) ** 2 - across**2)
    line = np.radians(slope) - 0.6 * sag
    hips = ankle + along[:, None] * np.stack([np.cos(line), 0 * line, np.sin(line)], axis=1)
    hips[:, 1] += style["sway_m"] * sway
    trunk = 90.0 - slope - np.degrees(0.9 * sag)
    figure.pelvis(hips, turn(pitch_deg=trunk + 3.0, roll_deg=0.5 * sway))
    figure.spine(turn(pitch_deg=-3.0, yaw_deg=0.4 * sway))
    figure.head(turn(pitch_deg=trunk - style["head_deg"], yaw_deg=1.5 * sway))
    below = np.stack([np.sin(line), 0 * line, -np.cos(line)], axis=1)
    for side in SIDES:
        figure.leg(side, steps[side], pole=below)
    return figure


def _tabulate(rig: Rig, style: dict) -> Plank:
    slope = np.linspace(-8.0, 40.0, 97)
    figure = _lie(rig, style, slope, np.linspace(1.0, 0.0, 97), np.zeros(97))
    down = np.tile([0.0, 0.0, -1.0], (len(slope), 1))
    middle = sum(figure.shoulder(side, down) for side in SIDES) / 2
    return Plank(slope, middle[:, [0, 2]])


def _top(rig: Rig, style: dict, plank: Plank, palm_m: float) -> tuple[float, float]:
    """The slope with the arms (nearly) straight, and where the wrists then are."""
    out = (style["hands_apart_share"] - 1) * rig.shoulder_half_m
    tall = palm_m + np.sqrt((0.988 * rig.arm_m) ** 2 - out**2 - style["hands_ahead_m"] ** 2)
    slope = float(np.interp(tall, plank.shoulders[:, 1], plank.slope_deg))
    return slope, float(np.interp(slope, plank.slope_deg, plank.shoulders[:, 0])) + style["hands_ahead_m"]


def _hand(figure: Figure, side: str, turned_deg: float) -> np.ndarray:
    """(T, 3, 3) a hand flat on the floor, the fingers to the front, turned inwards by an angle."""
    angle = np.radians(-SIGN[side] * turned_deg)
    fingers = np.tile([np.cos(angle), np.sin(angle), 0.0], (figure.frames, 1))
    return figure.palm(side, fingers, np.tile([0.0, 0.0, -1.0], (figure.frames, 1)))


def _palm_height(rig: Rig) -> float:
    """Height of the wrist joint over the floor on which the hand lies flat."""
    figure = Figure(rig, 1)
    figure.hand_at("L", _hand(figure, "L", 0.0))
    figure.fingers("L", "flat")
    hand, skeleton = rig.hands["L"], rig.skeleton
    wrist = figure.joints()[0, hand.bone, 2]
    on_hand = np.isin(skeleton.probe_bones[:, 0], hand.bones) & (skeleton.probe_weights[:, 0] > 0.6)
    points = skeleton.posed_probes(figure.rotations, figure.root)[0, on_hand, 2]
    return float(wrist - points.min()) if on_hand.any() else 0.25 * hand.length_m


def _arm(figure: Figure, side: str, style: dict, wrist: np.ndarray) -> None:
    rig, sign = figure.rig, SIGN[side]
    at = np.array([wrist[0], sign * style["hands_apart_share"] * rig.shoulder_half_m, wrist[1]])
    flare = np.radians(style["elbow_flare_deg"])
    pole = np.tile([-np.cos(flare), sign * np.sin(flare), 0.12], (figure.frames, 1))
    figure.reach(side, np.tile(at, (figure.frames, 1)), pole)
    figure.hand_at(side, _hand(figure, side, style["hands_turned_deg"]))
    figure.fingers(side, "flat")
