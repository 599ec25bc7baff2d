"""From clips to score rows: what a model says of every clip of a plan (design §3, "Score rows").

One row per planned clip and model. Logits are cached in the store per model fingerprint and clip id: a second run
scores nothing and does not import a deep-learning library. How much of the person the model is shown stands beside
every score (`scoring/subject.py`).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from experiments.labels import Match, require
from experiments.models.base import ModelAdapter, ModelCard, describe, load
from experiments.scoring.cache import RowCache
from experiments.scoring.errors import ScoreError
from experiments.scoring.features import FeatureStore
from experiments.scoring.judge import judge
from experiments.scoring.raw import RawFrames
from experiments.scoring.subject import measure
from synth.clips import ClipStore
from synth.factors import ClipSpec

if TYPE_CHECKING:
    from experiments.planned import PlannedClip
    from experiments.scoring.distant import Scorers

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Scores:
    """What a model said. rows: one per planned clip (see `score`). logits: float32 (rows, C), same order.

    classes: the C class names. fresh: how many clips were scored now; the others came from the cache. features:
    layer -> float32 (rows, D), pooled.
    """

    rows: pd.DataFrame
    logits: np.ndarray
    classes: tuple[str, ...]
    fresh: int
    features: Mapping[str, np.ndarray] = field(default_factory=dict)


def score(
    clips: Sequence[PlannedClip],
    store: ClipStore,
    model: str | ModelCard | ModelAdapter,
    *,
    layers: Mapping[str, str] | None = None,
    batch: int | None = None,
    raw: bool = False,
    flipped: bool = False,
    scorers: Scorers | None = None,
) -> Scores:
    """Score every clip that is not in the cache yet, and give the rows of all.

    `model`: a registered name or the path of a card, a card, or an adapter. layers: layer -> pooling (see
    `scoring.features.POOLINGS`). batch: clips at a time, None for what suits. raw: keep decoded frames beside the
    store. flipped: show every clip as a mirror does; kept apart from those that are not. scorers: models elsewhere,
    which are asked instead of one in this process.

    Columns: clip_id, model, activity, match (of the activity with the model's classes: exact or near), motion (its
    key), source, appearance, design, sweep, factor, value (a number), level (the same as text: the name where a factor
    has names), block, cluster, below_floor (the camera is, and the floor is not drawn), those of `scoring.judge.judge`,
    those of `scoring.subject.measure`, then one column per factor as in `ClipSpec.flat`.

    Raises UnknownName for a model, NoClass for an activity that the model has no class for, ScoreError for NaN
    logits, ClipError for a clip that is not in the store.
    """
    card = describe(model) if isinstance(model, str) else model
    matches = require({clip.activity for clip in clips}, card.classes, model=card.name)
    specs = {clip.id: clip.spec for clip in clips}
    cache, taps, fresh = fill(card, store, specs, layers=layers, batch=batch, raw=raw, flipped=flipped, scorers=scorers)
    how = " of flipped clips" if flipped else ""
    log.info("scores of %s%s: %d clips scored, %d were there already", card.name, how, fresh, len(specs) - fresh)
    logits = np.stack([cache[clip.id] for clip in clips]) if clips else np.zeros((0, len(card.classes)), np.float32)
    columns = judge(logits, [matches[clip.activity].columns for clip in clips])
    for name, measured in measure(store, specs, card.input).items():
        columns[name] = np.array([measured[clip.id] for clip in clips])
    return Scores(
        rows=_rows(clips, card, matches, columns),
        logits=logits,
        classes=tuple(card.classes),
        fresh=fresh,
        features={layer: tap.read([clip.id for clip in clips]) for layer, tap in taps.items()} if clips else {},
    )


def fill(
    model: ModelCard | ModelAdapter,
    store: ClipStore,
    specs: Mapping[str, ClipSpec],
    *,
    layers: Mapping[str, str] | None = None,
    batch: int | None = None,
    raw: bool = False,
    flipped: bool = False,
    scorers: Scorers | None = None,
) -> tuple[RowCache, dict[str, FeatureStore], int]:
    """Forward what has no logits or lacks a tapped layer; returns where both are kept, and how many clips that were.
    Arguments as of `score`."""
    kept_as = f"{model.fingerprint}-flipped" if flipped else model.fingerprint
    cache = RowCache(store.root / "scores" / kept_as, len(model.classes))
    root = store.root / "features" / kept_as
    taps = {layer: FeatureStore(root, layer, pooling) for layer, pooling in (layers or {}).items()}
    todo = {i: spec for i, spec in specs.items() if i not in cache or any(i not in tap for tap in taps.values())}
    if todo:
        from experiments.scoring.forward import Kept, forward

        kept = Kept(cache, list(taps.values()))
        if scorers is not None and isinstance(model, ModelCard):
            scorers.forward(model, store, todo, kept, batch=batch, flipped=flipped)
        else:
            adapter = load(model) if isinstance(model, ModelCard) else model
            frames = RawFrames(store) if raw else None
            forward(adapter, store, todo, kept, batch=batch, raw=frames, flipped=flipped)
    return cache, taps, len(todo)


def _rows(
    clips: Sequence[PlannedClip],
    model: ModelAdapter | ModelCard,
    matches: Mapping[str, Match],
    columns: Mapping[str, np.ndarray],
) -> pd.DataFrame:
    design = pd.DataFrame.from_records(
        [
            {
                "clip_id": clip.id,
                "model": model.name,
                "activity": clip.activity,
                "match": matches[clip.activity].quality,
                "motion": clip.spec.motion.key,
                "source": clip.spec.motion.source,
                "appearance": clip.spec.appearance.name,
                "design": clip.design,
                "sweep": clip.sweep,
                "factor": clip.factor,
                "value": clip.value,
                "level": clip.level,
                "block": clip.block,
                "cluster": clip.cluster,
                "below_floor": clip.below_floor,
            }
            for clip in clips
        ]
    )
    factors = pd.DataFrame.from_records([clip.spec.flat() for clip in clips])
    return pd.concat([design, pd.DataFrame(columns), factors], axis=1)


__all__ = ["ScoreError", "Scores", "fill", "score"]
