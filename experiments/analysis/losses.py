"""Summing up the smallest changes that lose the class, over replicates.

A replicate that keeps its class to the end of the sweep says only that more would be needed: it is censored. The median
over replicates still stands when fewer than half are (it is then a change that was seen), and is given as "beyond" the
sweep's end otherwise.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from experiments.analysis.bootstrap import clusters, weights

KEYS = ["model", "activity", "factor", "sweep"]
WAYS = {"any": 0, "down": -1, "up": 1}
_COUNTS = ("replicates", "recognised", "lost")
_NUMBERS = ("change", "change_low", "change_high", "reach", "width", "step")


def losses(flips: pd.DataFrame, recognised: pd.DataFrame, *, draws: int, seed: int) -> pd.DataFrame:
    """One row per model, activity, sweep and direction.

    Args:
        flips: `designs.flip.flips`.
        recognised: KEYS, replicates: how many there are of each, whether or not the class is first at the reference.
    Returns:
        KEYS, way (any: the smaller of both), replicates, recognised (those with the class first at the reference), lost
        (of these, how many lose it), change: the median smallest change in the factor's unit, inf where more than half
        keep the class; change_low, change_high: 95 % percentiles of a bootstrap over motions and appearances; reach:
        how far the sweep goes; width: the widest final bracket; step: the coarsest step of the grid around a loss.
    """
    rows = flips.assign(change=flips[["kept", "lost"]].abs().mean(axis=1).where(flips["lost"].notna(), np.inf))
    out = []
    for keys, part in rows.groupby(KEYS, sort=False):
        own = dict(zip(KEYS, keys, strict=True))
        count = int(recognised.set_index(KEYS)["replicates"].loc[keys])
        for way, sign in WAYS.items():
            side = part if not sign else part[part["way"] == sign]
            if len(side):
                out.append({**own, "way": way, "replicates": count, **_summed(side, draws=draws, seed=seed)})
    return pd.DataFrame(out, columns=[*KEYS, "way", *_COUNTS, *_NUMBERS]).astype(dict.fromkeys(_NUMBERS, float))


def _summed(side: pd.DataFrame, *, draws: int, seed: int) -> dict:
    per = side.groupby("block").agg(change=("change", "min"), motion=("motion", "first"), who=("appearance", "first"))
    change, size = per["change"].to_numpy(), clusters(per["motion"].to_numpy(), per["who"].to_numpy()).size
    drawn = weights(per["motion"].to_numpy(), per["who"].to_numpy(), draws=draws, rng=np.random.default_rng(seed))
    medians = [_median(change, weight) for weight in drawn]
    low, high = np.quantile(medians, [0.025, 0.975], method="nearest") if size > 1 else (np.nan, np.nan)
    lost = side[side["lost"].notna()]
    return {
        "recognised": len(per),
        "lost": int(np.isfinite(change).sum()),
        "change": _median(change, np.ones(len(change))),
        "change_low": float(low),
        "change_high": float(high),
        "reach": float(side[["kept", "lost"]].abs().max().max()),
        "width": float((lost["lost"] - lost["kept"]).abs().max()) if len(lost) else np.nan,
        "step": float(side["step"].max()),
    }


def _median(change: np.ndarray, weight: np.ndarray) -> float:
    """The weighted median; the lower of the two in the middle, so that it is a change that was seen, or inf."""
    order = np.argsort(change)
    share = np.cumsum(weight[order]) / weight.sum()
    return float(change[order][np.searchsorted(share, 0.5 - 1e-12)])
