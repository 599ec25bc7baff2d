"""Paired differences between the levels of a factor, from the matched pairs of a randomised design.

Of every pair (A, AB) only one factor differs, from one level to another: the difference of its scores is the
difference of two level effects, and least squares over all pairs gives them all (the design matrix of Bradley and Terry
1952, *Rank analysis of incomplete block designs*, with scores in place of wins). Standard errors are clustered by the
trial that both clips of a pair show (statsmodels, CRV1, t quantiles), and p-values corrected by Holm over all
differences of a model.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import statsmodels.api as sm

from experiments.analysis.permutation import holm

LEVEL = "level."  # prefix of the columns with the level of an axis
_COLUMNS = ("factor", "axis", "level", "other", "difference", "low", "high", "p", "pairs", "clusters")


def matched(table: pd.DataFrame, factor: str) -> pd.DataFrame:
    """The pairs of one model in which `factor` moved: columns `difference` (of scores, in [-1, 1]), cluster, and
    `LEVEL<axis>` as (before, after)."""
    bases = table[table["factor"] == ""].set_index(["row", "part"])
    others = table[table["factor"] == factor]
    index = pd.MultiIndex.from_arrays([others["row"], others["part"].str[0]])
    before = bases.loc[index]
    axes = [name for name in table if name.startswith(LEVEL)]
    levels = {name: list(zip(before[name], others[name], strict=True)) for name in axes}
    moved = others["score"].to_numpy(float) - before["score"].to_numpy(float)
    return pd.DataFrame({"difference": moved, "cluster": before["cluster"].to_numpy(), **levels})


def differences(table: pd.DataFrame, axes: Mapping[str, Mapping[str, Sequence[str]]]) -> pd.DataFrame:
    """All differences between two levels of one axis, of one model.

    axes: factor -> axis -> its levels, in order. Columns: factor, axis, level, other, difference (mean score of `level`
    minus that of `other`, all else equal) with low and high (95 %), p, p_holm, pairs (how many moved), clusters. NaN
    where the pairs do not tell the two levels apart.
    """
    out = [row for factor, own in axes.items() for row in _of_factor(matched(table, factor), factor, own)]
    told = pd.DataFrame(out, columns=_COLUMNS)
    known = told["p"].notna()
    told["p_holm"] = np.nan
    told.loc[known, "p_holm"] = holm(told.loc[known, "p"].to_numpy())
    return told


def _of_factor(pairs: pd.DataFrame, factor: str, axes: Mapping[str, Sequence[str]]) -> list[dict]:
    columns = [(axis, level) for axis, levels in axes.items() for level in levels]
    x = np.zeros((len(pairs), len(columns)))
    for k, (axis, level) in enumerate(columns):
        x[:, k] = [(after == level) - (before == level) for before, after in pairs[LEVEL + axis]]
    moved = np.abs(x).sum(axis=1) > 0
    x, own = x[moved], pairs[moved]
    contrasts = [(columns.index((a, one)), columns.index((a, two))) for a in axes for one, two in _two(axes[a])]
    rows = [_contrast(len(columns), one, two) for one, two in contrasts]
    told = _tested(x, own, np.array(rows))
    return [
        dict(zip(_COLUMNS, (factor, *columns[one], columns[two][1], *numbers, len(own), own["cluster"].nunique()),
                 strict=True))
        for (one, two), numbers in zip(contrasts, told, strict=True)
    ]  # fmt: skip


def _two(levels: Sequence[str]) -> itertools.combinations:
    return itertools.combinations(levels, 2)


def _contrast(size: int, one: int, two: int) -> np.ndarray:
    row = np.zeros(size)
    row[[one, two]] = 1.0, -1.0
    return row


def _tested(x: np.ndarray, pairs: pd.DataFrame, contrasts: np.ndarray) -> np.ndarray:
    """(contrasts, 4): estimate, low, high, p; NaN for what the pairs cannot tell.

    The effects of an axis are known up to a constant, so that the fit is made in the space that the pairs span.
    """
    told = np.full((len(contrasts), 4), np.nan)
    groups, names = pd.factorize(pairs["cluster"])
    if len(names) < 2:
        return told
    _, sizes, directions = np.linalg.svd(x, full_matrices=False)
    span = directions[sizes > 1e-9 * sizes[0]].T
    known = np.abs(contrasts - contrasts @ span @ span.T).max(axis=1) < 1e-8
    if known.any() and len(x) > span.shape[1]:
        model = sm.OLS(pairs["difference"].to_numpy(), x @ span)
        fit = model.fit(cov_type="cluster", cov_kwds={"groups": groups}, use_t=True)
        tested = fit.t_test(contrasts[known] @ span)
        told[known] = np.column_stack([tested.effect, tested.conf_int(), np.atleast_1d(tested.pvalue)])
    return told
