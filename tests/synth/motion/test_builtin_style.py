"""Variants: seeds and bands, and what they draw."""

import numpy as np
import pytest

from synth.motion import builtin
from synth.motion.builtin import style as styles
from synth.motion.builtin.style import Style, VariantError

every_activity = pytest.mark.parametrize("activity", builtin.ACTIVITIES)


def shares(activity, variant):
    """Where in its range each parameter of a variant lies, 0 to 1."""
    drawn, ranges = builtin.draw(activity, variant), builtin.STYLES[activity].ranges
    return np.array([(drawn[name] - low) / (high - low) for name, (low, high) in ranges.items()])


@every_activity
def test_train_draws_the_central_half(activity):
    drawn = np.array([shares(activity, f"train-{seed}") for seed in range(60)])
    assert 0.25 <= drawn.min() < 0.27
    assert 0.73 < drawn.max() <= 0.75


@every_activity
def test_held_draws_the_outer_quarters(activity):
    drawn = np.array([shares(activity, f"held-{seed}") for seed in range(60)])
    assert (np.abs(drawn - 0.5) >= 0.25).all()
    assert 0.0 <= drawn.min() < 0.02
    assert 0.98 < drawn.max() <= 1.0
    assert 0.4 < (drawn < 0.5).mean() < 0.6


@every_activity
def test_a_bare_seed_draws_the_whole_range(activity):
    drawn = np.array([shares(activity, str(seed)) for seed in range(60)])
    assert 0.0 <= drawn.min() < 0.02
    assert 0.98 < drawn.max() <= 1.0
    assert 0.4 < (np.abs(drawn - 0.5) < 0.25).mean() < 0.6


@every_activity
def test_choices_are_all_drawn_in_every_band(activity):
    for band in ("", "train-", "held-"):
        drawn = [builtin.draw(activity, f"{band}{seed}") for seed in range(60)]
        for name, values in builtin.STYLES[activity].choices.items():
            assert {d[name] for d in drawn} == set(values)


@every_activity
def test_ranges_are_ordered(activity):
    assert all(low < high for low, high in builtin.STYLES[activity].ranges.values())


def test_bands_of_one_seed_are_different_draws():
    assert len({builtin.draw("wave", v)["tempo_hz"] for v in ("7", "train-7", "held-7")}) == 3


@pytest.mark.parametrize(
    "variant", ["", "seven", "-1", "1.5", "07", "train", "train-", "test-7", "train-7 ", "held--1"]
)
def test_what_is_no_variant_is_refused(variant):
    with pytest.raises(VariantError, match="is no variant of 'walk'"):
        builtin.draw("walk", variant)


def test_a_misspelt_band_is_answered_with_the_nearest():
    with pytest.raises(VariantError, match="did you mean 'train-7'"):
        styles.parse("walk", "trian-7")


def test_a_style_with_known_shares():
    style = Style(ranges={"a": (10.0, 20.0)}, choices={"b": ("only",)})
    assert style.draw(np.random.default_rng(0), "full")["b"] == "only"
    assert 12.5 <= style.draw(np.random.default_rng(0), "train")["a"] <= 17.5
