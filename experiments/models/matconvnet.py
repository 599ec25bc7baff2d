"""What MatConvNet's two-stream networks have in common: the layout of their tensors, and their streams' names.

MatConvNet keeps a filter as (height, width, in, out), one over space and time as (height, width, time, in, out), one
over time alone (`ConvTime` of ST-ResNet) as (1, time, in, out); biases and the gains of normalisations as rows or
columns; and the statistics of a normalisation as two columns, mean and sqrt(variance + epsilon). A network of two
streams has "_spatial" or "_temporal" after every name; the file of one stream alone has not.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch

from experiments.models.errors import WeightsError
from synth.errors import UnknownName

STREAMS = ("spatial", "temporal")
# Of dagnn.BatchNorm and of the ResNets that were converted from Caffe.
EPS = 1e-5


def filters(value: torch.Tensor) -> torch.Tensor:
    """(height, width, in, out) or (height, width, time, in, out) -> (out, in, [time,] height, width)."""
    if value.ndim == 5:
        return value.permute(4, 3, 2, 0, 1).contiguous()
    if value.ndim != 4:
        raise WeightsError(f"a filter of shape {tuple(value.shape)}; MatConvNet's have 4 axes, over time 5")
    return value.permute(3, 2, 0, 1).contiguous()


def over_time(value: torch.Tensor) -> torch.Tensor:
    """A 1 x 1 filter as one over three frames: (1, 3, in, out) as trained, or (1, 1, in, out) spread evenly over the
    three, as ST-ResNet begins -> (out, in, 3, 1, 1)."""
    if value.shape[1] == 1:
        value = value.expand(-1, 3, -1, -1) / 3
    return value.permute(3, 2, 1, 0)[..., None].contiguous()


def moments(value: torch.Tensor, epsilon: float = EPS) -> tuple[torch.Tensor, torch.Tensor]:
    """(channels, 2) -> (mean, variance), the latter such that variance + epsilon is the square of the second."""
    return value[:, 0].contiguous(), value[:, 1].square() - epsilon


def by_stream(tensors: Mapping[str, torch.Tensor], alone: str | None = None) -> dict[str, dict[str, torch.Tensor]]:
    """Stream -> MatConvNet's names without the stream -> tensors; names of no stream lie under "".

    alone: the stream that a file of one network is. Raises UnknownName for another word than STREAMS.
    """
    if alone is not None:
        if alone not in STREAMS:
            raise UnknownName("stream", alone, STREAMS)
        return {alone: dict(tensors)}
    parts: dict[str, dict[str, torch.Tensor]] = {stream: {} for stream in ("", *STREAMS)}
    for name, tensor in tensors.items():
        stem, _, stream = name.rpartition("_")
        parts[stream if stream in STREAMS else ""][stem if stream in STREAMS else name] = tensor
    return parts
