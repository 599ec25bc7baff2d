"""The families of models: a line each. A new family is one new file and one line here."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from synth.errors import find


class Family(NamedTuple):
    """adapter: "module:class", imported when a model is loaded. card: "module:function", of a family whose files know
    their classes and input: (the YAML's table, the weights' path) -> the table completed; imports no torch. code:
    further modules of experiments/models that its scores go through. files: "module:function", of a family that runs
    code from elsewhere: (architecture, the card's folder) -> the files that its scores depend on; imports no torch.
    hub: whether its weights may be named by an id of Hugging Face's hub."""

    adapter: str
    card: str | None = None
    code: tuple[str, ...] = ()
    files: str | None = None
    hub: bool = False


FAMILIES = {
    "i3d": Family("experiments.models.i3d:I3DAdapter", code=("flow", "i3d_keys")),
    "tsn": Family("experiments.models.tsn:TSNAdapter", code=("bn_inception", "resnet")),
    "r2plus1d": Family("experiments.models.r2plus1d:R2Plus1DAdapter"),
    "conv_lstm": Family("experiments.models.conv_lstm:ConvLstmAdapter"),
    "two_stream": Family("experiments.models.two_stream:TwoStreamAdapter", code=("flow", "matconvnet")),
    "st_resnet": Family("experiments.models.st_resnet:StResNetAdapter", code=("flow", "matconvnet", "two_stream")),
    "res_tcn": Family("experiments.models.res_tcn:ResTcnAdapter", code=("skeleton",)),
    "hugging_face": Family(
        "experiments.models.hugging_face:HuggingFaceAdapter",
        card="experiments.models.hugging_face_card:complete",
        code=("hugging_face_card",),
        hub=True,
    ),
    "torchvision": Family("experiments.models.torchvision_video:TorchvisionVideoAdapter"),
    "own": Family("experiments.models.own:OwnAdapter", files="experiments.models.own_code:code_files"),
}
# Code that every family's scores go through.
SHARED = ("adapter", "preprocess", "geometry", "input")


def family(name: str) -> Family:
    """The family called so; raises UnknownName."""
    return find("model family", name, FAMILIES, "Families are lines of experiments/models/families.py.")


def adapter_class(name: str) -> type:
    """The adapter's class of a family; imports it."""
    module, cls = family(name).adapter.split(":")
    return getattr(importlib.import_module(module), cls)


def completer(name: str) -> Callable[[dict, Path | None], dict] | None:
    """The function that completes a card of this family from its files, if it has one."""
    return _function(family(name).card)


def sources(name: str, architecture: Mapping, folder: Path) -> list[Path]:
    """The code that a card's scores depend on: its family's own file, what all share, and what it brings itself."""
    here, brought = Path(__file__).parent, _function(family(name).files)
    own = importlib.util.find_spec(family(name).adapter.split(":")[0]).origin
    shared = [here / f"{stem}.py" for stem in (*SHARED, *family(name).code)]
    return [Path(own), *shared, *(brought(architecture, folder) if brought else [])]


def _function(given: str | None) -> Callable | None:
    """What "module:function" names."""
    if given is None:
        return None
    module, function = given.split(":")
    return getattr(importlib.import_module(module), function)
