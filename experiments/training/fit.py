"""The training loop: AdamW on a warm-up and cosine schedule, one checkpoint per epoch, resumable at any of them.

Loshchilov & Hutter, *Decoupled Weight Decay Regularization* (ICLR 2019) and *SGDR* (ICLR 2017). The learning rate is
a function of the step and the order of the clips one of (seed, epoch), so that a resumed run takes the very steps
that an undisturbed one would have taken.
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from pickle import UnpicklingError

import torch
from torch import nn
from tqdm import tqdm

from experiments.models.base import InputSpec
from experiments.training.data import Changes, Clips, batches
from synth.errors import CeterisError

log = logging.getLogger("ceteris")
PRECISIONS = ("auto", "float32", "bfloat16")


class TrainingError(CeterisError):
    """A training run that cannot go on: a loss that is no number, a checkpoint that cannot be read."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a network is fitted. precision: auto takes bfloat16 products where the processor has them."""

    epochs: int = 15
    batch: int = 32
    learning_rate: float = 4e-3
    weight_decay: float = 0.05
    warm_up: float = 0.15
    label_smoothing: float = 0.05
    precision: str = "auto"
    changes: Changes = field(default_factory=Changes)

    def __post_init__(self):
        if self.epochs < 1 or self.batch < 2 or self.precision not in PRECISIONS:
            raise TrainingError(
                f"epochs = {self.epochs}, batch = {self.batch}, precision = {self.precision!r}; expected at least 1 "
                f"epoch, batches of at least 2 clips, and a precision of {', '.join(PRECISIONS)}"
            )

    def rate(self, progress: float) -> float:
        """Learning rate at `progress` in [0, 1]: a linear warm-up, then half a cosine down to 1 %."""
        if progress < self.warm_up:
            return self.learning_rate * (0.04 + 0.96 * progress / self.warm_up)
        return self.learning_rate * (0.505 + 0.495 * math.cos(math.pi * (progress - self.warm_up) / (1 - self.warm_up)))


def resolve_precision(precision: str, device: str) -> str:
    """What "auto" means on this machine."""
    if precision != "auto":
        return precision
    fast = torch.ops.mkldnn._is_mkldnn_bf16_supported() if device == "cpu" else torch.cuda.is_bf16_supported()
    return "bfloat16" if fast else "float32"


def fit(
    net: nn.Module,
    clips: Clips,
    spec: InputSpec,
    recipe: Recipe,
    *,
    folder: Path,
    seed: int = 0,
    device: str = "cpu",
    watch: Callable[[nn.Module], dict[str, float]] | None = None,
) -> list[dict[str, float]]:
    """Fit `net` in place; returns one record per epoch (epoch, loss, accuracy, rate, seconds, and what `watch` gives).

    `folder` keeps the last epoch's checkpoint; a second call with the same arguments goes on after it.
    Raises TrainingError for a loss that is not finite.
    """
    net.to(device)
    optimiser = torch.optim.AdamW(_groups(net, recipe.weight_decay), lr=recipe.learning_rate)
    history = _resume(folder, net, optimiser)
    with _deterministic():
        for epoch in range(len(history), recipe.epochs):
            record = _epoch(net, optimiser, clips, spec, recipe, epoch=epoch, seed=seed, device=device)
            if watch is not None:
                record.update(watch(net))
            history.append(record)
            _checkpoint(folder, net, optimiser, history)
            log.info("epoch %(epoch)d: " + _summary(record), record)
    return history


def _epoch(
    net: nn.Module,
    optimiser: torch.optim.Optimizer,
    clips: Clips,
    spec: InputSpec,
    recipe: Recipe,
    *,
    epoch: int,
    seed: int,
    device: str,
) -> dict[str, float]:
    steps, start = len(clips) // recipe.batch, time.perf_counter()
    half = resolve_precision(recipe.precision, device) == "bfloat16"
    loss_of = nn.CrossEntropyLoss(label_smoothing=recipe.label_smoothing)
    feed = batches(clips, spec, size=recipe.batch, seed=[seed, epoch], changes=recipe.changes)
    total = right = 0.0
    net.train()
    with tqdm(feed, total=steps, desc=f"epoch {epoch + 1}/{recipe.epochs}", unit="batch", disable=None) as bar:
        for step, (x, y) in enumerate(bar):
            for group in optimiser.param_groups:
                group["lr"] = recipe.rate((epoch + step / steps) / recipe.epochs)
            with torch.autocast(device.split(":")[0], torch.bfloat16, enabled=half):
                logits = net(x.to(device)).float()
            loss = loss_of(logits, y.to(device))
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            optimiser.step()
            total += _finite(loss, epoch)
            right += float((logits.argmax(1).cpu() == y).float().mean())
            bar.set_postfix(loss=f"{total / (step + 1):.3f}", accuracy=f"{right / (step + 1):.3f}")
    net.eval()
    return {
        "epoch": epoch + 1,
        "loss": total / steps,
        "accuracy": right / steps,
        "rate": recipe.rate((epoch + 1) / recipe.epochs),
        "seconds": time.perf_counter() - start,
    }


def _finite(loss: torch.Tensor, epoch: int) -> float:
    value = float(loss.detach())
    if not math.isfinite(value):
        raise TrainingError(f"the loss became {value} in epoch {epoch + 1}; lower train.fit.learning_rate")
    return value


def _summary(record: dict[str, float]) -> str:
    return ", ".join(f"{key} %({key}).4g" for key in record if key != "epoch")


def _groups(net: nn.Module, decay: float) -> list[dict]:
    """Kernels decay; biases and the gains of normalisation do not."""
    kernels = [p for p in net.parameters() if p.ndim > 1]
    return [
        {"params": kernels, "weight_decay": decay},
        {"params": [p for p in net.parameters() if p.ndim <= 1], "weight_decay": 0.0},
    ]


@contextlib.contextmanager
def _deterministic() -> Iterator[None]:
    """Kernels that give the same sums every time, for as long as the block lasts."""
    before = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before)


def _checkpoint(folder: Path, net: nn.Module, optimiser: torch.optim.Optimizer, history: list) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f".{os.getpid()}.checkpoint.pt"
    torch.save({"net": net.state_dict(), "optimiser": optimiser.state_dict(), "history": history}, partial)
    os.replace(partial, folder / "checkpoint.pt")


def _resume(folder: Path, net: nn.Module, optimiser: torch.optim.Optimizer) -> list[dict[str, float]]:
    """The history of the checkpoint in `folder`, its state put into `net` and `optimiser`; [] without one."""
    path = folder / "checkpoint.pt"
    if not path.is_file():
        return []
    try:
        state = torch.load(path, weights_only=True)
        net.load_state_dict(state["net"])
        optimiser.load_state_dict(state["optimiser"])
    except (OSError, RuntimeError, KeyError, ValueError, EOFError, UnpicklingError) as error:
        raise TrainingError(f"{path} cannot be resumed ({error}); delete it to start anew") from error
    log.info("going on after epoch %d of %s", len(state["history"]), path)
    return state["history"]
