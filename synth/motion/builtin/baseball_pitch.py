"""Baseball pitch: set with the hands together, leg lift, stride, throw, follow-through, and back to the set.

The order of turns is that of a pitcher: hips before trunk, trunk before arm, the forearm laid back before it whips
through (Fleisig et al., "Kinematic and kinetic comparison of baseball pitching", J. Appl. Biomech. 1999; phases after
Dillman et al. 1993). The throw is slower than a professional's, whose upper arm turns at 7,000 degrees per second.
Authored for a right-handed pitcher who throws to +X, and mirrored for a left-handed one.
"""

from __future__ import annotations

import numpy as np

from synth.motion import objects
from synth.motion.builtin import easing, feet, footwork, grip, handling
from synth.motion.builtin.figure import Figure
from synth.motion.builtin.footwork import Fall
from synth.motion.builtin.rig import Rig
from synth.motion.builtin.rotations import about, transpose, turn
from synth.motion.builtin.style import Style
from synth.motion.motion import Motion
from synth.motion.props import PropTrack

STYLE = Style(
    ranges={
        "tempo_hz": (0.31, 0.4),
        "stride_share": (0.78, 0.98),  # between the ankles, over the length of a leg
        "lift_deg": (62.0, 108.0),  # of the front thigh
        "coil_deg": (6.0, 24.0),  # of the trunk away from the target at the lift
        "forward_deg": (26.0, 40.0),  # of the trunk at the release
        "bow_deg": (44.0, 64.0),  # of the trunk in the follow-through
        "leg_up_deg": (20.0, 75.0),  # of the rear knee in the follow-through
        "hands_up_share": (0.0, 1.0),  # from the chest to over the brow at the lift
        "speed_m_s": (15.0, 22.0),
        "closed_m": (-0.06, 0.08),  # of the front foot across the line
        "sway_m": (0.003, 0.008),
    },
    choices={"hand": ("R", "L", "R"), "slot": ("over", "three_quarter", "three_quarter", "side")},
)
# What share of the keys has gone by at a share of the cycle: the set is short, the throw takes its time.
PACE = {0.0: 0.0, 0.03: 0.07, 0.37: 0.4, 0.645: 0.6, 0.97: 0.93, 1.0: 1.0}
# slot: lean of the trunk to the other side at the release, how high the forearm points then.
SLOTS = {"over": (30.0, 1.15), "three_quarter": (16.0, 0.7), "side": (-12.0, 0.32)}
# Shares of the keys.
LIFT, HIGH, FOOT_DOWN, LAID_BACK, RELEASE, FOLLOW = 0.07, 0.22, 0.40, 0.455, 0.52, 0.6
REAR_UP, REAR_DOWN, BACK = 0.545, 0.775, (0.785, 0.93)
STOOD_DEG = -84.0  # heading of the rear foot
ANEW = 0.9  # a new ball is in the hand
SET_M = 0.3  # between the feet at the set
TOGETHER = ((0.42, 0.3, -0.86), (0.62, -0.62, 0.48))  # upper arm and forearm at the set: ahead, outwards, up
# Of the rear foot on its toes: how far the heel rises and the foot turns to the target.
HEEL_DEG = {0.0: 0.0, 0.36: 0.0, 0.44: 30.0, RELEASE: 64.0, 0.6: 60.0, 0.7: 0.0}
TURNED_DEG = {0.0: 0.0, 0.36: 0.0, 0.44: 18.0, RELEASE: 52.0, 0.6: 60.0, 0.74: 0.0}
# The hips are lower than the legs would let them be, by shares of a leg.
SUNK = {0.0: 0.015, HIGH: 0.01, FOOT_DOWN: 0.05, FOLLOW: 0.035, REAR_DOWN: 0.03}
LOOK_DEG = {0.0: -12.0, HIGH: -22.0, FOOT_DOWN: -8.0, RELEASE: 2.0, 0.7: 0.0, 0.9: -12.0}
NOD_DEG = {0.0: 4.0, HIGH: 4.0, RELEASE: 8.0, FOLLOW: 24.0, REAR_DOWN: 6.0}
WRIST_DEG = {0.0: 4.0, 0.38: 0.0, LAID_BACK: -30.0, RELEASE: 8.0, 0.55: 34.0, 0.64: 12.0, 0.9: 4.0}
PALM_DEG = {0.0: 20.0, 0.33: 40.0, FOOT_DOWN: 40.0, RELEASE: 20.0, 0.56: 50.0, 0.75: 30.0, 0.92: 20.0}


def motion(rig: Rig, style: dict, rng: np.random.Generator, label: str) -> Motion:
    """The pitch of one style as a motion on the body of `rig`."""
    clock = easing.clock(style["tempo_hz"])
    sway = {n: easing.drift(easing.sway(rng, 1.0), clock.loop) for n in ("x", "y", "trunk")}
    figure = Figure(rig, clock.frames)
    phase = handling.paced(PACE, clock.phase)
    steps, stride = _steps(rig, style, phase), style["stride_share"] * rig.leg_m
    _hips(figure, style, steps, stride, phase, sway)
    _trunk(figure, style, phase, sway)
    _front_leg(figure, style, steps["L"], phase)
    _rear_leg(figure, style, steps["R"], phase)
    _throwing_arm(figure, style, phase)
    _glove_arm(figure, style, phase)
    ball = _ball(figure, style, phase)
    whole = handling.with_props(figure, label, (ball,), cycles=clock.cycles)
    return handling.other_handed(whole, style["hand"])


def _steps(rig: Rig, style: dict, phase: np.ndarray) -> dict[str, feet.Step]:
    """Where the feet are while they are on the ground: the rear one turns on its toes, the front one strides."""
    stride = style["stride_share"] * rig.leg_m
    front = (
        Fall(lift=LIFT, land=FOOT_DOWN, to=(stride, style["closed_m"]), yaw_deg=-14.0, height_m=0.12, land_deg=-8.0),
        Fall(lift=BACK[0], land=BACK[1], to=(SET_M, 0.0), yaw_deg=-76.0, heel_deg=18.0, land_deg=10.0),
    )
    back = {"to": (0.0, 0.0), "yaw_deg": STOOD_DEG, "height_m": 0.14, "heel_deg": 0.0, "land_deg": 16.0}
    rear = (Fall(lift=REAR_UP, land=REAR_DOWN, **back),)
    left, right = footwork.walked(front, phase), footwork.walked(rear, phase)
    heel, yaw = easing.flow(HEEL_DEG, phase), STOOD_DEG + easing.flow(TURNED_DEG, phase)
    ground = footwork.on_toes(rig, "R", right.ground, yaw, stood_deg=STOOD_DEG)
    still = footwork.Track(ground, yaw, easing.soften(heel, 0.012) + right.pitch_deg, right.air)
    return {"L": left.step(rig, "L"), "R": still.step(rig, "R")}


def _hips(figure: Figure, style: dict, steps: dict, stride: float, phase: np.ndarray, sway: dict) -> None:
    """The hips from the rear foot to the front one and back, opening to the target before the trunk does."""
    rig, coil = figure.rig, style["coil_deg"]
    x = {0.0: 0.5 * SET_M, LIFT: 0.42 * SET_M, HIGH: 0.06, 0.3: 0.1 * stride, FOOT_DOWN: 0.5 * stride}
    x |= {RELEASE: 0.74 * stride, FOLLOW: 0.84 * stride, 0.7: 0.78 * stride, REAR_DOWN: 0.42 * stride}
    x |= {0.94: 0.5 * SET_M}
    across = {0.0: 0.0, HIGH: 0.0, FOOT_DOWN: 0.5 * style["closed_m"], 0.7: 0.5 * style["closed_m"], 0.95: 0.0}
    x, y = easing.soften(easing.flow(x, phase), 0.04), 0.03 + easing.flow(across, phase)
    at = np.stack([x + style["sway_m"] * sway["x"], y + style["sway_m"] * sway["y"]], axis=1)
    yaw = {0.0: -86.0, LIFT: -86.0, HIGH: -88.0 - 0.6 * coil, 0.34: -80.0, FOOT_DOWN: -50.0, LAID_BACK: -10.0}
    yaw |= {RELEASE: 4.0, FOLLOW: 16.0, 0.7: 4.0, REAR_DOWN: -40.0, 0.93: -86.0}
    yaw = easing.soften(easing.flow(yaw, phase), 0.025)
    free = {"R": (phase > 0.49) & (phase < REAR_DOWN - 0.02), "L": (phase > LIFT) & (phase < FOOT_DOWN - 0.05)}
    top = footwork.height(rig, steps, at, yaw, stretch=0.97, free=free) - rig.leg_m * easing.flow(SUNK, phase)
    figure.pelvis(np.column_stack([at, top]), turn(pitch_deg=0.5 * _bow_deg(style, phase)) @ turn(yaw_deg=yaw))


def _bow_deg(style: dict, phase: np.ndarray) -> np.ndarray:
    """(T,) how far the trunk leans to the target."""
    keys = {0.0: 3.0, HIGH: -2.0, 0.34: -5.0, FOOT_DOWN: -9.0, LAID_BACK: -4.0, RELEASE: style["forward_deg"]}
    keys |= {FOLLOW: style["bow_deg"], 0.68: 0.8 * style["bow_deg"], REAR_DOWN: 12.0, 0.94: 3.0}
    return easing.soften(easing.flow(keys, phase), 0.025)


def _trunk(figure: Figure, style: dict, phase: np.ndarray, sway: dict) -> None:
    """Wound up with the leg, then round, forward and to the side; the face to the target."""
    coil, aside = style["coil_deg"], SLOTS[style["slot"]][0]
    yaw = {0.0: -86.0, LIFT: -86.0, HIGH: -90.0 - coil, 0.34: -92.0 - 0.5 * coil, FOOT_DOWN: -84.0, LAID_BACK: -30.0}
    yaw |= {RELEASE: 14.0, FOLLOW: 44.0, 0.7: 24.0, REAR_DOWN: -34.0, 0.93: -86.0}
    roll = {
        0.0: 0.0,
        0.34: 4.0,
        FOOT_DOWN: 0.0,
        LAID_BACK: -0.6 * aside,
        RELEASE: -aside,
        FOLLOW: -0.5 * aside,
        0.7: 0.0,
    }
    yaw, roll = (easing.soften(easing.flow(keys, phase), 0.025) for keys in (yaw, roll))
    leant = turn(pitch_deg=_bow_deg(style, phase)) @ turn(roll_deg=roll)
    figure.spine(transpose(figure.bone("root")) @ leant @ turn(yaw_deg=yaw + sway["trunk"], pitch_deg=2.0))
    look, nod = (easing.soften(easing.flow(keys, phase), 0.03) for keys in (LOOK_DEG, NOD_DEG))
    figure.head(turn(yaw_deg=look, pitch_deg=nod, roll_deg=0.4 * roll))


def _front_leg(figure: Figure, style: dict, planted: feet.Step, phase: np.ndarray) -> None:
    """Lifted with the knee to the chest, let down and out to the target."""
    rig, base = figure.rig, figure.bone("root")
    up = style["lift_deg"]
    thigh = easing.flow({0.0: 8.0, LIFT: 8.0, HIGH: up, 0.26: up, 0.36: 30.0, 0.45: 20.0}, phase)
    knee = easing.flow({0.0: 12.0, LIFT: 12.0, HIGH: up + 4.0, 0.36: 34.0, 0.45: 20.0}, phase)
    out = easing.flow({0.0: 0.0, HIGH: 0.0, 0.3: 14.0, 0.37: 44.0, 0.45: 0.0}, phase)
    hip = figure.joints()[:, rig.legs["L"].joints[0]]
    ankle = footwork.hung(rig, "L", hip, base, thigh, knee, out)
    share = easing.flow({0.0: 0.0, LIFT + 0.01: 0.0, 0.15: 1.0, 0.27: 1.0, FOOT_DOWN - 0.01: 0.0}, phase)
    tip = easing.flow({0.0: 0.0, HIGH: 22.0, 0.36: 0.0}, phase)
    heading = np.degrees(np.arctan2(base[:, 1, 0], base[:, 0, 0]))
    foot = turn(yaw_deg=heading, pitch_deg=tip)
    step = footwork.between(rig, "L", planted, ankle=ankle, foot=foot, share=easing.soften(share, 0.015))
    footwork.swung_leg(figure, "L", step)


def _rear_leg(figure: Figure, style: dict, planted: feet.Step, phase: np.ndarray) -> None:
    """Pushes off, leaves the ground after the release, swings up behind, and comes back to its place."""
    rig, base = figure.rig, figure.bone("root")
    upright = turn(yaw_deg=np.degrees(np.arctan2(base[:, 1, 0], base[:, 0, 0])))
    up = style["leg_up_deg"]
    thigh = easing.flow({0.0: -20.0, RELEASE: -30.0, FOLLOW: -22.0 - 0.3 * up, 0.68: -26.0, REAR_DOWN: -14.0}, phase)
    knee = easing.flow({0.0: 20.0, RELEASE: 30.0, FOLLOW: up, 0.66: up, REAR_DOWN: 22.0}, phase)
    hip = figure.joints()[:, rig.legs["R"].joints[0]]
    ankle = footwork.hung(rig, "R", hip, upright, thigh, knee, 14.0)
    share = easing.flow({0.0: 0.0, REAR_UP + 0.005: 0.0, 0.595: 1.0, 0.68: 1.0, REAR_DOWN - 0.03: 0.0}, phase)
    foot = upright @ about([0.0, 1.0, 0.0], knee - thigh + 20.0)
    step = footwork.between(rig, "R", planted, ankle=ankle, foot=foot, share=easing.soften(share, 0.012))
    footwork.swung_leg(figure, "R", step, 10.0)


def _hands_up(style: dict) -> tuple:
    """Upper arm and forearm at the lift."""
    up = style["hands_up_share"]
    return (0.55, 0.34, -0.72 + 0.9 * up), (0.4 - 0.2 * up, -0.6, 0.7)


def _throwing_arm(figure: Figure, style: dict, phase: np.ndarray) -> None:
    """Down, back and up to the cocked arm, laid back, through and across the body."""
    high = SLOTS[style["slot"]][1]
    keys = {
        0.0: TOGETHER,
        LIFT: TOGETHER,
        HIGH: _hands_up(style),
        0.28: ((0.1, 0.4, -0.9), (0.25, 0.0, -0.9)),
        0.325: ((-0.34, 0.6, -0.7), (-0.16, 0.42, -0.9)),
        0.365: ((-0.4, 0.88, -0.3), (-0.14, 0.98, -0.16)),
        0.41: ((-0.25, 0.97, 0.02), (-0.2, 0.5, 0.8)),
        LAID_BACK: ((0.02, 1.0, 0.12), (-0.8, 0.4, 0.35)),
        0.49: ((0.15, 1.0, 0.16), (-0.25, 0.75, max(0.55 * high + 0.2, 0.6))),
        RELEASE: ((0.35, 0.92, 0.18), (0.62, 0.68, high)),
        0.55: ((0.66, 0.68, 0.0), (0.95, 0.1, -0.1)),
        FOLLOW: ((0.72, 0.02, -0.62), (0.3, -0.72, -0.7)),
        0.68: ((0.55, 0.12, -0.8), (0.5, -0.5, -0.7)),
        REAR_DOWN: ((0.3, 0.3, -0.9), (0.75, -0.35, -0.15)),
        BACK[1]: TOGETHER,
    }
    figure.aim("R", *handling.arm_ways("R", keys, phase))
    back, turned = easing.soften(easing.flow(WRIST_DEG, phase), 0.015), easing.flow(PALM_DEG, phase)
    figure.hand("R", pronation_deg=turned, flexion_deg=back)
    loose = easing.between(phase, RELEASE - 0.004, RELEASE + 0.06) - easing.between(phase, 0.8, ANEW)
    handling.fingers_between(figure, "R", "ball", "relaxed", loose)


def _glove_arm(figure: Figure, style: dict, phase: np.ndarray) -> None:
    """With the other hand until the hands part, out to the target, and tucked in as the trunk comes round."""
    keys = {
        0.0: TOGETHER,
        LIFT: TOGETHER,
        HIGH: _hands_up(style),
        0.29: ((0.5, 0.45, -0.6), (0.75, 0.1, 0.1)),
        0.36: ((0.3, 0.95, -0.02), (0.5, 0.8, 0.1)),
        FOOT_DOWN: ((0.22, 1.0, 0.0), (0.55, 0.8, 0.05)),
        LAID_BACK: ((0.1, 0.85, -0.4), (0.9, 0.1, 0.35)),
        RELEASE: ((-0.4, 0.42, -0.8), (0.8, -0.25, 0.5)),
        FOLLOW: ((-0.5, 0.5, -0.6), (0.6, -0.1, -0.1)),
        0.68: ((-0.2, 0.45, -0.85), (0.6, 0.0, -0.4)),
        REAR_DOWN: ((0.2, 0.3, -0.9), (0.75, -0.35, 0.1)),
        BACK[1]: TOGETHER,
    }
    figure.aim("L", *handling.arm_ways("L", keys, phase))
    figure.hand("L", pronation_deg=30.0, flexion_deg=8.0)
    figure.fingers("L", "relaxed")


def _ball(figure: Figure, style: dict, within: np.ndarray) -> PropTrack:
    """In the throwing hand until the release, flown and gone, and a new one in the hand when the hands meet again."""
    radius = objects.RADIUS_M["baseball"]
    held = grip.in_hand(figure, "R", "ball", radius)
    point = held.point.copy()
    away = (within >= RELEASE) & (within < ANEW - 0.03)
    shown = easing.between(within, ANEW - 0.02, ANEW) + 1.0 * (within < RELEASE)
    velocity = style["speed_m_s"] * np.array([1.0, 0.0, 0.02])
    for start in np.flatnonzero(away & ~np.roll(away, 1)):
        flown = np.arange(start, start + np.argmin(np.append(away, False)[start:]))
        seconds = (flown - start + 1) / easing.FPS
        point[flown] = handling.flight(held.point[start - 1], velocity, seconds, radius_m=radius)
        shown[flown] = handling.near(point[flown], held.point[start])
    axes = np.stack([held.along, np.cross(held.thumb, held.along), held.thumb], axis=-1)
    return grip.track("baseball", point, axes, shown)
