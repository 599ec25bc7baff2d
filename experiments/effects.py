"""What the models of a study say of its randomised design, and what each factor is worth to them.

The outcome is the log-odds of a class, its logit minus the logsumexp of all others: logits themselves are known only up
to a constant that differs from clip to clip, and no decision depends on it.

Beside the shares stands the floor (design §3): the variance of the same log-odds under changes that nobody calls a
nuisance, within the repeats of a block at the reference, as a share of the design's.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import logsumexp

from experiments.analysis.levels import LEVEL, differences
from experiments.analysis.variance import ALL_CLASSES, LOGIT, ConstantScore, cube, pair_shares, shares
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


def effects(asker: Asker, study: Study, clips: Sequence[PlannedClip], *, draws: int = DRAWS) -> dict[str, pd.DataFrame]:
    """The tables effects_clips (see `outcomes`), shares (with the column floor, NaN without repeats), share_pairs where
    the design has them, level_differences."""
    own = [clip for clip in clips if clip.design == EFFECTS]
    again = repeated(clips)
    activities = study.activities
    asked = pd.concat(
        [outcomes(asker.score(own, card), own, study.effects, activities) for card in asker.cards], ignore_index=True
    )
    made = tables(asked, study.effects, seed=study.seed, draws=draws)
    if SHARES in made:
        blocks = [clip.block for clip in again]
        floors = {
            card.name: floor_variance(logits(asker.score(again, card), activities), blocks)
            for card in asker.cards
            if again
        }
        made[SHARES] = with_floor(made[SHARES], floors)
    return {CLIPS: asked, **made}


def repeated(clips: Sequence[PlannedClip]) -> list[PlannedClip]:
    """The floor's clips, each block's with the one that they repeat."""
    where = {(clip.block, clip.sweep, clip.value) for clip in clips if clip.spec.repeat > 0}
    return [clip for clip in clips if (clip.block, clip.sweep, clip.value) in where]


def floor_variance(odds: pd.DataFrame, blocks: Sequence[str]) -> dict[str, float]:
    """Class, and ALL_CLASSES -> the mean variance of its log-odds within a block."""
    within = odds.groupby(np.asarray(blocks)).var(ddof=1).mean()
    each = {name.removeprefix(LOGIT): value for name, value in within.items()}
    return each | {ALL_CLASSES: float(within.sum())}


def with_floor(found: pd.DataFrame, floors: Mapping[str, Mapping[str, float]]) -> pd.DataFrame:
    """The shares with the share that the floor has of the same variance; NaN for a model without."""
    own = [floors.get(row.model, {}).get(row.label, np.nan) / row.variance for row in found.itertuples()]
    return found.assign(floor=own)


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
    return pd.concat([table, logits(scores, activities)], axis=1)


def logits(scores: Scores, activities: Sequence[str]) -> pd.DataFrame:
    """LOGIT<activity> of every scored clip."""
    name = str(scores.rows["model"].iloc[0]) if len(scores.rows) else ""
    matches = require(activities, scores.classes, model=name)
    return pd.DataFrame({LOGIT + a: log_odds(scores.logits, matches[a].columns) for a in activities})


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
