"""Rotations over whole clips: frames that aim a limb, and fractions, twists and interpolation of rotations.

All functions take arrays with any leading axes; matrices act on column vectors. A fraction of a rotation keeps its
axis, so going from one rotation to another by fractions is slerp (Shoemake, "Animating rotation with quaternion
curves", SIGGRAPH 1985).
"""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation


def unit(vectors: np.ndarray) -> np.ndarray:
    """Vectors (..., 3) scaled to length 1."""
    vectors = np.asarray(vectors, dtype=np.float64)
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def about(axis, angle_deg) -> np.ndarray:
    """(..., 3, 3) rotation about unit `axis` (..., 3) by `angle_deg` (...), right-handed (Rodrigues)."""
    axis, angle = np.asarray(axis, dtype=np.float64), np.radians(np.asarray(angle_deg, dtype=np.float64))
    axis = np.broadcast_to(axis, (*np.broadcast_shapes(axis.shape[:-1], angle.shape), 3))
    x, y, z = np.moveaxis(axis, -1, 0)
    zero = np.zeros_like(x)
    cross = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=-1).reshape(*x.shape, 3, 3)
    sin, cos = np.sin(angle)[..., None, None], np.cos(angle)[..., None, None]
    return np.eye(3) + sin * cross + (1 - cos) * (cross @ cross)


def turn(*, yaw_deg=0.0, pitch_deg=0.0, roll_deg=0.0) -> np.ndarray:
    """(..., 3, 3) Rz(yaw) Ry(pitch) Rx(roll): yaw turns left, pitch leans forward, roll leans to the right."""
    return about([0.0, 0.0, 1.0], yaw_deg) @ about([0.0, 1.0, 0.0], pitch_deg) @ about([1.0, 0.0, 0.0], roll_deg)


def frame(along, beside) -> np.ndarray:
    """(..., 3, 3) orthonormal columns: `along`, the part of `beside` across it, and their cross product."""
    first = unit(along)
    beside = np.asarray(beside, dtype=np.float64)
    second = unit(beside - np.sum(beside * first, axis=-1, keepdims=True) * first)
    first, second = np.broadcast_arrays(first, second)
    return np.stack([first, second, np.cross(first, second)], axis=-1)


def apply(rotations: np.ndarray, vectors) -> np.ndarray:
    """Rotations (..., 3, 3) on vectors (..., 3)."""
    return np.einsum("...ij,...j->...i", rotations, np.asarray(vectors, dtype=np.float64))


def transpose(rotations: np.ndarray) -> np.ndarray:
    """The inverse rotations."""
    return np.swapaxes(rotations, -1, -2)


def fraction(rotations: np.ndarray, share) -> np.ndarray:
    """`share` (scalar or (T,)) of each rotation (T, 3, 3), along its own axis."""
    vectors = Rotation.from_matrix(rotations).as_rotvec()
    return Rotation.from_rotvec(vectors * np.reshape(np.asarray(share, dtype=np.float64), (-1, 1))).as_matrix()


def twist_deg(rotations: np.ndarray, axis: np.ndarray) -> np.ndarray:
    """(T,) the part of each rotation that turns about `axis`, in (-180, 180] (swing-twist decomposition)."""
    quaternions = Rotation.from_matrix(rotations).as_quat()
    return np.degrees(2 * np.arctan2(quaternions[:, :3] @ axis, quaternions[:, 3]) + np.pi) % 360.0 - 180.0


def swing(source, target) -> np.ndarray:
    """(..., 3, 3) the smallest rotation that takes unit `source` to unit `target`; they must not be opposite."""
    source, target = np.broadcast_arrays(unit(source), unit(target))
    cross, dot = np.cross(source, target), np.sum(source * target, axis=-1)
    x, y, z = np.moveaxis(cross, -1, 0)
    zero = np.zeros_like(x)
    skew = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=-1).reshape(*x.shape, 3, 3)
    return np.eye(3) + skew + skew @ skew / (1 + dot)[..., None, None]


def slerp(start: np.ndarray, end: np.ndarray, share: np.ndarray) -> np.ndarray:
    """(T, 3, 3) rotations at `share` (T,) of the way from `start` to `end`, (3, 3) or (T, 3, 3) each."""
    return start @ fraction(np.broadcast_to(transpose(start) @ end, (len(share), 3, 3)), share)
