"""Agreements of toy recordings with toy curves."""

import numpy as np
import pandas as pd
import pytest

from experiments.analysis.agreement import AGREES, CHANCE, FEW
from experiments.analysis.blocks import AnalysisError
from experiments.analysis.effects import DEPENDS, FLOOR
from experiments.verify.compare import EVERYONE, UNMOVED, compare

STEPS = np.arange(24) * 15.0
SCORE = 0.5 + 0.4 * np.cos(np.radians(STEPS - 20))


@pytest.fixture
def curves():
    return pd.DataFrame({"model": "m", "activity": "walk", "value": STEPS, "score": SCORE})


@pytest.fixture
def effects():
    return pd.DataFrame({"model": ["m"], "activity": ["walk"], "verdict": [DEPENDS]})


def recordings(azimuths, scores, people="anna", error=0.0):
    return pd.DataFrame(
        {
            "model": "m",
            "activity": "walk",
            "person": people,
            "azimuth_deg": np.asarray(azimuths, float),
            "azimuth_error_deg": error,
            "score": scores,
        }
    )


PAPER = [0.0, 50.0, 150.0, 180.0, 230.0, 310.0]


def on_the_curve(azimuths):
    return np.interp(azimuths, STEPS, SCORE, period=360)


def test_everyone_and_each_person_with_enough_recordings(curves, effects):
    azimuths = [*PAPER, 20.0, 100.0, 200.0, 90.0]
    people = ["anna"] * 6 + ["ben"] * 3 + ["cleo"]
    found = compare(curves, effects, recordings(azimuths, on_the_curve(azimuths), people))
    assert found["person"].tolist() == [EVERYONE, "anna", "ben"] and found["persons"].tolist() == [3, 1, 1]
    assert found["n"].tolist() == [10, 6, 3]
    assert found["rho"].tolist() == pytest.approx([1, 1, 1])
    assert found["verdict"].tolist() == [AGREES, AGREES, FEW]


def test_one_person_is_everyone(curves, effects):
    found = compare(curves, effects, recordings(PAPER, -on_the_curve(PAPER)))
    assert found["person"].tolist() == [EVERYONE] and found["verdict"].tolist() == [CHANCE]


def test_a_curve_that_does_not_move_cannot_be_followed(curves, effects):
    found = compare(curves, effects.assign(verdict=FLOOR), recordings(PAPER, on_the_curve(PAPER)))
    assert found["verdict"].tolist() == [UNMOVED]


def test_the_draws_are_the_same_every_time(curves, effects):
    one, other = (compare(curves, effects, recordings(PAPER, on_the_curve(PAPER), error=20.0)) for _ in range(2))
    pd.testing.assert_frame_equal(one, other)


def test_a_curve_that_does_not_go_round_is_refused(curves, effects):
    with pytest.raises(AnalysisError, match="all round from 0 in even steps"):
        compare(curves[curves["value"] < 300], effects, recordings(PAPER, on_the_curve(PAPER)))
