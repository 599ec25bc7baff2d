"""Recordings on the page: what is said of them, and where they stand."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from experiments.analysis import agreement as agreed
from experiments.analysis.agreement import Agreement
from experiments.report import build
from experiments.report.__main__ import main
from experiments.report.axis import make_axis
from experiments.report.look import factor_look
from experiments.report.thumbnails import sprite
from experiments.report.verified import MARK, marks, person_paths, rho_text, sentence
from experiments.verify.compare import UNMOVED
from tests.experiments.report.pages import Page, Store

AXIS = make_axis(np.arange(0.0, 360.0, 30.0), factor_look("azimuth"))
HOSTILE = "<b>anna</b>"


def said(verdict, **more):
    numbers = {"rho": 0.5, "low": 0.2, "high": 0.7, "p": 0.01, "p_error": 0.02, "n": 9, "viewpoints": 6}
    found = Agreement(**numbers | {"needed": 5, "least_p": 1 / 360, "verdict": verdict} | more)
    return sentence(dataclasses.asdict(found))


@pytest.mark.parametrize(
    ("verdict", "begins"),
    [
        (
            agreed.AGREES,
            "scores recordings in the order of the curve of rendered clips: rank correlation 0.50 (",
        ),
        (agreed.SHAKY, "scores recordings in the order of the curve of rendered clips at the azimuths as written (p"),
        (agreed.CHANCE, "does not score recordings in the order"),
        (agreed.FLAT, "gives no order to compare"),
        (agreed.COARSE, "cannot be judged: no p under 0.003 exists"),
        (UNMOVED, "has no curve that recordings could follow"),
    ],
)
def test_every_verdict_has_its_sentence(verdict, begins):
    assert said(verdict).startswith(begins)


def test_too_few_viewpoints_say_how_many_are_needed():
    text = said(agreed.FEW, viewpoints=4, n=7)
    assert "cannot be judged on 7 recordings from 4 viewpoints: at least 5 viewpoints" in text
    assert "no p under 1/24 exists" in text


def test_a_single_viewpoint_has_no_order_to_speak_of():
    nothing = dict.fromkeys(("rho", "low", "high"), float("nan"))
    text = said(agreed.FEW, viewpoints=1, n=1, **nothing)
    assert text == "cannot be judged on 1 recording from 1 viewpoint: at least 5 viewpoints are needed"


def test_recordings_without_a_correlation_have_no_number_for_it():
    text = said(UNMOVED, rho=float("nan"), p_error=1.0)
    assert text.endswith("does not move beyond its floor (9 recordings from 6 viewpoints)")


def test_correlations_are_written_with_a_true_minus():
    assert [rho_text(v) for v in (-0.5, 1.0, float("nan"))] == ["−0.50", "1.00", "–"]


def recordings(azimuths, scores, *, model="frontal", activity="squat", people=HOSTILE, error=10.0):
    n = len(azimuths)
    return pd.DataFrame(
        {
            "model": model,
            "file": [f"{activity}-{k}.mp4" for k in range(n)],
            "line": np.arange(n) + 2,
            "activity": activity,
            "person": people,
            "azimuth_deg": np.asarray(azimuths, float),
            "azimuth_error_deg": error,
            "elevation_deg": np.nan,
            "distance_m": 3.0,
            "score": scores,
            "score_low": scores,
            "score_high": scores,
            "top1": 1.0,
            "windows": 2,
            "paced": 1.0,
            "padding": 0.0,
            "camera_moves": False,
            "remarks": "",
        }
    )


def test_marks_stand_at_their_azimuth_with_its_error():
    (mark,) = marks(recordings([90.0], [0.75]), AXIS)
    at = AXIS.positions[list(AXIS.values).index(90.0)]
    step = AXIS.positions[1] - AXIS.positions[0]
    assert mark["left"] == mark["at"] == pytest.approx(at) and mark["top"] == pytest.approx(0.25)
    assert mark["bar"] == pytest.approx((at - step / 3, 2 * step / 3))


def test_an_error_that_reaches_over_the_charts_edge_is_cut_off():
    (mark,) = marks(recordings([0.0], [0.5], error=40.0), AXIS)
    assert mark["bar"][0] == 0.0 and mark["bar"][1] > mark["at"]


def test_marks_do_not_cover_one_another():
    found = marks(recordings([90.0] * 5, [0.5] * 5), AXIS)
    lefts = np.sort([mark["left"] for mark in found])
    assert (np.diff(lefts) >= MARK[0] - 1e-6).all() and {mark["at"] for mark in found} == {found[0]["at"]}


def test_recordings_of_one_person_are_joined():
    assert len(person_paths(recordings([0, 90, 180], [0.1, 0.2, 0.3], people=["a", "b", "a"]), AXIS)) == 1


@pytest.fixture(scope="module")
def folder(make_rows, reference, tmp_path_factory):
    """The page of six viewpoints of squats that follow the frontal model's curve, and of walks that are too few."""

    def planted(model, activity, factor, value):
        return 0.5 + 0.4 * np.cos(np.deg2rad(value - 15.0)) if model == "frontal" else 0.8

    azimuths = np.array([0.0, 50.0, 150.0, 180.0, 230.0, 310.0])
    real = pd.concat(
        recordings(a, [0.2 + 0.5 * planted(model, "", "", v) for v in a], model=model, activity=activity)
        for model in ("frontal", "all-round")
        for activity, a in (("squat", azimuths), ("walk", azimuths[:3]))
    )
    picture = dataclasses.asdict(sprite(np.zeros((4, 20, 30, 3), np.uint8)))
    study = {
        "title": "Verification",
        "question": "Do they?",
        "reference": reference,
        "verification": {
            "prepared": [("Crop", "the whole picture")],
            "window": {"num_frames": 8, "fps": 6.25},
            "medians": {"distance_m": 3.0},
            "moving": ["pan.mp4"],
            "left_out": 3,
            "pictures": {file: picture for file in real["file"].unique()},
        },
    }
    out = tmp_path_factory.mktemp("verification") / "out"
    rows = make_rows(planted, sweeps=("orbit",), replicates=4, repeats=1)
    more = {"recordings": real, "windows": real[["model", "file", "score"]]}
    build(rows, study=study, models=[], store=Store(), out_dir=out, more=more)
    return out


def test_the_page_says_what_was_found_done_and_left_out(folder):
    text = (folder / "report.html").read_text()
    assert "scores recordings in the order of the curve of rendered clips" in text
    assert "at least 5 viewpoints are needed" in text and "has no curve that recordings could follow" in text
    assert "9 to ±\u00a010°" in text and "left out: pan.mp4" in text and "3 rows of the table" in text
    assert HOSTILE not in text and "&lt;b&gt;anna" in text
    assert "Pictures of the recordings show real people" in text
    page = Page(text)
    assert "verification" in page.ids


def test_its_table_is_made_again_from_what_lies_beside_the_page(folder):
    path = folder / "tables" / "agreement.parquet"
    found = pd.read_parquet(path)
    kept = found.set_index(["model", "activity"])["verdict"]
    assert kept["frontal", "squat"] == agreed.AGREES and kept["frontal", "walk"] == agreed.FEW
    path.unlink()
    assert main([str(folder), "--only", "agreement"]) == 0
    pd.testing.assert_frame_equal(found, pd.read_parquet(path))


def test_its_figure_lies_beside_it(folder):
    assert "</svg>" in (folder / "figures" / "verification.svg").read_text()
