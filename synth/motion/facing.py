"""Which way a motion faces: what azimuth 0 degrees looks at (design, section 4)."""

from __future__ import annotations

import numpy as np

from synth.body.skeleton import Skeleton
from synth.motion.motion import Motion
from synth.motion.performance import Performance

LYING_DEG = 30.0  # a trunk within this of the horizontal lies; its pelvis points up or down, so the head decides
LEAST_RESULTANT = 0.5  # of the mean direction; under it the person turns about and the first frame decides


def front_deg(motion: Motion, body: Skeleton) -> float:
    """Yaw of the motion's front in [0, 360), counter-clockwise from +X.

    The circular mean over the frames of the pelvis' forward direction on the floor (the first frame's, where the
    person turns about); of a person who lies, of the direction from pelvis to head.
    """
    rotations = motion.matrices()
    pelvis = body.index("root")
    joints = body.fk(rotations, motion.root)
    trunk = joints[:, body.index("neck01")] - joints[:, pelvis]
    return _front(rotations[:, pelvis, :, 0], trunk, joints[:, body.index("head")] - joints[:, pelvis])


def subject_front_deg(performance: Performance) -> float:
    """The same of a recorded subject, so that all bodies that perform a motion are turned by one angle."""
    pelvis, neck, head = (performance.skeleton.index(name) for name in ("root", "lowerneck", "head"))
    heads = performance.heads
    ahead = performance.rotations[:, pelvis, :, 0]
    return _front(ahead, heads[:, neck] - heads[:, pelvis], heads[:, head] - heads[:, pelvis])


def _front(ahead: np.ndarray, trunk: np.ndarray, head: np.ndarray) -> float:
    """From the pelvis' forward direction and the ways from the pelvis to neck and head, each (T, 3)."""
    rise_deg = np.degrees(np.arctan2(trunk[:, 2], np.hypot(trunk[:, 0], trunk[:, 1])))
    lies = abs(float(np.median(rise_deg))) < LYING_DEG
    way = head if lies else ahead
    yaw = np.arctan2(way[:, 1], way[:, 0])
    mean = np.exp(1j * yaw).mean()
    return float(np.degrees(np.angle(mean) if abs(mean) >= LEAST_RESULTANT else yaw[0]) % 360.0)
