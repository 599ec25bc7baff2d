"""A piece of a character while it is being made, and how it is cut along a field.

A garment is a signed field over a mesh (positive = cloth); the mesh is cut where the field is zero, which gives hems
that do not depend on where the mesh's edges run (marching triangles; Lorensen and Cline 1987 in two dimensions).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from synth.body.character import vertex_normals

# Fields are kept this far from zero, so that a cut never leaves a triangle without area.
_MARGIN_M = 1.5e-3


@dataclass(frozen=True)
class Piece:
    """Control vertices with dense skinning, and the textured faces on them.

    rest (V, 3) on the character's body; pattern (V, 3) the same points on the reference body; weights (V, J) of sum 1;
    fields (V, C) further values; vertex (N,) control vertex of each render vertex; uv (N, 2); faces (F, 3).
    """

    rest: np.ndarray
    pattern: np.ndarray
    weights: np.ndarray
    fields: np.ndarray
    vertex: np.ndarray
    uv: np.ndarray
    faces: np.ndarray

    @property
    def control_faces(self) -> np.ndarray:
        """(F, 3) the faces in numbers of control vertices."""
        return self.vertex[self.faces]

    def normals(self) -> np.ndarray:
        """(V, 3) unit normals at rest."""
        return vertex_normals(self.rest, self.control_faces)


def piece(*, rest, pattern, weights, fields, faces, uv_ids, uv) -> Piece:
    """A piece from faces that number vertices (F, 3) and texture coordinates (F, 3) apart; unused ones are dropped."""
    pairs, corner = np.unique(np.stack([faces.ravel(), uv_ids.ravel()], axis=1), axis=0, return_inverse=True)
    used, vertex = np.unique(pairs[:, 0], return_inverse=True)
    return Piece(
        rest[used], pattern[used], weights[used], fields[used], vertex, uv[pairs[:, 1]], corner.reshape(faces.shape)
    )


def kept(part: Piece, faces: np.ndarray) -> Piece:
    """The piece with some faces only: a mask (F,) or the new (F', 3) render faces."""
    faces = part.faces[faces] if faces.ndim == 1 else faces
    used, corner = np.unique(faces, return_inverse=True)
    control, vertex = np.unique(part.vertex[used], return_inverse=True)
    arrays = (part.rest, part.pattern, part.weights, part.fields)
    return Piece(*(a[control] for a in arrays), vertex, part.uv[used], corner.reshape(faces.shape))


def cut(part: Piece, field: np.ndarray) -> tuple[Piece, np.ndarray]:
    """The piece where field (V,) > 0, and which of its control vertices lie on the new edge (V',) bool."""
    field = np.where(np.abs(field) < _MARGIN_M, np.where(field < 0, -_MARGIN_M, _MARGIN_M), field)
    inside = (field > 0)[part.control_faces]
    count = inside.sum(axis=1)
    one, two = part.faces[count == 1], part.faces[count == 2]
    # Turn each face so that its single odd corner comes first.
    one = _turned(one, inside[count == 1].argmax(axis=1))
    two = _turned(two, (~inside[count == 2]).argmax(axis=1))
    edges = np.concatenate([one[:, [0, 1]], one[:, [0, 2]], two[:, [0, 1]], two[:, [0, 2]]])
    grown, new = _split(part, field, edges)
    a1, a2, b1, b2 = np.split(new, np.cumsum([len(one), len(one), len(two)]))
    faces = [
        part.faces[count == 3],
        np.stack([one[:, 0], a1, a2], axis=1),
        np.stack([b1, two[:, 1], two[:, 2]], axis=1),
        np.stack([b1, two[:, 2], b2], axis=1),
    ]
    marked = replace(grown, fields=np.column_stack([grown.fields, np.arange(len(grown.rest)) >= len(part.rest)]))
    done = kept(marked, np.concatenate(faces))
    return replace(done, fields=done.fields[:, :-1]), done.fields[:, -1] > 0.5


def _turned(faces: np.ndarray, first: np.ndarray) -> np.ndarray:
    return np.take_along_axis(faces, (first[:, None] + np.arange(3)) % 3, axis=1)


def _split(part: Piece, field: np.ndarray, edges: np.ndarray) -> tuple[Piece, np.ndarray]:
    """New vertices where the field is zero on render edges (n, 2); returns the grown piece and their numbers (n,)."""
    pairs, number = np.unique(np.sort(edges, axis=1), axis=0, return_inverse=True)
    ends = part.vertex[pairs]
    order = np.argsort(ends, axis=1)
    pairs, ends = np.take_along_axis(pairs, order, 1), np.take_along_axis(ends, order, 1)
    control, first, vertex = np.unique(ends, axis=0, return_index=True, return_inverse=True)
    a, b = field[ends[:, 0]], field[ends[:, 1]]
    share = (a / (a - b))[:, None]

    def between(values: np.ndarray) -> np.ndarray:
        low, high = values[control[:, 0]], values[control[:, 1]]
        return np.concatenate([values, low + (high - low) * share[first].astype(values.dtype)])

    uv = part.uv[pairs[:, 0]] * (1 - share) + part.uv[pairs[:, 1]] * share
    grown = Piece(
        *(between(a) for a in (part.rest, part.pattern, part.weights, part.fields)),
        np.concatenate([part.vertex, len(part.rest) + vertex.ravel()]),
        np.concatenate([part.uv, uv]),
        part.faces,
    )
    return grown, len(part.vertex) + number.ravel()
