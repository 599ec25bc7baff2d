"""Differences between levels: planted effects are found, and levels that never met are not made up."""

import numpy as np
import pandas as pd
import pytest

from experiments.analysis.levels import differences, matched

EFFECT = {"ana": 0.0, "ben": 0.3, "mei": -0.1, "front": 0.0, "back": -0.2}
AXES = {"appearance": {"appearance": ["ana", "ben", "mei"]}, "view": {"azimuth": ["front", "back"]}}


def design(rows: int, noise: float, seed: int = 0, second: bool = False, trials: int = 0) -> pd.DataFrame:
    """Rows of one model whose score adds the level effects to something of the row's own."""
    rng = np.random.default_rng(seed)
    out = []
    for row in range(rows):
        own = [rng.choice(["ana", "ben", "mei"], 2), rng.choice(["front", "back"], 2)]
        shift = rng.normal(0, 0.2, 2)
        parts = [("A", "", 0, 0), ("AB", "motion", 0, 0), ("AB", "appearance", 1, 0), ("AB", "view", 0, 1)]
        parts += [("BA", "appearance", 0, 1), ("BA", "view", 1, 0)] if second else []
        for part, factor, person, view in [*parts, ("B", "", 1, 1)]:
            who, where = own[0][person], own[1][view]
            trial = part[0] == "B"
            score = shift[int(trial)] + EFFECT[who] + EFFECT[where] + rng.normal(0, noise)
            cluster = f"{row}{trial}" if not trials else f"{row % trials}"
            common = {"row": row, "part": part, "factor": factor, "cluster": cluster, "score": score}
            out.append(common | {"level.appearance": who, "level.azimuth": where})
    return pd.DataFrame(out)


def test_planted_differences_are_found_exactly_without_noise():
    told = differences(design(64, 0.0), AXES).set_index(["level", "other"])["difference"]
    assert told["ana", "ben"] == pytest.approx(-0.3) and told["ben", "mei"] == pytest.approx(0.4)
    assert told["front", "back"] == pytest.approx(0.2)


@pytest.mark.parametrize("second", [False, True])
def test_intervals_cover_and_holm_is_over_all_of_them(second):
    told = differences(design(64, 0.05, second=second), AXES).set_index(["level", "other"])
    row = told.loc[("ana", "ben")]
    assert row["low"] < -0.3 < row["high"] and row["p_holm"] < 0.001
    assert (told["p_holm"] >= told["p"]).all()
    assert row["pairs"] == pytest.approx(64 * 2 / 3 * (1 + second), rel=0.25), (
        "pairs of one and the same level say nothing"
    )


def test_without_an_effect_a_difference_is_significant_as_seldom_as_it_should_be():
    found = []
    for seed in range(60):
        table = design(32, 0.1, seed=seed)
        table["score"] -= table["level.appearance"].map(EFFECT) + table["level.azimuth"].map(EFFECT)
        found.append(differences(table, AXES)["p_holm"].min() < 0.05)
    assert np.mean(found) < 0.15


def test_levels_that_no_pair_connects_have_no_difference():
    table = design(24, 0.0)
    met = matched(table, "appearance")["level.appearance"]
    rows = [row for row, both in enumerate(met) if "mei" not in both]  # every row has one such pair
    told = differences(table[table["row"].isin(rows)], AXES).set_index(["level", "other"])
    assert told.loc[("ana", "mei"), ["difference", "low", "high", "p", "p_holm"]].isna().all()
    assert told.loc[("ana", "ben"), "difference"] == pytest.approx(-0.3)


def test_pairs_of_one_trial_hang_together():
    told = differences(design(64, 0.05, trials=6), AXES)
    assert (told["clusters"] == 6).all()
    assert differences(design(8, 0.05, trials=1), AXES)["low"].isna().all(), "one trial gives no interval"
