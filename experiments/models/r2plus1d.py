"""A small R(2+1)D network of our own: spatial, then temporal convolutions, in residual blocks.

After Tran et al., *A Closer Look at Spatiotemporal Convolutions for Action Recognition* (CVPR 2018): every 3-D kernel
is split into 1 x k x k over the picture and k x 1 x 1 over time. Small where theirs is large: a strided stem takes
112 x 112 to 28 x 28, so that training needs minutes on two CPU cores, and the middle width of a split equals its
output width. The head reads the strongest response in each picture rather than the mean, because a person who is six
metres away fills a fiftieth of it. Tensors run in `channels_last_3d`, which halves the time on a CPU.

The network is given frames and nothing else. With the difference of each frame from their mean as a further input it
learns in half the time, and what it learns from the front serves it from the side: as an example of a model that
depends on the viewpoint it would be a poor one.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import nn

from experiments.models.adapter import TorchAdapter

ARCHITECTURE = {"stem": 16, "widths": [24, 48, 96]}


def split_conv(into: int, out: int, *, stride: int = 1, time_stride: int = 1) -> nn.Sequential:
    """One (2+1)D convolution: 1x3x3, normalisation, ReLU, 3x1x1, normalisation."""
    return nn.Sequential(
        nn.Conv3d(into, out, (1, 3, 3), (1, stride, stride), (0, 1, 1), bias=False),
        nn.BatchNorm3d(out),
        nn.ReLU(inplace=True),
        nn.Conv3d(out, out, (3, 1, 1), (time_stride, 1, 1), (1, 0, 0), bias=False),
        nn.BatchNorm3d(out),
    )


class Block(nn.Module):
    """Two (2+1)D convolutions around a shortcut; the shortcut is 1x1x1 where the shape changes."""

    def __init__(self, into: int, out: int, *, stride: int = 1, time_stride: int = 1):
        super().__init__()
        self.first = split_conv(into, out, stride=stride, time_stride=time_stride)
        self.second = split_conv(out, out)
        same = into == out and stride == time_stride == 1
        self.shortcut = nn.Identity() if same else _projection(into, out, stride, time_stride)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.shortcut(x) + self.second(torch.relu(self.first(x))))


def _projection(into: int, out: int, stride: int, time_stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv3d(into, out, 1, (time_stride, stride, stride), bias=False),
        nn.BatchNorm3d(out),
    )


class R2Plus1D(nn.Module):
    """(B, 3, T, H, W) -> (B, num_classes) logits.

    Args:
        num_classes: width of the output.
        stem: channels of the first 1x5x5 convolution of stride 2.
        widths: channels of the residual blocks; the first keeps 1/4 of the picture's side, each further one halves it,
            and the last halves time as well.
    """

    def __init__(self, num_classes: int, *, stem: int, widths: Sequence[int]):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv3d(3, stem, (1, 5, 5), (1, 2, 2), (0, 2, 2), bias=False),
            nn.BatchNorm3d(stem),
            nn.ReLU(inplace=True),
            split_conv(stem, widths[0], stride=2),
            nn.ReLU(inplace=True),
        )
        blocks = [Block(widths[0], widths[0])]
        for index in range(1, len(widths)):
            last = index == len(widths) - 1
            blocks.append(Block(widths[index - 1], widths[index], stride=2, time_stride=2 if last else 1))
        self.blocks = nn.ModuleList(blocks)
        self.pool = StrongestPerPicture()
        self.head = nn.Linear(widths[-1], num_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.stem(x.contiguous(memory_format=torch.channels_last_3d))
        for block in self.blocks:
            x = block(x)
        return self.head(self.pool(x))


class StrongestPerPicture(nn.Module):
    """(B, channels, T, H, W) -> (B, channels): the strongest response in each picture, averaged over time."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.amax((3, 4)).mean(2)


def build(num_classes: int, architecture: Mapping[str, Any] = ARCHITECTURE, *, seed: int = 0) -> R2Plus1D:
    """A new network whose weights depend on `seed` alone (He initialisation; the last norm of a block starts at 0,
    so that every block starts as its shortcut)."""
    net = R2Plus1D(num_classes, stem=int(architecture["stem"]), widths=[int(w) for w in architecture["widths"]])
    generator = torch.Generator().manual_seed(seed)
    for module in net.modules():
        if isinstance(module, nn.Conv3d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu", generator=generator)
        if isinstance(module, Block):
            nn.init.zeros_(module.second[-1].weight)
    nn.init.normal_(net.head.weight, std=0.01, generator=generator)
    nn.init.zeros_(net.head.bias)
    return net.to(memory_format=torch.channels_last_3d)


def save(net: nn.Module, path: Path) -> None:
    """Write the weights as float32 safetensors, in place at once."""
    partial = path.with_name(f".{path.name}")
    save_file({key: value.detach().cpu().contiguous() for key, value in net.state_dict().items()}, partial)
    os.replace(partial, path)


class R2Plus1DAdapter(TorchAdapter):
    """Layers: "stem", one name per residual block, and "pool", the vector the classifier reads."""

    def build(self) -> R2Plus1D:
        return build(len(self.classes), self.card.architecture or ARCHITECTURE, seed=self.options.seed)

    def taps(self) -> dict[str, str]:
        blocks = {f"block{index + 1}": f"blocks.{index}" for index in range(len(self.net.blocks))}
        return {"stem": "stem", **blocks, "pool": "pool"}
