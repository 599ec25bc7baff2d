"""Waving: one hand beside the head, the forearm swinging to and fro, on a body that stands and breathes.

A cycle is one swing out and back. The hand trails the forearm by a fraction of the cycle, as a loose wrist does; the
weight rests on one leg, and the rest of the body moves slowly.
"""

from __future__ import annotations

import numpy as np

from synth.motion.builtin import easing, feet
from synth.motion.builtin.figure import Figure, arm_key
from synth.motion.builtin.rig import SIDES, SIGN, Rig
from synth.motion.builtin.rotations import frame, turn, unit
from synth.motion.builtin.style import Style
from synth.motion.motion import Motion

STYLE = Style(
    ranges={
        "tempo_hz": (1.1, 2.0),
        "swing_deg": (20.0, 34.0),  # of the forearm to each side
        "elbow_raised_deg": (-28.0, 10.0),  # of the upper arm over the horizontal
        "elbow_forward_deg": (12.0, 45.0),
        "forearm_out_deg": (-4.0, 16.0),  # middle of the swing, from the vertical outwards
        "wrist_share": (0.1, 0.45),  # of the forearm's swing that the hand adds
        "wrist_lag_share": (0.05, 0.16),  # of a cycle
        "weight_m": (0.01, 0.045),
        "stance_share": (0.9, 1.7),
        "toe_out_deg": (4.0, 16.0),
        "head_tilt_deg": (0.0, 9.0),
        "head_deg": (-4.0, 4.0),
        "lean_deg": (-2.0, 4.0),
        "sway_m": (0.004, 0.012),
    },
    choices={"hand": SIDES, "other_arm": ("hanging", "hanging", "on_hip")},
)
BREATH_HZ = 0.26
LIST_DEG_PER_M = 110.0


def motion(rig: Rig, style: dict, rng: np.random.Generator, label: str) -> Motion:
    """The wave of one style as a motion on the body of `rig`."""
    clock = easing.clock(style["tempo_hz"])
    figure = Figure(rig, clock.frames)
    sign = SIGN[style["hand"]]
    sway = {n: easing.drift(easing.sway(rng, 1.0), clock.loop) for n in ("x", "y", "turn", "head", "arm")}
    breath = np.sin(2 * np.pi * max(1, round(BREATH_HZ * clock.duration_s)) * clock.loop)
    beat = np.sin(2 * np.pi * (clock.phase - 0.1))
    _stand(figure, style, sway)
    roll = 1.3 * _list_deg(style) - 0.6 * sign * beat + 0.5 * sway["y"]  # the chest bends back over the leg
    pitch = style["lean_deg"] - 1.2 * breath
    figure.spine(turn(yaw_deg=sway["turn"] + 0.8 * sign * beat, pitch_deg=pitch, roll_deg=roll))
    tilt = 0.7 * sway["turn"] - sign * style["head_tilt_deg"]
    nod = style["head_deg"] + 0.5 * breath
    figure.head(turn(yaw_deg=2.5 * sway["head"], pitch_deg=nod, roll_deg=tilt))
    for side in SIDES:
        if side == style["hand"]:
            _waving(figure, side, style, clock, sway["arm"])
        else:
            _other(figure, side, style, sway["arm"], breath)
    return figure.motion(label, cycles=clock.cycles)


def _list_deg(style: dict) -> float:
    """How far the pelvis is tilted: the weight is on the leg away from the raised hand, and that hip is high."""
    return SIGN[style["hand"]] * style["weight_m"] * LIST_DEG_PER_M


def _stand(figure: Figure, style: dict, sway: dict) -> None:
    """Puts the feet down and the pelvis over one of them."""
    rig, sign = figure.rig, SIGN[style["hand"]]
    half = style["stance_share"] * rig.hip_half_m
    steps = {}
    for side in SIDES:
        ahead = 0.03 if side == style["hand"] else 0.0
        ground = np.tile([ahead, SIGN[side] * half, 0.0], (figure.frames, 1))
        steps[side] = feet.roll(rig, side, ground=ground, yaw_deg=SIGN[side] * style["toe_out_deg"], pitch_deg=0.0)
    y = -sign * style["weight_m"] + style["sway_m"] * sway["y"]
    x = 0.02 + 0.6 * style["sway_m"] * sway["x"]
    out = np.stack([np.abs(SIGN[s] * (half - rig.hip_half_m) - y) for s in SIDES]).max(axis=0)
    straight = rig.feet["L"].ankle_m + np.sqrt((0.997 * rig.leg_m) ** 2 - out**2 - 0.02**2)
    height = straight - rig.hip_half_m * np.radians(abs(_list_deg(style)))
    hips = np.stack([x, y, np.full(figure.frames, height.min())], axis=1)
    figure.pelvis(hips, turn(yaw_deg=0.8 * sway["turn"], pitch_deg=0.5, roll_deg=-_list_deg(style) + 0.3 * sway["y"]))
    for side in SIDES:
        figure.leg(side, steps[side])


def _waving(figure: Figure, side: str, style: dict, clock: easing.Clock, drift: np.ndarray) -> None:
    sign = SIGN[side]
    size = style["swing_deg"] * (1 + 0.1 * drift)
    angle = style["forearm_out_deg"] + size * np.sin(2 * np.pi * clock.phase)
    raised = np.radians(
        style["elbow_raised_deg"] + 3.0 * drift - 0.12 * size * np.sin(2 * np.pi * (clock.phase + 0.08))
    )
    ahead = np.radians(style["elbow_forward_deg"])
    upper = np.stack([np.cos(raised) * np.sin(ahead), sign * np.cos(raised) * np.cos(ahead), np.sin(raised)], axis=1)
    fore = _raised(angle, sign, 0.22)
    flexion = np.degrees(np.arccos(np.clip(np.sum(upper * fore, axis=1), -1, 1)))
    figure.aim(side, frame(upper, np.cross(upper, fore)), flexion, base=turn(yaw_deg=np.zeros(figure.frames)))
    lagging = np.sin(2 * np.pi * (clock.phase - style["wrist_lag_share"]))
    fingers = _raised(style["forearm_out_deg"] * 0.7 + (1 + style["wrist_share"]) * size * lagging, sign, 0.1)
    palm = unit(np.array([1.0, -0.12 * sign, -0.05]))
    figure.hand_at(side, figure.palm(side, fingers, np.broadcast_to(palm, fingers.shape)))
    figure.fingers(side, "open")


def _raised(angle_deg: np.ndarray, sign: float, forward: float) -> np.ndarray:
    """(T, 3) a direction that points up, leaning outwards by an angle and forward by a slope."""
    angle = np.radians(angle_deg)
    return unit(np.stack([np.full(len(angle), forward), sign * np.sin(angle), np.cos(angle)], axis=1))


def _other(figure: Figure, side: str, style: dict, drift: np.ndarray, breath: np.ndarray) -> None:
    if style["other_arm"] == "on_hip":
        rig, sign = figure.rig, SIGN[side]
        pelvis = figure.bone("root")
        hip = figure.joints()[:, rig.legs[side].joints[0]]
        place = np.einsum("tij,j->ti", pelvis, [0.02, sign * 0.115, 0.16])
        pole = np.tile([-0.6, sign * 1.0, 0.1], (figure.frames, 1))
        figure.reach(side, hip + place, pole)
        figure.hand(side, pronation_deg=20.0, flexion_deg=35.0)
        figure.fingers(side, "relaxed")
        return
    upper, flexion = arm_key(side, (0.03, 0.16, -1.0), (0.26, 0.06, -1.0))
    frames = figure.frames
    figure.aim(side, np.tile(upper, (frames, 1, 1)), flexion + 1.5 * drift + breath)
    figure.hand(side, pronation_deg=15.0)
    figure.fingers(side, "relaxed")
