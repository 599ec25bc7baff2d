"""Rows become matrices, and comparisons in which something else moved are refused by name."""

import numpy as np
import pandas as pd
import pytest

from experiments.analysis.blocks import ALL, AnalysisError, pooled, sweeps


def flat(model, activity, factor, value):
    return 0.6


@pytest.fixture
def rows(make_rows):
    return make_rows(flat)


def test_one_sweep_per_model_activity_and_way_of_sweeping(rows, reference):
    found = sweeps(rows, reference)
    assert len(found) == 2 * 2 * 4
    orbit = next(s for s in found if s.sweep == "orbit")
    assert orbit.score.shape == (6, 12)
    assert list(orbit.values[:3]) == [0.0, 30.0, 60.0]
    assert len(set(orbit.motions)) == 6 and len(set(orbit.appearances)) == 4


def test_scores_land_at_their_value_whatever_the_order_of_the_rows(make_rows, reference):
    rows = make_rows(lambda m, a, f, v: v / 1000, spread=0.0, noise=0.0)
    for sweep in sweeps(rows.sample(frac=1.0, random_state=3), reference):
        np.testing.assert_allclose(sweep.score, np.tile(np.clip(sweep.values, 0, None) / 1000, (6, 1)))


def test_repeats_are_no_replicates(rows, reference):
    assert all(s.score.shape[0] == 6 for s in sweeps(rows, reference))


def test_a_missing_clip_is_named(rows, reference):
    lost = rows.drop(rows[(rows["sweep"] == "turntable") & (rows["value"] == 60)].index[0])
    with pytest.raises(AnalysisError, match=r"turntable.*0 clips at azimuth = 60"):
        sweeps(lost, reference)


@pytest.mark.parametrize(
    "column", ["viewpoint.distance_m", "lighting.sun_azimuth_deg", "environment.name", "start_s", "appearance"]
)
def test_anything_else_that_moved_is_named(rows, reference, column):
    hit = rows[(rows["sweep"] == "orbit") & (rows["value"] == 90)].index[0]
    rows.loc[hit, column] = 9.0 if pd.api.types.is_numeric_dtype(rows[column]) else "elsewhere"
    with pytest.raises(AnalysisError, match=f"more than azimuth moved: {column}"):
        sweeps(rows, reference)


def test_crops_of_one_recording_are_one_cluster(rows, reference):
    rows["cluster"] = "cmu/14_14"
    assert all(set(s.motions) == {"cmu/14_14"} for s in sweeps(rows, reference))


def test_scores_must_be_probabilities(rows, reference):
    rows.loc[5, "score"] = 1.7
    with pytest.raises(AnalysisError, match=r"1\.7.*no probability"):
        sweeps(rows, reference)


def test_no_rows_no_column_no_reference(rows, reference):
    with pytest.raises(AnalysisError, match="no score rows"):
        sweeps(rows.iloc[:0], reference)
    with pytest.raises(AnalysisError, match="'block'"):
        sweeps(rows.drop(columns="block"), reference)
    with pytest.raises(AnalysisError, match="no reference value for 'distance'"):
        sweeps(rows, {"azimuth": 0.0, "elevation": 0.0})


def test_pooled_stacks_the_blocks(rows, reference):
    orbit = [s for s in sweeps(rows, reference) if s.sweep == "orbit" and s.model == "frontal"]
    whole = pooled(orbit)
    assert whole.activity == ALL
    assert whole.score.shape == (12, 12)
    assert len(set(whole.motions)) == 12
    np.testing.assert_allclose(whole.score.mean(axis=0), np.mean([s.score.mean(axis=0) for s in orbit], axis=0))


def test_a_value_that_was_not_swept(rows, reference):
    sweep = sweeps(rows, reference)[0]
    assert sweep.at(90.0) == 3
    with pytest.raises(AnalysisError, match="azimuth = 45 is not among"):
        sweep.at(45.0)


def test_any_factor_may_be_the_swept_one_and_moves_its_own_column_alone(rows):
    part = rows[rows["sweep"] == "distance"].copy()
    reached = part["value"]
    part["factor"] = part["sweep"] = "appearance"
    part["viewpoint.distance_m"] = 3.5
    part["appearance"] = part["appearance.name"] = "random-" + reached.rank(method="dense").astype(int).astype(str)
    assert sweeps(part, {"appearance": 3.5})[0].score.shape == (6, part["value"].nunique())
    part["manner.amplitude"] = reached
    with pytest.raises(AnalysisError, match=r"more than appearance moved: manner\.amplitude"):
        sweeps(part, {"appearance": 3.5})
