"""The adapter contract and the registry of models (design §3, "Model adapter").

Weights are data, after torchvision's `models/_api.py`. A model is a card: either a YAML file (`conf/model/*.yaml`, or
one of your own) that names its family, classes, input and weights, or a folder that training wrote, with `card.json`
and `weights.safetensors`. A family is one file that turns a card into an adapter. Nothing here imports a
deep-learning library, so that a study whose scores are all in the store never pays for one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from experiments.models.card import ModelCard, Options, describe, model_names
from experiments.models.errors import DeviceError, WeightsError
from experiments.models.families import adapter_class
from experiments.models.footage import Footage
from experiments.models.input import InputSpec

if TYPE_CHECKING:
    import torch


class Output(NamedTuple):
    """Of one forward pass. logits: (B, C). features: layer -> (B, channels, ...), mean over a clip's views."""

    logits: torch.Tensor
    features: dict[str, torch.Tensor]


@runtime_checkable
class ModelAdapter(Protocol):
    """What Ceteris asks of a model. `check_model` tests it; tensors are torch's, `shape` is `input.shape`."""

    name: str
    classes: list[str]
    input: InputSpec
    fingerprint: str

    def prepare(self, footage: Footage) -> torch.Tensor:
        """A clip -> (*shape): RGB as uint8 0..255, picked, resized and cropped, not normalised. Raises InputError."""

    def normalise(self, batch: torch.Tensor) -> torch.Tensor:
        """What `prepare` gave (or floats in its range), any number of leading axes -> what the network reads."""

    def logits(self, batch: torch.Tensor) -> torch.Tensor:
        """(B, *shape), uint8 or float 0..255 -> float32 (B, C), differentiable with respect to a float batch."""

    def layers(self) -> list[str]:
        """Names that `features` answers to, from the input on."""

    def features(self, batch: torch.Tensor, layer: str) -> torch.Tensor:
        """(B, *shape) -> (B, channels, ...) activations of a layer, mean over views. Raises UnknownName."""

    def run(self, batch: torch.Tensor, layers: Sequence[str] = ()) -> Output:
        """Logits and the features of all `layers` from one forward pass."""


def load(model: str | ModelCard, options: Options | None = None) -> ModelAdapter:
    """The adapter of a card, or of a model by its name (see `describe`), in eval mode.

    options: those of the card by default. Raises UnknownName, WeightsError (also where a file is no longer the one
    that the card's fingerprint is of), DeviceError ("cuda:0" without one).
    """
    card = model if isinstance(model, ModelCard) else describe(model, options)
    check_device(card.options.device)
    adapter = adapter_class(card.family)(card)
    if dataclasses.replace(card).sums != card.sums:
        raise WeightsError(
            f"the weights or the code of {card.name} have changed since the run began, so that its scores would be "
            "kept under the name of other weights; run again, and leave the files alone meanwhile"
        )
    return adapter


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


__all__ = [
    "DeviceError",
    "Footage",
    "InputSpec",
    "ModelAdapter",
    "ModelCard",
    "Options",
    "Output",
    "WeightsError",
    "check_device",
    "describe",
    "load",
    "model_names",
]
