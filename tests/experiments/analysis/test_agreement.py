"""Agreement of recordings with a curve, on cases whose answer is known by hand or from SciPy."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from experiments.analysis.agreement import (
    AGREES,
    CHANCE,
    COARSE,
    FEW,
    FLAT,
    SHAKY,
    agreement,
    least_p,
    read_curve,
    spearman,
    viewpoints,
    viewpoints_needed,
)
from experiments.analysis.blocks import AnalysisError

STEPS = np.arange(24) * 15.0
FRONT = 0.5 + 0.4 * np.cos(np.radians(STEPS))
FLANKS = 0.5 - 0.4 * np.cos(np.radians(2 * STEPS))
PAPER = np.array([0.0, 50.0, 150.0, 180.0, 230.0, 310.0])  # its six viewpoints


def agreed(azimuths, scores, curve, **more):
    return agreement(np.asarray(azimuths, float), scores, curve, rng=np.random.default_rng(0), **more)


def test_the_curve_is_read_between_its_steps_and_round_the_circle():
    ring = np.array([0.0, 1.0, 0.5, 0.2])
    np.testing.assert_allclose(read_curve(ring, np.array([0, 45, 90, 315, -45, 360, 450])), [0, 0.5, 1, 0.1, 0.1, 0, 1])


def test_correlations_are_scipys_with_ties_too():
    rng = np.random.default_rng(1)
    one, other = rng.integers(0, 4, 12).astype(float), rng.integers(0, 4, (5, 12)).astype(float)
    np.testing.assert_allclose(spearman(one, other), [spearmanr(one, row).statistic for row in other])


def test_two_readings_of_a_symmetric_curve_are_tied():
    read = read_curve(FRONT, np.array([30.0, 330.0, 90.0]))
    assert spearman(np.array([2.0, 2.0, 1.0]), read) == pytest.approx(1.0)


@pytest.mark.parametrize("curve", [FRONT, FLANKS])
def test_recordings_that_lie_on_the_curve_agree(curve):
    found = agreed(PAPER, read_curve(curve, PAPER), curve)
    assert (found.rho, found.low, found.high) == pytest.approx((1, 1, 1))
    assert found.verdict == AGREES and found.n == found.viewpoints == 6


def test_only_the_order_counts():
    assert agreed(PAPER, 0.1 * read_curve(FRONT, PAPER) ** 3, FRONT).rho == pytest.approx(1.0)


def test_recordings_that_oppose_the_curve_do_not_agree():
    found = agreed(PAPER, -read_curve(FRONT, PAPER), FRONT)
    assert found.rho == pytest.approx(-1.0) and found.p == 1.0 and found.verdict == CHANCE


def test_p_is_the_share_of_turns_that_agree_as_well_counted_one_by_one():
    scores = read_curve(FRONT, PAPER + 40.0)
    scores = np.round(scores, 9)
    turned = [spearmanr(scores, np.round(read_curve(np.roll(FRONT, k), PAPER), 9)).statistic for k in range(24)]
    expected = np.mean(np.array(turned) >= turned[0] - 1e-9)
    assert agreed(PAPER, scores, FRONT, turns=24).p == pytest.approx(expected)


def test_a_curve_that_is_shifted_against_the_recordings_loses_to_its_own_turns():
    found = agreed(PAPER, read_curve(np.roll(FRONT, 6), PAPER), FRONT)
    assert found.p > 0.1 and found.verdict == CHANCE


def test_half_a_turn_of_two_equal_lobes_counts_against_them():
    assert agreed(PAPER, read_curve(FLANKS, PAPER), FLANKS).p >= 2 / 360


def test_without_an_error_of_the_azimuths_the_draws_change_nothing():
    found = agreed(PAPER, read_curve(FRONT, PAPER)[::-1], FRONT, errors_deg=0.0)
    assert found.low == found.rho == found.high and found.p_error == found.p


def test_the_error_of_the_azimuths_widens_the_interval():
    scores = read_curve(FRONT, PAPER)
    near, far = (agreed(PAPER, scores, FRONT, errors_deg=np.full(6, error)) for error in (5.0, 40.0))
    assert near.rho == far.rho == pytest.approx(1.0) and far.low < near.low


def test_an_agreement_that_the_error_takes_away():
    found = agreed(PAPER, read_curve(FLANKS, PAPER), FLANKS, errors_deg=50.0)
    assert found.p <= 0.05 < found.p_error and found.verdict == SHAKY


def test_four_viewpoints_conclude_nothing_whatever_they_say():
    azimuths = np.array([0.0, 60.0, 130.0, 200.0])
    found = agreed(azimuths, read_curve(FRONT, azimuths), FRONT)
    assert found.rho == pytest.approx(1.0) and found.verdict == FEW
    assert (found.viewpoints, found.needed) == (4, 5) and found.least_p == pytest.approx(1 / 24)


def test_viewpoints_that_are_nearly_one_count_once():
    assert viewpoints(np.array([0.0, 3.0, 357.0, 360.0])) == 1
    assert viewpoints(np.array([0.0, 6.0, 12.0, 18.0])) == 2
    assert viewpoints(np.array([350.0, 0.0, 10.0, -10.0])) == 3
    assert viewpoints(np.array([5.0, 90.0, 180.0, 355.0])) == 4


def test_how_many_are_needed():
    assert [viewpoints_needed(alpha) for alpha in (0.05, 0.01, 0.001)] == [5, 6, 8]
    assert least_p(6, 24) == pytest.approx(1 / 24) and least_p(3, 360) == pytest.approx(1 / 6)


def test_too_few_turns_conclude_nothing():
    found = agreed(PAPER, read_curve(FRONT, PAPER), FRONT, turns=12)
    assert found.verdict == COARSE and found.least_p == pytest.approx(1 / 12)


@pytest.mark.parametrize(("scores", "curve"), [(np.full(6, 0.3), FRONT), (PAPER, np.full(24, 0.7))])
def test_scores_or_a_curve_that_are_all_alike_have_no_order(scores, curve):
    found = agreed(PAPER, scores, curve, errors_deg=10.0)
    assert np.isnan(found.rho) and np.isnan(found.low) and found.verdict == FLAT


def test_chance_agrees_as_often_as_it_may():
    rng = np.random.default_rng(3)
    p = [agreed(rng.uniform(0, 360, 8), rng.uniform(size=8), FRONT, turns=60, draws=1).p for _ in range(300)]
    assert np.mean(np.array(p) <= 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300)


@pytest.mark.parametrize(
    ("azimuths", "scores", "curve", "says"),
    [
        ([], np.array([]), FRONT, "one of each a recording"),
        ([0.0, 1.0], np.array([1.0]), FRONT, "one of each a recording"),
        ([0.0], np.array([np.nan]), FRONT, "scores: nan"),
        ([0.0], np.array([1.0]), np.array([1.0]), "at least two"),
    ],
)
def test_what_cannot_be_compared_is_refused(azimuths, scores, curve, says):
    with pytest.raises(AnalysisError, match=says):
        agreed(azimuths, scores, curve)
