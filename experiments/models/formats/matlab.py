"""MatConvNet's networks in MATLAB files: DagNN (`params`) and SimpleNN (`layers`), of v5 and v7.3.

Names are those of the parameters. A SimpleNN's layers have no names for them: they are called as MatConvNet's own
conversion to a DagNN does, layer + f (filters), b (biases), m (moments). Arrays lie as in MATLAB: filters (height,
width, in, out), moments (channels, 2), whose columns are the mean and the square root of variance + epsilon.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from experiments.models.errors import WeightsError
from experiments.models.formats import mat5, mat73

ROOTS = ("net", "net_", "network")
PARTS = ("params", "layers")
SUFFIXES = ("f", "b", "m")


def read(path: Path) -> dict[str, torch.Tensor]:
    """Name -> float32 tensor."""
    with path.open("rb") as file:
        new = b"MATLAB 7.3" in file.read(20)
    content = (mat73 if new else mat5).variables(path, (*ROOTS, *PARTS))
    net = next((struct[0] for struct in map(content.get, ROOTS) if _filled(struct)), content)
    if _filled(net.get("params")):
        pairs = [(_text(entry["name"]), entry["value"]) for entry in net["params"]]
    elif _filled(net.get("layers")):
        pairs = [pair for layer in net["layers"] for pair in _layer(layer[0] if isinstance(layer, list) else layer)]
    else:
        raise WeightsError(
            f"{path}: expected a network with params (DagNN) or layers (SimpleNN); it has "
            f"{', '.join(content) or 'nothing'}. Is it a network of MatConvNet?"
        )
    return {name: _tensor(path, name, value) for name, value in pairs}


def _filled(value) -> bool:
    return isinstance(value, list) and len(value) > 0


def _layer(layer: dict) -> Iterator[tuple[str, object]]:
    """(name, array) of a SimpleNN's layer, in the present form (weights) or that before 2015 (filters, biases)."""
    held = layer.get("weights")
    arrays = held if held is not None else [layer[name] for name in ("filters", "biases") if name in layer]
    for suffix, value in zip(SUFFIXES, arrays, strict=False):
        if value is None or np.size(value):
            yield _text(layer.get("name", "")) + suffix, value


def _tensor(path: Path, name: str, value) -> torch.Tensor:
    if not isinstance(value, np.ndarray) or value.dtype == object:
        raise WeightsError(
            f"{path}: {name} is no array of numbers; expected one. If it lay on a GPU when it was saved, load it in "
            "MATLAB, net.move('cpu'), and save it again"
        )
    return torch.from_numpy(np.array(value, np.float32, order="C"))


def _text(value) -> str:
    """A name; v7.3 keeps texts as numbers, and not every writer marks them."""
    return value if isinstance(value, str) else "".join(map(chr, np.ravel(value)))
