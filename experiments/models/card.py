"""Cards: what is known of a model without loading it, and which weights it is to have.

A card is a YAML file of `conf/model/` or of a user, the folder that training wrote, or one of Hugging Face:

    family: i3d                          # a line of experiments/models/families.py
    labels: kinetics400                  # a list of conf/labels, or `classes: [...]` in the order of the logits
    architecture: { channels: 3 }        # what the family's network takes
    input: { frames: 64, fps: 25, ... }  # fields of InputSpec
    weights: i3d_rgb_imagenet            # a name of assets_manifest/weights, a path, an id of the hub, or random
    training: { optimizer: sgd, ... }    # how its authors trained it, for a trainer and the report
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from experiments.labels import labels
from experiments.models import families, hub
from experiments.models.errors import MissingPackage, WeightsError
from experiments.models.input import InputError, InputSpec
from synth.assets.errors import AssetError
from synth.assets.weights import weights_file
from synth.errors import UnknownName
from synth.unique_keys import UniqueKeys

WEIGHTS_DIR = Path(__file__).parent / "weights"
MODEL_DIR = Path(__file__).resolve().parents[2] / "conf" / "model"
CARD, WEIGHTS = "card.json", "weights.safetensors"
RANDOM = "random"
MOST_SIDE = 4096  # pixels
MOST = {"frames": 100_000, "clips": 1000, "height": MOST_SIDE, "width": MOST_SIDE, "flow_stack": 1000}  # of an input
MALFORMED = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)
KEYS = ("family", "title", "labels", "classes", "architecture", "input", "weights", "precision", "training", "notes")


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a model is loaded. weights: another file than the card's, or "random" for an untrained network (seed).

    precision: float32, bfloat16, auto (bfloat16 where the device multiplies it fast), or None for the card's own.
    compile: through torch.compile. assets_root: where downloaded weights lie, in `weights/`.
    """

    device: str = "cpu"
    weights: str | None = None
    precision: str | None = None
    compile: bool = False
    seed: int = 0
    assets_root: Path | None = None


@dataclass(frozen=True, kw_only=True)
class ModelCard:
    """A model's card as read; `facts` holds all of it (training, accuracy, licence). origin: the file it came from.

    weights: "random", a path, or a name of the manifest. options: how it is to be loaded.
    """

    name: str
    family: str
    classes: tuple[str, ...]
    input: InputSpec
    origin: Path
    weights: str
    architecture: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    options: Options = field(default_factory=Options)

    @property
    def random(self) -> bool:
        """Whether the model is untrained: weights drawn from a seed."""
        return self.weights == RANDOM

    @cached_property
    def file(self) -> Path | None:
        """The weights' file or folder, None for random ones; raises WeightsError or AssetError where there is none."""
        if self.random:
            return None
        return find_weights(self.weights, self.origin, self.options.assets_root, self.family)

    @property
    def precision(self) -> str:
        """float32 or bfloat16, what "auto" means on the device being settled; imports torch for that alone."""
        wanted = self.options.precision or self.facts.get("scored_in", "float32")
        if wanted == "auto":
            from experiments.models.precision import best_precision

            return best_precision(self.options.device)
        if wanted not in ("float32", "bfloat16"):
            raise UnknownName("precision", wanted, ("float32", "bfloat16", "auto"))
        return wanted

    @cached_property
    def fingerprint(self) -> str:
        """16 hex digits over weights, classes, input, precision and the code that runs: equal means equal scores."""
        plain = [self.family, dict(self.architecture), list(self.classes), dataclasses.asdict(self.input)]
        settings = [self.precision, self.options.seed if self.random else None]
        digest = hashlib.sha256(json.dumps([plain, settings], sort_keys=True, default=str).encode())
        for found in self.sums:
            digest.update(found)
        return digest.hexdigest()[:16]

    @cached_property
    def sums(self) -> tuple[bytes, ...]:
        """SHA-256 of the weights' files and of the code, as they are when first asked."""
        code = families.sources(self.family, self.architecture, self.origin.parent)
        return tuple(map(_digest_of, [*_files(self.file), *code]))


def model_names(root: Path = WEIGHTS_DIR) -> list[str]:
    """The models that ship: those with weights under `root`, and the cards of `conf/model`; sorted."""
    trained = {path.parent.name for path in root.glob(f"*/{CARD}")}
    described = {path.stem for path in MODEL_DIR.glob("*.yaml")} if root == WEIGHTS_DIR else set()
    return sorted(trained | described)


def describe(name: str, options: Options | None = None, *, root: Path = WEIGHTS_DIR) -> ModelCard:
    """The card of a registered model, of the YAML file or of the folder that `name` is a path to, or of a model of
    Hugging Face's hub in the local cache (OWNER/NAME).

    Raises UnknownName with the nearest names, WeightsError for a damaged card.
    """
    options = options or Options()
    path = _locate(name, root)
    facts = _read(path)
    try:
        return _card(path, facts, options)
    except MALFORMED as error:
        raise WeightsError(
            f"{path} is no model card ({error!r}); a card has family, classes or labels, input"
        ) from error
    except UnknownName as error:
        raise UnknownName(f"{error.kind} in {path.name}", error.name, error.known) from error


def _locate(name: str, root: Path) -> Path:
    """The card's file."""
    given = Path(name)
    if given.suffix in (".yaml", ".yml") and given.is_file():
        return given
    if given.name != name and (given / CARD).is_file():
        return given / CARD
    if (root / name / CARD).is_file():
        return root / name / CARD
    if root == WEIGHTS_DIR and (MODEL_DIR / f"{name}.yaml").is_file():
        return MODEL_DIR / f"{name}.yaml"
    if given.name != name and (given / hub.CONFIG).is_file():
        return given / hub.CONFIG
    if hub.is_id(name) and not given.exists():
        return hub.cached(name) / hub.CONFIG
    hint = f"A model of your own is named by the path of its YAML file, or of a folder with {CARD} or {hub.CONFIG}."
    raise UnknownName("model", name, model_names(root), hint)


def _read(path: Path) -> dict:
    """The table that a card is; raises WeightsError for what is none."""
    if path.name == hub.CONFIG:
        return {"family": "hugging_face", "weights": str(path.parent), "input": {}}
    try:
        text = path.read_text(encoding="utf-8")
        table = json.loads(text) if path.suffix == ".json" else yaml.load(text, Loader=UniqueKeys)
    except (json.JSONDecodeError, yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise WeightsError(f"{path} is no model card ({error}); a card has family, classes or labels, input") from error
    if not isinstance(table, dict):
        raise WeightsError(f"{path} is no model card: got {type(table).__name__}, expected a table of keys and values")
    if path.suffix != ".json" and (odd := next((key for key in table if key not in KEYS), None)) is not None:
        raise UnknownName(f"key of the card {path.name}", odd, KEYS)
    return table


def _card(path: Path, facts: dict, options: Options) -> ModelCard:
    folder = path.name == CARD
    weights = options.weights or (str(path.parent / WEIGHTS) if folder else facts["weights"])
    if not isinstance(weights, str):
        raise WeightsError(f"{path}: weights = {weights!r}; expected a path, a name of the manifest, or random")
    complete = families.completer(facts["family"])
    if complete is not None:
        facts = complete(facts, _told_by(weights, facts, path, options))
    if facts.get("labels") and not facts.get("classes"):
        facts = {**facts, "classes": list(labels(facts["labels"]).classes)}
    families.family(facts["family"])
    return ModelCard(
        name=_name(path),
        family=facts["family"],
        classes=_checked_classes(path, facts["classes"]),
        input=_checked_input(InputSpec(**facts["input"])),
        origin=path,
        weights=weights,
        architecture=dict(facts.get("architecture") or {}),
        facts={**facts, "untrained": True} if weights == RANDOM else facts,
        options=options,
    )


def _checked_classes(path: Path, given) -> tuple[str, ...]:
    """The names as they are; raises WeightsError for what cannot be shown or compared as one."""
    if not isinstance(given, list | tuple) or not given:
        raise WeightsError(f"{path}: classes = {given!r}; expected a list of names in the order of the logits")
    for name in given:
        if not isinstance(name, str) or not name.strip() or any(unicodedata.category(c) in ("Cc", "Cs") for c in name):
            raise WeightsError(
                f"{path}: the class {name!r} is no name; expected text, in quotes where YAML would read it as a number "
                "or as true or false"
            )
    return tuple(given)


def _checked_input(shown: InputSpec) -> InputSpec:
    """Raises InputError for numbers that no memory holds, or that make every pixel none."""
    for name, most in MOST.items():
        if getattr(shown, name) > most:
            raise InputError(f"input.{name} = {getattr(shown, name)!r}; expected at most {most}")
    if max(shown.source) > MOST_SIDE:
        raise InputError(f"input.resize = {shown.resize!r}; expected at most {MOST_SIDE} pixels a side")
    for name in ("fps", "scale", "mean", "std", "flow_fps", "flow_bound"):
        if not np.isfinite(np.float64(getattr(shown, name) or 0)).all():
            raise InputError(f"input.{name} = {getattr(shown, name)!r}; expected finite numbers")
    return shown


def _name(path: Path) -> str:
    """What a model is called: its YAML, or its folder."""
    return hub.name_of(path.parent) if path.name in (CARD, hub.CONFIG) else path.stem


def _told_by(weights: str, facts: dict, path: Path, options: Options) -> Path | None:
    """The files that complete a card: its weights, those of the card for an untrained model. A card that has the
    network's config itself needs none until it is loaded."""
    given = facts.get("weights", RANDOM) if weights == RANDOM else weights
    if given == RANDOM:
        return None
    try:
        return find_weights(given, path, options.assets_root, facts["family"])
    except (WeightsError, AssetError, MissingPackage):
        if "config" in (facts.get("architecture") or {}):
            return None
        raise


def find_weights(given: str, origin: Path, assets_root: Path | None, family: str) -> Path:
    """The file or folder that `weights` of a card means: a path (as given, or beside the card), a name of the
    manifest, or for families that take it an id of the hub. Raises WeightsError for a path that is not there,
    AssetError for a name whose file is not there."""
    for path in (Path(given).expanduser(), origin.parent / given):
        if path.exists():
            return path
    if Path(given).name == given and not Path(given).suffix:
        return weights_file(given, assets_root)
    if families.family(family).hub and hub.is_id(given):
        return hub.cached(given)
    retrained = " Train the model again, or name its weights: weights=PATH."
    raise WeightsError(f"the weights {given} of {origin.name} are missing.{retrained}")


def _files(path: Path | None) -> list[Path]:
    """The files of weights: one, those of a folder, or all parts of a TensorFlow checkpoint."""
    if path is None:
        return []
    if path.is_dir():
        return sorted(p for p in path.rglob("*") if p.is_file() and not _hidden(p.relative_to(path)))
    return sorted(path.parent.glob(f"{path.stem}.*")) if path.suffix == ".index" else [path]


def _hidden(path: Path) -> bool:
    """Whether it is what a download tool keeps for itself (.cache, .git)."""
    return any(part.startswith(".") for part in path.parts)


def _digest_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
