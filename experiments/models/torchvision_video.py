"""The video classifiers of torchvision: ResNets (R3D, MC3, R(2+1)D), S3D, MViT, Video Swin.

    family: torchvision
    architecture: { model: r3d_18 }      # a builder of torchvision.models.video; arguments: {...} for it
    weights: torchvision_r3d_18          # of the manifest, a file, or random

torchvision is an extra that is imported only here, because its wheels fit one build of torch alone; with another it
breaks on import, and takes other packages with it. Resizing, crop and levels are those of its presets
(`torchvision/transforms/_presets.py`): bilinear without antialiasing, the long side rounded down.
"""

from __future__ import annotations

import torch
from torch import nn

from experiments.models.adapter import TorchAdapter, called_children
from experiments.models.errors import MissingPackage
from synth.errors import UnknownName, find

KEYS = ("model", "arguments")
# Stages that are one child of the network, a sequence of them.
STAGES = "features"


class TorchvisionVideoAdapter(TorchAdapter):
    """Layers: the children of the network, the stages of "features" and "blocks" one by one. Tokens of MViT, class
    token first, are (N, channels, tokens); Video Swin's (N, channels, T', H', W')."""

    def build(self) -> nn.Module:
        """The network of `architecture.model`. Raises MissingPackage, UnknownName."""
        table = self.card.architecture
        if (odd := next((key for key in table if key not in KEYS), None)) is not None:
            raise UnknownName("key of architecture", odd, KEYS)
        models = torchvision().models
        known = dict.fromkeys(models.list_models(module=models.video))
        find("video model of torchvision", table.get("model"), known)
        arguments = {**(table.get("arguments") or {}), "num_classes": len(self.classes)}
        net = models.get_model(table["model"], weights=None, **arguments)
        self.attends = not any(isinstance(module, nn.BatchNorm3d) for module in net.modules())
        self.memory_format = torch.contiguous_format if self.attends else torch.channels_last_3d
        return net

    def taps(self) -> dict[str, str]:
        """See the class."""
        paths = {}
        for name, path in called_children(self.net).items():
            inner = self.net.get_submodule(path).named_children() if name == STAGES else ()
            paths |= {f"{name}.{key}": f"{path}.{key}" for key, _ in inner} or {name: path}
        return paths

    def _shaped(self, layer: str, value: torch.Tensor, views: int) -> torch.Tensor:
        """Channels before places: the transformers keep them last."""
        last = value.ndim == 3 or (value.ndim == 5 and layer != "avgpool")
        if not self.attends or not last or isinstance(self.net.get_submodule(self._paths[layer]), nn.Conv3d):
            return super()._shaped(layer, value, views)
        return value.movedim(-1, 1)


def torchvision():
    """The library. Raises MissingPackage with the line that installs or mends it."""
    try:
        import torchvision as library
        import torchvision.models.video  # what is broken may break here
    except (ImportError, RuntimeError, OSError, AttributeError) as error:
        broken = "is not installed" if isinstance(error, ModuleNotFoundError) else f"is broken here ({error})"
        raise MissingPackage(f"this model needs torchvision, which {broken}. {way_out(torch.__version__)}") from error
    return library


def way_out(version: str) -> str:
    """The line that installs the torchvision for a version of torch: 0.28.0 goes with 2.13.0, and so on, one by one."""
    number, _, build = version.partition("+")
    major, minor, patch = (int(part) for part in number.split(".")[:3])
    fitting = f"torchvision==0.{minor + 15}.{patch}" if major == 2 else "torchvision"
    if build != "cpu":
        return f"Mend it with: pip install --force-reinstall --no-deps {fitting}"
    return (
        f"torch {version} is a build without CUDA, which the package index's torchvision does not fit. Mend it with "
        f"both from one index, in an environment of their own: pip install --force-reinstall torch=={number} {fitting}"
    )
