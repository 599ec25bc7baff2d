"""Normals from depth, against planes whose normal is known by hand."""

import numpy as np
import pytest

from synth.frames import Camera
from synth.stage.normals import normal_colors

CAMERA = Camera(position_m=(0.0, 0.0, 2.0), yaw_deg=30.0, pitch_deg=-40.0, roll_deg=10.0, width=24, height=16)


def plane_depth(normal, offset, camera=CAMERA):
    """Planar depth of the plane n.x = offset at every pixel's centre."""
    k, axes = camera.intrinsics(), camera.axes()
    u, v = np.meshgrid(np.arange(camera.width) + 0.5, np.arange(camera.height) + 0.5)
    rays = np.stack([(u - k[0, 2]) / k[0, 0], (v - k[1, 2]) / k[1, 1], np.ones_like(u)], axis=-1) @ axes
    return (offset - np.dot(normal, camera.position_m)) / (rays @ normal)


@pytest.mark.parametrize(
    ("normal", "offset", "colour"),
    [
        ((0, 0, 1), 0.0, (128, 128, 255)),
        ((-1, 0, 0), -9.0, (0, 128, 128)),
        ((0, -1, 0), -9.0, (128, 255, 128)),
        ((-0.6, 0, 0.8), 0.0, (51, 128, 230)),
    ],
    ids=["floor", "wall ahead", "wall on the left: Unreal's Y is our -Y", "slope"],
)
def test_a_plane_has_one_colour(normal, offset, colour):
    colours = normal_colors(plane_depth(np.array(normal, dtype=float), offset), CAMERA)
    assert np.abs(colours.astype(int) - colour).max() <= 1


def test_a_step_in_depth_bends_neither_side():
    depth = plane_depth(np.array([0.0, 0.0, 1.0]), 0.0)
    near = plane_depth(np.array([0.0, 0.0, 1.0]), 1.0)
    depth[:, :12] = near[:, :12]
    assert np.abs(normal_colors(depth, CAMERA).astype(int) - (128, 128, 255)).max() <= 1


def test_nothing_is_grey():
    depth = plane_depth(np.array([0.0, 0.0, 1.0]), 0.0)
    depth[:5] = np.inf
    colours = normal_colors(depth, CAMERA)
    assert (colours[:5] == 128).all() and np.abs(colours[5:].astype(int) - (128, 128, 255)).max() <= 1
    assert (normal_colors(np.full((1, 9), 2.0), CAMERA) == 128).all()
