"""What two ways of sweeping one factor differ by, on curves known by hand."""

import pandas as pd
import pytest

from experiments.report.sections.ways import gaps

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
