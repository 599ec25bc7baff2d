"""Data sets by name, and the contract over all of them."""

from __future__ import annotations

import pytest

from experiments.labels import labels
from experiments.recordings import SOURCES, open_recordings
from experiments.recordings.sources import options, reader
from synth.errors import UnknownName

FOLDERS = {
    "ucf101": "ucf101",
    "hmdb51": "hmdb51",
    "kth": "kth",
    "something_something_v2": "ssv2",
    "ntu60": "ntu",
    "folders": ".",
}


def test_misspelt_names_are_answered(tmp_path):
    with pytest.raises(UnknownName, match="no data set named 'ucf-101'; did you mean 'ucf101'"):
        open_recordings("ucf-101", tmp_path)
    with pytest.raises(UnknownName, match="no option of kth named 'alow_missing'; did you mean 'allow_missing'"):
        open_recordings("kth", tmp_path, alow_missing=True)


def test_options_are_those_of_the_reader_and_its_base():
    assert set(options("something_something_v2")) == {"videos", "allow_missing", "square_pixels", "conceal", "index"}
    assert "subject_from" in options("ntu60") and "conceal" not in options("ntu60")


@pytest.mark.parametrize("name", SOURCES)
def test_every_reader_keeps_the_contract(shared, tmp_path, name):
    extra = {"index": str(tmp_path / "index.json")} if "index" in options(name) else {}
    data = open_recordings(name, shared / "data/recordings" / FOLDERS[name], allow_missing=True, **extra)
    assert data.name == name and reader(name).title == data.title and data.modality in ("rgb", "skeleton")
    assert len(set(data.classes)) == len(data.classes) > 0 and data.splits
    assert data.labels is None or tuple(labels(data.labels).classes) == data.classes
    assert all(isinstance(remark, str) for remark in data.remarks())
    for split in data.splits:
        listed, missing, clips = data.listed(split), data.missing(split), data.clips(split)
        assert listed and len(listed) == len(missing) + len(clips)
        assert len({clip.name for clip in listed}) == len(listed) == len(set(listed))
        for clip in listed:
            assert clip.split == split and clip.group
            assert (clip.label is None) == (clip.class_name is None)
            assert clip.label is None or data.classes[clip.label] == clip.class_name
    with pytest.raises(UnknownName, match="no split"):
        data.clips("none")
