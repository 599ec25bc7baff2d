"""The verdict on shares whose answer is known: it passes where all is found, and names the cell where it is not."""

import json

import pandas as pd
import pytest

from experiments.selfcheck.design import SelfCheck
from experiments.selfcheck.page import SAVED, write
from experiments.selfcheck.verdict import SelfCheckFailed, judge, name_of

CHECK = SelfCheck(
    activities=("squat", "walk"), environments=("lawn", "plane"), appearances=("ana", "ben"), rows=4, margin=0.1
)
NUISANCES = ("viewpoint", "appearance", "environment", "lighting")


def shares(changes=None) -> pd.DataFrame:
    """The shares of all models as they should be, but for `changes`: (model, factor) -> total."""
    rows = []
    for plant, dose in CHECK.models:
        totals = {name: 0.04 for name in NUISANCES} | ({plant: 0.04 + 0.4 * dose} if dose else {})
        for factor, total in ({"motion": 0.9} | totals).items():
            total = (changes or {}).get((name_of(plant, dose), factor), total)
            row = {"model": name_of(plant, dose), "label": "all classes", "factor": factor, "total": total}
            rows.append(row | {"total_low": 0.7 * total, "total_high": 1.3 * total})
    return pd.DataFrame(rows)


def test_everything_found_passes_and_the_table_is_diagonal():
    verdict = judge(CHECK, shares())
    assert verdict.passed
    verdict.require()
    found = dict(zip(verdict.confusion["planted"], verdict.confusion["found"], strict=True))
    assert found == {"clean": "nothing", **{name: name for name in CHECK.plants}}
    assert len(verdict.doses) == 3 * 4


@pytest.mark.parametrize(
    ("model", "factor", "total", "says"),
    [
        ("clean", "lighting", 0.2, "clean, no lighting: wanted < 0.1, got up to 0.260"),
        ("clean", "motion", 0.01, "clean, motion is first: wanted motion, got viewpoint"),
        (
            "viewpoint-95",
            "lighting",
            0.2,
            r"viewpoint, first by far: wanted >= 3 times any other, got 2\.1 times light",
        ),
        ("viewpoint-95", "viewpoint", 0.01, "viewpoint, first by far"),
        (
            "appearance-80",
            "appearance",
            0.1,
            r"appearance, grows with the dose: wanted a rise, and no fall, got 0\.040, 0\.240, 0\.100",
        ),
        ("environment-95", "environment", 0.05, "environment, grows with the dose"),
    ],
)
def test_a_cell_that_is_wrong_is_named(model, factor, total, says):
    verdict = judge(CHECK, shares({(model, factor): total}))
    assert not verdict.passed
    with pytest.raises(SelfCheckFailed, match=says):
        verdict.require()


def test_a_step_that_noise_explains_is_no_fall():
    assert judge(CHECK, shares({("appearance-80", "appearance"): 0.2})).passed


def test_models_that_are_mixed_up_leave_the_diagonal():
    table = shares()
    swap = {"viewpoint-95": "appearance-95", "appearance-95": "viewpoint-95"}
    verdict = judge(CHECK, table.assign(model=table["model"].replace(swap)))
    found = dict(zip(verdict.confusion["planted"], verdict.confusion["found"], strict=True))
    assert found["viewpoint"] == "appearance" and found["appearance"] == "viewpoint"
    with pytest.raises(SelfCheckFailed, match=r"viewpoint, first by far.*appearance, first by far"):
        verdict.require()


@pytest.mark.parametrize("changes", [{}, {("clean", "lighting"): 0.2}])
def test_the_page_says_whether_it_passed(tmp_path, changes):
    verdict = judge(CHECK, shares(changes))
    page = write(CHECK, verdict, {"shares": shares(changes)}, {"command": "c", "minutes": 1.0}, tmp_path).read_text()
    assert ("Everything was found that was planted, and nothing else." in page) is not bool(changes)
    assert page.count("✗ not met") == len(changes)
    assert (tmp_path / "figures" / "doses.svg").is_file()
    saved = json.loads((tmp_path / SAVED).read_text())["selfcheck"]
    assert SelfCheck.from_saved(saved) == CHECK
