"""A kick at a soccer ball: two steps of run-up, the standing foot beside the ball, swing, contact and follow-through,
and a few steps back while the ball is rolled back.

The kicking leg is swung by the angles of hip and knee, thigh first and shin after it, as in Lees et al., "The
biomechanics of soccer" (J. Sports Sci. 2010), and brought exactly to the ball at the moment of contact. Authored for
the right foot and a shot to +X, mirrored for the left.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synth.motion import objects
from synth.motion.builtin import easing, footwork, grip, handling
from synth.motion.builtin.figure import Figure
from synth.motion.builtin.footwork import Fall
from synth.motion.builtin.rig import SIDES, SIGN, Rig
from synth.motion.builtin.rotations import about, frame, turn
from synth.motion.builtin.style import Style
from synth.motion.motion import Motion
from synth.motion.props import PropTrack

STYLE = Style(
    ranges={
        "tempo_hz": (0.32, 0.41),
        "run_up_share": (0.95, 1.3),  # over the length of a leg
        "approach_deg": (8.0, 40.0),  # of the run-up, from the side of the other foot
        "backswing_deg": (70.0, 112.0),  # of the knee
        "follow_deg": (48.0, 92.0),  # of the thigh, how high the leg swings through
        "lean_deg": (-2.0, 12.0),  # over the ball
        "aside_m": (0.22, 0.3),  # of the standing foot from the ball
        "arm_out_deg": (35.0, 75.0),
        "speed_m_s": (9.0, 14.0),
        "rise_deg": (6.0, 24.0),
        "sway_m": (0.004, 0.012),
    },
    choices={"foot": ("R", "L", "R"), "contact": ("instep", "side", "instep")},
)
# What share of the keys has gone by at a share of the cycle: the kick takes its time, the way back is short.
PACE = {0.0: 0.0, 0.03: 0.04, 0.44: 0.4, 0.66: 0.6, 0.975: 0.97, 1.0: 1.0}
# Shares of the keys.
FIRST, PLANT, SWING, IMPACT, HIGH, LANDED = (0.02, 0.145), (0.14, 0.272), 0.267, 0.40, 0.49, 0.67
BACK, CLOSE, RETURN = (0.665, 0.81), (0.80, 0.93), (0.66, 0.93)
GONE_M = 4.5
BALL_M = objects.RADIUS_M["soccer_ball"]
# Leans and turns in degrees over the keys: of the pelvis, and of the chest against it.
PITCH_DEG = {0.0: 2.0, 0.2: 8.0, 0.33: -4.0, IMPACT: 2.0, HIGH: -10.0, 0.6: 2.0, 0.8: 4.0}
ROLL_DEG = {0.0: 0.0, 0.26: -2.0, IMPACT: -13.0, HIGH: -8.0, 0.62: 0.0, 0.9: 0.0}
TWIST_DEG = {0.0: 0.0, 0.2: -6.0, 0.33: 30.0, IMPACT: 6.0, HIGH: -26.0, 0.62: -4.0, 0.9: 0.0}
NOD_DEG = {0.0: 12.0, 0.3: 30.0, IMPACT: 36.0, HIGH: 10.0, 0.62: 6.0, 0.9: 12.0}
# Upper arms (ahead, outwards, up) over the keys, but where an arm is flung out; and the elbows.
ARMS = {
    "L": {
        0.0: (0.05, 0.2, -1.0),
        0.10: (-0.3, 0.2, -1.0),
        0.2: (0.35, 0.25, -1.0),
        HIGH: (0.75, 0.1, -0.55),
        0.62: (0.3, 0.3, -0.9),
        0.8: (0.0, 0.25, -1.0),
    },
    "R": {
        0.0: (0.05, 0.2, -1.0),
        0.10: (0.4, 0.2, -1.0),
        0.2: (-0.35, 0.25, -1.0),
        0.32: (0.35, 0.4, -0.75),
        IMPACT: (-0.15, 0.55, -0.8),
        0.62: (-0.1, 0.35, -0.9),
        0.8: (0.1, 0.25, -1.0),
    },
}
ELBOWS_DEG = {0.0: 24.0, 0.15: 55.0, 0.32: 30.0, IMPACT: 32.0, HIGH: 42.0, 0.62: 36.0, 0.85: 26.0}
# contact: heading of the foot outwards, its pitch toes down, its ankle before the ball's middle, aside, and up.
CONTACTS = {"instep": (6.0, 40.0, -0.23, 0.015, 0.18), "side": (72.0, -4.0, -0.185, 0.075, 0.125)}


@dataclass(frozen=True)
class Ground:
    """The places of the ankles (x, y) in metres: where both feet begin, where the kicking foot treads, where the other
    is planted, where the kicking foot comes back to."""

    start: dict[str, tuple[float, float]]
    tread: tuple[float, float]
    plant: tuple[float, float]
    behind: tuple[float, float]


def motion(rig: Rig, style: dict, rng: np.random.Generator, label: str) -> Motion:
    """The kick of one style as a motion on the body of `rig`."""
    clock = easing.clock(style["tempo_hz"])
    sway = {n: easing.drift(easing.sway(rng, 1.0), clock.loop) for n in ("x", "y", "trunk")}
    figure, phase = Figure(rig, clock.frames), handling.paced(PACE, clock.phase)
    ground = _ground(rig, style)
    tracks = _tracks(style, ground, phase)
    _hips(figure, style, ground, tracks, phase, sway)
    _trunk(figure, style, phase, sway)
    _legs(figure, style, tracks, phase)
    for side in SIDES:
        _arm(figure, side, style, phase)
    ball = _ball(style, clock, phase)
    whole = handling.with_props(figure, label, (), (ball,), cycles=clock.cycles)
    return handling.other_handed(whole, style["foot"])


def _ground(rig: Rig, style: dict) -> Ground:
    """The places of the feet for a ball at the origin and a run-up from the side of the standing foot."""
    angle, far = np.radians(style["approach_deg"]), style["run_up_share"] * rig.leg_m
    back, aside = np.array([-np.cos(angle), np.sin(angle)]), np.array([np.sin(angle), np.cos(angle)])
    toes = rig.feet["L"].ball[0]
    plant = np.array([-0.75 * toes, style["aside_m"]])
    middle = plant - 0.5 * style["aside_m"] * aside + far * back
    half = 0.85 * rig.hip_half_m
    tread = plant + 0.52 * far * back - 1.2 * rig.hip_half_m * aside
    start = {side: tuple(middle + SIGN[side] * half * aside + (0.05 if side == "L" else -0.03)) for side in SIDES}
    behind = plant - np.array([0.52 * rig.leg_m, 0.9 * style["aside_m"]])
    return Ground(start, tuple(tread), tuple(plant), tuple(behind))


def _tracks(style: dict, ground: Ground, phase: np.ndarray) -> dict[str, footwork.Track]:
    """The steps of both feet, up to the ball and back."""
    run = -style["approach_deg"]
    right = (
        Fall(lift=FIRST[0], land=FIRST[1], to=ground.tread, yaw_deg=run - 4.0, land_deg=-14.0),
        Fall(lift=SWING, land=LANDED, to=ground.behind, yaw_deg=-12.0, heel_deg=45.0, land_deg=14.0),
        Fall(lift=CLOSE[0], land=CLOSE[1], to=ground.start["R"], yaw_deg=run - 8.0, heel_deg=14.0, land_deg=10.0),
    )
    left = (
        Fall(lift=PLANT[0], land=PLANT[1], to=ground.plant, yaw_deg=0.35 * run + 4.0, land_deg=-18.0, height_m=0.08),
        Fall(lift=BACK[0], land=BACK[1], to=ground.start["L"], yaw_deg=run + 8.0, heel_deg=16.0, land_deg=12.0),
    )
    return {"L": footwork.walked(left, phase), "R": footwork.walked(right, phase)}


def _hips(figure: Figure, style: dict, ground: Ground, tracks: dict, phase: np.ndarray, sway: dict) -> None:
    """Hips carried over the feet and as high as these let them be, turning with the kicking leg."""
    rig, run = figure.rig, -style["approach_deg"]
    at = easing.soften(easing.flow(_way(rig, ground), phase), 0.05)
    at = at + style["sway_m"] * np.stack([sway["x"], sway["y"]], axis=1)
    yaw = {0.0: run, 0.2: run, 0.33: 0.6 * run - 22.0, IMPACT: 0.2 * run + 4.0, HIGH: 16.0, 0.62: 4.0, 0.9: run}
    yaw = easing.soften(easing.flow(yaw, phase), 0.03)
    steps = {side: tracks[side].step(rig, side) for side in SIDES}
    free = {"R": (phase > SWING) & (phase < LANDED - 0.03)}
    top = footwork.height(rig, steps, at, yaw, stretch=0.975, free=free)
    leant = {"pitch_deg": easing.flow(PITCH_DEG, phase), "roll_deg": easing.flow(ROLL_DEG, phase)}
    figure.pelvis(np.column_stack([at, top]), turn(yaw_deg=yaw, **leant))


def _way(rig: Rig, ground: Ground) -> dict[float, np.ndarray]:
    """The hips' x and y over the keys: up to the standing foot, over it through the kick, and back."""
    start = (np.array(ground.start["L"]) + ground.start["R"]) / 2
    plant, tread, behind = np.array(ground.plant), np.array(ground.tread), np.array(ground.behind)
    over, ahead = plant - np.array([0.09, 0.45 * rig.hip_half_m]), np.array([1.0, 0.0])
    return {
        0.0: start,
        0.04: start + 0.08 * (tread - start),
        0.15: 0.35 * start + 0.5 * tread + 0.15 * plant,
        0.235: 0.55 * tread + 0.45 * over,
        0.305: over - 0.12 * ahead,
        IMPACT: over,
        HIGH: over + 0.1 * ahead,
        0.58: over + 0.08 * ahead,
        LANDED: 0.55 * over + 0.45 * behind,
        0.80: 0.6 * behind + 0.4 * start,
        0.92: 0.1 * behind + 0.9 * start,
        0.97: start,
    }


def _trunk(figure: Figure, style: dict, phase: np.ndarray, sway: dict) -> None:
    """The chest turns against the hips and bends over the ball, on which the eyes are."""
    lean, run = style["lean_deg"], -style["approach_deg"]
    bend = {0.0: 2.0, 0.3: 0.0, IMPACT: lean + 12.0, HIGH: lean + 16.0, 0.64: 6.0, 0.9: 2.0}
    twist, bend = (easing.soften(easing.flow(keys, phase), 0.03) for keys in (TWIST_DEG, bend))
    figure.spine(turn(yaw_deg=twist, pitch_deg=bend, roll_deg=-0.4 * easing.flow(ROLL_DEG, phase)))
    look = easing.flow({0.0: 0.5 * run, 0.3: -4.0, 0.7: 0.0}, phase) + 2.0 * sway["trunk"]
    figure.head(turn(yaw_deg=look, pitch_deg=easing.soften(easing.flow(NOD_DEG, phase), 0.03)))


def _legs(figure: Figure, style: dict, tracks: dict, phase: np.ndarray) -> None:
    """The standing leg on its steps; the kicking one on its steps, but in the swing."""
    rig = figure.rig
    figure.leg("L", tracks["L"].step(rig, "L"))
    planted = tracks["R"].step(rig, "R")
    hip = figure.joints()[:, rig.legs["R"].joints[0]]
    share = easing.flow({0.0: 0.0, SWING + 0.004: 0.0, SWING + 0.065: 1.0, 0.585: 1.0, LANDED - 0.005: 0.0}, phase)
    swung, foot = _swing(rig, style, hip, phase)
    step = footwork.between(rig, "R", planted, ankle=swung, foot=foot, share=easing.soften(share, 0.01))
    turned_out = 38.0 * (style["contact"] == "side")  # the whole leg, for the inner side of the foot
    out = easing.flow({0.0: 0.0, SWING: 0.0, IMPACT: turned_out, HIGH: 0.8 * turned_out, 0.62: 0.0}, phase)
    footwork.swung_leg(figure, "R", step, out)


def _swing(rig: Rig, style: dict, hip: np.ndarray, phase: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The kicking ankle (T, 3) and the foot's rotation (T, 3, 3), by hip and knee, through the ball."""
    outward, tip, before, aside, up = CONTACTS[style["contact"]]
    follow = style["follow_deg"] * (0.62 if style["contact"] == "side" else 1.0)
    thigh = {SWING: -16.0, 0.325: -34.0, 0.36: -16.0, IMPACT: 14.0, HIGH: follow, 0.56: 0.6 * follow, 0.63: 4.0}
    knee = {SWING: 25.0, 0.345: style["backswing_deg"], 0.37: 0.9 * style["backswing_deg"], IMPACT: 32.0, 0.435: 8.0}
    knee |= {HIGH: 10.0, 0.56: 38.0, 0.63: 40.0}
    thigh, knee = (easing.soften(easing.flow(k, phase), 0.014) for k in (thigh, knee))
    across = easing.flow({SWING: -0.04, 0.345: -0.07, IMPACT: 0.0, HIGH: 0.14, 0.62: 0.0}, phase)
    level = np.tile(np.eye(3), (len(phase), 1, 1))
    ankle = footwork.hung(rig, "R", hip, level, thigh, knee) + across[:, None] * np.array([0.0, 1.0, 0.0])
    contact = np.array([before, aside, up])
    moment = np.argmin(np.abs(phase - IMPACT))
    near = easing.between(phase, IMPACT - 0.1, IMPACT - 0.005) - easing.between(phase, IMPACT + 0.02, IMPACT + 0.1)
    ankle = ankle + near[:, None] * (contact - ankle[moment])
    shin = thigh - knee
    drop = easing.flow({SWING: 30.0, 0.36: tip, 0.44: tip, HIGH: 30.0, 0.6: 0.0}, phase)
    yaw = easing.flow({SWING: -8.0, 0.36: -outward, 0.44: -outward, HIGH: -0.6 * outward, 0.62: -10.0}, phase)
    pitch = easing.flow({SWING: 1.0, 0.37: 1.0, IMPACT: 0.0, 0.43: 0.0, HIGH: 1.0}, phase)
    tilt = drop - pitch * shin * (0.9 if style["contact"] == "instep" else 0.6)
    return ankle, turn(yaw_deg=yaw) @ about([0.0, 1.0, 0.0], easing.soften(tilt, 0.02))


def _arm(figure: Figure, side: str, style: dict, phase: np.ndarray) -> None:
    """The arm of the standing side goes out and back with the backswing and comes across at the kick."""
    out, mirror = np.radians(style["arm_out_deg"]), np.array([1.0, SIGN[side], 1.0])
    wide = np.array([-0.35, np.sin(out), -np.cos(out)])
    flung = (
        {0.32: wide, IMPACT: wide + np.array([0.25, 0.0, 0.0])}
        if side == "L"
        else {HIGH: wide - np.array([0.3, 0.1, 0.0])}
    )
    direction = handling.ways({k: np.array(v) * mirror for k, v in (ARMS[side] | flung).items()}, phase)
    ahead = np.broadcast_to([0.9, -0.15 * SIGN[side], 0.45], direction.shape)
    figure.aim(side, frame(direction, np.cross(direction, ahead)), easing.flow(ELBOWS_DEG, phase))
    figure.hand(side, pronation_deg=20.0, flexion_deg=4.0)
    figure.fingers(side, "relaxed")


def _ball(style: dict, clock: easing.Clock, phase: np.ndarray) -> PropTrack:
    """On its spot until the contact, then off; far away it is gone, and it comes back rolling to the spot."""
    spot, low = np.array([0.0, 0.0, BALL_M]), style["contact"] == "side"
    rise = np.radians(style["rise_deg"] * (0.25 if low else 1.0))
    velocity = (0.9 if low else 1.0) * style["speed_m_s"] * np.array([np.cos(rise), 0.0, np.sin(rise)])
    seconds = handling.since(clock.phase, handling.moment(PACE, IMPACT), clock.tempo_hz)
    away = handling.flight(spot, velocity, seconds, radius_m=BALL_M)
    back = np.clip((phase - RETURN[0]) / (RETURN[1] - RETURN[0]), 0.0, 1.0)
    rolling = spot + (1 - back)[:, None] ** 2 * np.array([GONE_M + 0.3, 0.0, 0.0])
    point = np.where((phase < RETURN[0])[:, None], away, rolling)
    point = np.where((phase < IMPACT)[:, None], spot, point)
    rolled = handling.spin((0.0, 1.0, 0.0), (point[:, 0] - spot[0]) / (2 * np.pi * BALL_M))
    return grip.track("soccer_ball", point, rolled, handling.near(point, spot, GONE_M) * 1.0)
