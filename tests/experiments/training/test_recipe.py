"""Learning rates and stopping as functions of the epochs behind, against values worked out by hand."""

import pytest
import torch
from torch import nn

from experiments.training.recipe import Recipe, TrainingError, falls, watched
from synth.errors import UnknownName


def record(loss, held=None):
    return {"loss": 9.0, "held_out_loss": loss} | ({} if held is None else {"held_out": held})


def test_the_cosine_warms_up_and_falls_to_a_hundredth():
    recipe = Recipe(learning_rate=1.0, warm_up=0.1)
    assert recipe.rate(0.0) == pytest.approx(0.04) and recipe.rate(0.1) == pytest.approx(1.0)
    assert recipe.rate(0.55) == pytest.approx(0.505) and recipe.rate(1.0) == pytest.approx(0.01)


def test_a_plateau_halves_the_rate_after_two_idle_epochs_each_time():
    recipe = Recipe(learning_rate=0.8, schedule="plateau", factor=0.5, wait=2)
    losses = [1.0, 0.9, 0.9, 0.95, 0.8, 0.8, 0.8, 0.8, 0.8]
    rates = [recipe.rate(0.0, [record(loss) for loss in losses[:k]]) for k in range(len(losses) + 1)]
    assert rates == [0.8] * 4 + [0.4] * 3 + [0.2] * 2 + [0.1]
    assert falls([], 2) == 0


def test_without_held_out_clips_the_training_loss_is_watched():
    assert watched([{"loss": 3.0}, record(2.0)]) == [3.0, 2.0]


def test_steps_multiply_at_their_epochs():
    recipe = Recipe(learning_rate=1.0, schedule="steps", factor=0.1, milestones=[2, 3])
    assert [recipe.rate(0.0, [{}] * k) for k in range(4)] == pytest.approx([1.0, 1.0, 0.1, 0.01])


def test_when_training_stops():
    assert "3 epochs" in Recipe(epochs=3).stops([record(1.0)] * 3)
    slow = Recipe(schedule="plateau", learning_rate=1e-3, least_rate=6e-4, wait=1)
    assert slow.stops([record(1.0)]) == "" and "learning rate" in slow.stops([record(1.0)] * 2)
    patient = Recipe(patience=2)
    assert patient.stops([record(1, 0.5), record(1, 0.6), record(1, 0.6)]) == ""
    assert "no better for 2" in patient.stops([record(1, 0.6), record(1, 0.6), record(1, 0.5)])


def test_kernels_decay_and_biases_do_not():
    net = nn.Sequential(nn.Conv1d(2, 3, 1), nn.BatchNorm1d(3))
    for name, kind in (("adamw", torch.optim.AdamW), ("adam", torch.optim.Adam), ("sgd", torch.optim.SGD)):
        optimiser = Recipe(optimiser=name, weight_decay=0.1, momentum=0.2).optimiser_of(net)
        assert isinstance(optimiser, kind)
        assert [(len(g["params"]), g["weight_decay"]) for g in optimiser.param_groups] == [(1, 0.1), (3, 0.0)]
    assert optimiser.param_groups[0]["momentum"] == 0.2


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"optimiser": "adamm"}, UnknownName),
        ({"schedule": "cosin"}, UnknownName),
        ({"keep": "bets"}, UnknownName),
        ({"factor": 0.0}, TrainingError),
        ({"batch": 1}, TrainingError),
        ({"precision": "half"}, TrainingError),
    ],
)
def test_a_recipe_that_cannot_be(wrong, error):
    with pytest.raises(error):
        Recipe(**wrong)
