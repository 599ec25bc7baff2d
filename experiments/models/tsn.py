"""Temporal segment networks (Wang et al., ECCV 2016): one picture per segment, one network for all, one consensus.

backbone -> mean over the picture -> segmental consensus (mean over segments) -> dropout -> classes. mmaction takes the
consensus of features, tsn-pytorch that of class scores; the classifier being linear, the scores are the same. The
backbones are BN-Inception (mmaction v0, tsn-pytorch: what Identity Preserve Transform examined) and ResNet-50
(mmaction2 1.x). How many segments and crops is the card's input: 25 x ten-crop as published, or a cheaper mode.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

from experiments.models import bn_inception, resnet
from experiments.models.adapter import TorchAdapter
from experiments.models.bn_inception import BNInception
from experiments.models.errors import WeightsError
from experiments.models.resnet import ResNet50
from synth.errors import find

BACKBONES = {
    "bn_inception": (BNInception, bn_inception.FEATURES),
    "resnet50": (ResNet50, resnet.FEATURES),
}


class Consensus(nn.Module):
    """(N, segments, features) -> (N, features): the mean."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.mean(1)


class TSN(nn.Module):
    """(N, 3, segments, H, W) -> (N, classes)."""

    def __init__(self, num_classes: int, backbone: str = "bn_inception", dropout: float = 0.8):
        super().__init__()
        network, features = find("backbone of a TSN", backbone, BACKBONES)
        self.backbone = network()
        self.consensus = Consensus()
        self.dropout = nn.Dropout(dropout)
        self.fc_cls = nn.Linear(features, num_classes)
        nn.init.normal_(self.fc_cls.weight, std=0.01)
        nn.init.zeros_(self.fc_cls.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        count, _, segments = x.shape[:3]
        pictures = x.transpose(1, 2).flatten(0, 1).contiguous(memory_format=torch.channels_last)
        features = self.backbone(pictures).mean((2, 3))
        return self.fc_cls(self.dropout(self.consensus(features.unflatten(0, (count, segments)))))


def renamed(tensors: Mapping[str, torch.Tensor]) -> Mapping[str, torch.Tensor]:
    """Tensors of a published file under the names of `TSN`. Raises WeightsError for a file that is neither."""
    if "fc_cls.weight" in tensors:
        return tensors
    if "new_fc.weight" in tensors:  # tsn-pytorch
        swapped = {name.replace("base_model.", "backbone.", 1): value for name, value in tensors.items()}
        return {name.replace("new_fc.", "fc_cls.", 1): value for name, value in swapped.items()}
    if "cls_head.fc_cls.weight" not in tensors:
        raise WeightsError(
            "the file has no classifier that is known (cls_head.fc_cls of mmaction, new_fc of tsn-pytorch); it begins "
            f"with {', '.join(list(tensors)[:3])}. A backbone alone has no classes"
        )
    head = {name.removeprefix("cls_head."): value for name, value in tensors.items() if name.startswith("cls_head.")}
    body = {name.removeprefix("backbone."): value for name, value in tensors.items() if name.startswith("backbone.")}
    return {**{f"backbone.{name}": value for name, value in resnet.from_mmaction2(body).items()}, **head}


class TSNAdapter(TorchAdapter):
    """Layers of BN-Inception: the two convolutions of the stem, every inception module's pool ("inception_3c_pool", of
    Identity Preserve Transform, §4.2) and output ("inception_3c_output"); of ResNet-50 its stages; then "consensus"."""

    memory_format = torch.channels_last

    def build(self) -> nn.Module:
        """See TSN; the architecture's keys are `backbone` and `dropout`."""
        for key in self.card.architecture:
            find("key of a TSN's architecture", key, {"backbone": 0, "dropout": 0})
        return TSN(len(self.classes), **self.card.architecture)

    def keys(self, tensors: Mapping[str, torch.Tensor]) -> Mapping[str, torch.Tensor]:
        """See `renamed`."""
        return renamed(tensors)

    def taps(self) -> dict[str, str]:
        """See the class."""
        if isinstance(self.net.backbone, ResNet50):
            names = ["bn1", "maxpool", *(f"layer{k}" for k in range(1, 5))]
        else:
            modules = [f"inception_{name}_{end}" for name in bn_inception.MODULES for end in ("pool", "output")]
            names = ["conv1_7x7_s2_bn", "conv2_3x3_bn", *modules]
        return {name: f"backbone.{name}" for name in names} | {"consensus": "consensus"}
