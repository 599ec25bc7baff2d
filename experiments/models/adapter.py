"""What the adapters of all families share: loading, views, precision, taps. A family adds its network and its keys.

A family's adapter is a subclass with a `build` method, which makes the network, and where its files name tensors
otherwise, `keys`, which renames them. All the rest follows from the card: `prepare` gives uint8 pictures, everything
after that happens on the model's device. Layers are tapped by forward hooks on one pass, so that scores and features
cost one forward; a tap is cloned, because the next ReLU may work in place.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from experiments.models import preprocess
from experiments.models.base import Output, check_device
from experiments.models.card import ModelCard
from experiments.models.errors import LayerError
from experiments.models.footage import Footage
from experiments.models.formats import read
from experiments.models.formats.keys import fit
from experiments.models.input import InputError
from synth.errors import find

GIVEN = "input:"  # before the path of a tap: what the module is given, not what it gives


class TorchAdapter:
    """The adapter of one card (see `base.ModelAdapter`), in eval mode on the device of `options`.

    A family sets `build`, and may override `keys`, `forward`, `taps`, `prepare`, `normalise`, `read`, and the
    attribute memory_format (of the network's 5-D or 4-D tensors); or `fill`, where a file is not put in tensor by
    tensor.
    """

    memory_format: torch.memory_format = torch.channels_last_3d

    def __init__(self, card: ModelCard):
        self.card, self.options = card, card.options
        self.device = check_device(self.options.device)
        self.name, self.classes, self.input = card.name, list(card.classes), card.input
        self.precision, self.fingerprint = card.precision, card.fingerprint
        with _seeded(self.options.seed):
            self.net = self.build()
        if card.file is not None:
            self.fill(card.file)
        self.net.to(self.device, memory_format=self.memory_format).eval().requires_grad_(False)
        self._paths = self.taps()
        self._call = torch.compile(self.forward) if self.options.compile else self.forward

    # What a family says

    def build(self) -> nn.Module:
        """The network of the card's `architecture` for `self.classes`, on the CPU; weights as its family draws them."""
        raise TypeError(f"{type(self).__name__} has no build()")

    def fill(self, file: Path) -> None:
        """Puts the weights of a file into `self.net`, strictly. Raises WeightsError."""
        fit(self.net, self.keys(self.read(file)), file)

    def read(self, file: Path) -> dict[str, torch.Tensor]:
        """Name -> tensor of a weights file of any format that is known."""
        return read(file)

    def keys(self, tensors: Mapping[str, torch.Tensor]) -> Mapping[str, torch.Tensor]:
        """The tensors of a published file under the names of `build`'s network; as they are by default."""
        return tensors

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, *view) normalised views -> (N, C) logits."""
        return self.net(x)

    def taps(self) -> dict[str, str]:
        """Layer -> path of the module whose output it is, or "input:path" for what the module is given; by default all
        direct children of the network."""
        return called_children(self.net)

    def bring(self, folder: Path) -> dict:
        """The card's architecture for a model that is to stand in `folder`, with whatever of it has to lie there."""
        return dict(self.card.architecture)

    # What all share

    def prepare(self, footage: Footage) -> torch.Tensor:
        """A clip -> uint8 (views, 3, T, H, W), RGB; raises InputError, ClipTooShort."""
        footage.require(self.name, self.input)
        return preprocess.pictures(footage, self.input)

    def normalise(self, batch: torch.Tensor) -> torch.Tensor:
        """uint8 or float 0..255 (..., 3, T, H, W) -> float32, as the network was trained."""
        return preprocess.normalise(batch, self.input)

    def logits(self, batch: torch.Tensor) -> torch.Tensor:
        """(B, *shape) -> float32 (B, C)."""
        return self.run(batch).logits

    def layers(self) -> list[str]:
        """Names of the layers, from the input on."""
        return list(self._paths)

    def features(self, batch: torch.Tensor, layer: str) -> torch.Tensor:
        """(B, channels, ...) activations of a layer, float32, mean over views."""
        return self.run(batch, (layer,)).features[layer]

    def run(self, batch: torch.Tensor, layers: Sequence[str] = ()) -> Output:
        """Logits and the features of `layers` from one forward pass."""
        wanted = {name: find("layer", name, self._paths) for name in layers}
        x, clips = self._views(batch), len(batch)
        with self._tapped(wanted) as seen, self._autocast():
            logits = self._call(x).float()
        if missed := next((name for name in layers if name not in seen), None):
            raise LayerError(
                f"the layer {missed!r} of {self.name} (module {wanted[missed]}) does not run when the model scores a "
                f"clip, or gives no tensor. These did: {', '.join(seen) or 'none of those asked for'}"
            )
        features = {name: self._shaped(name, seen[name].float(), len(x)) for name in layers}
        return Output(
            self._average(logits.unflatten(0, (clips, -1))),
            {name: value.unflatten(0, (clips, -1)).mean(1) for name, value in features.items()},
        )

    def _views(self, batch: torch.Tensor) -> torch.Tensor:
        """The views of all clips, normalised, on the device; (N, *view)."""
        if batch.ndim != len(self.input.shape) + 1 or tuple(batch.shape[1:]) != tuple(self.input.shape):
            takes = ", ".join(map(str, self.input.shape))
            raise InputError(f"{self.name} was given a batch {tuple(batch.shape)}; it takes (B, {takes})")
        return self.normalise(batch.to(self.device, non_blocking=True).flatten(0, 1))

    def _average(self, logits: torch.Tensor) -> torch.Tensor:
        """(B, views, C) -> (B, C). Averaged probabilities are given as their logarithm, whose softmax they are."""
        if logits.shape[1] == 1:
            return logits[:, 0]
        if self.input.average == "logit":
            return logits.mean(1)
        return torch.logsumexp(logits.log_softmax(-1), 1) - float(np.log(logits.shape[1]))

    def _shaped(self, layer: str, value: torch.Tensor, views: int) -> torch.Tensor:
        """A tap as (N, channels, ...): a module that sees frames one by one gave (N x T, channels, ...)."""
        if len(value) == views:
            return value
        return value.unflatten(0, (views, -1)).transpose(1, 2)

    def _autocast(self):
        kind = torch.device(self.device).type
        return torch.autocast(kind, torch.bfloat16, enabled=self.precision == "bfloat16")

    @contextlib.contextmanager
    def _tapped(self, wanted: Mapping[str, str]) -> Iterator[dict[str, torch.Tensor]]:
        """Layer -> what its module gave, once the block's forward pass has run."""
        seen: dict[str, torch.Tensor] = {}

        def keep(name: str):
            return lambda module, args, *output: _keep(seen, name, output or args)

        hooks = [_hooked(self.net, path)(keep(name)) for name, path in wanted.items()]
        try:
            yield seen
        finally:
            for hook in hooks:
                hook.remove()


def called_children(net: nn.Module) -> dict[str, str]:
    """Layer -> path of the direct children of a network; of a list or dict of modules, which is never called itself,
    its entries."""
    paths = {}
    for name, child in net.named_children():
        inner = isinstance(child, nn.ModuleList | nn.ModuleDict)
        for path in [f"{name}.{key}" for key, _ in child.named_children()] if inner else [name]:
            paths[path] = path
    return paths


def _hooked(net: nn.Module, path: str):
    """What registers a hook on a module: on what it is given for "input:path", else on what it gives."""
    if path.startswith(GIVEN):
        return net.get_submodule(path.removeprefix(GIVEN)).register_forward_pre_hook
    return net.get_submodule(path).register_forward_hook


def _keep(seen: dict[str, torch.Tensor], name: str, output) -> None:
    """Notes the first tensor of what a module gave or was given, if there is one."""
    while not isinstance(output, torch.Tensor):
        if not isinstance(output, Mapping | Sequence) or not len(output):
            return
        output = next(iter(output.values())) if isinstance(output, Mapping) else output[0]
    seen[name] = output.clone()


@contextlib.contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Initial weights that depend on `seed` alone; the global state is as it was afterwards."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield
