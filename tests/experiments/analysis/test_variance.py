"""Shares of variance against functions whose shares are known, and against SALib's own analysis."""

import numpy as np
import pandas as pd
import pytest
from SALib.analyze import sobol as salib
from SALib.sample import sobol
from SALib.test_functions import Ishigami

from experiments.analysis import variance
from experiments.analysis.blocks import AnalysisError
from experiments.analysis.variance import (
    ALL_CLASSES,
    ConstantScore,
    cube,
    main_and_total,
    of_pairs,
    pair_shares,
    shares,
)

LEVELS = np.array([-2.0, 0.5, 1.0, 3.0])


def table(function, dimensions=3, rows=1024, low=0.0, high=1.0, second=False) -> pd.DataFrame:
    """The rows of a design over independent uniform coordinates; the function gives (n,) or a dict of classes."""
    names = [f"x{k}" for k in range(dimensions)]
    problem = {"num_vars": dimensions, "names": names, "bounds": [[low, high]] * dimensions}
    points = sobol.sample(problem, rows, calc_second_order=second, seed=3)
    parts = [("A", ""), *(("AB", n) for n in names), *((("BA", n) for n in names) if second else ()), ("B", "")]
    out = pd.DataFrame(parts * rows, columns=["part", "factor"])
    out["row"] = np.repeat(np.arange(rows), len(parts))
    out["cluster"] = [f"{row}{part == 'B'}" for row, part in zip(out["row"], out["part"], strict=True)]
    values = function(points)
    for name, value in (values if isinstance(values, dict) else {"y": values}).items():
        out[variance.LOGIT + name] = value
    return out


def estimated(function, **how) -> tuple[np.ndarray, np.ndarray]:
    own = table(function, **how)
    return tuple(kind[:, 0] for kind in main_and_total(cube(own, names(own))))


def names(own: pd.DataFrame) -> list[str]:
    return [name for name in own["factor"].unique() if name]


def test_ishigami_has_its_analytic_shares():
    main, total = estimated(Ishigami.evaluate, low=-np.pi, high=np.pi, rows=4096)
    assert main == pytest.approx([0.3139, 0.4424, 0.0], abs=0.02)
    assert total == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.02)


def test_additive_functions_have_no_interaction_and_shares_that_add_up():
    main, total = estimated(lambda x: 3 * x[:, 0] + 4 * x[:, 1])
    assert main == pytest.approx([9 / 25, 16 / 25, 0.0], abs=0.02)
    assert total == pytest.approx(main, abs=0.02)
    assert total[2] == 0.0, "what is not looked at has no share at all"


def test_a_pure_interaction_has_no_main_share():
    main, total = estimated(lambda x: (x[:, 0] - 0.5) * (x[:, 1] - 0.5))
    assert main == pytest.approx([0, 0, 0], abs=0.02)
    assert total == pytest.approx([1, 1, 0], abs=0.02)


def test_categories_have_the_share_of_their_levels_variance():
    main, total = estimated(lambda x: LEVELS[(x[:, 0] * 4).astype(int)] + 10 * x[:, 1], rows=2048)
    share = LEVELS.var() / (LEVELS.var() + 100 / 12)
    assert main[0] == pytest.approx(share, abs=0.02) and total[0] == pytest.approx(share, abs=0.02)


def test_pairs_have_what_is_beyond_their_main_shares():
    own = table(lambda x: x[:, 0] + 6 * (x[:, 0] - 0.5) * (x[:, 2] - 0.5), second=True, rows=4096)
    found = of_pairs(cube(own, names(own)))[:, 0]
    beyond = 36 / 144 / (1 / 12 + 36 / 144)
    assert found == pytest.approx([0, beyond, 0], abs=0.04), "x0 x1, x0 x2, x1 x2"
    told = pair_shares(cube(own, names(own)), draws=50, seed=0)
    row = told[(told["label"] == ALL_CLASSES) & (told["factor"] == "x0") & (told["other"] == "x2")].iloc[0]
    assert row["share_low"] < beyond < row["share_high"]


def test_the_estimates_are_those_of_salib_and_its_bootstrap_resamples_rows_as_ours_does():
    own = table(Ishigami.evaluate, low=-np.pi, high=np.pi, rows=256)
    problem = {"num_vars": 3, "names": names(own), "bounds": [[-np.pi, np.pi]] * 3}
    theirs = salib.analyze(
        problem, own["logit.y"].to_numpy(), calc_second_order=False, num_resamples=2000, seed=1, keep_resamples=True
    )
    main, total = main_and_total(cube(own, names(own)))
    assert main[:, 0] == pytest.approx(theirs["S1"], abs=1e-9) and total[:, 0] == pytest.approx(theirs["ST"], abs=1e-9)
    ours = shares(cube(own, names(own)), draws=2000, seed=1)
    ours = ours[ours["label"] == "y"]
    for kind, other in (("main", "S1_conf"), ("total", "ST_conf")):
        half = (ours[f"{kind}_high"] - ours[f"{kind}_low"]).to_numpy() / 2
        assert half == pytest.approx(theirs[other], rel=0.15)


def test_intervals_cover_the_truth_and_ranks_follow_the_total_shares():
    covered = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        shift = rng.uniform(size=3)
        own = table(lambda x, shift=shift: 3 * ((x[:, 0] + shift[0]) % 1) + 4 * ((x[:, 1] + shift[1]) % 1), rows=64)
        told = shares(cube(own, names(own)), draws=200, seed=seed)
        row = told[(told["label"] == "y") & (told["factor"] == "x0")].iloc[0]
        covered.append(row["total_low"] < 9 / 25 < row["total_high"])
    assert np.mean(covered) > 0.85
    assert told[told["label"] == "y"].sort_values("rank")["factor"].tolist() == ["x1", "x0", "x2"]


def test_classes_are_pooled_by_their_variances():
    own = table(lambda x: {"one": 10 * x[:, 0], "other": x[:, 1]})
    told = shares(cube(own, names(own)), draws=20, seed=0).set_index(["label", "factor"])["total"]
    assert told[ALL_CLASSES, "x0"] == pytest.approx(100 / 101, abs=0.02)
    assert told["other", "x1"] == pytest.approx(1, abs=0.02) and told["other", "x0"] == 0


def test_noise_of_a_share_near_zero_is_not_cut_off():
    own = table(lambda x: x[:, 0] + 1e-3 * x[:, 1] * x[:, 2], rows=32)
    told = shares(cube(own, names(own)), draws=100, seed=0)
    assert (told["main_low"] < 0).any()


def test_few_trials_are_resampled_whole_and_widen_the_interval():
    own = table(lambda x: x[:, 0] + x[:, 1], rows=256)
    few = own.assign(cluster=[f"trial {row % 5}" for row in own["row"]])
    wide, narrow = (shares(cube(t, names(t)), draws=300, seed=0).iloc[0] for t in (few, own))
    assert wide["clusters"] == 5 and narrow["clusters"] == 256
    assert wide["total"] == narrow["total"]
    drawn, _ = variance.resamples(cube(few, names(few)).trials, draws=20, rng=np.random.default_rng(0))
    for rows in drawn:
        counts = np.bincount(rows, minlength=256)
        assert all(len(set(counts[k::5])) == 1 for k in range(5)), "a trial comes whole or not at all"


def test_a_constant_class_and_a_missing_clip_are_refused_by_name():
    own = table(lambda x: {"one": x[:, 0], "still": np.zeros(len(x))}, rows=16)
    with pytest.raises(ConstantScore, match="'still' is the same for all clips"):
        cube(own, names(own))
    whole = table(lambda x: x[:, 0], rows=16)
    with pytest.raises(AnalysisError, match="lacks a clip AB x1"):
        cube(whole[(whole["factor"] != "x1") | (whole["row"] != 3)], names(whole))
