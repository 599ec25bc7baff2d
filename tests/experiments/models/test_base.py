"""The registry: cards, fingerprints, and the errors of what cannot be loaded."""

import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from experiments.models import ClipTooShort, DeviceError, InputSpec, WeightsError, describe, load, model_names
from experiments.models.r2plus1d import build, save
from synth.errors import UnknownName

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
    by_name, by_path = load("toy", root=zoo), load(str(zoo / "toy"))
    assert by_name.classes == CLASSES
    assert by_name.fingerprint == by_path.fingerprint == describe("toy", root=zoo).fingerprint


def test_a_misspelt_model_is_answered_with_the_nearest(zoo):
    with pytest.raises(UnknownName, match="'toy'"):
        load("toys", root=zoo)


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


def test_weights_that_do_not_fit_name_file_key_and_shapes(zoo):
    file = zoo / "toy" / "weights.safetensors"
    tensors = load_file(file)
    tensors["head.weight"] = torch.zeros(5, 8)
    tensors["extra"] = tensors.pop("stem.0.weight")
    save_file(tensors, file)
    with pytest.raises(WeightsError) as caught:
        load("toy", root=zoo)
    for part in ("weights.safetensors", "missing stem.0.weight", "unexpected extra", "(5, 8)", "(3, 8)"):
        assert part in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"not a tensor file at all"])
def test_a_damaged_weights_file_is_named(zoo, content):
    (zoo / "toy" / "weights.safetensors").write_bytes(content)
    with pytest.raises(WeightsError, match=r"weights\.safetensors"):
        load("toy", root=zoo)


def test_a_missing_weights_file_is_named(zoo):
    (zoo / "toy" / "weights.safetensors").unlink()
    with pytest.raises(WeightsError, match="is missing"):
        load("toy", root=zoo)


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"family": "r2plus1d"}', '{"family": "r2plus1d", "classes": [], "input": {"f": 1}}']
)
def test_a_damaged_card_is_named(zoo, text):
    (zoo / "toy" / "card.json").write_text(text)
    with pytest.raises(WeightsError, match=r"card\.json"):
        describe("toy", root=zoo)


def test_an_unknown_family_is_answered_with_the_nearest(zoo):
    card = json.loads((zoo / "toy" / "card.json").read_text()) | {"family": "r2plus1"}
    (zoo / "toy" / "card.json").write_text(json.dumps(card))
    with pytest.raises(UnknownName, match="'r2plus1d'"):
        load("toy", root=zoo)


@pytest.mark.parametrize("device", ["cuda:99", "gpu", ""])
def test_a_device_that_is_not_there_is_refused(zoo, device):
    with pytest.raises(DeviceError, match=r"cpu"):
        load("toy", device, root=zoo)


def test_frames_are_picked_by_time():
    spec = InputSpec(frames=4, fps=6.25)
    assert spec.indices(4, 6.25).tolist() == [0, 1, 2, 3]
    assert spec.indices(16, 25.0).tolist() == [0, 4, 8, 12]
    assert spec.indices(20, 30.0).tolist() == np.rint(np.arange(4) * 4.8).astype(int).tolist()


@pytest.mark.parametrize(("frames", "fps"), [(3, 6.25), (12, 25.0), (100, 2.0)])
def test_a_clip_too_short_or_too_coarse_is_refused(frames, fps):
    with pytest.raises(ClipTooShort, match="Render at least"):
        InputSpec(frames=4, fps=6.25).indices(frames, fps)


def test_the_frames_of_a_loop_begin_again():
    spec = InputSpec(frames=4, fps=5.0)
    assert spec.indices(5, 10.0, loop=True).tolist() == [0, 2, 4, 1]
    with pytest.raises(ClipTooShort, match="too short"):
        spec.indices(5, 10.0)
    with pytest.raises(ClipTooShort, match="too coarse"):
        spec.indices(20, 2.0, loop=True)
