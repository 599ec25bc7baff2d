"""An optional cache of decoded frames beside the store: `<store>/raw/ab/<clip id>.npy`, uint8, memory-mapped.

Two to three times as large as the store keeps them and read at the speed of the disk: for a model so fast that decoding
bounds it (small networks, GPUs), and for clips that many models are shown. It may be deleted at any time.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from synth.clips import ClipStore


class RawFrames:
    """Frames of clips of `store`, decoded once."""

    def __init__(self, store: ClipStore):
        self.store, self.root = store, store.root / "raw"

    def read(self, clip_id: str) -> np.ndarray:
        """uint8 (T, H, W, 3), mapped from disk; decoded and kept where it is not there yet."""
        path = self.root / clip_id[:2] / f"{clip_id}.npy"
        try:
            return np.load(path, mmap_mode="c")  # tensors want memory that may be written to; the file stays as it is
        except (FileNotFoundError, ValueError, EOFError):  # none, or what a full disk left
            frames = self.store.read(clip_id, ("frames",))["frames"]
            self._keep(path, frames)
            return frames

    @staticmethod
    def _keep(path: Path, frames: np.ndarray) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{os.getpid()}.{path.name}")
        with partial.open("wb") as file:
            np.save(file, frames)
        os.replace(partial, path)
