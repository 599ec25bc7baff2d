"""PyTorch's own files: the ZIP archive of today and the pickle of versions before 1.6. Neither is ever unpickled whole.

A pickle can run anything. `weights_only=True` builds tensors, numbers, strings and containers and refuses all else;
NumPy's scalars, which some trainers left in their `meta`, are harmless and let through. Whoever trusts a file that
holds more can write its tensors to safetensors with the program that made it.

torch.load compares no checksum. The archive holds a CRC-32 of every entry, which is compared here.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError

import numpy as np
import torch

from experiments.models.errors import WeightsError

WRAPPERS = ("state_dict", "model_state", "model_state_dict", "model", "net")
PARALLEL = "module."
LEGACY_MAGIC = bytes.fromhex("8a0a6cfc9c46f9206aa85019")  # the number that torch.save pickled first
_HARMLESS = [
    *((np._core.multiarray.scalar, f"numpy.{core}.multiarray.scalar") for core in ("core", "_core")),
    np.dtype,
    *{type(np.dtype(code)) for code in "?bBhHiIlLqQefdU"},
]
_REFUSED = re.compile(r"GLOBAL ([\w.]+)|class '?([\w.]+)")
_WAY_OUT = "If you trust the file, load it with the program that made it and save its state dict as safetensors"


def read(path: Path) -> dict[str, torch.Tensor]:
    """Name -> tensor, out of whatever a trainer wrapped around them."""
    with path.open("rb") as file:
        head = file.read(32)
    if head.startswith(b"PK"):
        _check_archive(path)
    elif LEGACY_MAGIC not in head:
        raise WeightsError(f"{path} is a pickle, but none of PyTorch's; expected what torch.save wrote. {_WAY_OUT}")
    try:
        with torch.serialization.safe_globals(_HARMLESS):
            content = torch.load(path, map_location="cpu", weights_only=True)
    except UnpicklingError as error:
        raise WeightsError(_refusal(path, str(error))) from error
    return unwrapped(path, content)


def unwrapped(path: Path, content) -> dict[str, torch.Tensor]:
    """The table of tensors in a checkpoint; raises WeightsError where there is none."""
    while isinstance(content, Mapping):
        inner = next((content[key] for key in WRAPPERS if isinstance(content.get(key), Mapping)), None)
        if inner is None:
            break
        content = inner
    if not isinstance(content, Mapping):
        raise WeightsError(f"{path} holds a {type(content).__name__}; expected a state dict, or a checkpoint with one")
    tensors = {str(name): value for name, value in content.items() if isinstance(value, torch.Tensor)}
    if not tensors:
        raise WeightsError(
            f"{path} holds no tensors but {', '.join(map(str, content)) or 'nothing'}; expected a state dict, or a "
            f"checkpoint that has one as {', '.join(WRAPPERS)}. Save the part that has the tensors by itself"
        )
    parallel = all(name.startswith(PARALLEL) for name in tensors)
    return {name.removeprefix(PARALLEL) if parallel else name: value for name, value in tensors.items()}


def _check_archive(path: Path) -> None:
    """Raises WeightsError for an archive that is damaged, or that is none of a state dict."""
    try:
        with zipfile.ZipFile(path) as archive:
            names, damaged = [Path(name).name for name in archive.namelist()], archive.testzip()
    except zipfile.BadZipFile as error:
        raise WeightsError(f"{path} is no sound PyTorch file: {error}; was it cut off? Fetch it again") from error
    if "constants.pkl" in names:
        raise WeightsError(f"{path} is a TorchScript program; expected its weights. {_WAY_OUT}")
    if "data.pkl" not in names:
        raise WeightsError(
            f"{path} is a ZIP archive of {', '.join(names[:3])}; expected a PyTorch file: unpack it first"
        )
    if damaged:
        raise WeightsError(f"{path}: {damaged} in it has another CRC-32 than the archive says; fetch the file again")


def _refusal(path: Path, text: str) -> str:
    """What torch says, without its advice to unpickle the file whole."""
    reason = text.rpartition("trusted source.")[2].rpartition("WeightsUnpickler error:")[2]
    reason = reason.partition("Check the documentation")[0].strip()
    refused = _REFUSED.search(reason)
    if refused is None:
        return f"{path} is no sound PyTorch file: {reason}. Fetch it again. {_WAY_OUT}"
    return (
        f"{path} holds an object of {refused[1] or refused[2]}, and building it would run code; expected tensors, "
        f"numbers and strings. {_WAY_OUT}"
    )
