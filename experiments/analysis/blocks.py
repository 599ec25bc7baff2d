"""Score rows to score matrices: one sweep is one model, one activity, one factor, replicate blocks by values.

A block is one replicate (one motion, one appearance, one start phase) seen at every value of the swept factor and at
nothing else. The matrices are what the bootstrap, the null and the curves work on; a comparison in which a value is
missing or anything but the swept factor moved is refused here, naming it (design §3, *Design*).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from synth import axes
from synth.errors import CeterisError

ALL = "all activities"
SWEEP_KEYS = ("model", "activity", "factor", "sweep")
DESIGN = ("clip_id", "motion", "cluster", "appearance", "value", "block", "start_s", "repeat")
REQUIRED = (*SWEEP_KEYS, *DESIGN, "design", "score", "top1")
RECIPE_PREFIXES = ("motion.", "manner.", "appearance.", "environment.", "lighting.", "viewpoint.", "look_at_m.")
RECIPE_COLUMNS = ("props", "fps", "num_frames", "start_s", "root", "width", "height", "fov_deg", "loop", "seed")


class AnalysisError(CeterisError):
    """Rows that must not be compared: says which block, what was found and how to mend it."""


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """The scores of one sweep.

    values: (K,) the factor's values, ascending. score, top1: (B, K) float64, score in [0, 1] and top1 0 or 1.
    motions, appearances: (B,) names of the clusters of each block; crops of one recording are one motion. clip_ids:
    (B, K). reference: the factor's value elsewhere in the study.
    """

    model: str
    activity: str
    factor: str
    sweep: str
    reference: float
    values: np.ndarray
    score: np.ndarray
    top1: np.ndarray
    motions: np.ndarray
    appearances: np.ndarray
    clip_ids: np.ndarray

    @property
    def keys(self) -> dict[str, str]:
        """The columns that name this sweep in every table."""
        return {key: getattr(self, key) for key in SWEEP_KEYS}

    def at(self, value: float) -> int:
        """Column of `value`; raises AnalysisError when it was not swept."""
        hits = np.flatnonzero(np.isclose(self.values, value))
        if len(hits) == 0:
            known = ", ".join(f"{v:g}" for v in self.values)
            raise AnalysisError(f"{self.factor} = {value:g} is not among the swept values {known}; add it to the study")
        return int(hits[0])


def check_rows(rows: pd.DataFrame) -> None:
    """Raise AnalysisError for an empty table, a missing column or a score that is no probability."""
    if missing := [name for name in REQUIRED if name not in rows]:
        raise AnalysisError(f"the score rows have no column {missing[0]!r}; score the study again")
    if rows.empty:
        raise AnalysisError("there are no score rows; render and score the study first")
    bad = rows[~rows["score"].between(0.0, 1.0)]
    if len(bad):
        first = bad.iloc[0]
        raise AnalysisError(
            f"score {first['score']!r} of {first['model']} on clip {first['clip_id']} is no probability; "
            f"expected a number in [0, 1]: check the model's outputs"
        )


def recipe_columns(rows: pd.DataFrame) -> list[str]:
    """The columns of the rows that are part of a clip's recipe, whatever factors the study has."""
    return [name for name in rows if name.startswith(RECIPE_PREFIXES) or name in RECIPE_COLUMNS]


def sweeps(rows: pd.DataFrame, reference: Mapping[str, float]) -> list[Sweep]:
    """Every sweep in the rows (repeat 0 only, and no other design), in order of first appearance.

    Args:
        rows: score rows, one per clip and model.
        reference: factor -> the value it has when another factor is swept.
    Raises:
        AnalysisError: a block lacks a value or has it twice, or something beside the swept factor moved in it.
    """
    check_rows(rows)
    own = rows[(rows["repeat"] == 0) & (rows["design"] == "sweep")]
    if unknown := sorted(set(own["factor"]) - set(reference)):
        raise AnalysisError(f"the study gives no reference value for {unknown[0]!r}, only for {', '.join(reference)}")
    return [
        _sweep(part, dict(zip(SWEEP_KEYS, keys, strict=True)), float(reference[keys[2]]))
        for keys, part in own.groupby(list(SWEEP_KEYS), sort=False)
    ]


def lookup(rows: pd.DataFrame, sweep: Sweep, column: str) -> np.ndarray:
    """(B, K) values of a column of the score rows, clip by clip of a sweep."""
    own = rows[(rows["model"] == sweep.model) & (rows["sweep"] == sweep.sweep) & (rows["repeat"] == 0)]
    values = own.drop_duplicates("clip_id").set_index("clip_id")[column]
    return values.reindex(sweep.clip_ids.ravel()).to_numpy(float).reshape(sweep.clip_ids.shape)


def pooled(parts: list[Sweep]) -> Sweep:
    """All activities of one model and one sweep as a single one, every block with the same weight.

    Raises AnalysisError when they were not swept over the same values.
    """
    first = parts[0]
    for other in parts[1:]:
        if not np.array_equal(other.values, first.values):
            raise AnalysisError(
                f"{other.activity!r} and {first.activity!r} were not swept over the same {first.factor}"
            )
    stacked = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("score", "top1", "motions", "appearances", "clip_ids")
    }
    return replace(first, activity=ALL, **stacked)


def _sweep(part: pd.DataFrame, keys: dict[str, str], reference: float) -> Sweep:
    _check_complete(part, keys)
    part = part.sort_values(["block", "value"], kind="stable")
    _check_held(part, keys)
    values = np.sort(part["value"].unique()).astype(float)

    def grid(name: str) -> np.ndarray:
        return part[name].to_numpy().reshape(-1, len(values))

    return Sweep(
        **keys,
        reference=reference,
        values=values,
        score=grid("score").astype(float),
        top1=grid("top1").astype(float),
        motions=grid("cluster")[:, 0].astype(str),
        appearances=grid("appearance")[:, 0].astype(str),
        clip_ids=grid("clip_id"),
    )


def _where(keys: dict[str, str]) -> str:
    return f"{keys['model']}, {keys['activity']}, {keys['factor']} ({keys['sweep']})"


def _check_complete(part: pd.DataFrame, keys: dict[str, str]) -> None:
    """Every block holds every value of the sweep exactly once."""
    block, blocks = pd.factorize(part["block"])
    value, values = pd.factorize(part["value"], sort=True)
    counts = np.zeros((len(blocks), len(values)), int)
    np.add.at(counts, (block, value), 1)
    if (counts == 1).all():
        return
    row, column = np.argwhere(counts != 1)[0]
    raise AnalysisError(
        f"{_where(keys)}: block {blocks[row]!r} has {counts[row, column]} clips at {keys['factor']} = "
        f"{values[column]:g}, expected 1; finish rendering and scoring, or drop the block"
    )


def _check_held(part: pd.DataFrame, keys: dict[str, str]) -> None:
    """Within a block nothing of the recipe differs but the swept factor. `part` is ordered by block and value."""
    swept = axes.get(keys["factor"]).path
    names = dict.fromkeys([*recipe_columns(part), "motion", "appearance"])
    held = [name for name in names if name not in (swept, swept.partition(".")[0])]
    codes = np.stack([pd.factorize(part[name])[0] for name in held], axis=1)
    grid = codes.reshape(part["block"].nunique(), -1, len(held))
    moved = (grid != grid[:, :1]).any(axis=1)
    if not moved.any():
        return
    block = int(np.argmax(moved.any(axis=1)))
    names = ", ".join(np.array(held)[moved[block]])
    raise AnalysisError(
        f"{_where(keys)}: in block {part['block'].iloc[block * grid.shape[1]]!r} more than {keys['factor']} moved: "
        f"{names}; pair the clips so that they differ in {keys['factor']} alone"
    )
