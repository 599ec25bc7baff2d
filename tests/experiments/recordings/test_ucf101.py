"""UCF101: its lists as they are (CR LF, two spellings, numbers from 1), broken lists, and the real ones."""

from __future__ import annotations

import pytest

from experiments.recordings import open_recordings
from experiments.recordings.errors import ListError, MissingRecordings, RecordingsError
from synth.errors import UnknownName

CLIPS = ("Archery/v_Archery_g01_c01.avi", "HandstandPushups/v_HandStandPushups_g08_c02.avi")


@pytest.fixture
def tree(tmp_path, make_video):
    """Two clips on disk; a list of three, and one for testing."""
    for name in CLIPS:
        make_video(tmp_path / "UCF-101" / name, 5)
    write(tmp_path, "classInd.txt", "1 ApplyEyeMakeup", "3 Archery", "37 HandstandPushups")
    write(tmp_path, "trainlist01.txt", f"{CLIPS[0]} 3", "Archery/v_Archery_g02_c01.avi 3")
    write(tmp_path, "testlist01.txt", CLIPS[1])
    return tmp_path


def write(root, name, *lines):
    (root / "ucfTrainTestlist").mkdir(exist_ok=True)
    (root / "ucfTrainTestlist" / name).write_bytes("".join(f"{line}\r\n" for line in lines).encode())


def test_clips_of_the_lists(tree):
    data = open_recordings("ucf101", tree, allow_missing=True)
    assert data.splits == ("train01", "test01") and len(data.classes) == 101 and data.labels == "ucf101"
    train, test = data.clips("train01"), data.clips("test01")
    assert [(c.name, c.label, c.class_name, c.group) for c in train] == [
        ("Archery/v_Archery_g01_c01", 2, "Archery", "Archery/g01")
    ]
    assert (test[0].label, test[0].class_name, test[0].group) == (36, "HandstandPushups", "HandstandPushups/g08")
    frames, fps = data.read(train[0])
    assert frames[:, 0, 0, 0].tolist() == [0, 10, 20, 30, 40] and fps == 25.0
    assert data.facts(test[0]).num_frames == 5


def test_missing_files_are_refused_or_reported(tree):
    with pytest.raises(
        MissingRecordings, match=r"train01: 1 of 2 files .* UCF-101/Archery/v_Archery_g02_c01\.avi; put"
    ):
        open_recordings("ucf101", tree).clips("train01")
    data = open_recordings("ucf101", tree, allow_missing=True)
    assert [c.path.name for c in data.missing("train01")] == ["v_Archery_g02_c01.avi"]
    assert len(data.listed("train01")) == 2 and len(data.clips("train01")) == 1


def test_a_copy_that_spells_files_like_their_class_is_found(tree):
    folder = tree / "UCF-101" / "HandstandPushups"
    (folder / "v_HandStandPushups_g08_c02.avi").rename(folder / "v_HandstandPushups_g08_c02.avi")
    (clip,) = open_recordings("ucf101", tree).clips("test01")
    assert clip.path.name == "v_HandstandPushups_g08_c02.avi"
    assert clip.name == "HandstandPushups/v_HandStandPushups_g08_c02"


def test_a_split_without_a_list_is_named(tree):
    with pytest.raises(UnknownName, match="'train02'; did you mean 'train01'"):
        open_recordings("ucf101", tree).clips("train02")


@pytest.mark.parametrize(
    ("line", "error", "why"),
    [
        ("Archery/v_Archery_g01_c01.avi 4", ListError, r"trainlist01\.txt, line 2.*number 3"),
        ("Archry/v_Archry_g01_c01.avi 3", UnknownName, r"did you mean 'Archery'.*line 2"),
        ("v_Archery_g01_c01.avi", ListError, "line 2.*gNN_cNN"),
        (f"{CLIPS[0]} 3", RecordingsError, "names 1 clips more than once: Archery/v_Archery_g01_c01"),
    ],
)
def test_broken_lists_are_refused_with_their_line(tree, line, error, why):
    write(tree, "trainlist01.txt", f"{CLIPS[0]} 3", line)
    with pytest.raises(error, match=why):
        open_recordings("ucf101", tree).listed("train01")


@pytest.mark.parametrize(
    ("line", "error", "why"),
    [("2 Archery", ListError, "'3 Archery', as published"), ("3 Archry", UnknownName, "did you mean 'Archery'")],
)
def test_numbers_that_are_not_the_published_ones_are_refused(tree, line, error, why):
    write(tree, "classInd.txt", "1 ApplyEyeMakeup", line)
    with pytest.raises(error, match=why):
        open_recordings("ucf101", tree)


def test_videos_that_no_list_names_are_told(tree, make_video):
    make_video(tree / "UCF-101" / "Archery" / "v_Archery_g07_c01.avi")
    (remark,) = open_recordings("ucf101", tree).remarks()
    assert remark == "1 files that no list names: UCF-101/Archery/v_Archery_g07_c01.avi"


def test_folders_that_are_not_there_are_named(tmp_path):
    (tmp_path / "UCF-101").mkdir()
    with pytest.raises(RecordingsError, match=r"classInd\.txt cannot be read"):
        open_recordings("ucf101", tmp_path)
    with pytest.raises(RecordingsError, match="is not there; expected the folder of a data set"):
        open_recordings("ucf101", tmp_path / "none")


def test_the_real_lists(shared, tmp_path):
    data = open_recordings(
        "ucf101", shared / "data/recordings/ucf101", allow_missing=True, index=tmp_path / "index.json"
    )
    assert [len(data.listed(split)) for split in ("train01", "test01")] == [9537, 3783]
    assert [clip.name for clip in data.clips("train01")] == ["Rowing/v_Rowing_g16_c03"]
    assert len(data.clips("test01")) == 14
    groups = [{clip.group for clip in data.listed(split)} for split in data.splits]
    assert not groups[0] & groups[1] and len(groups[0] | groups[1]) == 101 * 25
    handstands = [c for c in data.listed("test01") if c.class_name == "HandstandPushups"]
    assert {c.path.name[:19] for c in handstands} == {"v_HandStandPushups_"}
    frames, fps = data.read(data.clips("train01")[0], [0, 134])
    assert frames.shape == (2, 240, 320, 3) and fps == 25.0
