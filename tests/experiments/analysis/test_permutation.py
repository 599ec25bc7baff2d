"""The permutation null and Holm's correction on cases known by hand."""

import numpy as np
import pytest

from experiments.analysis.permutation import holm, p_value, shuffles


def test_shuffles_are_permutations_within_each_block():
    order = shuffles(3, 4, permutations=50, rng=np.random.default_rng(0))
    assert order.shape == (50, 3, 4)
    np.testing.assert_array_equal(np.sort(order, axis=2), np.broadcast_to(np.arange(4), (50, 3, 4)))
    assert (order[:, 0] != order[:, 1]).any()


def test_a_strong_effect_gets_the_least_p():
    score = np.tile(np.linspace(0, 1, 8), (6, 1))
    order = shuffles(6, 8, permutations=199, rng=np.random.default_rng(1))
    assert p_value(score, order) == pytest.approx(1 / 200)


def test_constant_scores_get_p_one():
    order = shuffles(4, 5, permutations=99, rng=np.random.default_rng(1))
    assert p_value(np.full((4, 5), 0.3), order) == 1.0


def test_differences_between_blocks_alone_are_no_effect():
    score = np.tile(np.array([[0.1], [0.5], [0.9]]), (1, 6))
    assert p_value(score, shuffles(3, 6, permutations=99, rng=np.random.default_rng(2))) == 1.0


def test_p_is_uniform_under_the_null():
    rng = np.random.default_rng(3)
    order = shuffles(6, 7, permutations=199, rng=rng)
    found = [p_value(rng.normal(size=(6, 1)) + rng.normal(size=(6, 7)), order) for _ in range(300)]
    assert np.mean(np.array(found) <= 0.05) == pytest.approx(0.05, abs=0.035)
    assert np.mean(found) == pytest.approx(0.5, abs=0.06)


def test_two_values_and_one_block_by_hand():
    """Both orders give the same variance, so p is 1 whatever was seen."""
    assert p_value(np.array([[0.0, 1.0]]), shuffles(1, 2, permutations=99, rng=np.random.default_rng(0))) == 1.0


def test_holm_by_hand():
    """Sorted 0.01, 0.02, 0.03, 0.04 times 4, 3, 2, 1 gives 0.04, 0.06, 0.06, 0.06 after the running maximum."""
    np.testing.assert_allclose(holm(np.array([0.03, 0.01, 0.04, 0.02])), [0.06, 0.04, 0.06, 0.06])
    np.testing.assert_allclose(holm(np.array([0.9, 0.8])), [1.0, 1.0])
