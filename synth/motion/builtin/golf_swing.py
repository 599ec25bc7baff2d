"""Golf swing: address, backswing, downswing through the ball, follow-through to the finish, and back to the address.

The club is moved and the arms follow by inverse kinematics, so both hands are on its grip in every frame. Arms and
shaft are the two links of the double pendulum of Cochran and Stobbs ("The Search for the Perfect Swing", 1968); both
swing in an inclined plane, the shaft lagging the arms until late in the downswing. The trunk turns about the spine's
slope, the hips leading it down. Authored for a right-handed golfer whose target is on the left, and mirrored.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synth.motion import objects
from synth.motion.builtin import easing, feet, footwork, grip, handling
from synth.motion.builtin.figure import Figure
from synth.motion.builtin.rig import SIDES, SIGN, Rig
from synth.motion.builtin.rotations import apply, slerp, transpose, turn, unit
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
        "hands_low_share": (0.83, 0.9),  # of the arms' reach at address
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
# Headings of hips, chest and face, the hips' way to the target, and the trunk's lean to the side, over the cycle.
HIPS_DEG = {0.0: 0.0, AWAY: 0.0, TOP: -40.0, IMPACT: 36.0, FINISH: 78.0, DOWN: 74.0, READY: 0.0}
CHEST_DEG = {0.0: 0.0, AWAY: 0.0, TOP: -84.0, IMPACT: 16.0, FINISH: 92.0, DOWN: 88.0, READY: 0.0}
FACE_DEG = {0.0: 0.0, AWAY: 0.0, TOP: -16.0, IMPACT: -4.0, THROUGH: 10.0, FINISH: 74.0, DOWN: 74.0, READY: 0.0}
SHIFT = {0.0: 0.0, AWAY: 0.0, 0.3: -0.55, 0.44: 0.55, IMPACT: 1.0, FINISH: 1.5, DOWN: 1.5, READY: 0.0}
SIDE_DEG = {0.0: 2.7, AWAY: 2.7, TOP: -3.6, IMPACT: 9.0, FINISH: 2.7, DOWN: 1.8, READY: 2.7}
# The way of arms and shaft: shares of how far they go back (below 0) and through (above 0).
ARMS = {0.0: 0.0, AWAY: 0.0, 0.22: -0.5, TOP: -1.0, 0.36: -1.0, IMPACT: 0.0, THROUGH: 0.72, FINISH: 1.0}
SHAFT = {0.0: 0.0, AWAY: 0.0, 0.22: -0.42, TOP: -1.0, 0.37: -1.0, 0.43: -0.66, IMPACT: 0.0, 0.532: 0.45, THROUGH: 0.78}
HELD, RESET = 0.857, 0.859  # the finish is left for poses on the way back; then the swing begins anew
SHAFT |= {FINISH: 1.0, HELD: 1.0, RESET: 0.0}
ARMS |= {HELD: 1.0, RESET: 0.0}
# The finish, hands by the ear and the shaft behind the neck: the hands against the neck in lengths of the arm, the way
# of the shaft, the way of the face, all in the chest's axes.
FINISHED = ((0.1, 0.5, 0.4), (-0.7, -0.6, -0.4), (-0.6, 0.7, -0.2))
# From behind the neck the club comes up, forward, and down again before the body: when it is there, when it leaves,
# the hands against the neck in lengths of the arm, and the way of the shaft, both in the chest's axes.
WAY_BACK = (
    ((0.69, 0.78), (0.856, 0.858), (0.6, 0.5, 0.2), (0.0, 0.1, 1.0)),
    ((0.765, 0.855), (0.86, READY), (0.75, 0.05, -0.75), (0.8, 0.15, 0.3)),
)
HALF_GRIP_M = 0.043  # from the middle of the two hands to that of either
TARGET, UP = np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0])
BEFORE_HEAD_M = 0.03  # of the ball
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
        """(3,) unit."""
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
    club, ball = grip.track("golf_club", point, axes), _ball(style, clock, spot)
    whole = handling.with_props(figure, label, (club,), (ball,), cycles=clock.cycles)
    return handling.other_handed(whole, style["hand"])


def _stand(figure: Figure, style: dict, phase: np.ndarray, sway: dict) -> None:
    """Feet, hips, trunk and head; the trunk turns about an axis that leans over the ball until the finish."""
    size = SIZES[style["swing"]][4] * style["turn_share"]
    upright = easing.between(phase % 1.0, IMPACT, FINISH) - easing.between(phase % 1.0, DOWN, 0.9)
    upright = size * easing.soften(upright, 0.02)
    turned = size * easing.soften(easing.flow(CHEST_DEG, phase), 0.035) + sway["trunk"]
    bend = style["bend_deg"] * (1 - 0.8 * upright)
    _hips(figure, style, phase, upright, sway)
    chest = turn(roll_deg=easing.flow(SIDE_DEG, phase)) @ turn(pitch_deg=bend + 4.0) @ turn(yaw_deg=turned)
    figure.spine(transpose(figure.bone("root")) @ chest)
    up = easing.between(phase % 1.0, 0.52, 0.62) - easing.between(phase % 1.0, 0.76, 0.92)
    up = size * easing.soften(up, 0.02)
    look = size * easing.soften(easing.flow(FACE_DEG, phase), 0.03)
    figure.head(turn(yaw_deg=look) @ turn(pitch_deg=44.0 * (1 - up) + 2.0))


def _hips(figure: Figure, style: dict, phase: np.ndarray, upright: np.ndarray, sway: dict) -> None:
    """Feet and hips: the weight goes to the target, the rear heel comes up and turns on its toes."""
    rig, half = figure.rig, style["stance_share"] * figure.rig.leg_m / 2
    yaw = SIZES[style["swing"]][4] * style["turn_share"] * easing.soften(easing.flow(HIPS_DEG, phase), 0.035)
    still = np.zeros_like(upright)
    steps = {
        "L": _foot(rig, "L", half, 18.0 + still, still),
        "R": _foot(rig, "R", half, -6.0 + 34.0 * upright, 58.0 * upright),
    }
    ahead = -0.13 * style["bend_deg"] / 36.0 * (1 - 0.8 * upright) + 0.4 * rig.feet["L"].ball[0]
    shift = style["shift_m"] * easing.soften(easing.flow(SHIFT, phase), 0.03)
    at = np.stack([ahead + style["sway_m"] * sway["x"], shift + style["sway_m"] * sway["y"]], axis=1)
    low = style["knees_share"] + (0.985 - style["knees_share"]) * upright
    top = footwork.height(rig, steps, at, yaw, stretch=low, free={"R": upright > 0.15})
    bend = style["bend_deg"] * (1 - 0.8 * upright)
    figure.pelvis(np.column_stack([at, top]), turn(pitch_deg=0.55 * bend) @ turn(yaw_deg=yaw))
    for side in SIDES:
        figure.leg(side, steps[side])


def _foot(rig: Rig, side: str, half: float, yaw: np.ndarray, heel: np.ndarray) -> feet.Step:
    """A foot `half` metres from the middle that turns on its toes."""
    ground = footwork.on_toes(rig, side, np.array([0.0, SIGN[side] * half, 0.0]), yaw, stood_deg=float(yaw[0]))
    return feet.roll(rig, side, ground=ground, yaw_deg=yaw, pitch_deg=heel)


def _club(figure: Figure, style: dict, phase: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The middle of the hands (T, 3), the club's axes (T, 3, 3), and where the ball lies (3,)."""
    rig, within = figure.rig, phase % 1.0
    arm_back, shaft_back, arm_through, shaft_through, _ = SIZES[style["swing"]]
    arms, shaft = easing.soften(easing.flow(ARMS, phase), 0.02), easing.soften(easing.flow(SHAFT, phase), 0.016)
    point, plane = _swung_point(figure, style, np.where(arms < 0, -arm_back, arm_through) * arms)
    axes = _swung_axes(plane, np.where(shaft < 0, -shaft_back, shaft_through) * shaft)
    chest, neck = figure.bone("spine01"), figure.joints()[:, rig.skeleton.index("neck01")]
    finished = easing.between(within, 0.54, FINISH) * (within < HELD + 0.001) * (style["swing"] == "full")
    poses = [(finished, FINISHED[0], _axes_of(*FINISHED[1:]))]
    for come, leave, at, along in WAY_BACK:
        share = easing.between(within, *come) - easing.between(within, *leave)
        poses.append((share, at, _axes_of(along, (0.0, 1.0, 0.0))))
    for share, at, turned in poses:
        point = point + share[:, None] * (neck + apply(chest, rig.arm_m * np.array(at)) - point)
        axes = slerp(axes, chest @ turned, share)
    return _through_ball(point, axes, within)


def _swung_point(figure: Figure, style: dict, angle: np.ndarray) -> tuple[np.ndarray, Plane]:
    """The middle of the hands (T, 3) that has swung by `angle` about the leading, later the other shoulder; and the
    plane of the shaft, in which the head is on the floor at address."""
    rig = figure.rig
    tilt = np.radians(70.0 - style["plane_deg"])
    way = Plane(np.array([np.cos(tilt), 0.0, -np.sin(tilt)]), TARGET).at(angle)
    shoulders = {side: figure.shoulder(side, way) for side in SIDES}
    change = easing.minimum_jerk((angle + 50.0) / 100.0)[:, None]
    hub = shoulders["L"] * (1 - change) + shoulders["R"] * change
    point = hub + style["hands_low_share"] * (rig.arm_m + 0.7 * rig.hands["L"].length_m) * way
    fall = np.arcsin(np.clip((point[0, 2] - SOLE_M) / objects.CLUB_HEAD_M, 0.4, 0.97))
    return point, Plane(np.array([np.cos(fall), 0.0, -np.sin(fall)]), TARGET)


def _swung_axes(plane: Plane, angle: np.ndarray) -> np.ndarray:
    """(T, 3, 3) of a club whose shaft has swung by `angle` (T,), its face opening on the way back and closing after."""
    along, square = plane.at(angle), plane.at(angle + 90.0)
    most = np.where(angle < 0, *OPEN_DEG)
    opened = np.radians(-most * np.tanh(angle / most))[:, None]
    return grip.axes_zx(-along, np.cos(opened) * square + np.sin(opened) * plane.away)


def _axes_of(along, face) -> np.ndarray:
    """(3, 3) of a club whose shaft points along one direction and whose face as nearly as may be along another."""
    return grip.axes_zx(-unit(np.array([along])), np.array([face], dtype=np.float64))[0]


def _through_ball(point: np.ndarray, axes: np.ndarray, within: np.ndarray) -> tuple[np.ndarray, ...]:
    """Shifts the club so that its head is at one place at address and at impact; that is where the ball lies."""
    head = point - objects.CLUB_HEAD_M * axes[:, :, 2]
    spot = head[np.argmin(within)] * [1.0, 1.0, 0.0]
    goal, hit = spot + SOLE_M * UP, np.argmin(np.abs(within - IMPACT))
    near = easing.between(within, IMPACT - 0.08, IMPACT - 0.004) - easing.between(within, IMPACT + 0.006, IMPACT + 0.08)
    rest = 1 - easing.between(within, AWAY, AWAY + 0.08) + easing.between(within, READY - 0.09, READY)
    point = point + near[:, None] * (goal - head[hit]) + np.clip(rest, 0, 1)[:, None] * (goal - head)
    return point, axes, spot + objects.RADIUS_M["golf_ball"] * UP + BEFORE_HEAD_M * TARGET


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
    """Puts a hand on the grip; where the wrist is depends on the forearm and so is found in a few steps."""
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
