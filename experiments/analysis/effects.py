"""The size of an effect, its interval, and the verdict beside the floor and the null (design §3).

Two sizes are given, both in score: the *range*, highest minus lowest point of the mean curve, and the *drop* from the
factor's reference value to a stated contrast value (90 degrees for azimuth, else the farthest value swept), paired
within blocks. The interval of the range is that of the difference between the two places where the mean curve is
highest and lowest; that these places were chosen after looking is what the permutation null accounts for.
"""

from __future__ import annotations

import numpy as np

from experiments.analysis.blocks import Sweep
from experiments.analysis.bootstrap import clusters, interval
from experiments.analysis.shapes import PERIODS

ALPHA = 0.05
DEPENDS = "depends on it"
UNCLEAR = "moves, size unclear"
FLOOR = "not distinguishable from the floor"
CONTRASTS = {"azimuth": 90.0}


def contrast_value(sweep: Sweep) -> float:
    """The value that the reference is compared with: the factor's usual one, else the farthest from the reference."""
    usual = CONTRASTS.get(sweep.factor)
    if usual is not None and np.isclose(sweep.values, usual).any():
        return usual
    away = np.abs(sweep.values - sweep.reference)
    if period := PERIODS.get(sweep.factor):
        away = np.minimum(away % period, -away % period)
    return float(sweep.values[np.argmax(away)])


def effect(sweep: Sweep, drawn: np.ndarray) -> dict[str, float | int | str]:
    """Range and paired drops of one sweep with their intervals, in score or share of clips (0.3 = 30 points).

    drawn: (draws, B) bootstrap weights. Raises AnalysisError when the reference value was not swept.
    """
    groups = clusters(sweep.motions, sweep.appearances)
    mean = sweep.score.mean(axis=0)
    peak, trough = int(mean.argmax()), int(mean.argmin())
    start, contrast = sweep.at(sweep.reference), sweep.at(contrast_value(sweep))
    out: dict[str, float | int | str] = {
        **sweep.keys,
        "blocks": len(sweep.score),
        "motions": groups.motions,
        "appearances": groups.appearances,
        "mean": float(mean.mean()),
        "reference": sweep.reference,
        "contrast": float(sweep.values[contrast]),
        "peak": float(sweep.values[peak]),
        "trough": float(sweep.values[trough]),
    }
    pairs = {
        "range": (sweep.score, peak, trough),
        "drop": (sweep.score, start, contrast),
        "accuracy_drop": (sweep.top1, start, contrast),
    }
    for name, (matrix, high, low) in pairs.items():
        out.update(_paired(name, matrix[:, high] - matrix[:, low], drawn, groups.size))
    return out


def verdict(row: dict, *, floor: float, p_holm: float) -> str:
    """DEPENDS when the null is rejected and the range's whole interval lies above the floor; FLOOR when the null is
    not rejected or the range is within the floor; UNCLEAR between the two or where there is no interval."""
    bar = 0.0 if np.isnan(floor) else floor
    if p_holm >= ALPHA or row["range"] <= bar:
        return FLOOR
    return DEPENDS if row["range_low"] > bar else UNCLEAR


def _paired(name: str, difference: np.ndarray, drawn: np.ndarray, size: int) -> dict[str, float]:
    """Mean of (B,) paired differences and its interval, as three columns."""
    low, high = interval(drawn @ difference, size)
    return {name: float(difference.mean()), f"{name}_low": float(low), f"{name}_high": float(high)}
