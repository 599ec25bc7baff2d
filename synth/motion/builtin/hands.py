"""Finger presets: how far each finger is curled and where the thumb points, and so how their bones turn.

A curl is measured from the flat hand, in which every bone of a finger lies in the plane of the palm, and is given for
the three bones of a finger in degrees towards the palm, each against the one before. The thumb's three bones are given
as directions: along the fingers, out of the palm, and across the palm to the little finger's side.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synth.motion.builtin.rig import SIGN, Rig
from synth.motion.builtin.rotations import about, apply, frame, swing, unit

FINGERS = ("2", "3", "4", "5")


@dataclass(frozen=True)
class Preset:
    """curls: degrees of the three bones. spread: of the fingers in the plane of the palm, 1 as at rest.
    thumb: three directions (along, out, across)."""

    curls: tuple[float, float, float]
    spread: float
    thumb: tuple[tuple[float, float, float], ...]


PRESETS = {
    "flat": Preset((3.0, 4.0, 4.0), 0.8, ((0.62, 0.3, -0.72), (0.8, 0.12, -0.58), (0.86, 0.08, -0.5))),
    "open": Preset((9.0, 12.0, 8.0), 1.0, ((0.58, 0.35, -0.75), (0.72, 0.2, -0.66), (0.8, 0.25, -0.55))),
    "relaxed": Preset((22.0, 28.0, 18.0), 0.7, ((0.66, 0.52, -0.5), (0.82, 0.42, -0.36), (0.88, 0.46, -0.12))),
    "fist": Preset((84.0, 102.0, 62.0), 0.0, ((0.74, 0.62, -0.22), (0.42, 0.6, 0.68), (-0.15, 0.12, 0.98))),
    # around a shaft of 3 cm, thumb across it; thumb against index and middle finger; three fingers round a string;
    # spread over a ball
    "grip": Preset((56.0, 76.0, 52.0), 0.25, ((0.6, 0.75, -0.28), (0.6, 0.76, 0.24), (0.3, 0.25, 0.92))),
    "pinch": Preset((48.0, 42.0, 22.0), 0.3, ((0.62, 0.68, -0.38), (0.8, 0.6, 0.08), (0.86, 0.44, 0.26))),
    "hook": Preset((18.0, 78.0, 52.0), 0.1, ((0.7, 0.5, -0.5), (0.74, 0.58, 0.34), (0.62, 0.5, 0.6))),
    "ball": Preset((16.0, 22.0, 16.0), 1.25, ((0.42, 0.42, -0.8), (0.58, 0.44, -0.68), (0.7, 0.5, -0.5))),
}


def turns(rig: Rig, side: str, preset: str | Preset) -> dict[int, np.ndarray]:
    """{bone: (3, 3) its rotation against the hand's} of one hand in a preset, one of `PRESETS` or an activity's own."""
    shape, out = PRESETS[preset] if isinstance(preset, str) else preset, {}
    for finger in FINGERS:
        out |= _finger(rig, side, finger, shape)
    return out | _thumb(rig, side, shape.thumb)


def _finger(rig: Rig, side: str, finger: str, shape: Preset) -> dict[int, np.ndarray]:
    along, palm = rig.hands[side].rest[:, 0], rig.hands[side].rest[:, 1]
    segments = _segments(rig, f"finger{finger}", side)
    ray = unit(segments[0] - palm * (segments[0] @ palm))
    flat = unit(shape.spread * ray + (1 - shape.spread) * along)
    hinge, angle, bones = np.cross(flat, palm), 0.0, {}
    for k, (segment, curl) in enumerate(zip(segments, shape.curls, strict=True)):
        angle += curl
        rest = frame(segment, palm + 0.5 * along)
        bones[rig.skeleton.index(f"finger{finger}-{k + 1}.{side}")] = about(hinge, angle) @ frame(flat, palm) @ rest.T
    return bones


def _thumb(rig: Rig, side: str, directions) -> dict[int, np.ndarray]:
    axes = rig.hands[side].rest * [1.0, 1.0, SIGN[side]]
    segments = _segments(rig, "finger1", side)
    return {
        rig.skeleton.index(f"finger1-{k + 1}.{side}"): swing(segments[k], axes @ np.array(directions[k]))
        for k in range(3)
    }


def _segments(rig: Rig, finger: str, side: str) -> list[np.ndarray]:
    """Rest directions of a finger's three bones; the last has no end in the rig and goes on bending as before."""
    first, second, third = (rig.joint(f"{finger}-{k}.{side}") for k in (1, 2, 3))
    near, middle = unit(second - first), unit(third - second)
    return [near, middle, apply(swing(near, middle), middle)]
