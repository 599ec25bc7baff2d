"""Triangle meshes with a texture kind and a tint per part, and the solids that the things of a place are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Shape:
    """points, normals (N, 3) and uv (N, 2) with v up; tint (N, 3) multiplies the texture's linear colour; faces (F, 3)
    counter-clockwise seen from outside; kind (F,) names the texture of each face (`grounds.KINDS`)."""

    points: np.ndarray
    normals: np.ndarray
    uv: np.ndarray
    tint: np.ndarray
    faces: np.ndarray
    kind: np.ndarray

    def placed(self, at: Sequence[float], yaw_deg: float = 0.0) -> Shape:
        """Turned counter-clockwise about z, then moved."""
        c, s = np.cos(np.radians(yaw_deg)), np.sin(np.radians(yaw_deg))
        turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
        at = np.array([*at, 0.0][:3])
        return Shape(self.points @ turn.T + at, self.normals @ turn.T, self.uv, self.tint, self.faces, self.kind)


def join(shapes: Sequence[Shape]) -> Shape:
    """All shapes as one; no shapes give an empty one."""
    empty = np.zeros((0, 3))
    offsets = np.cumsum([0, *(len(s.points) for s in shapes)])[:-1]
    return Shape(
        points=np.concatenate([empty, *(s.points for s in shapes)]),
        normals=np.concatenate([empty, *(s.normals for s in shapes)]),
        uv=np.concatenate([empty[:, :2], *(s.uv for s in shapes)]),
        tint=np.concatenate([empty, *(s.tint for s in shapes)]),
        faces=np.concatenate([empty.astype(int), *(s.faces + o for s, o in zip(shapes, offsets, strict=True))]),
        kind=np.concatenate([np.array([], dtype="U16"), *(s.kind for s in shapes)]),
    )


def make(points, normals, uv, faces, kind: str, tint) -> Shape:
    """A shape of one texture kind; tint: (3,) or of each point (N, 3)."""
    tint = np.broadcast_to(np.asarray(tint, float), (len(points), 3)).copy()
    return Shape(points, normals, uv, tint, np.asarray(faces), np.full(len(faces), kind, dtype="U16"))


def box(size: Sequence[float], kind: str, *, repeat_m: float = 1.0, tint=(1.0, 1.0, 1.0), lift_m: float = 0.0) -> Shape:
    """A box over the origin, its foot at `lift_m`; one texture tile spans `repeat_m` metres."""
    points, normals, uv, faces = [], [], [], []
    half = np.array([size[0] / 2, size[1] / 2, size[2] / 2])
    for axis, sign in ((0, 1), (0, -1), (1, 1), (1, -1), (2, 1), (2, -1)):
        normal = np.zeros(3)
        normal[axis] = sign
        u = np.cross([0, 0, 1.0], normal) if axis < 2 else np.array([1.0, 0, 0])
        v = np.cross(normal, u)
        for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
            corner = half * (normal + a * u + b * v)
            points.append(corner + np.array([0, 0, half[2] + lift_m]))
            uv.append(((corner @ u) / repeat_m + 0.5, ((corner @ v) + (half[2] if axis < 2 else 0)) / repeat_m))
            normals.append(normal)
        k = len(points) - 4
        faces += [(k, k + 1, k + 2), (k, k + 2, k + 3)]
    return make(np.array(points), np.array(normals), np.array(uv), faces, kind, tint)


def grid_faces(rows: int, columns: int) -> np.ndarray:
    """Triangles of a (rows + 1) x (columns + 1) grid of vertices, rows outermost."""
    i, j = np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij")
    a = (i * (columns + 1) + j).ravel()
    b, c, d = a + 1, a + columns + 2, a + columns + 1
    return np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])


def cylinder(
    radius_m: float, top_m: float, height_m: float, kind: str, *, sides: int = 9, tint=(1.0, 1.0, 1.0)
) -> Shape:
    """An upright tapering tube of `radius_m` below and `top_m` above, without lids."""
    turn = np.linspace(0, 2 * np.pi, sides + 1)
    ring = np.stack([np.cos(turn), np.sin(turn), 0 * turn], 1)
    points = np.concatenate([ring * radius_m, ring * top_m + [0, 0, height_m]])
    u = np.linspace(0, 2, sides + 1)
    uv = np.concatenate([np.stack([u, 0 * u], 1), np.stack([u, 0 * u + height_m], 1)])
    return make(points, np.concatenate([ring, ring]), uv, grid_faces(1, sides), kind, tint)


def blob(
    radii: Sequence[float],
    kind: str,
    rng: np.random.Generator,
    *,
    rough: float = 0.12,
    repeat_m: float = 1.0,
    tint=(1, 1, 1),
    rows: int = 8,
    columns: int = 14,
) -> Shape:
    """A lumpy ellipsoid about the origin, darker below; `rough` is the depth of its lumps as a share of the radius."""
    polar = np.linspace(0, np.pi, rows + 1)[::-1, None] * np.ones(columns + 1)
    turn = np.linspace(0, 2 * np.pi, columns + 1)[None] * np.ones((rows + 1, 1))
    unit = np.stack([np.sin(polar) * np.cos(turn), np.sin(polar) * np.sin(turn), np.cos(polar)], -1).reshape(-1, 3)
    waves, phase = rng.normal(0, 2.2, (9, 3)), rng.uniform(0, 6.3, 9)
    lumps = np.sin(unit @ waves.T + phase).sum(axis=1) / 3.0
    points = unit * np.asarray(radii) * (1 + rough * lumps)[:, None]
    normals = unit / np.asarray(radii)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    size = float(np.mean(radii)) / repeat_m
    uv = np.stack([turn.ravel() * size, (np.pi - polar.ravel()) * size], 1)
    dark = (0.62 + 0.38 * (unit[:, 2] * 0.5 + 0.5) + 0.10 * lumps)[:, None]
    return make(points, normals, uv, grid_faces(rows, columns), kind, np.asarray(tint) * dark)


def cards(
    radii: Sequence[float], kind: str, rng: np.random.Generator, *, count: int, size_m: float, tint=(1, 1, 1)
) -> Shape:
    """Square leaf cards strewn over an ellipsoid about the origin, turned every way, so that its outline is leafy from
    wherever it is seen; their normals are the ellipsoid's, so that the crown is lit as one body."""
    k = np.arange(count) + 0.5
    z = 1 - 2 * k / count
    turn = k * 2.399963 + rng.normal(0, 0.25, count)
    out = np.stack([np.sqrt(1 - z * z) * np.cos(turn), np.sqrt(1 - z * z) * np.sin(turn), z], 1)
    face = 0.6 * out + rng.normal(0, 0.6, (count, 3))
    face /= np.linalg.norm(face, axis=1, keepdims=True)
    side = np.cross(face, rng.normal(0, 1, (count, 3)))
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    up = np.cross(face, side)
    centre = out * np.asarray(radii) * rng.uniform(0.82, 1.02, (count, 1))
    half = 0.5 * size_m * rng.uniform(0.8, 1.25, (count, 1))
    corners = [centre + half * (a * side + b * up) for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    faces = np.concatenate([np.arange(count)[:, None] * 4 + [0, 1, 2], np.arange(count)[:, None] * 4 + [0, 2, 3]])
    tone = (0.72 + 0.36 * (z * 0.5 + 0.5))[:, None] * rng.uniform(0.85, 1.15, (count, 1))
    return make(
        np.stack(corners, 1).reshape(-1, 3),
        np.repeat(out, 4, axis=0),
        np.tile([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)], (count, 1)),
        faces,
        kind,
        np.repeat(np.asarray(tint) * tone, 4, axis=0),
    )
