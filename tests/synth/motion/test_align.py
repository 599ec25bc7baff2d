"""Which bone drives which, and the constant turns between a CMU skeleton and a body."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from synth.motion.align import alignment, body_joint, level_feet, smallest_rotation, sources
from synth.motion.amc import read_amc
from synth.motion.asf import read_asf
from synth.motion.performance import SIDES, Performance


def test_the_smallest_rotation_of_a_quarter_turn():
    turn = smallest_rotation(np.array([2.0, 0.0, 0.0]), np.array([0.0, 3.0, 0.0]))
    assert turn == pytest.approx(np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]))


def test_the_smallest_rotation_brings_the_direction_home_about_their_normal():
    rng = np.random.default_rng(5)
    start, end = rng.normal(size=(2, 20, 3))
    turns = smallest_rotation(start, end)
    turned = np.einsum("nij,nj->ni", turns, start / np.linalg.norm(start, axis=1, keepdims=True))
    assert turned == pytest.approx(end / np.linalg.norm(end, axis=1, keepdims=True))
    angle = Rotation.from_matrix(turns).magnitude()
    cosine = np.sum(start * end, axis=1) / np.linalg.norm(start, axis=1) / np.linalg.norm(end, axis=1)
    assert angle == pytest.approx(np.arccos(cosine))


def test_opposite_directions_have_a_rotation_too():
    for axis in np.eye(3):
        assert smallest_rotation(axis, -axis) @ axis == pytest.approx(-axis)
        assert smallest_rotation(axis, axis) == pytest.approx(np.eye(3))


def test_bones_without_a_source_follow_their_parent(body):
    driven = dict(zip(body.names, sources(body), strict=True))
    assert driven["toe1-1.L"] == "lfoot"
    assert driven["finger3-3.R"] == "rhand"
    assert driven["upperleg02.R"] == "rfemur"
    assert driven["eye.L"] == "head"


def test_aligned_limbs_point_as_in_the_zero_pose(body, cmu):
    skeleton = read_asf(cmu / "asfamc/14.asf")
    turns, zero = alignment(skeleton, body), Performance.zero_pose(skeleton)
    for side in SIDES:
        for bone, start, end in (("femur", "hip", "knee"), ("radius", "elbow", "wrist"), ("hand", "wrist", "finger")):
            own = body.heads[body_joint(body, f"{end}.{side}")] - body.heads[body_joint(body, f"{start}.{side}")]
            wanted = (zero.joint(f"{end}.{side}") - zero.joint(f"{start}.{side}"))[0]
            got = turns[side.lower() + bone] @ own
            assert got / np.linalg.norm(got) == pytest.approx(wanted / np.linalg.norm(wanted), abs=1e-9)


def test_the_trunk_is_pitched_by_a_few_degrees_only(body, cmu):
    for subject in ("02", "14", "86"):
        turn = Rotation.from_matrix(alignment(read_asf(cmu / f"asfamc/{subject}.asf"), body)["thorax"]).as_rotvec()
        assert turn[[0, 2]] == pytest.approx([0.0, 0.0])
        assert abs(np.degrees(turn[1])) < 8.0


def levelled(cmu, body, subject: str, trial: str) -> dict[str, np.ndarray]:
    skeleton = read_asf(cmu / f"asfamc/{subject}.asf")
    return level_feet(Performance.of(skeleton, read_amc(cmu / f"asfamc/{trial}.amc", skeleton)), body)


def test_a_foot_that_stays_on_its_toes_takes_the_other_ones_turn_mirrored(body, cmu):
    """49_20 balances on the left foot; the right one stands on its tip and never flat."""
    feet = levelled(cmu, body, "49", "49_20")
    sideways = np.diag([1.0, -1.0, 1.0])
    assert feet["R"] == pytest.approx(sideways @ feet["L"] @ sideways)


def test_no_foot_is_levelled_upside_down(body, cmu):
    """In 88_01 (a backflip) and 90_11 (a handspring) a foot is also still while it points the wrong way up."""
    for trial in ("88_01", "90_11", "02_01"):
        for turn in levelled(cmu, body, "02" if trial == "02_01" else "49", trial).values():
            assert np.degrees(Rotation.from_matrix(turn).magnitude()) < 40.0
