"""A trunk that leans as the subject's does, though another spine bends it.

Turns are transferred bone by bone, but the bones of the two spines are not of one length: a body that bends over
bends by a few degrees more or less than the subject, and unevenly over the bend. The line from the middle of the hips
to the middle of the shoulders is therefore made to keep one angle to the subject's, that of the zero pose (`align`
says why it is not 0). The bones between pelvis and shoulder girdle are turned for it, all by one turn, the smallest;
pelvis, girdle, neck and limbs keep theirs.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.transform import Rotation

from synth.body.skeleton import Skeleton
from synth.motion.align import body_joint, smallest_rotation
from synth.motion.performance import SIDES, Performance

SMOOTH_S = 0.08
_BENT = ("spine04", "spine03", "spine02", "spine01")
_MIDDLE = "upperback"  # the source bone in whose frame the angle is kept


def match_trunk(part: Performance, body: Skeleton, rotations: np.ndarray, lean: np.ndarray) -> None:
    """Turns the spine of rotations (T, J, 3, 3) in place; lean: (3, 3) as of `zero_lean`."""
    middle = part.turn(_MIDDLE)
    own = np.einsum("tij,tj->ti", np.swapaxes(middle, -1, -2), _line(part.joint))
    wanted = np.einsum("tij,tj->ti", middle, own @ lean.T)
    wanted /= np.linalg.norm(wanted, axis=1, keepdims=True)
    joints = body.fk(rotations, np.zeros((len(rotations), 3)))
    bent = sum(joints[:, body.index(f"clavicle.{side}")] for side in SIDES) / 2 - joints[:, body.index(_BENT[0])]
    rest = _line(lambda name: joints[:, body_joint(body, name)]) - bent
    # Of rest + C bent = k wanted the length k: the bent part can turn and not stretch.
    along = np.sum(rest * wanted, axis=1, keepdims=True)
    square = along**2 - np.sum(rest**2, axis=1, keepdims=True) + np.sum(bent**2, axis=1, keepdims=True)
    goal = (along + np.sqrt(np.maximum(square, 0.0))) * wanted - rest
    turn = _smooth(smallest_rotation(bent, goal), SMOOTH_S * part.fps)
    for bone in _BENT:
        index = body.index(bone)
        rotations[:, index] = turn @ rotations[:, index]


def zero_lean(zero: Performance, body: Skeleton, rotations: np.ndarray) -> np.ndarray:
    """(3, 3) from the subject's line to the body's in the zero pose, in which the body is turned by (1, J, 3, 3)."""
    joints = body.fk(rotations, np.zeros((1, 3)))
    here = _line(lambda name: joints[:, body_joint(body, name)])
    return smallest_rotation(_line(zero.joint), here)[0]


def _smooth(turns: np.ndarray, frames: float) -> np.ndarray:
    """(T, 3, 3) small turns without what changes faster: the markers on moving shoulders tremble."""
    vectors = Rotation.from_matrix(turns).as_rotvec()
    return Rotation.from_rotvec(gaussian_filter1d(vectors, frames, axis=0, mode="nearest")).as_matrix()


def _line(joint) -> np.ndarray:
    """(T, 3) from the middle of the hips to the middle of the shoulders."""
    return sum(joint(f"shoulder.{side}") - joint(f"hip.{side}") for side in SIDES) / 2
