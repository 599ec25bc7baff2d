"""From a recipe to a character."""

from __future__ import annotations

import functools

import numpy as np

from synth.body import phenotype
from synth.body.character import Character, Material
from synth.body.pack import load_pack
from synth.body.skeleton import Skeleton, build_skeleton

# The reference adult: the body that look-at points and tests are computed on.
REFERENCE = {"gender": 0.5, "age": 0.7, "muscle": 0.55, "weight": 0.48, "height": 0.42, "proportions": 0.6}


def placed(values):
    """Rest vertices and heads of a phenotype, with the soles at z = 0 and the pelvis above the origin."""
    pack = load_pack()
    vertices, heads = phenotype.rest_shape(pack, values)
    body = np.unique(pack.meshes["body"].faces)
    origin = np.array([heads[0, 0], heads[0, 1], vertices[body, 2].min()])
    return vertices - origin, heads - origin


@functools.lru_cache(maxsize=1)
def reference_skeleton() -> Skeleton:
    """The skeleton of the reference adult body, barefoot."""
    pack = load_pack()
    vertices, heads = placed(REFERENCE)
    body = np.unique(pack.meshes["body"].faces)
    return build_skeleton(
        pack.bone_names, pack.bone_parents, heads, points=vertices[body], bones=pack.bones[body], weights=pack.weights[body]
    )


def build(name: str) -> Character:
    """A plain body of one material."""
    pack = load_pack()
    vertices, heads = placed(REFERENCE)
    mesh = pack.meshes["body"]
    body = np.unique(mesh.faces)
    pairs, inverse = np.unique(np.stack([mesh.faces.ravel(), mesh.uvs.ravel()], 1), axis=0, return_inverse=True)
    skeleton = build_skeleton(
        pack.bone_names, pack.bone_parents, heads, points=vertices[body], bones=pack.bones[body], weights=pack.weights[body]
    )
    texture = np.full((16, 16, 4), [200, 150, 125, 255], np.uint8)
    return Character(
        name=name,
        skeleton=skeleton,
        rest=vertices.astype(np.float32),
        bones=pack.bones,
        weights=pack.weights,
        control_faces=mesh.faces,
        vertex=pairs[:, 0].astype(np.int32),
        offset_m=np.zeros(len(pairs), np.float32),
        uv=pack.uv[pairs[:, 1]],
        faces=inverse.reshape(-1, 3).astype(np.int32),
        material=np.zeros(len(mesh.faces), np.uint8),
        part=np.full(len(mesh.faces), 2, np.uint8),
        materials=(Material("skin", texture, 0.6, False, False),),
    )
