"""What an engine cannot do of a study is said at once, all of it, by name."""

import dataclasses

import pytest

from synth.engine import EngineLacks, load_profile, require
from synth.errors import UnknownName
from synth.factors import ClipSpec, Manner, MotionRef

BASE = ClipSpec(motion=MotionRef(activity="squat"))
EVERYTHING = ("frames", "mask", "depth", "normal", "flow", "parts", "foreground", "background", "joints", "joints2d")


def lacking(name, *specs, passes=("frames",)):
    with pytest.raises(EngineLacks) as caught:
        require(load_profile(name), specs or [BASE], passes)
    return caught.value


def test_the_stage_lacks_nothing(plain_profile):
    hard = dataclasses.replace(BASE, props="ladder", manner=Manner(phase=0.5, mirror=True))
    for profile in (load_profile("stage"), plain_profile):
        assert require(profile, [BASE, hard], EVERYTHING) is None  # it raises where something is lacking


def test_public_binaries_have_no_exact_time_and_no_motion():
    error = lacking("unrealzoo", passes=("frames", "depth", "flow"))
    assert error.lacking["show an exact time"] == ("set_time",)
    assert {"choose the motion", "set the light", "give the pass 'flow'"} <= set(error.lacking)
    assert "give the pass 'depth'" not in error.lacking
    assert "unrealzoo.yaml" in str(error) and "show an exact time: no command 'set_time'" in str(error)


def test_ipt2019_tells_no_identity():
    assert {"identity", "digest", "set_time", "set_motion"} <= {
        name for names in lacking("ipt2019").lacking.values() for name in names
    }


def test_everything_that_is_missing_is_in_one_message():
    hard = dataclasses.replace(BASE, props="ladder", manner=Manner(phase=0.5, freeze="head"))
    said = str(lacking("unrealzoo", BASE, hard, passes=EVERYTHING))
    for words in ("props = 'ladder'", "manner.phase = 0.5", "manner.freeze = 'head'", "'joints2d' (it needs 'parts')"):
        assert words in said


def test_a_tempo_needs_nothing():
    assert "manner" not in str(lacking("unrealzoo", dataclasses.replace(BASE, manner=Manner(tempo=2.0))))


def test_a_pass_that_there_is_not_is_answered_with_the_nearest():
    with pytest.raises(UnknownName, match="did you mean 'depth'"):
        require(load_profile("stage"), [BASE], ["dept"])
