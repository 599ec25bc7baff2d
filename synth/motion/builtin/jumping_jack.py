"""Jumping jack: a hop to feet apart with a clap overhead, and a hop back to feet together with the arms down.

Each half is a contact and a flight. In flight the hips follow the parabola of free fall, so the height of the hop is
fixed by the time in the air; in contact they dip and rise again with matching speeds (cubic Hermite).
"""

from __future__ import annotations

import numpy as np
from scipy.interpolate import CubicHermiteSpline

from synth.motion.builtin import easing, feet
from synth.motion.builtin.figure import Figure
from synth.motion.builtin.rig import SIDES, SIGN, Rig
from synth.motion.builtin.rotations import apply, transpose, turn
from synth.motion.builtin.style import Style
from synth.motion.motion import Motion

GRAVITY = 9.81
APART_M = 0.62  # of the length of a leg: half the widest distance of the feet
HEEL_DEG = (26.0, 30.0, 20.0, 4.0, 1.0, 1.0, 26.0)  # heel up at take-off, aloft, at landing, after it ... take-off
HEEL_M = 0.045  # how far a heel is up at take-off and landing
PALM_M = 0.02  # of a hand's thickness on each side of a clap
STYLE = Style(
    ranges={
        "tempo_hz": (0.78, 1.15),
        "flight_share": (0.4, 0.54),  # of each half that is spent in the air
        "apart_share": (0.5, 0.8),  # half the distance of the ankles when apart, over its most (APART_M)
        "together_share": (0.5, 1.1),  # the same when together, over that of the hip joints
        "dip_m": (0.05, 0.1),
        "clap_gap_m": (0.0, 0.1),
        "elbows_deg": (12.0, 34.0),
        "arms_forward_deg": (0.0, 16.0),
        "toe_out_deg": (4.0, 18.0),
        "arm_lead_share": (-0.03, 0.04),  # of a cycle by which the arms run ahead of the feet
        "lean_deg": (0.0, 6.0),
        "head_deg": (-5.0, 6.0),
        "sway_m": (0.003, 0.012),
    },
    choices={"hands": ("flat", "open")},
)


def motion(rig: Rig, style: dict, rng: np.random.Generator, label: str) -> Motion:
    """The jumping jacks of one style as a motion on the body of `rig`."""
    clock = easing.clock(style["tempo_hz"])
    figure = Figure(rig, clock.frames)
    air = style["flight_share"] / 2  # of the cycle
    spread = _spread(clock.phase, air)
    steps = {side: _step(rig, side, style, clock.phase, spread, air) for side in SIDES}
    hips = _hips(rig, style, clock, steps, air)
    sway = easing.drift(easing.sway(rng, 1.0), clock.loop)
    hips[:, :2] += style["sway_m"] * np.stack([0.5 * sway, np.roll(sway, clock.frames // 3)], axis=1)
    bend = 6.0 * np.cos(4 * np.pi * clock.phase)  # the trunk gives a little at every landing
    figure.pelvis(hips, turn(pitch_deg=0.5 * style["lean_deg"] + 0.4 * bend, roll_deg=0.6 * sway))
    figure.spine(turn(pitch_deg=0.5 * style["lean_deg"] + 0.3 * bend, yaw_deg=1.2 * sway))
    figure.head(turn(pitch_deg=style["head_deg"] + 0.3 * bend - 4.0 * spread, roll_deg=-0.5 * sway))
    for side in SIDES:
        figure.leg(side, steps[side])
        _arm(figure, side, style, clock.phase, sway)
    return figure.motion(label, cycles=clock.cycles)


def _spread(phase: np.ndarray, air: float) -> np.ndarray:
    """(T,) 0 feet together to 1 apart; the feet move only in flight, which is centred on 0.25 and 0.75."""
    keys = {0.25 - air / 2: 0.0, 0.25 + air / 2: 1.0, 0.75 - air / 2: 1.0, 0.75 + air / 2: 0.0}
    return easing.ease(keys, phase)


def _step(rig: Rig, side: str, style: dict, phase: np.ndarray, spread: np.ndarray, air: float) -> feet.Step:
    """One foot: up and sideways in the air, planted between, the heel up before take-off and at the landing."""
    together = style["together_share"] * rig.hip_half_m
    apart = style["apart_share"] * APART_M * rig.leg_m
    since = (phase - 0.25 + air / 2) % 0.5  # cycles since take-off
    flown = np.minimum(since / air, 1.0)
    hop = 0.85 * GRAVITY * (air / style["tempo_hz"]) ** 2 / 8
    ground = np.zeros((len(phase), 3))
    ground[:, 1] = SIGN[side] * (together + (apart - together) * spread)
    ground[:, 2] = hop * 4 * flown * (1 - flown)
    times = [0.0, 0.5 * air, air, air + 0.045, air + 0.1, 0.43, 0.5]
    pitch = easing.soften(np.interp(since, times, HEEL_DEG), 0.015)
    yaw = SIGN[side] * (style["toe_out_deg"] * (0.6 + 0.4 * spread) + 6.0 * spread)
    toe_share = (2 * flown - 1) ** 2
    return feet.roll(rig, side, ground=ground, yaw_deg=yaw, pitch_deg=pitch, toe_share=toe_share)


def _hips(rig: Rig, style: dict, clock: easing.Clock, steps: dict, air: float) -> np.ndarray:
    """(T, 3) hips over the feet: free fall in the air, a dip in each contact that takes up and gives back its speed."""
    together, apart = (_standing(rig, steps, spread) for spread in (0.0, 1.0))
    air_s = air / clock.tempo_hz
    contact_s = 0.5 / clock.tempo_hz - air_s
    speed, drop = (
        GRAVITY * air_s / 2,
        (together - apart) / air_s,
    )  # of the parabola, and of its tilt to the lower stance
    since = ((clock.phase - 0.25 - air / 2) % 0.5) / clock.tempo_hz  # seconds since landing
    opening = (clock.phase - 0.25 - air / 2) % 1.0 < 0.5  # from the landing with feet apart on
    height = np.empty(clock.frames)
    for half, (floor, sink, fall) in ((opening, (apart, drop, -drop)), (~opening, (together, -drop, drop))):
        dip = min(style["dip_m"], (speed + sink) * contact_s / 2.2)
        keys = [floor, floor - dip, floor]
        stance = CubicHermiteSpline([0, 0.45 * contact_s, contact_s], keys, [-speed - sink, 0, speed - fall])
        flown = since - contact_s
        flight = floor + (speed - fall) * flown - GRAVITY * flown**2 / 2
        height[half] = np.where(since < contact_s, stance(np.minimum(since, contact_s)), flight)[half]
    x = np.full(clock.frames, rig.feet["L"].ball[0] * 0.3)
    return np.stack([x, np.zeros(clock.frames), np.minimum(height, _room(rig, steps))], axis=1)


def _out(rig: Rig, ankle: np.ndarray, side: str) -> np.ndarray:
    """(T,) how far to the side an ankle is of its hip joint."""
    return np.abs(ankle[:, 1] - SIGN[side] * rig.hip_half_m)


def _room(rig: Rig, steps: dict) -> np.ndarray:
    """(T,) how high the hips may be for both legs to reach their feet."""
    reach = [
        s.ankle[:, 2] + np.sqrt((0.995 * rig.leg_m) ** 2 - _out(rig, s.ankle, side) ** 2) for side, s in steps.items()
    ]
    return np.minimum(*reach)


def _standing(rig: Rig, steps: dict, spread: float) -> float:
    """Height of the hips at take-off and landing, legs nearly straight and heels up, feet together or apart."""
    out = _out(rig, steps["L"].ankle, "L")
    wide = np.abs(steps["L"].ankle[:, 1])
    chosen = out[np.argmax(wide) if spread else np.argmin(wide)]
    return float(rig.feet["L"].ankle_m + HEEL_M + np.sqrt((0.985 * rig.leg_m) ** 2 - chosen**2))


def _arm(figure: Figure, side: str, style: dict, phase: np.ndarray, sway: np.ndarray) -> None:
    """Swings the hand round the shoulder in a nearly frontal plane, from the thigh to a clap over the head."""
    rig, sign = figure.rig, SIGN[side]
    share = 0.5 - 0.5 * np.cos(2 * np.pi * (phase + style["arm_lead_share"]))
    chest = figure.bone("spine01")
    radius = rig.arm_m * np.cos(np.radians(style["elbows_deg"]) / 2) * (1 - 0.03 * np.sin(np.pi * share))
    # The wrists meet over the middle line, as far beyond the vertical through the shoulder as that is away.
    shoulder = figure.shoulder(side, chest[:, :, 2])
    beyond = apply(transpose(chest), shoulder - figure.joints()[:, rig.skeleton.index("neck01")])
    beyond = sign * beyond[:, 1] - 0.5 * style["clap_gap_m"] - PALM_M
    top = 180.0 + np.degrees(np.arcsin(np.clip(beyond / radius, -0.9, 0.9)))
    angle = np.radians(14.0 + (top - 14.0) * share)  # from hanging, outwards
    forward = np.radians(style["arms_forward_deg"] + 5.0) * np.sin(np.pi * (0.25 + 0.5 * share))
    direction = [np.sin(forward), sign * np.sin(angle) * np.cos(forward), -np.cos(angle) * np.cos(forward)]
    direction = apply(chest, np.stack(direction, axis=1))
    # Elbows back and out when the arms hang, back when they are level, out when they are up.
    level = np.sin(np.pi * share)
    pole = [0.45 * share - 0.8 - 0.3 * level, sign * (0.6 + 0.4 * share - 0.8 * level), -0.2 * level]
    pole = np.stack(pole, axis=1)
    figure.reach(side, figure.shoulder(side, direction) + radius[:, None] * direction, apply(chest, pole))
    figure.hand(side, pronation_deg=-10.0 + 30.0 * np.sin(np.pi * share) + sway)
    figure.fingers(side, style["hands"])
