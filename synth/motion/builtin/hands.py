"""Finger presets: how far each finger is curled, and so how its bones turn against the hand.

A curl is measured from the flat hand, in which every bone of a finger lies in the plane of the palm; the presets
give the angles of the three bones of a finger towards the palm, in degrees, one against the other.
"""

from __future__ import annotations

import numpy as np

from synth.motion.builtin.rig import Rig
from synth.motion.builtin.rotations import about, apply, frame, swing, unit

FINGERS = ("2", "3", "4", "5")
# preset: (curl of the three bones, spread of the fingers, curl of the thumb's bones, how far the thumb crosses the palm)
PRESETS = {
    "flat": ((4.0, 4.0, 4.0), 1.0, (0.0, 0.0, 0.0), 0.0),
    "spread": ((2.0, 3.0, 3.0), 2.2, (-8.0, 0.0, 0.0), -12.0),
    "relaxed": ((22.0, 28.0, 18.0), 0.8, (8.0, 10.0, 10.0), 8.0),
    "open": ((9.0, 12.0, 8.0), 1.0, (0.0, 5.0, 5.0), -5.0),
    "fist": ((82.0, 98.0, 58.0), 0.0, (20.0, 35.0, 45.0), 42.0),
}


def turns(rig: Rig, side: str, preset: str) -> dict[int, np.ndarray]:
    """{bone: (3, 3) its rotation against the hand's} of one hand in a preset."""
    curls, spread, thumb, crossing = PRESETS[preset]
    out: dict[int, np.ndarray] = {}
    for finger in FINGERS:
        out |= _finger(rig, side, finger, curls, spread)
    return out | _thumb(rig, side, thumb, crossing)


def _finger(rig: Rig, side: str, finger: str, curls, spread: float) -> dict[int, np.ndarray]:
    along, palm = rig.hands[side].rest[:, 0], rig.hands[side].rest[:, 1]
    segments = _segments(rig, f"finger{finger}", side)
    ray = segments[0] - palm * (segments[0] @ palm)  # the flat finger keeps its rest spread, scaled
    flat = unit(swing(along, unit(ray)) @ along * spread + along * (1 - spread)) if spread != 1.0 else unit(ray)
    hinge = np.cross(flat, palm)
    bones, angle = {}, 0.0
    for k, (segment, curl) in enumerate(zip(segments, curls, strict=True)):
        angle += curl
        index = rig.skeleton.index(f"finger{finger}-{k + 1}.{side}")
        bones[index] = about(hinge, angle) @ frame(flat, palm) @ frame(segment, palm + 0.5 * along).T
    return bones


def _thumb(rig: Rig, side: str, curls, crossing: float) -> dict[int, np.ndarray]:
    along, palm, across = rig.hands[side].rest.T
    segments = _segments(rig, "finger1", side)
    inwards = across if segments[0] @ across < 0 else -across  # from the thumb's side to the other
    opposed = about(along, crossing * np.sign(np.cross(along, inwards) @ palm)) @ np.eye(3)
    hinge = unit(np.cross(segments[1], inwards + 0.6 * palm))
    bones, angle = {}, 0.0
    for k, curl in enumerate(curls):
        angle += curl
        bones[rig.skeleton.index(f"finger1-{k + 1}.{side}")] = opposed @ about(hinge, angle)
    return bones


def _segments(rig: Rig, finger: str, side: str) -> list[np.ndarray]:
    """Rest directions of a finger's three bones; the last has no end in the rig and goes on bending as before."""
    first, second, third = (rig.joint(f"{finger}-{k}.{side}") for k in (1, 2, 3))
    near, middle = unit(second - first), unit(third - second)
    return [near, middle, apply(swing(near, middle), middle)]
