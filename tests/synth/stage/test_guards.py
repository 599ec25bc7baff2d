"""Guards: nothing comes between a camera and the person, in any place, from any side."""

import numpy as np
import pytest

from synth.frames import orbit
from synth.stage import guards, place, rooms, shapes, things
from synth.stage.recipe import Opening, PlaceError, Room

NAMES = [*place.place_names(), "random-0", "random-2", "random-4", "random-9", "random-17"]


def test_a_thing_before_the_origin_is_seen_from_the_persons_side_alone():
    block = shapes.box((1.0, 4.0, 2.0), "paint").placed((4.0, 0.0))
    plane = guards.guard(block, "toy")
    np.testing.assert_allclose(plane[:3], [-1.0, 0.0, 0.0], atol=1e-9)
    assert -3.5 < plane[3] < -3.2  # the block begins at x = 3.5, and a camera needs some room before it


@pytest.mark.parametrize("at", [(3.0, 2.0), (-2.2, 0.3), (0.5, -6.0), (20.0, 20.0)])
def test_the_plane_has_the_thing_behind_it_and_the_person_before_it(at):
    shape = things.THINGS["car"](np.random.default_rng(0)).placed(at, 77.0)
    try:
        plane = guards.guard(shape, "toy")
    except PlaceError:
        assert np.hypot(*at) < 3.0
        return
    assert (shape.points @ plane[:3] <= plane[3]).all() and plane[3] < -guards.PERSON_M + 0.2


def test_low_things_and_flat_ones_need_no_guard():
    assert guards.guard(shapes.box((0.3, 0.3, 0.12), "paint").placed((4.0, 0.0)), "toy") is None
    assert guards.guard(things.THINGS["rug"](np.random.default_rng(0)), "toy") is None
    assert guards.guard(shapes.join([]), "toy") is None


def test_what_hangs_overhead_is_not_seen_from_above():
    plane = guards.guard(shapes.box((1.0, 1.0, 0.2), "paint", lift_m=2.5), "toy")
    np.testing.assert_allclose(plane[:3], [0.0, 0.0, -1.0])
    assert plane[3] > -2.5


@pytest.mark.parametrize("height", [0.3, 1.0])
def test_what_would_stand_in_the_person_is_refused(height):
    with pytest.raises(PlaceError, match="chair reaches within"):
        guards.guard(shapes.box((1.0, 1.0, height), "paint").placed((0.8, 0.0)), "chair")


def test_a_room_is_walls_with_holes_and_a_ceiling_all_looking_inwards():
    room = Room(size=(6.0, 5.0), height=2.5, openings=(Opening(wall="east", at=0.5, width=1.0, height=1.0),))
    walls = shapes.join(rooms.build(room))
    plain = walls.kind == room.wall
    corners = walls.points[walls.faces[plain]]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    inward = np.array([0.0, 0.0, 1.25]) - corners.mean(axis=1)
    assert ((across * inward).sum(axis=1) > 0).all()
    area = 0.5 * np.linalg.norm(across, axis=1).sum()
    np.testing.assert_allclose(area, 2 * (6.0 + 5.0) * 2.5 - 1.0, rtol=1e-6)
    assert rooms.build(Room()) == []


@pytest.fixture(scope="module")
def post(toys):
    """Something of a person's size, which touches the floor but stands clear of what is painted on it."""
    return toys.sphere((0.0, 0.0, 0.95), 0.9, rings=12)


def _cameras():
    views = [(a, e, d) for e, d in ((-5, 6.3), (0, 1.9), (10, 3.5), (40, 6.3)) for a in range(0, 360, 30)]
    return [
        orbit((0, 0, 0.95), azimuth_deg=a, elevation_deg=e, distance_m=d, fov_deg=60, width=48, height=48)
        for a, e, d in views
    ]


@pytest.mark.parametrize("name", NAMES)
def test_nothing_hides_the_person_in_any_place(name, draw, renderer, post, load_place):
    cameras = _cameras()
    renderer.set_place(load_place("plane"))
    free = draw(post, cameras, passes=("mask",))["mask"]
    renderer.set_place(load_place(name))
    seen = draw(post, cameras, passes=("mask",))["mask"]
    assert free.sum() > 10_000 and (seen != free).sum(axis=(1, 2)).max() <= 2


def test_a_camera_outside_looks_into_the_room_and_one_inside_sees_its_wall(draw, renderer, load_place):
    renderer.set_place(load_place("living_room"))
    eye = {"elevation_deg": 5.0, "fov_deg": 40, "width": 32, "height": 32}
    inside = orbit((0, 0, 1.2), azimuth_deg=0.0, distance_m=2.0, **eye)
    outside = orbit((0, 0, 1.2), azimuth_deg=0.0, distance_m=6.0, **eye)
    near, far = (draw(None, [camera], passes=("depth",))["depth"][0] for camera in (inside, outside))
    np.testing.assert_allclose(far[8, 16] - near[8, 16], 4.0, atol=0.3)  # the same west wall, four metres further away
