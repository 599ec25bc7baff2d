"""The front of toy motions, and of what the catalogue gives out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from synth.motion.facing import front_deg
from synth.motion.motion import Motion


def turning(body, yaws_deg, *, pitch_deg: float = 0.0) -> Motion:
    """The rest pose pitched as a whole (90: face down) and turned to each yaw in turn."""
    turn = Rotation.from_euler("ZY", [[yaw, pitch_deg] for yaw in yaws_deg], degrees=True).as_matrix()
    frames = len(yaws_deg)
    matrices = np.broadcast_to(turn[:, None], (frames, len(body.names), 3, 3))
    return Motion.from_matrices(matrices=matrices, names=body.names, root=np.zeros((frames, 3)), fps=25.0)


def away_deg(angle: float, wanted: float) -> float:
    return abs((angle - wanted + 180.0) % 360.0 - 180.0)


def test_the_rest_pose_faces_forward(body):
    assert away_deg(front_deg(turning(body, [0.0]), body), 0.0) < 1e-6


def test_the_mean_is_circular(body):
    assert away_deg(front_deg(turning(body, [350.0, 10.0, 20.0, 340.0]), body), 0.0) < 1e-6
    assert away_deg(front_deg(turning(body, [80.0, 100.0]), body), 90.0) < 1e-6


def test_a_turn_about_takes_the_first_frame(body):
    assert away_deg(front_deg(turning(body, np.arange(0, 360, 10) + 40.0), body), 40.0) < 1e-6


@pytest.mark.parametrize("pitch_deg", [90.0, -90.0])
def test_who_lies_faces_where_the_head_is(body, pitch_deg):
    """Face down the head is ahead; on the back it is behind the pelvis' rest direction."""
    wanted = 30.0 if pitch_deg > 0 else 210.0
    assert away_deg(front_deg(turning(body, [30.0], pitch_deg=pitch_deg), body), wanted) < 5.0
