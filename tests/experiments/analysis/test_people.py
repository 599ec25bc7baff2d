"""The appearance table on made-up people of whom it is known who is recognised."""

import itertools

import numpy as np
import pandas as pd
import pytest

from experiments.analysis.people import accuracies, equality, likeness, person_curves, seen_alike

PEOPLE = ("ana", "ben", "mei")
VIEWS = tuple(range(0, 360, 30))


def rows(chance, motions=6, people=PEOPLE, classes=400, seed=0):
    """chance(person, motion, view) -> probability that the clip is recognised."""
    rng = np.random.default_rng(seed)
    out = []
    for person, motion, view in itertools.product(people, range(motions), VIEWS):
        hit = rng.random() < chance(person, motion, view)
        out.append(
            {
                "clip_id": f"{person}{motion}-{view}", "model": "m", "appearance": person, "activity": "squat",
                "motion": f"a/{motion}", "cluster": f"a/{motion}", "start_s": 0.1 * motion, "sweep": "orbit",
                "factor": "azimuth", "value": float(view), "repeat": 0, "score": chance(person, motion, view),
                "top1": hit, "top5": np.nan if classes < 20 else float(hit),
            }
        )  # fmt: skip
    return pd.DataFrame(out)


def test_shares_are_counted_and_clustered_intervals_are_wider_than_nominal_ones():
    """Motions are recognised from all views or from none: twelve views are no twelve observations."""
    table = accuracies(rows(lambda p, m, v: float(m % 2)), draws=800, seed=0)
    assert (table["top1"] == 0.5).all() and (table["clips"] == 72).all() and (table["motions"] == 6).all()
    clustered = table["top1_high"] - table["top1_low"]
    nominal = table["top1_nominal_high"] - table["top1_nominal_low"]
    assert (clustered > 2 * nominal).all()
    assert nominal.iloc[0] == pytest.approx(0.225, abs=0.005)  # Wilson for 36 of 72


def test_top5_is_left_out_where_it_says_nothing_and_one_motion_has_no_interval():
    table = accuracies(rows(lambda p, m, v: 1.0, motions=1, classes=6), draws=100, seed=0)
    assert table["top5"].isna().all() and table["top1_low"].isna().all() and (table["top1"] == 1.0).all()


def test_people_who_differ_are_found_and_equal_ones_are_not():
    worse = equality(rows(lambda p, m, v: 0.3 if p == "mei" else 0.9), permutations=499, seed=0).iloc[0]
    assert worse["p_views"] < 0.01 and worse["p_motions"] < 0.05 and (worse["sets"], worse["motions"]) == (72, 6)
    ps = [equality(rows(lambda p, m, v: 0.6, seed=s), permutations=199, seed=0).iloc[0]["p_motions"] for s in range(20)]
    assert np.mean(np.array(ps) < 0.05) <= 0.2


def test_the_views_of_a_motion_are_not_independent_and_the_nominal_test_is_fooled():
    """Each motion goes well with one person, whoever that is: single views pretend to know who is better."""
    fooled = []
    for seed in range(12):
        luck = np.random.default_rng(100 + seed).random((3, 6))
        found = equality(
            rows(lambda p, m, v, luck=luck: float(luck[PEOPLE.index(p), m] > 0.5), seed=seed), permutations=199, seed=0
        ).iloc[0]
        fooled.append((found["p_views"] < 0.05, found["p_motions"] < 0.05))
    views, motions = np.mean(fooled, axis=0)
    assert views > 0.4 and motions < 0.25


def test_only_clips_that_everybody_has_are_compared():
    table = rows(lambda p, m, v: 1.0)
    alone = table[(table["appearance"] == "ana") & (table["motion"] == "a/0")].assign(motion="a/9")
    shared = table.iloc[:1].assign(sweep="turntable")
    kept = seen_alike(pd.concat([table, alone.assign(clip_id="x" + alone["clip_id"]), shared], ignore_index=True))
    assert len(kept) == len(table) and "a/9" not in set(kept["motion"])
    twice = pd.concat([table, table.assign(sweep="other")], ignore_index=True)
    assert (accuracies(twice, draws=20, seed=0)["clips"] == 72).all()


def test_curves_that_rise_together_are_alike():
    table = rows(lambda p, m, v: 0.5 + 0.4 * np.cos(np.deg2rad(v + (180 if p == "mei" else 0))))
    found = likeness(person_curves(table)).iloc[0]
    assert found["pairs"] == 3 and found["correlation"] == pytest.approx((1 - 1 - 1) / 3)
    assert found["least"] == pytest.approx(-1) and "mei" in found["least_pair"]
    flat = likeness(person_curves(rows(lambda p, m, v: 0.5))).iloc[0]
    assert flat["pairs"] == 0 and np.isnan(flat["correlation"])
