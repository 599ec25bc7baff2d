"""ResNet-50 (He et al., CVPR 2016) with the stride in the 3x3 convolution, under torchvision's names."""

from __future__ import annotations

import re
from collections.abc import Mapping

import torch
from torch import nn

BLOCKS = (3, 4, 6, 3)
FEATURES = 2048
_BLOCK = re.compile(r"(layer\d\.\d+)\.conv(\d)\.(conv|bn)\.(\w+)\Z")
_SHORTCUT = re.compile(r"(layer\d\.\d+)\.downsample\.(conv|bn)\.(\w+)\Z")
_STEM = re.compile(r"conv1\.(conv|bn)\.(\w+)\Z")


class Bottleneck(nn.Module):
    """1x1, 3x3, 1x1 around a shortcut."""

    def __init__(self, into: int, width: int, stride: int):
        super().__init__()
        out = 4 * width
        self.conv1, self.bn1 = nn.Conv2d(into, width, 1, bias=False), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = nn.Conv2d(width, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width)
        self.conv3, self.bn3 = nn.Conv2d(width, out, 1, bias=False), nn.BatchNorm2d(out)
        same = into == out and stride == 1
        self.downsample = (
            None if same else nn.Sequential(nn.Conv2d(into, out, 1, stride, bias=False), nn.BatchNorm2d(out))
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = torch.relu(self.bn1(self.conv1(x)))
        y = torch.relu(self.bn2(self.conv2(y)))
        return torch.relu(self.bn3(self.conv3(y)) + (x if self.downsample is None else self.downsample(x)))


class ResNet50(nn.Module):
    """(N, 3, H, W) -> (N, 2048, H / 32, W / 32)."""

    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        into = 64
        for stage, count in enumerate(BLOCKS):
            width = 64 << stage
            blocks = [
                Bottleneck(into if k == 0 else 4 * width, width, 2 if k == 0 and stage else 1) for k in range(count)
            ]
            self.add_module(f"layer{stage + 1}", nn.Sequential(*blocks))
            into = 4 * width

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.maxpool(torch.relu(self.bn1(self.conv1(x))))
        for stage in range(1, len(BLOCKS) + 1):
            x = self.get_submodule(f"layer{stage}")(x)
        return x


def from_mmaction2(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """mmaction2 1.x's names (conv2.conv, conv2.bn, downsample.conv) under torchvision's; those of mmaction v0 are."""
    return {_torchvision(name): value for name, value in tensors.items()}


def _torchvision(name: str) -> str:
    if match := _BLOCK.match(name):
        return f"{match[1]}.{'conv' if match[3] == 'conv' else 'bn'}{match[2]}.{match[4]}"
    if match := _SHORTCUT.match(name):
        return f"{match[1]}.downsample.{0 if match[2] == 'conv' else 1}.{match[3]}"
    if match := _STEM.match(name):
        return f"{'conv1' if match[1] == 'conv' else 'bn1'}.{match[2]}"
    return name
