"""safetensors: one file, or the index of several shards that Hugging Face writes."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from experiments.models.errors import WeightsError


def read(path: Path) -> dict[str, torch.Tensor]:
    """Name -> tensor."""
    if path.suffix == ".json":
        return _shards(path)
    try:
        return load_file(path)
    except SafetensorError as error:
        raise WeightsError(f"{path} is no sound safetensors file: {error}") from error


def _shards(index: Path) -> dict[str, torch.Tensor]:
    """The tensors of every shard that an index names."""
    try:
        where = json.loads(index.read_text(encoding="utf-8"))["weight_map"]
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise WeightsError(f"{index} is no index of shards ({error!r}); expected a table weight_map") from error
    tensors: dict[str, torch.Tensor] = {}
    for name in sorted(set(where.values())):
        shard = index.parent / Path(name).name
        if not shard.is_file():
            raise WeightsError(f"{index} names the shard {name}, which does not lie beside it; fetch all shards")
        tensors |= read(shard)
    if lost := sorted(set(where) - set(tensors)):
        raise WeightsError(f"{index} names {lost[0]!r} and {len(lost) - 1} more that no shard holds; fetch them again")
    return tensors
