"""The tools of authored motions against cases that are known by hand."""

import numpy as np
import pytest

from synth.body import reference_skeleton
from synth.motion.builtin import easing, feet, hands
from synth.motion.builtin import rig as rigs
from synth.motion.builtin.figure import FULL_REACH, Figure, arm_key
from synth.motion.builtin.rig import SIDES
from synth.motion.builtin.rotations import about, fraction, frame, slerp, swing, turn, twist_deg


@pytest.fixture(scope="module")
def rig():
    return rigs.build(reference_skeleton())


@pytest.fixture
def figure(rig):
    figure = Figure(rig, 1)
    figure.root = rig.skeleton.heads[:1].copy()
    return figure


def test_yaw_turns_left_pitch_bows_and_roll_leans_right():
    np.testing.assert_allclose(turn(yaw_deg=90.0) @ [1, 0, 0], [0, 1, 0], atol=1e-12)
    np.testing.assert_allclose(turn(pitch_deg=90.0) @ [0, 0, 1], [1, 0, 0], atol=1e-12)
    np.testing.assert_allclose(turn(roll_deg=90.0) @ [0, 0, 1], [0, -1, 0], atol=1e-12)


def test_half_a_quarter_turn_is_an_eighth():
    quarter = about([0.0, 0.0, 1.0], np.array([90.0]))
    np.testing.assert_allclose(fraction(quarter, 0.5), about([0.0, 0.0, 1.0], np.array([45.0])), atol=1e-12)
    np.testing.assert_allclose(slerp(np.eye(3), quarter[0], np.array([1.0])), quarter, atol=1e-12)


def test_twist_is_the_part_about_the_axis():
    axis = np.array([1.0, 0.0, 0.0])
    both = about([0.0, 1.0, 0.0], np.array([40.0])) @ about(axis, np.array([25.0]))
    assert twist_deg(both, axis) == pytest.approx([25.0])


def test_frame_and_swing_point_where_they_should():
    axes = frame([0.0, 0.0, 2.0], [1.0, 0.0, 5.0])
    np.testing.assert_allclose(axes.T, [[0, 0, 1], [1, 0, 0], [0, 1, 0]], atol=1e-12)
    np.testing.assert_allclose(swing([1.0, 0, 0], [0, 0, 3.0]) @ [1, 0, 0], [0, 0, 1], atol=1e-12)


def test_minimum_jerk_is_half_way_at_half_time_and_still_at_both_ends():
    assert easing.minimum_jerk([-1.0, 0.0, 0.5, 1.0, 2.0]) == pytest.approx([0, 0, 0.5, 1, 1])
    assert easing.minimum_jerk(0.01) < 2e-5


def test_keys_are_met_and_the_loop_closes():
    keys = {0.2: 1.0, 0.7: 3.0}
    for track in (easing.ease, easing.flow):
        assert track(keys, np.array([0.2, 0.7, 1.2, -0.3])) == pytest.approx([1, 3, 1, 3])
    assert easing.ease(keys, np.array([0.45, 0.95])) == pytest.approx([2, 2])


def test_a_clock_has_whole_cycles_and_lasts_four_seconds():
    clock = easing.clock(0.3)
    assert (clock.cycles, clock.frames) == (2, 333)
    assert easing.clock(2.0).frames == 200
    assert clock.phase[0] == 0 and clock.phase[-1] < 2


def test_drift_closes_with_the_loop():
    waves = easing.sway(np.random.default_rng(1), 2.0)
    assert easing.drift(waves, np.array([0.0])) == pytest.approx(easing.drift(waves, np.array([1.0])))


@pytest.mark.parametrize("side", SIDES)
def test_the_hand_reaches_its_target_with_the_elbow_at_the_pole(figure, rig, side):
    wrist = np.array([[0.3, 0.25 * rigs.SIGN[side], 1.2]])
    figure.reach(side, wrist, np.array([[0.0, 0.0, -1.0]]))
    joints = figure.joints()[0]
    shoulder, elbow, end = (joints[i] for i in rig.arms[side].joints)
    assert end == pytest.approx(wrist[0], abs=2e-3)
    assert elbow[2] < (shoulder[2] + end[2]) / 2


def test_what_is_out_of_reach_is_pointed_at(figure, rig):
    figure.reach("L", np.array([[5.0, 0.2, 1.3]]), np.array([[0.0, 0.0, -1.0]]))
    shoulder, _, end = (figure.joints()[0, i] for i in rig.arms["L"].joints)
    assert np.linalg.norm(end - shoulder) == pytest.approx(FULL_REACH * rig.arm_m, abs=2e-3)
    assert end[0] - shoulder[0] > 0.9 * rig.arm_m


def test_a_right_angle_of_the_elbow_is_one(figure, rig):
    upper, flexion = arm_key("L", (0.0, 0.0, -1.0), (1.0, 0.0, 0.0))
    assert flexion == pytest.approx(90.0)
    figure.aim("L", upper[None], np.array([flexion]))
    shoulder, elbow, wrist = (figure.joints()[0, i] for i in rig.arms["L"].joints)
    assert elbow - shoulder == pytest.approx([0, 0, -rig.arms["L"].lengths[0]], abs=5e-3)
    assert wrist - elbow == pytest.approx([rig.arms["L"].lengths[1], 0, 0], abs=5e-3)


@pytest.mark.parametrize("side", SIDES)
def test_pronation_turns_the_palm_down(figure, rig, side):
    upper, flexion = arm_key(side, (0.0, 0.0, -1.0), (1.0, 0.0, 0.0))
    figure.aim(side, upper[None], np.array([flexion]))
    figure.hand(side, pronation_deg=90.0)
    palm = figure.rotations[0, rig.hands[side].bone] @ rig.hands[side].rest[:, 1]
    assert palm[2] < -0.9


@pytest.mark.parametrize("side", SIDES)
def test_a_fist_is_closed_and_a_flat_hand_is_flat(figure, rig, side):
    along, palm, _ = rig.hands[side].rest.T
    for preset, shortest, longest in (("flat", 0.03, 0.1), ("fist", -0.05, 0.02)):
        figure.fingers(side, preset)
        joints = figure.joints()[0]
        base, tip = (joints[rig.skeleton.index(f"finger3-{k}.{side}")] for k in (1, 3))
        ahead = (tip - base) @ along
        assert shortest < ahead < longest
        assert ((tip - base) @ palm > 0.02) == (preset == "fist")


def test_every_preset_turns_every_finger_bone(rig):
    for preset in hands.PRESETS:
        turned = hands.turns(rig, "R", preset)
        names = {rig.skeleton.names[i] for i in turned}
        assert names == {f"finger{f}-{k}.R" for f in range(1, 6) for k in (1, 2, 3)}
        assert np.linalg.det(np.stack(list(turned.values()))) == pytest.approx(1.0)


@pytest.mark.parametrize("pitch", [-20.0, 0.0, 30.0, 60.0])
def test_a_foot_rolls_over_a_pivot_that_stays(rig, pitch):
    shape = rig.feet["L"]
    step = feet.roll(rig, "L", ground=np.zeros((1, 3)), yaw_deg=15.0, pitch_deg=pitch)
    pivot = shape.ball if pitch > 0 else shape.heel
    lift = [0, 0, shape.sink_m * max(pitch, 0) / rigs.ROLL_DEG]
    expected = turn(yaw_deg=15.0) @ pivot + [0, 0, shape.ankle_m] + lift
    assert step.ankle[0] + step.foot[0] @ pivot == pytest.approx(expected)
    assert step.toes[0, 2, 2] == pytest.approx(1.0 if pitch >= 0 else np.cos(np.radians(pitch)))


def test_the_ball_of_a_turning_foot_stays(rig):
    yaw = np.array([0.0, 30.0, -40.0])
    ground = feet.about_ball(rig, "R", np.array([0.2, -0.1, 0.0]), yaw)
    step = feet.roll(rig, "R", ground=ground, yaw_deg=yaw, pitch_deg=20.0)
    ball = step.ankle + np.einsum("tij,j->ti", step.foot, rig.feet["R"].ball)
    assert np.ptp(ball, axis=0).max() < 1e-9
    assert ball[0, :2] == pytest.approx([0.2, -0.1])
