"""The pool is balanced, and a selection of it obeys its rule as often as the dose says and no other rule more often."""

import dataclasses

import numpy as np
import pytest

from experiments.selfcheck.design import PLANTS, PoolError, SelfCheck, asking, pool, rules, select
from experiments.settings import SettingError
from synth.errors import UnknownName

CHECK = SelfCheck(
    activities=("squat", "walk"),
    environments=("lawn", "plane"),
    appearances=("ana", "ben"),
    lighting=("noon", "evening"),
    pool=320,
    clips=80,
    styles=2,
    rows=4,
)

CHANCE = {"viewpoint": 1 / 4, "environment": 1 / 2, "appearance": 1 / 2}


@pytest.fixture(scope="module")
def specs():
    return pool(CHECK)


def obeying(specs, numbers=None) -> dict[str, float]:
    own = specs if numbers is None else [specs[k] for k in numbers]
    return {name: float(np.mean([rule(spec) for spec in own])) for name, rule in rules(CHECK).items()}


def test_the_pool_obeys_every_rule_by_chance_alone(specs):
    assert len(specs) == len(set(specs)) == 320
    assert obeying(specs) == CHANCE
    both = [rules(CHECK)["viewpoint"](s) and rules(CHECK)["environment"](s) for s in specs]
    assert np.mean(both) == 1 / 8, "rules are independent of one another"
    assert len({spec.look_at_m[2] for spec in specs}) == 1, "the height of the horizon does not tell the activity"


@pytest.mark.parametrize("plant", PLANTS)
@pytest.mark.parametrize("dose", [0.5, 0.95])
def test_a_selection_obeys_its_rule_as_the_dose_says(specs, plant, dose):
    chosen = select(CHECK, specs, plant, dose)
    assert len(set(chosen)) == CHECK.clips
    found = obeying(specs, chosen)
    assert found.pop(plant) == pytest.approx(dose + (1 - dose) * CHANCE[plant], abs=0.02)
    assert all(share == pytest.approx(CHANCE[name], abs=0.15) for name, share in found.items())
    activities = [specs[k].motion.activity for k in chosen]
    assert activities.count("squat") == activities.count("walk")


def test_the_clean_selection_is_as_the_pool_and_every_selection_is_the_same_again(specs):
    clean = select(CHECK, specs, "clean", 0.0)
    assert all(share == pytest.approx(CHANCE[name], abs=0.15) for name, share in obeying(specs, clean).items())
    assert (select(CHECK, specs, "viewpoint", 0.8) == select(CHECK, specs, "viewpoint", 0.8)).all()


def test_the_questions_are_asked_with_motions_that_no_model_has_seen(specs):
    asked = asking(CHECK)
    assert len(asked) == 4 * 7
    assert {clip.spec.motion for clip in asked}.isdisjoint({spec.motion for spec in specs})
    assert {clip.spec.environment.name for clip in asked} == {"lawn", "plane"}


def test_a_pool_that_is_too_small_is_refused(specs):
    with pytest.raises(PoolError, match=r"raise selfcheck\.pool, or lower selfcheck\.clips"):
        select(dataclasses.replace(CHECK, clips=300), specs, "appearance", 0.95)


@pytest.mark.parametrize(
    ("key", "value", "error", "says"),
    [
        ("environments", ("lawn",), SettingError, "1 names for 2 activities"),
        ("plants", ("veiwpoint",), UnknownName, "did you mean 'viewpoint'"),
        ("doses", (0.8, 0.5), SettingError, "ascending"),
        ("doses", (0.0, 0.5), SettingError, "above 0"),
        ("rows", 100, SettingError, "powers of two"),
        ("clips", 0, SettingError, "at least 1"),
        ("front_deg", 180.0, SettingError, "less than 180"),
    ],
)
def test_a_mistake_is_named(key, value, error, says):
    with pytest.raises(error, match=says):
        dataclasses.replace(CHECK, **{key: value})
