"""Playing the violin: the instrument on the left collarbone under the chin, the right arm bowing, the body swaying.

A cycle is one pattern of strokes, each from rest to rest. The contact of bow and string stays between bridge and
fingerboard, the stick at right angles to the strings; string crossings tilt it about the strings. The bow is used as
far as the player's arm reaches. The left hand holds the neck, its fingers fall and lift one after another.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from synth.motion import objects
from synth.motion.builtin import easing, feet, grip, handling, hands
from synth.motion.builtin.figure import Figure
from synth.motion.builtin.rig import SIDES, SIGN, Rig
from synth.motion.builtin.rotations import about, apply, slerp, turn, unit
from synth.motion.builtin.style import Style
from synth.motion.motion import Motion

STYLE = Style(
    ranges={
        "tempo_hz": (0.42, 0.72),
        "violin_left_deg": (30.0, 56.0),  # of the neck from straight ahead
        "scroll_up_deg": (-12.0, 12.0),  # of the neck over the horizontal
        "tilt_deg": (16.0, 36.0),  # of the strings' side towards the bow arm
        "bow_share": (0.62, 1.0),  # of the bow that the arm can reach
        "crossing_deg": (4.0, 13.0),  # of the bow, to either side
        "elbow_raised_share": (0.0, 0.45),
        "head_turn_deg": (14.0, 26.0),
        "head_tilt_deg": (4.0, 14.0),
        "stance_share": (0.9, 1.7),
        "ahead_m": (0.0, 0.09),  # of the left foot
        "toe_out_deg": (4.0, 18.0),
        "lean_deg": (-3.0, 4.0),
        "sway_m": (0.008, 0.026),
        "sway_deg": (1.5, 5.0),
        "fingers_hz": (1.6, 4.0),
    },
    choices={"strokes": ("long", "detached", "long_short", "slurred")},
)
# Share of the bow used so far, 0 at the frog, at shares of the cycle; and the string, -1 the lowest, 1 the highest.
STROKES = {
    "long": {0.0: 0.0, 0.5: 1.0},
    "detached": {0.0: 0.1, 0.24: 0.75, 0.48: 0.2, 0.74: 0.95},
    "long_short": {0.0: 0.0, 0.4: 1.0, 0.55: 0.45, 0.68: 0.9, 0.8: 0.4, 0.88: 0.65},
    "slurred": {0.0: 0.05, 0.3: 0.8, 0.42: 0.4, 0.6: 1.0},
}
STRINGS = {
    "long": {0.0: -0.6, 0.25: 0.2, 0.5: 1.0, 0.75: 0.0},
    "detached": {0.0: -1.0, 0.3: 0.2, 0.6: 1.0, 0.8: 0.0},
    "long_short": {0.0: 0.6, 0.35: -0.6, 0.6: 1.0, 0.8: -0.2},
    "slurred": {0.0: 0.0, 0.3: -1.0, 0.5: 0.6, 0.75: 1.0},
}
CHIN = (0.80, 0.34, -0.74)  # from the head's joint to the jaw's left edge, in distances from that joint to the eye
STRING_X_M = 0.186  # where the bow touches: between bridge and fingerboard
SPARE_M = 0.03  # of hair at either end
NECK = hands.Preset((20.0, 84.0, 40.0), 0.5, ((0.62, 0.52, -0.6), (0.82, 0.5, -0.28), (0.9, 0.42, 0.0)))
LIFTED = hands.Preset((6.0, 66.0, 34.0), 0.6, NECK.thumb)


@dataclasses.dataclass(frozen=True)
class Place:
    """An object's origin (T, 3) and its own axes as columns (T, 3, 3)."""

    at: np.ndarray
    axes: np.ndarray

    def point(self, x: float, z: float) -> np.ndarray:
        """(T, 3) a point of the object's plane y = 0 in the world."""
        return self.at + x * self.axes[:, :, 0] + z * self.axes[:, :, 2]


def motion(rig: Rig, style: dict, rng: np.random.Generator, label: str) -> Motion:
    """The violinist of one style as a motion on the body of `rig`."""
    clock = easing.clock(style["tempo_hz"])
    figure = Figure(rig, clock.frames)
    sway = {n: easing.drift(easing.sway(rng, 1.0, waves=4), clock.loop) for n in ("x", "y", "turn", "bend", "head")}
    gone = easing.ease(STROKES[style["strokes"]], clock.phase)
    crossing = style["crossing_deg"] * easing.soften(easing.flow(STRINGS[style["strokes"]], clock.phase), 0.06)
    _stand(figure, style, sway)
    drawn = gone - 0.5  # the trunk gives way to the bow arm a little
    yaw = 4.0 + style["sway_deg"] * sway["turn"] - 3.0 * drawn
    figure.spine(turn(yaw_deg=yaw, pitch_deg=style["lean_deg"] + 0.6 * style["sway_deg"] * sway["bend"], roll_deg=-1.5))
    tilt = -style["head_tilt_deg"] + 1.5 * sway["head"]
    figure.head(turn(yaw_deg=style["head_turn_deg"] + 0.7 * yaw, pitch_deg=9.0 + 1.2 * sway["bend"], roll_deg=tilt))
    violin = _violin(figure, style)
    _left_hand(figure, violin, style, clock, sway["head"])
    bow = _bow(figure, violin, style, gone, crossing)
    props = [grip.track("violin", violin.at, violin.axes), grip.track("violin_bow", bow.at, bow.axes)]
    return handling.with_props(figure, label, props, cycles=clock.cycles)


def _stand(figure: Figure, style: dict, sway: dict) -> None:
    """Both feet flat, the left one ahead, the weight moving between them."""
    rig, steps = figure.rig, {}
    half = style["stance_share"] * rig.hip_half_m
    for side in SIDES:
        ahead = 0.5 * SIGN[side] * style["ahead_m"]
        ground = np.tile([ahead, SIGN[side] * half, 0.0], (figure.frames, 1))
        steps[side] = feet.roll(rig, side, ground=ground, yaw_deg=SIGN[side] * style["toe_out_deg"], pitch_deg=0.0)
    x, y = 0.02 + 0.6 * style["sway_m"] * sway["x"], style["sway_m"] * sway["y"]
    out = np.abs(half - rig.hip_half_m) + np.abs(y).max()
    high = rig.feet["L"].ankle_m + np.sqrt((0.995 * rig.leg_m) ** 2 - out**2 - (0.5 * style["ahead_m"] + 0.05) ** 2)
    hips = np.stack([x, y, np.full(figure.frames, high)], axis=1)
    figure.pelvis(hips, turn(yaw_deg=0.5 * style["sway_deg"] * sway["turn"], pitch_deg=1.0, roll_deg=0.5 * sway["y"]))
    for side in SIDES:
        figure.leg(side, steps[side])


def _violin(figure: Figure, style: dict) -> Place:
    """The violin with its chin rest under the jaw, pointing to the left of where the chest faces."""
    rig, chest = figure.rig, figure.bone("spine01")
    head, eye = (figure.rig.joint(name) for name in ("head", "eye.L"))
    jaw = figure.joints()[:, rig.skeleton.index("head")] + apply(
        figure.bone("head"), np.linalg.norm(eye - head) * np.array(CHIN)
    )
    ahead = chest[:, :, 0] * [1.0, 1.0, 0.0]
    aim = apply(turn(yaw_deg=style["violin_left_deg"]), unit(ahead))
    neck = unit(aim + np.tan(np.radians(style["scroll_up_deg"])) * np.array([0.0, 0.0, 1.0]))
    level = grip.axes_xz(neck, np.tile([0.0, 0.0, 1.0], (figure.frames, 1)))
    axes = about(neck, np.full(figure.frames, style["tilt_deg"])) @ level
    x, z = objects.VIOLIN_CHIN_M
    return Place(jaw - x * axes[:, :, 0] - z * axes[:, :, 2], axes)


def _left_hand(figure: Figure, violin: Place, style: dict, clock: easing.Clock, drift: np.ndarray) -> None:
    """The left hand round the neck from below, trembling a little (vibrato), its fingers on the strings in turn."""
    x, side, up = np.moveaxis(violin.axes, 2, 0)
    shake = 0.03 * np.sin(2 * np.pi * round(5.0 * clock.duration_s) * clock.loop)[:, None]
    fingers = unit(up - 0.32 * side + (0.12 + shake) * x)
    rotation = figure.palm("L", fingers, side - 0.45 * x)
    neck_x, neck_z = objects.VIOLIN_NECK_M
    point = violin.point(neck_x, neck_z - 0.004) + 0.008 * drift[:, None] * x
    handling.hold(figure, "L", point, rotation, unit(-up - 0.35 * side), "grip")
    taps = max(1, round(style["fingers_hz"] * clock.duration_s / 4))
    hand = figure.rotations[:, figure.rig.hands["L"].bone]
    down, lifted = (hands.turns(figure.rig, "L", preset) for preset in (NECK, LIFTED))
    for bone, rotation in down.items():
        number = int(figure.rig.skeleton.names[bone][len("finger")])
        beat = np.sin(2 * np.pi * (taps * clock.loop + 0.25 * number))
        share = easing.between(beat, 0.1, 0.7) * (number > 1)
        figure.rotations[:, bone] = hand @ slerp(rotation, lifted[bone], share)


def _bow(figure: Figure, violin: Place, style: dict, gone: np.ndarray, crossing_deg: np.ndarray) -> Place:
    """The bow on the strings, and the right arm that leads it."""
    turned = about(violin.axes[:, :, 0], crossing_deg) @ violin.axes
    # The stick's x runs from the frog on the right to the tip on the left; its hair looks down on the strings.
    axes = np.stack([turned[:, :, 1], -turned[:, :, 0], turned[:, :, 2]], axis=2)
    contact = violin.point(STRING_X_M, objects.VIOLIN_BRIDGE_M[1] - 0.001)
    least, most = objects.FIDDLE_BOW_M[0] + SPARE_M, objects.FIDDLE_BOW_M[1] - SPARE_M
    start = contact + objects.FIDDLE_HAIR_M * axes[:, :, 2]
    reach = _reached(figure, start, axes, least, most)
    drawn = 0.5 * (least + reach) + style["bow_share"] * (reach - least) * (gone - 0.5)
    at = start - drawn[:, None] * axes[:, :, 0]
    fingers, palm = _bow_hand(axes, drawn)
    pole = unit([-0.35, -1.0, style["elbow_raised_share"] - 0.95])
    handling.hold(figure, "R", at, figure.palm("R", fingers, palm), np.broadcast_to(pole, (figure.frames, 3)), "pinch")
    figure.fingers("R", "pinch")
    return Place(at, axes)


def _bow_hand(axes: np.ndarray, drawn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(T, 3) where the fingers of the bow hand and its palm point: over the stick, leaning towards its tip at the frog
    and back to the forearm's line when the bow is `drawn` (T,) metres."""
    stick, away, up = axes[:, :, 0], -axes[:, :, 1], axes[:, :, 2]
    lean = 0.6 - 1.6 * drawn[:, None]
    return unit(0.8 * away - 0.5 * up + lean * stick), unit(-0.75 * up - 0.5 * away)


def _reached(figure: Figure, start: np.ndarray, axes: np.ndarray, least: float, most: float) -> float:
    """How far down the bow, at most `most`, the arm can lead it in every frame, metres from the frog."""
    rig = figure.rig
    shoulder = figure.shoulder("R", -axes[:, :, 0])
    for drawn in np.linspace(most, least + 0.1, 40):
        rotation = figure.palm("R", *_bow_hand(axes, np.full(figure.frames, drawn)))
        wrist = grip.wrist(rig, "R", start - drawn * axes[:, :, 0], rotation, preset="pinch")
        if np.linalg.norm(wrist - shoulder, axis=1).max() < 0.975 * rig.arm_m:
            break
    return float(drawn)
