"""Toes stay level on the floor and follow the foot in the air."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from synth.motion.align import body_joint
from synth.motion.toes import bend_toes


def pitched(body, degrees: list[float], heights: list[float]):
    """Both feet pitched down about the body's left, the root at heights over its rest."""
    rotations = np.tile(np.eye(3), (len(degrees), len(body.names), 1, 1))
    turn = Rotation.from_euler("y", np.array(degrees)[:, None], degrees=True).as_matrix()
    for bone, name in enumerate(body.names):
        if name.startswith(("foot", "toe")):
            rotations[:, bone] = turn
    return rotations, body.heads[0] + np.array(heights)[:, None] * [0.0, 0.0, 1.0]


def toe_pitch(body, rotations) -> np.ndarray:
    """(T,) degrees by which the left toes point down."""
    ahead = body.heads[body_joint(body, "toe.L")] - body.heads[body_joint(body, "ankle.L")]
    ahead = ahead * [1.0, 1.0, 0.0] / np.linalg.norm(ahead[:2])
    return np.degrees(np.arcsin(-(rotations[:, body_joint(body, "toe.L")] @ ahead)[:, 2]))


def test_a_low_ball_keeps_the_toes_level(body):
    rotations, root = pitched(body, [0.0, 15.0, 15.0, 0.0], [0.0, 0.02, 0.5, 0.0])
    bend_toes(body, rotations, root)
    level = toe_pitch(body, rotations)
    assert level[[0, 1]] == pytest.approx([0.0, 0.0], abs=0.5)
    assert level[2] > 14.0


def test_toes_that_point_up_follow_the_foot(body):
    rotations, root = pitched(body, [-10.0, -10.0], [0.0, 0.0])
    before = rotations.copy()
    bend_toes(body, rotations, root)
    assert rotations == pytest.approx(before)
