"""What is painted on the body and not cut from cloth: socks, and the shorts worn under a skirt."""

from __future__ import annotations

import numpy as np

from synth.body.bake import hex_colour, smoothstep
from synth.body.pattern import load_pattern
from synth.body.recipe import Recipe
from synth.body.skirt import SKIRTS

# The inside of a skirt, and what is worn under it: this share of the skirt's first colour.
SHADE = 0.32
_SOCK_M = 0.149
_BRIGHTEST = 215.0
# Shorts end this much above the hem, as a share of the body's height.
_ABOVE_HEM = 0.001


def linen(recipe: Recipe, points: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Shares (n,) of linen over skin at points (n, 3) on the reference body, with its sRGB colour (3,), from the inside
    out."""
    z = points[:, 2]
    out = []
    if recipe.shoes.socks is not None:
        colour = np.minimum(hex_colour(recipe.shoes.socks), _BRIGHTEST)
        out.append((smoothstep(_SOCK_M + 0.001, _SOCK_M - 0.001, z), colour))
    for garment in recipe.garments().values():
        if garment.kind in SKIRTS:
            line = (SKIRTS[garment.kind].hem + _ABOVE_HEM) * load_pattern().height_m
            share = smoothstep(line - 0.0015, line + 0.0015, z) * (z < 1.1) * (np.abs(points[:, 1]) < 0.24)
            out.append((share, hex_colour(garment.colours[0]) * SHADE))
    return out
