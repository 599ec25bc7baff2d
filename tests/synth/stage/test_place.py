"""Environments: every one bakes and follows the rules; files that are wrong are refused with their line."""

import numpy as np
import pytest

from synth.errors import UnknownName
from synth.stage import backdrop, environment_file, grounds, place, recipe, shapes, things

NAMES = [*place.place_names(), "random-0", "random-1", "random-17"]


@pytest.fixture(scope="module", params=NAMES)
def baked(request):
    return place.load(request.param)


def test_the_two_named_environments_are_there():
    assert {"plane", "lawn"} <= set(place.place_names())


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


def test_nothing_high_stands_where_cameras_move(baked):
    points = baked.shape.points
    high = points[points[:, 2] > 0.5]
    assert len(high) == 0 or np.hypot(high[:, 0], high[:, 1]).min() > 8.0


def test_solid_faces_look_outwards(baked):
    shape = baked.shape
    a, b, c = (shape.points[shape.faces[:, k]] for k in range(3))
    solid = shape.kind != "foliage"
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


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("seed: 1\nflor: {kind: grass}\n", r"line 1: unknown key 'flor'"),
        ("seed: 1\nfloor:\n  kind: gras\n", r"line 3: kind = 'gras'; expected one of .*grass"),
        ("sky: {zenith: [1, 2]}\n", r"zenith = \[1, 2\]; expected 3 numbers"),
        ("things:\n  - {kind: tree}\n", r"line 2: a thing needs `kind` and `at`"),
        ("things:\n  - {kind: tree, at: [9, 9], hight: 3}\n", r"line 2: unknown key 'hight'; expected .*height"),
        ("things:\n  - {kind: dragon, at: [9, 9]}\n", r"expected one of .*tree"),
        ("sky: {clouds: lots}\n", r"clouds = 'lots'; expected a number"),
        ("floor: [1]\n", r"expected a mapping with the keys kind"),
        ("a: [\n", r"is not YAML"),
        ("things:\n  - {kind: wall, at: [9, 9], material: gold}\n", r"material = 'gold'; expected one of .*brick"),
    ],
)
def test_a_wrong_file_is_refused_where_it_is_wrong(text, message):
    with pytest.raises(place.PlaceError, match=message):
        environment_file.parse(text, "toy.yaml")


@pytest.mark.parametrize("kind", sorted(set(grounds.KINDS) - {"foliage", "facade"}))
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
    assert -0.8 < shape.points[:, 2].min() < 0.2
    assert set(shape.kind) <= set(grounds.KINDS)
