"""MatConvNet's networks in MATLAB files: DagNN (`params`) and SimpleNN (`layers`), of v5 (SciPy) and v7.3 (HDF5).

Names are those of the parameters. A SimpleNN's layers have no names for them: they are called as MatConvNet's own
conversion to a DagNN does, layer + f (filters), b (biases), m (moments). Arrays lie as in MATLAB.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import scipy.io
import torch

from experiments.models.errors import WeightsError
from experiments.models.formats.hdf5 import open_hdf5

ROOTS = ("net", "net_", "network")
SUFFIXES = ("f", "b", "m")


def read(path: Path) -> dict[str, torch.Tensor]:
    """Name -> float32 tensor."""
    with path.open("rb") as file:
        new = b"MATLAB 7.3" in file.read(20)
    pairs = dict(_hdf5(path) if new else _classic(path))
    return {name: torch.from_numpy(np.ascontiguousarray(value, np.float32)) for name, value in pairs.items()}


def _classic(path: Path) -> Iterator[tuple[str, np.ndarray]]:
    try:
        content = scipy.io.loadmat(path, struct_as_record=False, squeeze_me=False, chars_as_strings=True)
    except (scipy.io.matlab.MatReadError, EOFError, zlib.error) as error:
        raise WeightsError(f"{path} is no sound MATLAB file: {error}") from error
    net = next((content[name] for name in ROOTS if name in content), None)
    struct = _unboxed(net) if net is not None else None
    params = getattr(struct, "params", content.get("params"))
    layers = getattr(struct, "layers", content.get("layers"))
    if params is not None and np.size(params):
        for entry in np.ravel(params):
            yield _text(entry.name), _array(entry.value)
    elif layers is not None:
        for entry in (_unboxed(cell) for cell in np.ravel(layers)):
            yield from _layer(_text(entry.name), _weights(entry))
    else:
        raise WeightsError(
            f"{path}: expected a network with params (DagNN) or layers (SimpleNN); it has {_names(content)}"
        )


def _weights(layer) -> list[np.ndarray]:
    """A SimpleNN layer's arrays, in the present form (weights) or that before 2015 (filters, biases)."""
    if hasattr(layer, "weights"):
        return [_array(cell) for cell in np.ravel(layer.weights)]
    return [_array(getattr(layer, name)) for name in ("filters", "biases") if hasattr(layer, name)]


def _layer(name: str, arrays: list[np.ndarray]) -> Iterator[tuple[str, np.ndarray]]:
    for suffix, value in zip(SUFFIXES, arrays, strict=False):
        if value.size:
            yield name + suffix, value


def _unboxed(value):
    """The one thing in a 1 x 1 cell or struct array."""
    while isinstance(value, np.ndarray) and value.size == 1 and value.dtype == object:
        value = value.item()
    return value


def _array(value) -> np.ndarray:
    value = _unboxed(value)
    return np.asarray(value)


def _text(value) -> str:
    value = _unboxed(value)
    return str(value.item()) if isinstance(value, np.ndarray) and value.size == 1 else str(value)


def _names(content) -> str:
    return ", ".join(name for name in content if not name.startswith("__")) or "nothing"


def _hdf5(path: Path) -> Iterator[tuple[str, np.ndarray]]:
    """v7.3: a struct array is a group of arrays of references, and axes lie in reverse."""
    with open_hdf5(path) as file:
        net = next((file[name] for name in ROOTS if name in file), file)
        if "params" in net:
            params = net["params"]
            for name, value in zip(np.ravel(params["name"]), np.ravel(params["value"]), strict=True):
                yield _letters(file[name]), _turned(file[value])
        elif "layers" in net:
            for reference in np.ravel(net["layers"]):
                entry = file[reference]
                if "weights" in entry:
                    found = [_turned(file[cell]) for cell in np.ravel(entry["weights"])]
                    yield from _layer(_letters(entry["name"]), found)
        else:
            raise WeightsError(
                f"{path}: expected a network with params or layers; it has {', '.join(net) or 'nothing'}"
            )


def _letters(data) -> str:
    return "".join(map(chr, np.ravel(data)))


def _turned(data) -> np.ndarray:
    """An array in MATLAB's order of axes; one that is empty in MATLAB holds its size instead of values."""
    if data.attrs.get("MATLAB_empty", 0):
        return np.zeros(0)
    return np.asarray(data).T
