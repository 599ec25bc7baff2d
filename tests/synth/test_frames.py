"""Frames: hand-made cases for the camera, Unreal's axes and the sources' axes."""

import numpy as np
import pytest

from synth import frames
from synth.frames import Camera, orbit

VIEW = dict(elevation_deg=0, distance_m=2, fov_deg=90, width=100, height=100)


def test_the_look_at_point_is_the_middle_and_axes_fall_where_they_should():
    camera = orbit((0, 0, 1), azimuth_deg=0, **VIEW)
    assert camera.position_m == pytest.approx((2, 0, 1))
    assert camera.project(np.array([0, 0, 1.0])) == pytest.approx([50, 50, 2])
    # fov 90: one metre at two metres is 25 pixels. Seen from the front, the person's left is on the right.
    assert camera.project(np.array([0, 1, 1.0])) == pytest.approx([75, 50, 2])
    assert camera.project(np.array([0, 0, 2.0])) == pytest.approx([50, 25, 2])


def test_azimuth_90_stands_at_the_left_and_elevation_looks_down():
    assert orbit((0, 0, 0), azimuth_deg=90, **VIEW).position_m == pytest.approx((0, 2, 0), abs=1e-9)
    above = orbit((0, 0, 0), azimuth_deg=0, **{**VIEW, "elevation_deg": 30})
    assert above.position_m == pytest.approx((2 * np.cos(np.pi / 6), 0, 1)) and above.pitch_deg == -30


def test_axes_are_orthonormal_and_right_handed_with_roll():
    axes = Camera(position_m=(1, 2, 3), yaw_deg=20, pitch_deg=-35, roll_deg=10).axes()
    assert axes @ axes.T == pytest.approx(np.eye(3)) and np.linalg.det(axes) == pytest.approx(1)
    rolled = Camera(position_m=(0, 0, 0), roll_deg=90).axes()
    assert rolled[0] == pytest.approx([0, 0, -1], abs=1e-9), "rolled clockwise, the camera's right is the world's down"


def test_unreal_round_trip_and_signs():
    assert frames.to_unreal_location((1, 2, 3)) == (100, -200, 300)
    assert frames.from_unreal_location(frames.to_unreal_location((1, 2, 3))) == (1, 2, 3)
    pitch_yaw_roll = frames.to_unreal_rotation(yaw_deg=30, pitch_deg=-10, roll_deg=5)
    assert pitch_yaw_roll == (-10, -30, 5)
    assert frames.from_unreal_rotation(pitch_yaw_roll) == {"yaw_deg": 30, "pitch_deg": -10, "roll_deg": 5}


def test_sources_face_forward_with_their_left_at_plus_y():
    assert frames.CMU_TO_OURS @ [0, 0, 1] == pytest.approx([1, 0, 0]), "CMU faces +Z"
    assert frames.CMU_TO_OURS @ [1, 0, 0] == pytest.approx([0, 1, 0]), "CMU's left is +X"
    assert frames.ANNY_TO_OURS @ [0, -1, 0] == pytest.approx([1, 0, 0]), "anny faces -Y"
    assert frames.ANNY_TO_OURS @ [1, 0, 0] == pytest.approx([0, 1, 0])
    for matrix in (frames.CMU_TO_OURS, frames.ANNY_TO_OURS):
        assert np.linalg.det(matrix) == pytest.approx(1)
