"""Contracts of every authored motion, over activities, variants and bodies: it loops, stands, does not slide, and
bends its joints as joints bend."""

import dataclasses
from functools import cache

import numpy as np
import pytest

from synth.body import reference_skeleton
from synth.errors import UnknownName
from synth.motion import builtin
from synth.motion.builtin import rig as rigs
from synth.motion.builtin.rig import SIDES

VARIANTS = ("0", "3", "train-1", "held-2", "held-9")
BODIES = ("reference", "short")
FLOOR_M = 0.01
CONTACT_M = 0.003
SLIDE_M = 0.01

every_motion = pytest.mark.parametrize(
    "key", [(a, v, b) for a in builtin.ACTIVITIES for v in VARIANTS for b in BODIES], ids="-".join
)


@cache
def skeleton(name):
    """The reference body, and one that is shorter, broader and flatter."""
    body = reference_skeleton()
    shape = {"reference": [1.0, 1.0, 1.0], "short": [0.92, 1.04, 0.86]}[name]
    return dataclasses.replace(body, heads=body.heads * shape, probes=body.probes * shape)


@cache
def made(activity, variant, body):
    """The motion, its matrices, joints and probes."""
    skel = skeleton(body)
    motion = builtin.make(activity, variant, skel)
    matrices = motion.matrices()
    return motion, matrices, skel.fk(matrices, motion.root), skel.posed_probes(matrices, motion.root)


def bend_deg(limb, matrices, joints):
    """How far an elbow or knee is bent about its hinge; negative: the wrong way."""
    start, middle, end = (joints[:, i] for i in limb.joints)
    upper, lower = (middle - start) / limb.lengths[0], (end - middle) / limb.lengths[1]
    hinge = matrices[:, limb.upper[1]] @ limb.upper_rest[:, 1]
    return np.degrees(np.arctan2(np.sum(np.cross(upper, lower) * hinge, axis=1), np.sum(upper * lower, axis=1)))


def slide_m(points, travel):
    """How far the points that touch the floor move on it in any one contact, in the mean over those points."""
    following = np.concatenate([points[1:], points[:1] + travel])
    touching = (points[..., 2] < CONTACT_M) & (following[..., 2] < CONTACT_M)
    steps, gone, worst = following - points, np.zeros(2), 0.0
    for frame in range(len(points)):
        on = touching[frame]
        gone = gone + steps[frame, on, :2].mean(axis=0) if on.any() else np.zeros(2)
        worst = max(worst, float(np.linalg.norm(gone)))
    return worst


def part_of(skel, side, *beginnings):
    """The probes that move with the bones of one side whose names begin so."""
    bones = [i for i, name in enumerate(skel.names) if name.endswith(side) and name.startswith(beginnings)]
    return np.isin(skel.probe_bones[:, 0], bones)


@every_motion
def test_is_a_cyclic_authored_motion_of_at_least_four_seconds(key):
    motion, *_ = made(*key)
    assert (motion.kind, motion.fps, motion.cyclic) == ("authored", 50.0, True)
    assert motion.label == f"{key[0]}/{key[1]}"
    assert motion.duration_s >= 4.0 - 0.5 / 50
    assert motion.names == skeleton(key[2]).names
    np.testing.assert_allclose(np.linalg.norm(motion.rotations, axis=-1), 1.0, atol=1e-9)


@every_motion
def test_loops_without_a_jump(key):
    motion, _, joints, _ = made(*key)
    loop = np.concatenate([joints, joints[:2] + motion.travel_m])
    speed = np.abs(np.diff(loop, axis=0)).max(axis=(1, 2))
    jerk = np.abs(np.diff(loop, n=2, axis=0)).max(axis=(1, 2))
    assert speed[-2] <= 1.05 * speed[:-2].max()
    assert jerk[-2:].max() <= 1.05 * jerk[:-2].max()


@every_motion
def test_stays_on_the_floor(key):
    _, _, _, probes = made(*key)
    lowest = probes[..., 2].min(axis=1)
    assert lowest.min() > -FLOOR_M
    if key[0] not in ("jumping_jack", "climb_ladder"):  # which leave the floor, and should
        assert lowest.max() < FLOOR_M


@every_motion
@pytest.mark.parametrize("side", SIDES)
def test_planted_feet_and_hands_do_not_slide(key, side):
    motion, _, joints, probes = made(*key)
    skel = skeleton(key[2])
    if key[0] == "box":  # turns on the balls of its feet: they stay, the rest of the sole may turn
        ball = joints[:, list(rigs.build(skel).feet[side].toes)][:, [0, 2, 5]].mean(axis=1)
        assert np.ptp(ball, axis=0).max() < SLIDE_M
        return
    assert slide_m(probes[:, part_of(skel, side, "foot", "toe")], motion.travel_m) < SLIDE_M
    assert slide_m(probes[:, part_of(skel, side, "wrist", "finger", "metacarpal")], motion.travel_m) < SLIDE_M


@every_motion
@pytest.mark.parametrize("side", SIDES)
def test_knees_and_elbows_bend_one_way_only(key, side):
    _, matrices, joints, _ = made(*key)
    rig = rigs.build(skeleton(key[2]))
    for limbs, most in ((rig.legs, 140.0), (rig.arms, 150.0)):
        bend = bend_deg(limbs[side], matrices, joints)
        assert bend.min() > 1.0
        assert bend.max() < most


@every_motion
def test_no_bone_spins_faster_than_a_boxers_fist(key):
    _, matrices, _, _ = made(*key)
    following = np.roll(matrices, -1, axis=0)
    cosine = (np.einsum("tjab,tjab->tj", matrices, following) - 1) / 2
    assert np.degrees(np.arccos(np.clip(cosine, -1, 1))).max() * 50 < 1600.0


@every_motion
def test_repeats_at_its_declared_tempo(key):
    _, _, joints, _ = made(*key)
    period = 50.0 / builtin.draw(*key[:2])["tempo_hz"]
    body = (joints - joints[:, :1]).reshape(len(joints), -1)
    spectrum = np.abs(np.fft.rfft(body - body.mean(axis=0), axis=0)) ** 2
    likeness = np.fft.irfft(spectrum.sum(axis=1), n=len(body))
    lags = np.arange(int(0.7 * period), int(1.3 * period))
    assert lags[np.argmax(likeness[lags % len(body)])] == pytest.approx(period, abs=2.0)


@pytest.mark.parametrize("activity", builtin.ACTIVITIES)
def test_the_same_variant_is_the_same_bytes_and_another_seed_is_not(activity):
    first, again = (builtin.make(activity, "5", skeleton("reference")) for _ in range(2))
    other = builtin.make(activity, "6", skeleton("reference"))
    assert first.rotations.tobytes() == again.rotations.tobytes()
    assert first.root.tobytes() == again.root.tobytes()
    assert first.rotations.tobytes() != other.rotations.tobytes()


def test_an_unknown_activity_is_answered_with_the_nearest():
    with pytest.raises(UnknownName, match="did you mean 'push_up'"):
        builtin.make("pushup", "1", skeleton("reference"))
    with pytest.raises(UnknownName, match="did you mean 'squat'"):
        builtin.draw("squats", "1")
