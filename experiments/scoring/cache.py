"""Rows of numbers kept per clip id beside the clip store, so that nothing is scored or measured twice.

One folder per kind of row: `<store>/scores/<fingerprint of the model>/` for logits, `<store>/scores/mask/` and
`<store>/scores/joints/` for what is measured on those passes. A folder holds shards, each written once under a name
that its content gives and put in place by atomic rename: a run that is killed loses at most the shard under way, and
two runs on one store do not meet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from synth.arrays import UNREADABLE
from synth.errors import CeterisError
from synth.whole import whole


class CacheError(CeterisError):
    """A shard of cached rows that cannot be read."""


class RowCache:
    """float32 rows of `width` numbers by clip id, in the folder `root`."""

    def __init__(self, root: Path, width: int):
        self.root, self.width = Path(root), width
        self._rows: dict[str, np.ndarray] = {}
        for path in sorted(self.root.glob("[!.]*.npz")):  # not what is being written
            self._rows.update(self._read(path))

    def __contains__(self, clip_id: str) -> bool:
        return clip_id in self._rows

    def __getitem__(self, clip_id: str) -> np.ndarray:
        return self._rows[clip_id]

    def add(self, rows: Mapping[str, np.ndarray]) -> None:
        """Keep `rows` (clip id -> (width,)) in memory and as one new shard on disk."""
        if not rows:
            return
        ids = sorted(rows)
        values = np.stack([np.asarray(rows[i], np.float32) for i in ids]).reshape(len(ids), self.width)
        name = hashlib.sha256("".join(ids).encode()).hexdigest()[:16]
        self.root.mkdir(parents=True, exist_ok=True)
        with whole(self.root / f"{name}.npz") as partial, partial.open("wb") as file:
            np.savez(file, ids=np.array(ids), values=values)
        self._rows.update(zip(ids, values, strict=True))

    def _read(self, path: Path) -> dict[str, np.ndarray]:
        try:
            with np.load(path, allow_pickle=False) as shard:
                ids, values = shard["ids"], shard["values"]
        except UNREADABLE as error:
            raise CacheError(f"{path}: cannot be read ({error}); delete the file and run again") from error
        if values.shape != (len(ids), self.width):
            raise CacheError(f"{path}: rows of shape {values.shape}, expected ({len(ids)}, {self.width}); delete it")
        return dict(zip(ids.tolist(), values, strict=True))
