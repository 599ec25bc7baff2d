"""What a network is trained and measured on: sets of clips with labels, and their batches.

A set is anything with `labels` and `footage(index)`: clips in memory, as rendered (2,400 of 8 x 112 x 112 are 0.7 GB as
uint8), or recordings that are decoded when their turn comes. Clips are changed, prepared by the model's own adapter and
collated by threads that work ahead of the network.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import torch
from tqdm import tqdm

from experiments.models.adapter import TorchAdapter
from experiments.models.footage import Footage
from experiments.models.input import InputSpec
from experiments.models.loader import batches as load_batches
from experiments.training.changes import Changes, change
from synth.clips import ClipStore

READERS = 2


class TrainingSet(Protocol):
    """labels: int64 (N,), columns of the class list."""

    labels: np.ndarray

    def footage(self, index: int) -> Footage:
        """One clip; called from several threads."""


@dataclass(frozen=True)
class Clips:
    """Clips in memory. frames: uint8 (N, T, H, W, 3) sRGB at `fps`. labels: int64 (N,)."""

    frames: np.ndarray
    labels: np.ndarray
    fps: float = 6.25

    def __len__(self) -> int:
        return len(self.labels)

    def footage(self, index: int) -> Footage:
        """One clip; its frames are no copy."""
        return Footage(frames=self.frames[index], fps=self.fps)


def read_clips(
    store: ClipStore, ids: Sequence[str], labels: Sequence[int], spec: InputSpec, fps: float | None = None
) -> Clips:
    """Read the frames of `ids` (clips at the model's rate and size) into one array."""
    frames = np.empty((len(ids), spec.frames, spec.height, spec.width, 3), np.uint8)

    def read(index: int) -> None:
        frames[index] = store.read(ids[index], ("frames",))["frames"]

    with ThreadPoolExecutor(READERS) as pool:
        for _ in tqdm(pool.map(read, range(len(ids))), total=len(ids), desc="read", unit="clip", disable=None):
            pass
    return Clips(frames, np.asarray(labels, np.int64), fps or spec.fps)


def batches(
    clips: TrainingSet, adapter: TorchAdapter, *, size: int, seed: Sequence[int], changes: Changes
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """One epoch of (inputs (B, *shape), labels (B,)) in an order and with changes that `seed` alone decides; the last,
    smaller batch is left out."""
    order = np.random.default_rng(seed).permutation(len(clips.labels))

    def prepare(index: int) -> torch.Tensor:
        shown = clips.footage(index)
        if not changes.none and shown.frames is not None:
            rng = np.random.default_rng([*seed, index])
            shown = replace(shown, frames=change(shown.frames, changes, rng))
        return adapter.prepare(shown)

    for picked, inputs in load_batches(order[: len(order) // size * size].tolist(), prepare, lambda: size):
        yield inputs, torch.from_numpy(clips.labels[picked])


def in_order(clips: TrainingSet, adapter: TorchAdapter, size: int) -> Iterator[torch.Tensor]:
    """Inputs (B, *shape) of all clips, unchanged, in their order."""
    everything = range(len(clips.labels))
    for _, inputs in load_batches(everything, lambda i: adapter.prepare(clips.footage(i)), lambda: size):
        yield inputs
