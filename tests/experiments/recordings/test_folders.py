"""Plain folders: classes by folder, splits by folder, tables."""

from __future__ import annotations

import pytest

from experiments.recordings import open_recordings
from experiments.recordings.errors import FrameCountError, ListError, MissingRecordings, RecordingsError
from synth.errors import UnknownName


@pytest.fixture
def tree(tmp_path, make_video):
    for name in ("squat/b.mp4.avi", "squat/a.avi", "jump/c.mkv"):
        make_video(tmp_path / name, 4)
    return tmp_path


def table(root, *lines):
    (root / "recordings.csv").write_bytes("".join(f"{line}\r\n" for line in lines).encode())
    return root


def test_a_folder_is_a_class(tree):
    data = open_recordings("folders", tree)
    assert data.classes == ("jump", "squat") and data.splits == ("all",) and data.labels is None
    assert [(c.name, c.label, c.class_name) for c in data.clips("all")] == [
        ("jump/c", 0, "jump"), ("squat/a", 1, "squat"), ("squat/b.mp4", 1, "squat")
    ]  # fmt: skip
    assert len(data.read(data.clips("all")[0])[0]) == 4 and data.remarks() == []


def test_folders_of_splits(tmp_path, make_video):
    for name in ("train/squat/a.avi", "train/jump/b.avi", "val/squat/c.avi"):
        make_video(tmp_path / name, 2)
    data = open_recordings("folders", tmp_path)
    assert data.splits == ("train", "val") and data.classes == ("jump", "squat")
    assert [clip.name for clip in data.clips("val")] == ["val/squat/c"]


def test_classes_can_be_held_to_a_published_list(tmp_path, make_video):
    make_video(tmp_path / "PushUps" / "a.avi", 2)
    data = open_recordings("folders", tmp_path, labels="ucf101")
    assert data.labels == "ucf101" and data.clips("all")[0].label == data.classes.index("PushUps") == 71
    make_video(tmp_path / "PushUp" / "b.avi", 2)
    with pytest.raises(UnknownName, match=r"'PushUp'; did you mean 'PushUps'.*labels=ucf101"):
        open_recordings("folders", tmp_path, labels="ucf101")
    with pytest.raises(UnknownName, match="did you mean 'ucf101'"):
        open_recordings("folders", tmp_path, labels="ucf10")


def test_folders_without_videos_are_refused(tree, tmp_path_factory):
    (tree / "empty").mkdir()
    with pytest.raises(RecordingsError, match=r"empty is empty: no video"):
        open_recordings("folders", tree)
    with pytest.raises(RecordingsError, match="has no folders; expected one per class"):
        open_recordings("folders", tmp_path_factory.mktemp("bare"))


def test_files_that_are_no_videos_are_told_of(tree, make_video):
    (tree / "squat" / "notes.txt").touch()
    make_video(tree / "stray.avi", 2)
    data = open_recordings("folders", tree)
    data.facts(data.clips("all")[0])
    data.close()  # its own file is no stray
    (remark,) = open_recordings("folders", tree).remarks()
    assert remark.startswith("2 files that are no videos") and "stray.avi" in remark and "squat/notes.txt" in remark


ROWS = (
    "file,activity,azimuth_deg,person,split,frames,fps,note",
    'jump/c.mkv,"sit/stand, jump",-90,A,train,4,25.0,"a, b"',
    "squat/a.avi,squat,,A,test,,,",
    "squat/b.mp4.avi,squat,450,,test,4,25,",
)


def test_a_table_says_what_files_show(tree):
    data = open_recordings("folders", table(tree, *ROWS))
    assert data.classes == ("sit/stand, jump", "squat") and data.splits == ("train", "test")
    (jump,), (a, b) = data.clips("train"), data.clips("test")
    assert (jump.class_name, jump.group, jump.num_frames, jump.fps) == ("sit/stand, jump", "A", 4, 25.0)
    assert jump.meta == {"azimuth_deg": 270.0, "note": "a, b"}
    assert a.meta == {} and a.num_frames is None and a.group == "A"
    assert b.meta == {"azimuth_deg": 90.0} and b.group == "squat/b.mp4"


def test_a_table_can_be_left_aside(tree):
    assert open_recordings("folders", table(tree, *ROWS), table="none").classes == ("jump", "squat")


def test_a_video_with_another_number_of_frames_is_refused(tree):
    data = open_recordings("folders", table(tree, ROWS[0], ROWS[1].replace(",4,", ",5,")))
    (clip,) = data.clips("train")
    for reading in (data.read, data.facts):
        with pytest.raises(FrameCountError, match=r"c\.mkv has 4 frames; the list says 5"):
            reading(clip)
    assert len(data.read(clip, [0, 1])[0]) == 2


def test_missing_and_unlisted_files(tree):
    data = open_recordings("folders", table(tree, *ROWS[:2], "squat/z.avi,squat,0,B,test,,,"))
    with pytest.raises(MissingRecordings, match=r"split test: 1 of 1 files .*squat/z\.avi"):
        data.clips("test")
    assert data.remarks() == ["2 files that recordings.csv does not name: squat/a.avi, squat/b.mp4.avi"]


@pytest.mark.parametrize(
    ("lines", "error", "why"),
    [
        (("name,class", "a,b"), RecordingsError, "has the columns name, class; expected file and class"),
        (("file,class",), RecordingsError, "has no rows"),
        (("file,class", "a.avi"), ListError, "line 2.*as many cells"),
        (("file,class", "a.avi,b,c"), ListError, "line 2.*as many cells"),
        (("file,class", "a.avi,"), ListError, "line 2.*a file and its class"),
        (("file,class,azimuth_deg", "a.avi,b,left"), ListError, "line 2: 'left'; expected a number as azimuth_deg"),
        (("file,class,azimuth_deg", "a.avi,b,nan"), ListError, "line 2: 'nan'"),
        (("file,class,frames", "a.avi,b,2.5"), ListError, "a whole number of frames"),
        (("file,class", "a.avi,b", "a.avi,c"), RecordingsError, "more than once"),
        (("file,class", 'a.avi,"b'), RecordingsError, "after line 1: unexpected end"),
    ],
)
def test_broken_tables_are_refused(tree, lines, error, why):
    with pytest.raises(error, match=rf"recordings\.csv.*{why}"):
        open_recordings("folders", table(tree, *lines))


def test_an_empty_table_and_one_that_is_not_there(tree):
    (tree / "recordings.csv").touch()
    with pytest.raises(RecordingsError, match="expected file and class"):
        open_recordings("folders", tree)
    with pytest.raises(RecordingsError, match=r"clips\.csv is not there"):
        open_recordings("folders", tree, table="clips.csv")


def test_the_real_table(shared, tmp_path):
    data = open_recordings("folders", shared / "data/recordings", index=tmp_path / "index.json")
    clips = data.clips("all")
    assert len(clips) == 57
    pushups = [clip for clip in clips if clip.class_name == "push-up"]
    assert len(pushups) == 16 and {clip.group for clip in pushups} >= {"A", "B"}
    howling = {clip.name.rsplit("/", 1)[1]: clip.meta["azimuth_deg"] for clip in pushups if "howling" in clip.name}
    assert howling == {"front": 0.0, "left": 90.0, "right": 270.0}
    assert "odd/bgslibrary_demo_rawvideo48x48.avi" in data.remarks()[0]
    small = next(clip for clip in clips if clip.name == "pushup_ucflike/wrong_103")
    assert data.facts(small).num_frames == small.num_frames == len(data.read(small)[0]) == 67
