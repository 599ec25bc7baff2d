"""Boxing: a guard on springy feet, with jabs, crosses and hooks that start from the hips.

A cycle is one combination of punches. A straight punch takes the fist along a straight line to its target and back to
the cheek while hip and shoulder of that side turn into it; a hook swings round with the elbow lifted. The balls of the
feet stay where they are, the rear heel turns out with the cross.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synth.motion.builtin import easing, feet
from synth.motion.builtin.figure import Figure
from synth.motion.builtin.rig import SIDES, SIGN, Rig
from synth.motion.builtin.rotations import turn, unit
from synth.motion.builtin.style import Style
from synth.motion.motion import Motion

STYLE = Style(
    ranges={
        "tempo_hz": (0.34, 0.5),
        "stance_m": (0.3, 0.48),  # from the front ball of the foot to the rear one
        "width_m": (0.2, 0.36),
        "crouch_share": (0.0, 0.02),  # of the leg's length
        "turned_deg": (16.0, 34.0),  # of the hips away from the target, in guard
        "guard_m": (-0.05, 0.05),  # height of the fists over the chin
        "lean_deg": (4.0, 13.0),
        "bounce_m": (0.008, 0.024),
        "bounce_hz": (1.7, 2.6),
        "punch_s": (0.16, 0.22),  # from guard to target
        "power_share": (0.75, 1.15),  # of the turn of hips and shoulders
        "height_m": (-0.08, 0.1),  # of the target over the shoulder
        "sway_m": (0.006, 0.02),
    },
    choices={
        "front": SIDES,
        "combination": (
            ("jab", "cross", "jab", "cross"),
            ("jab", "jab", "cross", "jab"),
            ("jab", "cross", "hook", "cross"),
            ("jab", "cross", "jab", "hook"),
            ("jab", "jab", "cross", "hook"),
        ),
    },
)
# punch: (front hand?, turn of the hips, turn of the chest, turn of the fist palm down), in degrees
PUNCHES = {"jab": (True, 8.0, 20.0, 68.0), "cross": (False, 34.0, 58.0, 42.0), "hook": (True, 22.0, 36.0, 25.0)}
FIRST, GAP = 0.06, 0.215  # of the cycle: when the first punch lands, and between two of them


@dataclass(frozen=True)
class Blow:
    """One punch: its hand, its kind and how far it has gone (T,), 0 guard to 1 target."""

    side: str
    kind: str
    out: np.ndarray


def motion(rig: Rig, style: dict, rng: np.random.Generator, label: str) -> Motion:
    """The boxing of one style as a motion on the body of `rig`."""
    clock = easing.clock(style["tempo_hz"])
    blows = _blows(style, clock)
    sway = {n: easing.drift(easing.sway(rng, 1.0, waves=5), clock.loop) for n in ("x", "y", "trunk", "fist")}
    bounces = max(1, round(style["bounce_hz"] * clock.duration_s))
    bounce = 0.5 + 0.5 * np.cos(2 * np.pi * bounces * clock.loop)
    away = SIGN[style["front"]]
    hips_yaw, chest_yaw = _turns(style, blows, away)
    figure = Figure(rig, clock.frames)
    steps = _steps(rig, style, blows, bounce)
    load = sum(b.out * (1.0 if b.side != style["front"] else -0.25) for b in blows)
    hips = _hips(rig, style, steps, load, bounce, sway)
    figure.pelvis(hips, turn(yaw_deg=hips_yaw, pitch_deg=0.4 * style["lean_deg"]))
    hunched = 0.6 * style["lean_deg"] + 6.0 + 4.0 * load + 1.5 * sway["trunk"]
    figure.spine(turn(yaw_deg=chest_yaw - hips_yaw, pitch_deg=hunched))
    figure.head(turn(yaw_deg=0.18 * chest_yaw + 2.0 * sway["trunk"], pitch_deg=8.0 + 2.0 * load, roll_deg=-2.0 * away))
    for side in SIDES:
        figure.leg(side, steps[side])
    lift = 0.012 * bounce + 0.006 * sway["fist"]
    for side in SIDES:
        _arm(figure, side, style, [b for b in blows if b.side == side], lift)
    return figure.motion(label, cycles=clock.cycles)


def _blows(style: dict, clock: easing.Clock) -> list[Blow]:
    other = {"L": "R", "R": "L"}
    rise = style["punch_s"] * clock.tempo_hz
    blows = []
    for k, kind in enumerate(style["combination"]):
        lands = FIRST + rise + GAP * k
        slow = 1.8 if kind == "hook" else 1.0
        keys = {lands - slow * rise: 0.0, lands: 1.0, lands + 0.02: 1.0, lands + 0.02 + 1.35 * rise: 0.0}
        side = style["front"] if PUNCHES[kind][0] else other[style["front"]]
        blows.append(Blow(side, kind, easing.ease(keys, clock.phase)))
    return blows


def _turns(style: dict, blows: list[Blow], away: float) -> tuple[np.ndarray, np.ndarray]:
    """Heading (T,) of hips and chest in degrees: guard is turned away from the front hand's side."""
    hips = np.full(len(blows[0].out), -away * style["turned_deg"])
    chest = hips * 1.25
    for blow in blows:
        front, hip_turn, chest_turn, _ = PUNCHES[blow.kind]
        # A blow turns its own shoulder forward: the front one further away from the guard, the rear one through it.
        sign = -away if front else away
        wind = -0.25 * easing.soften(np.roll(blow.out, -9), 0.05) if blow.kind == "hook" else 0.0
        hips = hips + sign * style["power_share"] * hip_turn * (easing.soften(np.roll(blow.out, -2), 0.06) + wind)
        chest = chest + sign * style["power_share"] * chest_turn * (easing.soften(np.roll(blow.out, -1), 0.05) + wind)
    return hips, chest


def _steps(rig: Rig, style: dict, blows: list[Blow], bounce: np.ndarray) -> dict[str, feet.Step]:
    """The feet on their balls, the front one pointing to the target, the rear one turned out until a cross."""
    away, still = SIGN[style["front"]], np.zeros(len(bounce))
    crossing = easing.soften(sum((b.out for b in blows if b.kind == "cross"), still), 0.04)
    hooking = easing.soften(sum((b.out for b in blows if b.kind == "hook"), still), 0.04)
    steps = {}
    for side in SIDES:
        if side == style["front"]:
            x, yaw, heel = 0.5, -away * (10.0 + 24.0 * hooking), 3.0 + 7.0 * bounce + 16.0 * hooking
        else:
            x, yaw, heel = -0.5, -away * (42.0 - 34.0 * crossing), 14.0 + 9.0 * bounce + 22.0 * crossing
        ball = np.array([x * style["stance_m"] + 0.1, SIGN[side] * style["width_m"] / 2, 0.0])
        ground = feet.about_ball(rig, side, ball, yaw)
        steps[side] = feet.roll(rig, side, ground=ground, yaw_deg=yaw, pitch_deg=heel)
    return steps


def _hips(rig: Rig, style: dict, steps: dict, load: np.ndarray, bounce: np.ndarray, sway: dict) -> np.ndarray:
    """(T, 3) between the feet, moving to the front one with a rear-hand punch, bouncing on bent knees."""
    middle = (steps["L"].ankle + steps["R"].ankle).mean(axis=0) / 2
    x = middle[0] + 0.02 + 0.05 * easing.soften(load, 0.03) + style["sway_m"] * sway["x"]
    y = middle[1] + style["sway_m"] * sway["y"]
    room = np.full(len(load), np.inf)
    for side in SIDES:
        ankle = steps[side].ankle
        across = np.hypot(np.abs(ankle[:, 0] - x) + 0.015, ankle[:, 1] - y - SIGN[side] * 0.7 * rig.hip_half_m)
        room = np.minimum(room, ankle[:, 2] + np.sqrt((0.993 * rig.leg_m) ** 2 - across**2))
    z = room.min() - style["crouch_share"] * rig.leg_m + style["bounce_m"] * (bounce - 1)
    return np.stack([x, y, z], axis=1)


def _arm(figure: Figure, side: str, style: dict, blows: list[Blow], lift: np.ndarray) -> None:
    """One arm: the fist at its cheek, out along the blows of its side, the elbow low except in a hook."""
    rig, sign = figure.rig, SIGN[side]
    ahead, beside = _axes(figure, 0.45)
    shoulder = figure.shoulder(side, np.tile([1.0, 0.0, 0.0], (figure.frames, 1)))
    wrist, pole = _guard(figure, side, style, lift), sign * 0.5 * beside + [0.0, 0.0, -1.0] - 0.1 * ahead
    turned = np.full(figure.frames, 8.0)
    for blow in blows:
        out = blow.out[:, None]
        if blow.kind == "hook":
            lifted = 1 - (1 - out) ** 2  # the elbow comes up before the fist comes round
            wrist = wrist * (1 - lifted) + _hook(figure, shoulder, sign, blow.out, style) * lifted
            pole = pole * (1 - lifted) + (sign * beside - 0.2 * ahead) * lifted
        else:
            wrist = wrist * (1 - out) + _straight(rig, shoulder, style) * out
        turned = turned + PUNCHES[blow.kind][3] * blow.out
    figure.reach(side, wrist, pole)
    figure.hand(side, pronation_deg=turned, flexion_deg=4.0)
    figure.fingers(side, "fist")


def _axes(figure: Figure, share: float) -> tuple[np.ndarray, np.ndarray]:
    """(T, 3) ahead and to the left on the level, turned by a share of the chest's heading."""
    forward = figure.bone("spine01")[:, :, 0]
    heading = share * np.arctan2(forward[:, 1], forward[:, 0])
    ahead = np.stack([np.cos(heading), np.sin(heading), 0 * heading], axis=1)
    return ahead, np.cross([0.0, 0.0, 1.0], ahead)


def _guard(figure: Figure, side: str, style: dict, lift: np.ndarray) -> np.ndarray:
    """(T, 3) the wrist in guard: the fist before the cheek, the front hand farther out."""
    rig = figure.rig
    ahead, beside = _axes(figure, 0.45)
    head = figure.joints()[:, rig.skeleton.index("neck03")]
    out = (0.6 if side == style["front"] else 0.42) * rig.arm_m
    guard = head + out * ahead + SIGN[side] * 0.125 * beside
    guard[:, 2] += style["guard_m"] - 0.125 + lift
    return guard


def _straight(rig: Rig, shoulder: np.ndarray, style: dict) -> np.ndarray:
    """(T, 3) the wrist at the end of a straight punch: the arm's whole length, towards a point before the chest."""
    target = shoulder * [1.0, 0.0, 1.0] + [1.5 * rig.arm_m, 0.0, 1.2 * style["height_m"]]
    return shoulder + 0.988 * rig.arm_m * unit(target - shoulder)


def _hook(figure: Figure, shoulder: np.ndarray, sign: float, out: np.ndarray, style: dict) -> np.ndarray:
    """(T, 3) the wrist on a level arc round the shoulder, from the side to in front of the face."""
    ahead, beside = _axes(figure, 0.3)
    angle = np.radians(38.0 - 66.0 * out)[:, None]  # from straight ahead, outwards
    arc = np.cos(angle) * ahead + sign * np.sin(angle) * beside
    return shoulder + 0.72 * figure.rig.arm_m * arc + [0.0, 0.0, 0.05 + 0.8 * style["height_m"]]
