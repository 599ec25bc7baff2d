"""Networks of Hugging Face's transformers that give every pixel a class: SegFormer, MaskFormer, Mask2Former, others.

    kind: hugging_face
    weights: FOLDER | OWNER/NAME          # with config.json and preprocessor_config.json
    options: { labels: [person] }         # which of its classes are the person

Classes are those of the model's `id2label`; preprocessing is the library's own processor, made of the model's files, in
its form for Pillow (it needs no torchvision, and gives the same pixels wherever it runs). A pixel is the person where a
person's class has the highest score: the softmax of the logits, or for the mask classifiers the sum over queries of
class probability times mask (Cheng et al. 2021, "Per-Pixel Classification is Not All You Need", section 3.4).

`confidence`: the person's share of all scores, mean over the mask; without a person in a frame, what is left of one at
the pixel where that share is highest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn.functional import interpolate

from experiments.models.errors import WeightsError
from experiments.models.footage import Footage
from experiments.models.hub import CONFIG
from experiments.models.hugging_face import pretrained, quiet, transformers
from experiments.segmenters.base import NO_HINTS, Hints, Segmentation, frames_of
from experiments.segmenters.cards import Carded, SegmenterCard
from experiments.segmenters.errors import SegmenterError
from synth.errors import UnknownName

PREPROCESSOR = "preprocessor_config.json"
UNTRAINED = "an untrained network: weights drawn from a seed"
BY_MASKS = ("mask2former", "maskformer")  # that classify masks instead of pixels
MASK_SIDE = 384  # to which the library brings Mask2Former's masks before it adds them up


class HuggingFaceSegmenter(Carded):
    """labels: classes that are the person. threshold: the least score, for models whose classes leave things out (those
    of instances have no class for what is none). batch: frames at a time. ignore: tensors of the file that the network
    does without, as regular expressions. config, preprocessor: the tables of the two files, for weights: random."""

    def __init__(
        self,
        card: SegmenterCard,
        labels: Sequence[str] = ("person",),
        threshold: float = 0.0,
        batch: int = 4,
        ignore: Sequence[str] = (),
        config: Mapping | None = None,
        preprocessor: Mapping | None = None,
    ):
        super().__init__(card)
        self.threshold, self.batch = threshold, batch
        library = transformers()
        with quiet(library):
            shape = _config(library, card.file, config)
            self.processor = _processor(library, card.file, shape, preprocessor)
            self.net = _net(library, card, shape, ignore).eval().requires_grad_(False).to(card.device)
        self.persons = persons(shape.id2label, labels)
        self.kind = shape.model_type

    def segment(self, footage: Footage, hints: Hints = NO_HINTS) -> Segmentation:
        """See the module; hints are not used. Raises SegmenterError."""
        frames = frames_of(footage)
        found = [self._seen(frames[start : start + self.batch]) for start in range(0, len(frames), self.batch)]
        mask, sure = (np.concatenate(part) for part in zip(*found, strict=True))
        if self.card.random:
            return Segmentation(mask=mask, confidence=np.zeros_like(sure), remarks=(UNTRAINED,))
        return Segmentation(mask=mask, confidence=sure)

    @torch.inference_mode()
    def _seen(self, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """uint8 (B, H, W) and float32 (B,) of some frames."""
        given = self.processor(images=list(frames), return_tensors="pt").to(self.card.device)
        scores = self._scores(self.net(**given), frames.shape[1:3])
        person = scores[:, self.persons]
        mask = torch.isin(scores.argmax(dim=1), torch.tensor(self.persons, device=scores.device))
        mask &= person.sum(dim=1) >= self.threshold
        share = person.sum(dim=1) / scores.sum(dim=1).clamp_min(1e-6)
        sure = torch.where(
            mask.any(dim=(1, 2)),
            (share * mask).sum(dim=(1, 2)) / mask.sum(dim=(1, 2)).clamp_min(1),
            1 - share.amax(dim=(1, 2)),
        )
        return mask.to(torch.uint8).cpu().numpy(), sure.clamp(0, 1).float().cpu().numpy()

    def _scores(self, out, size: tuple[int, int]) -> torch.Tensor:
        """(B, classes, *size), of what the network gave, as the library's processors compute them."""
        if self.kind in BY_MASKS:
            masks = out.masks_queries_logits
            if self.kind == "mask2former":
                masks = interpolate(masks, size=(MASK_SIDE, MASK_SIDE), mode="bilinear", align_corners=False)
            classes = out.class_queries_logits.softmax(dim=-1)[..., :-1]  # the last is "no object"
            scores = torch.einsum("bqc,bqhw->bchw", classes, masks.sigmoid())
            return interpolate(scores, size=size, mode="bilinear", align_corners=False)
        return interpolate(out.logits, size=size, mode="bilinear", align_corners=False).softmax(dim=1)


def persons(id2label: Mapping[int, str], labels: Sequence[str]) -> list[int]:
    """The indices of the classes called so; a class may have several names, parted by commas or semicolons.

    Raises UnknownName with the nearest of the model's classes.
    """
    names = {index: _names(label) for index, label in id2label.items()}
    hint = "Name the person's: options: {labels: [...]}"
    for label in labels:
        if not any(label.lower() in own for own in names.values()):
            raise UnknownName("class of the model", label, id2label.values(), hint)
    wanted = {label.lower() for label in labels}
    return sorted(int(index) for index, own in names.items() if own & wanted)


def _names(label: str) -> set[str]:
    parts = str(label).replace(";", ",").split(",")
    return {str(label).lower(), *(part.strip().lower() for part in parts)}


def _config(library, folder: Path | None, table: Mapping | None):
    """The library's config of a folder, or of a table for random weights."""
    if folder is None:
        given = dict(table or {})
        if "model_type" not in given:
            raise SegmenterError("weights: random wants options: {config: ...}, a table with model_type and the rest")
        return library.AutoConfig.for_model(given.pop("model_type"), **given)
    if not (folder / CONFIG).is_file():
        raise WeightsError(f"{folder} is no folder of a Hugging Face model: there is no {CONFIG}")
    try:
        return library.AutoConfig.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"{folder / CONFIG} cannot be used by transformers: {error}") from error


def _processor(library, folder: Path | None, config, table: Mapping | None):
    """The library's processor for Pillow, made of the model's file or of a table."""
    if folder is not None and not (folder / PREPROCESSOR).is_file():
        raise WeightsError(f"{folder} does not say how pictures are prepared: there is no {PREPROCESSOR}")
    told = dict(table or {}) if folder is None else _table(folder / PREPROCESSOR)
    known = library.models.auto.image_processing_auto.IMAGE_PROCESSOR_MAPPING_NAMES.get(config.model_type, {})
    if "pil" not in known:
        raise SegmenterError(f"transformers prepares pictures for a {config.model_type} with torchvision alone")
    return getattr(library, known["pil"]).from_dict(told)


def _table(path: Path) -> dict:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (json.JSONDecodeError, UnicodeDecodeError, TypeError, ValueError) as error:
        raise WeightsError(f"{path} is damaged: {error}") from error


def _net(library, card: SegmenterCard, config, ignore: Sequence[str]) -> nn.Module:
    """The network, with the folder's weights or with random ones."""
    known = dict(library.AutoModelForSemanticSegmentation._model_mapping.items())
    universal = library.AutoModelForUniversalSegmentation._model_mapping
    known |= {shape: net for shape, net in universal.items() if shape.model_type in BY_MASKS}
    if type(config) not in known:
        types = ", ".join(sorted(shape.model_type for shape in known))
        raise SegmenterError(f"a {config.model_type} gives no class to every pixel that could be read here; {types} do")
    kind = known[type(config)]
    if card.file is not None:
        return pretrained(kind, card.file, config, ignore)
    torch.manual_seed(card.seed)
    return kind._from_config(config, dtype=torch.float32)
