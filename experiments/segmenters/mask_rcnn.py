"""Mask R-CNN (He et al. 2017), torchvision's: it finds the people in a picture, one by one, with a mask each.

    kind: mask_rcnn
    weights: maskrcnn_resnet50_fpn_coco-bf2d0c1e.pth     # a state dict, as torchvision publishes it
    options: { model: maskrcnn_resnet50_fpn, threshold: 0.5 }

torchvision is an extra that is imported only here. Resizing and levels are within its network. A frame's mask is the
union of the people whose score reaches `threshold`; a pixel is one's where its mask does 0.5, as the library's own
examples have it. `confidence`: the best of those people's scores; without anybody, what is left of 1 at the best below
the threshold.
"""

from __future__ import annotations

import numpy as np
import torch

from experiments.models.errors import MissingPackage
from experiments.models.footage import Footage
from experiments.models.formats import read
from experiments.models.formats.keys import fit
from experiments.models.torchvision_video import torchvision, way_out
from experiments.segmenters.base import NO_HINTS, Hints, Segmentation, frames_of
from experiments.segmenters.cards import Carded, SegmenterCard
from synth.errors import UnknownName

MODELS = ("maskrcnn_resnet50_fpn", "maskrcnn_resnet50_fpn_v2")
PERSON, CLASSES = 1, 91  # of COCO, as torchvision counts them
INSIDE = 0.5  # of a mask's probability
UNTRAINED = "an untrained network: weights drawn from a seed"


class MaskRCNN(Carded):
    """model: a builder of torchvision.models.detection. threshold: the least score of a person, in [0, 1]. side:
    pixels of the short side at which is looked for people."""

    def __init__(self, card: SegmenterCard, model: str = MODELS[0], threshold: float = 0.5, side: int = 800):
        super().__init__(card)
        if model not in MODELS:
            raise UnknownName("Mask R-CNN of torchvision", model, MODELS)
        self.threshold = threshold
        build = getattr(_detection(), model)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(card.seed)
            self.net = build(weights=None, weights_backbone=None, num_classes=CLASSES, min_size=side)
        if card.file is not None:
            fit(self.net, read(card.file), card.file)
        self.net = self.net.eval().requires_grad_(False).to(card.device)

    def segment(self, footage: Footage, hints: Hints = NO_HINTS) -> Segmentation:
        """See the module; hints are not used. Raises SegmenterError."""
        frames = frames_of(footage)
        mask, sure = np.zeros(frames.shape[:3], np.uint8), np.zeros(len(frames), np.float32)
        for t, frame in enumerate(frames):
            mask[t], sure[t] = self._seen(frame)
        if self.card.random:
            return Segmentation(mask=mask, confidence=np.zeros_like(sure), remarks=(UNTRAINED,))
        return Segmentation(mask=mask, confidence=sure)

    @torch.inference_mode()
    def _seen(self, frame: np.ndarray) -> tuple[np.ndarray, float]:
        """bool (H, W) of a frame, and its confidence."""
        levels = torch.from_numpy(frame.copy()).to(self.card.device).permute(2, 0, 1) / 255
        (found,) = self.net([levels])
        people = found["labels"] == PERSON
        scores, masks = found["scores"][people], found["masks"][people, 0]
        best = float(scores.max()) if len(scores) else 0.0
        mask = (masks[scores >= self.threshold] >= INSIDE).any(dim=0).cpu().numpy()
        return mask, best if best >= self.threshold else 1 - best


def _detection():
    """torchvision's detectors. Raises MissingPackage where it is not there, broken, or without its operators."""
    library = torchvision()
    from torchvision.extension import _has_ops
    from torchvision.models import detection

    if not _has_ops():
        told = f"torchvision {library.__version__} has none of the operators here that Mask R-CNN runs on"
        raise MissingPackage(f"{told}. {way_out(torch.__version__)}")
    return detection
