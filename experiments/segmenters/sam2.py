"""SAM 2 (Ravi et al. 2024), frame by frame: it cuts out what a box or points show it.

    kind: sam2
    weights: FOLDER | OWNER/NAME             # of Hugging Face's hub, with config.json
    options: { prompter: still_camera }      # who points at the person where no box and no points are given

SAM 2 knows no classes: whoever prompts it decides what it cuts out. Prompts are the hints `boxes` and `points`, or,
with neither, box and innermost point of the masks of another segmenter. The network is the library's own; its processor
needs torchvision, so its few steps are ours: the picture stretched to the network's square, antialiased (Pillow),
levels normalised with mean and deviation of the model's files (ImageNet's, where they say nothing), prompts scaled
alike, mask logits brought back bilinearly and cut at 0.

One point may mean a button, a shirt or a person: three masks are asked for then, and the best by the network's own
estimate is taken; a box, or several points, mean one thing (section "Ambiguity" of the paper's appendix).
`confidence`: the network's estimate of its intersection over union, times its probability that the object is there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.nn.functional import interpolate

from experiments.models.errors import WeightsError
from experiments.models.footage import Footage
from experiments.models.hub import CONFIG
from experiments.models.hugging_face import pretrained, quiet, transformers
from experiments.segmenters import prompts
from experiments.segmenters.base import NO_HINTS, Hints, Segmentation, frames_of
from experiments.segmenters.cards import Carded, SegmenterCard, load_segmenter
from experiments.segmenters.errors import HintMissing, SegmenterError
from experiments.segmenters.prompts import Prompts

TYPES = ("sam2", "sam2_video")  # the published files call themselves the latter; its memory is not used here
PREPROCESSING = ("preprocessor_config.json", "processor_config.json")
IMAGENET = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
PARTS = ("vision_config", "prompt_encoder_config", "mask_decoder_config")
UNTRAINED = "an untrained network: weights drawn from a seed"


class Sam2Segmenter(Carded):
    """prompter: name of the segmenter that prompts where nothing was told, None for nobody. config: the table of
    config.json, for weights: random."""

    def __init__(self, card: SegmenterCard, prompter: str | None = "still_camera", config: Mapping | None = None):
        super().__init__(card)
        self.prompter = None if prompter is None else load_segmenter(prompter)
        library = transformers()
        with quiet(library):
            self.net = _net(library, card, config).eval().requires_grad_(False).to(card.device)
        if self.prompter is not None:
            both = card.fingerprint + self.prompter.fingerprint
            self.fingerprint = hashlib.sha256(both.encode()).hexdigest()[:16]
        self.side = int(self.net.config.prompt_encoder_config.image_size)
        told = {**IMAGENET, **_preprocessing(card.file)}
        self._mean, self._std = (
            torch.tensor(told[key], device=card.device).view(1, 3, 1, 1) for key in ("image_mean", "image_std")
        )

    def segment(self, footage: Footage, hints: Hints = NO_HINTS) -> Segmentation:
        """Hints: boxes, points; those of the prompter. Raises SegmenterError, HintMissing where nobody prompts it."""
        frames = frames_of(footage)
        shown = prompts.of_hints(hints, frames)
        if shown is None:
            if self.prompter is None:
                raise HintMissing(f"{self.name} must be shown the person: {prompts.PLACES}")
            shown = prompts.of_segmenter(self.prompter, footage, hints, self.name)
        mask, sure = np.zeros(frames.shape[:3], np.uint8), shown.sure.astype(np.float32)
        for t in np.flatnonzero(shown.there):
            mask[t], sure[t] = self._cut(frames[t], shown, t)
        if self.card.random:
            return Segmentation(mask=mask, confidence=np.zeros_like(sure), remarks=(*shown.remarks, UNTRAINED))
        return Segmentation(mask=mask, confidence=sure, remarks=shown.remarks)

    @torch.inference_mode()
    def _cut(self, frame: np.ndarray, shown: Prompts, t: int) -> tuple[np.ndarray, float]:
        """uint8 (H, W) and the confidence of frame t."""
        size = frame.shape[:2]
        told = self._told(shown, t, size)
        alone = "input_boxes" not in told and told["input_points"].shape[2] == 1
        out = self.net(pixel_values=self.pixels(frame), multimask_output=alone, **told)
        scores = out.iou_scores[0, 0]
        best = int(scores.argmax())
        logits = out.pred_masks[:, 0, best : best + 1]
        cut = interpolate(logits, size=size, mode="bilinear", align_corners=False)[0, 0] > 0
        return cut.cpu().numpy(), float(scores[best].clamp(0, 1) * out.object_score_logits[0, 0, 0].sigmoid())

    def pixels(self, frame: np.ndarray) -> torch.Tensor:
        """uint8 (H, W, 3) -> float32 (1, 3, side, side), as the network reads it."""
        resized = Image.fromarray(frame).resize((self.side, self.side), Image.Resampling.BILINEAR)
        levels = torch.from_numpy(np.array(resized)).to(self.card.device).permute(2, 0, 1)[None] / 255
        return (levels - self._mean) / self._std

    def _told(self, shown: Prompts, t: int, size: tuple[int, int]) -> dict[str, torch.Tensor]:
        """The network's arguments for frame t: a box (1, 1, 4), points (1, 1, P, 2) and their labels (1, 1, P)."""
        scale = np.float32([self.side / size[1], self.side / size[0]])
        told = {}
        if shown.boxes is not None and np.isfinite(shown.boxes[t]).all():
            told["input_boxes"] = shown.boxes[t].reshape(1, 1, 4) * np.tile(scale, 2)
        points = np.empty((0, 2), np.float32) if shown.points is None else shown.points[t]
        points = points[np.isfinite(points).all(axis=-1)]
        if len(points):
            told["input_points"] = (points * scale)[None, None]
            told["input_labels"] = np.ones((1, 1, len(points)), np.int64)
        return {key: torch.from_numpy(value).to(self.card.device) for key, value in told.items()}


def _net(library, card: SegmenterCard, table: Mapping | None):
    """Sam2Model, with the folder's weights or with random ones."""
    kind = library.Sam2Model
    if card.file is not None:
        return pretrained(kind, card.file, _config(library, _table(card.file / CONFIG), card.file), ())
    if table is None:
        raise SegmenterError(f"{card.name}: random weights want options: {{config: ...}}, the table of {CONFIG}")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(card.seed)
        return kind._from_config(_config(library, {"model_type": TYPES[0], **table}, card.name), dtype=torch.float32)


def _config(library, table: Mapping, origin: object):
    """The library's config of a table."""
    if (told := table.get("model_type")) not in TYPES:
        raise WeightsError(f"{origin} is of the type {told}; segmenters of kind sam2 take {' or '.join(TYPES)}")
    try:
        return library.Sam2Config(**{part: table[part] for part in PARTS if part in table})
    except (ValueError, TypeError, KeyError) as error:
        raise WeightsError(f"the config of {origin} cannot be used by transformers: {error!r}") from error


def _preprocessing(folder: Path | None) -> dict:
    """image_mean and image_std, where a file of the folder says them."""
    for name in PREPROCESSING if folder is not None else ():
        if (folder / name).is_file():
            table = _table(folder / name)
            told = table.get("image_processor", table)
            return {key: told[key] for key in IMAGENET if key in told}
    return {}


def _table(path: Path) -> dict:
    if not path.is_file():
        raise WeightsError(f"{path.parent} is no folder of a Hugging Face model: there is no {path.name}")
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (TypeError, ValueError) as error:
        raise WeightsError(f"{path} is damaged: {error}") from error
