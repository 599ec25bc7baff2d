"""What anyone knows of the six activities, as numbers."""

from functools import cache

import numpy as np
import pytest

from synth.body import reference_skeleton
from synth.motion import builtin

VARIANTS = ("0", "4", "train-2", "held-1", "held-6")
every_variant = pytest.mark.parametrize("variant", VARIANTS)
GRAVITY = 9.81


class Acted:
    """One motion with its joints by name."""

    def __init__(self, activity, variant):
        self.skeleton = reference_skeleton()
        self.motion = builtin.make(activity, variant, self.skeleton)
        self.style = builtin.draw(activity, variant)
        self.matrices = self.motion.matrices()
        self.joints = self.skeleton.fk(self.matrices, self.motion.root)
        self.probes = self.skeleton.posed_probes(self.matrices, self.motion.root)

    def at(self, name):
        return self.joints[:, self.skeleton.index(name)]

    def turned(self, name):
        return self.matrices[:, self.skeleton.index(name)]

    def rest(self, name):
        return self.skeleton.heads[self.skeleton.index(name)]

    def cycles(self, signal):
        """How often a signal rises through its middle in the loop."""
        above = signal > (signal.max() + signal.min()) / 2
        return int(np.sum(above & ~np.roll(above, 1)))

    @property
    def declared(self):
        return round(self.style["tempo_hz"] * self.motion.duration_s)


@cache
def acted(activity, variant):
    return Acted(activity, variant)


def slope_deg(start, end):
    along = end - start
    return np.degrees(np.arctan2(along[:, 2], np.linalg.norm(along[:, :2], axis=1)))


@every_variant
def test_push_up_is_a_plank_that_goes_down_and_up(variant):
    a = acted("push_up", variant)
    assert np.abs(slope_deg(a.at("root"), a.at("neck01"))).max() < 30
    assert (a.at("neck01")[:, 0] > a.at("root")[:, 0]).all()  # the head is in front: it faces +X
    body = slope_deg(a.at("foot.L"), a.at("upperarm01.L"))
    legs = slope_deg(a.at("foot.L"), a.at("upperleg01.L"))
    assert np.abs(body - legs).max() < 12
    assert np.ptp(a.at("upperarm01.L")[:, 2]) > 0.15
    assert a.cycles(a.at("head")[:, 2]) == a.declared


@every_variant
def test_push_up_stands_on_hands_and_toes_alone(variant):
    a = acted("push_up", variant)
    bones = np.array(a.skeleton.names)[a.skeleton.probe_bones[:, 0]]
    carrying = np.array([name.startswith(("foot", "toe", "wrist", "finger", "metacarpal")) for name in bones])
    assert a.probes[:, ~carrying, 2].min() > 0.005
    hands = np.array([name.startswith(("wrist", "finger", "metacarpal")) for name in bones])
    assert a.probes[:, hands, 2].min(axis=1).max() < 0.005
    assert np.ptp(a.at("wrist.L"), axis=0).max() < 0.005


@every_variant
def test_jumping_jack_claps_apart_and_comes_back_together(variant):
    a = acted("jumping_jack", variant)
    apart = a.at("foot.L")[:, 1] - a.at("foot.R")[:, 1]
    hands = np.minimum(a.at("wrist.L")[:, 2], a.at("wrist.R")[:, 2])
    between = a.at("wrist.L")[:, 1] - a.at("wrist.R")[:, 1]
    assert apart.min() < 0.3 and apart.max() > 0.5
    assert hands.max() > a.at("head")[:, 2].max() + 0.2
    assert hands.min() < a.at("root")[:, 2].min() + 0.08
    assert np.corrcoef(apart, hands)[0, 1] > 0.8
    assert between[hands > a.at("head")[:, 2]].min() < 0.2
    assert between.max() > 1.2
    assert a.cycles(hands) == a.declared


@every_variant
def test_jumping_jack_flies_as_things_fall(variant):
    a = acted("jumping_jack", variant)
    low = a.probes[..., 2].min(axis=1)
    aloft = low > 0.012
    assert aloft.any() and (~aloft).any()
    fall = np.gradient(np.gradient(a.at("root")[:, 2], 0.02), 0.02)
    inside = aloft & np.roll(aloft, 2) & np.roll(aloft, -2)
    inside[:3] = inside[-3:] = False
    assert np.median(fall[inside]) == pytest.approx(-GRAVITY, rel=0.1)


@every_variant
def test_squat_keeps_its_feet_flat_and_its_hips_go_back_and_down(variant):
    a = acted("squat", variant)
    hips = (a.at("upperleg01.L") + a.at("upperleg01.R")) / 2
    lowest = np.argmin(hips[:, 2])
    assert np.ptp(hips[:, 2]) > 0.25
    assert hips[lowest, 0] < hips[np.argmax(hips[:, 2]), 0] - 0.1
    for side in "LR":
        assert a.turned(f"foot.{side}")[:, 2, 2].min() > 0.9999
        assert a.at(f"lowerleg01.{side}")[lowest, 0] > a.at(f"foot.{side}")[lowest, 0] + 0.08
        toes = a.at(f"toe3-1.{side}") - a.at(f"foot.{side}")
        knee = a.at(f"lowerleg01.{side}") - a.at(f"foot.{side}")
        heading = np.degrees(np.arctan2(toes[lowest, 1], toes[lowest, 0]))
        assert np.degrees(np.arctan2(knee[lowest, 1], knee[lowest, 0])) == pytest.approx(heading, abs=20)
    assert a.cycles(hips[:, 2]) == a.declared


@every_variant
def test_squat_is_in_balance(variant):
    a = acted("squat", variant)
    trunk = 0.6 * (a.at("neck01") - a.at("root")) + a.at("root")
    thighs = (a.at("upperleg01.L") + a.at("lowerleg01.L")) / 2
    shanks = (a.at("foot.L") + a.at("lowerleg01.L")) / 2
    mass = 0.68 * trunk + 0.2 * thighs + 0.12 * shanks
    assert (mass[:, 0] > a.at("foot.L")[:, 0] - 0.06).all()
    assert (mass[:, 0] < a.at("toe3-1.L")[:, 0]).all()


@every_variant
def test_walk_strides_ahead_with_arms_against_legs(variant):
    a = acted("walk", variant)
    stride = a.motion.travel_m[0] / a.declared
    assert 1.0 < stride < 1.7 and a.motion.travel_m[1:] == pytest.approx([0, 0])
    assert (np.diff(a.at("root")[:, 0]) > 0).all()
    legs = a.at("foot.L")[:, 0] - a.at("foot.R")[:, 0]
    arms = a.at("wrist.L")[:, 0] - a.at("wrist.R")[:, 0]
    assert np.corrcoef(legs, arms)[0, 1] < -0.8
    assert a.cycles(legs) == a.declared
    assert a.cycles(a.at("root")[:, 2]) == 2 * a.declared


@every_variant
def test_walk_strikes_with_the_heel_and_leaves_with_the_toes(variant):
    a = acted("walk", variant)
    pitch = np.degrees(np.arcsin(a.turned("foot.L")[:, 0, 2]))  # heel up above 0
    ahead = a.at("foot.L")[:, 0] - a.at("root")[:, 0]
    assert pitch[np.argmax(ahead)] < -5
    assert pitch.max() > 40 and ahead[np.argmax(pitch)] < -0.15


@every_variant
def test_boxer_punches_as_often_as_the_combination_has_punches(variant):
    a = acted("box", variant)
    punches = 0
    for side in "LR":
        out = np.linalg.norm(a.at(f"wrist.{side}") - a.at(f"upperarm01.{side}"), axis=1)
        punches += a.cycles(out) if np.ptp(out) > 0.15 else 0
    straight = sum(kind != "hook" for kind in a.style["combination"]) * a.declared
    assert straight * 0.5 <= punches <= straight * 1.5
    assert (a.at("wrist.L")[:, 2] > a.at("spine02")[:, 2]).all()
    assert (a.at("wrist.R")[:, 2] > a.at("spine02")[:, 2]).all()
    front = a.style["front"]
    rear = "R" if front == "L" else "L"
    assert (a.at(f"foot.{front}")[:, 0] > a.at(f"foot.{rear}")[:, 0] + 0.15).all()


@every_variant
def test_boxer_makes_fists(variant):
    a = acted("box", variant)
    tip = np.linalg.norm(a.at("finger3-3.L") - a.at("wrist.L"), axis=1)
    assert tip.max() < 0.75 * np.linalg.norm(a.rest("finger3-3.L") - a.rest("wrist.L"))


@every_variant
def test_wave_raises_one_hand_and_swings_it(variant):
    a = acted("wave", variant)
    up = a.style["hand"]
    down = "R" if up == "L" else "L"
    assert (a.at(f"finger3-1.{up}")[:, 2] > a.at("neck02")[:, 2]).all()
    assert (a.at(f"wrist.{down}")[:, 2] < a.at(f"upperarm01.{down}")[:, 2] - 0.2).all()
    side = (a.at(f"wrist.{up}") - a.at(f"lowerarm01.{up}"))[:, 1]
    assert np.ptp(side) > 0.12
    assert a.cycles(side) == a.declared
    root = a.motion.root
    assert np.ptp(root, axis=0).max() < 0.1


@every_variant
@pytest.mark.parametrize("activity", ["jumping_jack", "squat", "walk", "box", "wave"])
def test_who_stands_is_upright_and_looks_ahead(activity, variant):
    a = acted(activity, variant)
    assert slope_deg(a.at("root"), a.at("neck01")).min() > (30 if activity == "squat" else 60)
    ahead = a.turned("head")[:, :, 0]
    assert ahead[:, 0].min() > 0.85
    assert np.abs(np.degrees(np.arcsin(ahead[:, 2]))).max() < 25
