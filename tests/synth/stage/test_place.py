"""Environments: every one bakes and follows the rules; files that are wrong are refused with their line."""

import numpy as np
import pytest

from synth.errors import UnknownName
from synth.stage import backdrop, floor_map, grounds, guards, place, recipe, shapes, things

NAMES = [*place.place_names(), "random-0", "random-1", "random-17"]
HANGING = ("hanging_lamp", "picture", "clock", "mirror", "punching_bag")


@pytest.fixture(scope="module", params=NAMES)
def baked(request, load_place):
    return load_place(request.param)


def test_the_eight_environments_are_there():
    expected = {"plane", "studio", "living_room", "gym", "street", "lawn", "beach", "court"}
    assert expected == set(place.place_names())


def test_arrays_fit_together(baked):
    shape = baked.shape
    count = len(shape.points)
    assert shape.normals.shape == shape.tint.shape == (count, 3) and shape.uv.shape == (count, 2)
    assert len(shape.faces) == len(shape.kind) == len(baked.material)
    assert len(shape.faces) == 0 or (shape.faces.min() >= 0 and shape.faces.max() < count)
    np.testing.assert_allclose(np.linalg.norm(shape.normals, axis=1), 1.0, atol=1e-6)
    assert all(np.isfinite(a).all() for a in (shape.points, shape.uv, shape.tint))
    assert {baked.materials[k].name for k in np.unique(baked.material)} == set(shape.kind)
    for material in baked.materials:
        assert material.texture.dtype == np.uint8 and material.texture.shape[2] == 4


def test_every_face_has_its_guard_and_what_casts_no_shadow_is_known(baked):
    assert len(baked.guard) == len(baked.casts) == len(baked.shape.faces)
    assert (baked.guard[baked.guard != guards.UNGUARDED] < len(baked.guards)).all()
    assert baked.casts.dtype == bool and len(baked.shape.faces) < 10_000
    np.testing.assert_allclose(np.linalg.norm(baked.guards[:, :3], axis=1), 1.0)


def test_solid_faces_look_outwards(baked):
    shape = baked.shape
    a, b, c = (shape.points[shape.faces[:, k]] for k in range(3))
    solid = ~np.isin(shape.kind, list(grounds.CUT))
    facing = (np.cross(b - a, c - a) * shape.normals[shape.faces].mean(axis=1)).sum(axis=1)[solid]
    assert len(facing) == 0 or (facing > -1e-6).mean() > 0.99


def test_every_direction_has_something_to_see():
    points = place.load("lawn").shape.points
    tall = points[points[:, 2] > 1.0]
    turn = np.degrees(np.arctan2(tall[:, 1], tall[:, 0])) % 360.0
    assert len(np.unique(turn // 45)) == 8


def test_an_environment_from_a_seed_is_always_the_same_and_another_seed_another():
    one, again, other = place.load("random-5"), place.load("random-5"), place.load("random-6")
    np.testing.assert_array_equal(one.shape.points, again.shape.points)
    assert all(np.array_equal(a.texture, b.texture) for a, b in zip(one.materials, again.materials, strict=True))
    assert one.recipe != other.recipe


def test_digests_tell_environments_apart():
    digests = {name: place.digest(name) for name in NAMES}
    assert len(set(digests.values())) == len(NAMES)
    assert digests == {name: place.digest(name) for name in NAMES}


def test_an_unknown_environment_is_answered_with_the_nearest():
    with pytest.raises(UnknownName, match="lawn"):
        place.load("laun")
    with pytest.raises(UnknownName, match="random-"):
        place.load("random-x")


@pytest.mark.parametrize("kind", sorted(set(grounds.KINDS) - grounds.FILLS))
def test_textures_repeat_without_a_seam(kind):
    image = grounds.bake(kind, seed=3, size=256)[..., :3].astype(float)
    inner = np.abs(np.diff(image, axis=1)).mean(axis=(0, 2))
    seam = np.abs(image[:, 0] - image[:, -1]).mean()
    assert seam <= np.quantile(inner, 0.98) * 1.6 + 2.0


@pytest.mark.parametrize("kind", backdrop.KINDS)
def test_backdrops_close_round_the_horizon(kind):
    strip = backdrop.strip(kind, reach=0.9, seed=1)
    assert strip.shape == (backdrop.HEIGHT, backdrop.WIDTH, 4)
    assert (strip[-1, :, 3] > 250).mean() > 0.8
    assert strip[0, :, 3].max() == 0


@pytest.mark.parametrize("kind", sorted(things.THINGS))
def test_things_stand_on_the_floor(kind):
    shape = things.THINGS[kind](np.random.default_rng(1))
    assert isinstance(shape, shapes.Shape)
    assert -0.8 < shape.points[:, 2].min() < (0.2 if kind not in HANGING else 3.0)
    assert set(shape.kind) <= set(grounds.KINDS)
    np.testing.assert_allclose(np.linalg.norm(shape.normals, axis=1), 1.0, atol=1e-6)


def test_draws_are_outdoors_in_rooms_and_before_plain_walls():
    drawn = [place.read(f"random-{k}") for k in range(40)]
    rooms = [what for what in drawn if what.room.height > 0]
    plain = [what for what in drawn if any(thing.kind == "cyclorama" for thing in what.things)]
    assert 5 < len(rooms) < 20 and 1 <= len(plain) < 10
    assert len({what.floor.kind for what in drawn}) > 6


def test_lines_are_as_wide_as_they_say_and_lie_under_a_sole():
    floor = recipe.Floor(marks=(recipe.Mark(shape="rect", size=(4.0, 2.0), width=0.1),))
    (line,) = floor_map.lines(floor)
    corners = line.points[line.faces]
    area = 0.5 * np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])[:, 2].sum()
    np.testing.assert_allclose(area, 4.1 * 2.1 - 3.9 * 1.9, rtol=1e-6)
    assert line.points[:, 2].max() < 0.01


def test_the_map_shows_marks_where_they_are():
    mark = recipe.Mark(layer="path", at=(3.0, -2.0), size=(2.0, 1.0))
    what = recipe.Recipe(floor=recipe.Floor(marks=(mark,), map_m=16.0))
    path = floor_map.paint(what, shapes.join([]))[..., 0] > 127
    rows, columns = np.nonzero(path)
    x, y = (columns + 0.5) / 64 - 8, 8 - (rows + 0.5) / 64
    np.testing.assert_allclose([x.mean(), y.mean(), path.sum() / 4096], [3.0, -2.0, 2.0], atol=0.08)
