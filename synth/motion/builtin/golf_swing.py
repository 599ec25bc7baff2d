"""Golf swing: address, backswing, downswing through the ball, follow-through to the finish, and back to the address.

The club is moved and the arms follow by inverse kinematics, so both hands are on its grip in every frame. Arms and
shaft are the two links of the double pendulum of Cochran and Stobbs ("The Search for the Perfect Swing", 1968, ch. 9-12):
both swing in an inclined plane, the shaft lagging the arms until late in the downswing. The trunk turns about the
spine's slope, the hips leading it down. Authored for a right-handed golfer whose target is on the left, and mirrored.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synth.motion import objects
from synth.motion.builtin import easing, feet, footwork, grip, handling
from synth.motion.builtin.figure import Figure
from synth.motion.builtin.rig import SIDES, SIGN, Rig
from synth.motion.builtin.rotations import about, apply, slerp, transpose, turn, unit
from synth.motion.builtin.style import Style
from synth.motion.motion import Motion
from synth.motion.props import PropTrack

STYLE = Style(
    ranges={
        "tempo_hz": (0.28, 0.35),
        "stance_share": (0.46, 0.66),  # between the ankles, over the length of a leg
        "bend_deg": (30.0, 42.0),  # of the trunk over the ball
        "turn_share": (0.85, 1.1),  # of the trunk's turn
        "knees_share": (0.935, 0.965),  # of the legs' length at address
        "shift_m": (0.05, 0.1),  # of the hips to the target
        "plane_deg": (-6.0, 8.0),  # of the arms' plane, flatter above 0
        "hands_low_share": (0.9, 0.97),  # of the arms' reach at address
        "speed_m_s": (20.0, 30.0),
        "rise_deg": (10.0, 26.0),
        "sway_m": (0.002, 0.006),
    },
    choices={"hand": ("R", "L", "R"), "swing": ("full", "full", "half")},
)
# How far arms and shaft go back and through, in degrees of the plane, and the trunk's share of its turn.
SIZES = {"full": (-138.0, -246.0, 142.0, 236.0, 1.0), "half": (-88.0, -165.0, 92.0, 150.0, 0.66)}
# Shares of the cycle.
AWAY, TOP, IMPACT, THROUGH, FINISH, DOWN, READY = 0.07, 0.34, 0.487, 0.575, 0.65, 0.73, 0.965
HALF_GRIP_M = 0.043  # from the middle of the two hands to that of either
SOLE_M = 0.03  # of the head's middle over the floor at address
OPEN_DEG = (90.0, 50.0)  # how far the face turns open on the way back, and closed on the way through
COCK_DEG = (42.0, 104.0)  # between hand and shaft
# Where the elbows point.
POLES = {
    "L": {0.0: (-0.8, -0.3, -0.6), IMPACT: (-0.8, -0.3, -0.6), FINISH: (0.2, 0.0, -1.0), 0.8: (-0.2, 0.1, -1.0)},
    "R": {0.0: (-0.8, 0.3, -0.6), TOP: (0.2, -0.3, -1.0), IMPACT: (-0.8, 0.3, -0.6), 0.8: (-0.2, -0.1, -1.0)},
}


@dataclass(frozen=True)
class Plane:
    """down: the way the shaft points at address; side: towards the target; away: out of the plane, from the player."""

    down: np.ndarray
    side: np.ndarray

    @property
    def away(self) -> np.ndarray:
        return np.cross(self.down, self.side)

    def at(self, angle_deg: np.ndarray) -> np.ndarray:
        """(T, 3) the direction that has swung by an angle (T,), to the target above 0."""
        angle = np.radians(angle_deg)[:, None]
        return np.cos(angle) * self.down + np.sin(angle) * self.side


def motion(rig: Rig, style: dict, rng: np.random.Generator, label: str) -> Motion:
    """The golf swing of one style as a motion on the body of `rig`."""
    clock = easing.clock(style["tempo_hz"])
    sway = {n: easing.drift(easing.sway(rng, 1.0), clock.loop) for n in ("x", "y", "trunk")}
    figure = Figure(rig, clock.frames)
    _stand(figure, style, clock.phase, sway)
    point, axes, spot = _club(figure, style, clock.phase)
    point = _within_reach(figure, point, axes)
    for side in SIDES:
        _arm(figure, side, point, axes, clock.phase)
    club = grip.track("golf_club", point, axes)
    return handling.other_handed(
        handling.with_props(figure, label, (club,), (_ball(style, clock, spot),)), style["hand"]
    )


def _stand(figure: Figure, style: dict, phase: np.ndarray, sway: dict) -> None:
    """Feet, hips, trunk and head; the trunk turns about an axis that leans over the ball until the finish."""
    rig, size = figure.rig, SIZES[style["swing"]][4] * style["turn_share"]
    half = style["stance_share"] * rig.leg_m / 2
    finish = easing.soften(easing.between(phase % 1.0, IMPACT, FINISH) - easing.between(phase % 1.0, DOWN, 0.9), 0.02)
    steps = {"L": _foot(rig, "L", half, 18.0 + 0 * finish, 0 * finish)}
    steps["R"] = _foot(rig, "R", half, -6.0 + 34.0 * size * finish, 58.0 * size * finish)
    hips_yaw = easing.flow({0.0: 0.0, AWAY: 0.0, TOP: -40.0, IMPACT: 36.0, FINISH: 78.0, DOWN: 74.0, READY: 0.0}, phase)
    turned = easing.flow({0.0: 0.0, AWAY: 0.0, TOP: -84.0, IMPACT: 16.0, FINISH: 92.0, DOWN: 88.0, READY: 0.0}, phase)
    hips_yaw, turned = (size * easing.soften(np.asarray(v), 0.035) for v in (hips_yaw, turned))
    shift = style["shift_m"] * easing.soften(
        easing.flow(
            {0.0: 0.0, AWAY: 0.0, 0.3: -0.55, 0.44: 0.55, IMPACT: 1.0, FINISH: 1.5, DOWN: 1.5, READY: 0.0}, phase
        ),
        0.03,
    )
    ahead = -0.13 * style["bend_deg"] / 36.0 * (1 - 0.8 * finish * size) + 0.4 * rig.feet["L"].ball[0]
    at = np.stack([ahead + style["sway_m"] * sway["x"], shift + style["sway_m"] * sway["y"]], axis=1)
    low = style["knees_share"] + (0.985 - style["knees_share"]) * finish * size
    top = footwork.height(rig, steps, at, hips_yaw, stretch=low, free={"R": finish > 0.15})
    bend = style["bend_deg"] * (1 - 0.8 * finish * size)
    pelvis = turn(pitch_deg=0.55 * bend) @ turn(yaw_deg=hips_yaw)
    figure.pelvis(np.column_stack([at, top]), pelvis)
    side_bend = 9.0 * easing.flow(
        {0.0: 0.3, AWAY: 0.3, TOP: -0.4, IMPACT: 1.0, FINISH: 0.3, DOWN: 0.2, READY: 0.3}, phase
    )
    chest = (
        about([1.0, 0.0, 0.0], -side_bend * -1.0) @ turn(pitch_deg=bend + 4.0) @ turn(yaw_deg=turned + sway["trunk"])
    )
    figure.spine(transpose(pelvis) @ chest)
    up = easing.soften(easing.between(phase % 1.0, 0.52, 0.62) - easing.between(phase % 1.0, 0.76, 0.92), 0.02) * size
    look = easing.flow(
        {0.0: 0.0, AWAY: 0.0, TOP: -16.0, IMPACT: -4.0, THROUGH: 10.0, FINISH: 74.0, DOWN: 74.0, READY: 0.0}, phase
    )
    figure.head(turn(yaw_deg=size * easing.soften(look, 0.03)) @ turn(pitch_deg=44.0 * (1 - up) + 2.0))
    for side in SIDES:
        figure.leg(side, steps[side], knees_out_deg=0.0)


def _foot(rig: Rig, side: str, half: float, yaw: np.ndarray, heel: np.ndarray) -> feet.Step:
    ground = footwork.on_toes(rig, side, np.array([0.0, SIGN[side] * half, 0.0]), yaw, stood_deg=float(yaw[0]))
    return feet.roll(rig, side, ground=ground, yaw_deg=yaw, pitch_deg=heel)


def _club(figure: Figure, style: dict, phase: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The middle of the hands (T, 3), the club's axes (T, 3, 3), and where the ball lies (3,)."""
    rig, within = figure.rig, phase % 1.0
    arm_back, shaft_back, arm_through, shaft_through, _ = SIZES[style["swing"]]
    arms = easing.flow(
        {
            0.0: 0.0,
            AWAY: 0.0,
            0.22: 0.5 * arm_back,
            TOP: arm_back,
            0.36: arm_back,
            IMPACT: 0.0,
            THROUGH: 0.72 * arm_through,
        }
        | {FINISH: arm_through, 0.857: arm_through, 0.859: 0.0},
        phase,
    )
    shaft = easing.flow(
        {0.0: 0.0, AWAY: 0.0, 0.22: 0.42 * shaft_back, TOP: shaft_back, 0.37: shaft_back, 0.43: 0.66 * shaft_back}
        | {IMPACT: 0.0, 0.532: 0.45 * shaft_through, THROUGH: 0.78 * shaft_through, FINISH: shaft_through}
        | {0.857: shaft_through, 0.859: 0.0},
        phase,
    )
    point, plane = _swung_point(figure, style, easing.soften(arms, 0.02))
    axes = _swung_axes(plane, easing.soften(shaft, 0.016))
    chest, neck = figure.bone("spine01"), figure.joints()[:, rig.skeleton.index("neck01")]
    finished = easing.between(within, 0.54, FINISH) * (within < 0.858) * (style["swing"] == "full")
    ending = neck + apply(chest, rig.arm_m * np.array([0.56, 0.36, 0.22]))
    point = point + finished[:, None] * (ending - point)
    over = chest @ _axes_of((-0.62, -0.72, -0.22), (-0.7, 0.6, -0.2))
    axes = slerp(axes, over, finished)
    # From behind the neck the club comes up, forward and down again before the body: two poses on the way.
    for (start, end), off, (at, along) in (
        ((0.69, 0.78), (0.856, 0.858), ((0.75, 0.2, -0.3), (0.0, -0.1, 1.0))),
        ((0.765, 0.855), (0.86, READY), ((0.75, 0.05, -0.75), (0.8, 0.15, 0.3))),
    ):
        share = easing.between(within, start, end) - easing.between(within, *off)
        point = point + share[:, None] * (neck + apply(chest, rig.arm_m * np.array(at)) - point)
        axes = slerp(axes, chest @ _axes_of(along, (0.0, 1.0, 0.0)), share)
    return _through_ball(point, axes, within)


def _swung_point(figure: Figure, style: dict, angle: np.ndarray) -> tuple[np.ndarray, Plane]:
    """The middle of the hands (T, 3) that has swung by `angle` about the leading, later the other shoulder."""
    rig = figure.rig
    tilt = np.radians(70.0 - style["plane_deg"])
    arms = Plane(np.array([np.cos(tilt), 0.0, -np.sin(tilt)]), np.array([0.0, 1.0, 0.0]))
    way = arms.at(angle)
    shoulders = {side: figure.shoulder(side, way) for side in SIDES}
    change = easing.minimum_jerk((angle + 50.0) / 100.0)[:, None]
    hub = shoulders["L"] * (1 - change) + shoulders["R"] * change
    hub[:, 1] += 0.12 * rig.arm_m * (1 - 4 * (change[:, 0] - 0.5) ** 2) * 0
    reach = style["hands_low_share"] * (rig.arm_m + 0.7 * rig.hands["L"].length_m)
    point = hub + reach * way
    fall = np.arcsin(np.clip((point[0, 2] - SOLE_M) / objects.CLUB_HEAD_M, 0.4, 0.97))
    return point, Plane(np.array([np.cos(fall), 0.0, -np.sin(fall)]), np.array([0.0, 1.0, 0.0]))


def _swung_axes(plane: Plane, angle: np.ndarray) -> np.ndarray:
    """(T, 3, 3) of a club whose shaft has swung by `angle` (T,), its face opening on the way back and closing after."""
    along, square = plane.at(angle), plane.at(angle + 90.0)
    most = np.where(angle < 0, *OPEN_DEG)
    opened = np.radians(-most * np.tanh(angle / most))[:, None]
    return grip.axes_zx(-along, np.cos(opened) * square + np.sin(opened) * plane.away)


def _axes_of(along, face) -> np.ndarray:
    return grip.axes_zx(-unit(np.array([along])), np.array([face], dtype=np.float64))[0]


def _through_ball(point: np.ndarray, axes: np.ndarray, within: np.ndarray):
    """Shifts the club so that its head is at one place at address and at impact; that is where the ball lies."""
    head = point - objects.CLUB_HEAD_M * axes[:, :, 2]
    spot = head[np.argmin(within)] * [1.0, 1.0, 0.0]
    goal = spot + [0.0, 0.0, SOLE_M]
    hit = np.argmin(np.abs(within - IMPACT))
    near = easing.between(within, IMPACT - 0.08, IMPACT - 0.004) - easing.between(within, IMPACT + 0.006, IMPACT + 0.08)
    rest = 1 - easing.between(within, AWAY, AWAY + 0.08) + easing.between(within, READY - 0.09, READY)
    point = point + near[:, None] * (goal - head[hit]) + np.clip(rest, 0, 1)[:, None] * (goal - head)
    return point, axes, spot + [0.0, 0.0, objects.RADIUS_M["golf_ball"]] + 0.03 * np.array([0.0, 1.0, 0.0])


def _hand(figure: Figure, side: str, axes: np.ndarray, forearm: np.ndarray) -> np.ndarray:
    """(T, 3, 3) a hand round the shaft, thumb down it, in line with the forearm as far as the wrist's cock allows."""
    along, across = -axes[:, :, 2], axes[:, :, 1]
    angle = np.degrees(np.arctan2(np.sum(forearm * across, axis=1), np.sum(forearm * along, axis=1)))
    angle = np.radians(easing.soften(np.clip(angle, *COCK_DEG), 0.02))[:, None]
    return figure.palm(side, np.cos(angle) * along + np.sin(angle) * across, -SIGN[side] * axes[:, :, 0])


def _wrist(figure: Figure, side: str, point: np.ndarray, axes: np.ndarray, forearm: np.ndarray) -> tuple:
    """Where the wrist (T, 3) is and how the hand (T, 3, 3) is turned to hold the club."""
    at = point + SIGN[side] * HALF_GRIP_M * axes[:, :, 2]
    rotation = _hand(figure, side, axes, forearm)
    return grip.wrist(figure.rig, side, at, rotation, preset="grip"), rotation


def _within_reach(figure: Figure, point: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """The middle of the hands (T, 3), drawn in where an arm would have to be longer than it is."""
    most = 0.985 * figure.rig.arm_m
    for _ in range(5):
        for side in SIDES:
            shoulder = figure.shoulder(side, point - figure.joints()[:, figure.rig.arms[side].joints[0]])
            wrist, _ = _wrist(figure, side, point, axes, unit(point - shoulder))
            away = wrist - shoulder
            far = np.linalg.norm(away, axis=1, keepdims=True)
            point = point - easing.soften(np.maximum(far - most, 0.0) * away / far, 0.02)
    return point


def _arm(figure: Figure, side: str, point: np.ndarray, axes: np.ndarray, phase: np.ndarray) -> None:
    pole = easing.flow(POLES[side], phase)
    toward = unit(point - figure.joints()[:, figure.rig.arms[side].joints[0]])
    for _ in range(3):
        wrist, rotation = _wrist(figure, side, point, axes, toward)
        figure.reach(side, wrist, pole)
        toward = handling.forearm(figure, side)
    figure.hand_at(side, rotation)
    figure.fingers(side, "grip")


def _ball(style: dict, clock: easing.Clock, spot: np.ndarray) -> PropTrack:
    """On the floor until the impact, off to the target, gone; a new one lies there before the next swing."""
    seconds, within = handling.since(clock.phase, IMPACT, clock.tempo_hz), clock.phase % 1.0
    rise = np.radians(style["rise_deg"])
    velocity = style["speed_m_s"] * np.array([0.0, np.cos(rise), np.sin(rise)])
    away = handling.flight(spot, velocity, seconds, radius_m=objects.RADIUS_M["golf_ball"])
    flown = (within >= IMPACT) & (within < READY - 0.1)
    point = np.where(flown[:, None], away, spot)
    shown = np.where(flown, handling.near(point, spot), 1.0)
    still = np.tile(np.eye(3), (len(point), 1, 1))
    return grip.track("golf_ball", point, still, shown)
