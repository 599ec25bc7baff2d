"""Meshes on the device: a character with its props ready to be posed, and the surface data all meshes share.

Props are faces of the person's mesh behind those of the body, so that shadow, light and every pass know them; each
moves as one more bone does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import warp as wp

from synth.errors import CeterisError
from synth.stage.kernels.mesh import Surface
from synth.stage.textures import pack

if TYPE_CHECKING:
    from synth.body.character import Character
    from synth.stage.props import PropMesh

DOUBLE_SIDED, CUT, GUARDED = 1, 2, 4
UNGUARDED = 255
PROP = 200  # the part label of every prop
_SPHERES = 18
_PROP_SPHERE_M = 0.35  # the length of a prop that one of its spheres stands for
_LEAST_RADIUS_M = 0.015  # what is thinner hides no sky


class MeshError(CeterisError):
    """A mesh that cannot be drawn: says what was got and what is expected."""


def surface(
    *, faces, material, uv, materials, device: wp.Device, tint=((1.0, 1.0, 1.0),), part=(0,), guard=(), guards=(),
) -> Any:  # fmt: skip
    """The `Surface` of a mesh: faces (F, 3), material (F,), uv (N, 2), the materials with their textures; for a place
    the tint (N, 3) of each vertex, guards (G, 4) and the number (F,) of each face's own, UNGUARDED for none; for a
    person the part label (F,) of each face."""
    bits = np.array([DOUBLE_SIDED * m.double_sided + CUT * m.alpha_cut for m in materials], np.uint8)
    texels, levels, spans = pack([m.texture for m in materials])
    out = Surface()
    out.pose_stride = 0
    out.faces = wp.array(np.asarray(faces, np.int32), dtype=wp.vec3i, device=device)
    out.material = wp.array(np.asarray(material, np.uint8), dtype=wp.uint8, device=device)
    flags = bits[np.asarray(material)]
    if len(guard):
        flags = flags | np.where(np.asarray(guard) != UNGUARDED, GUARDED, 0).astype(np.uint8)
        out.guard = wp.array(np.asarray(guard, np.uint8), dtype=wp.uint8, device=device)
        out.guards = wp.array(np.asarray(guards, np.float32).reshape(-1, 4), dtype=wp.vec4, device=device)
    out.flags = wp.array(flags, dtype=wp.uint8, device=device)
    out.part = wp.array(np.asarray(part, np.uint8), dtype=wp.uint8, device=device)
    out.uv = wp.array(np.asarray(uv, np.float32), dtype=wp.vec2, device=device)
    out.texels = wp.array(texels, dtype=wp.uint32, device=device)
    out.levels = wp.array(levels, dtype=wp.vec3i, device=device)
    out.spans = wp.array(spans, dtype=wp.vec2i, device=device)
    out.roughness = wp.array(np.array([m.roughness for m in materials], np.float32), dtype=float, device=device)
    out.tint = wp.array(np.asarray(tint, np.float32).reshape(-1, 3), dtype=wp.vec3, device=device)
    return out


@dataclass(frozen=True)
class Body:
    """A character's arrays on the device. Of its `count` vertices `dressed` are the body's own, which `control` control
    vertices carry; the rest are those of `props` props. Bones and props together are `moved`."""

    surface: Any
    heads: wp.array
    parents: wp.array
    rest: wp.array
    bone_index: wp.array
    bone_weight: wp.array
    control_faces: wp.array
    first: wp.array
    incident: wp.array
    vertex: wp.array
    distance: wp.array
    sphere: wp.array
    sphere_bone: wp.array
    prop_points: wp.array
    prop_normals: wp.array
    prop_owner: wp.array
    prop_corners: wp.array
    bones: int
    props: int
    control: int
    dressed: int
    count: int
    faces: int
    spheres: int

    @property
    def moved(self) -> int:
        """Rigid transforms a pose has: those of the bones, then those of the props."""
        return self.bones + self.props


def _needed(character) -> np.ndarray:
    """Control vertices that a render vertex or one of its faces' normals depends on, ascending."""
    used = np.zeros(len(character.rest), bool)
    used[character.vertex] = True
    touching = character.control_faces[used[character.control_faces].any(axis=1)]
    used[touching] = True
    return np.flatnonzero(used)


def _incidence(faces: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """For each vertex the faces at it, ascending: (count + 1,) first positions and the list."""
    corner = faces.ravel()
    order = np.argsort(corner, kind="stable")
    first = np.concatenate([[0], np.cumsum(np.bincount(corner, minlength=count))])
    return first.astype(np.int32), (order // 3).astype(np.int32)


def _spheres(points: np.ndarray, bone: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Spheres (count, 4) that fill the body roughly, and the bone each moves with: clusters of rest vertices thinned
    to one in 3 cm, begun at points far from each other (Gonzalez, 1985) and settled by Lloyd's rule."""
    _, first = np.unique(np.round(points / 0.03).astype(int), axis=0, return_index=True)
    cloud, owner = points[first].astype(np.float64), bone[first]
    centres = cloud[[0]]
    while len(centres) < min(count, len(cloud)):
        far = np.linalg.norm(cloud[:, None] - centres[None], axis=2).min(axis=1).argmax()
        centres = np.concatenate([centres, cloud[[far]]])
    for _ in range(8):
        nearest = np.linalg.norm(cloud[:, None] - centres[None], axis=2).argmin(axis=1)
        used = np.unique(nearest)
        centres = np.stack([cloud[nearest == k].mean(axis=0) for k in used])
    nearest = np.linalg.norm(cloud[:, None] - centres[None], axis=2).argmin(axis=1)
    groups = [nearest == k for k in np.unique(nearest)]
    middle = np.stack([cloud[g].mean(axis=0) for g in groups])
    radius = [np.linalg.norm(cloud[g] - m, axis=1).mean() for g, m in zip(groups, middle, strict=True)]
    owners = np.array([np.bincount(owner[g]).argmax() for g in groups], np.int32)
    return np.concatenate([middle, np.array(radius)[:, None]], axis=1), owners


def _prop_spheres(prop: PropMesh) -> np.ndarray:
    """(n, 4) spheres along a prop's longest side that cast about the shadow its faces do: a convex body's mean shadow
    is a quarter of its surface (Cauchy), a sphere's is pi r ** 2."""
    corners = prop.points[prop.faces].astype(np.float64)
    area = 0.5 * np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    middle = corners.mean(axis=1)
    axis = np.ptp(prop.points, axis=0).argmax()
    along = middle[:, axis] - prop.points[:, axis].min()
    number = (
        along / (np.ptp(prop.points[:, axis]) + 1e-9) * np.ceil(np.ptp(prop.points[:, axis]) / _PROP_SPHERE_M)
    ).astype(int)
    out = []
    for k in np.unique(number):
        own = number == k
        radius = np.sqrt(area[own].sum() / (4 * np.pi))
        if radius >= _LEAST_RADIUS_M:
            out.append([*np.average(middle[own], axis=0, weights=area[own]), radius])
    return np.array(out).reshape(-1, 4)


def _joined(character: Character, props: Sequence[PropMesh]) -> dict[str, Any]:
    """Faces, materials, parts and texture coordinates of a character and its props as one mesh."""
    first = np.cumsum([len(character.vertex), *(len(prop.points) for prop in props)])
    shift = np.cumsum([len(character.materials), *(len(prop.materials) for prop in props)])
    materials = [*character.materials, *(m for prop in props for m in prop.materials)]
    if len(materials) > 256:
        raise MeshError(f"a character with its props has {len(materials)} materials, expected at most 256")
    own = [prop.faces + start for prop, start in zip(props, first, strict=False)]
    number = [prop.material + np.int64(start) for prop, start in zip(props, shift, strict=False)]
    return {
        "faces": np.concatenate([character.faces, *own]),
        "material": np.concatenate([character.material, *number]),
        "part": np.concatenate([character.part, *(np.full(len(prop.faces), PROP) for prop in props)]),
        "uv": np.concatenate([character.uv, *(prop.uv for prop in props)]),
        "materials": materials,
    }


def _held(props: Sequence[PropMesh], bones: int) -> dict[str, np.ndarray]:
    """Vertices, normals and boxes of all props, and the transform each vertex moves with."""
    nothing = np.zeros((0, 3), np.float32)
    ends = [np.stack([prop.points.min(axis=0), prop.points.max(axis=0)]) for prop in props]
    bits = np.array([(i & 1, i >> 1 & 1, i >> 2) for i in range(8)])
    return {
        "points": np.concatenate([nothing, *(prop.points for prop in props)]),
        "normals": np.concatenate([nothing, *(prop.normals for prop in props)]),
        "owner": np.repeat(bones + np.arange(len(props)), [len(prop.points) for prop in props]),
        "corners": np.concatenate([nothing, *(pair[bits, [0, 1, 2]] for pair in ends)]),
    }


def upload(character: Character, device: wp.Device, props: Sequence[PropMesh] = ()) -> Body:
    """Copies a `synth.body.Character` and its props to the device, without the control vertices nothing drawn depends
    on. Raises MeshError for more materials than a face can name."""
    keep = _needed(character)
    new = np.full(len(character.rest), -1, np.int32)
    new[keep] = np.arange(len(keep), dtype=np.int32)
    control_faces = new[character.control_faces]
    control_faces = control_faces[(control_faces >= 0).all(axis=1)]
    first, incident = _incidence(control_faces, len(keep))
    order = np.argsort(-character.weights[keep], axis=1, kind="stable")
    weights = np.take_along_axis(character.weights[keep], order, axis=1)
    bone = np.take_along_axis(character.bones[keep], order, axis=1)
    width = max(1, int((weights > 0).sum(axis=1).max()))
    sphere, owner, bones = *_spheres(character.rest[keep], bone[:, 0], _SPHERES), len(character.skeleton.heads)
    small = [_prop_spheres(prop) for prop in props]
    sphere = np.concatenate([sphere, *small])
    owner = np.concatenate([owner, *(np.full(len(own), bones + k) for k, own in enumerate(small))])
    mesh, held = _joined(character, props), _held(props, bones)

    def put(values, dtype, kind=np.float32):
        return wp.array(np.ascontiguousarray(values, kind), dtype=dtype, device=device)

    return Body(
        surface=surface(**mesh, device=device),
        heads=put(character.skeleton.heads, wp.vec3),
        parents=put(character.skeleton.parents, int, np.int32),
        rest=put(character.rest[keep], wp.vec3),
        bone_index=put(bone[:, :width], int, np.int32),
        bone_weight=put(weights[:, :width], float),
        control_faces=put(control_faces, wp.vec3i, np.int32),
        first=put(first, int, np.int32),
        incident=put(incident, int, np.int32),
        vertex=put(new[character.vertex], int, np.int32),
        distance=put(character.offset_m, float),
        sphere=put(sphere, wp.vec4),
        sphere_bone=put(owner, int, np.int32),
        prop_points=put(held["points"], wp.vec3),
        prop_normals=put(held["normals"], wp.vec3),
        prop_owner=put(held["owner"], int, np.int32),
        prop_corners=put(held["corners"], wp.vec3),
        bones=bones,
        props=len(props),
        control=len(keep),
        dressed=len(character.vertex),
        count=len(character.vertex) + len(held["points"]),
        faces=len(mesh["faces"]),
        spheres=len(sphere),
    )
