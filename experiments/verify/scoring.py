"""What models say of recordings: a row per window, and a row per recording, the mean of its windows.

Logits are kept in the store by the model's fingerprint and what the window shows, so that a second run scores nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
import pandas as pd
from tqdm import tqdm

from experiments.labels import require
from experiments.models.base import ModelCard, load
from experiments.scoring.cache import RowCache
from experiments.scoring.errors import ScoreError
from experiments.scoring.judge import judge
from experiments.settings import SettingError
from experiments.verify.footage import Shape, Taken, keys
from synth.clips import ClipStore

log = logging.getLogger("ceteris")
MEANS = ("score", "logit", "margin", "rank", "top1", "top5")


def check_models(cards: Sequence[ModelCard], *, flow: bool = False) -> None:
    """Raises SettingError for a model that is shown more than a recording holds. flow: they have it in files."""
    held = {"frames", "flow"} if flow else {"frames"}
    for card in cards:
        if more := [name for name in card.input.passes if name not in held]:
            raise SettingError(
                f"the model {card.name} is shown {' and '.join(more)}, which rendered clips have and recordings have "
                "not; take one that is shown frames, or for flow a card with flow_from: tvl1, or say where each "
                "recording's flow lies: recordings.prepare.flow=DIR"
            )


def score_recordings(
    taken: Sequence[Taken], cards: Sequence[ModelCard], store: ClipStore, shape: Shape
) -> pd.DataFrame:
    """One row per model, recording and window: model, file, window, start_s and the columns of `scoring.judge`."""
    named = list(keys(taken, shape))
    return pd.concat([_of_model(card, named, store, shape) for card in cards], ignore_index=True)


def by_recording(taken: Sequence[Taken], windows: pd.DataFrame) -> pd.DataFrame:
    """One row per model and recording: its facts, the mean over its windows of what was scored, and the lowest and the
    highest score of a window."""
    grouped = windows.groupby(["model", "file"], sort=False)
    means = grouped[list(MEANS)].mean()
    means["score_low"], means["score_high"] = grouped["score"].min(), grouped["score"].max()
    return means.reset_index().merge(pd.DataFrame([one.facts for one in taken]), on="file", how="left")


def _of_model(
    card: ModelCard, named: Sequence[tuple[Taken, list[str]]], store: ClipStore, shape: Shape
) -> pd.DataFrame:
    matches = require({one.clip.activity for one, _ in named}, card.classes, model=card.name)
    cache = RowCache(store.root / "scores" / f"{card.fingerprint}-recordings", len(card.classes))
    todo = [(one, own) for one, own in named if any(key not in cache for key in own)]
    if todo:
        adapter = load(card)
        for one, own in tqdm(todo, desc=f"score recordings {card.name}", unit="file", disable=None):
            cache.add({key: _logits(adapter, one, number, shape) for number, key in enumerate(own)})
    log.info("scores of %s: %d recordings scored, %d were there already", card.name, len(todo), len(named) - len(todo))
    rows = [
        {"model": card.name, "file": one.clip.file, "window": number, "start_s": one.windows[number][0] / one.video.fps}
        for one, own in named
        for number in range(len(own))
    ]
    logits = np.stack([cache[key] for _, own in named for key in own])
    truth = [matches[one.clip.activity].columns for one, own in named for _ in own]
    return pd.DataFrame(rows).assign(**judge(logits, truth))


def _logits(adapter, one: Taken, number: int, shape: Shape) -> np.ndarray:
    """float32 (C,)"""
    import torch

    with torch.inference_mode():
        batch = adapter.prepare(one.footage(number, shape.fps))[None]
        logits = adapter.run(batch).logits.float().cpu().numpy()[0]
    if not np.isfinite(logits).all():
        raise ScoreError(
            f"{adapter.name} gave logits that are no finite numbers for {one.clip.file}; its weights or its "
            "normalisation are broken: run python -m experiments.models.check model=NAME"
        )
    return logits
