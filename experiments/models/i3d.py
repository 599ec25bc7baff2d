"""I3D: Inception-v1 inflated to three dimensions (Carreira and Zisserman, *Quo Vadis, Action Recognition?*, CVPR 2017).

RGB, flow, or both streams whose logits are summed, with the names of the common PyTorch port. Files that are known:
DeepMind's own TensorFlow checkpoints, the port's, and the conversions of mmaction v0. Padding is TensorFlow's SAME,
which puts what cannot be halved at the end, with zeros; after a ReLU that is the same for a maximum as leaving it out.
The strides of *Interpreting Video Features* (Mänttäri, Broomé et al., ACCV 2020) are an option: the first convolution
and the third pooling keep every frame.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

from experiments.models.errors import WeightsError
from experiments.models.flow import FlowAdapter
from experiments.models.i3d_keys import MIXED, renamed
from experiments.models.input import ClipTooShort
from synth.errors import find

CHANNELS = {"rgb": 3, "flow": 2}
STREAMS = tuple(CHANNELS)
POOLED = 1024


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """streams: rgb, flow or both. first_stride, pool4_stride: over time, of Conv3d_1a_7x7 and MaxPool3d_4a_3x3 (2 each;
    1 and 1 in Interpreting Video Features). average: frames of the last pooling, 2 as published, whose logits are then
    averaged over time (so that the first and the last frame count half); None for all frames at once, as mmaction and
    Interpreting Video Features have it. epsilon: of the normalisation, 1e-3; 1e-5 in mmaction's conversions."""

    streams: tuple[str, ...] = ("rgb",)
    first_stride: int = 2
    pool4_stride: int = 2
    average: int | None = 2
    dropout: float = 0.5
    epsilon: float = 1e-3

    @property
    def least_frames(self) -> int:
        """Of a view, for the last pooling to find as many as it averages."""
        return self.first_stride * self.pool4_stride * 2 * ((self.average or 1) - 1) + 1


def _architecture(table: Mapping) -> Architecture:
    """The architecture of a card; raises UnknownName for a key or a stream that there is not."""
    for key in table:
        find("key of an I3D's architecture", key, {item.name: item for item in fields(Architecture)})
    shape = Architecture(**{**table, "streams": tuple(table.get("streams", ("rgb",)))})
    for stream in shape.streams:
        find("stream", stream, CHANNELS)
    return replace(shape, streams=tuple(sorted(set(shape.streams), key=STREAMS.index)))


def same_padding(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """(before, after) that TensorFlow's SAME puts around an axis for ceil(size / stride) outputs, the odd one last."""
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def pad_same(x: torch.Tensor, kernel: tuple[int, int, int], stride: tuple[int, int, int]) -> torch.Tensor:
    """(N, C, T, H, W) with zeros around it."""
    pads = [same_padding(n, k, s) for n, k, s in zip(x.shape[2:], kernel, stride, strict=True)]
    flat = [value for pair in reversed(pads) for value in pair]
    return functional.pad(x, flat) if any(flat) else x


class Unit3D(nn.Module):
    """A convolution with SAME padding; normalisation and ReLU follow unless it is the last."""

    def __init__(self, into: int, out: int, kernel=(1, 1, 1), stride=(1, 1, 1), *, epsilon: float, last: bool = False):
        super().__init__()
        self.kernel, self.stride = kernel, stride
        self.conv3d = nn.Conv3d(into, out, kernel, stride, bias=last)
        self.bn = None if last else nn.BatchNorm3d(out, eps=epsilon, momentum=0.01)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.conv3d(pad_same(x, self.kernel, self.stride))
        return x if self.bn is None else functional.relu(self.bn(x))


class MaxPool3D(nn.Module):
    """Max-pooling with SAME padding."""

    def __init__(self, kernel: tuple[int, int, int], stride: tuple[int, int, int]):
        super().__init__()
        self.kernel, self.stride = kernel, stride

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.max_pool3d(pad_same(x, self.kernel, self.stride), self.kernel, self.stride)


class Mixed(nn.Module):
    """An inception module: four branches beside each other."""

    def __init__(self, into: int, widths: tuple[int, ...], *, epsilon: float):
        super().__init__()
        b0, b1a, b1b, b2a, b2b, b3b = widths
        three = (3, 3, 3)
        self.b0 = Unit3D(into, b0, epsilon=epsilon)
        self.b1a, self.b1b = Unit3D(into, b1a, epsilon=epsilon), Unit3D(b1a, b1b, three, epsilon=epsilon)
        self.b2a, self.b2b = Unit3D(into, b2a, epsilon=epsilon), Unit3D(b2a, b2b, three, epsilon=epsilon)
        self.b3a, self.b3b = MaxPool3D(three, (1, 1, 1)), Unit3D(into, b3b, epsilon=epsilon)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([self.b0(x), self.b1b(self.b1a(x)), self.b2b(self.b2a(x)), self.b3b(self.b3a(x))], 1)


def outputs(widths: tuple[int, ...]) -> int:
    """Channels that a module gives."""
    return widths[0] + widths[2] + widths[4] + widths[5]


class I3D(nn.Module):
    """(N, channels, T, H, W) -> (N, classes): one stream. T of at least `shape.least_frames`."""

    def __init__(self, num_classes: int, channels: int, shape: Architecture):
        super().__init__()
        self.average, epsilon, into = shape.average, shape.epsilon, 192
        first = (shape.first_stride, 2, 2)
        self.Conv3d_1a_7x7 = Unit3D(channels, 64, (7, 7, 7), first, epsilon=epsilon)
        self.MaxPool3d_2a_3x3 = MaxPool3D((1, 3, 3), (1, 2, 2))
        self.Conv3d_2b_1x1 = Unit3D(64, 64, epsilon=epsilon)
        self.Conv3d_2c_3x3 = Unit3D(64, 192, (3, 3, 3), epsilon=epsilon)
        self.MaxPool3d_3a_3x3 = MaxPool3D((1, 3, 3), (1, 2, 2))
        for name, widths in MIXED.items():
            if name == "Mixed_4b":
                self.MaxPool3d_4a_3x3 = MaxPool3D((3, 3, 3), (shape.pool4_stride, 2, 2))
            if name == "Mixed_5b":
                self.MaxPool3d_5a_2x2 = MaxPool3D((2, 2, 2), (2, 2, 2))
            setattr(self, name, Mixed(into, widths, epsilon=epsilon))
            into = outputs(widths)
        self.pool = Average(shape.average)
        self.dropout = nn.Dropout(shape.dropout)
        self.logits = Unit3D(POOLED, num_classes, epsilon=epsilon, last=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for name, module in self.named_children():
            if name == "pool":
                break
            x = module(x)
        return self.logits(self.dropout(self.pool(x))).mean((2, 3, 4))


class Average(nn.Module):
    """The last pooling: over the whole picture, and over `frames` frames at a time or all of them."""

    def __init__(self, frames: int | None):
        super().__init__()
        self.frames = frames

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        frames = x.shape[2] if self.frames is None else self.frames
        return functional.avg_pool3d(x, (frames, *x.shape[3:]), stride=1)


class TwoStreamI3D(nn.Module):
    """(N, 5, T, H, W), RGB then u, v -> the sum of both streams' logits, as DeepMind's program adds them."""

    def __init__(self, num_classes: int, shape: Architecture):
        super().__init__()
        self.rgb, self.flow = I3D(num_classes, 3, shape), I3D(num_classes, 2, shape)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        rgb, flow = x.split([3, 2], 1)
        return self.rgb(rgb) + self.flow(flow)


class I3DAdapter(FlowAdapter):
    """Layers: every stage by its name, "inception_3c_pool" (mmaction's name of MaxPool3d_4a_3x3, the layer of Identity
    Preserve Transform, §4.2) and "pooled" (1024 channels); of a two-stream network behind "rgb." or "flow.". Weights
    of two streams: a folder with a file, or a TensorFlow checkpoint, called rgb and one called flow."""

    def build(self) -> nn.Module:
        self.shape = _architecture(self.card.architecture)
        if self.shape.streams == STREAMS:
            return TwoStreamI3D(len(self.classes), self.shape)
        return I3D(len(self.classes), CHANNELS[self.shape.streams[0]], self.shape)

    def read(self, file: Path) -> dict[str, torch.Tensor]:
        """One file; of two streams, both, each behind its stream's name."""
        if not (isinstance(self.net, TwoStreamI3D) and file.is_dir()):
            return super().read(file)
        out = {}
        for stream in STREAMS:
            found = [p for p in sorted(file.glob(f"{stream}*")) if ".data-" not in p.name]
            if len(found) != 1:
                raise WeightsError(
                    f"{file} holds {len(found)} files {stream}*; expected one of each stream, called rgb and flow"
                )
            out |= {f"{stream}.{name}": value for name, value in renamed(super().read(_weights_in(found[0]))).items()}
        return out

    def keys(self, tensors: Mapping[str, torch.Tensor]) -> Mapping[str, torch.Tensor]:
        """See `renamed`; those of two streams have their names already."""
        return tensors if isinstance(self.net, TwoStreamI3D) else renamed(tensors)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Refuses views of which the last pooling would find too few frames."""
        if x.shape[2] < self.shape.least_frames:
            raise ClipTooShort(
                f"{self.name} was given {x.shape[2]} frames; it takes at least {self.shape.least_frames} (input.frames)"
            )
        return self.net(x)

    def taps(self) -> dict[str, str]:
        """See the class."""
        stages = [n for n, _ in (self.net.rgb if isinstance(self.net, TwoStreamI3D) else self.net).named_children()]
        named = {name: name for name in stages if name not in ("pool", "dropout", "logits")}
        named |= {"inception_3c_pool": "MaxPool3d_4a_3x3", "pooled": "pool"}
        if not isinstance(self.net, TwoStreamI3D):
            return named
        return {f"{stream}.{name}": f"{stream}.{path}" for stream in STREAMS for name, path in named.items()}


def _weights_in(path: Path) -> Path:
    """A file as it is; of a folder, the checkpoint in it."""
    return next(iter(sorted(path.glob("*.index"))), path) if path.is_dir() else path
