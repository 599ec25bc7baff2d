"""The models that a config asks for, and clips that suit them."""

from pathlib import Path

import pytest
import yaml

from experiments.chosen_models import chosen_models, model_facts
from experiments.models.card import describe
from experiments.models.errors import WeightsError
from experiments.models.families import FAMILIES
from experiments.settings import SettingError
from experiments.study import Study
from synth.assets.errors import AssetError
from synth.errors import UnknownName

SCORING = {"precision": None, "compile": False, "batch": "auto", "raw_frames": False}


def config(*names, weights=None, root=None, **scoring):
    return {
        "models": list(names),
        "weights": weights,
        "device": "cpu",
        "scoring": {**SCORING, **scoring},
        "assets": {"root": root},
    }


def test_weights_are_named_for_one_model_or_for_all(tmp_path):
    names = ("i3d_rgb_imagenet", "tsn_bninception_ucf101_8x1")
    assert [card.random for card in chosen_models(config(*names, weights="random"))] == [True, True]
    with pytest.raises(AssetError, match="fetch weights tsn_bninception_ucf101"):
        chosen_models(config(*names, weights={"i3d_rgb_imagenet": "random"}))
    with pytest.raises(WeightsError, match="weights=PATH"):
        chosen_models(config(names[0], weights={names[0]: str(tmp_path / "none.pt")}))
    with pytest.raises(UnknownName, match="'i3d_rgb_imagenet'"):
        chosen_models(config(names[0], weights={"i3d_rgb_imagnet": "random"}))
    with pytest.raises(SettingError, match=r"weights\.frontal"):
        chosen_models(config("frontal", weights={"frontal": 3}))


def test_what_the_scores_depend_on_is_asked_for_before_anything_is_rendered():
    with pytest.raises(UnknownName, match="precision"):
        chosen_models(config("frontal", precision="half"))
    with pytest.raises(SettingError, match=r"scoring\.compile"):
        chosen_models(config("frontal", compile="yes"))


def test_two_paths_of_one_name_are_refused(tmp_path):
    card = {"family": "r2plus1d", "classes": ["squat", "wave"], "input": {}, "weights": "random"}
    for folder in "ab":
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "mine.yaml").write_text(yaml.safe_dump(card))
    with pytest.raises(SettingError, match="'mine'"):
        chosen_models(config(str(tmp_path / "a" / "mine.yaml"), str(tmp_path / "b" / "mine.yaml")))


def test_an_untrained_model_says_so_and_classes_that_stand_for_an_activity_are_told():
    (card,) = chosen_models(config("i3d_rgb_imagenet", weights="random"))
    facts = model_facts(card, ["push_up", "box"])
    assert "Random weights" in facts["planted_bias"] and facts["untrained"] and "classes" not in facts
    assert facts["activities"].startswith("push_up: push up (exact); box: punching person (boxing) or punching bag")
    assert "64 frames at 25 per second" in facts["shown"] and facts["precision_of_scores"] == "float32"
    (own,) = chosen_models(config("frontal"))
    assert model_facts(own, ["squat"])["activities"] == "its classes of the same names"
    assert "untrained" not in model_facts(own, ["squat"])
    assert "planted" not in facts["planted_bias"] and "only at azimuths" in model_facts(own, ["squat"])["planted_bias"]


def test_clips_are_as_long_as_fine_and_as_large_as_the_most_demanding_model_asks():
    cards = chosen_models(config("frontal", "i3d_rgb_imagenet", weights={"i3d_rgb_imagenet": "random"}))
    auto = dict.fromkeys(("fps", "num_frames", "width", "height"), "auto")
    study = {
        "name": "s",
        "title": "s",
        "question": "?",
        "activities": ["squat"],
        "sweeps": {"azimuth": {"values": [0, 90]}},
        "reference": {},
        "appearances": ["ana"],
        "clip": auto,
    }
    for inputs, expected in (([cards[0].input], (6.25, 8, 112)), ([c.input for c in cards], (25.0, 64, 256))):
        clip = Study.from_config(study, {}, inputs).clip
        assert (clip.fps, clip.num_frames, clip.height) == expected
    assert Study.from_config({**study, "clip": {**auto, "num_frames": 5}}, {}, [cards[0].input]).clip.num_frames == 5


def test_a_model_of_each_family_but_the_optional_one():
    root = Path(__file__).parents[2]
    names = yaml.safe_load((root / "conf/conf/every_family.yaml").read_text())["models"]
    cards = [describe(str(root / name) if name.endswith(".yaml") else name) for name in names]
    assert sorted(card.family for card in cards) == sorted(FAMILIES.keys() - {"torchvision"})
