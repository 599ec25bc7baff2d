"""The motion type against turns worked out by hand."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from synth.motion.motion import Motion, MotionError, multiply, slerp, to_matrices, to_quaternions

ROOT_HALF = np.sqrt(0.5)


def about_z(angle_deg: float) -> list[float]:
    half = np.radians(angle_deg) / 2
    return [np.cos(half), 0.0, 0.0, np.sin(half)]


def toy(angles_deg=(0.0, 90.0), *, fps: float = 1.0, cyclic: bool = False, travel=(0.0, 0.0, 0.0)) -> Motion:
    """One bone that turns about the vertical while the root walks 1 m a frame along X."""
    frames = len(angles_deg)
    return Motion(
        names=("root",),
        rotations=np.array([[about_z(a)] for a in angles_deg]),
        root=np.stack([np.arange(frames), np.zeros(frames), np.ones(frames)], axis=1),
        fps=fps,
        label="toy",
        cyclic=cyclic,
        travel_m=np.array(travel),
    )


def angle_of(matrix: np.ndarray) -> float:
    return float(np.degrees(np.arctan2(matrix[1, 0], matrix[0, 0])))


def test_half_way_is_half_the_turn():
    rotations, root = toy().sample([0.0, 0.5, 1.0])
    assert [angle_of(r[0]) for r in rotations] == pytest.approx([0.0, 45.0, 90.0])
    assert root[:, 0] == pytest.approx([0.0, 0.5, 1.0])


def test_slerp_keeps_the_speed_where_a_straight_line_would_not():
    a, b = np.array(about_z(0.0)), np.array(about_z(160.0))
    assert slerp(a, b, np.array(0.25)) == pytest.approx(about_z(40.0))


def test_slerp_takes_the_short_way_whatever_the_sign_of_the_quaternion():
    a, b = np.array(about_z(10.0)), -np.array(about_z(30.0))
    assert slerp(a, b, np.array(0.5)) == pytest.approx(about_z(20.0))


def test_slerp_across_the_wrap_of_euler_angles():
    """From 170 to -170 degrees the middle is 180, where averaged Euler angles would say 0."""
    rotations, _ = toy((170.0, -170.0)).sample([0.5])
    assert abs(angle_of(rotations[0, 0])) == pytest.approx(180.0)


def test_slerp_between_equal_rotations_stays():
    a = np.array(about_z(33.0))
    assert slerp(a, a, np.array(0.3)) == pytest.approx(a)


def test_quaternions_and_matrices_agree():
    turn = to_matrices(np.array(about_z(90.0)))
    assert turn @ np.array([1.0, 0.0, 0.0]) == pytest.approx([0.0, 1.0, 0.0])
    assert np.abs(to_quaternions(turn)) == pytest.approx([ROOT_HALF, 0.0, 0.0, ROOT_HALF])


def test_product_of_quaternions_is_the_product_of_matrices():
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=(2, 5, 4))
    a, b = (q / np.linalg.norm(q, axis=-1, keepdims=True) for q in (a, b))
    assert to_matrices(multiply(a, b)) == pytest.approx(to_matrices(a) @ to_matrices(b))


def test_resample_doubles_the_frames_and_keeps_the_ends():
    finer = toy((0.0, 90.0, 90.0)).resample(2.0)
    assert len(finer) == 5
    assert [angle_of(r[0]) for r in finer.matrices()] == pytest.approx([0.0, 45.0, 90.0, 90.0, 90.0])
    assert finer.duration_s == toy((0.0, 90.0, 90.0)).duration_s == 2.0


def test_resample_of_a_cycle_needs_a_whole_number_of_frames():
    cycle = toy((0.0, 90.0, 180.0, -90.0), cyclic=True)
    assert [angle_of(r[0]) for r in cycle.resample(2.0).matrices()][-1] == pytest.approx(-45.0)
    with pytest.raises(MotionError, match="whole number"):
        cycle.resample(1.3)


def test_a_cycle_goes_on_and_travels():
    cycle = toy((0.0, 90.0, 180.0, -90.0), cyclic=True, travel=(4.0, 0.0, 0.0))
    rotations, root = cycle.sample([-1.0, 3.5, 4.0, 9.0])
    assert [angle_of(r[0]) for r in rotations] == pytest.approx([-90.0, -45.0, 0.0, 90.0])
    assert root[:, 0] == pytest.approx([-1.0, 3.5, 4.0, 9.0])
    assert cycle.duration_s == 4.0


@pytest.mark.parametrize("time", [-0.1, 1.1, np.nan])
def test_a_time_outside_is_refused(time):
    with pytest.raises(MotionError, match="toy"):
        toy().sample([time])


def test_a_hair_past_the_end_is_the_end():
    rotations, root = toy().sample([1.0 + 1e-8])
    assert angle_of(rotations[0, 0]) == pytest.approx(90.0)
    assert root[0, 0] == 1.0


def test_crop_takes_whole_frames():
    part = toy((0.0, 10.0, 20.0, 30.0), fps=2.0).crop(0.5, 1.0)
    assert [angle_of(r[0]) for r in part.matrices()] == pytest.approx([10.0, 20.0])
    for start, end in ((1.0, 0.0), (-1.0, 1.0), (0.0, 9.0)):
        with pytest.raises(MotionError, match="crop"):
            toy().crop(start, end)


def test_turned_and_moved():
    turned = toy().turned(90.0).moved([0.0, 0.0, 1.0])
    assert angle_of(turned.matrices()[1, 0]) == pytest.approx(180.0)
    assert turned.root[1] == pytest.approx([0.0, 1.0, 2.0])


def test_mirrored_swaps_the_sides():
    motion = dataclasses.replace(
        toy(), names=("a.L", "a.R"), rotations=np.array([[about_z(20.0), about_z(-50.0)]] * 2), root=np.ones((2, 3))
    )
    mirror = motion.mirrored()
    assert [angle_of(r) for r in mirror.matrices()[0]] == pytest.approx([50.0, -20.0])
    assert mirror.root[0] == pytest.approx([1.0, -1.0, 1.0])
    assert mirror.mirrored().rotations == pytest.approx(motion.rotations)


def test_from_matrices_round_trip():
    motion = toy((0.0, 120.0))
    again = Motion.from_matrices(matrices=motion.matrices(), names=motion.names, root=motion.root, fps=1.0)
    assert again.matrices() == pytest.approx(motion.matrices())


def test_from_matrices_refuses_what_is_no_rotation():
    for wrong in (np.eye(3)[None, None] * 2.0, np.diag([1.0, 1.0, -1.0])[None, None], np.eye(3)):
        with pytest.raises(MotionError):
            Motion.from_matrices(matrices=wrong, names=("root",), root=np.zeros((1, 3)), fps=1.0)


def test_arrays_cannot_be_written():
    with pytest.raises(ValueError, match="read-only"):
        toy().root[0] = 1.0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rotations": np.zeros((0, 1, 4)), "root": np.zeros((0, 3))}, "no frames"),
        ({"rotations": np.full((2, 1, 4), np.nan)}, "not finite"),
        ({"rotations": np.full((2, 1, 4), 0.6)}, "length"),
        ({"rotations": np.array([[about_z(0.0)]])}, "expected"),
        ({"root": np.array([[0.0, 0.0, np.inf], [0.0, 0.0, 0.0]])}, "not finite"),
        ({"root": np.zeros((2, 2))}, "expected"),
        ({"fps": 0.0}, "fps"),
        ({"fps": np.nan}, "fps"),
        ({"names": ()}, "bones"),
        ({"names": ("a", "a")}, "bones"),
        ({"kind": "magic"}, "kind"),
        ({"travel_m": np.ones(3)}, "cyclic"),
    ],
)
def test_a_broken_motion_is_refused(change, message):
    with pytest.raises(MotionError, match=message):
        dataclasses.replace(toy(), **change)


def test_an_unknown_bone_is_named():
    with pytest.raises(MotionError, match="tail"):
        toy().index("tail")
