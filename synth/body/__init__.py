"""The human of the clips: body shapes, skeleton, garments, hair, skin, and the appearances made of them."""

from synth.body.assemble import reference_skeleton
from synth.body.assemble import build as load
from synth.body.character import PARTS, Character, Material
from synth.body.pack import pack_digest
from synth.body.skeleton import Skeleton

__all__ = ["PARTS", "Character", "Material", "Skeleton", "appearance_names", "digest", "load", "reference_skeleton"]


def appearance_names():
    return ["ana", "ben", "mei", "sam"]


def digest(name):
    return pack_digest()
