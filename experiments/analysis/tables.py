"""All tables of a study from its score rows, in one pass: the one function that a report or a notebook calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from experiments.analysis.blocks import ALL, Sweep, pooled, sweeps
from experiments.analysis.bootstrap import weights
from experiments.analysis.curves import curve, raw_curves
from experiments.analysis.effects import effect, verdict
from experiments.analysis.floor import floor_of, floors
from experiments.analysis.permutation import holm, p_value, shuffles
from experiments.analysis.shapes import shape, symmetries, with_holm


@dataclass(frozen=True, kw_only=True)
class Tables:
    """Tidy tables of one study; every one has the columns model, activity, factor, sweep where they apply.

    curves: a row per value, activities and all of them pooled. effects: a row per sweep. floors: a row per model and
    activity. raw: every replicate's own curve. accuracy: a row per model, sweep and activity. shapes: a row per sweep,
    see `shapes.shape`. symmetry: a row per sweep of the azimuth that was scored flipped as well, see `shapes.symmetry`.
    """

    curves: pd.DataFrame
    effects: pd.DataFrame
    floors: pd.DataFrame
    raw: pd.DataFrame
    accuracy: pd.DataFrame
    shapes: pd.DataFrame
    symmetry: pd.DataFrame

    def items(self) -> list[tuple[str, pd.DataFrame]]:
        """(name, table) of every table."""
        return [(field.name, getattr(self, field.name)) for field in fields(self)]


def analyse(
    rows: pd.DataFrame,
    reference: Mapping[str, float],
    *,
    seed: int = 0,
    draws: int = 2000,
    permutations: int = 4999,
) -> Tables:
    """Curves, effects, floors and accuracies of score rows (see `blocks.REQUIRED` for their columns).

    Args:
        rows: one row per clip and model; repeat > 0 marks the floor's jitters.
        reference: factor -> its value when another factor is swept.
        seed: of the bootstrap and the permutations. Equal rows and seed give equal tables.
    Raises:
        AnalysisError: incomplete blocks, or something beside the swept factor moved.
    """
    parts = sweeps(rows, reference)
    whole = _pool(parts)
    rng = np.random.default_rng(seed)
    drawn = [weights(part.motions, part.appearances, draws=draws, rng=rng) for part in (*parts, *whole)]
    floor = floors(rows)
    effects = pd.DataFrame([effect(part, own) for part, own in zip(parts, drawn, strict=False)])
    curves = pd.concat([curve(p, w) for p, w in zip((*parts, *whole), drawn, strict=True)], ignore_index=True)
    return Tables(
        curves=curves,
        effects=_judged(effects.assign(p=_nulls(parts, permutations=permutations, rng=rng)), floor),
        floors=floor,
        raw=pd.concat([raw_curves(part) for part in parts], ignore_index=True),
        accuracy=_accuracy(curves, reference),
        shapes=_shapes(parts, drawn, floor),
        symmetry=symmetries(rows, parts, drawn[: len(parts)], permutations=permutations, seed=seed),
    )


def _shapes(parts: list[Sweep], drawn: list[np.ndarray], floor: pd.DataFrame) -> pd.DataFrame:
    found = [
        shape(part, own, floor=floor_of(floor, part.model, part.activity))
        for part, own in zip(parts, drawn, strict=False)
    ]
    return with_holm(pd.DataFrame(found), "trend_p")


def _pool(parts: list[Sweep]) -> list[Sweep]:
    """One pooled sweep per model, factor and way of sweeping, where there are several activities."""
    groups: dict[tuple, list[Sweep]] = {}
    for part in parts:
        groups.setdefault((part.model, part.factor, part.sweep), []).append(part)
    return [pooled(group) for group in groups.values()]


def _nulls(parts: list[Sweep], *, permutations: int, rng: np.random.Generator) -> list[float]:
    """p of every sweep; sweeps of one shape share their permutations."""
    orders: dict[tuple[int, ...], np.ndarray] = {}
    out = []
    for part in parts:
        if part.score.shape not in orders:
            orders[part.score.shape] = shuffles(*part.score.shape, permutations=permutations, rng=rng)
        out.append(p_value(part.score, orders[part.score.shape]))
    return out


def _judged(effects: pd.DataFrame, floor: pd.DataFrame) -> pd.DataFrame:
    """Effects with floor, Holm's p (over activities x factors within a model) and the verdict."""
    effects = effects.assign(
        p_holm=effects.groupby("model")["p"].transform(lambda p: holm(p.to_numpy())),
        floor=[floor_of(floor, row.model, row.activity) for row in effects.itertuples()],
    )
    rows = effects.to_dict("records")
    return effects.assign(verdict=[verdict(row, floor=row["floor"], p_holm=row["p_holm"]) for row in rows])


def _accuracy(curves: pd.DataFrame, reference: Mapping[str, float]) -> pd.DataFrame:
    """Top-1 accuracy at the reference, over the whole sweep and at its worst value, per model, sweep and activity."""
    out = []
    for keys, part in curves.groupby(["model", "activity", "factor", "sweep"], sort=False):
        start = part[np.isclose(part["value"], reference[keys[2]])].iloc[0]
        worst = part.loc[part["accuracy"].idxmin()]
        out.append(
            {
                **dict(zip(("model", "activity", "factor", "sweep"), keys, strict=True)),
                "clips": int(part["blocks"].sum()),
                "at_reference": start["accuracy"],
                "at_reference_low": start["accuracy_low"],
                "at_reference_high": start["accuracy_high"],
                "mean": part["accuracy"].mean(),
                "worst": worst["accuracy"],
                "worst_low": worst["accuracy_low"],
                "worst_high": worst["accuracy_high"],
                "worst_at": worst["value"],
            }
        )
    table = pd.DataFrame(out)
    return table.sort_values("activity", key=lambda name: name != ALL, kind="stable", ignore_index=True)
