"""How sure: cases whose answer is known by hand."""

import numpy as np
import pytest

from experiments.segmenters.sureness import Evidence, sureness

FRAMES, SIDE = 4, 20


def masks(size=10):
    out = np.zeros((FRAMES, SIDE, SIDE), bool)
    out[:, :size, :size] = True
    return out


def evidence(distance, *, known=None, shade=None, before=None):
    everywhere = np.ones((SIDE, SIDE), bool)
    return Evidence(
        distance=distance.astype(np.float32),
        bar=4.0,
        known=everywhere if known is None else known,
        shade=np.zeros_like(distance, bool) if shade is None else shade,
        before=masks() if before is None else before,
    )


def test_a_mask_beyond_doubt():
    sure, remarks = sureness(masks(), evidence(8.0 * masks()), doubted=False)
    assert sure.dtype == np.float32 and sure.tolist() == [1.0] * FRAMES and remarks == ()


def test_even_odds_at_the_distance_that_counts():
    sure, _ = sureness(masks(), evidence(4.0 * masks()), doubted=False)
    assert sure == pytest.approx(0.5)


def test_what_differs_outside_counts_against_it():
    distance = 8.0 * masks()
    distance[:, 15:20, :] = 8.0  # as many pixels as the mask has
    sure, _ = sureness(masks(), evidence(distance), doubted=False)
    assert sure == pytest.approx(0.5)
    shade = np.zeros_like(distance, bool)
    shade[:, 15:20] = True
    sure, _ = sureness(masks(), evidence(distance, shade=shade), doubted=False)
    assert sure == pytest.approx(1 / 1.5)


def test_a_place_that_was_never_seen():
    sure, _ = sureness(masks(), evidence(0.0 * masks(), known=~masks()[0]), doubted=False)
    assert sure == pytest.approx(0.8)


def test_a_mask_that_has_not_settled():
    sure, remarks = sureness(masks(), evidence(8.0 * masks(), before=masks(6)), doubted=False)
    assert sure == pytest.approx(0.36) and "low confidence" in remarks[0]


def test_a_frame_that_shrinks_and_one_that_is_empty():
    some = masks()
    some[1, 5:] = False
    some[2] = False
    sure, _ = sureness(some, evidence(8.0 * some, before=some), doubted=False)
    assert sure == pytest.approx([1, 0.5, 0, 1])


def test_a_limb():
    sure, remarks = sureness(masks(1), evidence(8.0 * masks(1), before=masks(1)), doubted=False)
    assert sure == pytest.approx(1 / 400 / 0.02) and "a limb" in remarks[0]


def test_nobody():
    sure, remarks = sureness(masks(0), evidence(0.0 * masks()), doubted=False)
    assert not sure.any() and "nothing moves" in remarks[0]


def test_a_camera_that_moves():
    sure, remarks = sureness(masks(), evidence(8.0 * masks()), doubted=True)
    assert sure == pytest.approx(0.25) and remarks
