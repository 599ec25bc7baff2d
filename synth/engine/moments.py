"""Which moments of a clip are worth asking for: none that the clip has shown before.

A clip may be longer than the cycle of its motion, as where a model needs a hundred frames of a push-up of twenty
poses. Its moments are equally spaced, so they come again from some frame on or never do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

EQUAL_S = 2e-6  # two times that differ by less are one: times have six digits on the wire, and so has the cycle


@dataclass(frozen=True, eq=False)
class Moments:
    """asked: the times to ask for. frames: (T,) the number in `asked` of every frame. pairs: (T - 1,) the number of
    the first of the two moments, consecutive in `asked`, between which flow goes from each frame to the next."""

    asked: tuple[float, ...]
    frames: np.ndarray
    pairs: np.ndarray


def moments(times_s: Sequence[float], *, cycle_s: float, pairs: bool) -> Moments:
    """The moments of frames at `times_s`.

    Args:
        cycle_s: after how long the motion shows the same again; 0 where it does not.
        pairs: whether flow is wanted, which needs the moment after the last pose as well.
    """
    count = len(times_s)
    every = period(np.asarray(times_s), cycle_s)
    frame, pair = np.arange(count) % every, np.arange(count - 1) % every
    return Moments(tuple(times_s[: every + (pairs and every < count)]), frame, pair)


def period(times_s: np.ndarray, cycle_s: float) -> int:
    """After how many frames (1 to T) the poses come again; T where they do not."""
    again = np.flatnonzero(_same(times_s[1:] - times_s[0], cycle_s)) + 1
    for every in again.tolist():
        if _same(times_s[every:] - times_s[:-every], cycle_s).all():
            return every
    return len(times_s)


def _same(apart_s: np.ndarray, cycle_s: float) -> np.ndarray:
    """Whether moments that lie so far apart show the same."""
    if cycle_s > 0:
        apart_s = apart_s - np.round(apart_s / cycle_s) * cycle_s
    return np.abs(apart_s) < EQUAL_S
