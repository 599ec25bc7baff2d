"""What anyone knows of archery, golf, pitching and kicking, and what their objects have to do with hands and feet."""

from functools import cache

import numpy as np
import pytest

from synth.body import reference_skeleton
from synth.motion import builtin, objects
from synth.motion.builtin import footwork, grip, handling
from synth.motion.builtin import rig as rigs
from synth.motion.motion import to_matrices

VARIANTS = ("0", "1", "2", "train-3", "held-1", "held-6")
SPORTS = {"archery": "hand", "golf_swing": "hand", "baseball_pitch": "hand", "soccer_kick": "foot"}
BALLS = {"golf_swing": "golf_ball", "baseball_pitch": "baseball", "soccer_kick": "soccer_ball"}
OTHER = {"L": "R", "R": "L"}
every_variant = pytest.mark.parametrize("variant", VARIANTS)
every_sport = pytest.mark.parametrize("activity", SPORTS)


class Played:
    """One motion with joints, held points and objects by name; `side` is the skilled side."""

    def __init__(self, activity, variant):
        self.skeleton = reference_skeleton()
        self.motion = builtin.make(activity, variant, self.skeleton)
        self.style = builtin.draw(activity, variant)
        self.side = self.style[SPORTS[activity]]
        self.matrices = self.motion.matrices()
        self.joints = self.skeleton.fk(self.matrices, self.motion.root)
        self.probes = self.skeleton.posed_probes(self.matrices, self.motion.root)
        self.rig = rigs.build(self.skeleton)
        self.away = 1.0 if self.side == "R" else -1.0  # of the mirror: y of the right-handed

    def at(self, name):
        return self.joints[:, self.skeleton.index(name)]

    def turned(self, name):
        return self.matrices[:, self.skeleton.index(name)]

    def props(self, kind):
        return [p for p in self.motion.props if p.kind == kind]

    def prop(self, kind):
        (track,) = self.props(kind)
        return track

    def held(self, side, preset, away_m=0.0):
        place = grip.at_hand(self.rig, side, self.matrices, self.motion.root, preset=preset, away_m=away_m)
        return place.point

    def vanishes(self, track):
        """The last frames in which an object is seen before it is not."""
        return np.flatnonzero((track.scale[:, 0] > 0) & (np.roll(track.scale, -1, axis=0)[:, 0] == 0))

    def leaves(self, kind):
        """The last frames of each cycle in which an object is in the hand or on its spot: it flies evenly from then
        until it vanishes."""
        track, frames = self.prop(kind), []
        step = np.linalg.norm(track.positions - np.roll(track.positions, 1, axis=0), axis=1)
        for frame in self.vanishes(track):
            while step[frame] > 0.5 * step[frame - 1] and step[frame] > 0.1:
                frame -= 1
            frames.append(frame)
        return frames


@cache
def played(activity, variant):
    return Played(activity, variant)


@every_sport
@every_variant
def test_objects_come_round_with_the_loop_and_do_not_jump_while_they_are_seen(activity, variant):
    a = played(activity, variant)
    for track in a.motion.props:
        seen = (track.scale[:, 0] > 0) & (np.roll(track.scale, -1, axis=0)[:, 0] > 0)
        step = np.linalg.norm(np.roll(track.positions, -1, axis=0) - track.positions, axis=1)
        assert step[seen].max() < 0.9  # 45 m/s: the arrow on the string
        hidden = track.scale[:, 0] == 0
        lone = hidden & ~np.roll(hidden, 1) & ~np.roll(hidden, -1)
        assert not lone.any()  # a jump needs two hidden frames, or it is seen between them


@every_sport
@every_variant
def test_what_flies_off_vanishes_far_away_only(activity, variant):
    a = played(activity, variant)
    for track in a.motion.props:
        last = a.vanishes(track)
        assert (np.linalg.norm(track.positions[last] - a.at("root")[last], axis=1) > 4.0).all()
    assert len(a.leaves(BALLS.get(activity, "arrow"))) == a.motion.cycles


@pytest.mark.parametrize("activity", BALLS)
@every_variant
def test_no_ball_is_ever_under_the_floor(activity, variant):
    track = played(activity, variant).prop(BALLS[activity])
    low = track.positions[:, 2] - objects.RADIUS_M[BALLS[activity]]
    assert low[track.scale[:, 0] > 0].min() > -0.001


@every_variant
def test_both_hands_of_the_golfer_are_on_the_grip_in_every_frame(variant):
    a = played("golf_swing", variant)
    club = a.prop("golf_club")
    shaft = to_matrices(club.rotations)[:, :, 2]
    for side, above in ((OTHER[a.side], 1.0), (a.side, -1.0)):
        along = a.held(side, "grip") - club.positions
        height = np.sum(along * shaft, axis=1)
        off = np.linalg.norm(along - height[:, None] * shaft, axis=1)
        assert off.max() < 0.01
        assert np.abs(above * height - 0.043).max() < 0.01
        assert height.max() < objects.CLUB_END_M


@every_variant
def test_the_club_goes_through_the_ball_and_never_through_the_floor(variant):
    a = played("golf_swing", variant)
    club, ball = a.prop("golf_club"), a.prop("golf_ball")
    head = club.positions - objects.CLUB_HEAD_M * to_matrices(club.rotations)[:, :, 2]
    assert head[:, 2].min() > 0.01
    for frame in a.leaves("golf_ball"):
        before, after = head[frame - 1], head[(frame + 1) % len(head)]
        share = np.clip(
            np.sum((ball.positions[frame] - before) * (after - before)) / np.sum((after - before) ** 2), 0, 1
        )
        assert np.linalg.norm(before + share * (after - before) - ball.positions[frame]) < 0.08
        assert (after - before)[1] * a.away > 0.3  # to the target: the left of the right-handed
    address = int(np.argmin(np.abs(np.arange(len(head)) - 1)))
    assert np.linalg.norm(head[address] - ball.positions[address]) < 0.07


@every_variant
def test_the_shaft_never_passes_through_head_and_neck(variant):
    a = played("golf_swing", variant)
    club = a.prop("golf_club")
    down = -to_matrices(club.rotations)[:, :, 2]
    shaft = club.positions[:, None] + np.linspace(-0.1, 0.85, 40)[:, None] * down[:, None]
    inside = a.at("head") + a.turned("head") @ np.array([0.02, 0.0, 0.06])
    assert np.linalg.norm(shaft - inside[:, None], axis=2).min() > 0.095
    assert np.linalg.norm(shaft - a.at("neck02")[:, None], axis=2).min() > 0.07


@every_variant
def test_the_golf_swing_goes_up_on_one_side_and_ends_on_the_other(variant):
    a = played("golf_swing", variant)
    hands = a.prop("golf_club").positions
    over = hands[:, 2] - a.at("spine01")[:, 2]
    back, through = hands[:, 1] * a.away < -0.15, hands[:, 1] * a.away > 0.1
    least = 0.0 if a.style["swing"] == "full" else -0.3
    assert over[back].max() > least and over[through].max() > least


@every_variant
def test_the_string_ends_at_the_tips_of_the_bow_and_at_the_nock(variant):
    a = played("archery", variant)
    bow, arrow, strings = a.prop("bow"), a.prop("arrow"), a.props("bowstring")
    turns, (x, z) = to_matrices(bow.rotations), objects.BOW_TIP_M
    ends = []
    for string, tip in zip(strings, ([x, 0, z], [x, 0, -z]), strict=True):
        at = bow.positions + turns @ np.array(tip)
        along = to_matrices(string.rotations)[:, :, 2] * string.scale[:, 2:]
        flipped = np.linalg.norm(string.positions - at, axis=1)
        assert flipped.max() < 1e-6
        ends.append(string.positions + along)
    np.testing.assert_allclose(ends[0], ends[1], atol=1e-6)
    nocked = np.linalg.norm(arrow.positions - ends[0], axis=1) < 1e-6
    assert nocked.mean() > 0.5
    ahead = to_matrices(arrow.rotations)[:, :, 0]
    rest = bow.positions + 0.045 * turns[:, :, 2]
    to_rest = rest - arrow.positions
    off = to_rest - np.sum(to_rest * ahead, axis=1, keepdims=True) * ahead
    assert np.linalg.norm(off[nocked], axis=1).max() < 0.03  # the arrow lies over the hand


@every_variant
def test_the_archer_draws_the_string_to_the_face_with_the_bow_arm_straight(variant):
    a = played("archery", variant)
    bow, arrow = a.prop("bow"), a.prop("arrow")
    other = OTHER[a.side]
    assert np.linalg.norm(a.held(other, "grip") - bow.positions, axis=1).max() < 0.01
    drawn = np.linalg.norm(bow.positions - arrow.positions, axis=1)
    for frame in a.leaves("arrow"):
        full = frame - 5
        assert drawn[full] > 0.5
        assert np.linalg.norm(a.held(a.side, "hook")[full] - arrow.positions[full]) < 0.02
        assert np.linalg.norm(arrow.positions[full] - a.at("head")[full]) < 0.18
        arm = np.linalg.norm(a.at(f"wrist.{other}")[full] - a.at(f"upperarm01.{other}")[full])
        assert arm > 0.97 * a.rig.arm_m
        assert np.linalg.norm(arrow.positions[full + 8] - arrow.positions[full]) > 0.5


@every_variant
def test_the_pitcher_holds_the_ball_until_it_flies_to_the_front(variant):
    a = played("baseball_pitch", variant)
    ball = a.prop("baseball")
    palm = a.held(a.side, "ball", objects.RADIUS_M["baseball"])
    flown = np.linalg.norm(ball.positions - palm, axis=1) > 0.01
    assert 0.05 < flown.mean() < 0.5
    for frame in np.flatnonzero(~flown & np.roll(flown, -1)):
        assert ball.positions[frame, 2] > a.at("neck01" if a.style["slot"] == "over" else "spine04")[frame, 2]
        assert ball.positions[(frame + 3) % len(flown), 0] > ball.positions[frame, 0] + 0.6
        assert a.at(f"wrist.{a.side}")[frame, 0] > a.at("neck01")[frame, 0] - 0.2


@every_variant
def test_the_pitcher_lifts_the_front_knee_and_strides(variant):
    a = played("baseball_pitch", variant)
    front = OTHER[a.side]
    assert a.at(f"lowerleg01.{front}")[:, 2].max() > a.at(f"upperleg01.{front}")[:, 2].min() - 0.12
    feet = a.at(f"foot.{front}")[:, 0] - a.at(f"foot.{a.side}")[:, 0]
    assert feet.max() > 0.7 * a.rig.leg_m


@every_variant
def test_the_foot_is_at_the_ball_when_the_ball_leaves(variant):
    a = played("soccer_kick", variant)
    ball = a.prop("soccer_ball")
    bones = np.array(a.skeleton.names)[a.skeleton.probe_bones[:, 0]]
    foot = np.array([name.startswith(("foot", "toe")) and name.endswith(a.side) for name in bones])
    for frame in a.leaves("soccer_ball"):
        way = a.probes[frame : frame + 2, foot]  # the foot goes on by up to 20 cm before the next frame
        swept = way[0] + np.linspace(0, 1, 11)[:, None, None] * (way[1] - way[0])
        gap = np.linalg.norm(swept - ball.positions[frame], axis=-1).min()
        assert gap < objects.RADIUS_M["soccer_ball"] + 0.02
        before = np.linalg.norm(a.probes[frame, foot] - ball.positions[frame], axis=-1).min()
        assert before > objects.RADIUS_M["soccer_ball"] - 0.05
        speed = a.at(f"foot.{a.side}")[frame] - a.at(f"foot.{a.side}")[frame - 1]
        assert speed[0] * 50 > 3.0
        plant = a.at(f"foot.{OTHER[a.side]}")[frame]
        assert np.linalg.norm((plant - ball.positions[frame])[:2]) < 0.4


@every_variant
def test_the_ball_is_back_on_its_spot_before_the_run_up(variant):
    ball = played("soccer_kick", variant).prop("soccer_ball")
    assert np.linalg.norm(ball.positions[0] - ball.positions[5]) < 1e-6
    assert ball.scale[0, 0] == 1.0
    assert np.ptp(played("soccer_kick", variant).at("root")[:, :2], axis=0).max() < 1.2


def test_the_styles_differ_to_the_eye():
    choices = {
        a: {tuple(builtin.draw(a, str(k))[c] for c in builtin.STYLES[a].choices) for k in range(12)} for a in SPORTS
    }
    assert all(len(kinds) >= 3 for kinds in choices.values())


def test_a_ball_falls_as_things_fall_and_bounces_lower():
    seconds = np.linspace(0, 2, 201)
    path = handling.flight(np.array([0.0, 0.0, 1.0]), np.array([2.0, 0.0, 0.0]), seconds, radius_m=0.1)
    free = seconds < 0.4
    np.testing.assert_allclose(path[free, 2], 1.0 - 9.81 / 2 * seconds[free] ** 2, atol=0.02)
    np.testing.assert_allclose(path[free, 0], 2 * seconds[free], atol=1e-9)
    assert path[:, 2].min() >= 0.1 - 1e-9
    bounced = path[seconds > 0.45, 2].max()
    assert 0.2 < bounced < 0.5


def test_a_foot_walks_from_place_to_place_and_comes_back():
    falls = (
        footwork.Fall(lift=0.1, land=0.3, to=(0.5, 0.1), yaw_deg=20.0),
        footwork.Fall(lift=0.6, land=0.8, to=(0.0, 0.1), yaw_deg=0.0),
    )
    track = footwork.walked(falls, np.arange(200) / 200)
    np.testing.assert_allclose(track.ground[[0, 100, 199]], [[0, 0.1, 0], [0.5, 0.1, 0], [0, 0.1, 0]], atol=1e-9)
    assert track.yaw_deg[100] == pytest.approx(20.0)
    assert track.ground[:, 2].max() == pytest.approx(0.06, abs=0.001)
    assert np.abs(track.ground[track.air == 0, 2]).max() < 1e-9


def test_a_hanging_leg_is_where_hip_and_knee_put_it():
    rig = rigs.build(reference_skeleton())
    hip, base = np.array([[0.0, 0.1, 1.0]]), np.eye(3)[None]
    first, second = rig.legs["L"].lengths
    straight = footwork.hung(rig, "L", hip, base, np.array([0.0]), 0.0)
    np.testing.assert_allclose(straight, [[0.0, 0.1, 1.0 - first - second]], atol=1e-9)
    sitting = footwork.hung(rig, "L", hip, base, np.array([90.0]), 90.0)
    np.testing.assert_allclose(sitting, [[first, 0.1, 1.0 - second]], atol=1e-9)
