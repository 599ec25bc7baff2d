"""NTU RGB+D: published splits, the parity trap of Res-TCN, what is left out and said so."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.recordings import open_recordings
from experiments.recordings.errors import FrameCountError, ListError, RecordingsError
from synth.errors import UnknownName

# Setup, camera, person, action. Person 1 trains and 3 tests; setup 1 would train and 3 test; camera 1 tests.
NAMES = (
    "S001C001P001R001A001",
    "S001C002P003R001A060",
    "S003C003P001R002A050",
    "S003C001P003R002A002",
)
ONE = [[(5, 1.0)], [(5, 2.0), (6, 3.0)]]
CROWDED = [[(5, 1.0)], [(5, 1.0), (6, 2.0), (7, 3.0)]]


@pytest.fixture
def tree(tmp_path, make_skeleton):
    for name in NAMES:
        content = CROWDED if name == NAMES[2] else ONE
        (tmp_path / f"{name}.skeleton").write_bytes(make_skeleton(content).encode())
    return tmp_path


def split_names(data) -> dict[str, list[int]]:
    return {split: [NAMES.index(clip.name) for clip in data.clips(split)] for split in data.splits}


def test_published_splits(tree):
    data = open_recordings("ntu60", tree)
    assert split_names(data) == {
        "cross_subject_train": [0, 2],
        "cross_subject_test": [1, 3],
        "cross_view_train": [1, 2],
        "cross_view_test": [0, 3],
    }
    clip = data.clips("cross_subject_test")[0]
    assert (clip.label, clip.class_name, clip.group, clip.fps) == (59, data.classes[59], "P003", 30.0)
    assert clip.meta == {"setup": 1, "camera": 2, "person": 3, "repetition": 1}


def test_the_setup_for_the_person_as_res_tcn_had_it(tree):
    data = open_recordings("ntu60", tree, subject_from="S")
    assert split_names(data)["cross_subject_train"] == [0, 1]
    assert split_names(data)["cross_view_train"] == [1, 2]
    assert any("not the published split" in remark for remark in data.remarks())


def test_joints(tree):
    data = open_recordings("ntu60", tree)
    joints, fps = data.read(data.clips("cross_view_test")[0])
    assert joints.shape == (2, 2, 25, 3) and joints.dtype == np.float32 and fps == 30.0
    assert joints[:, :, 0, 0].tolist() == [[1, 0], [2, 3]]
    picked, _ = data.read(data.clips("cross_view_test")[0], [1, 1, 0])
    assert picked[:, 0, 0, 0].tolist() == [2, 2, 1]
    for wanted in ([2], [-1], []):
        with pytest.raises(FrameCountError, match="has 2 frames"):
            data.read(data.clips("cross_view_test")[0], wanted)


def test_recordings_that_end_crowded_are_left_out_where_asked_for(tree):
    data = open_recordings("ntu60", tree, drop_crowded=True, bodies="res_tcn")
    assert split_names(data)["cross_subject_train"] == [0]
    assert any("cross_subject_train: 1 recordings end with more than two" in remark for remark in data.remarks())


def test_excluded_names(tree):
    names = tree / "samples_with_missing_skeletons.txt"
    names.write_bytes(f"a heading\r\nof two lines\r\n{NAMES[0]}\r\n{NAMES[3]}.skeleton\r\n".encode())
    data = open_recordings("ntu60", tree, exclude=str(names))
    assert split_names(data)["cross_view_test"] == [] and "2 recordings are excluded by name" in data.remarks()[1]
    names.write_text(f"{NAMES[0]}\nS1C1\n", encoding="utf-8")
    with pytest.raises(ListError, match="line 2"):
        open_recordings("ntu60", tree, exclude=names)
    names.write_text("nothing\n", encoding="utf-8")
    with pytest.raises(RecordingsError, match="names no recording"):
        open_recordings("ntu60", tree, exclude=names)


def test_actions_of_the_larger_set_are_told_of(tree, make_skeleton):
    (tree / "S018C001P041R001A061.skeleton").write_bytes(make_skeleton(ONE).encode())
    assert any("1 recordings of actions beyond 60" in remark for remark in open_recordings("ntu60", tree).remarks())


def test_odd_names_empty_folders_and_misspelt_options(tree, tmp_path_factory):
    (tree / "S001.skeleton").touch()
    with pytest.raises(RecordingsError, match=r"S001\.skeleton is not named"):
        open_recordings("ntu60", tree)
    with pytest.raises(RecordingsError, match=r"holds no \.skeleton file"):
        open_recordings("ntu60", tmp_path_factory.mktemp("empty"))
    with pytest.raises(UnknownName, match="P: person, S: setup"):
        open_recordings("ntu60", tree, subject_from="R")


def test_real_recordings(shared):
    data = open_recordings("ntu60", shared / "data/recordings/ntu")
    clips = {clip.name: clip for split in data.splits[:2] for clip in data.clips(split)}
    assert len(clips) == 6
    lengths = {name[-4:]: data.read(clip)[0].shape[0] for name, clip in clips.items()}
    assert lengths == {"A001": 103, "A011": 82, "A058": 70, "A003": 100, "A034": 71, "A017": 124}
    both = {name: data.read(clip)[0][:, 1].any() for name, clip in clips.items()}
    assert [name for name, there in both.items() if there] == ["S001C003P008R002A058"]
    assert clips["S001C003P008R002A058"].class_name == data.classes[57]
    joints, _ = data.read(clips["S001C001P001R001A001"])
    assert joints[0, 0, 3, 1] > joints[0, 0, 0, 1]  # the head is above the base of the spine: y is up
    assert 0.5 < joints[..., 2][joints[..., 2] != 0].min() < joints[..., 2].max() < 6  # metres from the sensor
