"""What two ways of sweeping one factor differ by, on curves known by hand."""

import pandas as pd
import pytest

from experiments.report import build
from experiments.report.sections.ways import gaps
from tests.experiments.report.pages import Store

CURVES = pd.DataFrame(
    [
        {"model": "m", "activity": "squat", "factor": "azimuth", "sweep": sweep, "value": value, "score": score}
        for sweep, scores in (("round", (0.9, 0.5)), ("lit", (0.8, 0.5)), ("table", (0.8, 0.9)))
        for value, score in zip((0.0, 90.0), scores, strict=True)
    ]
)


def test_differences_and_what_they_are_put_down_to():
    table = gaps(CURVES, "azimuth", {"round": "orbit", "lit": "orbit_lit", "table": "turntable"})
    found = table.set_index(["first", "second"])
    assert len(found) == 3
    assert found.loc[("round", "lit"), "mean"] == pytest.approx(0.05)
    assert found.loc[("lit", "table"), ["most", "value"]].tolist() == pytest.approx([0.4, 90.0])
    assert "the place behind is the same" in found.loc[("round", "lit"), "differs"]
    assert found.loc[("lit", "table"), "differs"].startswith("the place behind")


def test_ways_that_differ_in_their_values_are_compared_where_they_meet(make_rows, reference, tmp_path):
    rows = make_rows(lambda *_: 0.8, models=("m",), activities=("squat",), sweeps=("orbit", "turntable"), replicates=2)
    some = rows[(rows["sweep"] == "turntable") | rows["value"].isin([0.0, 90.0])]
    info = {"title": "T", "question": "?", "reference": reference}
    assert 'id="ways-azimuth"' in build(some, study=info, models=[], store=Store(), out_dir=tmp_path).read_text()
    apart = some[(some["sweep"] == "orbit") | ~some["value"].isin([90.0])]
    assert 'id="ways-azimuth"' not in build(apart, study=info, models=[], store=Store(), out_dir=tmp_path).read_text()
