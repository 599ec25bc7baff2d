"""What a promptable segmenter is pointed at, frame by frame: a box, points on the person, or nothing."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from experiments.models.footage import Footage
from experiments.segmenters.base import LOW, Hints, Segmenter
from experiments.segmenters.errors import ClipUnfit, HintMissing, NoMask

PLACES = "give the hint boxes (left, top, right, bottom) or points (x, y on the person)"


@dataclass(frozen=True, kw_only=True)
class Prompts:
    """boxes: float32 (T, 4) left, top, right, bottom; points: float32 (T, P, 2) x, y; in pixels, NaN where there are
    none, None where there are none at all. sure: float32 (T,), how sure the prompter is. remarks: of the prompter."""

    boxes: np.ndarray | None
    points: np.ndarray | None
    sure: np.ndarray
    remarks: tuple[str, ...] = ()

    @property
    def there(self) -> np.ndarray:
        """bool (T,): frames in which somebody is pointed at."""
        there = np.zeros(len(self.sure), bool)
        if self.boxes is not None:
            there |= np.isfinite(self.boxes).all(axis=-1)
        if self.points is not None:
            there |= np.isfinite(self.points).all(axis=-1).any(axis=-1)
        return there


def of_hints(hints: Hints, frames: np.ndarray) -> Prompts | None:
    """What a person told; None where nothing was. Raises SegmenterError for an array of another shape."""
    boxes, points = hints.per_frame("boxes", frames, (4,)), hints.per_frame("points", frames, (None, 2))
    if boxes is None and points is None:
        return None
    boxes, points = (None if given is None else given.astype(np.float32) for given in (boxes, points))
    return Prompts(boxes=boxes, points=points, sure=np.ones(len(frames), np.float32))


def of_segmenter(prompter: Segmenter, footage: Footage, hints: Hints, name: str) -> Prompts:
    """Box and innermost point of the masks of another segmenter. Raises HintMissing where that cannot work."""
    try:
        found = prompter.segment(footage, hints)
    except (ClipUnfit, NoMask) as error:
        raise HintMissing(f"{name} is prompted by {prompter.name}, which says: {error} Or {PLACES}") from error
    boxes, points = of_mask(found.mask)
    low = float(np.median(found.confidence)) < LOW
    told = (f"prompted by {prompter.name}, at a confidence of {float(np.median(found.confidence)):.2f}",) if low else ()
    return Prompts(boxes=boxes, points=points, sure=found.confidence, remarks=(*found.remarks, *told))


def of_mask(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """float32 (T, 4) boxes around and (T, 1, 2) points deepest inside of uint8 (T, H, W); NaN for empty frames."""
    boxes = np.full((len(mask), 4), np.nan, np.float32)
    points = np.full((len(mask), 1, 2), np.nan, np.float32)
    for t, one in enumerate(mask):
        rows, columns = np.flatnonzero(one.any(axis=1)), np.flatnonzero(one.any(axis=0))
        if len(rows):
            boxes[t] = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
            depth = cv2.distanceTransform(np.pad(one, 1), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]
            row, column = np.unravel_index(int(depth.argmax()), depth.shape)
            points[t, 0] = column + 0.5, row + 0.5
    return boxes, points
