"""Res-TCN and MS-Res-TCN: temporal convolutions over skeletons, whose first filters can be read as motions.

Res-TCN is Kim and Reiter's (CVPR 2017 BNMW workshop), as its published program trains it best ("resnet9_gap"): one
convolution, nine pre-activated residual units, mean over time, softmax. `lengths: [8, 16]` is that program's
multi-scale variant "resnet_v3", in which every unit's convolution is two of half the width, side by side.

MS-Res-TCN is multi-*stream*: Hou, Kim and Reiter, *Train, Diagnose and Fix*, §4.2. A second Res-TCN, the targeted
attention stream, is shown the hands and zeros elsewhere, and at every merge layer a pipe (a convolution and a ReLU)
carries one stream into the other: at even layers from the attention stream (Eq. 11 and 15), at odd ones to it (Eq. 12
and 16). The first convolution is layer 1. The paper gives neither the length of a pipe's filters, taken as the units'
own here, nor the joints of the hands, taken as hand, finger tip and thumb; and where its text has convolution and ReLU
its Eq. 15 has the sigma that stands for normalisation and ReLU elsewhere (`pipe_norm`). Its "120 dimensional" input
is 25 joints x 2 actors x 3 = 150. No weights of it were published.

Keras pads "same": the odd zero goes after the end, also where the filter is of even length.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

from experiments.models.adapter import TorchAdapter
from experiments.models.errors import WeightsError
from experiments.models.footage import Footage
from experiments.models.skeleton import actors, skeletons
from synth.errors import find
from synth.ntu import NTU_JOINTS

# Keras' batch normalisation: epsilon 1e-3 and, as torch counts it, a momentum of 1 - 0.99.
EPS, MOMENTUM = 1e-3, 0.01
HANDS = ("hand.L", "hand.R", "hand_tip.L", "hand_tip.R", "thumb.L", "thumb.R")
SUBTRACT = ("padding", "original", "none")


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """lengths: of a unit's filters, side by side. widths: of each unit; where it grows, time is halved.

    attention: the joints of the second stream, () for none. pipe_length, pipe_norm: see the module's text.
    subtract: the mean is taken from every frame that is not padding; "original": from the frames before the first
    whose coordinates sum to no more than 0, and from none where there is no such frame, as the published program does.
    """

    first_length: int = 8
    lengths: tuple[int, ...] = (8,)
    widths: tuple[int, ...] = (64, 64, 64, 128, 128, 128, 256, 256, 256)
    dropout: float = 0.5
    attention: tuple[str, ...] = ()
    pipe_length: int = 8
    pipe_norm: bool = False
    subtract: str = "padding"

    def __post_init__(self):
        for name in ("lengths", "widths", "attention"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        for joint in self.attention:
            find("joint of NTU RGB+D", joint, dict.fromkeys(NTU_JOINTS))
        find("rule of subtraction", self.subtract, dict.fromkeys(SUBTRACT))


class SameConv(nn.Conv1d):
    """A convolution over time with Keras' padding: ceil(T / stride) steps; (B, into, T) -> (B, out, T')."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        (length,), (stride,), steps = self.kernel_size, self.stride, x.shape[-1]
        missing = max((-(-steps // stride) - 1) * stride + length - steps, 0)
        return super().forward(F.pad(x, (missing // 2, missing - missing // 2)))


def norm(channels: int) -> nn.BatchNorm1d:
    """Keras' batch normalisation."""
    return nn.BatchNorm1d(channels, eps=EPS, momentum=MOMENTUM)


class Unit(nn.Module):
    """Shortcut plus dropout(ReLU(norm(x))) convolved; the shortcut is a convolution where the width grows."""

    def __init__(self, into: int, out: int, lengths: Sequence[int], dropout: float):
        super().__init__()
        stride, share = (2 if into != out else 1), out // len(lengths)
        self.norm, self.dropout = norm(into), nn.Dropout(dropout)
        self.convs = nn.ModuleList(SameConv(into, share, length, stride) for length in lengths)
        self.shortcut = SameConv(into, out, 1, stride) if into != out else nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        active = self.dropout(torch.relu(self.norm(x)))
        return self.shortcut(x) + torch.cat([conv(active) for conv in self.convs], 1)


class Stream(nn.Module):
    """One Res-TCN without its classifier."""

    def __init__(self, features: int, of: Architecture):
        super().__init__()
        self.first = SameConv(features, of.widths[0], of.first_length)
        ins = (of.widths[0], *of.widths[:-1])
        units = (Unit(into, out, of.lengths, of.dropout) for into, out in zip(ins, of.widths, strict=True))
        self.units = nn.ModuleList(units)
        self.last = norm(of.widths[-1])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.first(x)
        for unit in self.units:
            x = unit(x)
        return torch.relu(self.last(x))


class ResTcn(nn.Module):
    """(B, T, features) -> (B, num_classes) logits."""

    def __init__(self, num_classes: int, of: Architecture, features: int = 150):
        super().__init__()
        self.main = Stream(features, of)
        self.dense = nn.Linear(of.widths[-1], num_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.dense(self.main(x.transpose(1, 2)).mean(-1))


class MsResTcn(nn.Module):
    """(B, T, features) -> (B, num_classes) logits of two streams joined by pipes. seen: (features,) 1 where the
    attention stream looks."""

    def __init__(self, num_classes: int, of: Architecture, seen: torch.Tensor):
        super().__init__()
        self.main, self.attention = Stream(len(seen), of), Stream(len(seen), of)
        self.pipes = nn.ModuleList(_pipe(width, of) for width in of.widths)
        self.dense = nn.Linear(2 * of.widths[-1], num_classes)
        self.register_buffer("seen", seen[None, :, None], persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x.transpose(1, 2)
        main, hands = self.main.first(x), self.attention.first(x * self.seen)
        for layer, (a, b, pipe) in enumerate(zip(self.main.units, self.attention.units, self.pipes, strict=True), 2):
            main, hands = a(main), b(hands)
            if layer % 2 == 0:
                main = main + pipe(hands)
            else:
                hands = hands + pipe(main)
        both = torch.cat([torch.relu(self.main.last(main)), torch.relu(self.attention.last(hands))], 1)
        return self.dense(both.mean(-1))


def _pipe(width: int, of: Architecture) -> nn.Sequential:
    middle = [norm(width)] if of.pipe_norm else []
    return nn.Sequential(SameConv(width, width, of.pipe_length), *middle, nn.ReLU())


def seen_features(joints: Sequence[str]) -> torch.Tensor:
    """(150,) 1 at the coordinates of these joints of both actors, else 0."""
    chosen = torch.tensor([float(name in joints) for name in NTU_JOINTS])
    return chosen.repeat_interleave(3).repeat(2)


def build(num_classes: int, architecture: Mapping) -> nn.Module:
    """The network that a card's table describes (see `Architecture`), drawn as Keras' he_normal, biases 0."""
    of = Architecture(**architecture)
    net = MsResTcn(num_classes, of, seen_features(of.attention)) if of.attention else ResTcn(num_classes, of)
    for module in net.modules():
        if isinstance(module, nn.Conv1d | nn.Linear):
            fan_in = module.weight[0].numel()
            # Keras draws from a normal distribution cut at two of its deviations.
            nn.init.trunc_normal_(module.weight, std=1.0, a=-2.0, b=2.0)
            module.weight.data.mul_((2.0 / fan_in) ** 0.5)
            nn.init.zeros_(module.bias)
    return net


def centred(x: torch.Tensor, mean: Sequence[float], rule: str) -> torch.Tensor:
    """(..., T, 150) metres minus the mean of x, y and z, by a rule of `Architecture.subtract`; padding stays 0."""
    if rule == "none":
        return x
    if rule == "original":
        ends = x.sum(-1) <= 0
        kept = (ends.cumsum(-1) == 0) & ends.any(-1, keepdim=True)
    else:
        kept = (x != 0).any(-1)
    offset = x.new_tensor(mean).repeat(x.shape[-1] // 3)
    return x - kept[..., None] * offset


# Keras: name of a layer -> its kind here, Keras 1 and 2; name of a weight -> torch's.
_KINDS = {"convolution1d": "conv", "conv1d": "conv", "batchnormalization": "norm", "batch_normalization": "norm"}
_KINDS["dense"] = "dense"
_WEIGHTS = {
    "conv": {"W": "weight", "b": "bias", "kernel": "weight", "bias": "bias"},
    "dense": {"W": "weight", "b": "bias", "kernel": "weight", "bias": "bias"},
    "norm": {
        "gamma": "weight",
        "beta": "bias",
        "running_mean": "running_mean",
        "running_std": "running_var",  # Keras 1 keeps the variance under this name
        "moving_mean": "running_mean",
        "moving_variance": "running_var",
    },
}
# The last "layer_number_weight" of a path; Keras 1 writes the layer's name twice, Keras 2 may.
_KERAS = re.compile(rf"(?:.*_)?(?P<kind>{'|'.join(_KINDS)})(?:_(?P<number>\d+))?_(?P<weight>[A-Za-z_]+)\Z")


def from_keras(tensors: Mapping[str, torch.Tensor], net: nn.Module) -> dict[str, torch.Tensor]:
    """A Keras 1 or 2 file's tensors under the names of a `ResTcn`.

    Keras numbers layers in the order in which a process made them, over all models it made, so the order counts and
    the numbers do not. Kernels are (length, 1, in, out) in Keras 1, (length, in, out) in Keras 2. A whole model's file
    holds its optimiser as well, which is left out. Raises WeightsError for a name that is none of the two, or another
    number of layers.
    """
    layers: dict[str, dict[int, dict[str, torch.Tensor]]] = {"conv": {}, "norm": {}, "dense": {}}
    for name, tensor in tensors.items():
        if name.startswith("optimizer_weights"):
            continue
        kind, number, weight = _parsed(name)
        layers[kind].setdefault(number, {})[weight] = _as_torch(kind, weight, tensor)
    renamed = {}
    for kind, paths in keras_order(net).items():
        found = [layers[kind][number] for number in sorted(layers[kind])]
        if len(found) != len(paths):
            raise WeightsError(
                f"the file has {len(found)} layers of kind {kind}, the network {len(paths)}; does the card's "
                "architecture (lengths, widths) name the network that was trained?"
            )
        for path, weights in zip(paths, found, strict=True):
            renamed |= {f"{path}.{weight}": tensor for weight, tensor in weights.items()}
    counters = {key: value for key, value in net.state_dict().items() if key.endswith("num_batches_tracked")}
    return {**renamed, **counters}


def keras_order(net: nn.Module) -> dict[str, list[str]]:
    """Kind -> the layers' paths in the order in which the published program makes them: a unit's normalisation, its
    convolutions, then its shortcut."""
    kinds = {"conv": nn.Conv1d, "norm": nn.BatchNorm1d, "dense": nn.Linear}
    named = list(net.named_modules())
    return {kind: [path for path, module in named if isinstance(module, cls)] for kind, cls in kinds.items()}


def _parsed(name: str) -> tuple[str, int, str]:
    """(kind, number, torch's weight) of a name like "convolution1d_12/convolution1d_12_W" or "conv1d_3/kernel:0"."""
    match = _KERAS.match(name.removesuffix(":0").replace("/", "_"))
    if match:
        kind = _KINDS[match["kind"]]
        if match["weight"] in _WEIGHTS[kind]:
            return kind, int(match["number"] or 0), _WEIGHTS[kind][match["weight"]]
    raise WeightsError(f"{name!r} is no weight of a Keras Res-TCN; expected e.g. conv1d_1/kernel:0, convolution1d_1_W")


def _as_torch(kind: str, weight: str, tensor: torch.Tensor) -> torch.Tensor:
    if kind == "conv" and weight == "weight":
        return tensor.reshape(tensor.shape[0], *tensor.shape[-2:]).permute(2, 1, 0).contiguous()
    return tensor.T.contiguous() if kind == "dense" and weight == "weight" else tensor


class ResTcnAdapter(TorchAdapter):
    """Both networks; layers are those of the paper: "layer1" (the first convolution) to "layer10", of an MS-Res-TCN
    before the pipe is added, with "attention1"... beside them. A file is Keras' (.hdf5) or a state dict of ours."""

    memory_format = torch.contiguous_format

    def build(self) -> nn.Module:
        """See `build`."""
        return build(len(self.classes), self.card.architecture)

    def keys(self, tensors: Mapping[str, torch.Tensor]) -> Mapping[str, torch.Tensor]:
        """Ours as they are, Keras' by `from_keras`."""
        return tensors if any(name.startswith("main.") for name in tensors) else from_keras(tensors, self.net)

    def prepare(self, footage: Footage) -> torch.Tensor:
        """The clip's joints -> float32 (1, T, 150): metres in the camera's frame, two actors; see `skeletons`."""
        footage.require(self.name, self.input)
        return torch.from_numpy(actors(skeletons(footage, self.input.fps), self.input.frames))[None]

    def normalise(self, batch: torch.Tensor) -> torch.Tensor:
        """(..., T, 150) metres minus the card's mean."""
        rule = Architecture(**self.card.architecture).subtract
        return centred(batch.float(), self.input.mean, rule)

    def taps(self) -> dict[str, str]:
        """One per layer of each stream."""
        streams = {"layer": "main"} | ({"attention": "attention"} if isinstance(self.net, MsResTcn) else {})
        units = range(len(self.net.main.units))
        paths = {f"{name}1": f"{stream}.first" for name, stream in streams.items()}
        return paths | {f"{name}{k + 2}": f"{stream}.units.{k}" for name, stream in streams.items() for k in units}
