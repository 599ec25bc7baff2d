"""From a recipe to a character: dress the figure from the inside out, then join the pieces into one mesh."""

from __future__ import annotations

import functools

import numpy as np

from synth.body import drape, dye, hair, skin
from synth.body.bake import hex_colour
from synth.body.character import PARTS, Character, Material, vertex_normals
from synth.body.fabrics import mixed
from synth.body.figure import Figure, figure, nearest_tights
from synth.body.linen import linen
from synth.body.pack import load_pack
from synth.body.pattern import REFERENCE, body_vertices, load_pattern, placed
from synth.body.recipe import Recipe
from synth.body.skeleton import Skeleton, build_skeleton
from synth.body.wardrobe import Layer, Pictures, clothes, layer

SKIN_TEXELS, HAIR_TEXELS = 1024, 256
# Body faces whose corners all lie this deep inside a garment are left out.
_COVERED_M = 0.014
_KEPT_WEIGHTS = 8
# Bones (by the start of their names) of each body part; sides are added from the bone's own.
_PART_BONES = {
    "head": ("head", "neck", "eye"),
    "torso": ("root", "pelvis", "spine", "clavicle", "shoulder"),
    "upper_arm": ("upperarm",),
    "forearm": ("lowerarm",),
    "hand": ("wrist", "finger", "metacarpal"),
    "thigh": ("upperleg",),
    "shin": ("lowerleg",),
    "foot": ("foot", "toe"),
}


def build(name: str, recipe: Recipe, pictures: Pictures) -> Character:
    """The dressed character of a recipe. pictures: (H, W, 4) uint8 by the garment's key. Raises AppearanceError for a
    garment that does not fit the mesh."""
    return joined(name, *dressed(name, recipe, pictures))


def dressed(name: str, recipe: Recipe, pictures: Pictures) -> tuple[Figure, list[Layer]]:
    """The figure of a recipe with all its layers, the skin first."""
    fig = figure(recipe.body)
    layers = [*clothes(name, fig, recipe, pictures), *_hair(fig, recipe)]
    layers.insert(0, _skin(fig, recipe))
    return fig, layers


def undressed(name: str, recipe: Recipe) -> Character:
    """The bare and bald body of a recipe with all its skin, unpainted: what a dressed one is measured against."""
    fig = figure(recipe.body)
    grey = np.full((SKIN_TEXELS, SKIN_TEXELS, 4), 255, np.uint8)
    part = fig.piece("body", fig.rest, np.zeros((len(fig.rest), 1)))
    return joined(name, fig, [Layer(part, Material("skin", grey, 0.55, alpha_cut=False, double_sided=False))])


def _hair(fig: Figure, recipe: Recipe) -> list[Layer]:
    if recipe.hair.style == "bald":
        return []
    style = hair.STYLES[recipe.hair.style]
    cap = hair.shell(fig, style, recipe.seed)
    pieces = [cap]
    if style.end_z is not None:
        pieces.append(hair.curtain(fig, cap, style))
    if style.tie is not None:
        pieces.append(hair.tail(fig) if style.tie == "tail" else hair.bun(fig))
    colour = hex_colour(recipe.hair.colour)
    layers = []
    for part in pieces:
        where, points, _ = dye.texels(part, HAIR_TEXELS)
        texture = dye.opaque(where, hair.strands(points, colour, style, recipe.seed))
        layers.append(layer("hair", part, texture, roughness=0.92, label="hair"))
    return layers


def _skin(fig: Figure, recipe: Recipe) -> Layer:
    """The bare body without what the clothes hide."""
    faces = fig.pack.meshes["body"].faces
    hidden = fig.cover[nearest_tights()]
    hidden = np.where((fig.pattern.head > 0.5) | (fig.pattern.hands > 0.5), -1.0, hidden)
    eye = np.zeros(len(fig.rest))
    eye[np.concatenate(list(fig.pack.eyes.values()))] = 1.0
    part = fig.piece("body", fig.rest, np.stack([eye, cavity()], axis=1), ~(hidden[faces] > _COVERED_M).all(axis=1))
    where, points, fields = dye.texels(part, SKIN_TEXELS)
    colours = skin.paint(fig, recipe, where, points, fields[:, 0], fields[:, 1])
    for share, colour in linen(recipe, points):
        colours = mixed(colours, colour, share)
    return Layer(part, Material("skin", dye.opaque(where, colours), 0.55, alpha_cut=False, double_sided=False))


@functools.lru_cache(maxsize=1)
def cavity() -> np.ndarray:
    """(V,) how hollow the body's surface is on the reference body: about 1 in nostrils, between lips and fingers."""
    pack, pattern = load_pack(), load_pattern()
    faces = pack.meshes["body"].faces
    smooth = drape.smoothed(pattern.points, drape.smoother(faces, len(pattern.points)), 6)
    return np.clip(((smooth - pattern.points) * vertex_normals(pattern.points, faces)).sum(axis=1) / 0.0025, -1.0, 1.0)


@functools.lru_cache(maxsize=1)
def reference_skeleton() -> Skeleton:
    """The skeleton of the reference adult body, barefoot."""
    pack = load_pack()
    vertices, heads = placed(pack, REFERENCE)
    ids = body_vertices(pack)
    return build_skeleton(
        pack.bone_names,
        pack.bone_parents,
        heads,
        points=vertices[ids],
        bones=pack.bones[ids],
        weights=pack.weights[ids],
    )


def joined(name: str, fig: Figure, layers: list[Layer]) -> Character:
    """All layers as one character that stands on its soles."""
    sizes = np.cumsum([0] + [len(layer.piece.rest) for layer in layers])
    corners = np.cumsum([0] + [len(layer.piece.vertex) for layer in layers])
    rest = np.concatenate([layer.piece.rest for layer in layers])
    lift = np.array([0.0, 0.0, -rest[:, 2].min()])
    bones, weights = _sparse(np.concatenate([layer.piece.weights for layer in layers]))
    faces = np.concatenate([layer.piece.faces + base for layer, base in zip(layers, corners, strict=False)])
    vertex = np.concatenate([layer.piece.vertex + base for layer, base in zip(layers, sizes, strict=False)])
    parts = [_part_labels(fig, layer) for layer in layers]
    touching = np.concatenate([np.full(len(layer.piece.rest), layer.part is None) for layer in layers])
    skeleton = build_skeleton(
        fig.pack.bone_names,
        fig.pack.bone_parents,
        fig.heads + lift,
        points=(rest + lift)[touching],
        bones=bones[touching],
        weights=weights[touching],
    )
    return Character(
        name=name,
        skeleton=skeleton,
        rest=(rest + lift).astype(np.float32),
        bones=bones,
        weights=weights,
        control_faces=vertex[faces].astype(np.int32),
        vertex=vertex.astype(np.int32),
        offset_m=np.zeros(len(vertex), np.float32),
        uv=np.concatenate([layer.piece.uv for layer in layers]).astype(np.float32),
        faces=faces.astype(np.int32),
        material=np.repeat(np.arange(len(layers)), [len(layer.piece.faces) for layer in layers]).astype(np.uint8),
        part=np.concatenate(parts),
        materials=tuple(layer.material for layer in layers),
    )


def _sparse(dense: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The largest weights of each row (V, J) as bones (V, 8) int32 and weights (V, 8) float32 of sum 1."""
    order = np.argsort(-dense, axis=1, kind="stable")[:, :_KEPT_WEIGHTS]
    top = np.take_along_axis(dense, order, axis=1).astype(np.float64)
    top /= top.sum(axis=1, keepdims=True)
    return np.where(top > 0, order, 0).astype(np.int32), top.astype(np.float32)


def _part_labels(fig: Figure, layer: Layer) -> np.ndarray:
    """(F,) uint8 labels: the part whose bones move the face most."""
    if layer.part is not None:
        return np.full(len(layer.piece.faces), PARTS.index(layer.part), np.uint8)
    share = np.zeros((len(layer.piece.rest), len(PARTS)), np.float32)
    for bone, name in enumerate(fig.pack.bone_names):
        share[:, _part_of(name)] += layer.piece.weights[:, bone]
    return share[layer.piece.control_faces].sum(axis=1).argmax(axis=1).astype(np.uint8)


@functools.cache
def _part_of(bone: str) -> int:
    """The number in PARTS of the body part that a bone belongs to."""
    part = next(part for part, starts in _PART_BONES.items() if bone.startswith(starts))
    if part in PARTS:
        return PARTS.index(part)
    return PARTS.index(f"{part}_{'left' if bone.endswith('.L') else 'right'}")
