"""Planted feet and the floor, on legs and paths whose answer is known by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from synth.motion.align import body_joint
from synth.motion.contact import bend, ease_legs, follow_feet, lift, lift_out, plant_feet, raise_feet, set_on_floor

FORWARD, LEFT = np.array([[1.0, 0.0, 0.0]]), np.array([[0.0, 1.0, 0.0]])
HIP = np.array([[0.0, 0.0, 0.0]])


def rest(body, frames: int):
    rotations = np.tile(np.eye(3), (frames, len(body.names), 1, 1))
    root = np.tile(body.heads[0], (frames, 1))
    return rotations, root


def test_a_bent_leg_reaches_a_goal_by_the_law_of_cosines():
    """Thigh 4, shin 3 and a goal at 5: a right angle at the knee, which stays in front."""
    knee, ankle = np.array([[1.0, 0.0, -np.sqrt(15.0)]]), np.array([[0.0, 0.0, -np.sqrt(15.0) - np.sqrt(8.0)]])
    new_knee, new_ankle = bend(HIP, knee, ankle, np.array([[0.0, 0.0, -5.0]]), forward=FORWARD, left=LEFT)
    assert new_ankle == pytest.approx(np.array([[0.0, 0.0, -5.0]]))
    assert new_knee == pytest.approx(np.array([[2.4, 0.0, -3.2]]))


def test_a_straight_leg_bends_forward():
    knee, ankle = np.array([[0.0, 0.0, -4.0]]), np.array([[0.0, 0.0, -7.0]])
    new_knee, _ = bend(HIP, knee, ankle, np.array([[0.0, 0.0, -5.0]]), forward=FORWARD, left=LEFT)
    assert new_knee == pytest.approx(np.array([[2.4, 0.0, -3.2]]))


def test_a_goal_out_of_reach_is_approached_on_its_line():
    knee, ankle = np.array([[1.0, 0.0, -np.sqrt(15.0)]]), np.array([[0.0, 0.0, -np.sqrt(15.0) - np.sqrt(8.0)]])
    _, new_ankle = bend(HIP, knee, ankle, np.array([[0.0, 0.0, -9.0]]), forward=FORWARD, left=LEFT)
    assert new_ankle == pytest.approx(np.array([[0.0, 0.0, -0.999 * 7]]))


def test_the_lift_is_nothing_over_the_floor_and_enough_under_it():
    assert lift(np.linspace(0.0, 0.5, 50), 120.0) == pytest.approx(np.zeros(50))
    dip = np.zeros(240)
    dip[100:110] = -0.03
    raised = lift(dip, 120.0)
    assert (raised[100:110] > 0.029).all()
    assert raised[0] == raised[-1] == 0.0
    assert np.abs(np.diff(raised)).max() < 0.004


def test_the_floor_is_where_the_planted_feet_are(body):
    rotations, root = rest(body, 40)
    root = root + np.array([0.0, 0.0, 0.7])
    root[:10, 2] += 0.4  # a jump
    grounded = set_on_floor(body, rotations, root, np.arange(40) >= 10)
    lowest = body.lowest(rotations, grounded)
    assert lowest[10:] == pytest.approx(np.zeros(30), abs=1e-9)
    assert lowest[:10] == pytest.approx(np.full(10, 0.4), abs=1e-9)


def test_a_body_in_the_floor_is_lifted_out(body):
    rotations, root = rest(body, 40)
    out = lift_out(body, rotations, root - [0.0, 0.0, 0.1], 120.0)
    assert body.lowest(rotations, out) == pytest.approx(np.zeros(40), abs=1e-9)


def test_a_planted_foot_stands_while_the_body_sways(body):
    """The hips go 1 cm to and fro over a foot that should stand: its ball stays, the other foot goes along."""
    rotations, root = rest(body, 120)
    sway = 0.01 * np.sin(np.linspace(0.0, 2 * np.pi, 120))
    root = root + np.stack([sway, np.zeros(120), np.full(120, -0.02)], axis=1)  # a little lower: room to reach
    planted = {"L": np.ones(120, bool), "R": np.zeros(120, bool)}
    held = plant_feet(body, rotations, root, planted=planted, fps=120.0)
    held = raise_feet(body, held, root, 120.0)
    joints = body.fk(held, root)
    left, right = (joints[:, body_joint(body, f"toe.{side}")] for side in "LR")
    assert np.ptp(left, axis=0) == pytest.approx(np.zeros(3), abs=2e-3)
    assert np.ptp(right[:, 0]) > 0.015
    assert (body.lowest(held, root) > -2e-3).all()


def test_the_body_follows_the_foot_that_stands(body):
    """A slow drift of 2 cm over one planted foot is taken out of the hips, and no leg bends for it."""
    rotations, root = rest(body, 240)
    root = root + np.linspace(0.0, 0.02, 240)[:, None] * [1.0, 0.0, 0.0]
    planted = {"L": np.ones(240, bool), "R": np.zeros(240, bool)}
    followed = follow_feet(body, rotations, root, planted=planted, fps=120.0)
    assert np.ptp(followed, axis=0) == pytest.approx(np.zeros(3), abs=2e-3)


def test_a_planted_foot_that_creeps_is_followed(body):
    """Pulled along by 10 cm in two seconds, a foot that counts as planted is not torn back to the mean."""
    rotations, root = rest(body, 240)
    creep = np.linspace(0.0, 0.10, 240)[:, None] * [1.0, 0.0, 0.0]
    planted = dict.fromkeys("LR", np.ones(240, bool))
    followed = follow_feet(body, rotations, root + creep, planted=planted, fps=120.0)
    assert followed[:, 0] == pytest.approx(root[:, 0] + creep[:, 0], abs=0.02)


def test_feet_that_never_stand_are_left_alone(body):
    rotations, root = rest(body, 30)
    nowhere = {"L": np.zeros(30, bool), "R": np.zeros(30, bool)}
    high = root + np.array([0.0, 0.0, 0.5])
    stands = {"planted": nowhere, "fps": 120.0}
    assert plant_feet(body, rotations, high, **stands) == pytest.approx(rotations)
    assert follow_feet(body, rotations, high, **stands) is high
    assert ease_legs(body, rotations, high, **stands) == pytest.approx(high)
    assert raise_feet(body, rotations, high, 120.0) == pytest.approx(rotations)


def test_a_body_that_is_too_low_rises_before_its_legs_bend(body):
    rotations, root = rest(body, 60)
    root = set_on_floor(body, rotations, root, np.ones(60, bool))
    planted = dict.fromkeys("LR", np.ones(60, bool))
    eased = ease_legs(body, rotations, root - [0.0, 0.0, 0.02], planted=planted, fps=120.0)
    assert eased == pytest.approx(root, abs=2e-3)


def test_the_straighter_leg_is_spared(body):
    """One leg is straight and 2 cm too long, the other bent and right: the body rises by most of it."""
    rotations, root = rest(body, 60)
    for bone, lean_deg in (("upperleg", -30.0), ("lowerleg", 30.0)):
        turn = Rotation.from_euler("y", lean_deg, degrees=True).as_matrix()
        for part in ("01.R", "02.R"):
            rotations[:, body.index(bone + part)] = turn
    joints = body.fk(rotations, root)
    gap = joints[0, body_joint(body, "ankle.R"), 2] - joints[0, body_joint(body, "ankle.L"), 2]
    low = root - [0.0, 0.0, body.lowest(rotations, root)[0] + 0.02]
    planted = {"L": np.ones(60, bool), "R": np.zeros(60, bool)}
    eased = ease_legs(body, rotations, low, planted=planted, fps=120.0)
    assert gap > 0.02
    assert (eased - low)[:, 2] == pytest.approx(np.full(60, 0.02), abs=1e-3)
    both = dict.fromkeys("LR", np.ones(60, bool))
    shared = ease_legs(body, rotations, low, planted=both, fps=120.0)
    assert (shared[:, 2] < eased[:, 2]).all()
