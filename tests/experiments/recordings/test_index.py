"""The index of videos: what is asked again and what is not."""

from __future__ import annotations

import json
import logging
import os

import pytest

from experiments.recordings.errors import RecordingsError, VideoCrash, VideoError
from experiments.recordings.index import FILE, VideoIndex, _made_by
from experiments.recordings.video import AS_STORED, Decoding, VideoFacts


class Asked:
    """A prober that counts; files named bad* are damaged, crash* end it."""

    def __init__(self, decoding: Decoding = AS_STORED):
        self.decoding, self.names = decoding, []

    def facts(self, path):
        self.names.append(path.name)
        if path.name.startswith("bad"):
            raise VideoError(f"{path} is damaged")
        if path.name.startswith("crash"):
            raise VideoCrash(f"{path} ended the process")
        return VideoFacts(num_frames=len(self.names), fps=25.0, width=2, height=2, codec="toy")

    def close(self):
        pass


@pytest.fixture
def folder(tmp_path):
    for name in ("a.avi", "b.avi", "bad.avi", "crash.avi"):
        (tmp_path / name).write_bytes(b"12")
    return tmp_path


def test_a_file_is_probed_once_and_remembered_by_the_next_run(folder):
    index = VideoIndex(folder, prober=(asked := Asked()))
    assert [index.facts(folder / "a.avi").num_frames for _ in range(3)] == [1, 1, 1]
    index.close()
    again = VideoIndex(folder, prober=(later := Asked()))
    assert again.facts(folder / "a.avi").num_frames == 1
    assert (asked.names, later.names) == (["a.avi"], [])
    assert [path.name for path in folder.iterdir() if "part" in path.name] == []


def test_a_file_that_changed_is_probed_again(folder):
    index = VideoIndex(folder, prober=(asked := Asked()))
    index.facts(folder / "a.avi")
    (folder / "a.avi").write_bytes(b"123")
    index.facts(folder / "a.avi")
    os.utime(folder / "a.avi", ns=(1, 1))
    index.facts(folder / "a.avi")
    assert asked.names == ["a.avi"] * 3


def test_damage_is_remembered_and_a_crash_is_not(folder):
    index = VideoIndex(folder, prober=Asked())
    for name, error in (("bad.avi", VideoError), ("crash.avi", VideoCrash)):
        with pytest.raises(error, match=name):
            index.facts(folder / name)
    index.close()
    again = VideoIndex(folder, prober=(asked := Asked()))
    for name, error in (("bad.avi", VideoError), ("crash.avi", VideoCrash)):
        with pytest.raises(error, match=name):
            again.facts(folder / name)
    assert asked.names == ["crash.avi"]


def test_another_way_of_decoding_starts_anew(folder):
    index = VideoIndex(folder, prober=Asked())
    index.facts(folder / "a.avi")
    index.close()
    again = VideoIndex(folder, prober=(asked := Asked(Decoding(conceal=True))))
    again.facts(folder / "a.avi")
    assert asked.names == ["a.avi"]


def test_a_missing_file_is_named(folder):
    with pytest.raises(VideoError, match=r"none\.avi is not there"):
        VideoIndex(folder, prober=Asked()).facts(folder / "none.avi")


@pytest.mark.parametrize("text", ["{", "[]", json.dumps({"videos": {}})])
def test_a_file_that_is_no_index_is_refused(folder, text):
    (folder / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(RecordingsError, match=f"{FILE}.*delete it"):
        VideoIndex(folder, prober=Asked())


def test_a_folder_that_cannot_be_written_is_told_once(folder, caplog):
    index = VideoIndex(folder, file=folder / "none" / "index.json", prober=Asked())
    with caplog.at_level(logging.WARNING):
        for name in ("a.avi", "b.avi"):
            index.facts(folder / name)
            index.close()
    assert sum("cannot be written" in record.message for record in caplog.records) == 1
    assert index.facts(folder / "a.avi").num_frames == 1


@pytest.mark.parametrize("entry", [5, {"facts": {}}, {"state": [1, 2], "facts": {"x": 1}}, {"error": "no state"}])
def test_an_entry_of_somebody_else_that_is_none_is_refused(folder, entry):
    VideoIndex(folder, prober=Asked()).close()
    made = {"made_by": _made_by(AS_STORED), "videos": {"a.avi": entry}}
    (folder / FILE).write_text(json.dumps(made), encoding="utf-8")
    with pytest.raises(RecordingsError, match="is no index of videos"):
        VideoIndex(folder, prober=Asked())
