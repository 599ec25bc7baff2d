"""The randomised design: what is drawn, what its matched pairs share, and a control proof that can fail."""

import dataclasses
from collections import Counter

import pytest

from experiments.control import ControlError, check_control
from experiments.designs.effects import MOTION, Coordinate, pairs, read_effects
from experiments.plan import plan
from experiments.planned import EFFECTS, with_ids
from experiments.settings import SettingError
from experiments.study import Study, Sweep
from synth.errors import UnknownName
from synth.factors import Viewpoint
from synth.resolve import resolve

FACTORS = {
    "viewpoint": {"azimuth": {"low": 0, "high": 360}, "elevation": {"low": 0, "high": 60}},
    "appearance": ["ana", "ben"],
    "environment": ["lawn", "plane"],
    "lighting": ["noon", "evening"],
}
STUDY = Study(
    name="toy",
    title="Toy",
    question="?",
    activities=("squat", "wave"),
    sweeps=(Sweep(name="orbit", factor="azimuth", values=(0.0, 90.0)),),
    reference=Viewpoint(elevation_deg=10.0),
    replicates=1,
    appearances=("ana",),
    floor_repeats=0,
    effects=read_effects({"rows": 8, "factors": FACTORS, "second_order": True}),
)
SAME = {"engine": "stage", "build": "1", "backend": "cpu"}


@pytest.fixture(scope="module")
def clips():
    planned = with_ids(plan(STUDY), {c.spec: c.spec.clip_id({}) for c in plan(STUDY)})
    return [clip for clip in planned if clip.design == EFFECTS]


def manifests(clips) -> dict:
    def digests(spec):
        return {"motion": spec.motion.key, "appearance": spec.appearance.name, "environment": spec.environment.name}

    return {
        c.id: {"digests": SAME | digests(c.spec), "camera": dataclasses.asdict(resolve(c.spec).camera)} for c in clips
    }


def test_every_row_has_its_clips_and_every_pair_differs_in_its_factor_alone(clips):
    assert len(clips) == 8 * (2 + 2 * 5)
    assert check_control(clips, manifests(clips)) == 8 * 2 * 5
    paths = {
        "viewpoint": {"viewpoint.azimuth_deg", "viewpoint.elevation_deg"},
        "appearance": {"appearance.name"},
        "environment": {"environment.name"},
        MOTION: {"motion.activity", "motion.variant", "start_s", "look_at_m.x", "look_at_m.y", "look_at_m.z"},
    }
    for base, other in pairs(clips):
        one, two = base.spec.flat(), other.spec.flat()
        moved = {name for name in one if one[name] != two[name]}
        allowed = paths.get(other.sweep) or {name for name in one if name.startswith("lighting.")}
        assert moved <= allowed, other.sweep


def test_a_row_takes_one_factor_after_the_other_from_its_other_base(clips):
    row = {(c.level, c.sweep): c.spec for c in clips if c.value == 3.0}
    a, b = row["A", EFFECTS], row["B", EFFECTS]
    assert row["AB", "viewpoint"] == dataclasses.replace(a, viewpoint=b.viewpoint)
    assert row["BA", "lighting"] == dataclasses.replace(b, lighting=a.lighting)
    assert row["AB", MOTION].motion == b.motion and row["BA", MOTION].motion == a.motion
    assert a.seed == b.seed, "a nuisance seed belongs to the row"


def test_trials_are_a_rows_own_and_everything_is_drawn_evenly(clips):
    bases = [c for c in clips if c.sweep == EFFECTS]
    assert len({c.spec.motion.variant for c in bases}) == 16
    assert set(Counter(c.spec.appearance.name for c in bases).values()) == {8}
    assert set(Counter(c.activity for c in bases).values()) == {8}
    azimuths = [c.spec.viewpoint.azimuth_deg for c in bases if c.level == "A"]
    assert sorted(int(azimuth // 45) for azimuth in azimuths) == list(range(8)), "Sobol' points fill the circle"


def test_planning_twice_gives_the_same_and_the_sweeps_do_not_notice(clips):
    again = [c.spec for c in plan(STUDY) if c.design == EFFECTS]
    assert again == [c.spec for c in clips]
    without = plan(dataclasses.replace(STUDY, effects=None))
    assert without == [c for c in plan(STUDY) if c.design != EFFECTS]


@pytest.mark.parametrize("level", ["AB", "BA"])
@pytest.mark.parametrize("factor", [MOTION, "viewpoint", "appearance", "lighting"])
def test_whatever_else_moves_is_named(clips, level, factor):
    at = next(k for k, c in enumerate(clips) if c.level == level and c.sweep == factor)
    spec = dataclasses.replace(clips[at].spec, props="none")
    bad = [*clips[:at], dataclasses.replace(clips[at], spec=spec), *clips[at + 1 :]]
    with pytest.raises(ControlError, match=rf"sweep {factor}: besides .*, props moved"):
        check_control(bad, manifests(clips))


def test_a_digest_that_moved_with_another_factor_is_named(clips):
    known = manifests(clips)
    other = next(c for c in clips if c.level == "AB" and c.sweep == "viewpoint")
    known[other.id]["digests"]["motion"] = "changed since"
    with pytest.raises(ControlError, match="digest of motion"):
        check_control(clips, known)


def test_what_a_clip_shows_is_told_in_words():
    azimuth = Coordinate(axis="azimuth", low=0.0, high=360.0)
    elevation = Coordinate(axis="elevation", low=0.0, high=60.0)
    light = Coordinate(axis="lighting", levels=("noon", "evening"))
    spec = next(c.spec for c in plan(STUDY))
    told = [azimuth.told(azimuth.set(spec, v)) for v in (0.0, 44.9, 45.1, 180.0, 270.0, 316.0)]
    assert told == ["front", "front", "left", "back", "right", "front"]
    assert [elevation.told(elevation.set(spec, v)) for v in (0.0, 20.0, 60.0)] == [
        "0 to 20 deg", "20 to 40 deg", "40 to 60 deg",
    ]  # fmt: skip
    assert light.told(light.set(spec, "evening")) == "evening"
    assert azimuth.at(0.25) == 90.0 and light.at(0.99) == "evening"


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"rows": 100, "factors": FACTORS}, SettingError, "take 64, 128 or 256"),
        ({"row": 64}, UnknownName, "did you mean 'rows'"),
        ({"factors": {}}, SettingError, "name at least one factor"),
        ({"factors": {"motion": ["squat"]}}, SettingError, "the motion is a factor in every such design"),
        ({"factors": {"apearance": ["ana", "ben"]}}, UnknownName, "did you mean 'appearance'"),
        ({"factors": {"appearance": ["ana"]}}, SettingError, "at least two levels"),
        ({"factors": {"appearance": {"low": 0, "high": 1}}}, SettingError, "expected a list of names"),
        ({"factors": {"azimuth": {"low": 90, "high": 0}}}, SettingError, "low must be under high"),
        ({"factors": {"lighting": ["noon", "evning"]}}, UnknownName, "did you mean 'evening'"),
        ({"factors": {"view": {"azimuth": [0, 90]}, "azimuth": [0, 90]}}, SettingError, "move azimuth in two factors"),
        ({"factors": {"elevation": {"low": 0, "high": 95}}}, SettingError, r"factors\.elevation: elevation = 95"),
    ],
)
def test_a_mistake_in_the_config_is_named(given, error, says):
    with pytest.raises(error, match=says):
        read_effects(given)


def test_a_misspelt_name_in_the_design_is_found_before_anything_is_loaded():
    effects = read_effects({"rows": 8, "factors": {"appearance": ["ana", "bne"]}})
    with pytest.raises(UnknownName, match="did you mean 'ben'"):
        plan(dataclasses.replace(STUDY, effects=effects))
