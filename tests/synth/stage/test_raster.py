"""Where things land: depth, coverage, occlusion and clipping against answers known in closed form."""

import numpy as np
import pytest

from synth.frames import Camera, orbit
from synth.stage import place


@pytest.fixture(autouse=True)
def empty_plane(renderer):
    renderer.set_place(place.load("plane"))


def floor_depth(camera: Camera) -> np.ndarray:
    """(H, W) planar depth of z = 0 at pixel centres, inf above the horizon."""
    k = camera.intrinsics()
    x, y = np.meshgrid(np.arange(camera.width) + 0.5, np.arange(camera.height) + 0.5)
    rays = np.stack([(x - k[0, 2]) / k[0, 0], (y - k[1, 2]) / k[1, 1], np.ones_like(x)], -1) @ camera.axes()
    with np.errstate(divide="ignore"):
        depth = -camera.position_m[2] / rays[..., 2]
    return np.where(rays[..., 2] < 0, depth, np.inf)


@pytest.mark.parametrize("pitch", [-5.0, -30.0, -90.0, 20.0])
@pytest.mark.parametrize("roll", [0.0, 25.0])
def test_the_floor_is_as_deep_as_its_closed_form(draw, pitch, roll):
    camera = Camera(position_m=(1.0, -2.0, 1.7), yaw_deg=33.0, pitch_deg=pitch, roll_deg=roll, width=96, height=64)
    got, expected = draw(None, [camera], passes=("depth",))["depth"][0], floor_depth(camera)
    near = expected < 1000.0
    np.testing.assert_allclose(got[near], expected[near], rtol=1e-3)
    assert np.isinf(got[np.isinf(expected)]).all()


def test_the_floor_is_not_drawn_from_below(draw):
    camera = Camera(position_m=(3.0, 0.0, -0.4), yaw_deg=180.0, width=64, height=64)
    assert np.isinf(draw(None, [camera], passes=("depth",))["depth"]).all()


def test_a_quad_covers_the_pixels_it_projects_to(draw, toys):
    camera = Camera(position_m=(4.0, 0.0, 1.0), yaw_deg=180.0, fov_deg=50.0, width=128, height=128)
    shown = draw(toys.quad((0.0, 0.1, 1.05), 0.9, 0.7), [camera])
    corners = camera.project(np.array([[0, -0.35, 0.7], [0, 0.55, 1.4]]))
    x, y = np.meshgrid(np.arange(128) + 0.5, np.arange(128) + 0.5)
    inside = (x > corners[:, 0].min()) & (x < corners[:, 0].max())
    inside &= (y > corners[:, 1].min()) & (y < corners[:, 1].max())
    np.testing.assert_array_equal(shown["mask"][0], inside)
    np.testing.assert_allclose(shown["depth"][0][inside], 4.0, rtol=1e-5)


def test_a_sphere_covers_its_disc_and_is_as_deep_as_it_is_round(draw, toys):
    camera = Camera(position_m=(3.0, 0.0, 1.0), yaw_deg=180.0, fov_deg=40.0, width=160, height=160)
    shown = draw(toys.sphere((0.0, 0.0, 1.0), 0.4), [camera])
    focal = camera.intrinsics()[0, 0]
    area = np.pi * (focal * 0.4) ** 2 / (9.0 - 0.16)
    assert shown["mask"].sum() == pytest.approx(area, rel=0.01)
    assert shown["depth"][0][80, 80] == pytest.approx(2.6, abs=2e-3)


def test_a_sheet_is_seen_from_both_sides_only_where_it_is_double_sided(draw, toys):
    behind = Camera(position_m=(-3.0, 0.0, 1.0), width=48, height=48)
    assert draw(toys.quad((0, 0, 1), 1, 1), [behind])["mask"].sum() == 0
    both = toys.quad((0, 0, 1), 1, 1, materials=(toys.material(double_sided=True),))
    assert draw(both, [behind])["mask"].sum() > 100


def test_the_nearer_of_two_hides_the_other(draw, toys):
    near, far = toys.quad((1, 0, 1), 0.4, 0.4), toys.quad((-1, 0, 1), 2.0, 1.0)
    both = toys.character(
        np.concatenate([far.rest, near.rest]), np.concatenate([far.faces, near.faces + 4]), uv=np.zeros((8, 2))
    )
    camera = Camera(position_m=(4.0, 0.0, 1.0), yaw_deg=180.0, width=64, height=64)
    depth = draw(both, [camera])["depth"][0]
    assert depth[32, 32] == pytest.approx(3.0, rel=1e-5)
    assert depth[32, 20] == pytest.approx(5.0, rel=1e-5)


def test_what_stands_under_the_floor_is_hidden_by_it(draw, toys):
    camera = Camera(position_m=(4.0, 0.0, 2.0), yaw_deg=180.0, pitch_deg=-30.0, width=64, height=64)
    assert draw(toys.quad((0, 0, -1.0), 1, 1), [camera])["mask"].sum() == 0


def test_a_sheet_under_the_camera_has_no_holes_and_no_spikes(draw, toys):
    low, wide = 0.02, 30.0
    corners = [(-wide, -wide, low), (wide, -wide, low), (wide, wide, low), (-wide, wide, low)]
    sheet = toys.character(corners, [(0, 1, 2), (0, 2, 3)], materials=(toys.material(double_sided=True),))
    camera = Camera(position_m=(0.3, 0.2, 1.5), yaw_deg=20.0, pitch_deg=-35.0, fov_deg=90.0, width=96, height=96)
    shown = draw(sheet, [camera])
    raised = Camera(**{**camera.__dict__, "position_m": (0.3, 0.2, 1.5 - low)})
    expected = floor_depth(raised)
    near = expected < 20.0
    assert shown["mask"][0][near].all()
    assert not shown["mask"][0][np.isinf(expected)].any()
    np.testing.assert_allclose(shown["depth"][0][near], expected[near], rtol=1e-3)


def test_a_cut_texture_leaves_a_hole_in_mask_depth_and_picture(draw, toys):
    image = np.full((64, 64, 4), (200, 60, 60, 255), np.uint8)
    image[:, :32, 3] = 0
    camera = Camera(position_m=(3.0, 0.0, 1.0), yaw_deg=180.0, width=64, height=64)
    cut = toys.quad((0, 0, 1), 1.0, 1.0, materials=(toys.material(texture=image, cut=True),))
    whole = toys.quad((0, 0, 1), 1.0, 1.0, materials=(toys.material(texture=image),))
    shown, full = draw(cut, [camera]), draw(whole, [camera])
    columns = np.flatnonzero(full["mask"][0].any(axis=0))
    kept = np.flatnonzero(shown["mask"][0].any(axis=0))
    assert kept.min() == pytest.approx((columns.min() + columns.max()) / 2, abs=1.0)
    assert shown["mask"].sum() == pytest.approx(full["mask"].sum() / 2, rel=0.06)
    hole = (full["mask"][0] == 1) & (shown["mask"][0] == 0)
    assert (shown["depth"][0][hole] > 3.5).all()


def test_vertices_land_where_the_camera_projects_them(draw, toys):
    ball = toys.sphere((0.2, -0.1, 0.9), 0.3)
    cameras = [
        orbit((0, 0, 0.9), azimuth_deg=a, elevation_deg=e, distance_m=3.0, fov_deg=40.0, width=128, height=128)
        for a, e in ((0, 0), (77, 20), (190, -10), (300, 55))
    ]
    shown = draw(ball, cameras)
    for camera, mask in zip(cameras, shown["mask"], strict=True):
        pixels = np.floor(camera.project(ball.rest)[:, :2]).astype(int)
        ys, xs = np.nonzero(mask)
        assert abs(pixels[:, 0].min() - xs.min()) <= 1 and abs(pixels[:, 0].max() - xs.max()) <= 1
        assert abs(pixels[:, 1].min() - ys.min()) <= 1 and abs(pixels[:, 1].max() - ys.max()) <= 1


def test_a_mask_alone_is_the_mask_beside_a_picture(draw, toys):
    camera = Camera(position_m=(3.0, 0.3, 1.2), yaw_deg=186.0, pitch_deg=-4.0, width=96, height=96)
    ball = toys.sphere((0.0, 0.0, 1.0), 0.5)
    alone, beside = draw(ball, [camera], passes=("mask", "depth")), draw(ball, [camera])
    np.testing.assert_array_equal(alone["mask"], beside["mask"])
    np.testing.assert_array_equal(alone["depth"], beside["depth"])
