"""Known answers through the whole analysis: a flat curve is told to be flat, a planted one is found with its size."""

import numpy as np
import pandas as pd
import pytest

from experiments.analysis import ALL, AnalysisError, analyse, sweeps
from experiments.analysis.effects import DEPENDS, FLOOR, UNCLEAR, contrast_value, verdict

CHEAP = {"draws": 400, "permutations": 999}


def frontal(model, activity, factor, value):
    """The model named frontal sees 0.9 in front and 0.1 behind; the other one 0.8 everywhere."""
    if model != "frontal" or factor != "azimuth":
        return 0.8
    return 0.5 + 0.4 * np.cos(np.deg2rad(value))


@pytest.fixture(scope="module")
def tables(make_rows, reference):
    return analyse(make_rows(frontal, spread=0.02, seed=1), reference, **CHEAP)


def pick(table: pd.DataFrame, **keys) -> pd.DataFrame:
    return table[np.logical_and.reduce([table[k] == v for k, v in keys.items()])]


def test_a_planted_cosine_is_found_with_its_range(tables):
    for row in pick(tables.effects, model="frontal", factor="azimuth").itertuples():
        assert row.verdict == DEPENDS
        assert row.range == pytest.approx(0.8, abs=0.03)
        assert row.range_low <= 0.8 <= row.range_high or abs(row.range - 0.8) < 0.02
        assert (row.peak, row.trough) == (0.0, 180.0)
        assert row.drop == pytest.approx(0.4, abs=0.02)
        assert row.drop_low <= row.drop <= row.drop_high
        assert row.contrast == 90.0 and row.reference == 0.0
        assert row.p == pytest.approx(1 / 1000)
        assert row.p_holm == pytest.approx(8 / 1000, abs=0.005)


def test_a_flat_curve_is_not_distinguishable_from_the_floor(tables):
    flat = pd.concat([pick(tables.effects, model="all-round"), pick(tables.effects, factor="distance")])
    assert (flat["verdict"] == FLOOR).all()
    assert (flat["p_holm"] > 0.05).all()
    assert (flat["drop"].abs() < 0.03).all()


def test_the_mean_curve_is_the_mean(tables, make_rows, reference):
    sweep = sweeps(make_rows(frontal, spread=0.02, seed=1), reference)[0]
    curve = pick(tables.curves, **sweep.keys)
    np.testing.assert_allclose(curve["score"], sweep.score.mean(axis=0))
    np.testing.assert_allclose(curve["accuracy"], sweep.top1.mean(axis=0))
    assert (curve["score_low"] <= curve["score"]).all() and (curve["score"] <= curve["score_high"]).all()
    assert (curve["blocks"] == 6).all()


def test_all_activities_are_pooled(tables):
    whole = pick(tables.curves, model="frontal", activity=ALL, sweep="orbit")
    assert len(whole) == 12 and (whole["blocks"] == 12).all()


def test_accuracy_at_reference_and_at_worst(tables):
    row = pick(tables.accuracy, model="frontal", activity="walk", sweep="orbit").iloc[0]
    assert row["at_reference"] == 1.0 and row["worst"] == 0.0
    assert 90.0 <= row["worst_at"] <= 270.0
    assert row["clips"] == 72


def test_raw_curves_carry_every_replicate(tables):
    assert len(pick(tables.raw, model="frontal", activity="squat", sweep="distance")) == 6 * 7


def test_equal_seeds_give_equal_tables(tables, make_rows, reference):
    again = analyse(make_rows(frontal, spread=0.02, seed=1), reference, **CHEAP)
    for (name, first), (_, second) in zip(tables.items(), again.items(), strict=True):
        pd.testing.assert_frame_equal(first, second, obj=name)


def test_a_reference_that_was_not_swept_is_refused(make_rows, reference):
    with pytest.raises(AnalysisError, match="elevation = 7 is not among"):
        analyse(make_rows(frontal), reference | {"elevation": 7.0}, **CHEAP)


def test_the_contrast_is_90_degrees_or_the_farthest(make_rows, reference):
    found = {s.sweep: contrast_value(s) for s in sweeps(make_rows(frontal), reference)}
    assert found == {"orbit": 90.0, "turntable": 90.0, "elevation": 75.0, "distance": 8.0}


@pytest.mark.parametrize(
    ("size", "low", "floor", "p", "expected"),
    [
        (0.5, 0.3, 0.05, 0.01, DEPENDS),
        (0.5, 0.04, 0.05, 0.01, UNCLEAR),
        (0.04, 0.03, 0.05, 0.01, FLOOR),
        (0.5, 0.3, 0.05, 0.05, FLOOR),
        (0.5, 0.3, np.nan, 0.01, DEPENDS),
        (0.5, np.nan, 0.05, 0.01, UNCLEAR),
    ],
)
def test_verdicts(size, low, floor, p, expected):
    assert verdict({"range": size, "range_low": low}, floor=floor, p_holm=p) == expected
