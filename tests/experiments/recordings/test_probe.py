"""The child process: what it answers, and that its death is the file's fault and not the run's."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from experiments.recordings.errors import RecordingsError, VideoCrash, VideoError
from experiments.recordings.probe import Prober
from experiments.recordings.video import Decoding, probe_video

# A child that dies of files named crash*, never answers for slow*, and knows the facts of all others.
CHILD = """
import json, os, sys, time
print("ready", flush=True)
for line in sys.stdin:
    name = os.path.basename(json.loads(line)["path"])
    if name.startswith("crash"):
        sys.stderr.write("free(): corrupted"); sys.stderr.flush(); os.abort()
    if name.startswith("slow"):
        time.sleep(60)
    facts = {"num_frames": os.getpid(), "fps": 25.0, "width": 2, "height": 2, "codec": "toy"}
    print(json.dumps({"facts": facts}), flush=True)
"""


def toy(deadline_s: float = 20.0) -> Prober:
    return Prober(deadline_s=deadline_s, command=(sys.executable, "-c", CHILD))


def test_the_child_finds_what_the_parent_would(tmp_path, make_video):
    path = make_video(tmp_path / "v.mkv")
    (tmp_path / "bad.avi").write_text("no video", encoding="utf-8")
    with Prober() as prober:
        assert prober.facts(path) == probe_video(path)
        with pytest.raises(VideoError, match=r"bad\.avi.*cannot be opened"):
            prober.facts(tmp_path / "bad.avi")
        assert prober.facts(path).num_frames == 6  # the child lives on


def test_the_child_decodes_as_it_is_told(tmp_path, encode_video):
    rng = np.random.default_rng(0)
    path = encode_video(tmp_path / "v.avi", [rng.integers(0, 255, (48, 48, 3), dtype=np.uint8) for _ in range(20)])
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with Prober() as prober, pytest.raises(VideoError, match="fetch it again"):
        prober.facts(path)
    with Prober(Decoding(conceal=True)) as prober:
        assert 0 < prober.facts(path).num_frames < 20


def test_a_crash_names_the_file_and_the_next_file_gets_a_new_child(tmp_path):
    with toy() as prober:
        before = prober.facts(tmp_path / "a.avi").num_frames
        with pytest.raises(VideoCrash, match=r"crash\.avi.*signal 6: free\(\): corrupted"):
            prober.facts(tmp_path / "crash.avi")
        after = [prober.facts(tmp_path / name).num_frames for name in ("b.avi", "c.avi")]
    assert before != after[0] == after[1]


def test_a_file_that_takes_too_long_is_given_up(tmp_path):
    with toy(deadline_s=0.5) as prober:
        with pytest.raises(VideoCrash, match=r"slow\.avi.*0\.5 s"):
            prober.facts(tmp_path / "slow.avi")
        assert prober.facts(tmp_path / "a.avi").codec == "toy"


def test_a_child_that_does_not_start_is_no_fault_of_the_file(tmp_path):
    prober = Prober(command=(sys.executable, "-c", "raise SystemExit('no module')"))
    with pytest.raises(RecordingsError, match=r"does not start.*no module") as caught:
        prober.facts(tmp_path / "a.avi")
    assert not isinstance(caught.value, VideoError)


def test_the_file_that_ends_opencv_is_read(shared):
    """OpenCV 4.14 and 5.0.0 corrupt their heap on it."""
    with Prober() as prober:
        facts = prober.facts(shared / "data" / "recordings" / "odd" / "bgslibrary_demo_rawvideo48x48.avi")
    assert (facts.num_frames, facts.width, facts.height) == (51, 48, 48)
