"""Which way a motion faces: what azimuth 0 degrees looks at (design, section 4)."""

from __future__ import annotations

import numpy as np

from synth.body.skeleton import Skeleton
from synth.motion.motion import Motion

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
    rise_deg = np.degrees(np.arctan2(trunk[:, 2], np.hypot(trunk[:, 0], trunk[:, 1])))
    lies = abs(float(np.median(rise_deg))) < LYING_DEG
    ahead = joints[:, body.index("head")] - joints[:, pelvis] if lies else rotations[:, pelvis, :, 0]
    yaw = np.arctan2(ahead[:, 1], ahead[:, 0])
    mean = np.exp(1j * yaw).mean()
    return float(np.degrees(np.angle(mean) if abs(mean) >= LEAST_RESULTANT else yaw[0]) % 360.0)
