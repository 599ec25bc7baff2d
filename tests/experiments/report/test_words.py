"""Sentences say what the numbers say."""

import numpy as np
import pandas as pd
import pytest
from markupsafe import Markup

from experiments.analysis.effects import DEPENDS, FLOOR, UNCLEAR
from experiments.report import words
from experiments.report.look import FactorLook, factor_look

AZIMUTH = factor_look("azimuth")

ROW = {
    "factor": "azimuth",
    "reference": 0.0,
    "contrast": 90.0,
    "drop": 0.52,
    "drop_low": 0.41,
    "drop_high": 0.6,
    "range": 0.8,
    "range_low": 0.7,
    "range_high": 0.9,
    "floor": 0.04,
    "verdict": DEPENDS,
}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "loses 52 points (41 to 60) from 0° to 90°; its curve spans 80 (70 to 90); floor 4"),
        (
            {"drop": -0.01, "drop_low": -0.03, "drop_high": 0.02},
            "gains 1 point (−2 to 3) from 0° to 90°; its curve spans 80 (70 to 90); floor 4",
        ),
        ({"drop": 0.001}, "is the same at 0° and 90°, but its curve spans 80 (70 to 90); floor 4"),
        ({"verdict": FLOOR, "range": 0.03}, "does not move beyond the floor: its curve spans 3 points; floor 4"),
        ({"verdict": FLOOR, "range": 0.06}, "does not move beyond chance: its curve spans 6 points; floor 4"),
        ({"verdict": FLOOR, "range": 0.06, "floor": np.nan}, "does not move beyond chance: its curve spans 6 points"),
    ],
)
def test_findings(change, expected):
    assert words.finding(ROW | change, AZIMUTH) == expected


def test_names_stand_for_their_numbers():
    place = FactorLook(title="Place", names={0.0: "lawn", 2.0: "street"}, named=True)
    said = words.finding(ROW | {"peak": 0.0, "trough": 2.0}, place)
    assert said == "scores 80 points (70 to 90) more at lawn than at street; floor 4"


def test_an_unclear_size_is_said_to_be_so():
    assert words.finding(ROW | {"verdict": UNCLEAR, "range_low": 0.02}, AZIMUTH).endswith(
        "the interval reaches the floor"
    )


def test_numbers_are_written_for_people():
    assert words.points(-0.126) == "−13" and words.points(np.nan) == "–" and words.points(0.004) == "0"
    assert words.points(0.2, signed=True) == "+20"
    assert words.span(np.nan, np.nan) == "no interval"
    assert words.p_text(0.0002) == "< 0.001" and words.p_text(0.0123) == "0.012"
    assert words.joined(["a"]) == "a" and words.joined(["a", "b", "c"]) == "a, b and c"


@pytest.mark.parametrize(
    ("motions", "people", "expected", "absent"),
    [(6, 4, "fewer than 6", "single"), (8, 1, "single appearance", "single motion"), (8, 8, "other places", "fewer")],
)
def test_the_page_says_what_intervals_do_not_cover(motions, people, expected, absent):
    text = " ".join(words.limits(pd.DataFrame({"motions": [motions], "appearances": [people]})))
    assert expected in text and absent not in text


def test_numbers_are_not_torn_from_their_units():
    told = words.tied(Markup("97 % of 3.5 m, 1 point, 52 points (41 to 60), ± 10°, 5600 K, 8 motions, M10 20"))
    assert told.replace("\u00a0", "~") == (
        "97~% of 3.5~m, 1~point, 52~points (41 to 60), ±~10°, 5600~K, 8 motions, M10 20"
    )
    told = words.tied(Markup("p = 0.012, p &lt; 0.001, <i>p</i> 0.012, p with error 0.5, up 3"))
    assert told.replace("\u00a0", "~") == "p~=~0.012, p~&lt;~0.001, <i>p</i>~0.012, p with error 0.5, up 3"
