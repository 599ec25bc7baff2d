"""The page as a reader's browser gets it: whole, self-contained, escaped, all sections, a picture per value."""

import re
import shutil
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from experiments.report import build
from experiments.report.__main__ import main
from experiments.report.thumbnails import sprite
from synth.errors import CeterisError
from tests.experiments.report.pages import Page, Store

HOSTILE = '<script>alert("x")</script>'
ACTIVITIES = ("squat", HOSTILE)
SECTIONS = {"answer", "design", "models", "effects", "accuracy", "error", "again", "glossary"}
SWEEPS = {"sweep-orbit", "sweep-turntable", "sweep-elevation", "sweep-distance"}


def planted(model, activity, factor, value):
    return 0.5 + 0.4 * np.cos(np.deg2rad(value)) if (model, factor) == ("frontal", "azimuth") else 0.8


@pytest.fixture(scope="module")
def study(reference):
    return {
        "name": "viewpoint",
        "title": "Viewpoint",
        "question": "Does it see & know?",
        "reference": reference,
        "held": {"environment": "lawn", "fps": 6.25, "lighting.sun_azimuth_deg": 40.0, "width": 112, "height": 112},
        "comparisons": 48,
        "command": "python -m experiments.run conf=viewpoint",
        "seed": 3,
        "versions": {"numpy": "2"},
    }


@pytest.fixture(scope="module")
def cards():
    return [{"name": "all-round", "summary": "Trained from all sides."}, {"name": "frontal", "parameters": 412_000}]


@pytest.fixture(scope="module")
def folder(make_rows, study, cards, tmp_path_factory):
    out = tmp_path_factory.mktemp("report") / "out"
    rows = make_rows(planted, activities=ACTIVITIES)
    assert build(rows, study=study, models=cards, store=Store(), out_dir=out) == out / "report.html"
    return out


@pytest.fixture(scope="module")
def text(folder):
    return (folder / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(text):
    return Page(text)


def test_every_section_is_there_and_every_link_leads_to_one(page):
    assert SECTIONS | SWEEPS <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))
    links = [a["href"] for a in page.all("a")]
    assert all(link.startswith("#") and link[1:] in page.ids for link in links)
    assert page.open == []


def test_nothing_is_loaded_from_anywhere(page, text):
    assert not re.search(r"https?://|url\(|@import", text)
    assert not page.all("link") and not page.all("iframe")
    assert all("src" not in attrs for attrs in page.all("script"))
    assert all(attrs["src"].startswith("data:image/webp;base64,") for attrs in page.all("img"))


def test_a_picture_stands_under_every_value_of_every_curve(page):
    per_activity = (12 + 1) * 2 + 7 + 7
    assert len(page.all("img")) == len(ACTIVITIES) * per_activity
    labels = [b["aria-label"] for b in page.all("button")]
    assert any(label.startswith("What the models saw at 90°: all-round scored 0.") for label in labels)


def test_names_are_escaped(page, text):
    assert HOSTILE not in text and "alert(" in page.text
    assert len(page.all("script")) == 1
    assert "know?" in page.text and "see & know" in page.text


def test_the_answer_stands_in_words_and_numbers(page):
    flat = " ".join(page.text.split())
    assert re.search(
        r"frontal depends on azimuth in 2 of 2 activities and loses 30 points or more from 0° to 90°", flat
    )
    assert re.search(r"all-round depends on azimuth in 0 of 2", flat)
    assert re.search(r"frontal loses (39|40|41) points \(\d+ to \d+\) from 0° to 90°", flat)
    assert "In all 48 comparisons" in flat and "python -m experiments.run conf=viewpoint" in flat
    assert "fewer than 6 of one kind" in flat
    assert re.search(r"orbit and turntable *the place behind, the lit side and the shadow", flat)
    assert "NSF EIA" not in flat


def test_cmu_motions_are_marked_and_cited(make_rows, study, cards, tmp_path):
    rows = make_rows(planted, activities=("squat", "walk"), sweeps=("distance",))
    rows.loc[rows["activity"] == "walk", "source"] = "cmu"
    path = build(rows, study=study, models=cards, store=Store(), out_dir=tmp_path)
    flat = " ".join(Page(path.read_text(encoding="utf-8")).text.split())
    assert "The motions of squat are authored" in flat and "Those of walk are recordings from the CMU" in flat
    assert "NSF EIA-0196217" in flat


def test_figures_and_tables_lie_beside_it(folder):
    figures = {"headline", "azimuth_orbit", "azimuth_turntable", "azimuth_ways", "elevation", "distance"}
    assert {p.name for p in (folder / "figures").iterdir()} == {f"{f}.{k}" for f in figures for k in ("svg", "png")}
    tables = {"rows", "curves", "effects", "floors", "raw", "accuracy", "shapes", "azimuth_ways"}
    assert {p.name for p in (folder / "tables").iterdir()} == {f"{t}.{k}" for t in tables for k in ("csv", "parquet")}
    effects = pd.read_parquet(folder / "tables" / "effects.parquet")
    assert len(effects) == 2 * 2 * 4
    pd.testing.assert_frame_equal(effects, pd.read_csv(folder / "tables" / "effects.csv"), check_dtype=False)


def test_a_second_report_replaces_the_first_and_leaves_the_rest(make_rows, study, cards, tmp_path):
    rows = make_rows(planted, activities=("squat",), sweeps=("elevation",))
    (tmp_path / "notes.txt").write_text("mine")
    for _ in range(2):
        build(rows, study=study, models=cards, store=Store(), out_dir=tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {"notes.txt", "report.html", "study.json", "figures", "tables"}


def test_equal_rows_give_an_equal_page(make_rows, study, cards, tmp_path):
    rows = make_rows(planted, activities=("squat",), sweeps=("elevation",))
    pages = [build(rows, study=study, models=cards, store=Store(), out_dir=tmp_path / n) for n in "ab"]
    assert pages[0].read_bytes() == pages[1].read_bytes()
    svgs = [(tmp_path / n / "figures" / "elevation.svg").read_bytes() for n in "ab"]
    assert svgs[0] == svgs[1]


def test_figures_and_tables_are_made_again_from_what_lies_beside_the_page(folder, tmp_path):
    again = tmp_path / "again"
    shutil.copytree(folder, again)
    for name in ("figures/elevation.svg", "tables/effects.csv"):
        (again / name).unlink()
    assert main([str(again), "--only", "elevation", "effects"]) == 0
    for name in ("figures/elevation.svg", "tables/effects.csv"):
        assert (again / name).read_bytes() == (folder / name).read_bytes()


def test_what_cannot_be_made_again_is_said(folder, tmp_path, capsys):
    assert main([str(tmp_path)]) == 2 and "holds no report" in capsys.readouterr().err
    assert main([str(folder), "--only", "elevatoin"]) == 2 and "elevation" in capsys.readouterr().err


def test_a_refused_comparison_leaves_the_old_report(make_rows, study, cards, tmp_path):
    rows = make_rows(planted, activities=("squat",), sweeps=("elevation",))
    (tmp_path / "report.html").write_text("old")
    with pytest.raises(CeterisError, match="expected 1"):
        build(rows.drop(index=20), study=study, models=cards, store=Store(), out_dir=tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


def test_one_model_one_sweep_no_floor_no_card(make_rows, study, tmp_path):
    rows = make_rows(planted, models=("frontal",), activities=("squat",), sweeps=("distance",), repeats=0)
    assert build(rows, study=study, models=[], store=Store(), out_dir=tmp_path).exists()


def test_a_single_replicate_has_no_interval_and_says_so(make_rows, study, cards, tmp_path):
    rows = make_rows(planted, activities=("squat",), sweeps=("orbit",), replicates=1, people=1)
    flat = Page(
        build(rows, study=study, models=cards, store=Store(), out_dir=tmp_path).read_text(encoding="utf-8")
    ).text
    assert "no interval" in flat and "There is a single motion" in flat


def test_cards_show_what_was_measured(make_rows, study, tmp_path):
    accuracy = {"held out": {"all": {"accuracy": 0.953, "low": 0.93, "high": 0.97, "clips": 3200}, "activity": {}}}
    card = {"name": "frontal", "planted_bias": "Front only.", "trained_azimuth_deg": [-15, 15], "accuracy": accuracy}
    rows = make_rows(planted, activities=("squat",), sweeps=("elevation",))
    page = Page(build(rows, study=study, models=[card], store=Store(), out_dir=tmp_path).read_text(encoding="utf-8"))
    flat = " ".join(page.text.split())
    assert "95 % (93 to 97), 3,200 clips" in flat and "−15 to 15°" in flat and "Front only." in flat


def test_an_untrained_model_is_said_to_be_so_before_all_else(make_rows, study, tmp_path):
    rows = make_rows(planted, activities=("squat",), sweeps=("elevation",))
    cards = [{"name": "all-round"}, {"name": "frontal", "untrained": True}]
    flat = " ".join(
        Page(
            build(rows, study=study, models=cards, store=Store(), out_dir=tmp_path).read_text(encoding="utf-8")
        ).text.split()
    )
    assert "The answer frontal is untrained: its scores say nothing of learning." in flat
    assert "all-round is untrained" not in flat


def test_a_sprite_holds_the_frames_side_by_side():
    frames = np.zeros((16, 40, 80, 3), np.uint8)
    shown = sprite(frames, height=20, count=5)
    assert (shown.frames, shown.shown, shown.aspect) == (5, 2, 2.0)
    assert shown.uri.startswith("data:image/webp;base64,")
    assert sprite(frames[:1]).frames == 1


def test_no_name_of_a_model_or_a_place_breaks_the_page_or_a_figure(make_rows, study, cards, tmp_path):
    """Out of a stranger's card, or of a file's name: HTML, the end of a script, and what Matplotlib takes for TeX."""
    name = '"><img src=x onerror=alert(1)></script>$\\frac{$ {{7*7}}'
    rows = make_rows(planted, activities=("squat",), sweeps=("elevation",)).replace({"model": {"frontal": name}})
    rows["environment.name"] = rows["appearance.name"] = rows["appearance"] = name
    told = [{**cards[0], "summary": name, "licence": name}, {"name": name, "planted_bias": name}]
    path = build(rows, study={**study, "title": name, "command": name}, models=told, store=Store(), out_dir=tmp_path)
    page = Page(path.read_text(encoding="utf-8"))
    assert page.open == [] and len(page.all("script")) == 1 and "{{7*7}}" in page.text
    assert all(attrs["src"].startswith("data:") for attrs in page.all("img"))
    assert not [attrs for _, attrs in page.tags if any(key.startswith("on") for key in attrs)]
    for svg in (tmp_path / "figures").glob("*.svg"):
        assert not ElementTree.parse(svg).findall(".//{*}img") and "alert(1)" in svg.read_text(encoding="utf-8")
