"""Dressing: which garments a recipe asks for, and the order in which they are put on, from the inside out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from synth.body import dye, footwear, garments, skirt
from synth.body.bake import hex_colour
from synth.body.character import Material
from synth.body.figure import Figure, MisfitError
from synth.body.linen import SHADE
from synth.body.mesh import Piece
from synth.body.recipe import AppearanceError, Garment, Recipe

_TEXELS = 512
_LINING_TEXELS = 256

Pictures = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Layer:
    """A piece with its material; part: a fixed label of PARTS for all its faces, None to take it from the bones."""

    piece: Piece
    material: Material
    part: str | None = None


def layer(name: str, part: Piece, texture: np.ndarray, *, roughness: float = 0.9, label: str | None = None) -> Layer:
    """A layer of cloth or hair, seen from both sides."""
    return Layer(part, Material(name, texture, roughness, alpha_cut=False, double_sided=True), label)


def clothes(name: str, fig: Figure, recipe: Recipe, pictures: Pictures) -> list[Layer]:
    """Everything a recipe puts on the figure, which grows by it.

    Args:
        name: of the appearance, for errors. pictures: (H, W, 4) uint8 by the garment's key, for pictured fabrics.

    Raises AppearanceError for a garment that does not fit the body's mesh.
    """
    layers = [_shoes(fig, recipe)]
    for key, garment, over in _order(fig, recipe):
        try:
            worn = list(_put_on(fig, recipe, key, garment, over, pictures.get(key)))
        except MisfitError as error:
            raise AppearanceError(f"{name}: {key}.kind = {garment.kind!r} does not fit the body: {error}") from error
        if not all(len(each.piece.faces) for each in worn):
            raise AppearanceError(f"{name}: {key}.kind = {garment.kind!r} does not fit the body: nothing of it is left")
        layers += worn
    return layers


def _shoes(fig: Figure, recipe: Recipe) -> Layer:
    kind = recipe.shoes.kind
    sole = footwear.SOLES_M[kind]
    shoe = garments.wear(fig, "shoes", footwear.fit_shoe(fig, kind, sole), footwear.shoe_field(fig.pattern, kind))
    return layer("shoes", shoe, dye.shoe_texture(shoe, recipe.shoes, sole, recipe.seed, _TEXELS), roughness=0.6)


def _order(fig: Figure, recipe: Recipe) -> Iterator[tuple[str, Garment, np.ndarray | None]]:
    """Key, garment and the field (V,) of what is worn over it, from the inside out."""
    worn = recipe.garments()
    keys = ["top", "bottom", "outer"] if recipe.top.tucked else ["bottom", "top", "outer"]
    keys = [key for key in keys if key in worn]
    for place, key in enumerate(keys):
        over = [
            garments.top_field(fig.pattern, garments.CUTS[worn[k].kind]) for k in keys[place + 1 :] if k != "bottom"
        ]
        yield key, worn[key], np.max(over, axis=0) if over else None


def _put_on(fig: Figure, recipe: Recipe, key: str, garment: Garment, over, picture) -> Iterator[Layer]:
    """The layers of a garment: a skirt with its lining, a bodice or any other cut, or both for a dress."""
    seed = recipe.seed + len(key)
    shape = garments.CUTS.get(garment.kind)
    if garment.kind in skirt.SKIRTS:
        own = garments.top_field(fig.pattern, shape) if shape else over
        part, lining = skirt.wear_skirt(fig, key, skirt.SKIRTS[garment.kind], seed, own)
        yield layer(key, part, dye.garment_texture(fig, part, garment, seed, _TEXELS, picture=picture), label="skirt")
        dark = np.full((_LINING_TEXELS, _LINING_TEXELS, 4), 255, np.uint8)
        dark[..., :3] = hex_colour(garment.colours[0]) * SHADE
        yield layer(key, lining, dark, label="skirt")
    if shape is not None:
        field = (garments.bottom_field if key == "bottom" else garments.top_field)(fig.pattern, shape)
        cloth = garments.fit(fig, shape, field, seed)
        part = garments.wear(fig, key, cloth, field, over=over, kind=garment.kind)
        yield layer(key, part, dye.garment_texture(fig, part, garment, seed, _TEXELS, picture=picture))
