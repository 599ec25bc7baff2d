"""Time: the clock of a looping motion, keyed tracks with human easing, and slow drift that closes with the loop.

A hand or a trunk that goes from rest to rest follows the minimum-jerk curve 10 s^3 - 15 s^4 + 6 s^5 (Flash and
Hogan, "The coordination of arm movements", J. Neurosci. 1985, eq. 8); `ease` tracks use it between keys. `flow`
tracks pass through their keys without overshoot (monotone cubic, Fritsch and Carlson 1980).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import PchipInterpolator
from scipy.ndimage import gaussian_filter1d

FPS = 50.0
SHORTEST_S = 4.0


@dataclass(frozen=True)
class Clock:
    """The frames of one loop.

    phase: (T,) cycles since the start, evenly spaced up to a slow wander; it gains exactly `cycles` over the
    loop. loop: (T,) share of the loop gone by, in [0, 1). tempo_hz: cycles per second.
    """

    frames: int
    cycles: int
    tempo_hz: float
    phase: np.ndarray
    loop: np.ndarray

    @property
    def duration_s(self) -> float:
        """Of the whole loop."""
        return self.frames / FPS


def clock(tempo_hz: float, *, wander: np.ndarray | None = None) -> Clock:
    """A whole number of cycles that lasts at least `SHORTEST_S`; the tempo is met to within half a frame."""
    cycles = math.ceil(SHORTEST_S * tempo_hz)
    frames = round(cycles * FPS / tempo_hz)
    loop = np.arange(frames) / frames
    phase = cycles * loop
    if wander is not None:
        phase = phase + drift(wander, loop)
    return Clock(frames, cycles, cycles * FPS / frames, phase, loop)


def sway(rng: np.random.Generator, amplitude: float, *, waves: int = 3) -> np.ndarray:
    """(waves, 2) amplitudes and offsets of a slow drift whose size is about `amplitude`; see `drift`."""
    sizes = rng.uniform(0.3, 1.0, waves) / np.arange(1, waves + 1) ** 0.5
    return np.stack([amplitude * sizes / np.linalg.norm(sizes), rng.uniform(0, 1, waves)], axis=1)


def drift(waves: np.ndarray, loop: np.ndarray) -> np.ndarray:
    """(T,) sum of one, two, three ... waves per loop, so that it closes with the loop."""
    counts = np.arange(1, len(waves) + 1)[:, None]
    return np.sum(waves[:, :1] * np.sin(2 * np.pi * (counts * loop + waves[:, 1:])), axis=0)


def minimum_jerk(share) -> np.ndarray:
    """Rest to rest: 0 at 0, 1 at 1, constant outside, with speed and acceleration 0 at both ends."""
    s = np.clip(np.asarray(share, dtype=np.float64), 0.0, 1.0)
    return s**3 * (10 + s * (6 * s - 15))


def between(values, start: float, end: float) -> np.ndarray:
    """Minimum-jerk rise from 0 at `start` to 1 at `end`."""
    return minimum_jerk((np.asarray(values) - start) / (end - start))


def _spans(times: np.ndarray, phase: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each phase, the key it follows and the share of the way to the next key of the loop."""
    wrapped = (phase - times[0]) % 1.0 + times[0]
    span = np.searchsorted(times, wrapped, side="right") - 1
    ends = np.append(times[1:], times[0] + 1.0)
    return span, (wrapped - times[span]) / (ends[span] - times[span])


def ease(keys: dict[float, object], phase: np.ndarray) -> np.ndarray:
    """Values at `phase` (T,) of keys {phase in [0, 1): number or vector}, resting at every key."""
    times, values = _sorted(keys)
    span, share = _spans(times, phase)
    share = minimum_jerk(share).reshape(-1, *[1] * (values.ndim - 1))
    return values[span] * (1 - share) + values[(span + 1) % len(values)] * share


def flow(keys: dict[float, object], phase: np.ndarray) -> np.ndarray:
    """As `ease`, but flowing through the keys: rests only where a value is an extreme, never overshoots."""
    times, values = _sorted(keys)
    tiled = np.concatenate([times - 1, times, times + 1])
    curve = PchipInterpolator(tiled, np.concatenate([values] * 3), axis=0)
    return curve(phase % 1.0)


def _sorted(keys: dict[float, object]) -> tuple[np.ndarray, np.ndarray]:
    times = sorted(keys)
    return np.array(times), np.array([keys[t] for t in times], dtype=np.float64)


def soften(values: np.ndarray, seconds: float) -> np.ndarray:
    """A looping track (T, ...) under a Gaussian of `seconds`: what muscles do to a corner."""
    return gaussian_filter1d(values, seconds * FPS, axis=0, mode="wrap")
