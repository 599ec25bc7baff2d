"""Data sets by name, the contract over all of them, and recordings as a set for training."""

from __future__ import annotations

import pytest

from experiments.labels import labels
from experiments.recordings import SOURCES, open_recordings
from experiments.recordings.errors import RecordingsError
from experiments.recordings.sets import RecordedClips, footage
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


def test_recordings_are_a_set_for_training(tmp_path, make_video):
    make_video(tmp_path / "squat" / "a.avi", 4)
    make_video(tmp_path / "jump" / "b.avi", 3)
    data = open_recordings("folders", tmp_path)
    clips = RecordedClips(data, data.clips("all"))
    assert len(clips) == 2 and clips.labels.tolist() == [0, 1]
    shown = clips.footage(1)
    assert shown.frames[:, 0, 0, 0].tolist() == [0, 10, 20, 30] and shown.fps == 25.0
    assert RecordedClips(data, data.clips("all"), classes=("walk", "squat", "jump")).labels.tolist() == [2, 1]
    with pytest.raises(UnknownName, match="'jump'"):
        RecordedClips(data, data.clips("all"), classes=("walk", "squat"))
    with pytest.raises(RecordingsError, match="no clips of folders"):
        RecordedClips(data, [])


def test_clips_without_a_label_train_nothing(shared, tmp_path):
    data = open_recordings(
        "something_something_v2",
        shared / "data/recordings/ssv2",
        allow_missing=True,
        index=tmp_path / "index.json",
    )
    with pytest.raises(RecordingsError, match="300 clips without a label"):
        RecordedClips(data, data.listed("test"))


def test_skeletons_are_two_actors_joints_in_a_row(tmp_path, make_skeleton):
    text = make_skeleton([[(5, 1.0), (6, 3.0)]])
    (tmp_path / "S001C001P001R001A002.skeleton").write_bytes(text.encode())
    data = open_recordings("ntu60", tmp_path)
    shown = footage(data, data.clips("cross_view_test")[0])
    assert shown.frames is None and shown.joints.shape == (1, 50, 3) and shown.fps == 30.0
    assert shown.joints[0, [0, 25], 0].tolist() == [1.0, 3.0]
