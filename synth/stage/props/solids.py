"""Solids of which the objects are made: surfaces over a grid of points, closed into tubes, boxes, balls and plates.

A `Solid` is a list of grids; each has a texture of its own. Normals are smooth within a grid, also across the seam
where it closes on itself, and broken where two grids meet, which is where the object has an edge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synth.body.character import Material, vertex_normals

_SAME_M = 1e-6  # points nearer than this are one when normals are taken


@dataclass(frozen=True)
class PropMesh:
    """An object as plain arrays, read-only: N vertices, F faces; metres, in the object's own frame.

    points, normals (N, 3) and uv (N, 2) float32, v = 0 being the texture's last row; faces (F, 3) int32,
    counter-clockwise seen from outside; material (F,) uint8 numbers `materials`.
    """

    kind: str
    points: np.ndarray
    normals: np.ndarray
    uv: np.ndarray
    faces: np.ndarray
    material: np.ndarray
    materials: tuple[Material, ...]


@dataclass(frozen=True)
class Solid:
    """points, normals (N, 3), uv (N, 2), faces (F, 3), skin: the material of each face (F,) as a number of `skins`."""

    points: np.ndarray
    normals: np.ndarray
    uv: np.ndarray
    faces: np.ndarray
    skin: np.ndarray
    skins: tuple[Material, ...]

    def mesh(self, kind: str) -> PropMesh:
        """The solid as the mesh of an object, each material once."""
        names = list(dict.fromkeys(m.name for m in self.skins))
        number = np.array([names.index(m.name) for m in self.skins], np.uint8)
        by_name = {m.name: m for m in self.skins}
        arrays = {
            "points": self.points.astype(np.float32),
            "normals": self.normals.astype(np.float32),
            "uv": self.uv.astype(np.float32),
            "faces": self.faces.astype(np.int32),
            "material": number[self.skin],
        }
        for array in arrays.values():
            array.setflags(write=False)
        return PropMesh(kind=kind, **arrays, materials=tuple(by_name[name] for name in names))

    def moved(self, at: Sequence[float]) -> Solid:
        """Shifted by (3,) metres."""
        return Solid(self.points + np.asarray(at, float), self.normals, self.uv, self.faces, self.skin, self.skins)

    def turned(self, matrix: np.ndarray) -> Solid:
        """Turned about the origin by a (3, 3) rotation."""
        return Solid(self.points @ matrix.T, self.normals @ matrix.T, self.uv, self.faces, self.skin, self.skins)


def join(solids: Sequence[Solid]) -> Solid:
    """All solids as one."""
    points = np.cumsum([0, *(len(s.points) for s in solids)])[:-1]
    skins = np.cumsum([0, *(len(s.skins) for s in solids)])[:-1]
    return Solid(
        np.concatenate([s.points for s in solids]),
        np.concatenate([s.normals for s in solids]),
        np.concatenate([s.uv for s in solids]),
        np.concatenate([s.faces + o for s, o in zip(solids, points, strict=True)]),
        np.concatenate([s.skin + o for s, o in zip(solids, skins, strict=True)]),
        tuple(m for s in solids for m in s.skins),
    )


def sheet(points: np.ndarray, uv: np.ndarray, skin: Material) -> Solid:
    """A surface over a grid of points (R, C, 3), with uv (R, C, 2): its outside is where rows x columns point, that is
    cross(points[i + 1] - points[i], points[:, j + 1] - points[:, j])."""
    rows, columns = points.shape[:2]
    i, j = (a.ravel() for a in np.meshgrid(np.arange(rows - 1), np.arange(columns - 1), indexing="ij"))
    a = i * columns + j
    b, c, d = a + columns, a + columns + 1, a + 1
    faces = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])
    flat = points.reshape(-1, 3)
    corners = flat[faces]
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    faces = faces[area > 1e-12]
    return Solid(flat, _smooth(flat, faces), uv.reshape(-1, 2), faces, np.zeros(len(faces), int), (skin,))


def tube(
    middle: np.ndarray,
    radii: np.ndarray,
    skin: Material,
    *,
    sides: int = 8,
    across=(0.0, 1.0, 0.0),
    wraps: float = 1.0,
    lids: bool = True,
) -> Solid:
    """A tube along `middle` (R, 3) with an elliptic cross-section.

    Args:
        radii: (R,) or (R, 2): along `across` x path, and along `across`.
        across: a direction that the path never takes; the tube is symmetric about the plane normal to it.
        wraps: how often the texture goes round; along the tube it goes once per tube. lids: whether its ends close.
    """
    radii = np.broadcast_to(np.asarray(radii, float).reshape(len(middle), -1), (len(middle), 2))
    along = np.gradient(middle, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    beside = np.broadcast_to(np.asarray(across, float), along.shape)
    beside = beside - np.sum(beside * along, axis=1, keepdims=True) * along
    beside = beside / np.linalg.norm(beside, axis=1, keepdims=True)
    other = np.cross(beside, along)
    turn = np.linspace(0, 2 * np.pi, sides + 1)
    ring = np.cos(turn)[None, :, None] * (radii[:, None, :1] * other[:, None]) + np.sin(turn)[None, :, None] * (
        radii[:, None, 1:] * -beside[:, None]
    )
    points = middle[:, None] + ring
    gone = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(middle, axis=0), axis=1))])
    u, v = np.meshgrid(turn / (2 * np.pi) * wraps, gone / gone[-1])
    parts = [sheet(points, np.stack([u, v], -1), skin)]
    for k, sign in ((0, -1), (-1, 1)) if lids else ():
        parts.append(_lid(points[k], skin, sign))
    return join(parts)


def _lid(ring: np.ndarray, skin: Material, sign: int) -> Solid:
    middle = np.broadcast_to(ring[:-1].mean(axis=0), ring.shape)
    grid = np.stack([ring, middle] if sign > 0 else [middle, ring])
    return sheet(grid, np.full((*grid.shape[:2], 2), 0.02), skin)


def box(size: Sequence[float], skin: Material, *, at=(0.0, 0.0, 0.0), repeat_m: float | None = None) -> Solid:
    """A box about `at`; a texture tile spans `repeat_m`, or each side once."""
    half, parts = np.asarray(size, float) / 2, []
    for axis in range(3):
        for sign in (-1, 1):
            u, v = ((1, 2), (2, 0), (0, 1))[axis]
            corner = np.zeros((2, 2, 3))
            corner[..., axis] = sign * half[axis]
            corner[..., u] = half[u] * np.array([[-1, -1], [1, 1]]) * sign
            corner[..., v] = half[v] * np.array([[-1, 1], [-1, 1]])
            scale = 1.0 if repeat_m is None else 2 * half[[u, v]] / repeat_m
            uv = np.stack(np.meshgrid([0.0, 1.0], [0.0, 1.0], indexing="ij"), -1) * scale
            parts.append(sheet(corner, uv, skin))
    return join(parts).moved(at)


def ball(radius_m: float, skin: Material, *, rows: int = 14, columns: int = 24) -> Solid:
    """A sphere about the origin; the texture is its map by longitude (u, from +x over +y) and latitude (v)."""
    polar = np.linspace(np.pi, 0, rows + 1)[:, None]
    turn = np.linspace(0, 2 * np.pi, columns + 1)[None]
    grid = np.stack([np.sin(polar) * np.cos(turn), np.sin(polar) * np.sin(turn), np.cos(polar) + 0 * turn], -1)
    u, v = np.meshgrid(turn[0] / (2 * np.pi), 1 - polar[:, 0] / np.pi)
    return sheet(radius_m * grid[:, ::-1], np.stack([u, v], -1)[:, ::-1], skin)


def ellipsoid(radii: Sequence[float], skin: Material, *, at=(0.0, 0.0, 0.0), rows: int = 8, columns: int = 12) -> Solid:
    """A stretched ball about `at`."""
    round_one = ball(1.0, skin, rows=rows, columns=columns)
    radii = np.asarray(radii, float)
    normals = round_one.normals / radii
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return Solid(round_one.points * radii, normals, round_one.uv, round_one.faces, round_one.skin, (skin,)).moved(at)


def _smooth(points: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """(N, 3) unit normals in which points that lie in one place count as one."""
    _, same = np.unique(np.round(points / _SAME_M), axis=0, return_inverse=True)
    same = same.reshape(-1)
    first = np.zeros((same.max() + 1, 3))
    first[same] = points
    return vertex_normals(first, same[faces])[same]
