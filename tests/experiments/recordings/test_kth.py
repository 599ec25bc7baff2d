"""KTH: 00sequences.txt with its oddities, ranges of frames, splits by subject."""

from __future__ import annotations

from collections import Counter

import pytest

from experiments.recordings import open_recordings
from experiments.recordings.errors import FrameCountError, ListError, MissingRecordings
from synth.errors import UnknownName

ODD = (
    "person01_boxing_d1\t\tframes\t1-3, 5-6",
    "",
    "person17_handwaving_d4    \tframes\t2-4",
    "person13_handclapping_d3\t*missing*",
    " person02_running_d2\tframes\t4-5, 1-2 ",
)


@pytest.fixture
def tree(tmp_path, make_video):
    make_video(tmp_path / "boxing" / "person01_boxing_d1_uncomp.avi", 6)
    make_video(tmp_path / "person17_handwaving_d4_uncomp.avi", 6)
    make_video(tmp_path / "running" / "person02_running_d2_uncomp.avi", 6)
    return write(tmp_path, *ODD)


def write(root, *lines):
    (root / "00sequences.txt").write_bytes("".join(f"{line}\r\n" for line in lines).encode())
    return root


def test_ranges_count_from_one_and_include_the_last(tree):
    data = open_recordings("kth", tree)
    clips = {clip.name: clip for clip in data.clips("train") + data.clips("test")}
    assert sorted(clips) == [
        "person01_boxing_d1#1", "person01_boxing_d1#2", "person02_running_d2#1", "person02_running_d2#2",
        "person17_handwaving_d4#1",
    ]  # fmt: skip
    first, second = clips["person01_boxing_d1#1"], clips["person01_boxing_d1#2"]
    assert (first.frames, first.num_frames, second.frames) == ((0, 2), 3, (4, 5))
    assert (first.label, first.class_name, first.group, first.fps) == (0, "boxing", "person01", 25.0)
    assert data.read(first)[0][:, 0, 0, 0].tolist() == [0, 10, 20]
    assert data.read(second)[0][:, 0, 0, 0].tolist() == [40, 50]
    assert data.read(second, [1, 0, 1])[0][:, 0, 0, 0].tolist() == [50, 40, 50]


def test_a_frame_outside_the_range_is_refused(tree):
    data = open_recordings("kth", tree)
    first = data.clips("train")[0]
    for wanted in ([3], [-1]):
        with pytest.raises(FrameCountError, match=r"boxing_d1#1: frame -?\d was asked for, of a clip of 3 frames"):
            data.read(first, wanted)


def test_splits_are_by_subject(tree):
    data = open_recordings("kth", tree)
    people = {split: sorted({clip.group for clip in data.clips(split)}) for split in data.splits}
    assert people == {
        "train": ["person01", "person02"],
        "test": ["person17"],
        "official_train": ["person17"],
        "official_validation": ["person01"],
        "official_test": ["person02"],
    }


def test_a_sequence_that_the_data_set_calls_missing_is_told(tree):
    assert open_recordings("kth", tree).remarks() == ["00sequences.txt itself calls person13_handclapping_d3 missing"]


def test_a_video_that_ends_before_its_ranges_is_refused(tree, make_video):
    make_video(tree / "boxing" / "person01_boxing_d1_uncomp.avi", 5)
    data = open_recordings("kth", tree)
    second = data.clips("train")[1]
    with pytest.raises(FrameCountError, match=r"boxing_d1_uncomp\.avi has 5 frames; frame 5"):
        data.read(second)
    with pytest.raises(FrameCountError, match=r"#2 ends at frame 6 \(from 1\)"):
        data.facts(second)


def test_missing_videos_are_counted_as_files(tree):
    (tree / "boxing" / "person01_boxing_d1_uncomp.avi").unlink()
    with pytest.raises(MissingRecordings, match=r"1 of 2 files are missing .* boxing/person01_boxing_d1_uncomp\.avi;"):
        open_recordings("kth", tree).clips("train")


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("person01_boxing_d1\tframes\t5-3", ListError),
        ("person01_boxing_d1\tframes\t0-3", ListError),
        ("person01_boxing_d1\tframes", ListError),
        ("person01_boxing_d1\t1-3", ListError),
        ("boxing 1-3", ListError),
        ("person01_boxng_d1\tframes\t1-3", UnknownName),
    ],
)
def test_broken_lines_are_refused(tree, line, error):
    with pytest.raises(error, match=r"line 2"):
        open_recordings("kth", write(tree, "person02_running_d2\tframes\t1-2", line))


def test_the_real_list(shared, tmp_path):
    data = open_recordings("kth", shared / "data/recordings/kth", allow_missing=True, index=tmp_path / "index.json")
    everything = data.listed("train") + data.listed("test")
    assert len(everything) == 2391 and len({clip.path for clip in everything}) == 599
    official = [data.listed(split) for split in data.splits if split.startswith("official")]
    assert sum(map(len, official)) == 2391
    assert Counter(clip.group for clip in everything).keys() == {f"person{n:02d}" for n in range(1, 26)}
    clips = data.clips("train")
    assert [clip.frames for clip in clips[:4]] == [(0, 94), (95, 184), (185, 244), (245, 359)]
    frames, fps = data.read(clips[3])
    assert frames.shape == (115, 120, 160, 3) and fps == 25.0
    assert {clip.class_name: data.facts(clip).num_frames for clip in clips} == {"boxing": 360, "handwaving": 581}
    assert "7 clips share frames" in data.remarks()[1]
