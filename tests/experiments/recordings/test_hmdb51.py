"""HMDB51: views in file names, official split files, trees without them."""

from __future__ import annotations

import pytest

from experiments.recordings import open_recordings
from experiments.recordings.errors import ListError, RecordingsError
from experiments.recordings.hmdb51 import HMDB51
from synth.errors import UnknownName

FILES = {
    "golf": (
        "A_film_golf_f_nm_np1_fr_med_0.avi",
        "A_film_golf_f_cm_np2_ba_goo_1.avi",
        "odd!_golf_u_nm_np1_le_bad_0.avi",
    ),
    "shoot_bow": ("bow_shoot_bow_u_nm_np1_ri_med_12.avi",),
}


@pytest.fixture
def tree(tmp_path, make_video):
    for name, files in FILES.items():
        for file in files:
            make_video(tmp_path / name / file, 3)
    return tmp_path


@pytest.fixture
def lists(tree):
    """Split 1 of all classes; that of golf names its three clips as training, test and neither."""
    folder = tree / "testTrainMulti_7030_splits"
    folder.mkdir()
    for name in HMDB51(tree).classes:
        (folder / f"{name}_test_split1.txt").write_bytes(b"gone_clap_f_nm_np1_fr_med_0.avi 2 \r\n")
    lines = [f"{file} {use} " for file, use in zip(FILES["golf"], (1, 2, 0), strict=True)]
    (folder / "golf_test_split1.txt").write_text("\n".join(lines), encoding="utf-8")
    return folder


def test_without_split_files_there_is_one_split(tree):
    data = open_recordings("hmdb51", tree)
    assert data.splits == ("all",) and len(data.clips("all")) == 4
    assert "the only split is all" in data.remarks()[0]


def test_the_view_is_read_from_the_name(tree):
    clips = {clip.path.name: clip for clip in open_recordings("hmdb51", tree).clips("all")}
    front, back, left = (clips[name] for name in FILES["golf"])
    assert front.meta == {
        "view": "front", "body": "full", "static_camera": True, "people": 1, "quality": "medium", "azimuth_deg": 0.0
    }  # fmt: skip
    assert (back.meta["azimuth_deg"], back.meta["people"], back.meta["static_camera"]) == (180.0, 2, False)
    assert left.meta["view"] == "left" and "azimuth_deg" not in left.meta
    assert front.group == back.group == "A_film" and left.group == "odd!"
    bow = clips[FILES["shoot_bow"][0]]
    assert (bow.class_name, bow.group, bow.meta["view"]) == ("shoot_bow", "bow", "right")


def test_official_splits(tree, lists):
    data = open_recordings("hmdb51", tree, allow_missing=True)
    assert data.splits == ("train1", "test1", "all")
    assert [clip.path.name for clip in data.clips("train1")] == [FILES["golf"][0]]
    assert [clip.path.name for clip in data.clips("test1")] == [FILES["golf"][1]]
    assert len(data.missing("test1")) == 50
    assert data.remarks() == [f"1 files that no split file names: shoot_bow/{FILES['shoot_bow'][0]}"]


def test_split_files_that_lack_a_class_are_refused(tree, lists):
    (lists / "wave_test_split1.txt").unlink()
    with pytest.raises(RecordingsError, match=r"split 1 lacks the files of 1 of 51 classes \(wave"):
        open_recordings("hmdb51", tree)


def test_broken_split_files_are_refused_with_their_line(tree, lists):
    (lists / "golf_test_split1.txt").write_text("a.avi 1\nb.avi 3\n", encoding="utf-8")
    with pytest.raises(ListError, match=r"golf_test_split1\.txt, line 2.*0, 1 or 2"):
        open_recordings("hmdb51", tree).listed("train1")


def test_a_folder_that_is_no_class_is_refused_with_the_nearest(tree, make_video):
    make_video(tree / "gollf" / "a.avi", 2)
    with pytest.raises(UnknownName, match="did you mean 'golf'"):
        open_recordings("hmdb51", tree).clips("all")


def test_a_folder_without_videos_is_refused(tmp_path):
    with pytest.raises(RecordingsError, match="no class folder with videos"):
        open_recordings("hmdb51", tmp_path).clips("all")


def test_real_clips(shared, tmp_path):
    data = open_recordings("hmdb51", shared / "data/recordings/hmdb51", index=tmp_path / "index.json")
    views = {clip.class_name: clip.meta["view"] for clip in data.clips("all")}
    assert views == {"golf": "front", "punch": "back", "shoot_bow": "front"}
    assert {clip.class_name: len(data.read(clip)[0]) for clip in data.clips("all")} == {
        "golf": 89, "punch": 172, "shoot_bow": 81
    }  # fmt: skip
