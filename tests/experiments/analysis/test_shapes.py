"""Shapes whose numbers are known by hand."""

import numpy as np
import pytest

from experiments.analysis.blocks import Sweep
from experiments.analysis.bootstrap import weights
from experiments.analysis.effects import contrast_value
from experiments.analysis.shapes import closed, harmonics, kept, peaks, shape, symmetry, trend

ROUND = np.arange(0.0, 360.0, 30.0)


def sweep(curve, values=ROUND, factor="azimuth", reference=0.0, blocks=6, noise=0.0, seed=0):
    rng = np.random.default_rng(seed)
    score = np.tile(curve, (blocks, 1)) + rng.normal(0, noise, (blocks, len(curve)))
    names = np.array([f"motion-{k}" for k in range(blocks)])
    return Sweep(
        model="m",
        activity="a",
        factor=factor,
        sweep="s",
        reference=reference,
        values=np.asarray(values, float),
        score=score,
        top1=(score > 0.5).astype(float),
        motions=names,
        appearances=names,
        clip_ids=np.empty(score.shape, object),
    )


def drawn(s):
    return weights(s.motions, s.appearances, draws=400, rng=np.random.default_rng(0))


def test_harmonics_are_the_coefficients_of_the_waves():
    x = np.deg2rad(ROUND)
    s = sweep(0.5 + 0.2 * np.cos(x) - 0.05 * np.sin(x) + 0.1 * np.cos(2 * x), noise=0.01)
    found = harmonics(s, drawn(s))
    assert found["front_back"] == pytest.approx(0.2, abs=0.01)
    assert found["left_right"] == pytest.approx(-0.05, abs=0.01)
    assert found["ends_flanks"] == pytest.approx(0.1, abs=0.01)
    assert found["front_back_low"] < found["front_back"] < found["front_back_high"]
    power = np.array([0.2**2 + 0.05**2, 0.1**2])
    assert [found["first_share"], found["second_share"]] == pytest.approx(power / power.sum(), abs=0.03)


def test_harmonics_need_a_whole_circle():
    half = sweep(np.linspace(0, 1, 6), values=ROUND[:6])
    assert not closed(half) and np.isnan(harmonics(half, drawn(half))["front_back"])
    assert closed(sweep(np.zeros(12)))


@pytest.mark.parametrize(("order", "count"), [(1, 1), (2, 2), (3, 3)])
def test_peaks_of_a_wave_are_as_many_as_its_order(order, count):
    s = sweep(0.5 + 0.3 * np.cos(order * np.deg2rad(ROUND)), noise=0.005)
    found = peaks(s, drawn(s), floor=0.05)
    assert len(found) == count and found[0] == 0.0


def test_ripples_within_the_floor_are_no_peaks():
    s = sweep(0.5 + 0.01 * np.cos(3 * np.deg2rad(ROUND)), noise=0.002)
    assert peaks(s, drawn(s), floor=0.05) == []
    noisy = sweep(np.full(12, 0.5), noise=0.1)
    assert peaks(noisy, drawn(noisy), floor=0.05) == []


def test_the_end_of_an_open_curve_may_be_its_peak():
    s = sweep([0.9, 0.5, 0.2, 0.6], values=[2, 3, 4, 5], factor="distance", reference=2, noise=0.005)
    assert peaks(s, drawn(s), floor=np.nan) == [2.0, 5.0]


def test_a_flat_line_has_no_peak_and_no_trend():
    s = sweep(np.full(5, 0.5), values=range(5), factor="elevation")
    assert peaks(s, drawn(s), floor=np.nan) == [] and np.isnan(trend(s)).all()


def test_a_trend_is_told_from_noise():
    falling = sweep(np.linspace(0.9, 0.3, 6), values=range(6), factor="elevation", noise=0.02)
    rho, p = trend(falling)
    assert rho < -0.95 and p < 1e-4
    _, p = trend(sweep(np.full(6, 0.5), values=range(6), factor="elevation", noise=0.02, seed=3))
    assert p > 0.05
    assert np.isnan(trend(sweep(np.zeros(12)))).all()


@pytest.mark.parametrize(
    ("curve", "ends"),
    [
        ([1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1], (-30, 60)),
        ([1] * 12, (-180, 180)),
        ([1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0], (0, 0)),
    ],
)
def test_where_the_class_is_kept_on_a_circle(curve, ends):
    assert kept(sweep(np.array(curve, float)))[:2] == ends


def test_where_the_class_is_kept_on_a_line():
    s = sweep(np.array([0, 1, 1, 0, 1.0]), values=[0, 10, 20, 30, 40], factor="elevation", reference=10)
    assert kept(s) == (10, 20, 0.6)
    lost = sweep(np.array([0, 1, 1.0]), values=[0, 10, 20], factor="elevation", reference=0)
    assert np.isnan(kept(lost)[0]) and kept(lost)[2] == pytest.approx(2 / 3)


def test_mirrored_pairs_that_agree_are_symmetric():
    s = sweep(0.5 + 0.3 * np.cos(np.deg2rad(ROUND)), noise=0.02)
    same = symmetry(s, s.score.copy(), drawn(s), permutations=499, seed=0)
    assert same["asymmetry"] == 0 and same["p"] == 1.0
    left = symmetry(s, s.score - 0.2, drawn(s), permutations=499, seed=0)
    assert left["bias"] == pytest.approx(0.2) and left["p"] <= 2 / 64 + 0.03
    noise = np.random.default_rng(2).normal(0, 0.05, s.score.shape)
    assert symmetry(s, s.score + noise, drawn(s), permutations=499, seed=0)["p"] > 0.05


def test_all_descriptors_stand_in_one_row():
    s = sweep(0.5 + 0.3 * np.cos(np.deg2rad(ROUND)), noise=0.02)
    row = shape(s, drawn(s), floor=0.03)
    assert row["peaks"] == 1 and row["peaks_at"] == "0" and row["mean_low"] < 0.5 < row["mean_high"]
    assert (row["keeps_from"], row["keeps_to"]) in {(-90, 60), (-90, 90), (-60, 60), (-60, 90)}


def test_names_have_no_order():
    row = shape(s := sweep([0.2, 0.9, 0.4], values=[0, 1, 2], factor="environment"), drawn(s), floor=0.03)
    assert np.isnan([row["peaks"], row["trend"], row["keeps_from"]]).all() and row["range"] == pytest.approx(0.7)


def test_what_a_place_on_a_circle_is_held_against_lies_opposite():
    values = np.arange(40.0, 400.0, 45.0)
    assert contrast_value(sweep(np.zeros(8), values, factor="sun_azimuth", reference=40.0)) == 220.0
    assert contrast_value(sweep(np.zeros(8), values, factor="sun_azimuth", reference=310.0)) == 130.0
