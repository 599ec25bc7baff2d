"""Class lists against the published ones; the map of activities; refusals that help."""

import hashlib
from pathlib import Path

import pytest
import yaml

from experiments import labels as module
from experiments.labels import LabelError, NoClass, classes_of, label_sets, labels, main, published_set, require
from synth.errors import UnknownName
from synth.motion import catalogue

# Of the published files: DeepMind's label_map.txt, mmaction2's copies of the names of UCF101, HMDB51 and SSv2.
PUBLISHED = {
    "kinetics400": (400, "e9f2806fe9109b851a80a74841244f6f8c9d10917fa0229cd82bab67f2f8e28f", "label_map_k400.txt"),
    "ucf101": (101, "fabeefc51625dad8a5b960156ccf75eea4c3b914d95bc02b43618fd61ecd1930", "ucf101_label_map.txt"),
    "hmdb51": (51, "c24c56a7af6f3ea55c8fb2a8e5b2c3a42644fcc5d86e49313536cfbd3499538a", "hmdb51_label_map.txt"),
    "something_something_v2": (
        174,
        "c9c5a86ece619e1ab2e7ca0614c85377a534873e17108b13243e5d22089a0a85",
        "sthv2_label_map.txt",
    ),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_list_is_the_published_one_to_the_byte(name, shared):
    count, digest, file = PUBLISHED[name]
    assert len(labels(name).classes) == count and labels(name).sha256 == digest
    published = (shared / "data" / "recordings" / "labels" / file).read_bytes()
    assert hashlib.sha256(published).hexdigest() == digest


def test_ucf101_keeps_its_published_order_which_sorting_would_change():
    classes = labels("ucf101").classes
    assert classes[34:36] == ("Hammering", "HammerThrow") and classes[46:48] == ("JumpingJack", "JumpRope")
    assert list(classes) != sorted(classes)


def test_small_lists():
    assert labels("kth").classes == ("boxing", "handclapping", "handwaving", "jogging", "running", "walking")
    ntu = labels("ntu60").classes
    assert len(ntu) == 60 and (ntu[0], ntu[22], ntu[57]) == ("drink water", "hand waving", "shaking hands")


def test_every_list_has_a_digest_in_its_file_and_no_class_twice():
    for name in label_sets():
        assert yaml.safe_load((module.FOLDER / f"{name}.yaml").read_text())["sha256"] == labels(name).sha256
        assert len(set(labels(name).classes)) == len(labels(name).classes)


@pytest.mark.parametrize("source", ["authored", "cmu"])
def test_every_activity_is_mapped(source):
    assert set(catalogue.activities(source)) <= set(module._map())


def test_the_papers_nine_activities_are_in_kinetics_or_ucf101():
    nine = ("push_up", "archery", "golf_swing", "baseball_pitch", "jumping_jack", "play_violin", "climb_ladder")
    for activity in (*nine, "dribble", "soccer_kick"):
        found = {classes_of(activity, labels(name).classes).quality for name in ("kinetics400", "ucf101")}
        assert "exact" in found, activity


def test_columns_are_those_of_the_classes():
    ucf = labels("ucf101").classes
    match = classes_of("box", ucf)
    assert match.quality == "near" and [ucf[k] for k in match.columns] == list(match.classes)
    golf = classes_of("golf_swing", labels("kinetics400").classes)
    assert golf.quality == "exact" and len(golf.columns) == 3


def test_a_model_trained_on_our_names_has_them_exactly():
    assert classes_of("push_up", ["squat", "push_up"]).columns == (1,)
    assert classes_of("push_up", ["squat", "walk"]).quality == "none"


def test_a_part_of_a_published_list_in_another_order_is_still_that_list():
    assert published_set(("Punch", "Archery")) == "ucf101"
    assert classes_of("archery", ["Punch", "Archery"]).columns == (1,)
    assert published_set(("Punch", "something else")) is None


def test_exact_classes_go_before_near_ones():
    assert classes_of("run", labels("kinetics400").classes).classes == ("jogging",)


def test_an_activity_without_a_class_is_refused_with_the_nearest_and_what_there_is():
    with pytest.raises(NoClass) as caught:
        require(["push_up", "jumping_jack"], labels("kinetics400").classes, model="i3d")
    for part in ("'i3d'", "'jumping_jack'", "push_up", "study.activities"):
        assert part in str(caught.value)


def test_a_misspelt_list_is_answered_with_the_nearest():
    with pytest.raises(UnknownName, match="'kinetics400'"):
        labels("kinetics40")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("classes: [a, a]", "more than once"),
        ("classes: []", "in the order of the logits"),
        ("classes: [a, 5]", "in the order of the logits"),
        ("classes: [a, b]\nsha256: beef", "a class was changed"),
        ("[a, b]", "expected a table"),
        ("classes: [a]\nclasses: [b]", "stands twice"),
    ],
)
def test_a_list_with_a_mistake_is_named(tmp_path, text, says):
    file = tmp_path / "mine.yaml"
    file.write_text(text)
    with pytest.raises(LabelError, match=says) as caught:
        labels(str(file))
    assert "mine.yaml" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        ("wave: {kth: {exact: [waving]}}", UnknownName, "handwaving"),
        ("wave: {kht: {exact: [handwaving]}}", UnknownName, "'kth'"),
        ("wave: {kth: {exakt: [handwaving]}}", LabelError, "expected exact"),
        ("wave: {kth: {exact: [boxing], near: [boxing]}}", LabelError, "more than once"),
    ],
)
def test_a_map_with_a_mistake_is_named(tmp_path, monkeypatch, text, error, says):
    file = tmp_path / "activities.yaml"
    file.write_text(text)
    monkeypatch.setattr(module, "MAP", file)
    with pytest.raises(error, match=says):
        module._map.__wrapped__()


def test_the_command_line(capsys, tmp_path):
    assert main([]) == 0 and "kinetics400" in capsys.readouterr().out
    assert main(["kth"]) == 0 and "5  walking" in capsys.readouterr().out
    assert main(["activity", "push_up"]) == 0 and "PushUps" in capsys.readouterr().out
    assert main(["activity", "push_ups"]) == 2 and "'push_up'" in capsys.readouterr().err
    assert main(["--odd"]) == 2
    assert Path(module.MAP).is_file()
