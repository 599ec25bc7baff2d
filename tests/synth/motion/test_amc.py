"""The AMC reader on a toy whose pose is known by hand, on real trials, and on broken files."""

from __future__ import annotations

import numpy as np
import pytest

from synth.assets import cmu as database
from synth.motion.amc import read_amc, trial_fps
from synth.motion.asf import INCH_M, read_asf
from synth.motion.files import MotionFileError
from synth.motion.performance import Performance

UNIT_M = INCH_M / 0.45
SEGMENT_SHARES = {  # of the body's mass, per cent (Dempster 1955, rounded)
    "root": 9, "lowerback": 14, "upperback": 14, "thorax": 14, "head": 7, "lfemur": 10, "rfemur": 10, "ltibia": 4.5,
    "rtibia": 4.5, "lfoot": 1.4, "rfoot": 1.4, "lhumerus": 2.8, "rhumerus": 2.8, "lradius": 1.6, "rradius": 1.6,
}  # fmt: skip


@pytest.fixture
def toy(write, asf_text):
    return read_asf(write("toy.asf", asf_text))


def test_a_pose_known_by_hand(write, toy, amc_text):
    """Frame 2: the root turns left by 90 degrees about the vertical, the spine then leans over its own z."""
    motion = read_amc(write("02_01.amc", amc_text), toy)
    assert (len(motion), motion.fps, motion.kind) == (2, 120.0, "cmu")
    assert motion.root == pytest.approx(np.array([[0, 0, 10], [2, 1, 10]]) * UNIT_M)
    matrices = motion.matrices()
    assert matrices[0] == pytest.approx(np.tile(np.eye(3), (3, 1, 1)))
    # file frame: Ry(90) Rz(90) takes y to -x, then -x to z, which is our forward.
    assert matrices[1, 1] @ [0.0, 0.0, 1.0] == pytest.approx([1.0, 0.0, 0.0], abs=1e-12)


def test_channels_turn_about_the_bones_own_axis(write, toy, amc_text):
    """`arm` has one channel, x, about its axis turned by Rz(90): that is the file's y, our vertical."""
    text = amc_text.replace("arm 0", "arm 90", 1)
    motion = read_amc(write("02_01.amc", text), toy)
    assert motion.matrices()[0, 2] @ [0.0, 1.0, 0.0] == pytest.approx([-1.0, 0.0, 0.0], abs=1e-12)


@pytest.mark.parametrize(
    ("trial", "fps"),
    [("02_01", 120), ("88_01", 60), ("90_02", 60), ("33_01", 60), ("136_19", 60), ("135_04", 120), ("79_999", 60)],
)
def test_the_frame_rate_comes_from_the_trial(trial, fps):
    assert trial_fps(trial) == fps


def test_every_trial_of_the_index_has_its_rate():
    rates = [trial_fps(name) for name in database.index()]
    assert (rates.count(60.0), rates.count(120.0)) == (362, 2073)


def test_a_name_that_is_no_trial_needs_a_rate(write, toy, amc_text):
    path = write("dance.amc", amc_text)
    with pytest.raises(MotionFileError, match="frame rate"):
        read_amc(path, toy)
    assert read_amc(path, toy, fps=60.0).fps == 60.0


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("spine 0 0 0\n", "", 4, "frame 1 lacks the bones spine"),
        ("arm 90\n", "", 8, "cut off"),
        ("spine 0 0 0\n", "spine 0 0\n", 6, "2 values, expected 3"),
        ("root 0 10 0 0 0 0\n", "root 0 10 0 0 0 0 7\n", 5, "7 values, expected 6"),
        ("spine 0 0 0\n", "spine 0 nan 0\n", 6, "finite"),
        ("spine 0 0 0\n", "spine 0 1e999 0\n", 6, "finite"),
        ("spine 0 0 0\n", "spine 0 x 0\n", 6, "numbers"),
        ("arm 0\n", "arm 0\nwing 1\n", 8, "another ASF"),
        ("\n2\n", "\n3\n", 4, "after frame 1 comes number 3"),
        ("1\nroot", "root", 4, "before the first frame"),
        (":DEGREES", ":RADIANS", 3, "radians"),
    ],
)
def test_a_broken_file_is_named_with_its_line(write, toy, amc_text, old, new, line, message):
    assert old in amc_text
    path = write("02_01.amc", amc_text.replace(old, new, 1))
    with pytest.raises(MotionFileError, match=message) as caught:
        read_amc(path, toy)
    assert (caught.value.path, caught.value.line) == (path, line)
    assert str(caught.value).startswith(f"{path}:{line}:")


def test_a_file_without_frames(write, toy):
    with pytest.raises(MotionFileError, match="no frames"):
        read_amc(write("02_01.amc", ":FULLY-SPECIFIED\n:DEGREES\n"), toy)


def test_a_real_file_that_is_cut_off(cmu):
    """The golf swing among the data ends inside its last frame."""
    skeleton = read_asf(cmu / "asfamc/64.asf")
    with pytest.raises(MotionFileError, match="frame 444 lacks"):
        read_amc(cmu / "asfamc/64_01.amc", skeleton)
    assert len(read_amc(cmu / "asfamc/64_01.amc", skeleton, cut_off=True)) == 443


def test_a_trial_with_a_skeleton_of_other_bones(cmu, toy):
    with pytest.raises(MotionFileError, match="another ASF"):
        read_amc(cmu / "asfamc/02_01.amc", toy)


@pytest.mark.parametrize(("trial", "subject"), [("02_04", "02"), ("16_01", "16"), ("22_16", "16"), ("88_01", "49")])
def test_bodies_in_flight_fall_as_they_must(cmu, trial, subject):
    """The centre of mass accelerates at 9.81 m/s^2 at the right frame rate alone; half of it gives a quarter."""
    skeleton = read_asf(cmu / f"asfamc/{subject}.asf")
    performance = Performance.of(skeleton, read_amc(cmu / f"asfamc/{trial}.amc", skeleton))
    bones = [skeleton.index(name) for name in SEGMENT_SHARES]
    middles = (performance.heads[:, bones, 2] + performance.tails[:, bones, 2]) / 2
    height = np.average(middles, axis=1, weights=list(SEGMENT_SHARES.values()))
    toes = np.minimum(performance.joint("toe.L")[:, 2], performance.joint("toe.R")[:, 2])
    frames = np.flatnonzero(toes > np.percentile(toes, 5) + 0.10)
    flight = max(np.split(frames, np.flatnonzero(np.diff(frames) > 1) + 1), key=len)
    fall = 2 * np.polyfit(np.arange(len(flight)) / performance.fps, height[flight], 2)[0]
    assert performance.fps * np.sqrt(9.81 / -fall) == pytest.approx(performance.fps, rel=0.12)
