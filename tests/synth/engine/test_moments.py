"""Which moments of a clip are asked for: none twice."""

import numpy as np
import pytest

from synth.engine.moments import moments, period


def times(count, fps=25.0, start=0.0):
    return np.round(start + np.arange(count) / fps, 6).tolist()


def test_a_motion_that_does_not_repeat_is_asked_for_whole():
    known = moments(times(10), cycle_s=0.0, pairs=True)
    assert known.asked == tuple(times(10))
    assert known.frames.tolist() == list(range(10)) and known.pairs.tolist() == list(range(9))


@pytest.mark.parametrize("start", [0.0, 0.013, 7.777777])
def test_twenty_poses_of_a_cycle_are_asked_for_once(start):
    known = moments(times(100, start=start), cycle_s=0.8, pairs=False)
    assert known.asked == tuple(times(20, start=start))
    assert known.frames.tolist() == list(range(20)) * 5


def test_flow_needs_the_moment_after_the_last_pose_too():
    known = moments(times(100), cycle_s=0.8, pairs=True)
    assert known.asked == tuple(times(21)) and known.pairs.tolist() == (list(range(20)) * 5)[:99]
    exactly_one = moments(times(20), cycle_s=0.8, pairs=True)
    assert exactly_one.asked == tuple(times(20)) and exactly_one.pairs.tolist() == list(range(19))


def test_a_cycle_that_is_no_whole_number_of_frames_repeats_after_several():
    assert period(np.array(times(100)), 1.0) == 25
    assert period(np.array(times(100)), 0.5) == 25
    assert period(np.array(times(100)), 0.777) == 100
    assert period(np.array(times(300, fps=30.0)), 1.1) == 33, "times with a third behind the point"


def test_equal_times_are_one_pose():
    assert moments([0.5, 0.5, 0.5], cycle_s=0.0, pairs=False).asked == (0.5,)
    assert moments([0.0, 0.0, 0.04], cycle_s=0.0, pairs=False).asked == (0.0, 0.0, 0.04), "not periodic"
    assert moments([1.0], cycle_s=0.8, pairs=True).asked == (1.0,)
