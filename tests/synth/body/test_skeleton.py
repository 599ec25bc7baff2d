"""Skeletons: order, forward kinematics by hand, probes."""

from __future__ import annotations

import numpy as np
import pytest

from synth.body import reference_skeleton
from synth.body.skeleton import Skeleton, spread
from synth.errors import UnknownName


def chain() -> Skeleton:
    heads = np.array([[0.0, 0, 1], [0, 0, 2], [0, 0, 3]])
    return Skeleton(
        ("a", "b", "c"),
        np.array([-1, 0, 1], np.int32),
        heads,
        probes=np.array([[0.0, 0, 3.5]]),
        probe_bones=np.array([[2, 0, 0, 0]], np.int32),
        probe_weights=np.array([[1.0, 0, 0, 0]]),
    )


def test_chain_bends_as_computed_by_hand():
    quarter = np.array([[0.0, 0, 1], [0, 1, 0], [-1, 0, 0]])  # z to x
    rotations = np.tile(np.eye(3), (1, 3, 1, 1))
    rotations[0, 1:] = quarter
    joints = chain().fk(rotations, np.array([[5.0, 0, 1]]))
    assert np.allclose(joints[0], [[5, 0, 1], [5, 0, 2], [6, 0, 2]])
    assert chain().lowest(rotations, np.array([[5.0, 0, 1]]))[0] == pytest.approx(2.0)


def test_reference_is_an_adult_on_the_floor():
    s = reference_skeleton()
    assert len(s.names) == len(s.heads) == 104
    assert s.names[0] == "root" and s.parents[0] == -1
    assert (s.parents[1:] < np.arange(1, 104)).all()
    assert 1.6 < s.probes[:, 2].max() < 1.9
    assert s.probes[:, 2].min() == pytest.approx(0.0, abs=1e-6)
    assert np.abs(s.heads[0, :2]).max() < 1e-9


def test_probes_are_skinned_and_cover_hands_feet_and_head():
    s = reference_skeleton()
    assert s.probes.shape == (600, 3)
    assert np.allclose(s.probe_weights.sum(axis=1), 1)
    main = {s.names[k].split(".")[0].split("-")[0].rstrip("0123456789") for k in s.probe_bones[:, 0]}
    assert {"head", "foot", "finger", "lowerleg", "spine"} <= main


def test_rest_probes_are_where_they_were():
    s = reference_skeleton()
    posed = s.posed_probes(np.tile(np.eye(3), (2, 104, 1, 1)), np.tile(s.heads[0], (2, 1)))
    assert np.abs(posed - s.probes).max() < 1e-9


def test_unknown_bone_names_the_nearest():
    with pytest.raises(UnknownName, match=r"upperarm01\.L"):
        reference_skeleton().index("uperarm01.L")


def test_farthest_points_on_a_line():
    points = np.column_stack([np.zeros(11), np.zeros(11), np.arange(11.0)])
    assert list(spread(points, np.ones(11), 3)) == [0, 10, 5]
