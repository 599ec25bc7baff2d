"""Travel: a straight walk comes to stand, a squat keeps its sway."""

import numpy as np
import pytest

from synth.motion.motion import Motion
from synth.motion.travel import in_place


def motion(root: np.ndarray, **rest) -> Motion:
    rotations = np.tile([1.0, 0, 0, 0], (len(root), 1, 1))
    return Motion(names=("root",), rotations=rotations, root=root, fps=10.0, **rest)


def test_a_cyclic_walk_stays_for_ever_and_keeps_its_bob():
    t = np.arange(20) / 20
    root = np.stack([2.0 * t, np.zeros(20), 0.9 + 0.05 * np.sin(4 * np.pi * t)], axis=1)
    walk = motion(root, cyclic=True, travel_m=[2.0, 0, 0])
    times = np.linspace(0, 9.7, 40)
    _, path = walk.sample(times)
    still = in_place(walk, times, path)
    assert np.abs(still[:, :2]).max() < 1e-9
    assert still[:, 2] == pytest.approx(path[:, 2]) and np.ptp(still[:, 2]) > 0.09


@pytest.mark.parametrize("stride_m", [1.0, 1.7])
def test_walkers_of_any_stride_stay_at_the_middle_of_their_walk(stride_m):
    t = np.arange(20) / 20
    walk = motion(
        np.stack([stride_m * (t - t.mean()), 0 * t, 1 + 0 * t], axis=1), cyclic=True, travel_m=[stride_m, 0, 0]
    )
    times = np.linspace(0, 5, 40)
    assert np.abs(in_place(walk, times, walk.sample(times)[1])[:, :2]).max() < 1e-9


def test_sway_on_the_spot_is_motion():
    sway = motion(np.stack([0.2 * np.sin(np.arange(30) / 5), np.zeros(30), np.ones(30)], axis=1))
    times = np.array([0.0, 0.55, 2.0])
    _, path = sway.sample(times)
    assert np.array_equal(in_place(sway, times, path), path)


def test_a_recorded_walk_is_held_near_the_origin():
    root = np.stack([np.linspace(-3, 3, 60), np.zeros(60), np.ones(60)], axis=1)
    walk = motion(root, kind="cmu")
    times = np.arange(60) / 10
    _, path = walk.sample(times)
    assert np.abs(in_place(walk, times, path)[:, 0]).max() < 0.02
