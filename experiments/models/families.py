"""The families of models: a line each. A new family is one new file and one line here."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from synth.errors import find


class Family(NamedTuple):
    """adapter: "module:class", imported when a model is loaded. card: "module:function", of a family whose files know
    their classes and input: (the YAML's table, the weights' path) -> the table completed; imports no torch. code:
    further modules of experiments/models that its scores go through."""

    adapter: str
    card: str | None = None
    code: tuple[str, ...] = ()


FAMILIES = {
    "r2plus1d": Family("experiments.models.r2plus1d:R2Plus1DAdapter"),
    "conv_lstm": Family("experiments.models.conv_lstm:ConvLstmAdapter"),
    "two_stream": Family("experiments.models.two_stream:TwoStreamAdapter", code=("flow", "matconvnet")),
    "st_resnet": Family("experiments.models.st_resnet:StResNetAdapter", code=("flow", "matconvnet", "two_stream")),
    "res_tcn": Family("experiments.models.res_tcn:ResTcnAdapter", code=("skeleton",)),
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
    if family(name).card is None:
        return None
    module, function = family(name).card.split(":")
    return getattr(importlib.import_module(module), function)


def sources(name: str) -> list[Path]:
    """The code that a family's scores depend on: its own file and what all share."""
    here = Path(__file__).parent
    own = importlib.util.find_spec(family(name).adapter.split(":")[0]).origin
    return [Path(own), *(here / f"{stem}.py" for stem in (*SHARED, *family(name).code))]
