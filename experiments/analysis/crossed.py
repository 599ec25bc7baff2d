"""Two factors crossed: the mean score in every cell, and how its variation divides into either factor's own part and
what they do together.

The mean surface is split as in a balanced two-way analysis of variance: what a row has in common, what a column has in
common, and the rest, which is the interaction. Whether the rest is more than noise is asked by flipping its sign in
whole replicates: without an interaction, what is left of a replicate after its own rows and columns is noise about 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.analysis.blocks import AnalysisError
from experiments.analysis.bootstrap import clusters, interval, weights
from experiments.analysis.permutation import holm, sign_flip_p
from experiments.planned import BY, CROSS
from synth import axes

KEYS = ["model", "activity", "factor", "sweep"]
PARTS = ("first", "second", "interaction")


@dataclass(frozen=True, kw_only=True)
class Cross:
    """One model, activity and pair of sweeps.

    levels: of the first factor (K1,) and of the second (K2,), in the order of the sweeps.
    score, top1: (B, K1, K2). motions, appearances: (B,).
    """

    keys: dict[str, str]
    levels: tuple[list, list]
    score: np.ndarray
    top1: np.ndarray
    motions: np.ndarray
    appearances: np.ndarray


def crosses(rows: pd.DataFrame) -> list[Cross]:
    """Every cross in the rows; raises AnalysisError for a block that lacks a cell or has one twice."""
    own = rows[(rows["design"] == CROSS) & (rows["repeat"] == 0)]
    return [
        _cross(dict(zip(KEYS, keys, strict=True)), part) for keys, part in own.groupby(KEYS, sort=False, observed=True)
    ]


def _cross(keys: dict[str, str], part: pd.DataFrame) -> Cross:
    blocks = part["block"].nunique()
    part = part.sort_values(["block", "value"], kind="stable")
    columns = [axes.get(factor).path for factor in keys["factor"].split(BY)]
    cells = part["value"].nunique()
    first = part.iloc[:cells]
    levels = tuple(list(dict.fromkeys(first[column])) for column in columns)
    if cells != len(levels[0]) * len(levels[1]) or len(part) != blocks * cells:
        raise AnalysisError(
            f"{keys['model']}, {keys['activity']}, {keys['sweep']}: {len(part)} clips in {blocks} blocks, expected "
            f"{len(levels[0])} x {len(levels[1])} in each; finish rendering and scoring"
        )
    shape = (blocks, len(levels[0]), len(levels[1]))
    return Cross(
        keys=keys,
        levels=levels,
        score=part["score"].to_numpy(float).reshape(shape),
        top1=part["top1"].to_numpy(float).reshape(shape),
        motions=part["cluster"].to_numpy(str).reshape(blocks, -1)[:, 0],
        appearances=part["appearance"].to_numpy(str).reshape(blocks, -1)[:, 0],
    )


def cells(cross: Cross) -> pd.DataFrame:
    """One row per cell: keys, first, second (levels as text), score, accuracy, blocks."""
    first, second = np.meshgrid(np.arange(len(cross.levels[0])), np.arange(len(cross.levels[1])), indexing="ij")
    return pd.DataFrame(
        {
            **cross.keys,
            "first": [str(cross.levels[0][k]) for k in first.ravel()],
            "second": [str(cross.levels[1][k]) for k in second.ravel()],
            "score": cross.score.mean(axis=0).ravel(),
            "accuracy": cross.top1.mean(axis=0).ravel(),
            "blocks": len(cross.score),
        }
    )


def split(surface: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(..., K1, K2) -> what a row has in common (..., K1, 1), what a column has (..., 1, K2), and the rest."""
    mean = surface.mean(axis=(-2, -1), keepdims=True)
    rows = surface.mean(axis=-1, keepdims=True) - mean
    columns = surface.mean(axis=-2, keepdims=True) - mean
    return rows, columns, surface - mean - rows - columns


def shares(surface: np.ndarray) -> np.ndarray:
    """(..., K1, K2) -> (..., 3): the shares of the surface's variance that are PARTS; NaN for a flat surface."""
    rows, columns, rest = split(surface)
    power = np.stack([(part**2).mean(axis=(-2, -1)) for part in (rows, columns, rest)], axis=-1)
    total = power.sum(axis=-1, keepdims=True)
    return np.divide(power, total, out=np.full_like(power, np.nan), where=total > 1e-12)


def interaction(cross: Cross, *, draws: int, permutations: int, seed: int) -> dict:
    """One row: keys, blocks, spread (the surface's standard deviation, in score), the shares of PARTS with intervals,
    and p of "no interaction". The shares are those of the mean surface: noise of few replicates adds to the
    interaction."""
    rng, size = np.random.default_rng(seed), clusters(cross.motions, cross.appearances).size
    mean = cross.score.mean(axis=0)
    drawn = weights(cross.motions, cross.appearances, draws=draws, rng=rng)
    low, high = interval(shares(np.einsum("db,bij->dij", drawn, cross.score)), size)
    out = {**cross.keys, "blocks": len(cross.score), "spread": float(mean.std())}
    for name, value, under, over in zip(PARTS, shares(mean), low, high, strict=True):
        out |= {name: float(value), f"{name}_low": float(under), f"{name}_high": float(over)}
    return out | {"p": sign_flip_p(split(cross.score)[2], permutations=permutations, rng=rng)}


def interactions(found: list[Cross], *, draws: int, permutations: int, seed: int) -> pd.DataFrame:
    """`interaction` of every cross, with Holm's p within a model."""
    table = pd.DataFrame([interaction(one, draws=draws, permutations=permutations, seed=seed) for one in found])
    known = table["p"].notna()
    table.loc[known, "p_holm"] = table[known].groupby("model")["p"].transform(lambda p: holm(p.to_numpy()))
    return table
