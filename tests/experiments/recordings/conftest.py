"""Small videos and skeleton files whose every frame is known."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest


def grey_video(
    path: Path, count: int = 6, *, fps: str = "25", size: tuple[int, int] = (16, 24), first: int = 0
) -> Path:
    """FFV1, lossless: every pixel of frame i is 10 i. size: height, width."""
    frames = [np.full((*size, 3), 10 * i, np.uint8) for i in range(count)]
    return encode(path, frames, fps=fps)


def encode(path: Path, frames: list[np.ndarray], *, fps: str = "25", codec: str = "ffv1", setup=None) -> Path:
    """uint8 (H, W, 3) frames in any container that the suffix names; `setup(stream)` before the first of them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    forced = {".webm": "matroska"}.get(path.suffix)
    with av.open(str(path), "w", format=forced) as container:
        stream = container.add_stream(codec, rate=Fraction(fps))
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "bgr0" if codec == "ffv1" else "yuv420p"
        if setup is not None:
            setup(stream)
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
    return path


@pytest.fixture(scope="session")
def make_video() -> Callable[..., Path]:
    """`grey_video`: frames that tell their own number."""
    return grey_video


@pytest.fixture(scope="session")
def encode_video() -> Callable[..., Path]:
    """`encode`: any frames, codec and container."""
    return encode


def skeleton_text(frames: list[list[tuple[int, float]]], end: str = "\r\n") -> str:
    """A .skeleton file: per frame its bodies as (id, value); joint k is at (value + k, -value, k)."""
    lines = [str(len(frames))]
    for bodies in frames:
        lines.append(str(len(bodies)))
        for identity, value in bodies:
            lines += [f"{identity} 0 1 1 1 1 0 0.1 -0.2 2", "25"]
            lines += [f"{value + k} {-value} {k} 1 2 3 4 0 0 0 1 2" for k in range(25)]
    return end.join(lines) + end


@pytest.fixture(scope="session")
def make_skeleton() -> Callable[..., str]:
    """`skeleton_text`: files whose joints are known."""
    return skeleton_text
