"""Meshes on the device: a character ready to be posed, and the surface data every rasterised mesh shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import warp as wp

from synth.stage.kernels.mesh import Surface
from synth.stage.textures import pack

DOUBLE_SIDED, CUT = 1, 2
_SPHERES = 18


def surface(*, faces, material, uv, materials, device: wp.Device, tint=((1.0, 1.0, 1.0),)) -> Any:
    """The `Surface` of a mesh: faces (F, 3), material (F,), uv (N, 2), the materials with their textures, and
    for a place the tint (N, 3) of each vertex."""
    bits = np.array([DOUBLE_SIDED * m.double_sided + CUT * m.alpha_cut for m in materials], np.uint8)
    texels, levels, spans = pack([m.texture for m in materials])
    out = Surface()
    out.pose_stride = 0
    out.faces = wp.array(np.asarray(faces, np.int32), dtype=wp.vec3i, device=device)
    out.material = wp.array(np.asarray(material, np.uint8), dtype=wp.uint8, device=device)
    out.flags = wp.array(bits[np.asarray(material)], dtype=wp.uint8, device=device)
    out.uv = wp.array(np.asarray(uv, np.float32), dtype=wp.vec2, device=device)
    out.texels = wp.array(texels, dtype=wp.uint32, device=device)
    out.levels = wp.array(levels, dtype=wp.vec3i, device=device)
    out.spans = wp.array(spans, dtype=wp.vec2i, device=device)
    out.roughness = wp.array(np.array([m.roughness for m in materials], np.float32), dtype=float, device=device)
    out.tint = wp.array(np.asarray(tint, np.float32).reshape(-1, 3), dtype=wp.vec3, device=device)
    return out


@dataclass(frozen=True)
class Body:
    """A character's arrays on the device; `control` counts control vertices, `count` render vertices."""

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
    bones: int
    control: int
    count: int
    faces: int
    spheres: int


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


def upload(character, device: wp.Device) -> Body:
    """Copies a `synth.body.Character` to the device, without the control vertices nothing drawn depends on."""
    keep = _needed(character)
    new = np.full(len(character.rest), -1, np.int32)
    new[keep] = np.arange(len(keep), dtype=np.int32)
    control_faces = new[character.control_faces]
    control_faces = control_faces[(control_faces >= 0).all(axis=1)]
    first, incident = _incidence(control_faces, len(keep))
    order = np.argsort(-character.weights[keep], axis=1, kind="stable")
    weights = np.take_along_axis(character.weights[keep], order, axis=1)
    bones = np.take_along_axis(character.bones[keep], order, axis=1)
    sphere, sphere_bone = _spheres(character.rest[keep], bones[:, 0], _SPHERES)
    width = max(1, int((weights > 0).sum(axis=1).max()))

    def put(values, dtype, kind=np.float32):
        return wp.array(np.ascontiguousarray(values, kind), dtype=dtype, device=device)

    return Body(
        surface=surface(
            faces=character.faces,
            material=character.material,
            uv=character.uv,
            materials=character.materials,
            device=device,
        ),
        heads=put(character.skeleton.heads, wp.vec3),
        parents=put(character.skeleton.parents, int, np.int32),
        rest=put(character.rest[keep], wp.vec3),
        bone_index=put(bones[:, :width], int, np.int32),
        bone_weight=put(weights[:, :width], float),
        control_faces=put(control_faces, wp.vec3i, np.int32),
        first=put(first, int, np.int32),
        incident=put(incident, int, np.int32),
        vertex=put(new[character.vertex], int, np.int32),
        distance=put(character.offset_m, float),
        sphere=put(sphere, wp.vec4),
        sphere_bone=put(sphere_bone, int, np.int32),
        bones=len(character.skeleton.heads),
        control=len(keep),
        count=len(character.vertex),
        faces=len(character.faces),
        spheres=len(sphere),
    )
