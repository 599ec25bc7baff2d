"""Regions: filled, closed, rid of crumbs, and cut along colours."""

import numpy as np

from experiments.segmenters.cuts import (
    MAYBE_PERSON,
    MAYBE_PLACE,
    PERSON,
    PLACE,
    closed,
    cut,
    filled,
    foreign,
    grown,
    hull,
    large_parts,
    opened,
    shrunk,
)


def square(low, high, size=40):
    out = np.zeros((size, size), bool)
    out[low:high, low:high] = True
    return out


def test_holes_are_filled_and_bays_are_not():
    ring = square(10, 30) & ~square(15, 25)
    assert (filled(ring) == square(10, 30)).all()
    bay = ring.copy()
    bay[18:20, 10:15] = False  # open to the outside
    assert not filled(bay)[20, 20]
    at_the_border = np.ones((6, 6), bool)
    at_the_border[0, 0] = False
    assert filled(at_the_border).sum() == 35


def test_gaps_are_closed_up_to_a_size():
    halves = square(10, 30)
    halves[19:21] = False
    assert closed(halves, 5)[19:21, 15:25].all()
    halves[16:24] = False
    assert not closed(halves, 5)[20, 20]


def test_opening_growing_shrinking():
    line = np.zeros((20, 20), bool)
    line[10] = True
    assert not opened(line).any()
    assert (shrunk(grown(square(10, 30), 5), 5) == square(10, 30)).all()
    assert shrunk(square(10, 30), 3).sum() == 18**2


def test_crumbs_are_dropped():
    parts = square(2, 20)
    parts[30:34, 30:34] = True  # 16 of 324 pixels
    parts[30:38, 2:12] = True  # 80
    kept = large_parts(parts, 0.15)
    assert kept[3, 3] and kept[33, 5] and not kept[31, 31]
    assert not large_parts(np.zeros((5, 5), bool), 0.15).any()


def test_what_is_open_is_decided_by_colours_and_edges():
    rng = np.random.default_rng(0)
    frame = np.full((40, 40, 3), (60, 140, 70), np.float32)
    frame[square(10, 30)] = (180, 40, 50)
    frame = np.clip(frame + rng.normal(0, 6, frame.shape), 0, 255).astype(np.uint8)
    labels = np.full((40, 40), PLACE, np.uint8)
    labels[square(5, 35)] = MAYBE_PLACE
    labels[square(13, 33)] = MAYBE_PERSON  # off by three
    labels[square(16, 20)] = PERSON
    got = cut(frame, labels, 2)
    assert (got == square(10, 30)).all()
    assert (cut(frame, labels, 2) == got).all()


def test_labels_stand_where_there_is_too_little_to_learn_from():
    labels = np.full((40, 40), PLACE, np.uint8)
    frame = np.zeros((40, 40, 3), np.uint8)
    assert not cut(frame, labels, 1).any()
    labels[3:5, 3:5] = MAYBE_PERSON
    assert cut(frame, labels, 1).sum() == 4


def test_hull():
    corners = np.zeros((20, 20), bool)
    corners[[2, 2, 12, 12], [3, 13, 3, 13]] = True
    assert hull(corners).sum() == 11**2 and hull(corners)[7, 8]
    assert not hull(np.zeros((4, 4), bool)).any()


def test_colours_that_do_not_occur_around():
    rng = np.random.default_rng(0)
    picture = rng.integers(90, 130, (40, 40, 3), dtype=np.uint8)
    picture[square(10, 20)] = (200, 30, 30)
    picture[square(22, 26)] = (110, 110, 110)
    got = foreign(picture, ~square(8, 30))
    assert got[square(10, 20)].all() and not got[square(22, 26)].any()
    picture[30:, 30:] = (200, 30, 30)  # now it does
    assert not foreign(picture, ~square(8, 30))[square(10, 20)].any()
