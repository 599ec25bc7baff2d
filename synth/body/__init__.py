"""The human of the clips: body shapes, skeleton, garments, hair, skin, and the appearances made of them."""

from synth.body.appearance import appearance_names, digest, load
from synth.body.assemble import reference_skeleton
from synth.body.character import PARTS, Character, Material
from synth.body.recipe import AppearanceError, Recipe
from synth.body.skeleton import Skeleton

__all__ = [
    "PARTS",
    "AppearanceError",
    "Character",
    "Material",
    "Recipe",
    "Skeleton",
    "appearance_names",
    "digest",
    "load",
    "reference_skeleton",
]
