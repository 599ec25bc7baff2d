"""What stands on the stage: manner and props of the person, what is loaded once, and a user's own files."""

import shutil

import numpy as np
import pytest

from synth.body import appearance
from synth.factors import Manner, MotionRef
from synth.motion import catalogue
from synth.motion.trials import MissingMotion
from synth.stage import place
from synth.stage.library import AS_IS, REST, Library
from synth.stage.world import CameraState, World

WALK = "authored/walk/0"


@pytest.fixture(scope="module")
def library():
    return Library()


@pytest.fixture
def world(renderer, library):
    return World(renderer, library)


def bone(world, name):
    return world.library.character(world.human.appearance).skeleton.names.index(name)


def hand_to_ball(world, times):
    """(T, 3) from the right wrist to the prop, metres, in the person's frame."""
    joints = world.joints_cm(times, placed=False)[:, bone(world, "wrist.R")] / 100 * (1, -1, 1)
    return world.pose(times)[2][:, 0, :, 3] - joints


def test_a_prop_stays_in_the_hand_of_who_walks_on_the_spot(world):
    times = [0.1, 0.9, 3.3, 7.0]
    world.set_motion(WALK)
    assert world.set_props("basketball") == ("basketball",)
    found = {}
    for root in ("world", "in_place"):
        world.set_root(root)
        found[root] = hand_to_ball(world, times)
        assert np.linalg.norm(found[root], axis=1).max() < 0.35
    assert np.allclose(found["world"], found["in_place"], atol=1e-5)


def test_a_mirrored_person_holds_the_prop_in_the_mirror(world):
    world.set_motion(WALK)
    world.set_props("basketball")
    plain = world.pose([0.7])[2][0, 0, :, 3]
    world.set_manner(Manner(mirror=True))
    assert not np.allclose(world.pose([0.7])[2][0, 0, :, 3], plain, atol=0.05)
    world.set_manner(AS_IS)
    assert np.array_equal(world.pose([0.7])[2][0, 0, :, 3], plain)


def test_without_a_motion_the_person_stands_at_rest(world):
    rotations, root, props = world.pose([0.0, 5.0])
    skeleton = world.library.character("ana").skeleton
    assert np.array_equal(rotations, np.broadcast_to(np.eye(3), rotations.shape)) and props.shape == (2, 0, 3, 4)
    assert np.allclose(root, skeleton.heads[0])
    assert world.human.motion == REST


def test_a_prop_is_drawn_and_is_no_person(world):
    camera = CameraState(width=48, height=48)
    parts, masks = [], []
    for props in ("none", "basketball"):
        world.set_props(props)
        shown = world.render([0.0], [camera], ["parts", "object_mask"])
        parts.append(shown["parts"])
        masks.append(shown["object_mask"].any(axis=-1))
    assert (parts[0] != 200).all() and (parts[1] == 200).sum() > 3 and not masks[1][parts[1] == 200].any()


def test_a_character_that_the_device_has_dropped_is_sent_again(world, monkeypatch):
    monkeypatch.setattr("synth.stage.renderer.CHARACTERS_HELD", 1)
    camera = CameraState(width=32, height=32)
    first = world.render([0.0], [camera], ["lit"])["lit"]
    world.set_props("basketball")
    world.render([0.0], [camera], ["lit"])
    world.set_props("none")
    assert np.array_equal(world.render([0.0], [camera], ["lit"])["lit"], first)


def test_motions_are_made_once(library):
    plain = library.motion(WALK, "ana")
    assert library.motion(WALK, "ana", AS_IS, "own") is plain
    other = library.motion(WALK, "ana", Manner(mirror=True))
    assert other is library.motion(WALK, "ana", Manner(mirror=True, tempo=2.0)) and other is not plain
    assert library.motion(WALK, "ana", AS_IS, "none").props == ()


def test_appearances_and_environments_of_a_user(tmp_path):
    for folder, source in (
        ("appearances", appearance.FOLDER / "ana.yaml"),
        ("environments", place.FOLDER / "plane.yaml"),
    ):
        (tmp_path / folder).mkdir()
        shutil.copy(source, tmp_path / folder / "mine.yaml")
    library = Library(tmp_path)
    assert library.character("mine").name == "mine" and library.place("mine").name == "mine"
    for kind in ("appearance", "environment"):
        assert len(library.digest(kind, "mine")) == 64
    assert "mine" in appearance.appearance_names(tmp_path) and "mine" in place.place_names(tmp_path)


def test_a_stage_without_recordings_names_its_own_option():
    ref = catalogue.references("walk", source="cmu", n=1)[0]
    assert isinstance(ref, MotionRef)
    for ask in (lambda: Library().motion(ref.key, "ana"), lambda: Library().digest("motion", ref.key)):
        with pytest.raises(MissingMotion, match=r"assets.root.*--assets-root DIR"):
            ask()
