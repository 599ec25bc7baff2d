"""Baking pictures from geometry: attributes of a mesh spread over its texture, and noise in space.

Patterns are evaluated at the rest position of each texel, so that they run across the seams of the texture unbroken
and need no picture files.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

_CHUNK = 2_000_000


def fragments(points: np.ndarray, faces: np.ndarray, height: int, width: int) -> Iterator[tuple[np.ndarray, ...]]:
    """The pixels inside each triangle, in chunks of (face (n,), y (n,), x (n,), barycentric (n, 3)).

    Args:
        points: (N, 2) x and y in pixels, centres at +0.5. faces: (F, 3), either winding.
    """
    corners = points[faces].astype(np.float64)
    low = np.ceil(corners.min(axis=1) - 0.5).astype(np.int64).clip(0)
    high = np.floor(corners.max(axis=1) - 0.5).astype(np.int64)
    high = np.minimum(high, [width - 1, height - 1])
    spans = (high - low + 1).clip(0)
    edge1, edge2 = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    area = edge1[:, 0] * edge2[:, 1] - edge2[:, 0] * edge1[:, 1]
    counts = np.where(np.abs(area) > 1e-12, spans.prod(axis=1), 0)
    bounds = np.searchsorted(np.cumsum(counts), np.arange(_CHUNK, counts.sum() + _CHUNK, _CHUNK), side="left") + 1
    for group in np.split(np.arange(len(faces)), bounds[:-1]):
        count = counts[group]
        face = np.repeat(group, count)
        step = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        x = low[face, 0] + step % np.maximum(spans[face, 0], 1)
        y = low[face, 1] + step // np.maximum(spans[face, 0], 1)
        dx, dy = x + 0.5 - corners[face, 0, 0], y + 0.5 - corners[face, 0, 1]
        b1 = (dx * edge2[face, 1] - edge2[face, 0] * dy) / area[face]
        b2 = (edge1[face, 0] * dy - dx * edge1[face, 1]) / area[face]
        weight = np.stack([1 - b1 - b2, b1, b2], axis=1)
        inside = (weight >= -1e-9).all(axis=1)
        yield face[inside], y[inside], x[inside], weight[inside]


@dataclass(frozen=True)
class Canvas:
    """Which point of a mesh each covered texel shows.

    size: texture is (size, size). rows (n,), columns (n,): covered texels. corners (n, 3): render vertices of the
    texel's face; weights (n, 3): their barycentric weights. nearest (size, size): the covered texel to copy from.
    """

    size: int
    rows: np.ndarray
    columns: np.ndarray
    corners: np.ndarray
    weights: np.ndarray
    nearest: np.ndarray

    def spread(self, values: np.ndarray) -> np.ndarray:
        """Values of the render vertices, (N,) or (N, C), at the covered texels: (n,) or (n, C) float32."""
        picked = np.asarray(values, dtype=np.float32)[self.corners]
        weights = self.weights if picked.ndim == 2 else self.weights[..., None]
        return (picked * weights).sum(axis=1)

    def picture(self, texels: np.ndarray) -> np.ndarray:
        """Texel values (n, C) as a picture (size, size, C), the uncovered texels filled from the nearest covered."""
        return texels[self.nearest]


def canvas(uv: np.ndarray, faces: np.ndarray, size: int) -> Canvas:
    """The texels that the faces cover; uv (N, 2) with v up, in 0 to 1."""
    owner = np.full((size, size), -1, dtype=np.int64)
    weights = np.zeros((size, size, 3), dtype=np.float32)
    points = np.stack([uv[:, 0], 1 - uv[:, 1]], axis=1) * size
    for face, y, x, weight in fragments(points, faces, size, size):
        owner[y, x], weights[y, x] = face, weight
    rows, columns = np.nonzero(owner >= 0)
    _, label = cv2.distanceTransformWithLabels(
        (owner < 0).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    texel = np.empty(label.max() + 1, dtype=np.int64)
    texel[label[rows, columns]] = np.arange(len(rows))
    return Canvas(size, rows, columns, faces[owner[rows, columns]], weights[rows, columns], texel[label])


def value_noise(points: np.ndarray, per_metre, seed: int, octaves: int = 3, gain: float = 0.5) -> np.ndarray:
    """Smooth noise in 0 to 1 at points (..., 3): trilinear value noise summed over octaves (Perlin, 1985).

    Args:
        per_metre: cells per metre of the coarsest octave, a number or one per axis. seed: which lattice.
    """
    lattice = np.random.default_rng(seed).random(32**3).astype(np.float32)
    total, amplitude, weight = np.zeros(points.shape[:-1], np.float32), 1.0, 0.0
    for octave in range(octaves):
        cell = np.asarray(points, np.float32) * np.asarray(per_metre, np.float32) * 2**octave + np.float32(
            11.7 * octave
        )
        base = np.floor(cell)
        part = cell - base
        part = part * part * (3 - 2 * part)
        total += amplitude * _trilinear(lattice, base.astype(np.int32), part)
        weight += amplitude
        amplitude *= gain
    return total / np.float32(weight)


def _trilinear(lattice: np.ndarray, base: np.ndarray, part: np.ndarray) -> np.ndarray:
    low, high = base & 31, (base + 1) & 31
    x, y, z = ((low[..., k], high[..., k]) for k in range(3))
    px, py, pz = part[..., 0], part[..., 1], part[..., 2]
    planes = []
    for xi in x:
        rows = []
        for yi in y:
            cell = (xi * 32 + yi) * 32
            a, b = lattice[cell + z[0]], lattice[cell + z[1]]
            rows.append(a + (b - a) * pz)
        planes.append(rows[0] + (rows[1] - rows[0]) * py)
    return planes[0] + (planes[1] - planes[0]) * px


def smoothstep(low: float, high: float, value: np.ndarray) -> np.ndarray:
    """0 below `low`, 1 above `high`, an S in between; `low` may be the larger."""
    t = np.clip((value - low) / (high - low), 0.0, 1.0)
    return t * t * (3 - 2 * t)


def hex_colour(text: str) -> np.ndarray:
    """(3,) float32 sRGB 0 to 255 of "#rrggbb"."""
    return np.array([int(text[k : k + 2], 16) for k in (1, 3, 5)], np.float32)
