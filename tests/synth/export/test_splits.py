"""Splits: nothing shared, shares kept, and leaks found."""

from collections import Counter

import numpy as np
import pytest

from synth.export import LeakedSplit, SplitError, check_splits, data_set, split
from synth.export.splits import checked_shares, dealt, dealt_by_activity, motion_of, person_of
from synth.factors import Appearance, ClipSpec, MotionRef, Viewpoint

SHARES = {"train": 0.7, "val": 0.15, "test": 0.15}


def clip(motion, person, azimuth=0.0, activity="squat", source="authored"):
    return ClipSpec(
        motion=MotionRef(activity=activity, variant=motion, source=source),
        appearance=Appearance(name=person),
        viewpoint=Viewpoint(azimuth_deg=azimuth),
    )


def test_a_shared_motion_and_a_shared_person_are_leaks():
    check_splits({"train": [clip("1", "ana")], "test": [clip("2", "ben")]})
    with pytest.raises(LeakedSplit, match="motion 'authored/squat/1' is in the splits 'train' and 'test'"):
        check_splits({"train": [clip("1", "ana")], "test": [clip("1", "ben")]})
    with pytest.raises(LeakedSplit, match="appearance 'ana' is in the splits 'train' and 'val'"):
        check_splits({"train": [clip("1", "ana")], "test": [clip("2", "ben")], "val": [clip("3", "ana")]})


def test_two_crops_of_one_recording_are_one_motion_whatever_they_show():
    one = clip("13_29a", "ana", activity="jumping_jack", source="cmu")
    other = clip("13_29b", "ben", activity="squat", source="cmu")
    assert motion_of(one) == motion_of(other) and one.motion != other.motion
    with pytest.raises(LeakedSplit, match="cmu/13_29"):
        check_splits({"train": [one], "test": [other]})


def test_a_recording_of_two_activities_is_dealt_once():
    for seed in range(20):
        motions = {"squat": ["a", "b", "c", "d"], "jump": ["c", "d"]}
        homes = dealt_by_activity(motions, {"train": 0.5, "test": 0.5}, np.random.default_rng(seed))
        for own in motions.values():
            assert {homes[motion] for motion in own} == {"train", "test"}


def test_a_data_set_with_a_leak_is_not_made():
    parts = {"train": [clip("1", "ana")], "test": [clip("1", "ana", 90.0)]}
    with pytest.raises(LeakedSplit):
        data_set("bad", parts, {spec: spec.clip_id({}) for specs in parts.values() for spec in specs})


def test_clips_that_hang_together_stay_together_and_none_is_lost():
    people = [f"random-{k}" for k in range(20)]
    specs = [clip(f"{k}", people[k % 20], azimuth) for k in range(40) for azimuth in (0, 90, 180)]
    parts, dropped = split(specs, SHARES, seed=3)
    check_splits(parts)
    assert dropped == 0 and sum(map(len, parts.values())) == 120
    assert {name: len(members) for name, members in parts.items()} == {"train": 84, "val": 18, "test": 18}


def test_motions_crossed_with_people_lose_only_what_would_leak():
    specs = [clip(f"{m}", f"random-{p}") for m in range(10) for p in range(10)]
    parts, dropped = split(specs, {"train": 0.8, "test": 0.2}, seed=0)
    check_splits(parts)
    assert len(parts["train"]) == 64 and len(parts["test"]) == 4 and dropped == 32


@pytest.mark.parametrize("seed", range(40))
def test_no_design_leaks(seed):
    rng = np.random.default_rng(seed)
    motions, people = rng.integers(4, 30, 2)
    specs = [
        clip(str(rng.integers(motions)), f"random-{rng.integers(people)}", float(k), ("squat", "wave")[k % 2])
        for k in range(int(rng.integers(4, 80)))
    ]
    try:
        parts, dropped = split(specs, SHARES, seed=seed)
    except SplitError:
        return
    check_splits(parts)
    assert all(parts.values()) and sum(map(len, parts.values())) + dropped == len(specs)
    assert not set(map(person_of, parts["train"])) & set(map(person_of, parts["test"]))


def test_a_split_is_drawn_by_its_seed():
    specs = [clip(str(k), f"random-{k}") for k in range(30)]
    assert split(specs, SHARES, seed=1) == split(specs, SHARES, seed=1) != split(specs, SHARES, seed=2)


def test_things_are_dealt_as_near_to_the_shares_as_can_be():
    homes = dealt(list(range(20)), SHARES, np.random.default_rng(0), "things")
    assert Counter(homes.values()) == {"train": 14, "val": 3, "test": 3}
    assert Counter(dealt("abc", SHARES, np.random.default_rng(0), "things").values()) == dict.fromkeys(SHARES, 1)


def test_too_few_are_refused_with_the_number():
    with pytest.raises(SplitError, match="appearances: 1 for 3 splits"):
        split([clip(str(k), "ana") for k in range(9)], SHARES, seed=0)
    with pytest.raises(SplitError, match="motions of squat: 2 for 3 splits"):
        split([clip(str(m), f"random-{p}") for m in range(2) for p in range(9)], SHARES, seed=0)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "expected shares by name"),
        ({"train": 0, "test": 0}, "all shares are 0"),
        ({"train": True}, "train = True; expected a share"),
        ({"a/b": 1}, "a split 'a/b'"),
        ([0.5, 0.5], "expected shares by name"),
    ],
)
def test_shares_that_cannot_be(given, says):
    with pytest.raises(SplitError, match=says):
        checked_shares(given)


def test_shares_sum_to_one():
    assert checked_shares({"train": 8, "val": 0, "test": 2}) == {"train": 0.8, "test": 0.2}
