"""From clips to score rows: what a model says of every clip of a plan (design §3, "Score rows").

One row per planned clip and model. Logits are cached in the store per model fingerprint and clip id: a second run
scores nothing and does not import a deep-learning library. A sweep of distance or elevation changes how much of the
picture the person fills, so that share and the share of joints inside the frame stand beside every score.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from tqdm import tqdm

from experiments.models.base import ModelAdapter, ModelCard, describe, load
from experiments.score_cache import RowCache
from synth.clips import ClipStore
from synth.errors import CeterisError, find
from synth.factors import ClipSpec
from synth.resolve import resolve

if TYPE_CHECKING:
    from experiments.plan import PlannedClip

log = logging.getLogger(__name__)
BATCH = 32
BATCHES_PER_SHARD = 8


class ScoreError(CeterisError):
    """Scores that are no numbers; names the model and the clips."""


@dataclass(frozen=True, kw_only=True)
class Scores:
    """What a model said. rows: one per planned clip (see `score`). logits: float32 (rows, C), same order.

    classes: the C class names. fresh: how many clips were scored now; the others came from the cache.
    """

    rows: pd.DataFrame
    logits: np.ndarray
    classes: tuple[str, ...]
    fresh: int


def score(
    clips: Sequence[PlannedClip],
    store: ClipStore,
    model: str | ModelAdapter,
    *,
    device: str = "cpu",
    batch: int = BATCH,
) -> Scores:
    """Score every clip that is not in the cache yet, and give the rows of all.

    `model`: a registered name, the path of a model's folder, or an adapter. Columns: clip_id, model, activity, motion
    (its key), source, appearance, sweep, factor, value (a number), level (the same as text: the name where a factor has
    names), block, cluster, below_floor (the camera is, and the floor is not drawn), score (softmax probability of the
    true class), logit, margin (logit - best other), rank (1 = best), top1, person_share (of all pixels; NaN without a
    mask), in_frame (share of joints inside the picture; NaN without joints), then one column per factor as in
    `ClipSpec.flat`. Raises UnknownName for a model, or for an activity that the model has no class for; ScoreError
    for NaN logits; ClipError for a clip that is not in the store.
    """
    card = describe(model) if isinstance(model, str) else model
    column = {name: index for index, name in enumerate(card.classes)}
    truth = np.array([find(f"class of the model {card.name!r}", c.activity, column) for c in clips], dtype=int)
    specs = {clip.id: clip.spec for clip in clips}
    cache = RowCache(store.root / "scores" / card.fingerprint, len(card.classes))
    todo = [clip_id for clip_id in specs if clip_id not in cache]
    if todo:
        adapter = load(model, device) if isinstance(model, str) else model
        _score_missing(adapter, store, cache, {clip_id: specs[clip_id] for clip_id in todo}, batch=batch)
    log.info("scores of %s: %d clips scored, %d were there already", card.name, len(todo), len(specs) - len(todo))
    logits = np.stack([cache[clip.id] for clip in clips]) if clips else np.zeros((0, len(column)), np.float32)
    judged = _judge(logits, truth)
    for name, pass_name in (("person_share", "mask"), ("in_frame", "joints")):
        measured = _measured(store, specs, pass_name)
        judged[name] = np.array([measured[clip.id] for clip in clips])
    rows = _rows(clips, card, judged)
    return Scores(rows=rows, logits=logits, classes=tuple(card.classes), fresh=len(todo))


def _score_missing(
    adapter: ModelAdapter, store: ClipStore, cache: RowCache, specs: dict[str, ClipSpec], *, batch: int
) -> None:
    """Forward all `specs` in batches of one shape, writing a shard every few batches."""
    import torch

    pending: dict[str, np.ndarray] = {}
    with tqdm(total=len(specs), desc=f"score {adapter.name}", unit="clip", disable=None) as bar, torch.inference_mode():
        for number, ids in enumerate(_chunks(list(specs), batch), 1):
            inputs = [_prepare(adapter, store, clip_id, specs[clip_id]) for clip_id in ids]
            logits = adapter.logits(torch.stack(inputs)).float().cpu().numpy()
            _refuse_nan(adapter, ids, logits)
            pending.update(zip(ids, logits, strict=True))
            if number % BATCHES_PER_SHARD == 0:
                cache.add(pending)
                pending = {}
            bar.update(len(ids))
    cache.add(pending)


def _prepare(adapter: ModelAdapter, store: ClipStore, clip_id: str, spec: ClipSpec):
    frames = store.read(clip_id, ("frames",))["frames"]
    return adapter.prepare(frames[adapter.input.indices(len(frames), spec.fps, loop=spec.loop)])


def _chunks(items: list[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _refuse_nan(adapter: ModelAdapter, ids: Sequence[str], logits: np.ndarray) -> None:
    bad = [clip_id for clip_id, row in zip(ids, logits, strict=True) if not np.isfinite(row).all()]
    if bad:
        raise ScoreError(
            f"{adapter.name} gave logits that are no finite numbers for {len(bad)} clips, first {bad[0]}; "
            "its weights or its normalisation are broken: run python -m experiments.models.check model=NAME"
        )


def _judge(logits: np.ndarray, truth: np.ndarray) -> dict[str, np.ndarray]:
    """Score, logit, margin, rank and top-1 of the true class; logits (N, C), truth (N,) columns."""
    z = logits.astype(np.float64)
    if not len(z):
        return {name: np.zeros(0) for name in ("score", "logit", "margin", "rank", "top1")}
    at = np.arange(len(z))
    shifted = np.exp(z - z.max(axis=1, keepdims=True))
    own = z[at, truth]
    others = z.copy()
    others[at, truth] = -np.inf
    rank = 1 + (z > own[:, None]).sum(axis=1)
    return {
        "score": shifted[at, truth] / shifted.sum(axis=1),
        "logit": own,
        "margin": own - others.max(axis=1),
        "rank": rank,
        "top1": rank == 1,
    }


def _rows(clips: Sequence[PlannedClip], model: ModelAdapter | ModelCard, judged: dict[str, np.ndarray]) -> pd.DataFrame:
    design = pd.DataFrame.from_records(
        [
            {
                "clip_id": clip.id,
                "model": model.name,
                "activity": clip.activity,
                "motion": clip.spec.motion.key,
                "source": clip.spec.motion.source,
                "appearance": clip.spec.appearance.name,
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
    return pd.concat([design, pd.DataFrame(judged), factors], axis=1)


def _measured(store: ClipStore, specs: dict[str, ClipSpec], pass_name: str) -> dict[str, float]:
    """Clip id -> what SUBJECT measures on a pass, NaN where the clip lacks it; kept beside the scores."""
    cache = RowCache(store.root / "scores" / pass_name, 1)
    todo = [clip_id for clip_id in specs if clip_id not in cache and store.has(clip_id, (pass_name,))]
    fresh = {}
    for clip_id in tqdm(todo, desc=f"measure {pass_name}", unit="clip", disable=None):
        fresh[clip_id] = SUBJECT[pass_name](store.read(clip_id, (pass_name,))[pass_name], specs[clip_id])
    cache.add(fresh)
    return {clip_id: float(cache[clip_id][0]) if clip_id in cache else np.nan for clip_id in specs}


def _person_share(mask: np.ndarray, _: ClipSpec) -> float:
    return float((mask > 0).mean())


def _joints_in_frame(joints: np.ndarray, spec: ClipSpec) -> float:
    pixels = resolve(spec).camera.project(joints)
    inside = (pixels[..., :2] >= 0).all(-1) & (pixels[..., :2] < (spec.width, spec.height)).all(-1)
    return float((inside & (pixels[..., 2] > 0)).mean())


# What is measured on which pass: mask -> share of all pixels, joints -> share of joints inside the picture.
SUBJECT = {"mask": _person_share, "joints": _joints_in_frame}
