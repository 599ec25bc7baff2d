"""The registry: cards, fingerprints, and the errors of what cannot be loaded."""

import json
import subprocess
import sys

import pytest
import torch
import yaml
from safetensors.torch import load_file, save_file

from experiments.models import DeviceError, Options, WeightsError, describe, load, model_names
from experiments.models.r2plus1d import build, save
from synth.errors import CeterisError, UnknownName

ARCHITECTURE = {"stem": 4, "widths": [4, 6, 8]}
CLASSES = ["left", "right", "still"]


@pytest.fixture
def zoo(tmp_path):
    """A folder with one small model of random weights, `toy`."""
    folder = tmp_path / "toy"
    folder.mkdir()
    card = {
        "family": "r2plus1d",
        "classes": CLASSES,
        "architecture": ARCHITECTURE,
        "input": {"height": 32, "width": 32},
    }
    (folder / "card.json").write_text(json.dumps(card))
    save(build(3, ARCHITECTURE), folder / "weights.safetensors")
    return tmp_path


def test_a_model_is_found_by_name_and_by_path(zoo):
    assert model_names(zoo) == ["toy"]
    by_name, by_path = load(describe("toy", root=zoo)), load(str(zoo / "toy"))
    assert by_name.classes == CLASSES
    assert by_name.fingerprint == by_path.fingerprint == describe("toy", root=zoo).fingerprint


def test_a_misspelt_model_is_answered_with_the_nearest(zoo):
    with pytest.raises(UnknownName, match="'toy'"):
        describe("toys", root=zoo)


def test_describing_needs_no_deep_learning_library(zoo):
    code = """if True:
        import sys
        from experiments.models import describe
        describe(sys.argv[1]).fingerprint
        print("torch" in sys.modules)
    """
    shown = subprocess.run([sys.executable, "-c", code, str(zoo / "toy")], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "False"


def test_the_fingerprint_follows_weights_and_input(zoo):
    before = describe("toy", root=zoo).fingerprint
    save(build(3, ARCHITECTURE, seed=1), zoo / "toy" / "weights.safetensors")
    retrained = describe("toy", root=zoo).fingerprint
    card = json.loads((zoo / "toy" / "card.json").read_text())
    card["input"]["fps"] = 12.5
    (zoo / "toy" / "card.json").write_text(json.dumps(card))
    assert len({before, retrained, describe("toy", root=zoo).fingerprint}) == 3


def test_weights_that_change_while_a_run_draws_its_clips_are_not_scored_under_the_old_name(zoo):
    card = describe("toy", root=zoo)
    card.fingerprint  # noqa: B018 - as where a run begins
    save(build(3, ARCHITECTURE, seed=1), zoo / "toy" / "weights.safetensors")
    with pytest.raises(WeightsError, match="toy have changed since the run began"):
        load(card)
    assert load(describe("toy", root=zoo)).fingerprint != card.fingerprint


def test_weights_that_do_not_fit_name_file_key_and_shapes(zoo):
    file = zoo / "toy" / "weights.safetensors"
    tensors = load_file(file)
    tensors["head.weight"] = torch.zeros(5, 8)
    tensors["extra"] = tensors.pop("stem.0.weight")
    save_file(tensors, file)
    with pytest.raises(WeightsError) as caught:
        load(str(zoo / "toy"))
    for part in ("weights.safetensors", "stem.0.weight", "extra", "(5, 8)", "(3, 8)"):
        assert part in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"not a tensor file at all"])
def test_a_damaged_weights_file_is_named(zoo, content):
    (zoo / "toy" / "weights.safetensors").write_bytes(content)
    with pytest.raises(WeightsError, match=r"weights\.safetensors"):
        load(str(zoo / "toy"))


def test_a_missing_weights_file_is_named(zoo):
    (zoo / "toy" / "weights.safetensors").unlink()
    with pytest.raises(WeightsError, match="are missing"):
        load(str(zoo / "toy"))


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"family": "r2plus1d"}', '{"family": "r2plus1d", "classes": [], "input": {"f": 1}}', "[" * 10**5],
)
def test_a_damaged_card_is_named(zoo, text):
    (zoo / "toy" / "card.json").write_text(text)
    with pytest.raises(WeightsError, match=r"card\.json"):
        describe("toy", root=zoo)


def test_an_unknown_family_is_answered_with_the_nearest(zoo):
    card = json.loads((zoo / "toy" / "card.json").read_text()) | {"family": "r2plus1"}
    (zoo / "toy" / "card.json").write_text(json.dumps(card))
    with pytest.raises(UnknownName, match="'r2plus1d'"):
        load(str(zoo / "toy"))


@pytest.mark.parametrize("device", ["cuda:99", "gpu", ""])
def test_a_device_that_is_not_there_is_refused(zoo, device):
    with pytest.raises(DeviceError, match=r"cpu"):
        load(str(zoo / "toy"), Options(device=device))


def own_card(folder, **changes):
    """A card as a user writes it, beside the weights of the zoo's toy."""
    card = {
        "family": "r2plus1d",
        "classes": CLASSES,
        "architecture": ARCHITECTURE,
        "input": {"height": 32, "width": 32},
        "weights": "toy/weights.safetensors",
    }
    path = folder / "mine.yaml"
    path.write_text(yaml.safe_dump({**card, **changes}))
    return str(path)


def test_a_card_of_ones_own_finds_its_weights_beside_it(zoo):
    adapter = load(own_card(zoo))
    assert adapter.name == "mine" and not adapter.card.random
    assert torch.equal(adapter.net.head.weight, load(str(zoo / "toy")).net.head.weight)


def test_a_cards_labels_are_a_published_list(zoo):
    card = describe(own_card(zoo, classes=None, labels="kth", weights="random"))
    assert card.classes[:2] == ("boxing", "handclapping") and card.random


def test_random_weights_depend_on_their_seed_and_are_told(zoo):
    path = own_card(zoo)
    one, same, other = (load(path, Options(weights="random", seed=seed)) for seed in (0, 0, 1))
    assert torch.equal(one.net.head.weight, same.net.head.weight) and one.fingerprint == same.fingerprint
    assert not torch.equal(one.net.head.weight, other.net.head.weight) and one.fingerprint != other.fingerprint
    assert one.card.facts["untrained"]


def test_the_fingerprint_follows_the_precision(zoo):
    path = own_card(zoo)
    full, half = (describe(path, Options(precision=name)) for name in ("float32", "bfloat16"))
    assert full.fingerprint != half.fingerprint
    with pytest.raises(UnknownName, match="float32"):
        assert describe(path, Options(precision="float23")).fingerprint


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"famly": "x"}, "'family'"),
        ({"family": "r2plus1"}, "'r2plus1d'"),
        ({"input": {"frmes": 3}}, "mine.yaml"),
        ({"input": {"sampling": "centr"}}, "'centre'"),
        ({"classes": None, "labels": "kinetic400"}, "'kinetics400'"),
        ({"classes": None, "labels": "../labels/kth"}, "known: hmdb51"),
        ({"classes": ["squat", True, "still"]}, "the class True is no name"),
        ({"classes": ["squat", 7, "still"]}, "the class 7 is no name"),
        ({"classes": ["squat", ["walk"]]}, "the class ['walk'] is no name"),
        ({"classes": ["squat", "a\x00b"]}, "is no name"),
        ({"classes": {"squat": 1}}, "expected a list of names"),
        ({"classes": "squat"}, "expected a list of names"),
        ({"weights": 5}, "weights = 5"),
        ({"architecture": 5}, "mine.yaml"),
        ({"input": {"frames": 10**9}}, "expected at most 100000"),
        ({"input": {"height": 10**7}}, "expected at most 4096"),
        ({"input": {"resize": "short 9999999"}}, "expected at most 4096 pixels a side"),
        ({"input": {"fps": float("inf")}}, "expected finite numbers"),
        ({"input": {"mean": [float("nan"), 0.0, 0.0]}}, "expected finite numbers"),
        ({"input": {"flow_bound": 10**400}}, "mine.yaml"),
    ],
)
def test_a_card_with_a_mistake_is_answered_with_the_nearest(zoo, changes, named):
    with pytest.raises(CeterisError) as caught:
        describe(own_card(zoo, **changes))
    assert named in str(caught.value)


def test_weights_that_are_named_and_not_there_are_refused(zoo):
    with pytest.raises(WeightsError, match="weights=PATH"):
        load(own_card(zoo, weights="nowhere/weights.pt"))
    with pytest.raises(CeterisError, match="i3d_rgb_imagenet"):
        load(own_card(zoo, weights="i3d_rgb_imagenett"))
