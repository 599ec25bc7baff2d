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
from synth.motion.builtin.rotations import about, apply, slerp, transpose, turn, unit
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
RAISE, DRAWN, LOOSE, LOWER, QUIVER, NOCKED = (
    (0.015, 0.19),
    (0.17, 0.37),
    0.57,
    (0.65, 0.83),
    (0.64, 0.79),
    (0.83, 0.985),
)
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
    """The bow's grip (T, 3), its axes (T, 3, 3), and the nocking point at rest (T, 3)."""

    grip: np.ndarray
    axes: np.ndarray

    @property
    def rest(self) -> np.ndarray:
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
    rig = figure.rig
    half = style["stance_share"] * rig.leg_m / 2
    steps = {}
    for side in SIDES:
        ahead = -SIGN[side] * half * np.sin(np.radians(style["open_deg"]))
        ground = np.tile([ahead, SIGN[side] * half * np.cos(np.radians(style["open_deg"])), 0.0], (figure.frames, 1))
        yaw = 0.6 * style["open_deg"] + SIGN[side] * 8.0
        steps[side] = feet.roll(rig, side, ground=ground, yaw_deg=yaw, pitch_deg=0.0)
    out = half - rig.hip_half_m + 0.03
    height = rig.feet["L"].ankle_m + np.sqrt((0.99 * rig.leg_m) ** 2 - out**2 - 0.03**2)
    hips = np.stack([0.025 + style["sway_m"] * sway["x"], style["sway_m"] * sway["y"], 0 * sway["x"] + height], axis=1)
    figure.pelvis(hips, turn(yaw_deg=style["open_deg"] + 0.5 * sway["trunk"], pitch_deg=0.4 * style["lean_deg"]))
    up = shot.raised
    chest_yaw = 14.0 * (1 - up) + up * (18.0 * (1 - shot.drawn) - 8.0 * shot.drawn)
    figure.spine(
        turn(
            yaw_deg=chest_yaw - style["open_deg"] + 0.8 * sway["trunk"],
            pitch_deg=style["lean_deg"] + 6.0 * (1 - up),
            roll_deg=2.0 * up * shot.drawn,
        )
    )
    down = easing.between(shot.within, LOWER[0] + 0.01, LOWER[1]) + 1 - easing.between(shot.within, 0.02, 0.14)
    figure.head(turn(yaw_deg=76.0 - 34.0 * down + 1.5 * sway["head"], pitch_deg=26.0 * down - 0.25 * style["aim_deg"]))
    for side in SIDES:
        figure.leg(side, steps[side])


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
    middle = (figure.shoulder("L", aim) + figure.shoulder("R", aim)) / 2
    at_low = middle + rig.arm_m * np.array([0.72, 0.5, -0.62])
    at_pre = middle + rig.arm_m * (0.35 * np.array([1.0, 0.0, 0.0]) + 1.02 * pre)
    shoulder = figure.shoulder("L", aim)
    final = _at_full_draw(rig, anchor, aim, _axes(aim, style["cant_deg"]), shoulder)
    at = (1 - up) * at_low + up * ((1 - drawn) * at_pre + drawn * final)
    at = at + 4 * up * (1 - up) * rig.arm_m * np.array([0.16, 0.16, 0.0])
    bow = Bow(easing.soften(at, 0.02), axes)
    pole = np.tile([-0.45, 0.25, -1.0], (frames, 1))
    toward = unit(bow.grip - shoulder)
    for _ in range(3):
        handling.hold(figure, "L", bow.grip, _around(figure, "L", toward, axes), pole, "grip")
        toward = handling.forearm(figure, "L")
    figure.fingers("L", "grip")
    return bow


def _way(yaw_deg: float, rise_deg: float, frames: int) -> np.ndarray:
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
    """(T, 3, 3) of a hand round the bow's grip, thumb up the bow, in line with the forearm as far as the bow lets it."""
    up = axes[:, :, 2]
    flat = toward + 0.5 * axes[:, :, 0]
    flat = unit(flat - np.sum(flat * up, axis=1, keepdims=True) * up)
    return figure.palm(side, flat, SIGN[side] * np.cross(flat, up))


def _draw_hand(figure: Figure, style: dict, shot: Shot, bow: Bow, anchor: np.ndarray) -> np.ndarray:
    """Poses the right arm, and gives the point (T, 3) where its fingers hold."""
    rig = figure.rig
    drawn, loose, quiver, nocked = (s[:, None] for s in (shot.drawn, shot.loose, shot.quiver, shot.nocked))
    ahead, up = bow.axes[:, :, 0], bow.axes[:, :, 2]
    pelvis = figure.bone("root")
    belt = (figure.joints()[:, [limb.joints[0] for limb in rig.legs.values()]]).mean(axis=1)
    belt = belt + apply(pelvis, np.array(BELT) * [rig.leg_m, rig.hip_half_m, rig.leg_m])
    aimed = bow.rest + drawn * (anchor - bow.rest)
    recoil = style["recoil_m"] * loose * (np.array([0.3, 0.0, 0.1]) - ahead)
    hook = (1 - nocked) * ((1 - quiver) * (aimed + recoil) + quiver * belt) + nocked * bow.rest
    hook = hook + 4 * nocked * (1 - nocked) * np.array([0.08, -0.03, 0.02])
    hook = hook + 4 * quiver * (1 - quiver) * np.array([0.15, -0.14, 0.0])
    tipped = apply(about(ahead, -HOOK_DEG), np.cross(up, ahead))
    string = figure.palm("R", ahead, tipped)
    down = np.tile([0.25, 0.2, -1.0], (figure.frames, 1))
    picking = figure.palm("R", down, np.tile([-0.1, 1.0, 0.0], (figure.frames, 1)))
    away = shot.quiver * (1 - shot.nocked)
    rotation = string @ _fractions(transpose(string) @ picking, away)
    at_draw = np.array([0.25, -0.8, np.tan(np.radians(style["elbow_deg"] + 27.0))])
    out = np.tile([-0.1, -1.0, -0.5], (figure.frames, 1))
    share = shot.raised[:, None]
    handling.hold(figure, "R", hook, rotation, share * at_draw + (1 - share) * out, "hook")
    handling.fingers_between(
        figure, "R", "hook", "relaxed", np.clip(shot.loose - easing.minimum_jerk(3 * shot.quiver - 2), 0, 1)
    )
    return hook


def _fractions(rotations: np.ndarray, share: np.ndarray) -> np.ndarray:
    return slerp(np.tile(np.eye(3), (len(share), 1, 1)), rotations, share)


def _string_share(shot: Shot) -> np.ndarray:
    """(T,) how far the string is drawn: it follows the hand and snaps back at the loose."""
    return shot.drawn * (shot.within < LOOSE)


def _string(bow: Bow, nock: np.ndarray) -> list[PropTrack]:
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
    return grip.track(
        "arrow", point, axes, shown * easing.between(shot.within, QUIVER[1] - 1e-6, QUIVER[1] + 0.02) ** brought
    )
