"""Random draws: the ranges are kept, one range does not shift another, what is wrong is named."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import yaml

from synth import axes
from synth.errors import UnknownName
from synth.factors import ClipSpec, MotionRef
from synth.randomise import NAMED, OWN, RANDOM, RangeError, Ranges, draw

BASE = ClipSpec(motion=MotionRef(activity="squat"), start_s=0.5, look_at_m=(0.1, 0.2, 0.8))
DEFAULT = Path(__file__).resolve().parents[2] / "conf" / "randomise" / "default.yaml"


@pytest.fixture(scope="module")
def many():
    return [draw(BASE, Ranges(), seed) for seed in range(400)]


def test_the_file_that_ships_says_what_the_code_does():
    assert Ranges.from_file(DEFAULT) == Ranges()
    assert set(yaml.safe_load(DEFAULT.read_text())) == {item.name for item in dataclasses.fields(Ranges)}


def test_draws_fill_their_ranges_and_leave_the_rest(many):
    distance = np.array([spec.viewpoint.distance_m for spec in many])
    assert 2.4 <= distance.min() < 2.5 and 5.4 < distance.max() <= 5.5
    azimuth = np.array([spec.viewpoint.azimuth_deg for spec in many])
    assert np.histogram(azimuth, 4, (0, 360))[0].min() > 60
    assert 0.4 < np.mean([spec.manner.mirror for spec in many]) < 0.6
    named = np.mean([not spec.appearance.name.startswith("random-") for spec in many])
    assert 0.12 < named < 0.28
    assert {(s.motion, s.start_s, s.width, s.manner.noise_deg) for s in many} == {(BASE.motion, 0.5, 112, 0.0)}
    strays = np.array([spec.look_at_m for spec in many]) - BASE.look_at_m
    assert np.abs(strays).max() <= 0.151 and np.abs(strays).max(axis=0).min() > 0.12


def test_equal_seeds_draw_alike_and_others_do_not(many):
    assert draw(BASE, Ranges(), 7) == many[7]
    assert len(set(many)) == len(many)


def test_a_range_more_or_less_shifts_no_other():
    plain = draw(BASE, Ranges(), 5)
    more = draw(BASE, Ranges(noise_deg=(2.0, 4.0), sun_elevation_deg=None, aim_height_m=(0.3, 1.2)), 5)
    moved = {name for name in axes.AXES if axes.value(plain, name) != axes.value(more, name)}
    assert moved == {"noise", "sun_elevation"} and more.manner.noise_seed != plain.manner.noise_seed
    assert more.look_at_m[:2] == plain.look_at_m[:2] and more.lighting.sun_elevation_deg == 50.0


def test_what_is_drawn_from_is_what_was_weighed():
    own = Ranges(appearances={OWN: 1}, environments={"plane": 1}, tempo=None)
    assert {(s.appearance.name, s.environment.name) for s in (draw(BASE, own, k) for k in range(5))} == {
        ("ana", "plane")
    }
    few = Ranges(appearances={RANDOM: 1}, appearance_seeds=[3, 4], environments={NAMED: 1})
    drawn = [draw(BASE, few, k) for k in range(40)]
    assert {s.appearance.name for s in drawn} == {"random-3", "random-4"}
    assert len({s.environment.name for s in drawn}) > 3


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"distance_m": [5, 2]}, RangeError, r"^randomise\.distance_m = \[5, 2\] runs backwards"),
        ({"distance_m": [0.1, 2]}, RangeError, r"randomise\.distance_m = \[0.1, 2\] leaves \[0.8, 100\]"),
        ({"distance_m": 3}, RangeError, "expected .low, high., two numbers"),
        ({"distance_m": [1, None]}, RangeError, "two numbers"),
        ({"distnce_m": [2, 3]}, UnknownName, "'distance_m'"),
        ({"appearances": {"anna": 1}}, UnknownName, "'ana'"),
        ({"environments": {"random-x": 1}}, UnknownName, "named 'random-x'"),
        ({"appearances": {"random": -1}}, RangeError, r"appearances\.random = -1; expected a weight"),
        ({"environments": {"random": 0}}, RangeError, "a weight above 0"),
        ({"environments": ["lawn"]}, RangeError, "expected weights by name"),
        ({"environment_seeds": [0.5, 2]}, RangeError, "two whole numbers"),
        ({"mirror": 2}, RangeError, r"randomise\.mirror = 2; expected a probability"),
        ({"mirror": "often"}, RangeError, "expected a probability"),
        ([], RangeError, "expected a table"),
    ],
)
def test_what_is_wrong_is_named(given, error, says):
    with pytest.raises(error, match=says):
        Ranges.from_config(given)


def test_a_faulty_file_is_named_with_its_key(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("elevation_deg: [40, 10]\n")
    with pytest.raises(RangeError, match=r"mine\.yaml\.elevation_deg = \[40, 10\] runs backwards"):
        Ranges.from_file(path)
    path.write_text("a: [1\n")
    with pytest.raises(RangeError, match=r"mine\.yaml cannot be read as YAML"):
        Ranges.from_file(path)
    with pytest.raises(RangeError, match="cannot be read"):
        Ranges.from_file(tmp_path / "none.yaml")
