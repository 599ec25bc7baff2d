"""A ball between hand and floor: when hands touch it and where it is in between, so that whole bounces fill a cycle.

Free of the hand the ball falls as a point mass does and keeps a share of its speed when it bounces. What it loses the
hand gives back: the push follows from height and tempo. While a hand has the ball, both follow the cubic that joins
one flight to the next in place and velocity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicHermiteSpline
from scipy.optimize import brentq

from synth.motion import objects
from synth.motion.builtin import easing
from synth.motion.builtin.handling import GRAVITY
from synth.motion.builtin.rotations import about

RADIUS_M = objects.RADIUS_M["basketball"]
KEPT = 0.88  # of its speed, in a bounce
FOLLOW_S = 0.14  # a hand follows the ball, and comes up to meet it, so long at most
_UP = np.array([0.0, 0.0, 1.0])


@dataclass(frozen=True)
class Touch:
    """A hand takes the ball at `at` (3,) at `start_s` and gives it there at `end_s`; arriving, leaving: (3,) m/s."""

    side: str
    start_s: float
    end_s: float
    at: np.ndarray
    arriving: np.ndarray
    leaving: np.ndarray


@dataclass(frozen=True)
class Play:
    """The two touches of a cycle of `cycle_s`, each followed by a flight that meets the floor after `down_s`."""

    touches: tuple[Touch, Touch]
    cycle_s: float
    down_s: float

    def of(self, side: str) -> list[Touch]:
        """The touches of one hand."""
        return [touch for touch in self.touches if touch.side == side]


def play(sides: Sequence[str], spots: Sequence[np.ndarray], cycle_s: float, held_share: float) -> Play:
    """Two equal bounces in a cycle: hand `sides[k]` has the ball at `spots[k]` (3,), all at one height (metres).

    held_share: of the time that a hand has the ball; more where the ball could not come back up so slowly.
    """
    drop = spots[0][2] - RADIUS_M
    push, flight = _push(drop, (1 - held_share) * cycle_s / 2)
    floor = np.sqrt(push**2 + 2 * GRAVITY * drop)
    rise = np.sqrt((KEPT * floor) ** 2 - 2 * GRAVITY * drop)
    touches = []
    for k in range(2):
        start = k * cycle_s / 2
        arriving, leaving = (
            (spots[k] - spots[k - 1]) / flight + rise * _UP,
            (spots[1 - k] - spots[k]) / flight - push * _UP,
        )
        touches.append(Touch(sides[k], start, start + cycle_s / 2 - flight, spots[k], arriving, leaving))
    return Play((touches[0], touches[1]), cycle_s, float((floor - push) / GRAVITY))


def _push(drop: float, flight_s: float) -> tuple[float, float]:
    """Speed (m/s) at which the ball has to leave the hand to be back after `flight_s`, and the time it then takes."""

    def gone(push: float) -> float:
        floor = np.sqrt(push**2 + 2 * GRAVITY * drop)
        return (floor - push + KEPT * floor - np.sqrt((KEPT * floor) ** 2 - 2 * GRAVITY * drop)) / GRAVITY

    least = 1.02 * np.sqrt(2 * GRAVITY * drop * (KEPT**-2 - 1)) + 0.1  # slower, it would not come back up to the hand
    if gone(least) <= flight_s:
        return float(least), float(gone(least))
    push = brentq(lambda p: gone(p) - flight_s, least, 40.0)
    return float(push), float(gone(push))


def ball(play: Play, seconds: np.ndarray) -> np.ndarray:
    """(T, 3) the ball's middle, `seconds` (T,) into the cycle."""
    out = np.zeros((len(seconds), 3))
    for k, touch in enumerate(play.touches):
        after = play.touches[(k + 1) % 2]
        end = after.start_s + (play.cycle_s if k else 0.0)
        held = (seconds >= touch.start_s) & (seconds < touch.end_s)
        out[held] = carried(touch)(seconds[held])
        free = (seconds >= touch.end_s) & (seconds < end)
        t = (seconds[free] - touch.end_s)[:, None]
        out[free] = touch.at + t * touch.leaving * [1.0, 1.0, 0.0]
        floor = -touch.leaving[2] + GRAVITY * play.down_s
        falling = touch.at[2] + t * touch.leaving[2] - 0.5 * GRAVITY * t**2
        up = t - play.down_s
        rising = RADIUS_M + KEPT * floor * up - 0.5 * GRAVITY * up**2
        out[free, 2] = np.where(up < 0, falling, rising)[:, 0]
    return out


def carried(touch: Touch) -> CubicHermiteSpline:
    """The ball's middle while the hand has it, by the time in the cycle."""
    return CubicHermiteSpline([touch.start_s, touch.end_s], [touch.at, touch.at], [touch.arriving, touch.leaving])


def spin(play: Play, seconds: np.ndarray) -> np.ndarray:
    """(T, 3, 3) the ball's turn: backspin, half a turn in every flight."""
    turns = np.zeros(len(seconds))
    for k, touch in enumerate(play.touches):
        end = play.touches[(k + 1) % 2].start_s + (play.cycle_s if k else 0.0)
        turns += 0.5 * easing.between(seconds, touch.end_s - 0.03, end + 0.03)
    return about([0.0, -1.0, 0.0], 360.0 * turns + 20.0)


def waiting(touch: Touch, following: Touch, back_s: float) -> CubicHermiteSpline:
    """Where the middle of a ball would be in a hand that follows through, rests and comes up to meet the ball again."""
    away = back_s - touch.end_s
    follow = min(0.3 * away, FOLLOW_S)
    low = touch.at + follow / 3 * touch.leaving
    ready = following.at - follow / 3 * following.arriving
    times = [touch.end_s, touch.end_s + follow, back_s - follow, back_s]
    drift = (ready - low) / (away - 2 * follow)
    return CubicHermiteSpline(
        times, [touch.at, low, ready, following.at], [touch.leaving, drift, drift, following.arriving]
    )
