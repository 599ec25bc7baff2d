"""Any object with any motion, and the hands that hold it."""

import dataclasses

import numpy as np
import pytest

from synth.body import reference_skeleton
from synth.motion import builtin, holding, objects
from synth.motion.builtin import grip, hands
from synth.motion.builtin import rig as rigs
from synth.motion.motion import to_matrices
from synth.motion.props import PropError
from synth.stage import props


@pytest.fixture(scope="module")
def skeleton():
    return reference_skeleton()


@pytest.fixture(scope="module")
def motions(skeleton):
    return {name: builtin.make(name, "1", skeleton) for name in ("squat", "wave", "push_up", "walk")}


def world(track, point):
    return track.positions + to_matrices(track.rotations) @ np.asarray(point, float)


@pytest.mark.parametrize("kind", holding.KINDS)
@pytest.mark.parametrize("name", ["squat", "wave", "push_up"])
def test_every_object_goes_with_every_motion_and_clears_the_floor(kind, name, motions, skeleton):
    motion = motions[name]
    for hand in "LR":
        track = holding.hold(kind, motion, skeleton, hand=hand)
        assert track.kind == kind and len(track.positions) == len(motion)
        points = props.load(kind).points.astype(float)
        extremes = points[np.concatenate([points.argmin(axis=0), points.argmax(axis=0)])]
        low = min(world(track, point)[:, 2].min() for point in extremes)
        assert low > -0.02


def test_a_held_ball_lies_in_the_palm(motions, skeleton):
    track = holding.hold("baseball", motions["wave"], skeleton, hand="L")
    wrist = skeleton.fk(motions["wave"].matrices(), motions["wave"].root)[:, skeleton.index("wrist.L")]
    away = np.linalg.norm(track.positions - wrist, axis=1)
    assert np.ptp(away) < 1e-9 and 0.08 < away[0] < 0.16


def test_the_left_hand_holds_the_mirror_image_of_what_the_right_hand_holds(motions, skeleton):
    motion = motions["wave"]
    for kind in holding.HOLDS:
        right = holding.hold(kind, motion, skeleton, hand="R").mirrored()
        left = holding.hold(kind, motion.mirrored(), skeleton, hand="L")
        np.testing.assert_allclose(left.positions, right.positions, atol=2e-3)
        assert np.abs(np.sum(left.rotations * right.rotations, axis=1)).min() > 0.999


def test_a_ladder_stands_on_the_right_and_comes_along(motions, skeleton):
    track = holding.hold("ladder", motions["squat"], skeleton)
    assert np.ptp(track.positions, axis=0).max() == 0.0
    assert track.positions[0, 1] == pytest.approx(motions["squat"].root[:, 1].mean() - holding.ASIDE_M)
    walking = motions["walk"]
    along = holding.hold("ladder", walking, skeleton).positions
    step = np.diff(np.concatenate([along, along[:1] + walking.travel_m]), axis=0)
    np.testing.assert_allclose(step, np.tile(step[0], (len(step), 1)), atol=1e-12)


def test_what_is_chosen(skeleton):
    motion = builtin.make("dribble", "1", skeleton)
    assert holding.chosen(motion, "own", skeleton) is motion.props
    assert holding.chosen(motion, "none", skeleton) == ()
    (club,) = holding.chosen(motion, "golf_club", skeleton)
    assert club.kind == "golf_club"


@pytest.mark.parametrize("word", ["bowstring", "sword", ""])
def test_what_cannot_be_held_is_refused_with_what_can(word, motions, skeleton):
    with pytest.raises(PropError, match=r"golf_club.*'own'.*'none'"):
        holding.chosen(motions["squat"], word, skeleton)


def test_a_missing_joint_is_named(motions, skeleton):
    with pytest.raises(PropError, match=r"'wrist\.Q' is missing from the skeleton"):
        holding.hold("violin", motions["squat"], skeleton, hand="Q")
    bones = tuple(n.replace("wrist.R", "stump.R") for n in skeleton.names)
    handless = dataclasses.replace(motions["squat"], names=bones, props=())
    with pytest.raises(PropError, match=r"'wrist\.R' is missing from the motion"):
        holding.hold("violin", handless, skeleton)
    other = dataclasses.replace(motions["squat"], names=tuple(reversed(skeleton.names)))
    with pytest.raises(PropError, match="another skeleton"):
        holding.hold("violin", other, skeleton)


def test_only_a_golf_swing_says_where_its_object_is(motions, skeleton):
    assert holding.for_activity("dribble", motions["squat"], skeleton) == ()
    (club,) = holding.for_activity("golf_swing", motions["squat"], skeleton)
    assert club.kind == "golf_club"


def test_the_club_of_an_authored_swing_is_found_again_from_the_hands_alone(skeleton):
    motion = builtin.make("golf_swing", "train-1", skeleton)
    own = next(p for p in motion.props if p.kind == "golf_club")
    (found,) = holding.for_activity("golf_swing", motion, skeleton)
    shaft, again = (to_matrices(p.rotations)[:, :, 2] for p in (own, found))
    angle = np.degrees(np.arccos(np.clip(np.sum(shaft * again, axis=1), -1, 1)))
    assert np.median(angle) < 25.0
    assert np.median(np.linalg.norm(own.positions - found.positions, axis=1)) < 0.06


@pytest.mark.parametrize("side", "LR")
@pytest.mark.parametrize("preset", list(grip.POINTS))
def test_the_wrist_goes_where_the_hand_then_holds(side, preset, skeleton):
    rig = rigs.build(skeleton)
    rotations = np.tile(np.eye(3), (2, len(skeleton.names), 1, 1))
    root = np.zeros((2, 3))
    held = grip.at_hand(rig, side, rotations, root, preset=preset, away_m=0.03)
    wrist = grip.wrist(rig, side, held.point, rotations[:, 0], preset=preset, away_m=0.03)
    np.testing.assert_allclose(wrist, np.tile(rig.joint(f"wrist.{side}") - skeleton.heads[0], (2, 1)), atol=1e-12)
    thumb = rig.joint(f"finger1-2.{side}") - rig.joint(f"finger5-1.{side}")
    assert held.thumb[0] @ thumb > 0
    assert set(hands.turns(rig, side, preset))


def test_axes_are_rotations_that_point_as_told():
    x, z = np.array([[0.0, 1.0, 0.0]]), np.array([[0.3, 0.2, 1.0]])
    first, second = grip.axes_xz(x, z), grip.axes_zx(z, x)
    for axes in (first, second):
        np.testing.assert_allclose(axes @ np.swapaxes(axes, 1, 2), np.eye(3)[None], atol=1e-12)
        assert np.linalg.det(axes[0]) == pytest.approx(1.0)
    np.testing.assert_allclose(first[0, :, 0], x[0])
    assert first[0, :, 2] @ z[0] > 0.9
    np.testing.assert_allclose(second[0, :, 2], z[0] / np.linalg.norm(z))


def test_kinds_and_measures_agree_with_the_meshes():
    assert set(holding.KINDS) | {"bowstring"} == set(props.kinds())
    for kind, radius in objects.RADIUS_M.items():
        assert np.linalg.norm(props.load(kind).points, axis=1) == pytest.approx(radius, rel=1e-4)
