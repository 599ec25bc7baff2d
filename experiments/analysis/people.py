"""The table of accuracies per appearance (*Identity Preserve Transform*, Lyu et al. 2019, Table 2), and its worth.

The paper counts clips over the union of its three sweeps. Neighbouring views of one motion are not independent, so the
interval here comes from whole motions; Wilson's over single clips stands beside it, as 'nominal' only. Whether people
differ at all is asked by a permutation test on people who did the same: the same motion from the same moment, seen
from the same views.
"""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from experiments.analysis.bootstrap import interval, weights
from experiments.analysis.permutation import holm, p_value, shuffles

PEOPLE = ("model", "appearance")
MATCH = ("activity", "motion", "start_s")  # what people who are compared did alike


def seen_alike(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows (repeat 0) of clips that every appearance has: the same motion, start, sweep and value. Rows of a sweep
    of the appearance itself are left out."""
    own = rows[(rows["repeat"] == 0) & (rows["factor"] != "appearance")]
    keys = ["model", *MATCH, "sweep", "value"]
    count = own.groupby(keys)["appearance"].transform("nunique")
    return own[count == own["appearance"].nunique()]


def accuracies(rows: pd.DataFrame, *, draws: int, seed: int) -> pd.DataFrame:
    """One row per model and appearance: clips, motions, top1 and top5 in [0, 1] with intervals that resample whole
    motions (`_low`, `_high`; NaN with one motion), and Wilson's over clips (`_nominal_low`, `_nominal_high`). top5 is
    NaN where the model has fewer than 20 classes. A clip that two sweeps share counts once."""
    out = []
    for keys, part in _once(rows).groupby(list(PEOPLE), sort=True):
        row = dict(zip(PEOPLE, keys, strict=True)) | {"clips": len(part), "motions": part["cluster"].nunique()}
        for name in ("top1", "top5"):
            row |= _share(name, part, draws=draws, seed=seed)
        out.append(row)
    return pd.DataFrame(out)


def _once(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.drop_duplicates(["model", "clip_id"])


def _share(name: str, part: pd.DataFrame, *, draws: int, seed: int) -> dict[str, float]:
    ends = ("", "_low", "_high", "_nominal_low", "_nominal_high")
    if name not in part or part[name].isna().any():
        return dict.fromkeys((name + end for end in ends), np.nan)
    hits = part[name].astype(float)
    per = hits.groupby(part["cluster"], sort=True).agg(["sum", "count"])
    alone = np.zeros(len(per))  # a single appearance: nothing to resample
    drawn = weights(per.index.to_numpy(), alone, draws=draws, rng=np.random.default_rng(seed))
    low, high = interval((drawn @ per["sum"].to_numpy()) / (drawn @ per["count"].to_numpy()), len(per))
    nominal = proportion_confint(hits.sum(), len(hits), method="wilson")
    return dict(zip((name + end for end in ends), (float(hits.mean()), float(low), float(high), *nominal), strict=True))


def equality(rows: pd.DataFrame, *, permutations: int, seed: int) -> pd.DataFrame:
    """One row per model: p of "the appearances are equally well recognised" by permuting appearances among clips of the
    same motion, start and view (`p_views`: nominal, since neighbouring views are not independent) and among whole
    motions (`p_motions`, NaN with fewer than two), and how many sets and motions these are."""
    out = []
    for model, part in _once(rows).groupby("model", sort=False):
        hits = part.assign(top1=part["top1"].astype(float))
        views = hits.pivot_table(index=[*MATCH, "sweep", "value"], columns="appearance", values="top1")
        motions = hits.pivot_table(index=list(MATCH), columns="appearance", values="top1")
        rng = np.random.default_rng(seed)
        both = [
            p_value(table.to_numpy(), shuffles(*table.shape, permutations=permutations, rng=rng))
            if len(table) > 1
            else np.nan
            for table in (views, motions)
        ]
        out.append(
            {"model": model, "sets": len(views), "motions": len(motions), "p_views": both[0], "p_motions": both[1]}
        )
    table = pd.DataFrame(out)
    known = table["p_motions"].notna()
    table.loc[known, "p_motions_holm"] = holm(table.loc[known, "p_motions"].to_numpy())
    return table


def person_curves(rows: pd.DataFrame) -> pd.DataFrame:
    """The mean curve of every appearance (Fig. 7): model, sweep, factor, appearance, value, score, top1, clips."""
    own = rows.assign(top1=rows["top1"].astype(float))
    grouped = own.groupby(["model", "sweep", "factor", "appearance", "value"], sort=False)
    return grouped.agg(score=("score", "mean"), top1=("top1", "mean"), clips=("clip_id", "count")).reset_index()


def likeness(curves: pd.DataFrame) -> pd.DataFrame:
    """How alike the appearances' curves are, per model and sweep: the mean of Pearson's correlation over all pairs of
    appearances, its least, the pair that has it, and how many pairs; NaN where a curve is flat."""
    out = []
    for (model, sweep), part in curves.groupby(["model", "sweep"], sort=False):
        table = part.pivot_table(index="value", columns="appearance", values="score")
        flat = np.ptp(table.to_numpy(), axis=0) == 0
        with np.errstate(invalid="ignore", divide="ignore"):
            matrix = np.corrcoef(table.to_numpy(), rowvar=False)
        pairs = list(itertools.combinations(range(table.shape[1]), 2))
        found = np.array([matrix[pair] if not flat[list(pair)].any() else np.nan for pair in pairs])
        row = {"model": model, "sweep": sweep, "pairs": int(np.isfinite(found).sum())}
        known = np.isfinite(found).any()
        least = pairs[int(np.nanargmin(found))] if known else None
        row |= {"correlation": float(np.nanmean(found)) if known else np.nan}
        row |= {"least": float(np.nanmin(found)) if known else np.nan}
        row |= {"least_pair": " and ".join(table.columns[list(least)]) if known else ""}
        out.append(row)
    return pd.DataFrame(out)
