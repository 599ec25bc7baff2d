"""What the models of a study say of its randomised design, and what each factor is worth to them.

The outcome is the log-odds of a class, its logit minus the logsumexp of all others: logits themselves are known only up
to a constant that differs from clip to clip, and no decision depends on it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import logsumexp

from experiments.analysis.levels import LEVEL, differences
from experiments.analysis.variance import LOGIT, ConstantScore, cube, pair_shares, shares
from experiments.designs.effects import Effects
from experiments.labels import require
from experiments.planned import EFFECTS, PlannedClip
from experiments.score import Scores
from experiments.study import Study

if TYPE_CHECKING:
    from experiments.asking import Asker

DRAWS = 1000
CLIPS, SHARES, PAIRS, LEVELS = "effects_clips", "shares", "share_pairs", "level_differences"
log = logging.getLogger("ceteris")


def effects(asker: Asker, study: Study, clips: Sequence[PlannedClip]) -> dict[str, pd.DataFrame]:
    """The tables effects_clips (see `outcomes`), shares, share_pairs where the design has them, level_differences."""
    own = [clip for clip in clips if clip.design == EFFECTS]
    found = pd.concat(
        [outcomes(asker.score(own, card), own, study.effects, study.activities) for card in asker.cards],
        ignore_index=True,
    )
    return {CLIPS: found, **tables(found, study.effects, seed=study.seed)}


def outcomes(scores: Scores, clips: Sequence[PlannedClip], design: Effects, activities: Sequence[str]) -> pd.DataFrame:
    """One row per clip, in the order of the scores: clip_id, model, activity, row, part, factor (taken from the other
    base), cluster, score; LEVEL<axis>, where it stands on every axis of the design; LOGIT<activity>, the log-odds of
    the classes of every activity, whatever is shown."""
    table = pd.DataFrame(
        {
            "clip_id": [clip.id for clip in clips],
            "model": scores.rows["model"],
            "activity": [clip.activity for clip in clips],
            "row": [int(clip.value) for clip in clips],
            "part": [clip.level for clip in clips],
            "factor": ["" if clip.sweep == EFFECTS else clip.sweep for clip in clips],
            "cluster": [clip.cluster for clip in clips],
            "score": scores.rows["score"],
        }
    )
    for factor in design.factors:
        for coordinate in factor.coordinates:
            table[LEVEL + coordinate.axis] = [coordinate.told(clip.spec) for clip in clips]
    matches = require(activities, scores.classes, model=str(table["model"].iloc[0]))
    for activity in activities:
        table[LOGIT + activity] = log_odds(scores.logits, matches[activity].columns)
    return table


def log_odds(logits: np.ndarray, columns: Sequence[int]) -> np.ndarray:
    """(N,) float64 log-odds, from logits (N, C), of one of the classes in `columns` against all others."""
    z = logits.astype(np.float64)
    inside = np.zeros(z.shape[1], bool)
    inside[list(columns)] = True
    return logsumexp(z[:, inside], axis=1) - logsumexp(z[:, ~inside], axis=1)


def tables(found: pd.DataFrame, design: Effects, *, seed: int, draws: int = DRAWS) -> dict[str, pd.DataFrame]:
    """Shares, pairs of them and differences between levels, every one with the column model, from `outcomes` of all
    models. A model that says the same of all clips has no row among the shares."""
    made: dict[str, list[pd.DataFrame]] = {SHARES: [], PAIRS: [], LEVELS: []}
    axes = {factor.name: {c.axis: c.parts for c in factor.coordinates} for factor in design.factors}
    for model, part in found.groupby("model", sort=False):
        made[LEVELS].append(differences(part, axes).assign(model=model))
        try:
            data = cube(part, design.names)
        except ConstantScore as error:
            log.warning("%s: %s", model, error)
            continue
        made[SHARES].append(shares(data, draws=draws, seed=seed).assign(model=model))
        if design.second_order:
            made[PAIRS].append(pair_shares(data, draws=draws, seed=seed).assign(model=model))
    return {name: pd.concat(parts, ignore_index=True) for name, parts in made.items() if parts}
