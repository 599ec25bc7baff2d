"""Features of tapped layers, pooled on the model's device before they are kept, and memory-mapped when they are read.

`<store>/features/<fingerprint>/<layer>-<pooling>/` holds shards: `<name>.npy` with one row per clip and `<name>.ids`
with a line for each, the clip's id and the row's CRC-32, put in place last. An analysis reads the rows it asks for and
no more.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from experiments.scoring.cache import CacheError
from synth.arrays import UNREADABLE
from synth.errors import find
from synth.whole import whole

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
        self._where: dict[str, tuple[Path, int, str]] = {}
        for path in sorted(self.root.glob("[!.]*.ids")):
            self._note(path.with_suffix(".npy"), _lines(path))

    def __contains__(self, clip_id: str) -> bool:
        return clip_id in self._where

    def add(self, rows: Mapping[str, np.ndarray]) -> None:
        """Keep rows (clip id -> (D,)) as one new shard."""
        if not rows:
            return
        ids = sorted(rows)
        self.root.mkdir(parents=True, exist_ok=True)
        values = np.stack([rows[i] for i in ids]).astype(np.float32)
        lines = [f"{clip_id} {_sum(row)}" for clip_id, row in zip(ids, values, strict=True)]
        # By the rows too: two runs may score the same clips on devices that differ in the last bit.
        path = self.root / f"{hashlib.sha256(''.join(lines).encode()).hexdigest()[:16]}.npy"
        with whole(path) as partial, partial.open("wb") as file:
            np.save(file, values)
        with whole(path.with_suffix(".ids")) as partial:
            partial.write_text("\n".join(lines), encoding="utf-8")
        self._note(path, lines)

    def read(self, ids: Sequence[str]) -> np.ndarray:
        """float32 (N, D) in the order of `ids`; raises CacheError for a clip that is not there or a damaged shard."""
        if missing := [i for i in ids if i not in self._where]:
            raise CacheError(
                f"layer {self.layer!r} of {len(missing)} clips is not kept, first {missing[0]}; score them"
            )
        mapped = {path: _map(path) for path in {self._where[i][0] for i in ids}}
        return np.stack([_row(mapped[path], path, row, written) for path, row, written in map(self._where.get, ids)])

    def _note(self, path: Path, lines: Sequence[str]) -> None:
        for row, line in enumerate(lines):
            clip_id, _, written = line.partition(" ")
            self._where[clip_id] = (path, row, written)


def _row(values: np.ndarray, path: Path, row: int, written: str) -> np.ndarray:
    if row >= len(values) or values.dtype != np.float32 or _sum(values[row]) != written:
        raise CacheError(f"{path}: row {row} is not what was written; delete it and its .ids, and run again")
    return values[row]


def _sum(row: np.ndarray) -> str:
    return f"{zlib.crc32(np.ascontiguousarray(row)):08x}"


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CacheError(f"{path}: cannot be read ({error}); delete it and its .npy, and run again") from error


def _map(path: Path) -> np.ndarray:
    try:
        return np.load(path, mmap_mode="r")
    except UNREADABLE as error:
        raise CacheError(f"{path}: cannot be read ({error}); delete it and its .ids, and run again") from error
