"""An optional cache of decoded frames beside the store: `<store>/raw/ab/<clip id>.npy`, uint8, memory-mapped.

Two to three times as large as the store keeps them and read at the speed of the disk: for a model so fast that decoding
bounds it (small networks, GPUs), and for clips that many models are shown. It may be deleted at any time. After the
array stands its CRC-32: what does not agree with it is decoded anew.
"""

from __future__ import annotations

import logging
import os
import zlib
from pathlib import Path

import numpy as np

from synth.arrays import UNREADABLE
from synth.clips import ClipStore
from synth.whole import whole

SUM_BYTES = 4
log = logging.getLogger("ceteris")


class RawFrames:
    """Frames of clips of `store`, decoded once."""

    def __init__(self, store: ClipStore):
        self.store, self.root = store, store.root / "raw"

    def read(self, clip_id: str) -> np.ndarray:
        """uint8 (T, H, W, 3), mapped from disk; decoded and kept where it is not there yet."""
        path = self.root / clip_id[:2] / f"{clip_id}.npy"
        if (kept := _kept(path)) is not None:
            return kept
        frames = self.store.read(clip_id, ("frames",))["frames"]
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole(path) as partial, partial.open("wb") as file:
            np.save(file, frames)
            file.write(_sum(frames))
        return frames


def _kept(path: Path) -> np.ndarray | None:
    """None where there is nothing, or not what was written."""
    try:
        frames = np.load(path, mmap_mode="c")  # tensors want memory that may be written to; the file stays as it is
        with path.open("rb") as file:
            file.seek(-SUM_BYTES, os.SEEK_END)
            written = file.read()
    except FileNotFoundError:
        return None
    except UNREADABLE as error:
        log.warning("%s cannot be read (%s); its frames are decoded anew", path, error)
        return None
    if written != _sum(frames):
        log.warning("%s is not what was written; its frames are decoded anew", path)
        return None
    return frames


def _sum(frames: np.ndarray) -> bytes:
    return zlib.crc32(np.ascontiguousarray(frames)).to_bytes(SUM_BYTES, "big")
