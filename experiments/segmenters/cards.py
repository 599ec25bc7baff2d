"""Cards of segmenters, and how one is made of them.

A card is a YAML file of `conf/segmenter/`, or one of your own:

    kind: hugging_face                   # a key of KINDS
    title: SegFormer-B0 on ADE20K
    weights: nvidia/segformer-b0-...     # a folder or file, a name of assets_manifest/weights, an id of the hub, random
    options: { labels: [person] }        # arguments of the kind's class, by name
    notes: where it comes from, and its licence

A kind is one class in one file of this package, imported when one is made: a new one is a new file and a line of KINDS.
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from experiments.models import hub
from experiments.models.base import check_device
from experiments.models.errors import WeightsError
from experiments.segmenters.base import Segmenter
from experiments.segmenters.errors import SegmenterError
from synth.assets.weights import weights_file
from synth.errors import UnknownName, find
from synth.unique_keys import UniqueKeys

CARDS = Path(__file__).resolve().parents[2] / "conf" / "segmenter"
KEYS = ("kind", "title", "weights", "options", "notes")


class Kind(NamedTuple):
    """cls: "module:class" within this package. code: further modules of it that its masks go through. weights: whether
    it has any; those that do run on a device."""

    cls: str
    code: tuple[str, ...] = ()
    weights: bool = True


KINDS = {
    "ground_truth": Kind("ground_truth:GroundTruth", weights=False),
    "still_camera": Kind("still_camera:StillCamera", code=("camera", "plate", "cuts", "sureness"), weights=False),
    "hugging_face": Kind("hugging_face:HuggingFaceSegmenter"),
    "sam2": Kind("sam2:Sam2Segmenter", code=("prompts",)),
    "mask_rcnn": Kind("mask_rcnn:MaskRCNN"),
}


RANDOM = "random"


@dataclass(frozen=True, kw_only=True)
class SegmenterCard:
    """A card as read. file: its weights, None for a kind without and for random ones. options: arguments of its class.

    seed: of random weights.
    """

    name: str
    kind: str
    file: Path | None = None
    device: str = "cpu"
    options: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0

    @property
    def random(self) -> bool:
        """Whether it is an untrained network."""
        return KINDS[self.kind].weights and self.file is None

    @cached_property
    def fingerprint(self) -> str:
        """16 hex digits over kind, options, weights and the code that runs."""
        plain = [self.kind, dict(self.options), self.seed if self.random else None]
        digest = hashlib.sha256(json.dumps(plain, sort_keys=True, default=str).encode())
        for path in [*_files(self.file), *_sources(self.kind)]:
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()[:16]


class Carded:
    """A segmenter that is made of a card, and named by it."""

    def __init__(self, card: SegmenterCard):
        self.card, self.name, self.fingerprint = card, card.name, card.fingerprint


def segmenter_names() -> list[str]:
    """The segmenters that ship, sorted."""
    return sorted(path.stem for path in CARDS.glob("*.yaml"))


def load_segmenter(
    name: str,
    *,
    weights: str | None = None,
    device: str = "cpu",
    assets_root: Path | None = None,
    options: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> Segmenter:
    """The segmenter of a card, by the card's name or the path of its YAML file.

    weights: others than the card's, or "random" for an untrained network (seed). options: over the card's. Raises
    UnknownName, SegmenterError, WeightsError or AssetError where weights are not there, MissingPackage, DeviceError.
    """
    path = _locate(name)
    table = _read(path)
    kind = find(f"kind of segmenter in {path.name}", table.get("kind"), KINDS)
    given = (weights or table.get("weights")) if kind.weights else RANDOM
    card = SegmenterCard(
        name=path.stem,
        kind=table["kind"],
        file=None if given == RANDOM else _find(given, path, assets_root),
        device=device,
        options={**(table.get("options") or {}), **(options or {})},
        seed=seed,
    )
    return make(card)


def make(card: SegmenterCard) -> Segmenter:
    """The segmenter of a card that was read. Raises as `load_segmenter`."""
    module, name = KINDS[card.kind].cls.split(":")
    if KINDS[card.kind].weights:
        check_device(card.device)
    cls = getattr(importlib.import_module(f"{__package__}.{module}"), name)
    known = [key for key in inspect.signature(cls).parameters if key != "card"]
    if (odd := next((key for key in card.options if key not in known), None)) is not None:
        raise UnknownName(f"option of segmenters of kind {card.kind}", odd, known)
    return cls(card, **card.options)


def _locate(name: str) -> Path:
    given = Path(name)
    if given.suffix in (".yaml", ".yml") and given.is_file():
        return given
    if (CARDS / f"{name}.yaml").is_file():
        return CARDS / f"{name}.yaml"
    raise UnknownName("segmenter", name, segmenter_names(), "One of your own is named by the path of its YAML file.")


def _read(path: Path) -> dict:
    try:
        table = yaml.load(path.read_text(encoding="utf-8"), Loader=UniqueKeys)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SegmenterError(f"{path} is no card of a segmenter ({error})") from error
    if not isinstance(table, dict):
        raise SegmenterError(f"{path} is no card of a segmenter: expected keys and values ({', '.join(KEYS)})")
    if (odd := next((key for key in table if key not in KEYS), None)) is not None:
        raise UnknownName(f"key of the card {path.name}", odd, KEYS)
    return table


def _find(given: str | None, origin: Path, assets_root: Path | None) -> Path:
    """The file or folder that `weights` means."""
    if not given:
        raise SegmenterError(f"{origin.name} names no weights: a folder, a file, an id of the hub, or random")
    for path in (Path(given).expanduser(), origin.parent / given):
        if path.exists():
            return path
    if hub.is_id(given):
        return hub.cached(given)
    if Path(given).name == given and not Path(given).suffix:
        return weights_file(given, assets_root)
    raise WeightsError(f"the weights {given} of {origin.name} are not there; name them: weights=PATH")


def _files(file: Path | None) -> list[Path]:
    if file is None or file.is_file():
        return [file] if file else []
    return sorted(path for path in file.rglob("*") if path.is_file() and not path.name.startswith("."))


def _sources(kind: str) -> list[Path]:
    stems = (KINDS[kind].cls.split(":")[0], *KINDS[kind].code)
    return [Path(__file__).with_name(f"{stem}.py") for stem in stems]
