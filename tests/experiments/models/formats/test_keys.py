"""Strict loading: what fits, and what a file that does not fit is told."""

from pathlib import Path

import pytest
import torch
from torch import nn

from experiments.models.errors import WeightsError
from experiments.models.formats.keys import fit

FILE = Path("weights.pt")


def net():
    return nn.Sequential(nn.Conv1d(2, 3, 1), nn.BatchNorm1d(3))


def test_a_fitting_file_is_loaded_and_takes_the_networks_types():
    source, target = net(), net()
    fit(target, {key: value.double() for key, value in source.state_dict().items()}, FILE)
    assert all(torch.equal(a, b) for a, b in zip(source.parameters(), target.parameters(), strict=True))
    assert target[0].weight.dtype == torch.float32


def test_counters_of_batches_may_be_missing():
    state = {k: v + 1 for k, v in net().state_dict().items() if not k.endswith("num_batches_tracked")}
    target = net()
    fit(target, state, FILE)
    assert all(torch.equal(target.state_dict()[key], value) for key, value in state.items())


def test_everything_that_does_not_fit_is_listed_with_the_nearest_name():
    state = net().state_dict()
    state["0.weigth"] = state.pop("0.weight")
    state["1.bias"] = torch.zeros(4)
    with pytest.raises(WeightsError) as caught:
        fit(net(), state, FILE)
    for part in (
        "weights.pt",
        "missing 0.weight (3, 2, 1) (is it 0.weigth?)",
        "unexpected 0.weigth",
        "(4,), expected (3,)",
    ):
        assert part in str(caught.value)


def test_a_long_list_is_cut():
    with pytest.raises(WeightsError, match="and 12 more"):
        fit(nn.Sequential(*(nn.Linear(1, 1) for _ in range(10))), {}, FILE)
