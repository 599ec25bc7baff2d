"""Every section of a study's page: there where it has something to say, saying what was planted, made again alike."""

import numpy as np
import pandas as pd
import pytest

from experiments.report.__main__ import main
from experiments.report.sections.cross import headline
from tests.experiments.report.pages import Page


@pytest.fixture(scope="module")
def folder(whole_folder):
    return whole_folder


@pytest.fixture(scope="module")
def page(folder):
    return Page((folder / "report.html").read_text(encoding="utf-8"))


def table(folder, name):
    return pd.read_parquet(folder / "tables" / f"{name}.parquet")


def test_all_sections_are_there_and_all_links_lead_somewhere(page):
    wanted = {"people", "cross-orbit_x_place", "flips", "manifold-orbit", "shapes", "shares"}
    assert wanted <= set(page.ids) and len(page.ids) == len(set(page.ids))
    assert all(a["href"][1:] in page.ids for a in page.all("a"))


def test_names_of_places_stand_for_their_numbers(page):
    flat = " ".join(page.text.split())
    assert "highest atlowest at" in flat
    assert "drop lawn to street" not in flat and "lawn and street: 2 values" in flat


def test_the_answer_leads_with_what_was_asked(page):
    flat = " ".join(page.text.split())
    told = [
        flat.index(f"frontal {said}")
        for said in (
            "loses the class after",
            "shows an interaction of azimuth and place beyond chance in",
            "recognises everyone alike, as far as 4 motions tell (p = 1.000",
            "depends on azimuth in",
        )
    ]
    assert told == sorted(told)


def test_everyone_is_in_the_table_of_people(folder, page):
    people = table(folder, "people")
    assert set(people["appearance"]) == {"ana", "ben"} and set(people["clips"]) == {2 * 2 * (8 + 2 + 1)}
    assert "among 4 motions" in " ".join(page.text.split())


def test_the_planted_loss_is_found_within_the_tolerance(folder):
    losses = table(folder, "losses").set_index(["model", "activity", "way"])
    frontal = losses.loc[("frontal", "squat", "any")]
    assert 0 < frontal["change"] < 90 and frontal["width"] <= 5.0 and frontal["lost"] == frontal["recognised"] == 4
    assert losses.loc[("all-round", "squat", "any"), "change"] == np.inf


def test_deeper_layers_move_less(folder):
    layers = table(folder, "manifold_layers").set_index(["model", "layer"])
    assert layers.loc[("frontal", "pool"), "moved"] < layers.loc[("frontal", "stem"), "moved"]
    assert table(folder, "manifold")["closing"].between(0.9, 1.1).all()


def test_symmetry_tells_the_planted_difference(folder):
    assert table(folder, "symmetry")["bias"].to_numpy() == pytest.approx(0.02, abs=0.002)


def test_two_factors_that_add_up_in_logits_have_a_map_each(folder):
    cells = table(folder, "orbit_x_place")
    assert len(cells) == 2 * 2 * 8 * 2 and set(cells["second"]) == {"lawn", "street"}
    assert len(table(folder, "orbit_x_place_interaction")) == 4


def test_figures_and_tables_of_all_kinds_are_made_again_alike(folder, capsys):
    tables = {path.stem for path in (folder / "tables").iterdir()}
    figures = {"flips_orbit", "people", "orbit_x_place", "what_counts"}
    before = {path.name: path.read_bytes() for path in (folder / "tables").iterdir()}
    assert main([str(folder), "--only", *sorted(tables | figures)]) == 0
    assert {path.name: path.read_bytes() for path in (folder / "tables").iterdir()} == before
    assert len(capsys.readouterr().out.splitlines()) == 2 * (len(tables) + len(figures))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "in 1 of 2 activities: what the one does depends on the other. It is largest in squat: 31 % of the map's"),
        (
            {"p_holm": 0.5},
            "in 0 of 2 activities. It is largest in push up: 40 % of the map's variance (20 to 50), p = 0.5",
        ),
        ({"p_holm": np.nan}, "p with one replicate, 8 replicates."),
        ({"interaction": np.nan, "p_holm": np.nan}, "in 0 of 2 activities: its maps are flat."),
    ],
)
def test_an_interaction_is_told_by_its_largest_beyond_chance(changes, told):
    squat = {"activity": "squat", "interaction": 0.31, "interaction_low": 0.2, "interaction_high": 0.5, "p_holm": 0.01}
    own = pd.DataFrame([squat, squat | {"activity": "push_up", "interaction": 0.4, "p_holm": 0.2}])
    assert told in headline(own.assign(blocks=8, **changes), ["Azimuth", "Elevation"])
