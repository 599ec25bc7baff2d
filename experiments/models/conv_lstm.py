"""The convolutional LSTM of *Interpreting Video Features* (Mänttäri, Broomé et al., ACCV 2020, §4.2), from raw pixels.

After Shi et al. 2015: an LSTM whose products are convolutions, so that its state keeps the picture's layout. The paper
trained two of them, with two programs: on Something-Something-V2 in PyTorch (1,324,014 parameters, the number of its
§4.2) and on KTH in TensorFlow. Both are one network here; where they differ, or where the original does what one would
not do again, it is a field of `Architecture`, whose default is the original's choice for Something-Something-V2:

- norm "shared": one batch normalisation serves all layers, each step by its own statistics. Sane: "per_layer".
  "frozen" is the TensorFlow program's, one per layer, whose statistics were never updated (mean 0, variance 1 for
  ever); "none" is what its flag for KTH asks for.
- peepholes False: the cell's view of its own memory is multiplied by a constant zero. Sane: True, learnt.
- gate "sigmoid"; "hard_sigmoid" (clip(0.2 x + 0.5)) is what Keras of that time took unasked.
- padding "same" or, for KTH, "valid" on the input's way in; the state's own convolution always keeps its size.
- head "all" steps concatenated, or "last".
- raw pixels 0..255, which is `InputSpec`'s matter (scale 1, mean 0, std 1).

One fault is not kept: with head "all" the PyTorch program reshapes (step, clip, ...) as if it were (clip, step, ...),
which mixes the clips of a batch. What is computed here is what it computes for a batch of one clip.

Tensor names are the PyTorch program's: clstm.cell0.Wxi.weight, clstm.bn.*, endFC.*; gates i, f, c, o.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

from experiments.models.adapter import TorchAdapter
from experiments.models.input import InputError
from synth.errors import find

GATES = "ifco"
NORMS = ("shared", "per_layer", "frozen", "none")
# The epsilon of tf.layers.batch_normalization; PyTorch's is 1e-5.
TENSORFLOW_EPS = 1e-3


def hard_sigmoid(x: torch.Tensor) -> torch.Tensor:
    """Keras' clip(0.2 x + 0.5, 0, 1); torch's own function of this name has the slope 1/6."""
    return (0.2 * x + 0.5).clamp(0, 1)


GATE_FUNCTIONS = {"sigmoid": torch.sigmoid, "hard_sigmoid": hard_sigmoid}


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """See the module's text. units: of each layer. kernel: (height, width), odd. dropout: its share, 0 for none;
    dropout_on: "output" of a cell, anew at every step, or "input", one mask for a clip's steps and one per gate.
    pool_first: pooling before the normalisation. frames, height, width: of the input (3 channels)."""

    units: tuple[int, ...] = (32, 32, 32)
    kernel: tuple[int, int] = (5, 5)
    stride: int = 2
    padding: str = "same"
    gate: str = "sigmoid"
    peepholes: bool = False
    norm: str = "shared"
    pool_first: bool = False
    dropout: float = 0.0
    dropout_on: str = "output"
    head: str = "all"
    frames: int = 16
    height: int = 224
    width: int = 224

    def __post_init__(self):
        for name in ("units", "kernel"):
            object.__setattr__(self, name, tuple(int(v) for v in getattr(self, name)))
        find("padding", self.padding, dict.fromkeys(("same", "valid")))
        find("gate", self.gate, GATE_FUNCTIONS)
        find("norm", self.norm, dict.fromkeys(NORMS))
        find("head", self.head, dict.fromkeys(("all", "last")))
        find("place of dropout", self.dropout_on, dict.fromkeys(("output", "input")))
        if any(side % 2 == 0 for side in self.kernel):
            raise InputError(f"architecture.kernel = {self.kernel}; expected odd sides: the state keeps its size")
        if self.norm == "shared" and len(set(self.units)) > 1:
            raise InputError(f"architecture.units = {self.units} cannot share one norm; take norm: per_layer")

    def state_sizes(self) -> list[tuple[int, int]]:
        """(height, width) of each layer's state; raises InputError where a picture is too small for the layers."""
        sizes, size = [], (self.height, self.width)
        for _ in self.units:
            reach = [k if self.padding == "valid" else k - 2 * (k // 2) for k in self.kernel]
            size = tuple((side - r) // self.stride + 1 for side, r in zip(size, reach, strict=True))
            sizes.append(size)
            size = tuple(side // 2 for side in size)
            if min(size) < 1:
                raise InputError(
                    f"pictures of {self.height} x {self.width} are too small for {len(self.units)} layers; "
                    "take fewer units or a larger input"
                )
        return sizes


class StepNorm(nn.BatchNorm2d):
    """Batch normalisation of (B, C, T, H, W), every step by its own statistics, as a loop over steps would have it.

    While training, the statistics of the steps are kept in `seen` for `ConvLstm` to enter in the loop's order.
    """

    def __init__(self, channels: int, *, frozen: bool = False):
        super().__init__(channels, eps=TENSORFLOW_EPS if frozen else 1e-5)
        self.frozen = frozen
        self.seen: list[tuple[torch.Tensor, torch.Tensor]] = []

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.frozen or not self.training:
            return F.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps)
        self.seen.append(tuple(v.T for v in torch.var_mean(x.detach().float(), (0, 3, 4))))
        steps = x.shape[2]
        weight, bias = (v.repeat_interleave(steps) for v in (self.weight, self.bias))
        return F.batch_norm(x.flatten(1, 2), None, None, weight, bias, training=True, eps=self.eps).view_as(x)

    def enter(self, variance: torch.Tensor, mean: torch.Tensor) -> None:
        """One more step's statistics into the running ones."""
        self.running_var.lerp_(variance, self.momentum)
        self.running_mean.lerp_(mean, self.momentum)
        self.num_batches_tracked += 1


class Cell(nn.Module):
    """One layer: (B, into, T, H, W) -> its states (B, units, T, h, w)."""

    def __init__(self, into: int, units: int, size: tuple[int, int], of: Architecture):
        super().__init__()
        self.units, self.size, self.of = units, size, of
        self.keep = tuple(k // 2 for k in of.kernel)
        inward = self.keep if of.padding == "same" else 0
        for gate in GATES:
            setattr(self, f"Wx{gate}", nn.Conv2d(into, units, of.kernel, of.stride, inward))
            setattr(self, f"Wh{gate}", nn.Conv2d(units, units, of.kernel, 1, self.keep, bias=False))
        for gate in "ifo" if of.peepholes else "":
            setattr(self, f"Wc{gate}", nn.Parameter(torch.zeros(1, units, *size)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        drive = self._drive(x)
        kernel = torch.cat([getattr(self, f"Wh{gate}").weight for gate in GATES])
        squash = GATE_FUNCTIONS[self.of.gate]
        memory = state = drive.new_zeros(len(x), self.units, *self.size)
        states = []
        for step in drive.unbind(1):
            i, f, c, o = (step + F.conv2d(state, kernel, padding=self.keep)).chunk(4, 1)
            if self.of.peepholes:
                i, f = i + memory * self.Wci, f + memory * self.Wcf
            memory = squash(f) * memory + squash(i) * torch.tanh(c)
            state = squash(o + memory * self.Wco if self.of.peepholes else o) * torch.tanh(memory)
            states.append(state)
        return torch.stack(states, 2)

    def _drive(self, x: torch.Tensor) -> torch.Tensor:
        """(B, T, 4 units, h, w): what the input adds to each gate, for all steps at once."""
        frames = x.transpose(1, 2)
        if self.training and self.of.dropout and self.of.dropout_on == "input":
            share = self.of.dropout
            masks = [F.dropout(torch.ones_like(frames[:, :1]), share) for _ in GATES]
            parts = [getattr(self, f"Wx{g}")((frames * m).flatten(0, 1)) for g, m in zip(GATES, masks, strict=True)]
            return torch.cat(parts, 1).unflatten(0, frames.shape[:2])
        inward = self.Wxi
        weight = torch.cat([getattr(self, f"Wx{gate}").weight for gate in GATES])
        bias = torch.cat([getattr(self, f"Wx{gate}").bias for gate in GATES])
        flat = F.conv2d(frames.flatten(0, 1), weight, bias, inward.stride, inward.padding)
        return flat.unflatten(0, frames.shape[:2])


class Layers(nn.Module):
    """The stack of cells, normalisations and poolings: (B, 3, T, H, W) -> (B, units, T, h, w)."""

    def __init__(self, of: Architecture):
        super().__init__()
        self.of = of
        if of.norm == "shared":
            self.bn = StepNorm(of.units[0])
        into = 3
        for index, (units, size) in enumerate(zip(of.units, of.state_sizes(), strict=True)):
            self.add_module(f"cell{index}", Cell(into, units, size, of))
            self.add_module(f"pool{index}", nn.MaxPool3d((1, 2, 2)))
            if of.norm in ("per_layer", "frozen"):
                self.add_module(f"bn{index}", StepNorm(units, frozen=of.norm == "frozen"))
            into = units

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        norms = [self._norm(index) for index in range(len(self.of.units))]
        for index, norm in enumerate(norms):
            x = getattr(self, f"cell{index}")(x)
            if self.of.dropout and self.of.dropout_on == "output":
                x = F.dropout(x, self.of.dropout, self.training)
            pool = getattr(self, f"pool{index}")
            x = norm(pool(x)) if self.of.pool_first else pool(norm(x))
        self._enter([norm for norm in norms if isinstance(norm, StepNorm)])
        return x

    def _norm(self, index: int) -> nn.Module:
        if self.of.norm == "none":
            return nn.Identity()
        return self.bn if self.of.norm == "shared" else getattr(self, f"bn{index}")

    def _enter(self, norms: list[StepNorm]) -> None:
        """The statistics that a training step saw, in the order of a loop over steps and, within it, over layers."""
        seen = [norm.seen.pop(0) for norm in norms if norm.seen]
        if seen:
            for step in range(len(seen[0][0])):
                for norm, (variance, mean) in zip(norms, seen, strict=True):
                    norm.enter(variance[step], mean[step])


class ConvLstm(nn.Module):
    """(B, 3, T, H, W) -> (B, num_classes) logits."""

    def __init__(self, num_classes: int, architecture: Architecture | None = None):
        super().__init__()
        self.of = architecture or Architecture()
        self.clstm = Layers(self.of)
        height, width = (side // 2 for side in self.of.state_sizes()[-1])
        steps = self.of.frames if self.of.head == "all" else 1
        self.endFC = nn.Linear(steps * self.of.units[-1] * height * width, num_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.clstm(x)
        steps = x.transpose(1, 2) if self.of.head == "all" else x[:, :, -1]
        return self.endFC(steps.flatten(1))


def build(num_classes: int, architecture: Mapping) -> ConvLstm:
    """The network that a card's table describes (see `Architecture`), from torch's global generator.

    The initial weights are each program's own: PyTorch's defaults; for hard gates Keras' (Glorot uniform, orthogonal
    for the state, forget gate 1).
    """
    net = ConvLstm(num_classes, Architecture(**architecture))
    if net.of.gate == "hard_sigmoid":
        net.apply(_as_keras)
    return net


def _as_keras(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.xavier_uniform_(module.weight)
        nn.init.zeros_(module.bias)
    if not isinstance(module, Cell):
        return
    # Keras draws the four gates as one kernel, whose fans count all of them.
    for way, draw in (("x", nn.init.xavier_uniform_), ("h", nn.init.orthogonal_)):
        gates = [getattr(module, f"W{way}{gate}").weight for gate in GATES]
        whole = draw(torch.empty(4 * len(gates[0]), *gates[0].shape[1:]))
        for weight, part in zip(gates, whole.chunk(4), strict=True):
            weight.data.copy_(part)
    for gate in GATES:
        nn.init.constant_(getattr(module, f"Wx{gate}").bias, 1.0 if gate == "f" else 0.0)


class ConvLstmAdapter(TorchAdapter):
    """Layers: "cell0"..., the states of each layer before pooling, which Grad-CAM of the paper reads, and "pool0"...

    A file is a state dict of the PyTorch program or of `ConvLstm`, with or without its DataParallel prefix.
    """

    memory_format = torch.contiguous_format

    def build(self) -> ConvLstm:
        """See `build`; the input's size is the card's `input`."""
        size = {name: getattr(self.input, name) for name in ("frames", "height", "width")}
        return build(len(self.classes), {**self.card.architecture, **size})

    def keys(self, tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """Without "module.", which DataParallel puts before every name."""
        return {name.removeprefix("module."): tensor for name, tensor in tensors.items()}

    def taps(self) -> dict[str, str]:
        """The states and the pooled states of each layer."""
        layers = range(len(self.net.of.units))
        return {f"{kind}{index}": f"clstm.{kind}{index}" for index in layers for kind in ("cell", "pool")}
