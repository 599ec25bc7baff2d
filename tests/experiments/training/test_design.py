"""The draw: twins matched clip by clip, factors that do not tell the classes apart, halves that do not meet."""

import dataclasses
import itertools

import numpy as np
import pytest

from experiments.training.design import HELD_FROM, DesignError, TrainingDesign, appearances, draw
from synth.aim import aim
from synth.errors import UnknownName

DESIGN = TrainingDesign(activities=("squat", "walk", "wave"), clips=90, appearances=6, styles=2, environments=4)


@pytest.fixture(scope="module")
def frontal():
    return draw(DESIGN, "train", (-15.0, 15.0))


def test_a_twin_differs_in_azimuth_alone(frontal):
    twin = draw(DESIGN, "train", (-180.0, 180.0))
    level = [
        {dataclasses.replace(s, viewpoint=dataclasses.replace(s.viewpoint, azimuth_deg=0)) for s in half}
        for half in (frontal, twin)
    ]
    assert level[0] == level[1] and len(level[0]) == len(frontal) == 90


def test_azimuth_keeps_to_its_range_and_the_rest_spreads(frontal):
    azimuth = np.array([(s.viewpoint.azimuth_deg + 180) % 360 - 180 for s in frontal])
    elevation = np.array([s.viewpoint.elevation_deg for s in frontal])
    distance = np.array([s.viewpoint.distance_m for s in frontal])
    assert np.abs(azimuth).max() <= 15 and np.ptp(azimuth) > 20
    assert elevation.min() < 5 and elevation.max() > 50
    assert distance.min() < 2.5 and distance.max() > 5.5


def test_classes_are_balanced_and_seen_in_every_appearance(frontal):
    pairs = [(s.motion.activity, s.appearance.name) for s in frontal]
    assert {pairs.count(pair) for pair in set(pairs)} == {5}
    assert len(set(pairs)) == 18


def test_a_draw_is_the_same_every_time(frontal):
    assert draw(DESIGN, "train", (-15.0, 15.0)) == frontal
    assert draw(dataclasses.replace(DESIGN, seed=1), "train", (-15.0, 15.0)) != frontal


def test_the_held_out_half_shares_no_person_style_or_random_place(frontal):
    held = draw(DESIGN, "held", (-15.0, 15.0), clips=60)
    assert not {s.appearance.name for s in held} & {s.appearance.name for s in frontal}
    assert {s.motion.variant.split("-")[0] for s in held} == {"held"}
    assert {s.motion.variant.split("-")[0] for s in frontal} == {"train"}
    places = {s.environment.name for s in held} & {s.environment.name for s in frontal}
    assert places <= {"lawn", "plane"}
    assert f"random-{HELD_FROM}" in appearances(DESIGN, "held")


def test_real_trials_stay_within_their_recording(shared):
    design = dataclasses.replace(DESIGN, activities=("push_up", "squat", "wave"))
    real = draw(design, "cmu", (-15.0, 15.0), clips=6, assets_root=shared / "data")
    assert {s.motion.source for s in real} == {"cmu"}
    assert {s.motion.activity for s in real} == {"squat", "wave"}
    for spec in real:
        seen = aim(spec.motion, root="in_place", assets_root=shared / "data")
        assert spec.start_s + (spec.num_frames - 1) / spec.fps <= seen.duration_s


def test_an_unknown_split_or_activity_is_refused():
    with pytest.raises(UnknownName, match="'held'"):
        draw(DESIGN, "hold", (-15.0, 15.0))
    with pytest.raises(UnknownName, match="'squat'"):
        TrainingDesign(activities=("squad", "walk"))


def test_activities_of_which_there_is_no_real_trial_are_named(tmp_path):
    design = dataclasses.replace(DESIGN, activities=("push_up", "play_violin"))
    with pytest.raises(DesignError, match="CMU has none of push_up, play_violin"):
        draw(design, "cmu", (-15.0, 15.0), clips=6, assets_root=tmp_path)


def test_where_the_camera_stands_says_nothing_of_the_activity():
    design = dataclasses.replace(DESIGN, activities=("push_up", "jumping_jack"), clips=160)
    specs = draw(design, "train", (-180.0, 180.0))
    heights = {
        activity: np.array([s.look_at_m[2] for s in specs if s.motion.activity == activity])
        for activity in design.activities
    }
    low, high = heights["push_up"], heights["jumping_jack"]
    assert abs(low.mean() - high.mean()) < 3 * np.hypot(low.std(), high.std()) / np.sqrt(len(low))
    assert min(low.min(), high.min()) < 0.4 and max(low.max(), high.max()) > 1.1
    level = [np.array(s.look_at_m[:2]) for s in specs]
    assert np.abs(level).max() <= 0.121


def test_each_person_s_clips_come_together_and_theirs_of_a_place_too(frontal):
    names = [s.appearance.name for s in frontal]
    assert len({k for k in range(1, len(names)) if names[k] != names[k - 1]}) == len(set(names)) - 1
    pairs = [(s.appearance.name, s.environment.name) for s in frontal]
    assert sum(a != b for a, b in itertools.pairwise(pairs)) == len(set(pairs)) - 1
