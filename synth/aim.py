"""Where the camera of a study block looks: computed once, from the reference body and the unmodified motion.

A sweep of appearance, size or amplitude then never moves the camera (design §3, ClipSpec).
"""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np

from synth.body import reference_skeleton
from synth.factors import MotionRef
from synth.motion import catalogue
from synth.motion.motion import Motion
from synth.motion.travel import in_place

SAMPLES_PER_S = 12.5


@functools.lru_cache(maxsize=512)
def motion_of(ref: MotionRef, assets_root: Path | None) -> Motion:
    """The motion on the reference body."""
    return catalogue.load(ref, reference_skeleton(), assets_root=assets_root)


@functools.lru_cache(maxsize=512)
def look_at(ref: MotionRef, *, root: str, assets_root: Path | None = None) -> tuple[float, float, float]:
    """The middle of the box that holds all joints over the whole motion, world metres, rounded to a millimetre."""
    motion = motion_of(ref, assets_root)
    times = np.arange(0.0, motion.duration_s, 1.0 / SAMPLES_PER_S)
    rotations, path = motion.sample(times)
    if root == "in_place":
        path = in_place(motion, times, path)
    joints = reference_skeleton().fk(rotations, path).reshape(-1, 3)
    return tuple(round(float(v), 3) for v in (joints.min(axis=0) + joints.max(axis=0)) / 2)
