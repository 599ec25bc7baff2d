"""Toes that bend when the heel leaves the floor.

CMU's toe channel is noise while a foot stands (about 15 degrees either way), so that toes follow the foot. Followed
rigidly they would stab the floor at every push-off; a ball that is low keeps them level instead, as a shoe does.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from synth.body.skeleton import Skeleton
from synth.motion.align import body_joint
from synth.motion.performance import SIDES

MOST_DEG = 55.0
LOW_M, HIGH_M = 0.02, 0.08  # height of the ball over its stand up to which toes are level, from which they follow


def bend_toes(body: Skeleton, rotations: np.ndarray, root: np.ndarray) -> None:
    """Turns the toes of rotations (T, J, 3, 3) in place, about each foot's own left."""
    joints = body.fk(rotations, root)
    for side in SIDES:
        ball, ankle = body_joint(body, f"toe.{side}"), body_joint(body, f"ankle.{side}")
        ahead = (body.heads[ball] - body.heads[ankle]) * [1.0, 1.0, 0.0]
        ahead = ahead / np.linalg.norm(ahead)
        foot = rotations[:, ankle]
        down_deg = np.degrees(np.arcsin(np.clip(-(foot @ ahead)[:, 2], -1.0, 1.0)))
        angle_deg = np.clip(down_deg, 0.0, MOST_DEG) * _nearness(joints[:, ball, 2])
        left = np.cross([0.0, 0.0, 1.0], ahead)
        bend = Rotation.from_rotvec(-np.radians(angle_deg)[:, None] * left).as_matrix()
        for bone, name in enumerate(body.names):
            if name.startswith("toe") and name.endswith(f".{side}"):
                rotations[:, bone] = foot @ bend


def _nearness(height: np.ndarray) -> np.ndarray:
    """(T,) 1 where the ball (T,) is as low as when it stands, 0 where it is high, smooth between."""
    above = (height - np.percentile(height, 5) - LOW_M) / (HIGH_M - LOW_M)
    share = np.clip(1.0 - above, 0.0, 1.0)
    return share * share * (3.0 - 2.0 * share)
