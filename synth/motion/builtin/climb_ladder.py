"""Climbing a ladder: hand over hand and foot after foot, two rungs up and down the same way again,
which keeps the climber in the picture of a camera that stands still.

A step takes one foot two rungs on, past the other one, and one hand with it: the opposite one, that of the same side,
or the hand before the foot. Going down is going up backwards in time. The ladder leans away from the climber and stands
still; what holds, holds: soles lie with their arch on a rung, hands close round one. A foot leaves its rung backwards,
because its toes are between the rungs, and the trunk rises with every step over the leg that carries it.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from synth.motion import objects
from synth.motion.builtin import easing, grip, handling
from synth.motion.builtin.feet import Step
from synth.motion.builtin.figure import Figure
from synth.motion.builtin.rig import SIDES, SIGN, Rig
from synth.motion.builtin.rotations import about, apply, turn, unit
from synth.motion.builtin.style import Style
from synth.motion.motion import Motion

STYLE = Style(
    ranges={
        "tempo_hz": (0.22, 0.34),  # of the way up and down
        "lean_deg": (7.0, 14.0),  # of the ladder from the vertical
        "back_share": (0.37, 0.48),  # of the hips behind the feet, of the arm's length
        "trunk_deg": (5.0, 13.0),  # of the chest towards the ladder
        "knees_out_deg": (28.0, 46.0),
        "toe_out_deg": (2.0, 12.0),
        "feet_apart_m": (0.17, 0.23),
        "hands_apart_m": (0.2, 0.27),
        "elbows_out_share": (0.3, 1.2),
        "sway_m": (0.015, 0.04),
        "head_deg": (-10.0, 6.0),
        "flat_deg": (-6.0, 8.0),  # of the foot on the rung, heel up
    },
    choices={"gait": ("diagonal", "lateral", "hand_first"), "first": SIDES},
)
STEPS = 2  # rungs up, a foot and a hand each
OFFSETS = (5, 4, 3)  # rungs that a hand holds above its foot: the highest that the arms reach
ARCH = 0.62  # of the way from ankle to ball: what lies on the rung
BACK_M, AWAY_M = 0.17, 0.1  # how far a foot and a hand leave the rungs when they change them
SWINGS = {  # shares of a step in which the foot and the hand move
    "diagonal": ((0.1, 0.92), (0.06, 0.8)),
    "lateral": ((0.08, 0.88), (0.14, 0.94)),
    "hand_first": ((0.36, 0.98), (0.02, 0.6)),
}


@dataclasses.dataclass(frozen=True)
class Ladder:
    """Where it stands and how it leans: foot (3,), axes (3, 3)."""

    foot: np.ndarray
    axes: np.ndarray

    def rung(self, number: np.ndarray, across_m: float, away_m: np.ndarray) -> np.ndarray:
        """(T, 3) points of rungs `number` (T,), from 0, also between them; `away_m` (T,) towards the climber."""
        lowest, apart, _ = objects.LADDER_RUNGS_M
        local = np.stack([-away_m, np.full(len(number), across_m), lowest + apart * number], axis=1)
        return self.foot + local @ self.axes.T


@dataclasses.dataclass(frozen=True)
class Change:
    """Which rung a limb holds (T,), between two while it changes, and how far it has let go (T,), 0 holding to 1."""

    rung: np.ndarray
    away: np.ndarray


def motion(rig: Rig, style: dict, rng: np.random.Generator, label: str) -> Motion:
    """The climb of one style as a motion on the body of `rig`."""
    clock = easing.clock(style["tempo_hz"])
    figure = Figure(rig, clock.frames)
    gone = STEPS * (1 - np.abs(1 - 2 * (clock.phase % 1.0)))  # steps gone, up and down again
    sway = {n: easing.drift(easing.sway(rng, 1.0), clock.loop) for n in ("yaw", "head")}
    ladder = Ladder(np.array([0.3, 0.0, 0.0]), about([0.0, 1.0, 0.0], style["lean_deg"]))
    other = {"L": "R", "R": "L"}
    order = {style["first"]: 0, other[style["first"]]: 1}
    feet = {s: _change(gone, order[s], STEPS, SWINGS[style["gait"]][0], first=order[s]) for s in SIDES}
    steps = {s: _foothold(rig, s, ladder, feet[s], style) for s in SIDES}
    hips = _hips(rig, style, ladder, steps, gone, order)
    lean = style["lean_deg"]
    bent = 3.0 * np.sin(np.pi * gone)
    twist = style["sway_m"] * 100 * _weight(gone, order)
    figure.pelvis(hips, turn(pitch_deg=0.5 * lean + 2.0, yaw_deg=1.2 * twist + sway["yaw"], roll_deg=-0.8 * twist))
    figure.spine(
        turn(pitch_deg=style["trunk_deg"] - 0.3 * lean, yaw_deg=-1.5 * twist, roll_deg=0.8 * twist + 0.3 * bent)
    )
    figure.head(turn(pitch_deg=style["head_deg"] + 2.0 * sway["head"], yaw_deg=3.0 * sway["head"]))
    for side in SIDES:
        high = np.clip((steps[side].ankle[:, 2] - steps[other[side]].ankle[:, 2]) / 0.3, 0.0, 1.0)
        figure.leg(side, steps[side], knees_out_deg=style["knees_out_deg"] * (0.45 + 0.55 * high))
    leading = order if style["gait"] == "lateral" else {s: order[other[s]] for s in SIDES}
    _arms(figure, style, ladder, gone, leading)
    stands = grip.track("ladder", np.tile(ladder.foot, (clock.frames, 1)), np.tile(ladder.axes, (clock.frames, 1, 1)))
    return handling.with_props(figure, label, [], [stands], cycles=clock.cycles)


def _change(gone: np.ndarray, turn_of: int, steps: int, window: tuple[float, float], *, first: int) -> Change:
    """A limb that starts on rung `first` and moves by two in every step whose number has the parity `turn_of`."""
    rung, away = np.full(len(gone), float(first)), np.zeros(len(gone))
    for step in range(turn_of, steps, 2):
        share = (gone - step - window[0]) / (window[1] - window[0])
        rung += 2 * easing.between(share, 0.08, 0.76)
        away += easing.between(share, 0.0, 0.36) * (1 - easing.between(share, 0.6, 1.0))
    return Change(rung, away)


def _foothold(rig: Rig, side: str, ladder: Ladder, change: Change, style: dict) -> Step:
    """The foot with its arch on the rung, its toes a little up when it is off, to clear it."""
    frames = len(change.rung)
    shape = rig.feet[side]
    yaw = np.full(frames, SIGN[side] * style["toe_out_deg"])
    pitch = style["flat_deg"] - 8.0 * change.away
    rotation = turn(yaw_deg=yaw) @ about([0.0, 1.0, 0.0], pitch)
    sole = np.array([ARCH * shape.ball[0], 0.0, -shape.ankle_m - objects.RUNG_RADIUS_M])
    at = ladder.rung(change.rung, SIGN[side] * style["feet_apart_m"] / 2, BACK_M * change.away)
    return Step(at - apply(rotation, sole), rotation, rotation, turn(yaw_deg=yaw)[:, :, 0])


def _weight(gone: np.ndarray, order: dict[str, int]) -> np.ndarray:
    """(T,) -1 over the right leg to 1 over the left one: over the leg that does not step."""
    stepping = np.cos(np.pi * (np.floor(gone) % 2))  # 1 while the first limb steps
    swing = np.sin(np.pi * (gone % 1.0)) ** 2 * stepping
    return easing.soften(swing * (1.0 if order["R"] == 0 else -1.0), 0.05)


def _hips(rig: Rig, style: dict, ladder: Ladder, steps: dict, gone: np.ndarray, order: dict) -> np.ndarray:
    """(T, 3) as high as the carrying legs let them, one rung higher with every step, leaning back with the ladder."""
    whole = np.floor(np.minimum(gone, STEPS - 1e-9))
    risen = whole + 0.8 * easing.between(gone - whole, 0.15, 0.95) + 0.2 * (gone - whole)
    risen = easing.soften(risen, 0.06)
    rise = objects.LADDER_RUNGS_M[1] * ladder.axes[:, 2]
    start = (steps["L"].ankle + steps["R"].ankle)[np.argmin(gone)] / 2
    hips = start * [1.0, 0.0, 0.0] - [style["back_share"] * rig.arm_m, 0.0, 0.0] + risen[:, None] * rise
    hips[:, 1] += style["sway_m"] * _weight(gone, order)
    room = np.inf
    for side in SIDES:
        ankle = steps[side].ankle
        out = np.hypot(ankle[:, 0] - hips[:, 0], ankle[:, 1] - hips[:, 1] - SIGN[side] * rig.hip_half_m)
        high = ankle[:, 2] + np.sqrt((0.985 * rig.leg_m) ** 2 - out**2)
        room = min(room, float((high - hips[:, 2]).min()))
    return hips + (room - 0.015) * np.array([0.0, 0.0, 1.0])


def _arms(figure: Figure, style: dict, ladder: Ladder, gone: np.ndarray, leading: dict[str, int]) -> None:
    """The hands on the rungs, as high as both arms reach; they open a little when they change."""
    for offset in OFFSETS:
        hands = {
            s: _change(gone, leading[s], STEPS, SWINGS[style["gait"]][1], first=leading[s] + offset) for s in SIDES
        }
        wrists = {s: _wrist(figure, s, ladder, hands[s], style) for s in SIDES}
        if all(_reached(figure, s, wrists[s][0]) for s in SIDES):
            break
    for side in SIDES:
        pole = unit(np.array([-0.3, SIGN[side] * style["elbows_out_share"], -1.0]))
        figure.reach(side, wrists[side][0], np.broadcast_to(pole, (figure.frames, 3)))
        figure.hand_at(side, wrists[side][1])
        handling.fingers_between(figure, side, "grip", "open", 0.5 * hands[side].away)


def _wrist(figure: Figure, side: str, ladder: Ladder, change: Change, style: dict) -> tuple[np.ndarray, np.ndarray]:
    """Wrist (T, 3) and rotation (T, 3, 3) of a hand that lies round a rung with the fingers over it."""
    point = ladder.rung(change.rung, SIGN[side] * style["hands_apart_m"] / 2, AWAY_M * change.away)
    shoulder = figure.shoulder(side, np.tile([0.9, 0.0, 0.3], (figure.frames, 1)))
    fingers = unit((point - shoulder) * [1.0, 0.0, 1.0] + [0.0, 0.0, 0.3])
    rotation = figure.palm(side, fingers, np.cross(fingers, [0.0, -1.0, 0.0]))
    return grip.wrist(figure.rig, side, point, rotation, preset="grip"), rotation


def _reached(figure: Figure, side: str, wrist: np.ndarray) -> bool:
    shoulder = figure.shoulder(side, wrist - figure.joints()[:, figure.rig.arms[side].joints[0]])
    return bool(np.linalg.norm(wrist - shoulder, axis=1).max() < 0.97 * figure.rig.arm_m)
