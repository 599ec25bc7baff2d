"""Features of tapped layers, pooled on the model's device before they are kept, and memory-mapped when they are read.

`<store>/features/<fingerprint>/<layer>-<pooling>/` holds shards: `<name>.npy` with one row per clip and `<name>.ids`
with the clips' ids, put in place last. An analysis reads the rows it asks for and no more.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from experiments.scoring.cache import CacheError
from synth.errors import find

if TYPE_CHECKING:
    import torch


def _mean(x: torch.Tensor) -> torch.Tensor:
    return x.flatten(2).mean(2) if x.ndim > 2 else x


def _space(x: torch.Tensor) -> torch.Tensor:
    return x.flatten(3).mean(3) if x.ndim > 3 else x


def _max(x: torch.Tensor) -> torch.Tensor:
    return x.flatten(2).amax(2) if x.ndim > 2 else x


# (B, channels, ...) -> (B, ...). mean, max: over time and picture; space: over the picture alone; none: as it is.
POOLINGS = {"mean": _mean, "max": _max, "space": _space, "none": lambda x: x}


def pool(features: torch.Tensor, pooling: str) -> np.ndarray:
    """(B, channels, ...) -> float32 (B, D); raises UnknownName."""
    return find("pooling", pooling, POOLINGS)(features).flatten(1).float().cpu().numpy()


class FeatureStore:
    """Rows of one layer, one pooling and one model's fingerprint, by clip id."""

    def __init__(self, root: Path, layer: str, pooling: str):
        find("pooling", pooling, POOLINGS)
        self.layer, self.pooling = layer, pooling
        self.root = Path(root) / f"{layer}-{pooling}"
        self._where: dict[str, tuple[Path, int]] = {}
        for path in sorted(self.root.glob("*.ids")):
            self._note(path.with_suffix(".npy"), path.read_text(encoding="utf-8").split())

    def __contains__(self, clip_id: str) -> bool:
        return clip_id in self._where

    def add(self, rows: Mapping[str, np.ndarray]) -> None:
        """Keep rows (clip id -> (D,)) as one new shard."""
        if not rows:
            return
        ids = sorted(rows)
        self.root.mkdir(parents=True, exist_ok=True)
        path = self.root / f"{hashlib.sha256(''.join(ids).encode()).hexdigest()[:16]}.npy"
        _put(path, lambda file: np.save(file, np.stack([rows[i] for i in ids]).astype(np.float32)))
        _put(path.with_suffix(".ids"), lambda file: file.write("\n".join(ids).encode()))
        self._note(path, ids)

    def read(self, ids: Sequence[str]) -> np.ndarray:
        """float32 (N, D) in the order of `ids`; raises CacheError for a clip that is not there or a damaged shard."""
        if missing := [i for i in ids if i not in self._where]:
            raise CacheError(
                f"layer {self.layer!r} of {len(missing)} clips is not kept, first {missing[0]}; score them"
            )
        mapped = {path: _map(path) for path in {self._where[i][0] for i in ids}}
        return np.stack([mapped[path][row] for path, row in (self._where[i] for i in ids)])

    def _note(self, path: Path, ids: Sequence[str]) -> None:
        self._where.update({clip_id: (path, row) for row, clip_id in enumerate(ids)})


def _map(path: Path) -> np.ndarray:
    try:
        return np.load(path, mmap_mode="r")
    except (OSError, ValueError, EOFError) as error:
        raise CacheError(f"{path}: cannot be read ({error}); delete it and its .ids, and run again") from error


def _put(path: Path, write) -> None:
    partial = path.with_name(f".{os.getpid()}.{path.name}")
    with partial.open("wb") as file:
        write(file)
    os.replace(partial, path)
