"""How a network is fitted, as data: the optimiser, its schedule, and when to stop.

Ours: AdamW (Loshchilov & Hutter, *Decoupled Weight Decay Regularization*, ICLR 2019) on a warm-up and a cosine (*SGDR*,
ICLR 2017). Those of the papers: Adam or SGD whose rate falls where the loss stands still (Mänttäri et al. 2020; Hou et
al. 2018), or at given epochs (Feichtenhofer et al. 2016). A rate is a function of the epochs that are behind, so that
a resumed run takes the very steps that an undisturbed one would have taken.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import nn

from experiments.training.changes import Changes
from synth.errors import CeterisError, find

PRECISIONS = ("auto", "float32", "bfloat16")
OPTIMISERS = ("adamw", "adam", "sgd")
SCHEDULES = ("cosine", "plateau", "steps", "constant")
KEEPS = ("last", "best")
BETTER = 1e-4  # relative; a loss that falls by less stands still


class TrainingError(CeterisError):
    """A training run that cannot go on: a setting, a loss that is no number, a checkpoint that cannot be read."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """See the module. precision: auto takes bfloat16 products where the processor has them.

    schedule: cosine (warm_up: share of all steps), plateau (the rate is multiplied by `factor` after `wait` epochs
    whose loss was no better, and training stops under `least_rate`), steps (multiplied by `factor` at each of
    `milestones`), constant. The loss watched is that of the held-out clips where there are any. weight_decay: of
    kernels alone. l1: weight of the sum of absolute kernels. clip_norm: of the gradient, 0 for none. patience: epochs
    without better held-out accuracy after which training stops, 0 for never. keep: the weights of the last epoch or of
    the best on held-out clips.
    """

    epochs: int = 15
    batch: int = 32
    optimiser: str = "adamw"
    learning_rate: float = 4e-3
    momentum: float = 0.9
    nesterov: bool = False
    weight_decay: float = 0.05
    l1: float = 0.0
    schedule: str = "cosine"
    warm_up: float = 0.15
    factor: float = 0.5
    wait: int = 2
    least_rate: float = 0.0
    milestones: tuple[int, ...] = ()
    label_smoothing: float = 0.05
    clip_norm: float = 5.0
    precision: str = "auto"
    patience: int = 0
    keep: str = "last"
    changes: Changes = field(default_factory=Changes)

    def __post_init__(self):
        object.__setattr__(self, "milestones", tuple(self.milestones))
        if self.epochs < 1 or self.batch < 2 or self.precision not in PRECISIONS:
            raise TrainingError(
                f"epochs = {self.epochs}, batch = {self.batch}, precision = {self.precision!r}; expected at least 1 "
                f"epoch, batches of at least 2 clips, and a precision of {', '.join(PRECISIONS)}"
            )
        find("optimiser", self.optimiser, dict.fromkeys(OPTIMISERS))
        find("schedule", self.schedule, dict.fromkeys(SCHEDULES))
        find("choice of what to keep", self.keep, dict.fromkeys(KEEPS))
        if not 0 < self.factor <= 1 or self.wait < 1 or self.learning_rate <= 0:
            raise TrainingError(
                f"factor = {self.factor}, wait = {self.wait}, learning_rate = {self.learning_rate}; expected a factor "
                "in (0, 1], a wait of at least one epoch, and a rate above 0"
            )

    def rate(self, progress: float, history: Sequence[Mapping[str, float]] = ()) -> float:
        """Learning rate at `progress` in [0, 1] of all epochs, after those of `history`."""
        if self.schedule == "constant":
            return self.learning_rate
        if self.schedule == "plateau":
            return self.learning_rate * self.factor ** falls(watched(history), self.wait)
        if self.schedule == "steps":
            return self.learning_rate * self.factor ** sum(len(history) >= epoch for epoch in self.milestones)
        if progress < self.warm_up:
            return self.learning_rate * (0.04 + 0.96 * progress / self.warm_up)
        return self.learning_rate * (0.505 + 0.495 * math.cos(math.pi * (progress - self.warm_up) / (1 - self.warm_up)))

    def stops(self, history: Sequence[Mapping[str, float]]) -> str:
        """Why training ends after the epochs of `history`, "" while it goes on."""
        if len(history) >= self.epochs:
            return f"{self.epochs} epochs are done"
        if self.schedule == "plateau" and history and self.rate(0.0, history) < self.least_rate:
            return f"the learning rate fell under {self.least_rate:g}"
        held = [record["held_out"] for record in history if "held_out" in record]
        if self.patience and len(held) > self.patience and max(held[-self.patience :]) <= max(held[: -self.patience]):
            return f"held-out accuracy was no better for {self.patience} epochs"
        return ""

    def optimiser_of(self, net: nn.Module) -> torch.optim.Optimizer:
        """The optimiser of a network's parameters; kernels decay, biases and the gains of normalisation do not."""
        groups = [
            {"params": [p for p in net.parameters() if p.ndim > 1], "weight_decay": self.weight_decay},
            {"params": [p for p in net.parameters() if p.ndim <= 1], "weight_decay": 0.0},
        ]
        if self.optimiser == "sgd":
            return torch.optim.SGD(groups, lr=self.learning_rate, momentum=self.momentum, nesterov=self.nesterov)
        kind = torch.optim.AdamW if self.optimiser == "adamw" else torch.optim.Adam
        return kind(groups, lr=self.learning_rate)


def watched(history: Sequence[Mapping[str, float]]) -> list[float]:
    """The loss that a plateau is seen in, epoch by epoch: held-out where it is measured, else of training."""
    return [record.get("held_out_loss", record["loss"]) for record in history]


def falls(losses: Sequence[float], wait: int) -> int:
    """How often `wait` epochs in a row were no better than the best before them."""
    count = idle = 0
    best = math.inf
    for loss in losses:
        if loss < best * (1 - BETTER):
            best, idle = loss, 0
            continue
        idle += 1
        if idle == wait:
            count, idle = count + 1, 0
    return count
