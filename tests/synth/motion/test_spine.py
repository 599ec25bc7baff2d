"""The trunk keeps one angle to the subject's, whatever it does."""

from __future__ import annotations

import numpy as np
import pytest

from synth.motion.align import body_joint, sources
from synth.motion.asf import read_asf
from synth.motion.fidelity import angle_deg
from synth.motion.motion import Motion
from synth.motion.performance import SIDES, Performance
from synth.motion.spine import match_trunk, zero_lean


def line(body, rotations):
    joints = body.fk(rotations, np.zeros((len(rotations), 3)))
    return sum(joints[:, body_joint(body, f"shoulder.{s}")] - joints[:, body_joint(body, f"hip.{s}")] for s in SIDES)


def bowing(skeleton, frames: int) -> Performance:
    """A subject who bows by 60 degrees from the lower back up, all else as in the zero pose."""
    rotations = np.tile(np.eye(3), (frames, len(skeleton.names), 1, 1))
    moved = [skeleton.index("lowerback")]
    for bone, parent in enumerate(skeleton.parents):
        if parent in moved:
            moved.append(bone)
    angle = np.radians(np.linspace(0.0, 60.0, frames))
    zero, one = np.zeros(frames), np.ones(frames)
    turn = np.array([[np.cos(angle), zero, np.sin(angle)], [zero, one, zero], [-np.sin(angle), zero, np.cos(angle)]])
    rotations[:, moved] = turn.transpose(2, 0, 1)[:, None]
    motion = Motion.from_matrices(
        matrices=rotations, root=np.zeros((frames, 3)), names=skeleton.names, fps=120.0, kind="cmu", label=""
    )
    return Performance.of(skeleton, motion)


@pytest.fixture
def skeleton(cmu):
    return read_asf(cmu / "asfamc/14.asf")


def test_the_zero_pose_is_left_alone(body, skeleton):
    zero, rotations = Performance.zero_pose(skeleton), np.tile(np.eye(3), (1, len(body.names), 1, 1))
    bent = rotations.copy()
    match_trunk(zero, body, bent, zero_lean(zero, body, rotations))
    assert bent == pytest.approx(rotations, abs=1e-9)


def test_who_bows_keeps_the_angle_of_the_zero_pose_to_the_subject(body, skeleton):
    part, zero = bowing(skeleton, 200), Performance.zero_pose(skeleton)
    before = np.stack([part.turn(name) for name in sources(body)], axis=1)
    rotations = before.copy()
    match_trunk(part, body, rotations, zero_lean(zero, body, np.tile(np.eye(3), (1, len(body.names), 1, 1))))
    theirs = sum(part.joint(f"shoulder.{side}") - part.joint(f"hip.{side}") for side in SIDES)
    apart = angle_deg(line(body, rotations), theirs)
    assert np.ptp(angle_deg(line(body, before), theirs)) > 1.0
    assert apart == pytest.approx(np.full(200, apart.mean()), abs=0.3)
    still = [body.index(name) for name in ("root", "clavicle.L", "neck01", "upperarm01.R", "upperleg01.L")]
    assert rotations[:, still] == pytest.approx(before[:, still])
