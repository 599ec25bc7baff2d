"""PyTorch's own files: the zip archive of today and the pickle of versions before 1.6. Neither is ever unpickled whole.

A pickle can run anything. `weights_only=True` builds tensors, numbers, strings and containers and refuses all else;
NumPy's scalars, which some trainers left in their `meta`, are harmless and let through. Whoever trusts a file that
holds more can write its tensors to safetensors with the program that made it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError

import numpy as np
import torch

from experiments.models.errors import WeightsError

WRAPPERS = ("state_dict", "model_state", "model_state_dict", "model", "net")
PARALLEL = "module."
_HARMLESS = [
    *((np._core.multiarray.scalar, f"numpy.{core}.multiarray.scalar") for core in ("core", "_core")),
    np.dtype,
    *(type(np.dtype(name)) for name in ("float64", "float32", "int64", "int32", "bool")),
]
_REFUSED = re.compile(r"(?:GLOBAL|Unsupported global:|Unsupported class) ?(?:GLOBAL )?([\w.]+)")


def read(path: Path) -> dict[str, torch.Tensor]:
    """Name -> tensor, out of whatever a trainer wrapped around them."""
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
    parallel = tensors and all(name.startswith(PARALLEL) for name in tensors)
    return {name.removeprefix(PARALLEL) if parallel else name: value for name, value in tensors.items()}


def _refusal(path: Path, reason: str) -> str:
    match = _REFUSED.search(reason)
    if match is None:
        return f"{path} is no sound PyTorch file: {reason.splitlines()[0]}"
    return (
        f"{path} holds an object of {match[1]}, and building it would run code; expected tensors, numbers and strings. "
        "If you trust the file, load it with the program that made it and save its state dict as safetensors"
    )
