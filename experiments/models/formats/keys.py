"""Putting a file's tensors into a network, strictly: every key is accounted for, and a wrong one names the nearest."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import torch
from torch import nn

from experiments.models.errors import WeightsError

SHOWN = 8
COUNTER = (
    "num_batches_tracked"  # of batch normalisation: files from before PyTorch 0.4.1 have none, and no score needs it
)


def fit(net: nn.Module, tensors: Mapping[str, torch.Tensor], file: Path) -> None:
    """Load `tensors`, which carry the network's own names, into `net`; each takes the type that the network has.

    Raises WeightsError that lists every missing, unexpected or misshapen tensor.
    """
    own = net.state_dict()
    given = {**{key: value for key, value in own.items() if key.endswith(COUNTER)}, **tensors}
    compare(file, {k: tuple(v.shape) for k, v in given.items()}, {k: tuple(v.shape) for k, v in own.items()})
    net.load_state_dict({key: value.to(own[key].dtype) for key, value in given.items()}, strict=True)


def compare(file: Path, got: Mapping[str, Sequence[int]], expected: Mapping[str, Sequence[int]]) -> None:
    """Raises WeightsError for shapes by name that are not the network's."""
    missing, extra = sorted(set(expected) - set(got)), sorted(set(got) - set(expected))
    wrong = [f"missing {key} {tuple(expected[key])}{_near(key, extra)}" for key in missing]
    wrong += [f"unexpected {key} {tuple(got[key])}{_near(key, missing)}" for key in extra]
    wrong += [
        f"{key} is {tuple(got[key])}, expected {tuple(expected[key])}"
        for key in sorted(set(got) & set(expected))
        if tuple(got[key]) != tuple(expected[key])
    ]
    if wrong:
        shown = "; ".join(wrong[:SHOWN]) + (f"; and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else "")
        raise WeightsError(
            f"{file} does not fit its network: {shown}. Does the card name the right family, architecture and classes?"
        )


def _near(key: str, others: Iterable[str]) -> str:
    """The nearest name on the other side, where one is near."""
    near = difflib.get_close_matches(key, list(others)[:500], n=1, cutoff=0.85)
    return f" (is it {near[0]}?)" if near else ""
