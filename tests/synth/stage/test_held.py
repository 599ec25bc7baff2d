"""Objects drawn with the person: where they are, that none is there at scale 0, their shadow and their normals."""

import numpy as np
import pytest

from synth.factors import Lighting
from synth.frames import Camera, rotation_z
from synth.stage import place, props
from synth.stage.meshes import PROP, MeshError, upload
from synth.stage.renderer import RenderError

CAMERA = Camera(position_m=(4.0, 0.0, 1.0), yaw_deg=180.0, fov_deg=50.0, width=128, height=128)


@pytest.fixture(autouse=True)
def empty_plane(renderer):
    renderer.set_place(place.load("plane"))
    renderer.set_lighting(Lighting(sun_elevation_deg=60.0))


def at(x=0.0, y=0.0, z=1.0, linear=None):
    """(1, 1, 3, 4): one pose of one prop."""
    return np.c_[np.eye(3) if linear is None else linear, [x, y, z]][None, None]


def show(renderer, toys, meshes, poses, *, camera=CAMERA, passes=("lit", "mask", "parts", "depth"), **changes):
    """One pose of a small sphere beside the picture's middle, with props."""
    request = {"rotations": np.eye(3)[None, None], "root": np.zeros((1, 3)), "placement": None} | changes
    handle = renderer.add_character(toys.sphere((0, 0.9, 1.0), 0.1), meshes)
    shown = renderer.render(character=handle, cameras=[camera], passes=passes, prop_poses=poses, **request)
    return {name: values[0, 0] for name, values in shown.items()}


def test_a_prop_is_where_it_was_put_and_is_no_person(renderer, toys):
    shown = show(renderer, toys, [toys.ball(0.2)], at(z=1.2))
    y, x = np.nonzero(shown["parts"] == PROP)
    centre = CAMERA.project(np.array([[0.0, 0.0, 1.2]]))[0]
    np.testing.assert_allclose([x.mean() + 0.5, y.mean() + 0.5], centre[:2], atol=0.6)
    assert len(x) == pytest.approx(np.pi * (CAMERA.intrinsics()[0, 0] * 0.2 / 4.0) ** 2, rel=0.03)
    assert not shown["mask"][shown["parts"] == PROP].any()
    assert shown["depth"][y, x].min() == pytest.approx(3.8, abs=3e-3)


def test_it_moves_with_the_persons_placement(renderer, toys):
    placement = np.eye(4)
    placement[:3, :3], placement[:3, 3] = rotation_z(90.0), (0.2, -0.1, 0.05)
    shown = show(renderer, toys, [toys.ball(0.1)], at(0.3, 0.2, 1.1), placement=placement)
    y, x = np.nonzero(shown["parts"] == PROP)
    expected = CAMERA.project(np.array([[0.2 - 0.2, -0.1 + 0.3, 1.15]]))[0, :2]
    np.testing.assert_allclose([x.mean() + 0.5, y.mean() + 0.5], expected, atol=0.6)


@pytest.mark.parametrize("poses", [None, at(linear=np.zeros((3, 3))), at(linear=np.zeros((3, 3)), z=-5.0)])
def test_nothing_is_left_of_a_prop_of_scale_0_or_without_poses(renderer, toys, poses):
    passes = ("lit", "mask", "parts", "depth", "normal", "foreground")
    shown = show(renderer, toys, [toys.ball(0.2)], poses, passes=passes)
    bare = show(renderer, toys, [], None, passes=passes)
    for name in passes:
        assert shown[name].tobytes() == bare[name].tobytes(), name


def test_scale_stretches_it_and_its_normals(renderer, toys):
    """An ellipsoid: normals go as x / a ** 2."""
    size = np.array([0.5, 1.0, 2.0])
    shown = show(renderer, toys, [toys.ball(0.2)], at(linear=np.diag(size)), passes=("parts", "depth", "normal"))
    y, x = np.nonzero(shown["parts"] == PROP)
    assert np.ptp(y) == pytest.approx(2.0 * np.ptp(x), abs=3)
    depth, k = shown["depth"][y, x], CAMERA.intrinsics()
    local = np.stack([4.0 - depth, (x + 0.5 - k[0, 2]) * depth / k[0, 0], -(y + 0.5 - k[1, 2]) * depth / k[1, 1]], 1)
    expected = local / size**2
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert ((shown["normal"][y, x] * expected).sum(axis=1) > 0.98).mean() > 0.95


def test_it_casts_a_shadow_and_dims_the_sky(renderer, toys):
    above = Camera(position_m=(0, 0, 8.0), pitch_deg=-90.0, fov_deg=50.0, width=96, height=96)
    bare = show(renderer, toys, [toys.ball(0.3)], None, camera=above)["lit"].astype(int)
    high = show(renderer, toys, [toys.ball(0.3)], at(0.5, -1.5, 1.2), camera=above)
    dark = (bare - high["lit"]).sum(axis=2) > 60
    assert (dark & (high["parts"] == 0)).sum() > 35
    low = show(renderer, toys, [toys.ball(0.3)], at(0.5, -1.5, 0.3), camera=above)
    dim = (bare - low["lit"]).sum(axis=2) > 3
    assert (dim & (low["parts"] == 0)).sum() > 50


def test_a_ball_far_away_leaves_the_shadow_of_the_person_as_it_is(renderer, toys):
    above = Camera(position_m=(0, 0.9, 5.0), pitch_deg=-90.0, fov_deg=40.0, width=96, height=96)
    bare = show(renderer, toys, [toys.ball(0.1)], None, camera=above)["lit"]
    far = show(renderer, toys, [toys.ball(0.1)], at(40.0, -60.0, 1.0), camera=above)["lit"]
    np.testing.assert_array_equal(far, bare)


def test_every_kind_is_drawn(renderer, toys):
    camera = Camera(position_m=(2.0, -2.4, 1.0), yaw_deg=130.0, fov_deg=60.0, width=224, height=224)
    alone = np.count_nonzero(
        show(renderer, toys, [], None, camera=camera, passes=("foreground",))["foreground"][..., 3]
    )
    seen = ("foreground", "normal")
    for kind in props.kinds():
        mesh = props.load(kind)
        middle = (mesh.points.min(axis=0) + mesh.points.max(axis=0)) / 2
        shown = show(renderer, toys, [mesh], at(*([0.0, 0.0, 1.0] - middle)), camera=camera, passes=seen)
        assert np.count_nonzero(shown["foreground"][..., 3]) > alone + 5, kind
        assert np.isfinite(shown["normal"]).all(), kind


def test_what_does_not_fit_is_refused(renderer, toys):
    ball = toys.ball(0.1)
    with pytest.raises(RenderError, match=r"prop_poses of shape \(1, 2, 3, 4\): expected \(1, 1, 3, 4\)"):
        show(renderer, toys, [ball], np.repeat(at(), 2, axis=1))
    with pytest.raises(RenderError, match="prop_poses hold a value that is not finite"):
        show(renderer, toys, [ball], at() * np.nan)
    many = toys.ball(0.1, materials=tuple(toys.material() for _ in range(200)))
    with pytest.raises(MeshError, match="401 materials"):
        upload(toys.sphere((0, 0, 0), 1.0), renderer.device, [many, many])
