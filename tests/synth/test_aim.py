"""The aim of a motion: in the middle of the person, and the same when it was kept."""

import json
from pathlib import Path

import pytest

from synth.aim import DIGEST, _digest_of, aim
from synth.factors import MotionRef
from synth.motion import objects


def test_a_standing_person_is_seen_at_half_height_and_one_who_lies_low_down():
    wave = aim(MotionRef(activity="wave"), root="in_place")
    push_up = aim(MotionRef(activity="push_up"), root="in_place")
    assert 0.75 < wave.look_at_m[2] < 1.15 and wave.cyclic and wave.duration_s >= 4
    assert 0.1 < push_up.look_at_m[2] < 0.5


def test_what_was_kept_is_what_was_measured_and_is_read_again(tmp_path):
    ref = MotionRef(activity="squat", variant="held-1")
    fresh = aim(ref, root="in_place", kept_in=tmp_path)
    assert fresh == aim(ref, root="in_place")
    (path,) = tmp_path.iterdir()
    longer = {**json.loads(path.read_text()), "duration_s": 99.0}
    del longer[DIGEST]
    path.write_text(json.dumps({**longer, DIGEST: _digest_of(longer)}))
    assert aim(ref, root="in_place", kept_in=tmp_path).duration_s == 99.0
    assert aim(ref, root="world", kept_in=tmp_path).duration_s == pytest.approx(fresh.duration_s)


def test_a_changed_digit_is_found_and_measured_anew(tmp_path, caplog):
    ref = MotionRef(activity="squat", variant="held-1")
    fresh = aim(ref, root="in_place", kept_in=tmp_path)
    (path,) = tmp_path.iterdir()
    path.write_text(path.read_text().replace(str(fresh.duration_s), str(fresh.duration_s + 1)))
    assert aim(ref, root="in_place", kept_in=tmp_path) == fresh
    assert "sha256 differs" in caplog.text


@pytest.mark.parametrize("content", ["", "{", "[1]", '"a"', '{"look_at_m": 5}'])
def test_a_damaged_file_is_measured_anew(tmp_path, content):
    ref = MotionRef(activity="squat", variant="held-1")
    fresh = aim(ref, root="in_place", kept_in=tmp_path)
    (path,) = tmp_path.iterdir()
    path.write_text(content)
    assert aim(ref, root="in_place", kept_in=tmp_path) == fresh
    assert json.loads(path.read_text())["duration_s"] == fresh.duration_s


def test_what_was_kept_is_measured_anew_when_the_objects_are_others(tmp_path, monkeypatch):
    ref = MotionRef(activity="climb_ladder", variant="held-1")
    aim(ref, root="in_place", kept_in=tmp_path)
    other = tmp_path / "objects.py"
    other.write_text(Path(objects.__file__).read_text() + "# a ladder whose rungs are further apart\n")
    monkeypatch.setattr(objects, "__file__", str(other))
    aim(ref, root="in_place", kept_in=tmp_path)
    assert len(list(tmp_path.glob("*.json"))) == 2
