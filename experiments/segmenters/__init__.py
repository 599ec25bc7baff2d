"""Which pixels of a clip are the person: the renderer's own mask, networks, or what moves before a still camera."""

from experiments.segmenters.base import Hints, Segmentation, Segmenter, iou
from experiments.segmenters.cards import load_segmenter, segmenter_names
from experiments.segmenters.errors import CameraMoves, ClipUnfit, HintMissing, NoMask, SegmenterError

__all__ = [
    "CameraMoves",
    "ClipUnfit",
    "HintMissing",
    "Hints",
    "NoMask",
    "Segmentation",
    "Segmenter",
    "SegmenterError",
    "iou",
    "load_segmenter",
    "segmenter_names",
]
