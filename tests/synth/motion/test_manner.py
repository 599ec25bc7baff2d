"""Manners of a motion: toy motions whose answer is known, and every authored activity in many manners."""

import dataclasses
from functools import cache

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from synth.body import reference_skeleton
from synth.factors import Manner, MotionRef
from synth.motion import builtin, catalogue
from synth.motion.builtin import rig as rigs
from synth.motion.builtin.rotations import about
from synth.motion.local import JOINTS, LARGEST_SWAY_DEG, group, mean, to_local, to_world, wavering
from synth.motion.manner import apply
from synth.motion.motion import Motion, MotionError
from synth.motion.props import PropTrack
from synth.motion.support import Pose, ends

SWING_DEG, FRAMES, FPS = 30.0, 100, 50.0
CHANGES = {
    "less": Manner(amplitude=0.5),
    "more": Manner(amplitude=1.4),
    "noise": Manner(noise_deg=6.0, noise_seed=3),
    "an arm": Manner(freeze="right_arm"),
    "a leg": Manner(freeze="left_leg"),
    "trunk and head": Manner(freeze="trunk+head"),
    "all at once": Manner(phase=0.4, amplitude=0.8, mirror=True, noise_deg=3.0, freeze="head"),
}


@cache
def body():
    return reference_skeleton()


@cache
def loaded(activity):
    return catalogue.load(MotionRef(activity=activity, variant="held-0"), body())


def swinging(bone="lowerarm01.L", axis=(0.0, 0.0, 1.0), *, cyclic=True, props=()):
    """One joint goes to and fro by SWING_DEG about the world's vertical, all else is still."""
    skeleton = body()
    local = np.tile(np.eye(3), (FRAMES, len(skeleton.names), 1, 1))
    angle = SWING_DEG * np.sin(2 * np.pi * np.arange(FRAMES) / FRAMES)
    local[:, skeleton.index(bone)] = about(axis, angle)
    root = np.tile(skeleton.heads[0], (FRAMES, 1))
    return Motion.from_matrices(
        matrices=to_world(local, skeleton.parents),
        names=skeleton.names,
        root=root,
        fps=FPS,
        cyclic=cyclic,
        props=props,
    )


def turn_deg(motion, bone, axis=(0.0, 0.0, 1.0)):
    """(T,) how far a bone is turned against its parent about an axis."""
    local = to_local(motion.matrices(), body().parents)[:, body().index(bone)]
    beside = np.cross(axis, (1.0, 0.0, 0.0))
    return np.degrees(np.arctan2(local[:, :, 0] @ beside, local[:, 0, 0]))


@pytest.mark.parametrize("bone", ["head", "lowerarm01.L"])
def test_half_the_amplitude_is_half_the_swing_and_none_is_still(bone):
    motion = swinging(bone)
    assert np.ptp(turn_deg(motion, bone)) == pytest.approx(2 * SWING_DEG, abs=0.01)
    half = apply(motion, Manner(amplitude=0.5), body())
    np.testing.assert_allclose(turn_deg(half, bone), turn_deg(motion, bone) / 2, atol=1e-6)
    assert np.ptp(apply(motion, Manner(amplitude=0.0), body()).rotations, axis=0).max() < 1e-9


def test_an_elbow_is_not_bent_backwards_by_more_amplitude():
    rig = rigs.build(body())
    hinge = rig.arms["L"].lower_rest[:, 1]
    flexing = swinging("lowerarm01.L", hinge)
    doubled = apply(flexing, Manner(amplitude=2.0), body())
    arm = rig.arms["L"]

    def bent_deg(motion):
        joints = body().fk(motion.matrices(), motion.root)
        upper, fore = (joints[:, arm.joints[k + 1]] - joints[:, arm.joints[k]] for k in (0, 1))
        way = np.cross(upper, fore) @ (motion.matrices()[0, arm.upper[0]] @ hinge)
        return np.degrees(np.arctan2(way, np.sum(upper * fore, axis=1)))

    assert bent_deg(doubled).max() > bent_deg(flexing).max() + 0.9 * SWING_DEG
    assert bent_deg(doubled).min() > min(0.0, bent_deg(flexing).min()) - 0.5


def test_the_default_manner_is_the_same_object_and_tempo_no_matter_of_the_motion():
    motion = loaded("squat")
    assert apply(motion, Manner(), body()) is motion
    assert apply(motion, Manner(tempo=2.0, noise_seed=5), body()) is motion


def test_a_quarter_of_a_cycle_later_is_the_motion_from_there_on():
    ball = PropTrack.still("baseball", FRAMES).moved(np.arange(FRAMES)[:, None] * [0.01, 0.0, 0.0])
    motion = swinging("head", props=(ball,))
    later = apply(motion, Manner(phase=0.25), body())
    assert turn_deg(later, "head")[0] == pytest.approx(SWING_DEG, abs=1e-6)
    np.testing.assert_allclose(later.props[0].positions[0], [0.25, 0.0, 0.0], atol=1e-9)
    thrice = dataclasses.replace(motion, cycles=2)
    assert turn_deg(apply(thrice, Manner(phase=0.5), body()), "head")[0] == pytest.approx(SWING_DEG, abs=1e-6)


def test_a_walk_that_begins_later_begins_at_the_same_place():
    walk = loaded("walk")
    later = apply(walk, Manner(phase=0.5), body())
    stride = walk.travel_m / walk.cycles
    assert np.abs(later.root[0] - walk.root[0]).max() < 0.25 * stride[0]
    np.testing.assert_allclose(later.travel_m, walk.travel_m)


def test_a_motion_that_does_not_repeat_has_no_phase():
    with pytest.raises(MotionError, match=r"leave manner\.phase at 0"):
        apply(swinging(cyclic=False), Manner(phase=0.5), body())


def test_a_motion_of_another_body_is_refused():
    motion = swinging()
    other = dataclasses.replace(motion, names=("a", *motion.names[1:]))
    with pytest.raises(MotionError, match="not on this body"):
        apply(other, Manner(amplitude=0.5), body())


def test_mirrored_twice_is_the_motion_itself_and_noise_is_mirrored_too():
    walk = loaded("walk")
    twice = apply(apply(walk, Manner(mirror=True), body()), Manner(mirror=True), body())
    np.testing.assert_allclose(twice.rotations, walk.rotations)
    shaken = apply(walk, Manner(noise_deg=8.0), body())
    np.testing.assert_allclose(
        apply(walk, Manner(noise_deg=8.0, mirror=True), body()).root, shaken.root * [1.0, -1.0, 1.0]
    )


@pytest.mark.parametrize("cyclic", [True, False])
def test_noise_is_as_large_as_it_says_slow_and_about_nothing(cyclic):
    rig = rigs.build(body())
    turns = wavering(rig, 400, 50.0, cyclic=cyclic, noise_deg=7.0, seed=1)
    for joint, bones in JOINTS.items():
        total = np.sum(
            [np.degrees(Rotation.from_matrix(turns[:, body().index(bone)]).as_rotvec()) for bone in bones], axis=0
        )
        assert np.sqrt((total**2).sum(axis=1).mean()) == pytest.approx(7.0, rel=1e-6), joint
        assert np.abs(total.mean(axis=0)).max() < 1e-6
        power = (np.abs(np.fft.rfft(total, axis=0)) ** 2).sum(axis=1)
        fast = np.fft.rfftfreq(400, 1 / 50.0) > 2.5
        assert power[fast].sum() < (1e-9 if cyclic else 0.05) * power.sum()


def test_noise_depends_on_its_seed_alone():
    motion = loaded("wave")
    one, again, other = (apply(motion, Manner(noise_deg=5.0, noise_seed=s), body()).rotations for s in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert np.abs(one - other).max() > 0.01


@pytest.mark.parametrize("name", ["left_arm", "right_leg", "trunk", "head"])
def test_frozen_joints_keep_their_mean(name):
    motion = loaded("jumping_jack")
    held = group(body(), name)
    before = to_local(motion.matrices(), body().parents)
    after = to_local(apply(motion, Manner(freeze=name, noise_deg=4.0), body()).matrices(), body().parents)
    np.testing.assert_allclose(after[:, held], np.broadcast_to(mean(before)[held], after[:, held].shape), atol=1e-9)
    assert np.ptp(after[:, ~held], axis=0).max() > 0.05


def test_a_body_that_turns_round_goes_on_turning():
    motion = loaded("walk")
    angles = np.linspace(0.0, 350.0, len(motion))
    turned = Motion.from_matrices(
        matrices=about([0.0, 0.0, 1.0], angles)[:, None] @ motion.matrices(),
        names=motion.names,
        root=motion.root,
        fps=50.0,
    )
    root = apply(turned, Manner(amplitude=0.5), body()).matrices()[:, 0]
    np.testing.assert_allclose(root, turned.matrices()[:, 0], atol=1e-9)
    assert LARGEST_SWAY_DEG < 180.0


@pytest.mark.parametrize(
    ("activity", "change"),
    [(a, list(CHANGES)[(k + n) % len(CHANGES)]) for k, a in enumerate(builtin.ACTIVITIES) for n in (0, 2, 5)],
)
def test_every_activity_stays_on_the_floor_in_every_manner(activity, change):
    motion, manner = loaded(activity), CHANGES[change]
    done = apply(motion, manner, body())
    pose = Pose.of(rigs.build(body()), done.matrices(), done.root)
    assert np.isfinite(pose.probes).all() and done.cyclic and len(done) == len(motion)
    assert pose.probes[:, :, 2].min() > -0.01
    assert [p.kind for p in done.props] == [p.kind for p in motion.props]
    jump = np.abs(np.diff(np.concatenate([done.root, done.root[:1] + done.travel_m]), axis=0)).max()
    own = np.abs(np.diff(motion.root, axis=0)).max()
    assert jump < 1.5 * own + 0.03, "the root leaps, perhaps where the loop closes"


@pytest.mark.parametrize("activity", ["squat", "walk", "push_up", "box"])
@pytest.mark.parametrize("change", ["less", "more", "noise"])
def test_what_stood_still_stands_still(activity, change):
    motion, rig = loaded(activity), rigs.build(body())
    before = Pose.of(rig, motion.matrices(), motion.root)
    done = apply(motion, CHANGES[change], body())
    after = Pose.of(rig, done.matrices(), done.root)
    for end in ends(rig)[::2] if activity != "push_up" else ends(rig):
        low = before.probes[:, end.probes, 2].min(axis=1) < 0.005
        bone = end.bones[0]
        tips = [p.joints[:, bone] + p.rotations[:, bone] @ end.touch for p in (before, after)]
        own, new = (np.linalg.norm(np.diff(tip, axis=0), axis=1) * motion.fps for tip in tips)
        still = low[1:] & low[:-1] & (own < 0.05)
        assert np.median(new[still]) < 0.1
        assert after.probes[1:, end.probes, 2].min(axis=1)[still].max() < 0.03


def test_a_held_object_goes_with_the_hand_and_a_thrown_one_does_not():
    skeleton = body()
    still = swinging("head")
    wrist = skeleton.fk(still.matrices(), still.root)[:, skeleton.index("wrist.R")]
    path = np.linspace(0.0, 3.0, FRAMES)[:, None] * [1.0, 0.0, 0.0] + [2.0, 0.0, 1.0]
    held = PropTrack.still("baseball", FRAMES).moved(wrist + 0.05 * np.sin(np.arange(FRAMES))[:, None])
    thrown = PropTrack.still("baseball", FRAMES).moved(path)
    fixed = PropTrack.still("golf_club", FRAMES).moved(wrist)
    motion = dataclasses.replace(still, props=(held, thrown, fixed))
    done = apply(motion, Manner(noise_deg=10.0), skeleton)
    now = skeleton.fk(done.matrices(), done.root)[:, skeleton.index("wrist.R")]
    assert np.abs(now - wrist).max() > 0.05
    np.testing.assert_array_equal(done.props[1].positions, path)
    assert np.abs(np.linalg.norm(done.props[0].positions - now, axis=1)).max() < 0.2
