"""Walking: heel strike, roll over the planted foot, toe-off and swing, with the pelvis' and the arms' part in it.

Timing and sizes follow the normal gait cycle (Perry and Burnfield, Gait Analysis, 2nd ed. 2010, ch. 2-7): stance lasts
62 per cent of the stride, the pelvis is highest in mid-stance and lists towards the swinging leg, pelvis and shoulders
turn against each other, and each arm swings with the opposite leg. A cycle is one stride, from left heel strike on.
"""

from __future__ import annotations

import numpy as np

from synth.motion.builtin import easing, feet
from synth.motion.builtin.figure import Figure, arm_key
from synth.motion.builtin.rig import SIDES, SIGN, Rig
from synth.motion.builtin.rotations import about, turn
from synth.motion.builtin.style import Style
from synth.motion.motion import Motion

STYLE = Style(
    ranges={
        "tempo_hz": (0.78, 1.05),
        "stride_share": (1.25, 1.6),  # length of a stride over that of a leg
        "width_m": (0.06, 0.18),  # between the ankles
        "toe_out_deg": (2.0, 14.0),
        "arm_swing_deg": (14.0, 36.0),
        "elbows_deg": (10.0, 34.0),
        "sway_m": (0.012, 0.035),
        "pelvis_turn_deg": (3.0, 9.0),
        "pelvis_list_deg": (2.0, 5.5),
        "lean_deg": (-1.0, 7.0),
        "head_deg": (-4.0, 8.0),
        "lift_m": (0.036, 0.07),
        "uneven_share": (-0.12, 0.12),  # left arm's swing over the right one's
    },
)
TOE_OFF = 0.62
AHEAD = 0.225  # of a stride: the planted foot before the hips
# Keys over a foot's swing: how much of the lift, and of the way to the next step. Up before on, on before down.
LIFT = {0.0: 0.0, 0.05: 0.22, 0.12: 0.48, 0.35: 1.0, 0.7: 0.6, 0.88: 0.45, 0.95: 0.2, 0.999: 0.0}
CARRIED = {0.0: 0.0, 0.12: 0.02, 0.5: 0.53, 0.85: 0.953, 0.95: 0.998, 0.999: 1.0}
# Keys over a foot's own stride: heel up above 0, toes up below, in degrees.
PITCH = {0.0: -20.0, 0.08: 0.0, 0.3: 0.0, 0.5: 18.0, 0.62: 52.0, 0.71: 50.0, 0.84: 4.0, 0.94: -19.0}


def motion(rig: Rig, style: dict, rng: np.random.Generator, label: str) -> Motion:
    """The walk of one style as a motion on the body of `rig`."""
    clock = easing.clock(style["tempo_hz"])
    stride = style["stride_share"] * rig.leg_m
    figure = Figure(rig, clock.frames)
    steps = {side: _step(rig, side, style, clock.phase, stride) for side in SIDES}
    turns = {n: easing.drift(easing.sway(rng, 1.0), clock.loop) for n in ("trunk", "head", "arm")}
    wave = 2 * np.pi * clock.phase
    rotation = turn(
        yaw_deg=-style["pelvis_turn_deg"] * np.cos(wave - 0.15),
        pitch_deg=0.4 * style["lean_deg"] + 1.5 + 1.0 * np.cos(2 * wave),
        roll_deg=style["pelvis_list_deg"] * np.cos(wave - 2 * np.pi * 0.24),
    )
    figure.pelvis(_hips(rig, style, clock.phase, stride, steps), rotation)
    figure.spine(
        turn(
            yaw_deg=1.8 * style["pelvis_turn_deg"] * np.cos(wave - 0.25) + turns["trunk"],
            pitch_deg=0.6 * style["lean_deg"] - 1.0,
            roll_deg=-1.15 * style["pelvis_list_deg"] * np.cos(wave - 2 * np.pi * 0.24),
        )
    )
    figure.head(
        turn(yaw_deg=2.0 * turns["head"], pitch_deg=style["head_deg"] + np.sin(2 * wave), roll_deg=turns["trunk"])
    )
    for side in SIDES:
        figure.leg(side, steps[side])
        _arm(figure, side, style, clock.phase + 0.5 * (side == "R"), turns["arm"])
    return figure.motion(label, cycles=clock.cycles, travel_m=(stride * clock.cycles, 0.0, 0.0))


def _step(rig: Rig, side: str, style: dict, phase: np.ndarray, stride: float) -> feet.Step:
    """One foot: planted for the stance, then carried a whole stride ahead. Each strikes ahead of the hips."""
    own = phase + 0.5 * (side == "R")
    count, within = np.floor(own), own % 1.0
    swing = np.clip((within - TOE_OFF) / (1 - TOE_OFF), 0, 1)
    carried = easing.flow(CARRIED, np.minimum(swing, 0.998))
    ground = np.zeros((len(phase), 3))
    # Relative to the hips the planted foot goes from AHEAD of a stride before them to TOE_OFF - AHEAD behind.
    ground[:, 0] = stride * (count + carried - 0.5 * (side == "R") + AHEAD)
    ground[:, 1] = SIGN[side] * (style["width_m"] / 2 + 0.015 * np.sin(np.pi * swing))
    ground[:, 2] = style["lift_m"] * easing.flow(LIFT, np.minimum(swing, 0.998))
    pitch = easing.flow(PITCH, own)
    toe_share = np.where(swing > 0, np.clip(1 - 5 * swing, 0.15, 1), 1.0)
    return feet.roll(
        rig, side, ground=ground, yaw_deg=SIGN[side] * style["toe_out_deg"], pitch_deg=pitch, toe_share=toe_share
    )


def _hips(rig: Rig, style: dict, phase: np.ndarray, stride: float, steps: dict) -> np.ndarray:
    """(T, 3) level travel with the sway to the standing leg and the rise over it, as high as both legs reach."""
    wave = 2 * np.pi * phase
    x = stride * phase + 0.008 * np.sin(2 * wave)
    y = style["sway_m"] * np.cos(wave - 2 * np.pi * 0.28)
    rise = 0.5 * stride**2 / rig.leg_m * 0.022 * np.cos(2 * wave - 4 * np.pi * 0.29)
    turned = np.radians(style["pelvis_turn_deg"]) * np.cos(wave - 0.15)
    room = np.full(len(phase), np.inf)
    for side in SIDES:
        ankle, half = steps[side].ankle, SIGN[side] * rig.hip_half_m
        across = np.hypot(ankle[:, 0] - x - half * np.sin(turned), ankle[:, 1] - y - half)
        tall = np.sqrt(np.maximum((0.993 * rig.leg_m) ** 2 - across**2, 0.1))
        room = np.minimum(room, ankle[:, 2] + tall - 0.006)  # the list of the pelvis drops one hip by as much
    return np.stack([x, y, rise + (room - rise).min()], axis=1)


def _arm(figure: Figure, side: str, style: dict, own: np.ndarray, drift: np.ndarray) -> None:
    """Swings an arm against its leg: farthest back shortly after the heel strike of the same side."""
    size = style["arm_swing_deg"] * (1 + SIGN[side] * style["uneven_share"])
    back = np.cos(2 * np.pi * (own - 0.04))
    angle = 4.0 - size * back + drift
    hanging, _ = arm_key(side, (0.0, 0.13, -1.0), (0.5, 0.0, -1.0))
    upper = about([0.0, 1.0, 0.0], -angle) @ hanging
    flexion = style["elbows_deg"] + 0.55 * size * 0.5 * (1 - np.cos(2 * np.pi * (own - 0.1)))
    figure.aim(side, upper, flexion)
    figure.hand(side, pronation_deg=22.0, flexion_deg=4.0 - 5.0 * back)
    figure.fingers(side, "relaxed")
