"""The horizontal axis of a score curve: where each swept value stands, shared by curve, thumbnails and figures.

The axis is linear or logarithmic, whichever spreads the values more evenly, and begins and ends half a step outside
them, so that a thumbnail fits centred under every point. A factor with a period (azimuth) is closed: its first value
is shown again at the end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from experiments.report.look import FactorLook

MOST_STOPS = 16


@dataclass(frozen=True, kw_only=True)
class Axis:
    """values: (K',) the values shown, the first one again at the end if the axis is closed. column: (K',) index of
    each in the sweep. positions: (K',) in [0, 1]. stops: the values, by index, that are shown as a thumbnail and in
    figures. slot: the width in [0, 1] that each of them has. log: whether the scale is logarithmic."""

    values: np.ndarray
    column: np.ndarray
    positions: np.ndarray
    stops: np.ndarray
    slot: float
    log: bool


def make_axis(values: np.ndarray, look: FactorLook) -> Axis:
    """The axis for ascending (K,) values."""
    shown, column = np.asarray(values, float), np.arange(len(values))
    if look.period and _goes_round(shown, look.period):
        shown, column = np.append(shown, shown[0] + look.period), np.append(column, 0)
    if len(shown) == 1:
        return Axis(values=shown, column=column, positions=np.array([0.5]), stops=np.array([0]), slot=1.0, log=False)
    log = bool(shown[0] > 0 and _evenness(np.log(shown)) > 1.1 * _evenness(shown))
    place = np.log(shown) if log else shown
    every = -(-len(shown) // MOST_STOPS)
    stops = np.arange(0, len(shown), every)
    step = np.diff(place[stops]).min()
    start, end = place[0] - step / 2, place[-1] + step / 2
    return Axis(
        values=shown,
        column=column,
        positions=(place - start) / (end - start),
        stops=stops,
        slot=float(step / (end - start)),
        log=log,
    )


def _evenness(place: np.ndarray) -> float:
    """1 for even steps, near 0 where some are far smaller than others."""
    steps = np.diff(place)
    return float(steps.min() / steps.mean())


def _goes_round(values: np.ndarray, period: float) -> bool:
    """Whether the step from the last value to the first is no larger than the steps between them."""
    if len(values) < 3:
        return False
    return period - (values[-1] - values[0]) <= 1.01 * np.diff(values).max()
