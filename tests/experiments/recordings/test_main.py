"""The command line of real data."""

from __future__ import annotations

import pytest

from experiments.recordings.__main__ import main


@pytest.fixture
def tree(tmp_path, make_video):
    for name in ("squat/a.avi", "squat/b.avi", "jump/c.avi"):
        make_video(tmp_path / name, 4)
    rows = ["file,class,split", "squat/a.avi,squat,train", "jump/c.avi,jump,train", "jump/d.avi,jump,test"]
    (tmp_path / "recordings.csv").write_text("\n".join(rows), encoding="utf-8")
    return tmp_path


def test_without_arguments_the_data_sets_are_listed(capsys):
    assert main([]) == 0
    said = capsys.readouterr().out
    assert "python -m experiments.recordings list" in said
    assert all(name in said for name in ("ucf101", "hmdb51", "kth", "something_something_v2", "ntu60", "folders"))
    assert "subject_from, bodies, drop_crowded" in said


def test_list_shows_classes_splits_and_what_is_missing(tree, capsys):
    assert main(["list", "folders", f"root={tree}"]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0] == f"folders: plain folders, 2 classes, in {tree}"
    assert [line.split() for line in said[2:6]] == [
        ["class", "train", "test"],
        ["jump", "1", "of", "1", "0", "of", "1"],
        ["squat", "1", "of", "1", "0", "of", "0"],
        ["all", "2", "of", "2", "0", "of", "1"],
    ]
    assert said[6] == f"missing in test: 1 files, expected below {tree}: jump/d.avi"
    assert said[7] == "remark: 1 files that recordings.csv does not name: squat/b.avi"


def test_list_of_clips_without_a_label(shared, tmp_path, capsys):
    root = shared / "data/recordings/ssv2"
    assert main(["list", "something_something_v2", f"root={root}", f"index={tmp_path / 'i'}"]) == 1
    assert "(no label)" in capsys.readouterr().out


def test_options_are_taken(tree, capsys):
    assert main(["list", "folders", f"root={tree}", "table=none"]) == 0
    assert "2 of 2" in capsys.readouterr().out
    assert main(["list", "folders", f"root={tree}", "tabel=none"]) == 2
    assert "UnknownName: there is no option of folders named 'tabel'; did you mean 'table'" in capsys.readouterr().err


def test_probe_names_damaged_files_and_fills_the_index(tree, capsys):
    (tree / "squat" / "a.avi").write_bytes(b"no video")
    for _ in range(2):
        assert main(["probe", "folders", f"root={tree}", "table=none"]) == 1
        said = capsys.readouterr().out.splitlines()
        assert said[0].startswith("VideoError: ") and "squat/a.avi" in said[0]
        assert said[1] == "3 files, 1 of them damaged; 8 frames in the others"
    assert (tree / "ceteris_videos.json").is_file()


def test_probe_checks_what_the_list_says(tmp_path, make_video, capsys):
    make_video(tmp_path / "boxing" / "person01_boxing_d1_uncomp.avi", 6)
    (tmp_path / "00sequences.txt").write_text("person01_boxing_d1 frames 1-3, 4-9\n", encoding="utf-8")
    assert main(["probe", "kth", f"root={tmp_path}"]) == 1
    assert "FrameCountError" in capsys.readouterr().out


def test_mistakes(tree, shared, capsys):
    assert main(["list", "folders"]) == 2
    assert main(["show", "folders", f"root={tree}"]) == 2
    assert "no command named 'show'" in capsys.readouterr().err
    assert main(["list", "folders", f"root={tree / 'none'}"]) == 2
    assert "is not there; expected the folder of a data set" in capsys.readouterr().err
    assert main(["probe", "ntu60", f"root={shared / 'data/recordings/ntu'}"]) == 2
    assert "holds no videos" in capsys.readouterr().err
