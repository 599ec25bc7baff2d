"""What every training has in common: fit, measure on the sets that were held out, write card, weights and curves."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from experiments.models.adapter import TorchAdapter
from experiments.training.card import common_facts, write_model
from experiments.training.curves import write_curves
from experiments.training.data import TrainingSet
from experiments.training.fit import fit
from experiments.training.measure import mean_loss, predict
from experiments.training.recipe import Recipe

log = logging.getLogger("ceteris")
TRAIN = "train"


@dataclass(frozen=True, kw_only=True)
class Job:
    """A training that is ready to start.

    adapter: of an untrained card. clips: title -> set; "train" is fitted on, every other is measured, the first of them
    after every epoch. checkpoints: a folder that belongs to these clips and this recipe. measure: (title, logits
    (N, C)) -> accuracy, in total under "all" and otherwise as the card is to tell it. facts: what the card says besides
    (see `training.card`). seconds: what the stages before took.
    """

    adapter: TorchAdapter
    clips: Mapping[str, TrainingSet]
    recipe: Recipe
    seed: int
    checkpoints: Path
    measure: Callable[[str, np.ndarray], Mapping]
    facts: Callable[[], Mapping]
    seconds: dict[str, float] = field(default_factory=dict)


def train_job(job: Job, out: Path) -> Path:
    """Run a job; writes the model's folder `out`/<name>, history.csv and curves.png, and returns the folder."""
    held = [title for title in job.clips if title != TRAIN]
    history = fit(
        job.adapter,
        job.clips[TRAIN],
        job.recipe,
        folder=job.checkpoints,
        seed=job.seed,
        watch=_watcher(job.clips[held[0]]) if held else None,
    )
    job.seconds["fit"] = sum(record["seconds"] for record in history)
    with timed(job.seconds, "measure"):
        accuracy = {title: job.measure(title, predict(job.adapter, job.clips[title])) for title in held}
    facts = common_facts(job.adapter, job.recipe, seed=job.seed, history=history, seconds=job.seconds)
    folder = out / job.adapter.name
    told = {**facts, "architecture": job.adapter.bring(folder), "accuracy": accuracy, **job.facts()}
    write_model(folder, job.adapter.net, told)
    write_curves(out, history)
    for title, rows in accuracy.items():
        log.info("%s: %.1f %% of %d", title, 100 * rows["all"]["accuracy"], rows["all"]["clips"])
    return folder


def _watcher(clips: TrainingSet) -> Callable[[TorchAdapter], dict[str, float]]:
    def watch(adapter: TorchAdapter) -> dict[str, float]:
        logits = predict(adapter, clips)
        right = logits.argmax(1) == clips.labels
        return {"held_out": float(right.mean()), "held_out_loss": mean_loss(logits, clips.labels)}

    return watch


@contextmanager
def timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    """Note how long the block took."""
    start = time.perf_counter()
    yield
    seconds[name] = time.perf_counter() - start
