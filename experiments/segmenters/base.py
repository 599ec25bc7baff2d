"""The contract of segmenters: which pixels of a clip are the person (design §3, `mask`).

Rendered clips carry their mask; recordings do not, and foreground-only or background-only probes of them need one.
A segmenter is named by a card of `conf/segmenter/*.yaml` or by the path of one (see `cards.py`); `check_segmenter`
tests the contract. None of them is exact but the ground truth, so each says how sure it is, frame by frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from experiments.models.footage import Footage
from experiments.segmenters.errors import SegmenterError


@dataclass(frozen=True, kw_only=True)
class Hints:
    """What may be told of a clip beside its footage; segmenters say which of it they need.

    background: uint8 (H, W, 3), the place without the person. boxes: float (T, 4), or (4,) for all frames: left, top,
    right, bottom in pixels, NaN where there is nobody. points: float (T, P, 2), or (P, 2) for all frames: x, y on the
    person, NaN where there is nobody.
    """

    background: np.ndarray | None = None
    boxes: np.ndarray | None = None
    points: np.ndarray | None = None

    def per_frame(self, name: str, frames: np.ndarray, shape: tuple[int | None, ...]) -> np.ndarray | None:
        """The hint `name` as (T, *shape), repeated where it was given once; None where it was not given.

        shape: None where any length goes. Raises SegmenterError for an array of another shape.
        """
        given = getattr(self, name)
        if given is None:
            return None
        array = np.asarray(given)
        if array.ndim == len(shape):
            array = np.broadcast_to(array, (len(frames), *array.shape))
        wanted = (len(frames), *shape)
        if array.ndim != len(wanted) or any(w not in (None, a) for a, w in zip(array.shape, wanted, strict=False)):
            told = ", ".join("any" if w is None else str(w) for w in wanted)
            raise SegmenterError(f"the hint {name} is {np.shape(given)}; expected ({told})")
        return array


@dataclass(frozen=True, kw_only=True)
class Segmentation:
    """mask: uint8 (T, H, W), 1 = person, 0 = all else. confidence: float32 (T,) in [0, 1], each segmenter tells what it
    means; under LOW a frame's mask should be looked at. remarks: what a person should know before trusting it."""

    mask: np.ndarray
    confidence: np.ndarray
    remarks: tuple[str, ...] = ()


LOW = 0.5  # confidence
NO_HINTS = Hints()


@runtime_checkable
class Segmenter(Protocol):
    """Which pixels are the person. fingerprint: 16 hex digits; equal means equal masks of equal clips."""

    name: str
    fingerprint: str

    def segment(self, footage: Footage, hints: Hints = NO_HINTS) -> Segmentation:
        """footage: frames of one shot. Raises SegmenterError and its kinds: HintMissing, NoMask, CameraMoves."""


def frames_of(footage: Footage) -> np.ndarray:
    """uint8 (T, H, W, 3), the footage's frames; raises SegmenterError for what is no clip."""
    array = getattr(footage, "frames", None)
    if not isinstance(array, np.ndarray) or array.dtype != np.uint8 or array.ndim != 4 or array.shape[-1] != 3:
        got = f"{array.dtype} {array.shape}" if isinstance(array, np.ndarray) else type(array).__name__
        raise SegmenterError(f"a segmenter takes footage with frames as uint8 (T, H, W, 3), got {got}")
    if not array.size:
        raise SegmenterError(f"a segmenter was given frames {array.shape}: nothing to see")
    return array


def iou(mask: np.ndarray, truth: np.ndarray) -> float:
    """Intersection over union of two masks, or of two clips' masks; 1 where both are empty."""
    one, other = np.asarray(mask) > 0, np.asarray(truth) > 0
    union = int((one | other).sum())
    return float((one & other).sum() / union) if union else 1.0
