"""A made-up clip with a known mask, for checks of segmenters: a figure that walks through a place that stands still."""

from __future__ import annotations

import cv2
import numpy as np

from experiments.models.footage import Footage
from experiments.segmenters.base import Hints

NOISE = 1.5  # levels, of the sensor
SKIN, SHIRT, TROUSERS = (214, 160, 130), (170, 30, 40), (30, 40, 90)


def scene(height: int, width: int, count: int, *, seed: int = 0, empty: bool = False) -> tuple[Footage, Hints]:
    """Footage with its mask, and what can be told of it: the empty place, a box and a point on the figure.

    empty: the same without the figure; boxes and points are NaN then.
    """
    rng = np.random.default_rng(seed)
    coarse = rng.uniform(60, 200, (height // 8 + 2, width // 8 + 2, 3)).astype(np.float32)
    place = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    frames = np.empty((count, height, width, 3), np.uint8)
    mask = np.zeros((count, height, width), np.uint8)
    for t in range(count):
        picture = place.copy()
        if not empty:
            _draw(picture, mask[t], x=(0.2 + 0.6 * t / max(count - 1, 1)) * width, swing=np.sin(0.8 * t))
        frames[t] = np.clip(picture + rng.normal(0, NOISE, picture.shape), 0, 255).round()
    boxes, points = _told(mask)
    return Footage(frames=frames, mask=mask), Hints(
        background=place.round().astype(np.uint8), boxes=boxes, points=points
    )


def _draw(picture: np.ndarray, mask: np.ndarray, *, x: float, swing: float) -> None:
    """Head, trunk and two legs, into a picture and its mask."""
    height = len(picture)
    hip, foot, limb = 0.6 * height, 0.9 * height, max(2, round(0.06 * height))
    for target, one in ((picture, 0), (mask, 1)):
        for side in (-1, 1):
            ends = (round(x), round(hip)), (round(x + side * swing * 0.12 * height), round(foot))
            cv2.line(target, *ends, one or TROUSERS, limb)
        cv2.ellipse(target, ((x, 0.45 * height), (0.16 * height, 0.36 * height), 0), one or SHIRT, -1)
        cv2.circle(target, (round(x), round(0.2 * height)), round(0.07 * height), one or SKIN, -1)


def _told(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """float32 (T, 4) boxes and (T, 1, 2) points of a mask."""
    boxes = np.full((len(mask), 4), np.nan, np.float32)
    points = np.full((len(mask), 1, 2), np.nan, np.float32)
    for t, one in enumerate(mask):
        rows, columns = np.nonzero(one)
        if len(rows):
            boxes[t] = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
            points[t, 0] = np.median(columns), np.median(rows)
    return boxes, points
