"""The checker: every registered model keeps the contract, and every rule catches the model that breaks it."""

import json

import numpy as np
import pytest
import torch

from experiments.models import load, model_names
from experiments.models.base import InputSpec
from experiments.models.check import ModelContractError, check_model, main
from experiments.models.r2plus1d import build, save
from synth.errors import CeterisError, UnknownName

SPEC = InputSpec(frames=4, height=16, width=16)


class Sound:
    """The smallest model that keeps the contract: class scores are linear in the mean colour."""

    name, classes, input, fingerprint = "sound", ["a", "b"], SPEC, "0"

    def __init__(self):
        self.weight = torch.tensor([[1.0, 2.0, 3.0], [-1.0, 0.5, 0.0]])

    def prepare(self, frames):
        if frames.dtype != np.uint8 or len(frames) != 4:
            raise CeterisError("frames")
        frames = frames[:, :: frames.shape[1] // 16, :: frames.shape[2] // 16]
        tensor = torch.from_numpy(np.ascontiguousarray(frames)).permute(3, 0, 1, 2).float() / 255
        return (tensor - 0.45) / 0.25

    def logits(self, batch):
        return batch.mean((2, 3, 4)) @ self.weight.T

    def layers(self):
        return ["mean"]

    def features(self, batch, layer):
        if layer != "mean":
            raise UnknownName("layer", layer, self.layers())
        return batch.mean((2, 3, 4))


def broken(**changes):
    return type("Broken", (Sound,), changes)()


BREAKS = {
    "classes": {"classes": ["a", "a"]},
    "prepared input": {"prepare": lambda s, f: Sound.prepare(s, f).double()},
    "normalisation": {"prepare": lambda s, f: Sound.prepare(s, f) / 2},
    "foreign input refused": {
        "prepare": lambda s, f: Sound.prepare(s, np.resize(f, (4, *f.shape[1:])).astype(np.uint8))
    },
    "other sizes": {"prepare": lambda s, f: _keep_size(s, f)},
    "logits": {"logits": lambda s, b: Sound.logits(s, b)[:, :1]},
    "determinism": {"logits": lambda s, b: Sound.logits(s, b) + torch.rand(1)},
    "batch invariance": {"logits": lambda s, b: Sound.logits(s, b - b.mean(0))},
    "layers": {"layers": lambda s: ["mean", "mean"]},
    "features": {"features": lambda s, b, layer: Sound.features(s, b, layer).mean(0)},
    "unknown layer refused": {"features": lambda s, b, layer: b.mean((2, 3, 4))},
    "gradients": {"logits": lambda s, b: Sound.logits(s, b.detach())},
}


def _keep_size(model, frames):
    """Keeps a larger picture's size instead of resizing it."""
    if frames.dtype == np.uint8 and frames.shape[1] == 32:
        return torch.zeros(3, 4, 32, 32)
    return Sound.prepare(model, frames)


def test_a_sound_model_passes_every_rule():
    assert {"members", "classes", "gradients", "disk_and_memory"} <= set(check_model(Sound()))


@pytest.mark.parametrize("rule", BREAKS)
def test_each_rule_catches_its_break(rule):
    with pytest.raises(ModelContractError) as caught:
        check_model(broken(**BREAKS[rule]))
    assert caught.value.rule == rule
    assert "expected" in str(caught.value)


def test_weights_changed_after_loading_are_caught(tmp_path):
    folder = tmp_path / "toy"
    folder.mkdir()
    architecture = {"stem": 4, "widths": [4, 6]}
    card = {
        "family": "r2plus1d",
        "classes": ["a", "b"],
        "architecture": architecture,
        "input": {"height": 32, "width": 32},
    }
    (folder / "card.json").write_text(json.dumps(card))
    save(build(2, architecture), folder / "weights.safetensors")
    adapter = load(str(folder))
    check_model(adapter)
    adapter.net.head.bias += 1.0
    with pytest.raises(ModelContractError, match="disk and memory"):
        check_model(adapter)


def test_a_missing_member_is_named():
    class Half:
        name = "half"

    with pytest.raises(ModelContractError, match="logits"):
        check_model(Half())


@pytest.mark.parametrize("name", model_names())
def test_every_registered_model_keeps_the_contract(name):
    check_model(load(name))


def test_two_models_ship_and_are_small():
    assert {"frontal", "allround"} <= set(model_names())
    for name in ("frontal", "allround"):
        assert load(name).card.weights.stat().st_size <= 2e6


def test_the_command_line_answers_and_fails_as_it_should(capsys):
    assert main(["model=frontal"]) == 0
    assert "rules hold" in capsys.readouterr().out
    assert main(["model=frontl"]) == 1
    assert "'frontal'" in capsys.readouterr().out
    assert main([]) == 2
    assert "usage" in capsys.readouterr().out
