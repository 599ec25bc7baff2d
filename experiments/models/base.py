"""The adapter contract and the registry of models (design §3, "Model adapter").

Weights are data, after torchvision's `models/_api.py`: a model is a folder with `weights.safetensors` and a
`card.json` that says its family, classes, input, training command, accuracy and licence. A family is one file that
turns a card into an adapter. Nothing here imports a deep-learning library, so that a study whose scores are all
in the store never pays for one.
"""

from __future__ import annotations

import dataclasses
import hashlib
import importlib
import importlib.util
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from synth.errors import CeterisError, UnknownName, find

if TYPE_CHECKING:
    import torch

WEIGHTS_DIR = Path(__file__).parent / "weights"
# One line per family: its name in a card -> module:class of the adapter.
FAMILIES = {"r2plus1d": "experiments.models.r2plus1d:R2Plus1DAdapter"}
CARD, WEIGHTS = "card.json", "weights.safetensors"


class WeightsError(CeterisError):
    """A card or a weights file that is missing, damaged, or does not fit its network; names file, keys and shapes."""


class DeviceError(CeterisError):
    """A device that was asked for and is not there."""


class InputError(CeterisError):
    """Frames or a batch that a model cannot take: shape, dtype or range."""


class ClipTooShort(InputError):
    """A clip with fewer frames than a model needs at its own frame rate."""


@dataclass(frozen=True, kw_only=True)
class InputSpec:
    """What a model is shown: `frames` pictures, 1 / `fps` seconds apart, of height x width.

    A model input is float32 (3, frames, height, width), RGB, (value / 255 - mean) / std. A clip of another size is
    resized to it (area average when shrinking); its aspect ratio is not kept.
    """

    frames: int = 8
    fps: float = 6.25
    height: int = 112
    width: int = 112
    mean: tuple[float, float, float] = (0.45, 0.45, 0.45)
    std: tuple[float, float, float] = (0.25, 0.25, 0.25)
    channels: str = "RGB"
    sampling: str = "first frame, then every 1/fps seconds"

    def __post_init__(self):
        for name in ("mean", "std"):
            object.__setattr__(self, name, tuple(float(v) for v in getattr(self, name)))

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """(3, frames, height, width) of one model input."""
        return 3, self.frames, self.height, self.width

    def indices(self, num_frames: int, fps: float, *, loop: bool = False) -> np.ndarray:
        """(frames,) which frames of a clip of `num_frames` at `fps` the model is shown; the frames of a loop begin
        again after the last. Raises ClipTooShort."""
        picks = np.rint(np.arange(self.frames) * fps / self.fps).astype(int)
        if len(set(picks)) < self.frames or (picks[-1] >= num_frames and not loop):
            raise ClipTooShort(
                f"a clip of {num_frames} frames at {fps:g} per second is too short or too coarse: the model needs "
                f"{self.frames} frames at {self.fps:g} per second. Render at least {picks[-1] + 1} frames at "
                f"{max(fps, self.fps):g} per second (num_frames, fps of the study)."
            )
        return picks % num_frames


@runtime_checkable
class ModelAdapter(Protocol):
    """What Ceteris asks of a model. `check_model` tests it; tensors are torch's."""

    name: str
    classes: list[str]
    input: InputSpec
    fingerprint: str

    def prepare(self, frames: np.ndarray) -> torch.Tensor:
        """uint8 (T, H, W, 3) RGB with T = input.frames -> float32 `input.shape`. Raises InputError."""

    def logits(self, batch: torch.Tensor) -> torch.Tensor:
        """(B, *input.shape) -> (B, C), differentiable with respect to the batch."""

    def layers(self) -> list[str]:
        """Names that `features` answers to, from the input on."""

    def features(self, batch: torch.Tensor, layer: str) -> torch.Tensor:
        """(B, *input.shape) -> (B, channels, ...) activations of a layer. Raises UnknownName."""


@dataclass(frozen=True, kw_only=True)
class ModelCard:
    """A model's card as read from its folder; `facts` holds all of `card.json` (training, accuracy, licence)."""

    name: str
    family: str
    classes: tuple[str, ...]
    input: InputSpec
    folder: Path
    facts: Mapping[str, Any]

    @property
    def weights(self) -> Path:
        """The safetensors file."""
        return self.folder / WEIGHTS

    @property
    def fingerprint(self) -> str:
        """16 hex digits over weights, classes, input and the family's code: equal means equal scores."""
        if not self.weights.is_file():
            raise WeightsError(f"{self.weights} is missing; train the model again: {self.facts.get('command', '?')}")
        code = importlib.util.find_spec(_family(self.family)[0]).origin
        plain = [self.family, self.facts.get("architecture"), list(self.classes), dataclasses.asdict(self.input)]
        digest = hashlib.sha256(json.dumps(plain, sort_keys=True).encode())
        digest.update(self.weights.read_bytes())
        digest.update(Path(code).read_bytes())
        return digest.hexdigest()[:16]


def model_names(root: Path = WEIGHTS_DIR) -> list[str]:
    """The models whose card lies under `root`, sorted."""
    return sorted(path.parent.name for path in root.glob(f"*/{CARD}"))


def describe(name: str, *, root: Path = WEIGHTS_DIR) -> ModelCard:
    """The card of a registered model, or of the folder that `name` is a path to.

    Raises UnknownName with the nearest names, WeightsError for a damaged card.
    """
    folder = Path(name) if Path(name).name != name and (Path(name) / CARD).is_file() else root / name
    if not (folder / CARD).is_file():
        raise UnknownName("model", name, model_names(root), "A folder with a card.json is named by its path.")
    try:
        facts = json.loads((folder / CARD).read_text(encoding="utf-8"))
        return ModelCard(
            name=folder.name,
            family=facts["family"],
            classes=tuple(facts["classes"]),
            input=InputSpec(**facts["input"]),
            folder=folder,
            facts=facts,
        )
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise WeightsError(
            f"{folder / CARD} is no model card ({error!r}); a card has family, classes, input"
        ) from error


def load(name: str, device: str = "cpu", *, root: Path = WEIGHTS_DIR) -> ModelAdapter:
    """The adapter of a registered model (or of a folder, by its path), in eval mode on `device`.

    Raises UnknownName, WeightsError, DeviceError ("cuda:0" without such a device).
    """
    card = describe(name, root=root)
    module, cls = _family(card.family)
    return getattr(importlib.import_module(module), cls)(card, check_device(device))


def check_device(device: str) -> str:
    """`device` itself if torch can use it, else DeviceError."""
    import torch

    try:
        kind, index = torch.device(device).type, torch.device(device).index or 0
    except (RuntimeError, TypeError) as error:
        raise DeviceError(f"{device!r} is no device; use 'cpu' or 'cuda:0'") from error
    found = torch.cuda.device_count()
    if kind == "cuda" and index >= found:
        raise DeviceError(f"device {device!r} was asked for, but torch sees {found} CUDA devices here; use device=cpu")
    return device


def compare_keys(file: Path, got: Mapping[str, Sequence[int]], expected: Mapping[str, Sequence[int]]) -> None:
    """Raises WeightsError naming every missing, unexpected or misshapen tensor of `file` (name -> shape)."""
    wrong = [f"missing {key} {tuple(expected[key])}" for key in sorted(set(expected) - set(got))]
    wrong += [f"unexpected {key} {tuple(got[key])}" for key in sorted(set(got) - set(expected))]
    wrong += [
        f"{key} is {tuple(got[key])}, expected {tuple(expected[key])}"
        for key in sorted(set(got) & set(expected))
        if tuple(got[key]) != tuple(expected[key])
    ]
    if wrong:
        shown = "; ".join(wrong[:8]) + (f"; and {len(wrong) - 8} more" if len(wrong) > 8 else "")
        raise WeightsError(f"{file} does not fit its network: {shown}. Does its card name the right architecture?")


def _family(family: str) -> tuple[str, str]:
    module, cls = find("model family", family, FAMILIES, "Families are lines of experiments/models/base.py.").split(":")
    return module, cls
