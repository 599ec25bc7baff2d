"""What holds between people and their objects: violin and bow, rungs under hands and feet, a ball that falls."""

from functools import cache

import numpy as np
import pytest

from synth.body import reference_skeleton
from synth.motion import builtin, objects
from synth.motion.builtin import climb_ladder, dribble, grip
from synth.motion.builtin import rig as rigs
from synth.motion.motion import to_matrices

VARIANTS = ("0", "2", "5", "train-1", "held-3")
every_variant = pytest.mark.parametrize("variant", VARIANTS)
GRAVITY = 9.81
HOLDING_M = 0.02


class Played:
    """A motion with its joints and the places of its objects."""

    def __init__(self, activity, variant):
        self.rig = rigs.build(reference_skeleton())
        self.motion = builtin.make(activity, variant, self.rig.skeleton)
        self.style = builtin.draw(activity, variant)
        self.matrices = self.motion.matrices()
        self.joints = self.rig.skeleton.fk(self.matrices, self.motion.root)
        self.props = {p.kind: p for p in self.motion.props}

    def at(self, name):
        return self.joints[:, self.rig.skeleton.index(name)]

    def held(self, side, preset, away_m=0.0):
        return grip.at_hand(self.rig, side, self.matrices, self.motion.root, preset=preset, away_m=away_m).point

    def within(self, kind, points):
        """Points (T, 3) of the world in an object's own frame."""
        prop = self.props[kind]
        return np.einsum("tba,tb->ta", to_matrices(prop.rotations), points - prop.positions)

    def world(self, kind, point):
        prop = self.props[kind]
        return prop.positions + to_matrices(prop.rotations) @ np.asarray(point, float)


@cache
def played(activity, variant):
    return Played(activity, variant)


@pytest.mark.parametrize("activity", ["play_violin", "climb_ladder", "dribble"])
@every_variant
def test_objects_come_round_with_the_cycle(activity, variant):
    for prop in played(activity, variant).motion.props:
        loop = np.concatenate([prop.positions, prop.positions[:2]])
        speed = np.abs(np.diff(loop, axis=0)).max(axis=1)
        assert speed[-2] <= 1.05 * speed[:-2].max() + 1e-9
        turning = np.abs(np.sum(prop.rotations * np.roll(prop.rotations, -1, axis=0), axis=1))
        assert turning.min() > np.cos(np.radians(20.0))
        assert (prop.scale == 1.0).all()


@every_variant
def test_violin_lies_under_the_chin(variant):
    a = played("play_violin", variant)
    x, z = objects.VIOLIN_CHIN_M
    rest = a.world("violin", (x, 0.0, z))
    # The jaw's lower edge on the left lies about so from the head's joint on the reference body.
    head = a.matrices[:, a.rig.skeleton.index("head")]
    chin = a.at("head") + head @ np.array([0.085, 0.02, -0.075])
    assert np.linalg.norm(rest - chin, axis=1).max() < 0.05
    along = a.world("violin", (0.5, 0.0, 0.0)) - a.world("violin", (0.0, 0.0, 0.0))
    assert (along[:, 0] > 0).all() and (along[:, 1] > 0).all()


@every_variant
def test_bow_hair_meets_the_strings_and_moves_along_itself(variant):
    a = played("play_violin", variant)
    bridge, height = objects.VIOLIN_BRIDGE_M
    hair = [a.world("violin_bow", (x, 0.0, -objects.FIDDLE_HAIR_M)) for x in objects.FIDDLE_BOW_M]
    start, end = (a.within("violin", point) for point in hair)
    share = start[:, 1] / (start[:, 1] - end[:, 1])  # where the hair crosses the violin's plane of symmetry
    assert (share > 0.02).all() and (share < 0.98).all()
    meets = start + share[:, None] * (end - start)
    assert meets[:, 0].min() > bridge and meets[:, 0].max() < 0.215
    assert np.abs(meets[:, 2] - height).max() < 0.005
    assert np.ptp(share) > 0.2


@every_variant
def test_violinist_holds_neck_and_bow(variant):
    a = played("play_violin", variant)
    neck = a.within("violin", a.held("L", "grip"))
    assert np.abs(neck[:, 1:]).max() < HOLDING_M and (neck[:, 0] > 0.4).all()
    frog = a.within("violin_bow", a.held("R", "pinch"))
    assert np.linalg.norm(frog, axis=1).max() < HOLDING_M


def rungs(a, points):
    """The nearest rung (T,) to each point of the world, and the distance (T,) from its axis."""
    local = a.within("ladder", points)
    lowest, apart, count = objects.LADDER_RUNGS_M
    number = np.clip(np.round((local[:, 2] - lowest) / apart), 0, count - 1)
    return number, np.hypot(local[:, 0], local[:, 2] - lowest - apart * number)


@every_variant
def test_climber_holds_rungs_and_stands_on_them(variant):
    a = played("climb_ladder", variant)
    holding = []
    for side in "LR":
        number, away = rungs(a, a.held(side, "grip"))
        on = away < HOLDING_M
        holding.append(on)
        assert len(set(number[on])) > 1
        moved = np.diff(a.held(side, "grip"), axis=0)
        assert np.abs(moved[on[1:] & on[:-1] & (np.diff(number) == 0)]).max() < 0.02
    assert (holding[0] | holding[1]).mean() > 0.95


@every_variant
def test_climber_stands_with_the_arch_of_the_foot_on_a_rung(variant):
    a = played("climb_ladder", variant)
    standing = []
    for side in "LR":
        shape = a.rig.feet[side]
        foot = a.matrices[:, shape.bone]
        arch = a.joints[:, shape.bone] + foot @ np.array([0.62 * shape.ball[0], 0.0, -shape.ankle_m])
        _, away = rungs(a, arch)
        standing.append(np.abs(away - objects.RUNG_RADIUS_M) < 0.01)
    assert (standing[0] | standing[1]).all()
    assert (standing[0] & standing[1]).any()


def probes(a, *beginnings):
    """Posed surface points (T, P, 3) of the bones whose names begin so."""
    skeleton = a.rig.skeleton
    names = [skeleton.names[bone] for bone in skeleton.probe_bones[:, 0]]
    return skeleton.posed_probes(a.matrices, a.motion.root)[:, [n.startswith(beginnings) for n in names]]


@every_variant
def test_feet_go_round_the_rungs_and_not_through_them(variant):
    a = played("climb_ladder", variant)
    for point in np.moveaxis(probes(a, "foot", "toe"), 1, 0):
        _, away = rungs(a, point)
        between_rails = np.abs(a.within("ladder", point)[:, 1]) < 0.18
        assert away[between_rails].min(initial=1.0) > objects.RUNG_RADIUS_M - 0.004


@every_variant
def test_climber_goes_up_two_rungs_and_down_on_a_ladder_that_stands_still(variant):
    a = played("climb_ladder", variant)
    assert np.ptp(a.props["ladder"].positions, axis=0).max() == 0.0
    assert a.props["ladder"].positions[0, 2] == 0.0
    rise = np.ptp(a.motion.root[:, 2]) / (objects.LADDER_RUNGS_M[1] * np.cos(np.radians(a.style["lean_deg"])))
    assert rise == pytest.approx(climb_ladder.STEPS, abs=0.2)
    ladder = a.within("ladder", a.at("spine02"))
    assert ladder[:, 0].max() < -0.15  # the trunk stays before the ladder


@every_variant
def test_ball_falls_freely_bounces_and_stays_over_the_floor(variant):
    a = played("dribble", variant)
    height = a.props["basketball"].positions[:, 2]
    assert height.min() > dribble.RADIUS_M - 1e-6
    fall = (np.roll(height, -1) + np.roll(height, 1) - 2 * height) * 50**2
    assert (np.abs(fall + GRAVITY) < 0.05).mean() > 0.4
    bounces = (height < np.roll(height, 1)) & (height <= np.roll(height, -1)) & (height < 0.25)
    assert bounces.sum() == 2 * a.motion.cycles


@every_variant
def test_hand_has_the_ball_whenever_it_does_not_fall(variant):
    a = played("dribble", variant)
    ball = a.props["basketball"].positions
    away = np.min([np.linalg.norm(a.held(s, "ball", dribble.AWAY_M) - ball, axis=1) for s in "LR"], axis=0)
    fall = (np.roll(ball, -1, axis=0) + np.roll(ball, 1, axis=0) - 2 * ball)[:, 2] * 50**2
    carried = (np.abs(fall + GRAVITY) > 0.05) & (ball[:, 2] > 0.45)
    # The frames at either end of a touch mix it with the flight.
    inside = carried & np.roll(carried, 1) & np.roll(carried, -1)
    assert inside.any() and away[inside].max() < HOLDING_M
    assert away.max() > 0.15


@every_variant
def test_ball_does_not_pass_through_legs(variant):
    a = played("dribble", variant)
    ball = a.props["basketball"].positions[:, None]
    away = np.linalg.norm(probes(a, "foot", "toe", "lowerleg", "upperleg") - ball, axis=2)
    assert away.min() > dribble.RADIUS_M


@every_variant
def test_crossing_uses_both_hands_and_the_other_ways_one(variant):
    a = played("dribble", variant)
    ball = a.props["basketball"].positions
    near = {s: (np.linalg.norm(a.held(s, "ball", dribble.AWAY_M) - ball, axis=1) < HOLDING_M).any() for s in "LR"}
    assert near[a.style["hand"]]
    assert all(near.values()) == (a.style["way"] == "cross")


def test_styles_look_different():
    ways = {builtin.draw("dribble", str(seed))["way"] for seed in range(12)}
    gaits = {builtin.draw("climb_ladder", str(seed))["gait"] for seed in range(12)}
    strokes = {builtin.draw("play_violin", str(seed))["strokes"] for seed in range(12)}
    assert len(ways) == len(gaits) == 3 and len(strokes) == 4
