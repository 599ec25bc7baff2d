"""Hands in the floor are turned out of it at the wrist."""

from __future__ import annotations

import numpy as np
import pytest

from synth.motion.align import body_joint
from synth.motion.palms import hand_bones, level_hands


def hand_height(body, rotations, root, side: str) -> np.ndarray:
    probes = body.posed_probes(rotations, root)
    nearest = body.probe_bones[np.arange(len(body.probe_bones)), body.probe_weights.argmax(axis=1)]
    return probes[:, np.isin(nearest, hand_bones(body, side)), 2].min(axis=1)


def rest(body, depth_m: float, frames: int = 30):
    """In the rest pose, so that the left hand reaches `depth_m` below the floor."""
    rotations = np.tile(np.eye(3), (frames, len(body.names), 1, 1))
    root = np.tile(body.heads[0], (frames, 1))
    return rotations, root - [0.0, 0.0, hand_height(body, rotations, root, "L")[0] + depth_m]


def test_a_hand_in_the_floor_is_turned_out_of_it_and_nothing_else_moves(body):
    rotations, root = rest(body, 0.03)
    turned = rotations.copy()
    level_hands(body, turned, root, 120.0)
    for side in "LR":
        assert (hand_height(body, turned, root, side) > -2e-3).all()
    others = np.ones(len(body.names), bool)
    others[[*hand_bones(body, "L"), *hand_bones(body, "R")]] = False
    assert turned[:, others] == pytest.approx(rotations[:, others])
    wrist = body_joint(body, "wrist.L")
    assert body.fk(turned, root)[:, wrist] == pytest.approx(body.fk(rotations, root)[:, wrist])


def test_a_hand_over_the_floor_is_left_alone(body):
    rotations, root = rest(body, -0.01)
    turned = rotations.copy()
    level_hands(body, turned, root, 120.0)
    assert turned == pytest.approx(rotations)


def test_a_hand_turns_as_one(body):
    rotations, root = rest(body, 0.03)
    level_hands(body, rotations, root, 120.0)
    bones = hand_bones(body, "L")
    assert {body.names[bone] for bone in bones} > {"wrist.L", "finger1-3.L", "finger5-3.L"}
    assert rotations[:, bones] == pytest.approx(np.broadcast_to(rotations[:, bones[:1]], rotations[:, bones].shape))
