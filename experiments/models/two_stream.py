"""Two-stream VGG-16 with convolutional fusion, over RGB and optical flow.

Feichtenhofer, Pinz and Zisserman, *Convolutional Two-Stream Network Fusion* (CVPR 2016), as their published program
builds it: the ReLU5_3 of both towers, appearance first, are concatenated over 1024 channels, convolved in space and
time (3 x 3 x 3, to 512), rectified and pooled over 2 x 2 pixels x 5 frames; this goes on through the appearance
tower's fc6 to fc8. The motion tower keeps its own pooling and its own fc6 to fc8. Each has its softmax loss; a clip's
score is the mean of both towers' fc8, over time and, where the picture is larger than 224, over places.

The fusion begins as a Gaussian of sigma 1 over space and time times [0.25 I; 0.75 I]: each of its outputs looks at
one channel of either tower, at the motion's three times as much. Only the towers were published (UCF101 and HMDB51),
so that a fused network has to be trained; `from_matconvnet` begins one from two towers, or reads a fused file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

from experiments.models.errors import WeightsError
from experiments.models.flow import FlowAdapter
from experiments.models.formats import read
from experiments.models.matconvnet import STREAMS, by_stream, filters
from synth.errors import find

CONVS = (2, 2, 3, 3, 3)
# [appearance, motion]: the program's `kernel = cat(1, .25 * kernel, .75 * kernel)`, and its sigma.
FUSION_WEIGHTS, FUSION_SIGMA = (0.25, 0.75), 1.0


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """widths: channels of the five groups of convolutions. hidden: of fc6 and fc7. side: of the picture that fc6 is
    made for. flow_stack: fields of flow per frame. pool_frames: that the 3-D pooling spans. dropout: of fc6, fc7."""

    widths: tuple[int, ...] = (64, 128, 256, 512, 512)
    hidden: int = 4096
    side: int = 224
    flow_stack: int = 10
    pool_frames: int = 5
    dropout: float = 0.85

    def __post_init__(self):
        object.__setattr__(self, "widths", tuple(self.widths))


class Tower(nn.Module):
    """A VGG-16 (Simonyan and Zisserman 2015) whose frames go through the convolutions one by one."""

    def __init__(self, channels: int, num_classes: int, of: Architecture):
        super().__init__()
        for group, (count, width) in enumerate(zip(CONVS, of.widths, strict=True), 1):
            for index in range(1, count + 1):
                self.add_module(f"conv{group}_{index}", nn.Conv2d(channels, width, 3, padding=1))
                channels = width
        self.relu5_3 = nn.Identity()
        self.pool5 = nn.MaxPool3d((of.pool_frames, 2, 2), stride=2)
        self.fc6 = nn.Conv2d(channels, of.hidden, of.side // 32)
        self.fc7 = nn.Conv2d(of.hidden, of.hidden, 1)
        self.fc8 = nn.Conv2d(of.hidden, num_classes, 1)
        self.dropout = nn.Dropout(of.dropout)

    def trunk(self, x: torch.Tensor) -> torch.Tensor:
        """(B, channels, T, H, W) -> ReLU5_3, (B, width, T, H / 16, W / 16)."""
        clips, x = len(x), x.transpose(1, 2).flatten(0, 1)
        for group, count in enumerate(CONVS, 1):
            if group > 1:
                x = F.max_pool2d(x, 2)
            for index in range(1, count + 1):
                x = torch.relu(getattr(self, f"conv{group}_{index}")(x))
        return self.relu5_3(x.unflatten(0, (clips, -1)).transpose(1, 2))

    def head(self, x: torch.Tensor) -> torch.Tensor:
        """(B, width, T, h, w) -> (B, C): pool5, fc6 to fc8, mean over time and places."""
        pooled = self.pool5(x)
        clips, x = len(x), pooled.transpose(1, 2).flatten(0, 1)
        for layer in (self.fc6, self.fc7):
            x = self.dropout(torch.relu(layer(x)))
        return self.fc8(x).unflatten(0, (clips, -1)).mean((1, 3, 4))


class TwoStream(nn.Module):
    """(B, 3 + 2 flow_stack, T, H, W), RGB first -> (B, C); while training, the two of `streams`."""

    def __init__(self, num_classes: int, architecture: Architecture | None = None):
        super().__init__()
        of = architecture or Architecture()
        self.spatial = Tower(3, num_classes, of)
        self.temporal = Tower(2 * of.flow_stack, num_classes, of)
        self.conv5_fusion = nn.Conv3d(2 * of.widths[-1], of.widths[-1], 3, padding=1)
        self.relu5_fusion = nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor | tuple[torch.Tensor, torch.Tensor]:
        return self.streams(x) if self.training else torch.stack(self.streams(x)).mean(0)

    def streams(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The logits of the appearance tower, which the fusion feeds, and of the motion tower; (B, C) each. A fused
        network is trained on the sum of both cross entropies."""
        appearance, motion = self.spatial.trunk(x[:, :3]), self.temporal.trunk(x[:, 3:])
        fused = self.relu5_fusion(self.conv5_fusion(torch.cat([appearance, motion], 1)))
        return self.spatial.head(fused), self.temporal.head(motion)


def fusion_kernel(width: int) -> torch.Tensor:
    """(width, 2 width, 3, 3, 3): see the module's text; over space and time it sums to 0.25 and 0.75."""
    axis = torch.exp(-torch.arange(-1.0, 2.0).square() / (2 * FUSION_SIGMA**2))
    bell = torch.einsum("t,y,x->tyx", axis, axis, axis)
    mix = torch.cat([share * torch.eye(width) for share in FUSION_WEIGHTS], 1)
    return mix[:, :, None, None, None] * (bell / bell.sum())


def begin_fusion(net: TwoStream) -> None:
    """Sets the fusion to its beginning, in place."""
    net.conv5_fusion.weight.data.copy_(fusion_kernel(net.conv5_fusion.out_channels))
    nn.init.zeros_(net.conv5_fusion.bias)


def build(num_classes: int, architecture: Mapping) -> TwoStream:
    """The network of a card's table (see `Architecture`): He initialisation, the fusion at its beginning."""
    net = TwoStream(num_classes, Architecture(**architecture))
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            nn.init.zeros_(module.bias)
    begin_fusion(net)
    return net


def _layers() -> Iterator[str]:
    yield from (f"conv{group}_{index}" for group, count in enumerate(CONVS, 1) for index in range(1, count + 1))
    yield from ("fc6", "fc7", "fc8")


# MatConvNet's name of a tower's parameter -> (ours, whether it is a filter).
TOWER_KEYS = {f"{layer}{end}": (layer, end == "f") for layer in _layers() for end in "fb"}
FUSION_KEYS = {"conv3Df": ("conv5_fusion", True), "conv3Db": ("conv5_fusion", False)}


def from_matconvnet(tensors: Mapping[str, torch.Tensor], alone: str | None = None) -> dict[str, torch.Tensor]:
    """MatConvNet's tensors under the names of `TwoStream`: conv1_1f_spatial -> spatial.conv1_1.weight.

    alone: "spatial" or "temporal", for the file of one tower, whose names have no stream. Raises UnknownName for a
    parameter that the network has not.
    """
    hint = "The file of one tower goes into a folder with the other's, as spatial.mat and temporal.mat."
    renamed = {}
    for stream, part in by_stream(tensors, alone).items():
        for name, value in part.items():
            known = TOWER_KEYS if stream else FUSION_KEYS
            layer, is_filter = find("parameter of a two-stream VGG-16", name, known, hint)
            path = f"{stream}.{layer}" if stream else layer
            renamed[f"{path}.{'weight' if is_filter else 'bias'}"] = filters(value) if is_filter else value.flatten()
    return renamed


def with_fusion(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The same, with the fusion's beginning where there is none."""
    if "conv5_fusion.weight" in tensors or "spatial.conv5_3.bias" not in tensors:
        return dict(tensors)
    width = len(tensors["spatial.conv5_3.bias"])
    return {**tensors, "conv5_fusion.weight": fusion_kernel(width), "conv5_fusion.bias": torch.zeros(width)}


def read_streams(folder: Path, *, names: Sequence[str] = STREAMS) -> dict[str, torch.Tensor]:
    """The towers of a folder that holds spatial.mat and temporal.mat, as one file's tensors."""
    out = {}
    for stream in names:
        files = sorted(folder.glob(f"{stream}.*"))
        if len(files) != 1:
            raise WeightsError(
                f"{folder} holds {len(files)} files {stream}.*; expected the two towers' files under the names "
                "spatial.mat (…-img-vgg16-…) and temporal.mat (…-TVL1flow-vgg16-…)"
            )
        out |= {f"{name}_{stream}": value for name, value in read(files[0]).items()}
    return out


class TwoStreamAdapter(FlowAdapter):
    """Layers: "relu5_3" of both towers, "conv5_fusion" (rectified, as the papers look at it), and of both "pool5",
    "fc6" and "fc7" (before their ReLU). A file is MatConvNet's, a state dict of ours, or a folder of the two towers
    (`read_streams`)."""

    memory_format = torch.contiguous_format

    def build(self) -> TwoStream:
        """See `build`; the size of pictures and stacks is the card's `input`."""
        spec = self.input
        return build(len(self.classes), {**self.card.architecture, "side": spec.height, "flow_stack": spec.flow_stack})

    def read(self, file: Path) -> dict[str, torch.Tensor]:
        """Of a file, or of a folder of two."""
        return read_streams(file) if file.is_dir() else super().read(file)

    def keys(self, tensors: Mapping[str, torch.Tensor]) -> Mapping[str, torch.Tensor]:
        """Ours as they are, MatConvNet's by `from_matconvnet`."""
        return tensors if "spatial.fc8.bias" in tensors else with_fusion(from_matconvnet(tensors))

    def taps(self) -> dict[str, str]:
        """See the class."""
        before, after = (
            {f"{stream}.{name}": f"{stream}.{name}" for name in names for stream in STREAMS}
            for names in (("relu5_3",), ("pool5", "fc6", "fc7"))
        )
        return {**before, "conv5_fusion": "relu5_fusion", **after}
