"""Changes made to a clip on its way into a network that is trained, alike in all its frames.

They keep the azimuth range: zoom, shift and a slight roll of the picture, light and colour, and a left-right flip,
which maps an azimuth to its negative (so a range must be symmetric about 0) and a motion to its mirror image.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np


@dataclass(frozen=True, kw_only=True)
class Changes:
    """How far a clip is changed, each drawn uniformly per clip; all zero changes nothing but the flip.

    zoom: relative. shift: share of the picture's side. roll_deg: degrees. gain, tint: relative, of all channels and
    of each. lift: of the full range. grey: the probability of a clip without colour. flip: the probability.
    """

    zoom: float = 0.15
    shift: float = 0.08
    roll_deg: float = 5.0
    gain: float = 0.3
    tint: float = 0.12
    lift: float = 0.1
    grey: float = 0.15
    flip: float = 0.5

    @property
    def none(self) -> bool:
        """Whether a clip stays as it is."""
        return not any(vars(self).values())


def change(frames: np.ndarray, changes: Changes, rng: np.random.Generator) -> np.ndarray:
    """uint8 (T, H, W, 3) -> the same, changed alike in all its frames."""
    height, width = frames.shape[1:3]
    matrix = cv2.getRotationMatrix2D(
        (width / 2, height / 2),
        changes.roll_deg * rng.uniform(-1, 1),
        float(np.exp(np.log1p(changes.zoom) * rng.uniform(-1, 1))),
    )
    matrix[:, 2] += changes.shift * rng.uniform(-1, 1, 2) * (width, height)
    if rng.random() < changes.flip:
        matrix[0] *= -1
        matrix[0, 2] += width - 1
    table, grey = _colour_table(changes, rng), rng.random() < changes.grey
    moved = np.empty_like(frames)
    for frame, target in zip(frames, moved, strict=True):
        cv2.warpAffine(frame, matrix, (width, height), dst=target, borderMode=cv2.BORDER_REFLECT_101)
        cv2.LUT(target, table, dst=target)
        if grey:
            target[:] = cv2.cvtColor(target, cv2.COLOR_RGB2GRAY)[..., None]
    return moved


def _colour_table(changes: Changes, rng: np.random.Generator) -> np.ndarray:
    """(1, 256, 3) uint8: the new value of every old value, per channel."""
    gain = (1 + changes.gain * rng.uniform(-1, 1)) * (1 + changes.tint * rng.uniform(-1, 1, (1, 1, 3)))
    level = np.arange(256.0)[None, :, None] - 128
    return np.clip(gain * level + 128 + 255 * changes.lift * rng.uniform(-1, 1), 0, 255).astype(np.uint8)
