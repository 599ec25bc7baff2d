"""Dribbling a basketball: bent knees, the ball bouncing between floor and hand, the hand riding it up and down.

A cycle is two bounces: beside the body, to and fro before it with one hand, or across from hand to hand. Between hand
and floor the ball is in free flight and loses part of its speed when it bounces; the push that makes up for it follows
from tempo and height. While hand and ball touch, both follow one curve that joins the flights with their velocities.
"""

from __future__ import annotations

import numpy as np

from synth.motion.builtin import bounce, easing, feet, grip, handling
from synth.motion.builtin.bounce import RADIUS_M
from synth.motion.builtin.figure import Figure, arm_key
from synth.motion.builtin.rig import SIDES, SIGN, Rig
from synth.motion.builtin.rotations import turn, unit
from synth.motion.builtin.style import Style
from synth.motion.motion import Motion

STYLE = Style(
    ranges={
        "tempo_hz": (0.66, 1.0),  # of two bounces
        "height_share": (0.56, 0.8),  # of the ball in the hand, of the hips' height
        "held_share": (0.25, 0.36),  # of the time that the hand has the ball
        "crouch_share": (0.05, 0.15),  # of the leg's length
        "lean_deg": (12.0, 24.0),
        "stance_share": (1.3, 2.0),
        "ahead_m": (0.08, 0.24),  # of the foot on the other side
        "ball_ahead_m": (0.16, 0.3),
        "wide_m": (0.15, 0.24),  # of a ball that goes across or to and fro
        "toe_out_deg": (6.0, 20.0),
        "bob_m": (0.008, 0.024),
        "step_m": (0.03, 0.07),
        "head_deg": (-4.0, 8.0),
        "sway_m": (0.006, 0.018),
    },
    choices={"hand": SIDES, "way": ("beside", "cross", "to_and_fro", "beside"), "feet": ("planted", "stepping")},
)
AWAY_M = RADIUS_M - 0.004  # from the palm to the ball's middle: leather gives


def motion(rig: Rig, style: dict, rng: np.random.Generator, label: str) -> Motion:
    """The dribble of one style as a motion on the body of `rig`."""
    clock = easing.clock(style["tempo_hz"])
    figure = Figure(rig, clock.frames)
    seconds = (clock.phase % 1.0) / clock.tempo_hz
    sway = {n: easing.drift(easing.sway(rng, 1.0), clock.loop) for n in ("x", "y", "turn", "head", "arm")}
    _body(figure, style, clock, sway)
    # As low as the style says, or as the arms reach.
    for height in np.arange(style["height_share"] * rig.stand_m, 1.02 * rig.stand_m, 0.02):
        play = bounce.play(*_spots(rig, style, height), 1 / clock.tempo_hz, style["held_share"])
        wrists = {side: _wrist(figure, side, play, seconds) for side in SIDES if play.of(side)}
        if all(_reached(figure, side, wrist) for side, (wrist, _) in wrists.items()):
            break
        height += 0.02
    for side in SIDES:
        if side in wrists:
            pole = unit(np.array([-0.8, SIGN[side], -0.3]))
            figure.reach(side, wrists[side][0], np.broadcast_to(pole, (figure.frames, 3)))
            figure.hand_at(side, wrists[side][1])
            figure.fingers(side, "ball")
        else:
            _other(figure, side, sway["arm"], clock.phase)
    ball = grip.track("basketball", bounce.ball(play, seconds), bounce.spin(play, seconds))
    return handling.with_props(figure, label, [], [ball], cycles=clock.cycles)


def _body(figure: Figure, style: dict, clock: easing.Clock, sway: dict) -> None:
    """The stance: knees bent, trunk forward, bobbing with the bounces; the feet stay, or step on the spot."""
    rig, sign = figure.rig, SIGN[style["hand"]]
    half, steps = style["stance_share"] * rig.hip_half_m, {}
    for side in SIDES:
        ahead = -0.5 * sign * SIGN[side] * style["ahead_m"]
        lifted = np.sin(2 * np.pi * (clock.phase + (0.0 if side == "L" else 0.5)))
        lift = style["step_m"] * easing.between(lifted, 0.15, 1.0) * (style["feet"] == "stepping")
        ground = np.tile([ahead, SIGN[side] * half, 0.0], (figure.frames, 1)) + lift[:, None] * [0.0, 0.0, 1.0]
        yaw = SIGN[side] * style["toe_out_deg"]
        steps[side] = feet.roll(rig, side, ground=ground, yaw_deg=yaw, pitch_deg=160.0 * lift, toe_share=0.3)
    bob = np.cos(4 * np.pi * (clock.phase - 0.1))
    lean = style["lean_deg"] + 1.5 * bob
    weight = 0.02 * np.sin(2 * np.pi * (clock.phase + 0.5)) * (style["feet"] == "stepping")
    x, y = -0.04 + style["sway_m"] * sway["x"], weight + style["sway_m"] * sway["y"]
    out = 0.5 * style["ahead_m"] + 0.06, np.abs(half - rig.hip_half_m) + 0.03
    high = rig.feet["L"].ankle_m + np.sqrt((0.99 * rig.leg_m) ** 2 - np.square(out).sum())
    z = high - style["crouch_share"] * rig.leg_m + style["bob_m"] * (bob - 1)
    yaw = 5.0 * sign + 1.5 * sway["turn"]  # the ball's side is the rear one
    figure.pelvis(np.stack([x, y, z], axis=1), turn(yaw_deg=yaw, pitch_deg=0.55 * lean + 4.0))
    figure.spine(turn(yaw_deg=-0.5 * yaw, pitch_deg=0.55 * lean))
    figure.head(turn(yaw_deg=-4.0 * sign + 4.0 * sway["head"], pitch_deg=style["head_deg"] + 4.0))
    for side in SIDES:
        figure.leg(side, steps[side], knees_out_deg=6.0)


def _spots(rig: Rig, style: dict, height: float) -> tuple[list[str], list[np.ndarray]]:
    """The hands of a cycle's two touches, and where the ball is (3,) when they have it."""
    hand, other = style["hand"], "R" if style["hand"] == "L" else "L"
    toes = rig.feet["L"].ball[0] + rig.feet["L"].toe_m
    before = 0.5 * style["ahead_m"] + toes + RADIUS_M + 0.03
    beside = style["stance_share"] * rig.hip_half_m + RADIUS_M + 0.115
    sign = SIGN[hand]
    if style["way"] == "beside":
        here = np.array([style["ball_ahead_m"], sign * beside, height])
        return [hand, hand], [here, here * [1.1, 1.0, 1.0]]
    outer = np.array([before, sign * style["wide_m"], height])
    if style["way"] == "cross":
        return [hand, other], [outer, outer * [1.0, -1.0, 1.0]]
    return [hand, hand], [outer, outer * [0.95, 0.0, 1.0]]


def _wrist(figure: Figure, side: str, play: bounce.Play, seconds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Wrist (T, 3) and rotation (T, 3, 3) of a hand that rides the ball and waits for it between its touches."""
    touches = play.of(side)
    place, flexed = np.zeros((len(seconds), 3)), np.zeros(len(seconds))
    for k, touch in enumerate(touches):
        following = touches[(k + 1) % len(touches)]
        back_s = following.start_s + (0.0 if k + 1 < len(touches) else play.cycle_s)
        held = (seconds >= touch.start_s) & (seconds < touch.end_s)
        place[held] = bounce.carried(touch)(seconds[held])
        share = (seconds - touch.start_s) / (touch.end_s - touch.start_s)
        flexed[held] = easing.between(share[held], 0.25, 1.0)
        # The time between two touches may run over the end of the cycle.
        later = np.where(seconds < touch.end_s, seconds + play.cycle_s, seconds)
        free = (later >= touch.end_s) & (later < back_s) & ~held
        free &= ~np.any([(seconds >= o.start_s) & (seconds < o.end_s) for o in touches], axis=0)
        place[free] = bounce.waiting(touch, following, back_s)(later[free])
        flexed[free] = 1 - easing.between((later[free] - touch.end_s) / (back_s - touch.end_s), 0.1, 0.8)
    sign = SIGN[side]
    pitch = np.radians(26.0 - 58.0 * flexed)
    ahead = place - figure.shoulder(side, np.tile([0.5, 0.0, -0.8], (len(seconds), 1)))
    heading = np.arctan2(0.7 * ahead[:, 1], np.maximum(ahead[:, 0], 0.25)) - 0.22 * sign
    level = np.stack([np.cos(heading), np.sin(heading), 0 * heading], axis=1)
    fingers = np.cos(pitch)[:, None] * level + np.sin(pitch)[:, None] * [0.0, 0.0, 1.0]
    rotation = figure.palm(side, unit(fingers), np.tile([0.0, 0.0, -1.0], (len(seconds), 1)))
    return grip.wrist(figure.rig, side, place, rotation, preset="ball", away_m=AWAY_M), rotation


def _reached(figure: Figure, side: str, wrist: np.ndarray) -> bool:
    shoulder = figure.shoulder(side, wrist - figure.joints()[:, figure.rig.arms[side].joints[0]])
    return bool(np.linalg.norm(wrist - shoulder, axis=1).max() < 0.97 * figure.rig.arm_m)


def _other(figure: Figure, side: str, drift: np.ndarray, phase: np.ndarray) -> None:
    """The arm that shields the ball: forearm forward, hand open."""
    upper, flexion = arm_key(side, (0.15, 0.55, -1.0), (1.0, 0.05, 0.12))
    beat = np.sin(4 * np.pi * phase)
    figure.aim(side, np.tile(upper, (figure.frames, 1, 1)), flexion + 4.0 * drift + 4.0 * beat)
    figure.hand(side, pronation_deg=35.0, flexion_deg=8.0)
    figure.fingers(side, "relaxed")
