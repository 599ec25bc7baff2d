"""Joints, planted feet and the level floor of a performance."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from synth.motion.amc import read_amc
from synth.motion.asf import read_asf
from synth.motion.performance import Performance


@pytest.fixture(scope="module")
def walk(cmu) -> Performance:
    skeleton = read_asf(cmu / "asfamc/02.asf")
    return Performance.of(skeleton, read_amc(cmu / "asfamc/02_01.amc", skeleton))


def test_the_zero_pose_has_level_arms_and_faces_forward(cmu):
    zero = Performance.zero_pose(read_asf(cmu / "asfamc/02.asf"))
    arm = (zero.joint("wrist.L") - zero.joint("shoulder.L"))[0]
    assert arm / np.linalg.norm(arm) == pytest.approx([0.0, 1.0, 0.0], abs=0.01)
    foot = (zero.joint("toe.R") - zero.joint("ankle.R"))[0]
    assert foot[0] > 0.1
    assert zero.joint("hip.L")[0, 1] > 0 > zero.joint("hip.R")[0, 1]


def test_who_walks_plants_one_foot_after_the_other(walk):
    left, right = walk.planted("L"), walk.planted("R")
    assert 0.2 < left.mean() < 0.7
    assert 0.2 < right.mean() < 0.7
    assert (left & right).mean() < 0.3


def test_a_slope_in_the_capture_is_levelled(walk):
    """Heights that rise by 3 cm a metre of way come back as they were before, up to what the walk had itself."""
    way = walk.heads[:, 0] - walk.heads[0, 0]
    rise = 0.03 * (way @ [1.0, 0.0, 0.0])[:, None, None] * np.array([0.0, 0.0, 1.0])
    tilted = dataclasses.replace(walk, heads=walk.heads + rise, tails=walk.tails + rise)
    assert tilted.levelled().heads == pytest.approx(walk.levelled().heads, abs=5e-3)


def test_stairs_and_who_stands_are_left_alone(walk):
    way = walk.heads[:, 0] - walk.heads[0, 0]
    stairs = 0.4 * (way @ [1.0, 0.0, 0.0])[:, None, None] * np.array([0.0, 0.0, 1.0])
    climbing = dataclasses.replace(walk, heads=walk.heads + stairs, tails=walk.tails + stairs)
    assert climbing.levelled() is climbing
    assert walk.cut(slice(0, 20)).levelled().heads == pytest.approx(walk.heads[:20])


def test_a_heel_is_down_in_the_middle_of_a_stand_and_not_in_the_swing(walk):
    for side in "LR":
        assert walk.heel_down(side)[walk.standing(side)].mean() > 0.5
        assert 0.1 < walk.heel_down(side).mean() < 0.8
