"""The aim of a motion: in the middle of the person, and the same when it was kept."""

import json

import pytest

from synth.aim import aim
from synth.factors import MotionRef


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
    path.write_text(json.dumps({**json.loads(path.read_text()), "duration_s": 99.0}))
    assert aim(ref, root="in_place", kept_in=tmp_path).duration_s == 99.0
    assert aim(ref, root="world", kept_in=tmp_path).duration_s == pytest.approx(fresh.duration_s)
