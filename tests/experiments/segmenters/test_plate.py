"""The place behind a person: noise, distance, shadows, and what is learnt where it is free."""

import numpy as np
import pytest

from experiments.segmenters.plate import calmed, levelled, median_of, plate_of, sigma_of, uncovered

FLAT = np.full((24, 32, 3), (100, 150, 200), np.float32)


def test_noise_is_measured_though_a_quarter_of_the_picture_moves():
    rng = np.random.default_rng(0)
    frames = np.clip(FLAT + rng.normal(0, 5, (40, *FLAT.shape)), 0, 255).round().astype(np.uint8)
    frames[:, :12, :16] = rng.integers(0, 256, (40, 12, 16, 3))
    assert sigma_of(frames) == pytest.approx([5, 5, 5], rel=0.2)


def test_a_clip_without_noise_is_granted_rounding():
    assert sigma_of(np.zeros((5, 4, 4, 3), np.uint8)).tolist() == [1, 1, 1]
    assert sigma_of(np.zeros((1, 4, 4, 3), np.uint8)).tolist() == [1, 1, 1]


def test_noise_is_taken_out_and_edges_are_kept():
    rng = np.random.default_rng(0)
    still = FLAT.copy()
    still[:, 16:] = 20
    noisy = np.clip(still + rng.normal(0, 6, (8, *still.shape)), 0, 255).round().astype(np.uint8)
    calm = calmed(noisy)
    assert calm.dtype == np.uint8 and sigma_of(calm).max() < 0.4 * sigma_of(noisy).max()
    steps = np.abs(calm[:, :, 17].mean((0, 1)) - calm[:, :, 14].mean((0, 1)))
    assert steps == pytest.approx([80, 130, 180], abs=3)
    quiet = np.repeat(still[None].astype(np.uint8), 4, axis=0)
    assert calmed(quiet) is quiet


def test_automatic_exposure_is_taken_out():
    frames = np.stack([FLAT + shift for shift in (0, 10, -7)]).astype(np.uint8)
    frames[:, 2:8, 2:8] = 0  # who is there does not count
    level = levelled(frames, FLAT)
    assert np.allclose(level[:, 12:], FLAT[12:])


def test_distance_is_in_noise():
    plate = plate_of(FLAT, np.full(3, 2.0, np.float32))
    assert plate.distance(FLAT).max() == 0
    expected = np.sqrt((20**2 / (2 * 2**2 + (0.02 * np.array([100, 150, 200])) ** 2)).mean())
    assert plate.distance(FLAT + 20)[12, 16] == pytest.approx(expected, rel=1e-4)


def test_edges_may_waver():
    colour = FLAT.copy()
    colour[:, 16:] = 20
    plate = plate_of(colour, np.ones(3, np.float32))
    moved = np.roll(colour, 1, axis=1)
    flat = np.abs(moved - colour)[:, 16].mean() / np.sqrt(2)
    assert plate.noise[12, 16, 0] > 2 * plate.noise[12, 4, 0]
    assert plate.distance(moved)[12, 16] < flat / 2


def test_a_shadow_keeps_the_hue():
    plate = plate_of(FLAT, np.ones(3, np.float32))
    assert plate.shadow(FLAT * 0.7).all()
    assert not plate.shadow(FLAT * 0.2).any()  # nothing is that dark outdoors
    assert not plate.shadow(FLAT * 1.2).any()
    assert not plate.shadow(FLAT * 0.7 + np.array([40, 0, 0], np.float32)).any()
    assert not plate.shadow(FLAT).any()


def test_the_place_is_learnt_where_it_is_free():
    frames = np.stack([np.full((8, 8, 3), value, np.float32) for value in (10, 20, 30, 200, 200, 200)])
    covered = np.zeros((6, 8, 8), bool)
    covered[3:, 2:4, 2:4] = True
    covered[:, 6, 6] = True
    colour, seen = uncovered(frames, covered, least=3)
    assert (colour[2:4, 2:4] == 20).all() and colour[0, 0, 0] in (30, 200)
    assert not seen[6, 6] and seen.sum() == 63
    assert colour[6, 6, 0] == pytest.approx(colour[5, 5, 0], abs=1)  # from around it
    assert (median_of(frames) == 115).all()
