"""A body that is being dressed: its rest pose, the pattern it shares with all others, and its outermost surface so far.

Garments are put on from the inside out; each starts from the surface that the ones before left, so a shirt always lies
over the trousers and never under them.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field

import numpy as np
import scipy.sparse
import scipy.spatial

from synth.body import drape
from synth.body.character import vertex_normals
from synth.body.mesh import Piece, piece
from synth.body.pack import Mesh, Pack, load_pack
from synth.body.pattern import Pattern, body_vertices, dense_weights, limb, load_pattern, placed
from synth.body.recipe import Body
from synth.body.shoulders import sloping
from synth.errors import CeterisError


class MisfitError(CeterisError):
    """A garment that the body's mesh cannot carry."""


_LANDMARKS = ("foot.L", "lowerleg01.L", "upperleg01.L", "spine03", "spine01", "neck01")


@dataclass
class Figure:
    """pack and pattern are shared; rest (V, 3) and heads (J, 3) are this body's, metres, bare soles at z = 0.

    surface (V, 3): the outermost layer over each vertex of the tights so far. cover (V,): how deep inside a garment
    that lies close a tights vertex is, metres from the nearest edge, negative where bare. under: the same for each
    garment by its key, loose ones (skirts) too.
    """

    pack: Pack
    pattern: Pattern
    weights: np.ndarray
    rest: np.ndarray
    heads: np.ndarray
    surface: np.ndarray
    cover: np.ndarray
    under: dict[str, np.ndarray] = field(default_factory=dict)

    def mesh(self, name: str) -> Mesh:
        """A mesh of the pack. Raises MisfitError where the pack has none of that name."""
        if name not in self.pack.meshes:
            raise MisfitError(f"the pack has no mesh {name!r}, only {', '.join(sorted(self.pack.meshes))}")
        return self.pack.meshes[name]

    def lies_under(self, key: str, depth: np.ndarray) -> None:
        """Note how deep the body's vertices lie inside the garment `key`: depth (V,) metres, negative outside."""
        self.under[key] = np.maximum(depth, self.under.get(key, -1.0))

    def normals(self) -> np.ndarray:
        """(V, 3) outward normals of the surface over the tights."""
        return vertex_normals(self.surface, self.pack.meshes["tights"].faces)

    def line(self, kind: str, side: str) -> np.ndarray:
        """(3, 3) this body's shoulder, elbow, wrist ("arm") or hip, knee, ankle ("leg"), side "L" or "R"."""
        return limb(self.pack.bone_names, self.heads, kind, side)

    def flat(self, points: np.ndarray) -> np.ndarray:
        """Points (n, 3) at rest with their height as on the reference body, from landmark to landmark (knee, hip, ...),
        so that pockets and prints sit where they belong on any body yet stay undistorted."""
        marks = [self.pack.bone_names.index(name) for name in _LANDMARKS]
        own = np.concatenate([[0.0], self.heads[marks, 2], [self.rest[body_vertices(self.pack), 2].max()]])
        reference = np.concatenate([[0.0], self.pattern.joints[marks, 2], [self.pattern.height_m]])
        return np.column_stack([points[:, :2], np.interp(points[:, 2], own, reference)])

    def piece(self, mesh: str, rest: np.ndarray, fields: np.ndarray, faces: np.ndarray | None = None) -> Piece:
        """A piece of one of the pack's meshes at `rest` (V, 3) with further values `fields` (V, C); of `faces` only,
        where given."""
        source = self.mesh(mesh)
        chosen = slice(None) if faces is None else faces
        return piece(
            rest=rest,
            pattern=self.pattern.points,
            weights=self.weights,
            fields=fields,
            faces=source.faces[chosen],
            uv_ids=source.uvs[chosen],
            uv=self.pack.uv,
        )


@functools.lru_cache(maxsize=1)
def shared_weights() -> np.ndarray:
    """(V, J) dense weights of the pack with the shoulders' eased, once per process."""
    pack = load_pack()
    return sloping(dense_weights(pack), load_pattern(), pack.bone_names)


@functools.lru_cache(maxsize=1)
def tights_smoother() -> scipy.sparse.csr_matrix:
    """The Laplacian of the tights."""
    pack = load_pack()
    return drape.smoother(pack.meshes["tights"].faces, len(pack.template))


@functools.lru_cache(maxsize=1)
def nearest_tights() -> np.ndarray:
    """(V,) the tights vertex nearest to each vertex on the pattern; itself for the tights' own."""
    pack, pattern = load_pack(), load_pattern()
    ids = np.unique(pack.meshes["tights"].faces)
    _, near = scipy.spatial.cKDTree(pattern.points[ids]).query(pattern.points)
    return ids[near]


def phenotype_values(body: Body) -> dict[str, float]:
    """anny's phenotype values of a recipe's body."""
    values = {
        "gender": body.gender,
        "age": 2 / 3 + body.age / 3,
        "muscle": body.muscle,
        "weight": body.weight,
        "proportions": body.proportions,
        "cupsize": body.cupsize,
        "firmness": 0.6,
        "african": body.african,
        "asian": body.asian,
        "caucasian": body.caucasian,
    }
    return values | {"height": height_value(values, body.height_m)}


def height_value(values: dict[str, float], height_m: float) -> float:
    """anny's `height` (0 to 1) at which a body is `height_m` tall; the nearest end of the range where it cannot be."""
    pack = load_pack()
    ids = body_vertices(pack)

    def tall(value: float) -> float:
        return float(np.ptp(placed(pack, values | {"height": value})[0][ids, 2]))

    # Height is linear in the value between the two anchors, so two bodies say it all.
    low, high = tall(0.0), tall(1.0)
    return float(np.clip((height_m - low) / (high - low), 0.0, 1.0))


def figure(body: Body) -> Figure:
    """The bare figure of a recipe's body."""
    pack, pattern = load_pack(), load_pattern()
    rest, heads = placed(pack, phenotype_values(body))
    return Figure(pack, pattern, shared_weights(), rest, heads, rest.copy(), np.full(len(rest), -1.0))
