"""The floor: how much a score moves under changes that nobody calls a nuisance (design §3).

Clips with `repeat` > 0 show the same recipe with the start moved by at most half a frame, the aim by a pixel and the
camera by half a degree. An effect no larger than what these do is "not distinguishable from the floor".
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from experiments.analysis.blocks import SWEEP_KEYS, AnalysisError, check_rows, recipe_columns

QUANTILE = 0.95


def jitters(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per jittered clip: model, activity and `change`, its score minus that of the clip it repeats.

    Raises AnalysisError for a repeat without the clip it repeats.
    """
    check_rows(rows)
    same = list(dict.fromkeys([*SWEEP_KEYS, "motion", "appearance", "start_s", "value", *recipe_columns(rows)]))
    base = rows[rows["repeat"] == 0].drop_duplicates(same)[[*same, "score"]]
    moved = rows[rows["repeat"] > 0].merge(base, on=same, how="left", suffixes=("", "_of_clip"))
    if (lost := moved["score_of_clip"].isna()).any():
        first = moved[lost].iloc[0]
        raise AnalysisError(
            f"repeat {first['repeat']} of {first['motion']} at {first['factor']} = {first['value']:g} has no clip with "
            f"repeat 0 to be compared with; keep both in the plan"
        )
    return moved.assign(change=moved["score"] - moved["score_of_clip"])[["model", "activity", "change"]]


def floors(rows: pd.DataFrame) -> pd.DataFrame:
    """Per model and activity: `floor`, the 95 % quantile of |score of a repeat - score of its clip|, and `jitters`,
    how many pairs it comes from. Activities without repeats are absent."""
    changes = jitters(rows)
    grouped = changes.assign(change=changes["change"].abs()).groupby(["model", "activity"], sort=False)["change"]
    table = grouped.quantile(QUANTILE).rename("floor").to_frame()
    return table.assign(jitters=grouped.size()).reset_index()


def floor_of(table: pd.DataFrame, model: str, activity: str) -> float:
    """The floor of one activity under one model, in score; NaN where none was measured."""
    hit = table[(table["model"] == model) & (table["activity"] == activity)]
    return float(hit["floor"].iloc[0]) if len(hit) else float(np.nan)
