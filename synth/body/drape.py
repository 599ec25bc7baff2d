"""Giving cloth its own shape: standing off the skin, hanging from the widest places, falling in folds.

All of it happens on the rest pose; skinning then carries the cloth. A garment hangs: below the place where the body is
widest it keeps that width (minus a taper), instead of following the body inwards. That is a running maximum of the
radius around the limb or trunk, down its length, within a sector of angles.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse

_SECTOR_RAD = 0.3


@dataclass(frozen=True)
class Column:
    """A limb or the trunk as a column of vertices: ids (n,); along (n,) metres down the column; radius vectors (n, 3)
    from its axis; angle (n,) around it."""

    ids: np.ndarray
    along: np.ndarray
    spoke: np.ndarray
    angle: np.ndarray


def column(ids: np.ndarray, points: np.ndarray, along: np.ndarray, axis_points: np.ndarray, up: np.ndarray) -> Column:
    """The column of the vertices `ids`; points (n, 3), their nearest axis points (n, 3); `up`: the axis."""
    spoke = points - axis_points
    spoke = spoke - (spoke @ up)[:, None] * up
    first = np.cross(up, [0.0, 1.0, 0.0] if abs(up[1]) < 0.9 else [1.0, 0.0, 0.0])
    first /= np.linalg.norm(first)
    return Column(ids, along, spoke, np.arctan2(spoke @ np.cross(up, first), spoke @ first))


def hang(col: Column, *, start_m: float, taper: float, strength: float) -> np.ndarray:
    """(n, 3) shift of the column's vertices so that they keep the width found higher up.

    Args:
        start_m: where along the column the cloth starts to hang freely. taper: metres of radius lost per metre.
        strength: 0 follows the body, 1 hangs straight.
    """
    radius = np.linalg.norm(col.spoke, axis=1)
    around = np.stack([np.cos(col.angle), np.sin(col.angle)], axis=1)
    above = (around @ around.T > np.cos(_SECTOR_RAD)) & (col.along[:, None] >= col.along) & (col.along >= start_m)
    # The radius kept from above, less the taper from there down to here.
    reach = np.where(above, radius + taper * col.along, -np.inf).max(axis=1) - taper * col.along
    wider = strength * np.maximum(reach - radius, 0.0)
    return col.spoke / np.maximum(radius, 1e-6)[:, None] * wider[:, None]


def smoother(faces: np.ndarray, count: int) -> scipy.sparse.csr_matrix:
    """(V, V) matrix that replaces each vertex by the mean of its neighbours (uniform Laplacian)."""
    sides = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    sides = np.concatenate([sides, sides[:, ::-1]])
    matrix = scipy.sparse.csr_matrix((np.ones(len(sides)), (sides[:, 0], sides[:, 1])), shape=(count, count))
    matrix.data[:] = 1.0
    degree = np.asarray(matrix.sum(axis=1)).ravel()
    lonely = degree == 0
    return scipy.sparse.diags(1 / np.maximum(degree, 1)) @ matrix + scipy.sparse.diags(lonely.astype(float))


def smoothed(points: np.ndarray, matrix: scipy.sparse.csr_matrix, rounds: int) -> np.ndarray:
    """Points (V, 3) after some rounds of moving halfway to the mean of the neighbours."""
    for _ in range(rounds):
        points = 0.5 * points + 0.5 * (matrix @ points)
    return points


def outside(points: np.ndarray, skin: np.ndarray, normals: np.ndarray, least_m: np.ndarray) -> np.ndarray:
    """Points (V, 3) pushed out along the skin's normals to stand at least `least_m` (V,) off the skin."""
    gap = ((points - skin) * normals).sum(axis=1)
    return points + np.maximum(least_m - gap, 0.0)[:, None] * normals
