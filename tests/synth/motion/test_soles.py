"""Feet that are pitched until they lie on the floor, on poses whose answer is known by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from synth.motion.align import body_joint
from synth.motion.contact import set_on_floor
from synth.motion.soles import MOST_DEG, foot_bones, level_soles, on_foot


def standing(body, *, pitch_deg: float, frames: int = 30, height_m: float = 0.0):
    """The rest pose with the left foot pitched about its ankle (tip down) and the right one on the floor."""
    rotations = np.tile(np.eye(3), (frames, len(body.names), 1, 1))
    rotations[:, foot_bones(body, "L")] = Rotation.from_euler("y", pitch_deg, degrees=True).as_matrix()
    root = np.tile(body.heads[0] + np.array([0.0, 0.0, height_m]), (frames, 1))
    return rotations, root


def sole(body, rotations, root) -> np.ndarray:
    return body.posed_probes(rotations, root)[:, on_foot(body, "L"), 2].min(axis=1)


@pytest.mark.parametrize(("pitch_deg", "left_over"), [(12.0, 0.35), (-25.0, 0.75)])
def test_a_tip_or_a_heel_in_the_floor_comes_out(body, pitch_deg, left_over):
    """Of a heel less, since most of it is too near under the ankle; the leg does the rest."""
    rotations, root = standing(body, pitch_deg=pitch_deg)
    right, left = rotations[:, foot_bones(body, "R")].copy(), body.index("lowerleg01.L")
    shin = rotations[:, left].copy()
    before = sole(body, rotations, root).max()
    assert before < -0.005
    level_soles(body, rotations, root, 120.0)
    assert sole(body, rotations, root).min() > left_over * before
    assert (rotations[:, left] == shin).all()
    assert rotations[:, foot_bones(body, "R")] == pytest.approx(right, abs=0.02)


def test_a_foot_in_the_air_or_wholly_in_the_floor_is_left_alone(body):
    for height_m in (0.3, -0.1):
        rotations, root = standing(body, pitch_deg=0.0, height_m=height_m)
        before = rotations.copy()
        level_soles(body, rotations, root, 120.0)
        assert rotations == pytest.approx(before)


def test_no_foot_is_turned_beyond_what_a_shoe_hides(body):
    rotations, root = standing(body, pitch_deg=60.0)
    root = set_on_floor(body, rotations, root, np.ones(len(root), bool)) - [0.0, 0.0, 0.1]
    before = rotations[:, body_joint(body, "ankle.L")].copy()
    level_soles(body, rotations, root, 120.0)
    turned = Rotation.from_matrix(before.swapaxes(-1, -2) @ rotations[:, body_joint(body, "ankle.L")]).magnitude()
    assert np.degrees(turned).max() < MOST_DEG + 1e-6
