"""Taking the travel out of a motion, so that a person who walks away stays before the camera (`root: in_place`).

A motion that stays within TRAVEL_M is left alone: the hips' way back in a squat is motion and not travel. Otherwise
the smooth horizontal path is subtracted and the sway about it stays, as on a treadmill.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d

from synth.motion.motion import Motion

TRAVEL_M = 0.6
SMOOTH_S = 0.5


def path(motion: Motion) -> np.ndarray:
    """The travel at every frame, metres, z = 0; zeros if there is none. (T, 3), and for a cyclic motion (T + 1, 3) to
    the return of the first frame."""
    if motion.cyclic:
        cycles = np.arange(len(motion) + 1)[:, None] / len(motion)
        if np.hypot(*motion.travel_m[:2]) <= 1e-6:
            return np.zeros((len(cycles), 3))
        # The line through the middle of the walk: whatever the length of their stride, all bodies stay at one place.
        middle = motion.root.mean(axis=0) - cycles[:-1].mean() * motion.travel_m
        return (middle + cycles * motion.travel_m) * [1.0, 1.0, 0.0]
    horizontal = motion.root * [1.0, 1.0, 0.0]
    if np.ptp(horizontal[:, :2], axis=0).max() <= TRAVEL_M:
        return np.zeros_like(horizontal)
    # Continued through a point reflection at both ends: a walk goes on walking, and is not seen to slow down there.
    margin = min(round(4 * SMOOTH_S * motion.fps), len(horizontal) - 1)
    longer = np.pad(horizontal, ((margin, margin), (0, 0)), mode="reflect", reflect_type="odd")
    return gaussian_filter1d(longer, SMOOTH_S * motion.fps, axis=0)[margin : margin + len(horizontal)]


def in_place(motion: Motion, times_s: np.ndarray, root: np.ndarray) -> np.ndarray:
    """`root` (n, 3), sampled from `motion` at `times_s` (n,), without its travel."""
    track = path(motion)
    position = np.asarray(times_s) * motion.fps
    cycle = np.floor_divide(position, len(motion)) if motion.cyclic else np.zeros_like(position)
    frame = position - cycle * len(motion)
    along = np.stack([np.interp(frame, np.arange(len(track)), track[:, axis]) for axis in range(3)], axis=1)
    return root - along - cycle[:, None] * (motion.travel_m * [1.0, 1.0, 0.0])
