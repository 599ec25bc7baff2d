"""The mask that a clip brings: exact, because the renderer took it and the colours from one visibility buffer."""

from __future__ import annotations

import numpy as np

from experiments.models.footage import Footage
from experiments.segmenters.base import NO_HINTS, Hints, Segmentation, frames_of
from experiments.segmenters.cards import Carded
from experiments.segmenters.errors import NoMask, SegmenterError


class GroundTruth(Carded):
    """Hands on `footage.mask`; its confidence is 1."""

    def segment(self, footage: Footage, hints: Hints = NO_HINTS) -> Segmentation:
        """The clip's own mask; hints are not used. Raises NoMask, and SegmenterError for one that does not fit."""
        shape = frames_of(footage).shape[:3]
        mask = footage.mask
        if mask is None:
            raise NoMask(
                f"{self.name} hands on the mask that a clip was rendered with, and this footage has none. Render it "
                "with the pass 'mask'; for recordings use another segmenter (still_camera needs no weights)"
            )
        if mask.shape != shape or mask.dtype not in (np.uint8, bool):
            raise SegmenterError(
                f"the footage's mask is {mask.dtype} {mask.shape}; expected uint8 {shape}, as its frames"
            )
        return Segmentation(mask=(mask > 0).astype(np.uint8), confidence=np.ones(len(mask), np.float32))
