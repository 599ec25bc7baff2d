"""What the model saw: a clip as a short strip of its frames side by side, one WebP picture in a data URI.

The page shows the middle frame and, while it is pointed at, steps through the others.
"""

from __future__ import annotations

import base64
import functools
import io
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

HEIGHT_PX = 112
FRAMES = 8
QUALITY = 62


@dataclass(frozen=True)
class Sprite:
    """uri: data URI of all frames side by side. frames: how many. shown: which one stands for the clip.
    aspect: width over height of one frame."""

    uri: str
    frames: int
    shown: int
    aspect: float


def sprite(frames: np.ndarray, *, height: int = HEIGHT_PX, count: int = FRAMES) -> Sprite:
    """(T, H, W, 3) uint8 frames as one strip of at most `count` frames, evenly taken."""
    picks = frames[np.unique(np.linspace(0, len(frames) - 1, count).round().astype(int))]
    width = max(1, round(height * picks.shape[2] / picks.shape[1]))
    small = [cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA) for frame in picks]
    buffer = io.BytesIO()
    Image.fromarray(np.concatenate(small, axis=1)).save(buffer, "WEBP", quality=QUALITY, method=1)
    text = base64.b64encode(buffer.getvalue()).decode()
    return Sprite(f"data:image/webp;base64,{text}", len(picks), len(picks) // 2, width / height)


def reader(store) -> Callable[[str], Sprite]:
    """Clip id -> sprite, each clip read once. `store` has `read(clip_id, passes)`."""

    @functools.cache
    def read(clip_id: str) -> Sprite:
        return sprite(store.read(clip_id, ("frames",))["frames"])

    return read
