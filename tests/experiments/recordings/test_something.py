"""Something-Something-V2: numbers as text, templates with brackets, entries without a label."""

from __future__ import annotations

import json

import pytest

from experiments.labels import labels
from experiments.recordings import open_recordings
from experiments.recordings.errors import RecordingsError

NAME = "something_something_v2"
FOLDER = "20bn-something-something-v2"


def entry(identity: str, template: str) -> dict:
    return {"id": identity, "label": "opening box", "template": template, "placeholders": ["box"]}


@pytest.fixture
def tree(tmp_path, make_video):
    for identity in ("12", "7"):
        make_video(tmp_path / FOLDER / f"{identity}.webm", 4, fps="12")
    (tmp_path / "labels").mkdir()
    write(tmp_path, "labels", {name: str(i) for i, name in enumerate(labels(NAME).classes)})
    write(tmp_path, "validation", [entry("12", "Opening [something]"), entry("7", "Closing [something]")])
    write(tmp_path, "test", [{"id": "7"}])
    return tmp_path


def write(root, name, content):
    (root / "labels" / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")


def test_brackets_of_templates_are_no_part_of_a_class(tree):
    data = open_recordings(NAME, tree)
    assert data.splits == ("validation", "test")
    first, second = data.clips("validation")
    assert (first.name, first.class_name, first.label) == ("12", "Opening something", 46)
    assert second.class_name == "Closing something" and data.classes[second.label] == second.class_name
    assert first.meta == {"sentence": "opening box", "placeholders": ["box"]}
    frames, fps = data.read(first, [3])
    assert frames[0, 0, 0, 0] == 30 and fps == 12.0


def test_the_test_set_has_no_labels(tree):
    (clip,) = open_recordings(NAME, tree).clips("test")
    assert clip.label is None and clip.class_name is None and clip.group == "7"


def test_lists_may_carry_the_data_sets_name(tree):
    for path in (tree / "labels").iterdir():
        path.rename(path.with_name(f"something-something-v2-{path.name}"))
    assert len(open_recordings(NAME, tree).clips("validation")) == 2


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ([entry("12", "Opning [something]")], r"entry 0 \(id 12\).*did you mean 'Opening something'"),
        ([{"id": "12"}], "has no template"),
        ([{"template": "Opening [something]"}], "expected an object with an id"),
        ([entry("12", "Opening [something]")] * 2, "more than once: 12"),
        ({"12": "x"}, "holds a dict; expected a list"),
    ],
)
def test_broken_entries_are_refused(tree, content, why):
    write(tree, "validation", content)
    with pytest.raises(RecordingsError, match=rf"validation\.json.*{why}"):
        open_recordings(NAME, tree).listed("validation")


def test_numbers_that_are_not_the_published_ones_are_refused(tree):
    write(tree, "labels", {"Opening something": "3"})
    with pytest.raises(RecordingsError, match="numbers 'Opening something' '3'; expected 46"):
        open_recordings(NAME, tree)


@pytest.mark.parametrize("text", ["{", "[" * 10**5])
def test_damaged_json_is_refused(tree, text):
    (tree / "labels" / "labels.json").write_text(text, encoding="utf-8")
    with pytest.raises(RecordingsError, match=r"labels\.json is no JSON"):
        open_recordings(NAME, tree)


def test_the_folder_of_videos_may_have_any_name_but_only_one(tree, make_video):
    (tree / FOLDER).rename(tree / "videos")
    assert len(open_recordings(NAME, tree).clips("validation")) == 2
    make_video(tree / "more" / "9.webm")
    with pytest.raises(RecordingsError, match=r"several folders .*more, videos"):
        open_recordings(NAME, tree)
    data = open_recordings(NAME, tree, videos="videos")
    assert len(data.clips("validation")) == 2
    assert data.remarks() == [f"train.json is not in {tree / 'labels'}"]


def test_the_real_lists(shared, tmp_path):
    data = open_recordings(NAME, shared / "data/recordings/ssv2", allow_missing=True, index=tmp_path / "index.json")
    assert data.splits == ("validation", "test") and len(data.classes) == 174
    assert [len(data.listed(split)) for split in data.splits] == [300, 300]
    assert all(data.classes[clip.label] == clip.class_name for clip in data.listed("validation"))
    assert data.clips("validation") == [] and "3 files that no list names" in data.remarks()[1]
