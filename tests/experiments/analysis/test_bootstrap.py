"""The crossed cluster bootstrap against counts and sums done by hand, and its coverage in a small simulation."""

import numpy as np
import pytest
from scipy import stats

from experiments.analysis.blocks import AnalysisError
from experiments.analysis.bootstrap import clusters, interval, weights

CROSSED = np.array(["m0", "m0", "m1", "m1", "m2", "m2"]), np.array(["a", "b"] * 3)


def test_clusters_are_counted():
    found = clusters(*CROSSED)
    assert (found.motions, found.appearances) == (3, 2)
    assert found.resampled == ("motions", "appearances")
    assert found.size == 3 and found.few


def test_phases_are_nested_in_their_motion():
    found = clusters(np.array(["m0"] * 3 + ["m1"] * 3), np.array(["a"] * 6))
    assert found.resampled == ("motions",) and found.size == 2


def test_one_appearance_for_every_motion_is_one_cluster():
    names = np.array([f"x{i}" for i in range(6)])
    assert clusters(names, names).resampled == ("motions",)
    assert not clusters(names, names).few


def test_a_whole_motion_and_a_whole_appearance_come_and_go_together():
    drawn = weights(*CROSSED, draws=500, rng=np.random.default_rng(0)).reshape(500, 3, 2)
    np.testing.assert_allclose(drawn.sum(axis=(1, 2)), 1.0)
    by_motion, by_person = drawn.sum(axis=2), drawn.sum(axis=1)
    np.testing.assert_allclose(drawn, by_motion[:, :, None] * by_person[:, None, :], atol=1e-12)
    assert set(np.unique(np.round(by_motion * 3))) == {0, 1, 2, 3}


def test_a_single_cluster_has_no_interval():
    one = np.array(["m"] * 4), np.array(["a"] * 4)
    drawn = weights(*one, draws=10, rng=np.random.default_rng(0))
    np.testing.assert_allclose(drawn, 0.25)
    low, high = interval(drawn @ np.eye(4), clusters(*one).size)
    assert np.isnan(low).all() and np.isnan(high).all()


def test_interval_of_many_clusters_is_the_percentile_interval():
    values = np.linspace(0.0, 1.0, 100001)
    low, high = interval(values, 100_000)
    assert low == pytest.approx(0.025, abs=1e-4) and high == pytest.approx(0.975, abs=1e-4)


def test_interval_widens_with_few_clusters_as_in_hesterberg():
    values = np.linspace(0.0, 1.0, 100001)
    tail = stats.norm.cdf(-np.sqrt(6 / 5) * stats.t.ppf(0.975, 5))
    low, high = interval(values, 6)
    assert low == pytest.approx(tail, abs=1e-4) and high == pytest.approx(1 - tail, abs=1e-4)
    assert tail < 0.003


def test_level_must_be_a_share():
    with pytest.raises(AnalysisError, match=r"outside \(0, 1\)"):
        interval(np.zeros((5, 1)), 5, level=95)


def test_interval_covers_the_truth():
    rng = np.random.default_rng(4)
    motions, people = np.arange(6), np.arange(6) % 4
    size, hits, runs = clusters(motions, people).size, 0, 300
    for _ in range(runs):
        score = rng.normal(0, 1.0, 6)[motions] + rng.normal(0, 0.5, 4)[people] + rng.normal(0, 0.5, 6)
        low, high = interval(weights(motions, people, draws=300, rng=rng) @ score, size)
        hits += low <= 0.0 <= high
    assert 0.90 <= hits / runs <= 0.995
