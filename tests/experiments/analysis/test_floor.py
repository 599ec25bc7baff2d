"""The floor from jitters whose size is known."""

import numpy as np
import pytest

from experiments.analysis.blocks import AnalysisError
from experiments.analysis.floor import floor_of, floors, jitters


def test_the_floor_is_the_quantile_of_the_planted_jitter(make_rows):
    rows = make_rows(lambda m, a, f, v: 0.5, noise=0.0, spread=0.0, repeats=10, activities=("squat",), models=("m",))
    rows.loc[rows["repeat"] > 0, "score"] = 0.5 + 0.01 * rows["repeat"] * np.where(rows["repeat"] % 2, 1, -1)
    table = floors(rows)
    assert list(table["jitters"]) == [60]
    assert floor_of(table, "m", "squat") == pytest.approx(np.quantile(np.repeat(np.arange(1, 11) / 100, 6), 0.95))


def test_changes_keep_their_sign(make_rows):
    rows = make_rows(lambda m, a, f, v: 0.5, noise=0.0, spread=0.0)
    rows.loc[rows["repeat"] > 0, "score"] = 0.4
    np.testing.assert_allclose(jitters(rows)["change"], -0.1)


def test_where_nothing_was_repeated_there_is_no_floor(make_rows):
    table = floors(make_rows(lambda m, a, f, v: 0.5, repeats=0))
    assert table.empty
    assert np.isnan(floor_of(table, "frontal", "squat"))


def test_a_repeat_without_its_clip_is_named(make_rows):
    rows = make_rows(lambda m, a, f, v: 0.5)
    gone = rows[(rows["repeat"] == 0) & (rows["value"] == 0) & (rows["sweep"] == "orbit")].index[0]
    with pytest.raises(AnalysisError, match="held-0 at azimuth = 0 has no clip with repeat 0"):
        floors(rows.drop(gone))
