"""What the page says of a study: names stand where a sweep has names, even steps are told as such."""

import numpy as np
import pandas as pd

from experiments.report.facts import _listing, counts, held
from experiments.report.look import factor_look

STUDY = {
    "reference": {"azimuth": 0.0, "props": 1.0},
    "levels": {"props": {0.0: "own", 1.0: "golf_club"}},
    "held": {"props": "golf_club", "environment": "lawn"},
}


def test_a_held_name_is_told_once_and_by_its_name():
    assert held(STUDY) == [("Azimuth", "0°"), ("Object in the hands", "golf_club"), ("Place", "lawn")]


def test_swept_names_are_listed_by_name():
    assert (
        _listing(np.array([0.0, 1.0]), factor_look("props"), STUDY["levels"]["props"]) == "own and golf_club: 2 values"
    )


def test_many_even_steps_are_told_by_their_ends():
    said = _listing(np.arange(-30.0, 60.0, 0.25), factor_look("elevation"))
    assert said == "−30° to 59.75° in steps of 0.25°: 360 values"
    assert _listing(np.array([1.0, 2.0, 4.0]), factor_look("distance")).startswith("1 m, 2 m and 4 m")


def test_one_of_a_kind_is_no_plural():
    own = {"repeat": 0, "activity": "squat", "model": "frontal", "appearance": ["ana", "ben"], "block": ["a", "b"]}
    rows = pd.DataFrame({**own, "clip_id": ["1", "2"]})
    said = ["2 clips", "1 activity", "2 replicates", "2 people", "1 model"]
    assert [" ".join(pair) for pair in counts(rows, rows)] == said


def test_what_is_told_as_a_reference_is_not_told_again():
    study = {"reference": {"sun_azimuth": 40.0}, "held": {"lighting.sun_azimuth_deg": 40.0, "lighting.ambient": 1.0}}
    assert [name for name, _ in held(study)] == ["Sun azimuth", "Light of the sky (1 = the place's own)"]
