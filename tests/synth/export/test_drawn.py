"""Data sets drawn at random: nothing shared between splits, everything else free, and the same again."""

import dataclasses

import pytest

from synth.aim import Aim
from synth.errors import UnknownName
from synth.export import ExportError, SplitError, check_splits, drawn
from synth.export.drawn import DrawnDesign, draw
from synth.randomise import RangeError, Ranges

SHARES = {"train": 0.6, "val": 0.2, "test": 0.2}
DESIGN = DrawnDesign(
    activities=("squat", "wave"),
    clips=60,
    people=7,
    places=5,
    motions=4,
    clip={"fps": 12.5, "num_frames": 8, "width": 64, "height": 64},
)


@pytest.fixture(scope="module")
def parts():
    return draw(DESIGN, SHARES)


def test_sizes_are_as_asked_and_classes_balanced(parts):
    assert {name: len(specs) for name, specs in parts.items()} == {"train": 36, "val": 12, "test": 12}
    for specs in parts.values():
        activities = [spec.motion.activity for spec in specs]
        assert activities.count("squat") == activities.count("wave")
    assert len({spec.appearance.name for specs in parts.values() for spec in specs}) == 7


def test_motions_people_and_random_places_are_of_one_split(parts):
    check_splits(parts)
    named = [{spec.environment.name for spec in specs} for specs in parts.values()]
    places = [{name for name in names if name.startswith("random")} for names in named]
    assert all(places) and not (places[0] & places[1] or places[0] & places[2] or places[1] & places[2])


def test_clips_differ_in_everything_else(parts):
    specs = [spec for specs in parts.values() for spec in specs]
    assert len(set(specs)) == 60
    for drawn_value in ("viewpoint.azimuth_deg", "lighting.intensity", "start_s", "manner.tempo"):
        assert len({spec.flat()[drawn_value] for spec in specs}) > 50
    assert {spec.width for spec in specs} == {64} and {spec.fps for spec in specs} == {12.5}


def test_the_same_design_is_the_same_data_set_and_another_seed_another(parts):
    assert draw(DESIGN, SHARES) == parts
    assert draw(dataclasses.replace(DESIGN, seed=1), SHARES) != parts


def test_recordings_are_dealt_by_trial_and_short_ones_left_out(monkeypatch, caplog):
    def measured(ref, **_):
        return Aim(look_at_m=(0, 0, 1), duration_s=0.3 if ref.variant == "13_30a" else 5.0, cycle_s=5.0, cyclic=False)

    monkeypatch.setattr(drawn, "aim", measured)
    design = dataclasses.replace(DESIGN, activities=("squat", "jumping_jack"), source="cmu", motions=5)
    parts = draw(design, {"train": 0.5, "test": 0.5})
    check_splits(parts)
    assert all({s.motion.activity for s in specs} == {"squat", "jumping_jack"} for specs in parts.values())
    assert "1 of 5 motions are shorter than a clip" in caplog.text
    last_s = max(s.start_s + s.manner.tempo * 7 / 12.5 for specs in parts.values() for s in specs)
    assert 3 < last_s <= 5, "a clip may begin anywhere, and ends before the recording does"


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"people": 2}, SplitError, "drawn.people: 2 for 3 splits"),
        ({"motions": 2}, SplitError, "motions of squat: 2 for 3 splits"),
        ({"places": 2}, SplitError, "drawn.places: 2 for 3 splits"),
        ({"clips": 5}, SplitError, "leaves 1 clips for the split"),
        ({"clips": 0}, ExportError, "drawn.clips = 0"),
        ({"activities": ()}, ExportError, "name at least one"),
        ({"activities": ("squad",)}, UnknownName, "did you mean 'squat'"),
        ({"ranges": Ranges(appearances={"own": 1})}, ExportError, "no person of its own"),
        ({"ranges": Ranges(environment_seeds=(0, 3))}, SplitError, "drawn.places: 5 random ones, of seeds from 0 to 3"),
    ],
)
def test_what_cannot_be_is_named(changes, error, says):
    with pytest.raises(error, match=says):
        draw(dataclasses.replace(DESIGN, **changes), SHARES)


def test_named_people_and_single_names():
    ranges = Ranges(appearances={"ana": 1, "ben": 1, "named": 1}, environments={"lawn": 1})
    parts = draw(dataclasses.replace(DESIGN, people=6, ranges=ranges), SHARES)
    people = [spec.appearance.name for specs in parts.values() for spec in specs]
    assert {"ana", "ben"} < set(people) and not any(name.startswith("random") for name in people)
    assert {spec.environment.name for specs in parts.values() for spec in specs} == {"lawn"}


def test_ranges_are_checked():
    with pytest.raises(RangeError):
        Ranges(azimuth_deg=(3, 1))
