"""ST-ResNet-50: two residual networks, over RGB and optical flow, the motion one feeding the other's residuals.

Feichtenhofer, Pinz and Wildes, *Spatiotemporal Residual Networks* (NIPS 2016), as their published program builds it
from two ResNet-50 (He et al. 2015, with the stride in the first 1 x 1 convolution of a block, as in Caffe):

- Injection. After the first block ("a") of every stage, what block b's *residual branch* reads of the appearance
  stream is its unrectified sum plus the motion stream's rectified one; the shortcut around b stays as it was.
  "product" is that of the successor, *Spatiotemporal Multiplier Networks* (CVPR 2017); "none" leaves two networks.
- Time. The two 1 x 1 convolutions of every block b, in both streams, reach over three frames, and begin as a third of
  the 1 x 1 filter for each.
- Pooling. `pool_time: [5, 2]` of the program's second stage takes the maximum over 5 frames, every 2, after res5c;
  null is the first stage, where every frame has its scores.
- Scores. The mean over both streams' fc1000, over frames and, where the picture is larger than 224, over places.

Tensor names follow MatConvNet: res2a_branch2a_filter_spatial is spatial.res2a.branch2a.weight. Caffe's conv1 has a
bias, which the normalisation behind it makes redundant: it is taken from that one's mean. The program and its files
have no licence; a user brings them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from experiments.models.flow import FlowAdapter
from experiments.models.matconvnet import EPS, STREAMS, by_stream, filters, moments, over_time
from experiments.models.two_stream import read_streams
from synth.errors import UnknownName, find

INJECTIONS = {"sum": torch.add, "product": torch.mul, "none": None}
EXPANSION = 4


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """blocks: of the stages 2 to 5. width: channels of stage 2 inside its blocks; each further stage doubles it.
    side: of the picture. pool_time: (frames, stride) of the pooling over time, None for none."""

    blocks: tuple[int, ...] = (3, 4, 6, 3)
    width: int = 64
    side: int = 224
    flow_stack: int = 10
    injection: str = "sum"
    pool_time: tuple[int, int] | None = (5, 2)

    def __post_init__(self):
        object.__setattr__(self, "blocks", tuple(self.blocks))
        object.__setattr__(self, "pool_time", tuple(self.pool_time) if self.pool_time else None)
        find("injection", self.injection, INJECTIONS)

    def names(self) -> list[list[str]]:
        """Of the blocks of each stage: [["2a", "2b", "2c"], ["3a", ...], ...]."""
        return [[f"{stage}{chr(97 + k)}" for k in range(count)] for stage, count in enumerate(self.blocks, 2)]


class Block(nn.Module):
    """A bottleneck. The sum that it gives is not rectified; `forward` takes what the shortcut and the residual branch
    read, which differ where motion is injected."""

    def __init__(self, into: int, width: int, stride: int, *, first: bool, temporal: bool):
        super().__init__()
        out, reach = EXPANSION * width, 3 if temporal else 1
        if first:
            self.branch1, self.bn_branch1 = _conv(into, out, (1, 1, 1), stride), _norm(out)
        self.branch2a, self.bn_branch2a = _conv(into, width, (reach, 1, 1), stride), _norm(width)
        self.branch2b, self.bn_branch2b = _conv(width, width, (1, 3, 3), 1), _norm(width)
        self.branch2c, self.bn_branch2c = _conv(width, out, (reach, 1, 1), 1), _norm(out)
        self.first = first

    def forward(self, x: torch.Tensor, residual: torch.Tensor | None = None) -> torch.Tensor:
        shortcut = self.bn_branch1(self.branch1(x)) if self.first else x
        y = x if residual is None else residual
        y = torch.relu(self.bn_branch2a(self.branch2a(y)))
        y = torch.relu(self.bn_branch2b(self.branch2b(y)))
        return shortcut + self.bn_branch2c(self.branch2c(y))


def _conv(into: int, out: int, kernel: tuple[int, int, int], stride: int) -> nn.Conv3d:
    return nn.Conv3d(into, out, kernel, (1, stride, stride), tuple(k // 2 for k in kernel), bias=False)


def _pool_time(frames: int, stride: int) -> nn.MaxPool3d:
    return nn.MaxPool3d((frames, 1, 1), (stride, 1, 1))


def _norm(channels: int) -> nn.BatchNorm3d:
    return nn.BatchNorm3d(channels, eps=EPS)


class Stream(nn.Module):
    """One ResNet without its forward pass, which `StResNet` leads through both."""

    def __init__(self, channels: int, num_classes: int, of: Architecture):
        super().__init__()
        into = of.width
        self.conv1 = nn.Conv3d(channels, into, (1, 7, 7), (1, 2, 2), (0, 3, 3), bias=False)
        self.bn_conv1 = _norm(into)
        # Caffe's pooling covers the picture's last row, which no padding before the first one would reach.
        self.pool1 = nn.MaxPool3d((1, 3, 3), (1, 2, 2), ceil_mode=True)
        for stage, names in enumerate(of.names()):
            for index, name in enumerate(names):
                stride = 2 if stage and not index else 1
                block = Block(into, of.width << stage, stride, first=not index, temporal=index == 1)
                self.add_module(f"res{name}", block)
                into = EXPANSION * of.width << stage
        self.pool_time = _pool_time(*of.pool_time) if of.pool_time else nn.Identity()
        self.pool5 = nn.AvgPool3d((1, of.side // 32, of.side // 32), 1)
        self.fc1000 = nn.Conv3d(into, num_classes, 1)

    def stem(self, x: torch.Tensor) -> torch.Tensor:
        """(B, channels, T, H, W) -> (B, width, T, H / 4, W / 4)."""
        return self.pool1(torch.relu(self.bn_conv1(self.conv1(x))))

    def head(self, x: torch.Tensor) -> torch.Tensor:
        """(B, channels, T, h, w) -> (B, C)."""
        return self.fc1000(self.pool5(self.pool_time(x))).mean((2, 3, 4))


class StResNet(nn.Module):
    """(B, 3 + 2 flow_stack, T, H, W), RGB first -> (B, C); while training, the two of `streams`."""

    def __init__(self, num_classes: int, architecture: Architecture | None = None):
        super().__init__()
        self.of = architecture or Architecture()
        self.spatial = Stream(3, num_classes, self.of)
        self.temporal = Stream(2 * self.of.flow_stack, num_classes, self.of)

    def forward(self, x: torch.Tensor) -> torch.Tensor | tuple[torch.Tensor, torch.Tensor]:
        return self.streams(x) if self.training else torch.stack(self.streams(x)).mean(0)

    def streams(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The logits of the appearance and of the motion stream, (B, C) each; both are trained, each by its own cross
        entropy."""
        look, move = self.spatial.stem(x[:, :3]), self.temporal.stem(x[:, 3:])
        inject = INJECTIONS[self.of.injection]
        for names in self.of.names():
            given = None
            for index, name in enumerate(names):
                total = getattr(self.spatial, f"res{name}")(look, given)
                look = torch.relu(total)
                move = torch.relu(getattr(self.temporal, f"res{name}")(move))
                given = inject(total, move) if inject and not index else None
        return self.spatial.head(look), self.temporal.head(move)


def build(num_classes: int, architecture: Mapping) -> StResNet:
    """The network that a card's table describes (see `Architecture`); He initialisation, filters over time from a
    third of a 1 x 1 filter per frame, as the program begins."""
    net = StResNet(num_classes, Architecture(**architecture))
    for module in net.modules():
        if isinstance(module, nn.Conv3d):
            middle = torch.empty_like(module.weight[:, :, :1])
            nn.init.kaiming_normal_(middle, nonlinearity="relu")
            module.weight.data.copy_(middle / module.kernel_size[0])
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    return net


def from_matconvnet(tensors: Mapping[str, torch.Tensor], net: StResNet, alone: str | None = None) -> dict:
    """MatConvNet's tensors under the names of `net`: res2a_branch2a_filter_spatial -> spatial.res2a.branch2a.weight.

    1 x 1 filters of block b are spread over time where the file has them for one frame (the towers' files). alone:
    "spatial" or "temporal", for the file of one tower. Raises UnknownName for a parameter that the network has not.
    """
    shapes, renamed = net.state_dict(), {}
    for stream, part in by_stream(tensors, alone).items():
        bias = part.get("conv1_bias")
        for name, value in part.items():
            if name != "conv1_bias":
                renamed |= _renamed(stream, name, value, shapes)
        if bias is not None:
            renamed[f"{stream}.bn_conv1.running_mean"] = renamed[f"{stream}.bn_conv1.running_mean"] - bias.flatten()
    streams = {name.split(".")[0] for name in renamed}
    counters = {k: v for k, v in shapes.items() if k.endswith("num_batches_tracked") and k.split(".")[0] in streams}
    return {**renamed, **counters}


def _renamed(stream: str, name: str, value: torch.Tensor, shapes: Mapping[str, torch.Tensor]) -> dict:
    """One of MatConvNet's parameters as the tensors that it is here."""
    layer, _, kind = name.rpartition("_")
    path = f"{stream}.{_module(layer)}"
    ends = {
        "filter": ("weight",),
        "mult": ("weight",),
        "bias": ("bias",),
        "moments": ("running_mean", "running_var"),
    }.get(kind, ())
    if not ends or f"{path}.{ends[0]}" not in shapes:
        known = [f"{layer}_{kind}" for layer in ("conv1", "res2a_branch2a", "fc1000") for kind in ("filter", "bias")]
        hint = "The file of one stream goes into a folder with the other's, as spatial.mat and temporal.mat."
        raise UnknownName("parameter of an ST-ResNet", f"{name}_{stream}".rstrip("_"), known, hint)
    if kind == "filter":
        temporal = shapes[f"{path}.weight"].shape[2] == 3
        return {f"{path}.weight": over_time(value) if temporal else filters(value)[:, :, None]}
    parts = moments(value) if kind == "moments" else (value.flatten(),)
    return {f"{path}.{end}": part for end, part in zip(ends, parts, strict=True)}


def _module(layer: str) -> str:
    """MatConvNet's layer as a path below a stream: bn2a_branch2a -> res2a.bn_branch2a, conv1 -> conv1."""
    head, _, branch = layer.partition("_")
    if head.startswith("bn") and branch.startswith("branch"):
        return f"res{head[2:]}.bn_{branch}"
    return f"{head}.{branch}" if branch.startswith("branch") else layer


class StResNetAdapter(FlowAdapter):
    """Layers: the unrectified sums of all blocks of both streams, "spatial.res2a" to "temporal.res5c", and "pool5". A
    file is MatConvNet's, a state dict of ours, or a folder of the two towers."""

    def build(self) -> StResNet:
        """See `build`; the size of pictures and stacks is the card's `input`."""
        spec = self.input
        return build(len(self.classes), {**self.card.architecture, "side": spec.height, "flow_stack": spec.flow_stack})

    def read(self, file: Path) -> dict[str, torch.Tensor]:
        """Of a file, or of a folder of two."""
        return read_streams(file) if file.is_dir() else super().read(file)

    def keys(self, tensors: Mapping[str, torch.Tensor]) -> Mapping[str, torch.Tensor]:
        """Ours as they are, MatConvNet's by `from_matconvnet`."""
        return tensors if "spatial.fc1000.bias" in tensors else from_matconvnet(tensors, self.net)

    def taps(self) -> dict[str, str]:
        """See the class."""
        blocks = [f"res{name}" for names in self.net.of.names() for name in names]
        return {f"{stream}.{name}": f"{stream}.{name}" for name in [*blocks, "pool5"] for stream in STREAMS}
