"""Names of I3D's tensors in published files, and those of the network (`i3d.py`), which are the PyTorch port's.

Known are DeepMind's variables (github.com/deepmind/kinetics-i3d: Kinetics-400 with the stream before the name,
Kinetics-600 without it and with an optimiser's slots) and the conversions of mmaction v0.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import torch

from experiments.models.errors import WeightsError

# Name -> channels of (b0, b1a, b1b, b2a, b2b, b3b): 1x1 | 1x1, 3x3 | 1x1, 3x3 | pool, 1x1.
MIXED = {
    "Mixed_3b": (64, 96, 128, 16, 32, 32),
    "Mixed_3c": (128, 128, 192, 32, 96, 64),
    "Mixed_4b": (192, 96, 208, 16, 48, 64),
    "Mixed_4c": (160, 112, 224, 24, 64, 64),
    "Mixed_4d": (128, 128, 256, 24, 64, 64),
    "Mixed_4e": (112, 144, 288, 32, 64, 64),
    "Mixed_4f": (256, 160, 320, 32, 128, 128),
    "Mixed_5b": (256, 160, 320, 32, 128, 128),
    "Mixed_5c": (384, 192, 384, 48, 128, 128),
}

_TENSORFLOW = re.compile(r"(?:(?:RGB|Flow)/)?inception_i3d/(.+)|((?:Conv3d|Mixed|Logits).+)")
_BRANCHES = {
    "Branch_0/Conv3d_0a_1x1": "b0",
    "Branch_1/Conv3d_0a_1x1": "b1a",
    "Branch_1/Conv3d_0b_3x3": "b1b",
    "Branch_2/Conv3d_0a_1x1": "b2a",
    "Branch_2/Conv3d_0b_3x3": "b2b",
    "Branch_2/Conv3d_0a_3x3": "b2b",  # of Mixed_5b, misnamed in the original
    "Branch_3/Conv3d_0b_1x1": "b3b",
}
_WEIGHTS = {
    "conv_3d/w": "conv3d.weight",
    "conv_3d/b": "conv3d.bias",
    "batch_norm/beta": "bn.bias",
    "batch_norm/moving_mean": "bn.running_mean",
    "batch_norm/moving_variance": "bn.running_var",
}
_IGNORED = ("/Momentum", "global_step", "ExponentialMovingAverage")


def from_tensorflow(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """DeepMind's variables of one stream under the port's names. Filters (T, H, W, in, out) are turned; no gain is
    there, which is 1. Raises WeightsError for a name that is none of theirs."""
    out: dict[str, torch.Tensor] = {}
    for name, value in tensors.items():
        match = _TENSORFLOW.match(name)
        if name.endswith(_IGNORED) or name in _IGNORED:
            continue
        if match is None:
            raise WeightsError(f"{name!r} is no variable of an I3D; expected RGB/inception_i3d/Conv3d_1a_7x7/conv_3d/w")
        path, weight = _tensorflow_path(match[1] or match[2], name)
        is_filter = weight == "conv3d.weight"
        out[f"{path}.{weight}"] = value.permute(4, 3, 0, 1, 2).contiguous() if is_filter else value.flatten()
        if weight == "bn.bias":
            out[f"{path}.bn.weight"] = torch.ones_like(value.flatten())
    return out


def _tensorflow_path(name: str, whole: str) -> tuple[str, str]:
    """(module, tensor) of a variable's name below the stream."""
    module, _, weight = name.rpartition("/conv_3d/") if "/conv_3d/" in name else name.rpartition("/batch_norm/")
    kind = "conv_3d/" if "/conv_3d/" in name else "batch_norm/"
    stage, _, branch = module.partition("/")
    known = _WEIGHTS.get(kind + weight)
    if module == "Logits/Conv3d_0c_1x1" and known:
        return "logits", known
    if known and not branch:
        return stage, known
    if known and branch in _BRANCHES:
        return f"{stage}.{_BRANCHES[branch]}", known
    raise WeightsError(f"{whole!r} is no variable of an I3D; its modules are {', '.join(MIXED)}")


# mmaction's stages are a letter behind: its 3a is Mixed_3b.
_MM_STEM = {"conv1_7x7_s2": "Conv3d_1a_7x7", "conv2_3x3_reduce": "Conv3d_2b_1x1", "conv2_3x3": "Conv3d_2c_3x3"}
_MM_BRANCHES = {
    "1x1": "b0",
    "branch1_3x3_reduce": "b1a",
    "branch1_3x3": "b1b",
    "branch2_3x3_reduce": "b2a",
    "branch2_3x3": "b2b",
    "pool_proj": "b3b",
}
_MM_NAME = re.compile(r"backbone\.(?:inception_(\d)([a-e])_)?(.+?)(_bn)?\.(\w+)\Z")


def from_mmaction(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The tensors of mmaction v0's conversions under the port's names. Raises WeightsError for a foreign name."""
    out: dict[str, torch.Tensor] = {}
    for name, value in tensors.items():
        if name in ("cls_head.fc_cls.weight", "cls_head.fc_cls.bias"):
            end = name.rpartition(".")[2]
            out[f"logits.conv3d.{end}"] = value[:, :, None, None, None] if end == "weight" else value
            continue
        match = _MM_NAME.match(name)
        path = _mmaction_path(match) if match else None
        if path is None:
            raise WeightsError(f"{name!r} is no tensor of mmaction's I3D; expected backbone.inception_3a_1x1.weight")
        out[f"{path}.{'bn' if match[4] else 'conv3d'}.{match[5]}"] = value
    return out


def _mmaction_path(match: re.Match) -> str | None:
    if match[1] is None:
        return _MM_STEM.get(match[3])
    stage = f"Mixed_{match[1]}{chr(ord(match[2]) + 1)}"
    return f"{stage}.{_MM_BRANCHES[match[3]]}" if stage in MIXED and match[3] in _MM_BRANCHES else None


def renamed(tensors: Mapping[str, torch.Tensor]) -> Mapping[str, torch.Tensor]:
    """The tensors of one stream's file, whatever its names, under the port's."""
    if any(name.startswith("backbone.") for name in tensors):
        return from_mmaction(tensors)
    if any("conv_3d/w" in name for name in tensors):
        return from_tensorflow(tensors)
    return tensors
