"""Archery: an arrow nocked on the string, the bow raised, drawn to the face, held, loosed, lowered; a new arrow.

The archer stands sideways to the target, which is on the side of the bow hand. The string is two straight pieces from
the tips of the bow to the nocking point; that point follows the drawing hand, and the arrow lies from it over the bow
hand. Stance, anchor at the face and the elbow in line with the arrow are those of the target archer (World Archery,
Coaching Manual, Entry Level, 2015, ch. 2). Authored for a right-handed archer and mirrored for a left-handed one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synth.motion import objects
from synth.motion.builtin import easing, feet, grip, handling
from synth.motion.builtin.figure import Figure
from synth.motion.builtin.rig import SIDES, SIGN, Rig
from synth.motion.builtin.rotations import about, apply, slerp, turn, unit
from synth.motion.builtin.style import Style
from synth.motion.motion import Motion
from synth.motion.props import PropTrack

STYLE = Style(
    ranges={
        "tempo_hz": (0.27, 0.36),
        "stance_share": (0.42, 0.72),  # between the ankles, over the length of a leg
        "open_deg": (-8.0, 26.0),  # of the hips, turned to the target
        "aim_deg": (-2.0, 14.0),  # of the arrow over the level
        "cant_deg": (0.0, 22.0),  # of the bow, top away from the face
        "elbow_deg": (-6.0, 16.0),  # of the drawing elbow over the arrow
        "recoil_m": (0.05, 0.12),  # of the hand after the loose
        "lean_deg": (-3.0, 5.0),
        "sway_m": (0.002, 0.006),
        "low_deg": (-52.0, -34.0),  # of the arrow while it is nocked
    },
    choices={"hand": ("R", "L", "R"), "anchor": ("chin", "cheek"), "raised": ("level", "high", "low")},
)
# Shares of the cycle.
RAISE, DRAWN, LOOSE = (0.015, 0.19), (0.17, 0.37), 0.57
LOWER, QUIVER, NOCKED = (0.65, 0.83), (0.64, 0.79), (0.83, 0.985)
HOOK_DEG = 50.0  # of the drawing hand's back, turned up
REST_M = 0.045  # the arrow over the middle of the bow hand
ANCHORS = {"chin": (1.05, -0.5, -1.95), "cheek": (0.95, -0.6, -1.0)}  # over the eyes' offset from the head's joint
RAISED_DEG = {"level": 8.0, "high": 42.0, "low": -22.0}  # of the arrow over its aim before the draw
ARROW_M_S = 16.0  # slow enough to be seen
BELT = (0.06, -1.3, 0.06)  # where arrows come from: ahead, to the left in half hips, and up in legs, from the hips


@dataclass(frozen=True)
class Shot:
    """Shares (T,) of what has been done: bow raised, string drawn, hand let go, hand at the quiver, hand at the string
    again; and the seconds since the loose."""

    raised: np.ndarray
    drawn: np.ndarray
    loose: np.ndarray
    quiver: np.ndarray
    nocked: np.ndarray
    flown_s: np.ndarray
    within: np.ndarray


@dataclass(frozen=True)
class Bow:
    """The bow's grip (T, 3) and its axes (T, 3, 3); rest: (T, 3) the nocking point of the undrawn string."""

    grip: np.ndarray
    axes: np.ndarray

    @property
    def rest(self) -> np.ndarray:
        """(T, 3) metres."""
        return self.grip + apply(self.axes, [objects.BOW_TIP_M[0], 0.0, REST_M])


def motion(rig: Rig, style: dict, rng: np.random.Generator, label: str) -> Motion:
    """The archery of one style as a motion on the body of `rig`."""
    clock = easing.clock(style["tempo_hz"])
    shot = _shot(clock)
    sway = {n: easing.drift(easing.sway(rng, 1.0), clock.loop) for n in ("x", "y", "trunk", "head")}
    figure = Figure(rig, clock.frames)
    _stand(figure, style, shot, sway)
    anchor = _anchor(figure, style)
    bow = _bow(figure, style, shot, anchor)
    hook = _draw_hand(figure, style, shot, bow, anchor)
    nock = bow.rest + _string_share(shot)[:, None] * (anchor - bow.rest)
    held = [grip.track("bow", bow.grip, bow.axes), *_string(bow, nock), _arrow(shot, bow, nock, hook, figure)]
    return handling.other_handed(handling.with_props(figure, label, held, cycles=clock.cycles), style["hand"])


def _shot(clock: easing.Clock) -> Shot:
    """How far everything has got at every frame."""
    within = clock.phase % 1.0
    return Shot(
        raised=easing.between(within, *RAISE) - easing.between(within, *LOWER),
        drawn=easing.between(within, *DRAWN),
        loose=easing.between(within, LOOSE, LOOSE + 0.05),
        quiver=easing.between(within, *QUIVER),
        nocked=easing.between(within, *NOCKED),
        flown_s=handling.since(clock.phase, LOOSE, clock.tempo_hz),
        within=within,
    )


def _stand(figure: Figure, style: dict, shot: Shot, sway: dict) -> None:
    """Feet astride on a line to the target (+Y), the trunk upright, the face to the target while the bow is up."""
    _astride(figure, style, sway)
    up = shot.raised
    chest = 14.0 * (1 - up) + up * (18.0 * (1 - shot.drawn) - 8.0 * shot.drawn)
    chest = chest - style["open_deg"] + 0.8 * sway["trunk"]
    lean = style["lean_deg"] + 6.0 * (1 - up)
    figure.spine(turn(yaw_deg=chest, pitch_deg=lean, roll_deg=2.0 * up * shot.drawn))
    down = easing.between(shot.within, LOWER[0] + 0.01, LOWER[1]) + 1 - easing.between(shot.within, 0.02, 0.14)
    look = 76.0 - 34.0 * down + 1.5 * sway["head"]
    figure.head(turn(yaw_deg=look, pitch_deg=26.0 * down - 0.25 * style["aim_deg"]))


def _astride(figure: Figure, style: dict, sway: dict) -> None:
    """Feet and hips, the feet on a line that is opened to the target by an angle."""
    rig, half = figure.rig, style["stance_share"] * figure.rig.leg_m / 2
    opened, frames = np.radians(style["open_deg"]), figure.frames
    out = half - rig.hip_half_m + 0.03
    height = rig.feet["L"].ankle_m + np.sqrt((0.99 * rig.leg_m) ** 2 - out**2 - 0.03**2)
    x, y = 0.025 + style["sway_m"] * sway["x"], style["sway_m"] * sway["y"]
    turned = turn(yaw_deg=style["open_deg"] + 0.5 * sway["trunk"], pitch_deg=0.4 * style["lean_deg"])
    figure.pelvis(np.stack([x, y, np.full(frames, height)], axis=1), turned)
    for side in SIDES:
        at = SIGN[side] * half * np.array([-np.sin(opened), np.cos(opened), 0.0])
        yaw = 0.6 * style["open_deg"] + SIGN[side] * 8.0
        figure.leg(side, feet.roll(rig, side, ground=np.tile(at, (frames, 1)), yaw_deg=yaw, pitch_deg=0.0))


def _anchor(figure: Figure, style: dict) -> np.ndarray:
    """(T, 3) where the nock is at full draw, by the face turned to the target."""
    rig = figure.rig
    eyes = (rig.joint("eye.L") + rig.joint("eye.R")) / 2 - rig.joint("head")
    size = eyes[[0, 0, 2]]
    head = figure.rig.skeleton.index("head")
    return figure.joints()[:, head] + apply(figure.rotations[:, head], np.array(ANCHORS[style["anchor"]]) * size)


def _axes(ahead: np.ndarray, cant_deg) -> np.ndarray:
    """(T, 3, 3) of a bow whose arrow leaves along `ahead`, its top leaning by an angle to the archer's front."""
    upright = grip.axes_xz(ahead, np.broadcast_to([0.0, 0.0, 1.0], ahead.shape))
    return upright @ about([1.0, 0.0, 0.0], cant_deg)


def _bow(figure: Figure, style: dict, shot: Shot, anchor: np.ndarray) -> Bow:
    """Where the bow is: low before the body, raised, and at the end of the straight bow arm at full draw."""
    rig, frames = figure.rig, figure.frames
    aim = _way(90.0, style["aim_deg"], frames)
    pre = _way(84.0, style["aim_deg"] + RAISED_DEG[style["raised"]], frames)
    low = _way(68.0, style["low_deg"], frames)
    up, drawn = shot.raised[:, None], shot.drawn[:, None]
    ahead = unit((1 - up) * low + up * ((1 - drawn) * pre + drawn * aim))
    axes = _axes(ahead, style["cant_deg"] * (0.4 + 0.6 * shot.raised) + 30.0 * (1 - shot.raised))
    shoulder = figure.shoulder("L", aim)
    middle = (shoulder + figure.shoulder("R", aim)) / 2
    at_low = middle + rig.arm_m * np.array([0.72, 0.5, -0.62])
    at_pre = middle + rig.arm_m * (np.array([0.35, 0.0, 0.0]) + 1.02 * pre)
    final = _at_full_draw(rig, anchor, aim, _axes(aim, style["cant_deg"]), shoulder)
    at = (1 - up) * at_low + up * ((1 - drawn) * at_pre + drawn * final)
    at = at + 4 * up * (1 - up) * rig.arm_m * np.array([0.16, 0.16, 0.0])  # clear of the body on its way
    bow = Bow(easing.soften(at, 0.02), axes)
    _bow_arm(figure, bow, unit(bow.grip - shoulder))
    return bow


def _bow_arm(figure: Figure, bow: Bow, toward: np.ndarray) -> None:
    """Puts the left hand on the grip; it is in line with the forearm, and so is found in a few steps."""
    pole = np.tile([-0.45, 0.25, -1.0], (figure.frames, 1))
    for _ in range(3):
        handling.hold(figure, "L", bow.grip, _around(figure, "L", toward, bow.axes), pole, "grip")
        toward = handling.forearm(figure, "L")
    figure.fingers("L", "grip")


def _way(yaw_deg: float, rise_deg: float, frames: int) -> np.ndarray:
    """(T, 3) one direction for all frames."""
    return np.tile(turn(yaw_deg=yaw_deg, pitch_deg=-rise_deg)[:, 0], (frames, 1))


def _at_full_draw(rig: Rig, anchor: np.ndarray, aim: np.ndarray, axes: np.ndarray, shoulder: np.ndarray) -> np.ndarray:
    """(T, 3) the bow's grip on the line from the anchor along `aim`, as far out as the straight arm reaches."""
    start = anchor - REST_M * axes[:, :, 2]
    hand = rig.hands["L"].length_m
    out_of_palm = np.cross(aim, axes[:, :, 2])
    wrist = start - 0.31 * hand * out_of_palm - 0.91 * hand * aim - shoulder
    along = np.sum(wrist * aim, axis=1)
    room = (0.985 * rig.arm_m) ** 2 - np.sum(wrist**2, axis=1) + along**2
    return start + (np.sqrt(np.maximum(room, 1e-4)) - along)[:, None] * aim


def _around(figure: Figure, side: str, toward: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """(T, 3, 3) of a hand round the bow's grip, thumb up the bow, in line with the forearm as far as may be."""
    up = axes[:, :, 2]
    flat = toward + 0.5 * axes[:, :, 0]
    flat = unit(flat - np.sum(flat * up, axis=1, keepdims=True) * up)
    return figure.palm(side, flat, SIGN[side] * np.cross(flat, up))


def _draw_hand(figure: Figure, style: dict, shot: Shot, bow: Bow, anchor: np.ndarray) -> np.ndarray:
    """Poses the right arm, and gives the point (T, 3) where its fingers hold."""
    ahead, up = bow.axes[:, :, 0], bow.axes[:, :, 2]
    hook = _hook(figure, style, shot, bow, anchor)
    string = figure.palm("R", ahead, apply(about(ahead, -HOOK_DEG), np.cross(up, ahead)))
    down, inwards = (np.tile(way, (figure.frames, 1)) for way in ([0.25, 0.2, -1.0], [-0.1, 1.0, 0.0]))
    rotation = slerp(string, figure.palm("R", down, inwards), shot.quiver * (1 - shot.nocked))
    share = shot.raised[:, None]
    at_draw = np.array([0.25, -0.8, np.tan(np.radians(style["elbow_deg"] + 27.0))])
    pole = share * at_draw + (1 - share) * np.array([-0.1, -1.0, -0.5])
    handling.hold(figure, "R", hook, rotation, pole, "hook")
    let_go = np.clip(shot.loose - easing.minimum_jerk(3 * shot.quiver - 2), 0.0, 1.0)
    handling.fingers_between(figure, "R", "hook", "relaxed", let_go)
    return hook


def _hook(figure: Figure, style: dict, shot: Shot, bow: Bow, anchor: np.ndarray) -> np.ndarray:
    """(T, 3) the way of the drawing fingers: string, face, back at the loose, quiver at the belt, string."""
    rig = figure.rig
    drawn, loose, quiver, nocked = (s[:, None] for s in (shot.drawn, shot.loose, shot.quiver, shot.nocked))
    hips = (figure.joints()[:, [limb.joints[0] for limb in rig.legs.values()]]).mean(axis=1)
    belt = hips + apply(figure.bone("root"), np.array(BELT) * [rig.leg_m, rig.hip_half_m, rig.leg_m])
    aimed = bow.rest + drawn * (anchor - bow.rest)
    recoil = style["recoil_m"] * loose * (np.array([0.3, 0.0, 0.1]) - bow.axes[:, :, 0])
    hook = (1 - nocked) * ((1 - quiver) * (aimed + recoil) + quiver * belt) + nocked * bow.rest
    hook = hook + 4 * nocked * (1 - nocked) * np.array([0.08, -0.03, 0.02])
    return hook + 4 * quiver * (1 - quiver) * np.array([0.15, -0.14, 0.0])  # round the shoulder


def _string_share(shot: Shot) -> np.ndarray:
    """(T,) how far the string is drawn: it follows the hand and snaps back at the loose."""
    return shot.drawn * (shot.within < LOOSE)


def _string(bow: Bow, nock: np.ndarray) -> list[PropTrack]:
    """The two pieces from the tips to the nock, each as long as the way."""
    x, z = objects.BOW_TIP_M
    pieces = []
    for tip in (bow.grip + apply(bow.axes, [x, 0.0, z]), bow.grip + apply(bow.axes, [x, 0.0, -z])):
        along = nock - tip
        length = np.linalg.norm(along, axis=1)
        axes = grip.axes_zx(along / length[:, None], bow.axes[:, :, 0])
        pieces.append(grip.track("bowstring", tip, axes, np.stack([np.ones_like(length)] * 2 + [length], axis=1)))
    return pieces


def _arrow(shot: Shot, bow: Bow, nock: np.ndarray, hook: np.ndarray, figure: Figure) -> PropTrack:
    """On the string until the loose, then on its way and gone, then brought from the quiver by the hand."""
    ahead = bow.axes[:, :, 0]
    flying = (shot.within >= LOOSE) & (shot.within < QUIVER[1])
    brought = shot.within >= QUIVER[1]
    way = ARROW_M_S * shot.flown_s[:, None] * ahead
    point = np.where(flying[:, None], nock + way, np.where(brought[:, None], hook, nock))
    shown = np.where(flying, ARROW_M_S * shot.flown_s < handling.GONE_M, True)
    down = np.tile([0.15, 0.1, -1.0], (figure.frames, 1))
    over_hand = unit(bow.grip + REST_M * bow.axes[:, :, 2] - nock)
    lifted = (1 - shot.nocked)[:, None] * down + shot.nocked[:, None] * ahead
    toward = np.where(brought[:, None], lifted, over_hand)
    axes = grip.axes_xz(unit(toward), bow.axes[:, :, 2])
    fetched = easing.between(shot.within, QUIVER[1] - 1e-6, QUIVER[1] + 0.02)
    return grip.track("arrow", point, axes, shown * np.where(brought, fetched, 1.0))
