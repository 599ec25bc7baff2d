"""What a model depends on: the ranking in words, bars that hide nothing, and the tables beside them."""

import numpy as np
import pandas as pd
import pytest

from experiments.analysis.variance import ALL_CLASSES
from experiments.effects import CLIPS, LEVELS, SHARES
from experiments.report import build
from experiments.report.bars import Group, chart, figure, scale_of
from experiments.report.sections.shares import groups, headline
from tests.experiments.report.pages import Store
from tests.experiments.report.randomised import SIZES, asked_at_random, levels, table


def pooled(**given) -> pd.DataFrame:
    own = table(**given)
    return own[own["label"] == ALL_CLASSES]


def test_the_ranking_stands_in_words_with_intervals_and_the_floor():
    own = pooled()
    said = headline(own[own["model"] == "frontal"]).replace("\N{NO-BREAK SPACE}", " ")
    assert said == (
        "answers first of all to the motion, with which 70 % (56 to 84) of the variance goes. Then come viewpoint with "
        "40 % (32 to 48) and place with 10 % (8 to 12). Not told from harmless changes (3 %): the light (3 %)."
    )


def test_a_model_that_does_not_answer_to_the_motion_first_is_told_so():
    own = pooled(sizes={"frontal": (0.3, 0.8, 0.1, 0.05)}, floor=np.nan)
    said = headline(own).replace("\N{NO-BREAK SPACE}", " ")
    assert said.startswith(
        "answers first of all to viewpoint, with which 80 % (64 to 96) of the variance goes; with the motion itself "
        "only 30 %"
    )
    assert "harmless" not in said and "the light with 5 %" in said


def test_groups_run_from_the_motion_down_and_end_with_the_floor():
    drawn = groups(pooled(), ["frontal", "all-round"])
    assert [group.title for group in drawn] == ["Motion", "Viewpoint", "Place", "Light", "Harmless changes"]
    assert [group.faint for group in drawn] == [False] * 4 + [True]
    assert [row["model"] for row in drawn[1].rows] == ["frontal", "all-round"]
    assert len(groups(pooled(floor=np.nan), ["frontal", "all-round"])) == 4


def test_the_axis_holds_all_that_is_drawn():
    row = {"model": "m", "main": -0.04, "total": 1.1, "total_low": 0.9, "total_high": 1.28}
    low, high = scale_of([Group(title="Motion", rows=[row])])
    assert low == pytest.approx(-0.05) and high == pytest.approx(1.3)
    bar = chart([Group(title="Motion", rows=[row])])["groups"][0]["bars"][0]
    zero = 100 * 0.05 / 1.35
    assert bar["dark"] == pytest.approx((100 * 0.01 / 1.35, 100 * 0.04 / 1.35)), "to the left of zero"
    assert bar["light"] == pytest.approx((zero, 100 * 1.1 / 1.35))
    assert bar["line"] == pytest.approx((100 * 0.95 / 1.35, 100 * 0.38 / 1.35)) and bar["end"] == pytest.approx(
        100 * 1.33 / 1.35
    )
    assert scale_of([Group(title="Light", rows=[{**row, "main": 0.1, "total": 0.2, "total_low": np.nan,
                                                 "total_high": np.nan}])]) == (0.0, 1.0)  # fmt: skip


def test_the_figure_has_every_bar():
    drawn = figure(groups(pooled(), list(SIZES)), {"frontal": "#c8500a", "all-round": "#0a6fae"}, "share")
    axes = drawn.axes[0]
    assert len(axes.patches) == 2 * 2 * 5, "a dark and a light part for each"
    assert next(text.get_text() for text in axes.get_yticklabels()) == "Motion"


def text_of(out, make_rows, reference, more) -> str:
    rows = make_rows(lambda *_: 0.8, models=tuple(SIZES), activities=("squat",), sweeps=("distance",), replicates=3)
    info = {"title": "T", "question": "?", "reference": reference, "effects": {"viewpoint": "azimuth <b>0</b> to 360"}}
    page = build(rows, study=info, models=[], store=Store(), out_dir=out, more=more)
    return " ".join(page.read_text(encoding="utf-8").split())


@pytest.fixture(scope="module")
def more():
    return asked_at_random()


def test_the_page_says_what_counts_and_for_which_ranges(tmp_path, make_rows, reference, more):
    text = text_of(tmp_path, make_rows, reference, more)
    assert 'id="shares"' in text and "Motion and viewpoint" in text
    assert "azimuth &lt;b&gt;0&lt;/b&gt; to 360" in text and "<td>front</td><td>back</td>" in text
    assert (tmp_path / "figures" / "what_counts.svg").exists()
    assert {f"{name}.csv" for name in more} <= {path.name for path in (tmp_path / "tables").iterdir()}


def test_without_differences_or_shares_of_a_model_the_page_says_so(tmp_path, make_rows, reference, more):
    silent = {SHARES: table({"frontal": SIZES["frontal"]}), LEVELS: levels(p=0.2), CLIPS: more[CLIPS]}
    text = text_of(tmp_path, make_rows, reference, silent)
    assert "No two levels of a factor differ beyond chance" in text and "Which factors act together" not in text
    assert "all-round</span> gives some class the same log-odds" in text


def test_without_a_randomised_design_there_is_no_such_section(tmp_path, make_rows, reference):
    assert 'id="shares"' not in text_of(tmp_path, make_rows, reference, {})
