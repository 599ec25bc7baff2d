"""Videos whose every frame is known, and a folder of recordings with its table."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest


def write_video(path: Path, frames: np.ndarray, fps: int = 25) -> Path:
    """FFV1, lossless; frames uint8 (T, H, W, 3)."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=Fraction(fps))
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "bgr0"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
    return path


def counted(count: int, size: tuple[int, int] = (24, 32)) -> np.ndarray:
    """uint8 (T, H, W, 3): frame i is grey i."""
    return np.broadcast_to(np.arange(count, dtype=np.uint8)[:, None, None, None], (count, *size, 3)).copy()


@pytest.fixture(scope="session")
def video() -> Callable[..., Path]:
    """`write_video`."""
    return write_video


@pytest.fixture(scope="session")
def grey() -> Callable[..., np.ndarray]:
    """`counted`: frames that tell their own number."""
    return counted
