"""Class lists against the published ones; the map of activities; refusals that help."""

import csv
import hashlib
import json
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


def test_the_lists_are_those_of_the_data_sets_own_files(shared):
    recordings = shared / "data" / "recordings"
    numbers = json.loads((recordings / "ssv2" / "labels" / "labels.json").read_text())
    assert labels("something_something_v2").classes == tuple(sorted(numbers, key=lambda name: int(numbers[name])))
    lines = (recordings / "ucf101" / "ucfTrainTestlist" / "classInd.txt").read_text().split("\n")
    assert labels("ucf101").classes == tuple(line.split()[1] for line in lines if line.strip())


def test_small_lists():
    assert labels("kth").classes == ("boxing", "handclapping", "handwaving", "jogging", "running", "walking")
    ntu = labels("ntu60").classes
    assert len(ntu) == 60 and (ntu[0], ntu[22], ntu[57]) == ("drink water", "hand waving", "shaking hands")


def test_every_list_has_a_digest_in_its_file_and_no_class_twice():
    for name in label_sets():
        table, found = yaml.safe_load((module.FOLDER / f"{name}.yaml").read_text()), labels(name)
        assert table["sha256"] == found.sha256 and table["count"] == len(found.classes)
        assert len({module._plain(c) for c in found.classes}) == len(found.classes)  # matched in any spelling


@pytest.mark.parametrize("source", ["authored", "cmu"])
def test_every_activity_is_mapped(source):
    assert set(catalogue.activities(source)) <= set(module._map())


def test_every_class_of_the_cmu_index_is_mapped():
    index = module.FOLDER.parents[1] / "assets_manifest" / "cmu" / "classes.csv"
    with index.open(newline="") as file:
        assert {row["activity"] for row in csv.DictReader(file)} <= set(module._map())


def test_a_published_class_of_an_activitys_own_name_is_mapped_as_exact():
    for name in label_sets():
        for activity, sets in module._map().items():
            own = [c for c in labels(name).classes if module._plain(c) == module._plain(activity)]
            assert set(own) <= set(sets.get(name, {}).get("exact", ())), (activity, name)


@pytest.mark.parametrize(
    ("activity", "name", "quality", "classes"),
    [
        ("push_up", "hmdb51", "exact", ("pushup",)),
        ("push_up", "something_something_v2", "none", ()),
        ("wave", "kth", "exact", ("handwaving",)),
        ("box", "ucf101", "near", ("Punch", "BoxingPunchingBag", "BoxingSpeedBag")),
        ("walk", "ntu60", "near", ("walking towards", "walking apart")),
        ("baseball_pitch", "something_something_v2", "near", ("Throwing something",)),
    ],
)
def test_what_counts_as_an_activity(activity, name, quality, classes):
    match = classes_of(activity, labels(name).classes)
    assert (match.quality, match.classes) == (quality, classes)


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


def test_a_published_list_with_classes_besides_is_still_that_list():
    classes = ("no action", *labels("kinetics400").classes)
    assert published_set(classes) == "kinetics400"
    match = classes_of("golf_swing", classes)
    assert [classes[k] for k in match.columns] == ["golf driving", "golf chipping", "golf putting"]


@pytest.mark.parametrize("spelt", [str.lower, str.upper, lambda name: f" {name}."])
def test_a_published_list_in_another_spelling_is_still_that_list(spelt):
    classes = [spelt(name) for name in labels("ucf101").classes]
    match = classes_of("push_up", classes)
    assert published_set(tuple(classes)) == "ucf101" and match.quality == "exact"
    assert match.columns == classes_of("push_up", labels("ucf101").classes).columns
    assert match.classes == (spelt("PushUps"),)


def test_placeholders_in_brackets_are_the_published_classes():
    classes = [name.replace("something", "[something]") for name in labels("something_something_v2").classes]
    assert classes_of("baseball_pitch", classes).classes == ("Throwing [something]",)


def test_a_name_that_two_classes_have_in_other_spellings_counts_only_as_written():
    assert classes_of("push_up", ["Push Up", "push up"]).quality == "none"
    assert classes_of("push_up", ["Push Up", "push_up"]).columns == (1,)
    assert classes_of("push_up", ["squat", "Push up"]) == module.Match("push_up", ("Push up",), (1,), "exact")
    assert classes_of("push_up", ["squat", "push-ups down"]).quality == "none"


def test_exact_classes_go_before_near_ones():
    assert classes_of("run", labels("kinetics400").classes).classes == ("jogging",)


def test_an_activity_without_a_class_is_refused_with_the_nearest_and_what_there_is():
    with pytest.raises(NoClass) as caught:
        require(["push_up", "jumping_jack"], labels("kinetics400").classes, model="i3d")
    for part in ("'i3d'", "'jumping_jack'", "push_up", "study.activities"):
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("activity", "name", "nearest"),
    [
        ("jumping_jack", "hmdb51", "nearest by name: 'jump'."),
        ("wave", "kinetics400", "nearest by name: none."),
        ("handstand", "ntu60", "nearest by name: 'hand waving', 'rub two hands', 'shaking hands'."),
        ("walk", "something_something_v2", "nearest by name: none."),
        ("row", "kth", "nearest by name: none."),
    ],
)
def test_the_nearest_classes_share_a_word_with_the_activity(activity, name, nearest):
    with pytest.raises(NoClass) as caught:
        require([activity], labels(name).classes, model="m")
    assert nearest in str(caught.value)


def test_a_list_laid_beside_the_others_can_be_mapped(tmp_path, monkeypatch):
    (tmp_path / "gym.yaml").write_text("classes: [Pressing up, Resting]")
    (tmp_path / "activities.yaml").write_text("push_up: {gym: {exact: [Pressing up]}}\nwalk:\n")
    monkeypatch.setattr(module, "FOLDER", tmp_path)
    monkeypatch.setattr(module, "MAP", tmp_path / "activities.yaml")
    caches = (module._map, labels, published_set)
    try:
        for cache in caches:
            cache.cache_clear()
        assert label_sets() == ["gym"]
        assert classes_of("push_up", ["Resting", "Pressing up"]).columns == (1,)
        assert classes_of("walk", ["Resting", "Pressing up"]).quality == "none"
    finally:
        for cache in caches:
            cache.cache_clear()


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
        ("classes: [a, b]\ncount: 3", "count = 3, but 2 classes"),
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


def test_a_misspelt_key_of_a_list_is_refused_since_it_would_go_unchecked(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("classes: [a, b]\nsha265: beef")
    with pytest.raises(UnknownName, match=r"mine\.yaml.*'sha256'"):
        labels(str(file))


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        ("wave: {kth: {exact: [waving]}}", UnknownName, "handwaving"),
        ("wave: {kht: {exact: [handwaving]}}", UnknownName, "'kth'"),
        ("wave: {kth: {exakt: [handwaving]}}", LabelError, "expected exact"),
        ("wave: {kth: {exact: handwaving}}", LabelError, "wave.kth = .*expected exact"),
        ("wave: {kth: {exact: []}}", LabelError, "expected exact"),
        ("wave: {kth: {}}", LabelError, "expected exact"),
        ("wave: handwaving", LabelError, "wave = 'handwaving'; expected SET"),
        ("wave: {kth: {exact: [handwaving]}}\nwave: {}", LabelError, "stands twice"),
        ("wave: {kth: {exact: [boxing], near: [boxing]}}", LabelError, "more than once"),
    ],
)
def test_a_map_with_a_mistake_is_named(tmp_path, monkeypatch, text, error, says):
    file = tmp_path / "activities.yaml"
    file.write_text(text)
    monkeypatch.setattr(module, "MAP", file)
    with pytest.raises(error, match=says) as caught:
        module._map.__wrapped__()
    assert "activities.yaml" in str(caught.value)


def test_the_command_line(capsys, tmp_path):
    assert main([]) == 0 and "kinetics400" in capsys.readouterr().out
    assert main(["kth"]) == 0 and "5  walking" in capsys.readouterr().out
    assert main(["activity", "push_up"]) == 0 and "PushUps" in capsys.readouterr().out
    assert main(["activity", "push_ups"]) == 2 and "'push_up'" in capsys.readouterr().err
    assert main(["--odd"]) == 2
    assert Path(module.MAP).is_file()
