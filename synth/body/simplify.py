"""Fewer triangles where a mesh is finer than any picture of it: edge collapse by the quadric error metric.

Half-edge collapses only (a vertex moves onto a neighbour), so the vertices that remain keep their shapes, weights and
texture coordinates. Garland and Heckbert, "Surface Simplification Using Quadric Error Metrics" (1997), section 3-4.
Used when the pack is built, never at run time.
"""

from __future__ import annotations

import heapq

import numpy as np

# A collapse may turn a neighbouring face by at most this much (cosine).
_STEEPEST = 0.35


class Simplifier:
    """A mesh under collapse. points (V, 3); faces (F, 3) vertex ids; uvs (F, 3) texture ids; free (V,) bool: the
    vertices that may go."""

    def __init__(self, points: np.ndarray, faces: np.ndarray, uvs: np.ndarray, free: np.ndarray):
        self.points, self.faces, self.uvs = points, faces.copy(), uvs.copy()
        self.alive = np.ones(len(faces), dtype=bool)
        self.around: list[set[int]] = [set() for _ in points]
        for face, corners in enumerate(faces):
            for vertex in corners:
                self.around[vertex].add(face)
        self.quadrics = self._quadrics()
        self.free = free & self._inner()
        self.heap: list[tuple[float, int, int]] = []
        for vertex in np.flatnonzero(self.free):
            self._offer(int(vertex))

    def run(self, faces_left: int) -> tuple[np.ndarray, np.ndarray]:
        """Collapse until `faces_left` faces remain or nothing may go; returns (faces, uvs)."""
        count = len(self.faces)
        while count > faces_left and self.heap:
            cost, gone, kept = heapq.heappop(self.heap)
            if not self.free[gone] or not self.around[gone] or cost != self._cost(gone, kept):
                continue
            if self._allowed(gone, kept):
                count -= self._collapse(gone, kept)
        return self.faces[self.alive], self.uvs[self.alive]

    def _quadrics(self) -> np.ndarray:
        a, b, c = (self.points[self.faces[:, k]] for k in range(3))
        normal = np.cross(b - a, c - a)
        area = np.linalg.norm(normal, axis=1, keepdims=True)
        normal = normal / np.maximum(area, 1e-18)
        plane = np.column_stack([normal, -(normal * a).sum(axis=1)])
        each = plane[:, :, None] * plane[:, None, :] * area[:, :, None]
        out = np.zeros((len(self.points), 4, 4))
        for k in range(3):
            np.add.at(out, self.faces[:, k], each)
        return out

    def _inner(self) -> np.ndarray:
        """(V,) vertices that lie neither on a border nor on a seam of the texture."""
        pairs = np.unique(np.stack([self.faces.ravel(), self.uvs.ravel()], axis=1), axis=0)
        inner = np.bincount(pairs[:, 0], minlength=len(self.points)) == 1
        sides = np.sort(self.faces[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
        edges, count = np.unique(sides, axis=0, return_counts=True)
        inner[edges[count != 2].ravel()] = False
        return inner

    def _neighbours(self, vertex: int) -> set[int]:
        return {int(v) for face in self.around[vertex] for v in self.faces[face]} - {vertex}

    def _cost(self, gone: int, kept: int) -> float:
        at = np.append(self.points[kept], 1.0)
        length = np.linalg.norm(self.points[kept] - self.points[gone])
        return float(at @ (self.quadrics[gone] + self.quadrics[kept]) @ at + 1e-9 * length)

    def _offer(self, vertex: int) -> None:
        for other in self._neighbours(vertex):
            heapq.heappush(self.heap, (self._cost(vertex, other), vertex, other))

    def _allowed(self, gone: int, kept: int) -> bool:
        shared = self.around[gone] & self.around[kept]
        if len(shared) != 2 or len(self._neighbours(gone) & self._neighbours(kept)) != 2:
            return False
        if len({self._uv(face, kept) for face in shared}) != 1:
            return False
        for face in self.around[gone] - shared:
            before = self.points[self.faces[face]]
            after = np.where((self.faces[face] == gone)[:, None], self.points[kept], before)
            n0, n1 = (np.cross(t[1] - t[0], t[2] - t[0]) for t in (before, after))
            if n0 @ n1 <= _STEEPEST * np.linalg.norm(n0) * np.linalg.norm(n1):
                return False
        return True

    def _uv(self, face: int, vertex: int) -> int:
        return int(self.uvs[face][self.faces[face] == vertex][0])

    def _collapse(self, gone: int, kept: int) -> int:
        shared = self.around[gone] & self.around[kept]
        uv = self._uv(next(iter(shared)), kept)
        for face in shared:
            self.alive[face] = False
            for vertex in self.faces[face]:
                self.around[vertex].discard(face)
        for face in self.around[gone]:
            corner = self.faces[face] == gone
            self.faces[face][corner], self.uvs[face][corner] = kept, uv
            self.around[kept].add(face)
        self.around[gone] = set()
        self.quadrics[kept] += self.quadrics[gone]
        for vertex in self._neighbours(kept) | {kept}:
            if self.free[vertex]:
                self._offer(vertex)
        return len(shared)
