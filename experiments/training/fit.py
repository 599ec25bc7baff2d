"""The training loop: one checkpoint per epoch, resumable at any of them, the same sums every time on a CPU.

The learning rate is a function of the epochs that are behind, the order of the clips and what dropout leaves out one of
(seed, epoch): a resumed run takes the very steps that an undisturbed one would have taken. Products are bfloat16 where
the recipe asks for it and the device has it; weights, sums and the optimiser's state are float32.
"""

from __future__ import annotations

import contextlib
import logging
import math
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from pickle import UnpicklingError

import torch
from torch import nn
from tqdm import tqdm

from experiments.models.adapter import TorchAdapter
from experiments.models.precision import best_precision
from experiments.training.data import TrainingSet, batches
from experiments.training.recipe import Recipe, TrainingError
from synth.whole import whole

log = logging.getLogger("ceteris")
CHECKPOINT = "checkpoint.pt"
Watch = Callable[[TorchAdapter], Mapping[str, float]]


def resolve_precision(precision: str, device: str) -> str:
    """What "auto" means on this machine."""
    return best_precision(device) if precision == "auto" else precision


def fit(
    adapter: TorchAdapter,
    clips: TrainingSet,
    recipe: Recipe,
    *,
    folder: Path,
    seed: int = 0,
    watch: Watch | None = None,
) -> list[dict[str, float]]:
    """Fit `adapter.net` in place; returns one record per epoch (epoch, loss, accuracy, rate, seconds, and what `watch`
    gives: held_out, an accuracy, and held_out_loss).

    `folder` keeps the last epoch's checkpoint; a second call with the same arguments goes on after it.
    Raises TrainingError for a loss that is not finite, or for fewer clips than a batch holds.
    """
    if len(clips.labels) < recipe.batch:
        raise TrainingError(
            f"{len(clips.labels)} clips are fewer than one batch of {recipe.batch}; lower train.fit.batch"
        )
    net = adapter.net.requires_grad_(True)
    run = _Run(adapter, recipe, recipe.optimiser_of(net), seed)
    run.resume(folder)
    with _deterministic(adapter.device):
        while not (reason := recipe.stops(run.history)):
            record = run.epoch(clips)
            if watch is not None:
                record.update(watch(adapter))
            run.close(record, folder)
            log.info("epoch %(epoch)d: " + _summary(record), record)
    log.info("training ends: %s", reason)
    if recipe.keep == "best" and run.best is not None:
        net.load_state_dict(run.best)
    net.eval().requires_grad_(False)
    return run.history


class _Run:
    """What changes from epoch to epoch: the network, the optimiser, the history, the best weights so far."""

    def __init__(self, adapter: TorchAdapter, recipe: Recipe, optimiser: torch.optim.Optimizer, seed: int):
        self.adapter, self.recipe, self.optimiser, self.seed = adapter, recipe, optimiser, seed
        self.history: list[dict[str, float]] = []
        self.best: dict[str, torch.Tensor] | None = None
        self.kind = torch.device(adapter.device).type
        self.half = resolve_precision(recipe.precision, adapter.device) == "bfloat16"

    def epoch(self, clips: TrainingSet) -> dict[str, float]:
        """The steps of one epoch."""
        number, recipe = len(self.history), self.recipe
        steps, start = len(clips.labels) // recipe.batch, time.perf_counter()
        feed = batches(clips, self.adapter, size=recipe.batch, seed=[self.seed, number], changes=recipe.changes)
        total = right = 0.0
        self.adapter.net.train()
        title = f"epoch {number + 1}/{recipe.epochs}"
        with _seeded(self.seed, number), tqdm(feed, total=steps, desc=title, unit="batch", disable=None) as bar:
            for step, (inputs, labels) in enumerate(bar):
                loss, hits = self._step(
                    inputs, labels, recipe.rate((number + step / steps) / recipe.epochs, self.history)
                )
                total += _finite(loss, number)
                right += hits
                bar.set_postfix(loss=f"{total / (step + 1):.3f}", accuracy=f"{right / (step + 1):.3f}")
        self.adapter.net.eval()
        return {
            "epoch": number + 1,
            "loss": total / steps,
            "accuracy": right / steps,
            "rate": self.optimiser.param_groups[0]["lr"],
            "seconds": time.perf_counter() - start,
        }

    def _step(self, inputs: torch.Tensor, labels: torch.Tensor, rate: float) -> tuple[float, float]:
        """One step; the loss and the share of clips that were right before it."""
        adapter, recipe, net = self.adapter, self.recipe, self.adapter.net
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        labels = labels.to(adapter.device)
        x = adapter.normalise(inputs.to(adapter.device, non_blocking=True).flatten(0, 1))
        with torch.autocast(self.kind, torch.bfloat16, enabled=self.half):
            heads = adapter.forward(x)
        heads = [head.float() for head in (heads if isinstance(heads, tuple) else (heads,))]
        loss = sum(nn.functional.cross_entropy(h, labels, label_smoothing=recipe.label_smoothing) for h in heads)
        if recipe.l1:
            loss = loss + recipe.l1 * sum(p.abs().sum() for p in net.parameters() if p.ndim > 1)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        if recipe.clip_norm:
            nn.utils.clip_grad_norm_(net.parameters(), recipe.clip_norm)
        self.optimiser.step()
        right = sum(head.detach().softmax(1) for head in heads).argmax(1) == labels
        return float(loss.detach()), float(right.float().mean())

    def close(self, record: dict[str, float], folder: Path) -> None:
        """Keep what this epoch made."""
        before = max((r.get("held_out", -math.inf) for r in self.history), default=-math.inf)
        self.history.append(record)
        if self.recipe.keep == "best" and record.get("held_out", -math.inf) > before:
            self.best = {key: value.detach().cpu().clone() for key, value in self.adapter.net.state_dict().items()}
        folder.mkdir(parents=True, exist_ok=True)
        kept = {
            "net": self.adapter.net.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "history": self.history,
            "best": self.best,
        }
        with whole(folder / CHECKPOINT) as partial:
            torch.save(kept, partial)

    def resume(self, folder: Path) -> None:
        """Go on after the checkpoint in `folder`, if there is one."""
        path = folder / CHECKPOINT
        if not path.is_file():
            return
        try:
            state = torch.load(path, weights_only=True, map_location=self.adapter.device)
            self.adapter.net.load_state_dict(state["net"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.history, self.best = state["history"], state["best"]
        except (OSError, RuntimeError, KeyError, ValueError, EOFError, UnpicklingError) as error:
            raise TrainingError(f"{path} cannot be resumed ({error}); delete it to start anew") from error
        log.info("going on after epoch %d of %s", len(self.history), path)


def _finite(loss: float, epoch: int) -> float:
    if not math.isfinite(loss):
        raise TrainingError(f"the loss became {loss} in epoch {epoch + 1}; lower train.fit.learning_rate")
    return loss


def _summary(record: dict[str, float]) -> str:
    return ", ".join(f"{key} %({key}).4g" for key in record if key != "epoch")


@contextlib.contextmanager
def _seeded(seed: int, epoch: int) -> Iterator[None]:
    """What dropout leaves out depends on (seed, epoch) alone."""
    with torch.random.fork_rng():
        torch.manual_seed(1_000_003 * seed + epoch)
        yield


@contextlib.contextmanager
def _deterministic(device: str) -> Iterator[None]:
    """Kernels that give the same sums every time, for as long as the block lasts; a GPU has none for some layers and
    says so in a warning."""
    before = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(True, warn_only=device != "cpu")
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before)
