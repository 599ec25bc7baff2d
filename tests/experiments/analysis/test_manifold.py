"""Manifolds whose shape is known: circles, points, lines, and mirror images."""

import numpy as np
import pytest

from experiments.analysis.manifold import Path, invariance, measures, project

ANGLES = np.arange(0.0, 360.0, 30.0)


def circle(radius=1.0, centre=0.0, blocks=3, dimensions=5, angles=ANGLES, closed=True, mirrored=None):
    plane = np.linalg.qr(np.random.default_rng(0).normal(size=(dimensions, 2)))[0]
    flat = radius * np.stack([np.cos(np.deg2rad(angles)), np.sin(np.deg2rad(angles))], axis=1) @ plane.T
    features = np.tile(flat, (blocks, 1, 1)) + np.arange(blocks)[:, None, None] * 0.01 + centre
    names = np.array([f"m{k}" for k in range(blocks)])
    other = None if mirrored is None else features + mirrored
    return Path(values=angles, features=features, mirrored=other, motions=names, appearances=names, closed=closed)


def measured(path):
    return measures(path, draws=200, seed=0)


def test_a_circle_lies_in_two_components():
    points, shares = project(circle(radius=2.0))
    assert shares == pytest.approx([0.5, 0.5, 0.0], abs=1e-6)
    assert np.linalg.norm(points, axis=1) == pytest.approx(2.0)


def test_a_circle_closes_like_any_step_and_is_a_diameter_across():
    found = measured(circle(radius=2.0))
    chords = [2 * 2.0 * np.sin(np.deg2rad(30 * k) / 2) for k in range(1, 12)]
    assert found["size"] == pytest.approx(np.mean(chords))
    assert found["closing"] == pytest.approx(1.0)
    assert found["opposite"] == pytest.approx(4.0 / np.mean(chords))
    assert np.isnan(found["mirrored"])
    assert [found["size_low"], found["size_high"]] == pytest.approx([found["size"]] * 2)


def test_an_open_line_neither_closes_nor_has_an_opposite():
    found = measured(circle(closed=False))
    assert np.isnan([found["closing"], found["opposite"]]).all() and found["size"] > 0


def test_front_like_back_makes_opposites_meet():
    found = measured(_twice_round())
    assert found["opposite"] == pytest.approx(0.0, abs=1e-9)


def _twice_round():
    once = circle(angles=2 * ANGLES)
    return Path(**{**vars(once), "values": ANGLES, "features": once.features})


def test_flipped_clips_at_the_same_place_are_symmetric():
    assert measured(circle(mirrored=0.0))["mirrored"] == 0.0
    far = measured(circle(mirrored=1.0, dimensions=4))
    assert far["mirrored"] == pytest.approx(2.0 / far["size"])


def test_a_layer_that_sees_nothing_has_no_shape():
    found = measured(circle(radius=0.0))
    assert found["size"] == 0 and np.isnan([found["opposite"], found["closing"]]).all()
    points, shares = project(circle(radius=0.0))
    assert not points.any() and not shares.any()


def test_invariance_is_size_over_the_distance_of_activities():
    near, far = circle(radius=1.0, blocks=1, dimensions=4), circle(radius=1.0, centre=5.0, blocks=1, dimensions=4)
    found = invariance({"squat": near, "walk": far})
    assert found["between"] == pytest.approx(10.0)
    assert found["moved"] == pytest.approx(found["within"] / 10.0)
    assert np.isnan(invariance({"squat": near})["moved"])
