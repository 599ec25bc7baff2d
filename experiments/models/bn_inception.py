"""BN-Inception (Ioffe and Szegedy, *Batch Normalization*, ICML 2015, Figure 5), as temporal segment networks have it.

69 convolutions, each with a bias and a normalisation after it, and poolings that round up. Names are those of Caffe's
model, which mmaction and tsn-pytorch kept.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

# Module -> (1x1 | 3x3 reduce, 3x3 | double 3x3 reduce, first, second | pool, its projection). No 1x1 and no projection
# where the module halves the picture.
MODULES = {
    "3a": (64, (64, 64), (64, 96, 96), ("avg", 32)),
    "3b": (64, (64, 96), (64, 96, 96), ("avg", 64)),
    "3c": (None, (128, 160), (64, 96, 96), ("max", None)),
    "4a": (224, (64, 96), (96, 128, 128), ("avg", 128)),
    "4b": (192, (96, 128), (96, 128, 128), ("avg", 128)),
    "4c": (160, (128, 160), (128, 160, 160), ("avg", 128)),
    "4d": (96, (128, 192), (160, 192, 192), ("avg", 128)),
    "4e": (None, (128, 192), (192, 256, 256), ("max", None)),
    "5a": (352, (192, 320), (160, 224, 224), ("avg", 128)),
    "5b": (352, (192, 320), (192, 224, 224), ("max", 128)),
}
FEATURES = 1024


class BNInception(nn.Module):
    """(N, channels, H, W) -> (N, 1024, H / 32, W / 32). channels: 3 of RGB, 10 of a stack of flow."""

    def __init__(self, channels: int = 3):
        super().__init__()
        self._unit("conv1_7x7_s2", channels, 64, 7, stride=2)
        self._unit("conv2_3x3_reduce", 64, 64, 1)
        self._unit("conv2_3x3", 64, 192, 3)
        into = 192
        for name in MODULES:
            into = self._module(name, into)

    def _unit(self, name: str, into: int, out: int, kernel: int, stride: int = 1) -> None:
        """A convolution `name` and its normalisation `name`_bn."""
        self.add_module(name, nn.Conv2d(into, out, kernel, stride, kernel // 2))
        self.add_module(f"{name}_bn", nn.BatchNorm2d(out))

    def _module(self, name: str, into: int) -> int:
        """The layers of an inception module; returns its channels."""
        one, (reduce, three), (double, first, second), (kind, project) = MODULES[name]
        stem, stride = f"inception_{name}", 1 if one else 2
        if one:
            self._unit(f"{stem}_1x1", into, one, 1)
        self._unit(f"{stem}_3x3_reduce", into, reduce, 1)
        self._unit(f"{stem}_3x3", reduce, three, 3, stride)
        self._unit(f"{stem}_double_3x3_reduce", into, double, 1)
        self._unit(f"{stem}_double_3x3_1", double, first, 3)
        self._unit(f"{stem}_double_3x3_2", first, second, 3, stride)
        self.add_module(f"{stem}_pool", _pool(kind, stride))
        if project:
            self._unit(f"{stem}_pool_proj", into, project, 1)
        self.add_module(f"{stem}_output", Join())
        return (one or 0) + three + second + (project or into)

    def _run(self, name: str, x: torch.Tensor) -> torch.Tensor:
        return functional.relu(self.get_submodule(f"{name}_bn")(self.get_submodule(name)(x)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = functional.max_pool2d(self._run("conv1_7x7_s2", x), 3, 2, ceil_mode=True)
        x = self._run("conv2_3x3", self._run("conv2_3x3_reduce", x))
        x = functional.max_pool2d(x, 3, 2, ceil_mode=True)
        for name in MODULES:
            x = self._mixed(f"inception_{name}", x, *MODULES[name])
        return x

    def _mixed(self, stem: str, x: torch.Tensor, one, three, double, pool) -> torch.Tensor:
        parts = [self._run(f"{stem}_1x1", x)] if one else []
        parts.append(self._run(f"{stem}_3x3", self._run(f"{stem}_3x3_reduce", x)))
        deep = self._run(f"{stem}_double_3x3_1", self._run(f"{stem}_double_3x3_reduce", x))
        parts.append(self._run(f"{stem}_double_3x3_2", deep))
        pooled = self.get_submodule(f"{stem}_pool")(x)
        parts.append(self._run(f"{stem}_pool_proj", pooled) if pool[1] else pooled)
        return self.get_submodule(f"{stem}_output")(parts)


class Join(nn.Module):
    """The branches beside each other; a module, so that what an inception module gives can be tapped."""

    def forward(self, parts: list[torch.Tensor]) -> torch.Tensor:
        return torch.cat(parts, 1)


def _pool(kind: str, stride: int) -> nn.Module:
    padding = 0 if stride == 2 else 1
    if kind == "max":
        return nn.MaxPool2d(3, stride, padding, ceil_mode=True)
    return nn.AvgPool2d(3, stride, padding, ceil_mode=True, count_include_pad=True)
