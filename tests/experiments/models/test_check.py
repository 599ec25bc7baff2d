"""The checker: every registered model keeps the contract, and every rule catches the model that breaks it."""

import json

import numpy as np
import pytest
import torch

from experiments.models import load, model_names
from experiments.models.base import Footage, InputSpec, Output
from experiments.models.check import check_model, main
from experiments.models.preprocess import normalise, pictures
from experiments.models.r2plus1d import build, save
from experiments.models.rules import ModelContractError
from synth.errors import find

SPEC = InputSpec(frames=4, height=16, width=16)


class Sound:
    """The smallest model that keeps the contract: class scores are linear in the mean colour."""

    name, classes, input, fingerprint = "sound", ["a", "b"], SPEC, "0"

    def __init__(self):
        self.weight = torch.tensor([[1.0, 2.0, 3.0], [-1.0, 0.5, 0.0]])

    def prepare(self, footage):
        footage.require(self.name, self.input)
        return pictures(footage, self.input)

    def normalise(self, batch):
        return normalise(batch, self.input)

    def logits(self, batch):
        return self.run(batch).logits

    def layers(self):
        return ["mean"]

    def features(self, batch, layer):
        return self.run(batch, (layer,)).features[layer]

    def run(self, batch, layers=()):
        mean = self.normalise(batch)[:, 0].mean((2, 3, 4))
        return Output(mean @ self.weight.T, {find("layer", name, {"mean": name}): mean for name in layers})


def broken(**changes):
    return type("Broken", (Sound,), changes)()


def spoilt(change):
    """A `run` whose logits are changed."""
    return lambda self, batch, layers=(): Sound.run(self, batch, layers)._replace(
        logits=change(Sound.run(self, batch).logits)
    )


BREAKS = {
    "classes": {"classes": ["a", "a"]},
    "prepared input": {"prepare": lambda s, f: Sound.prepare(s, f).float()},
    "normalisation": {"normalise": lambda s, b: Sound.normalise(s, b) / 2},
    "channel order": {
        "input": InputSpec(frames=4, height=16, width=16, channels="BGR"),
        "normalise": lambda s, b: normalise(b, SPEC),
    },
    "foreign input refused": {"prepare": lambda s, f: Sound.prepare(s, _forced(f))},
    "other sizes": {"prepare": lambda s, f: f.require("", SPEC) or pictures(f, _as_large_as(f))},
    "longer clips": {"prepare": lambda s, f: f.require("", SPEC) or pictures(f, _as_long_as(f))},
    "logits": {"run": spoilt(lambda z: z[:, :1])},
    "determinism": {"run": spoilt(lambda z: z + torch.rand(1))},
    "batch invariance": {"run": spoilt(lambda z: z - z.mean(0))},
    "layers": {"layers": lambda s: ["mean", "mean"]},
    "features": {"features": lambda s, b, layer: Sound.features(s, b, layer) + 1},
    "unknown layer refused": {"features": lambda s, b, layer: Sound.features(s, b, "mean")},
    "gradients": {"logits": lambda s, b: Sound.logits(s, b.detach())},
}


def _forced(footage):
    frames = np.zeros((4, 16, 16, 3), np.uint8) if footage.frames is None else footage.frames.astype(np.uint8)
    return Footage(frames=frames, fps=footage.fps)


def _as_large_as(footage):
    _, height, width, _ = footage.frames.shape
    return InputSpec(frames=4, height=height, width=width)


def _as_long_as(footage):
    return InputSpec(frames=len(footage.frames), height=16, width=16)


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


def test_two_trained_models_keep_the_contract_as_the_command_says(capsys):
    """The other cards are checked where their families are tested."""
    assert main(["model=frontal"]) == main(["model=allround"]) == 0
    assert "rules hold" in capsys.readouterr().out


def test_two_models_ship_and_are_small():
    assert {"frontal", "allround"} <= set(model_names())
    for name in ("frontal", "allround"):
        assert load(name).card.file.stat().st_size <= 2e6


def test_the_command_line_answers_and_fails_as_it_should(capsys):
    assert main(["model=frontal", "weights=random"]) == 0
    assert "frontal (random weights)" in capsys.readouterr().out
    assert main(["model=frontl"]) == 1
    assert "'frontal'" in capsys.readouterr().out
    assert main([]) == main(["model=frontal", "wieghts=random"]) == 2
    assert "usage" in capsys.readouterr().out
