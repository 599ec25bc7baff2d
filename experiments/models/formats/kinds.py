"""Which format a weights file is of, by its first and last bytes."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch

from experiments.models.errors import WeightsError

HEAD = 520  # bytes: MATLAB v7.3 puts 512 before HDF5's own
TF_MAGIC = bytes.fromhex("57fb808b247547db")  # the last eight of a LevelDB table
DATA = re.compile(r"(.+)\.data-\d{5}-of-\d{5}\Z")  # TensorFlow's data files hold bare numbers and are known by name
HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"


class Kind(NamedTuple):
    """title: for people. module: of this package, with a function `read(path)`."""

    title: str
    module: str

    def reader(self) -> Callable[[Path], dict[str, torch.Tensor]]:
        """The function that reads such a file."""
        return importlib.import_module(f"experiments.models.formats.{self.module}").read


PYTORCH = Kind("a PyTorch file", "pytorch")
SAFETENSORS = Kind("safetensors", "safe")
BUNDLE = Kind("a TensorFlow checkpoint", "tf_bundle")
MATLAB = Kind("a MATLAB file", "matlab")
KERAS = Kind("Keras weights in HDF5", "keras")


def kind_of(path: Path) -> Kind:
    """The format of a file; raises WeightsError for none that is known."""
    if path.name.endswith(".safetensors.index.json"):
        return SAFETENSORS
    if not path.is_file():
        if path.with_name(path.name + ".index").is_file():
            return BUNDLE
        what = "is a folder" if path.is_dir() else "there is no such file"
        raise WeightsError(f"{path}: {what}; name the weights' file, or a TensorFlow checkpoint's prefix")
    with path.open("rb") as file:
        head = file.read(HEAD)
        file.seek(max(path.stat().st_size - 8, 0))
        tail = file.read(8)
    found = _by_bytes(path, head, tail)
    if found is None:
        raise WeightsError(
            f"{path} begins with {head[:12]!r}, which is no format of weights that is known: PyTorch, safetensors, "
            "TensorFlow V2 checkpoint, MATLAB, Keras HDF5. Was the download an error page?"
        )
    return found


def _by_bytes(path: Path, head: bytes, tail: bytes) -> Kind | None:
    if tail == TF_MAGIC or (DATA.match(path.name) and path.with_name(DATA.match(path.name)[1] + ".index").is_file()):
        return BUNDLE
    if head.startswith(b"PK\x03\x04") or (head[:1] == b"\x80" and head[1:2] in b"\x02\x03\x04\x05"):
        return PYTORCH
    if head.startswith(b"MATLAB "):
        return MATLAB
    if head.startswith(HDF5_MAGIC):
        return KERAS
    if head[8:9] == b"{" and int.from_bytes(head[:8], "little") < path.stat().st_size:
        return SAFETENSORS
    if DATA.match(path.name):
        return BUNDLE  # whose index is lost
    return SAFETENSORS if path.suffix == ".safetensors" else None
