"""Shoes: the feet of the tailor's tights, given walls, a rounded toe and a flat sole."""

from __future__ import annotations

import numpy as np

from synth.body import drape
from synth.body.bake import smoothstep
from synth.body.figure import Figure, tights_smoother
from synth.body.pattern import Pattern

# Height of the opening and thickness of the sole of each kind: share of the body's height, metres.
COLLARS = {"trainers": 0.058, "canvas": 0.070, "boots": 0.115, "flats": 0.040}
SOLES_M = {"trainers": 0.026, "canvas": 0.018, "boots": 0.028, "flats": 0.012}


def shoe_field(pattern: Pattern, kind: str) -> np.ndarray:
    """(V,) metres inside a shoe, on the pattern; the opening dips at the ankle bones."""
    collar = COLLARS[kind] * pattern.height_m
    heel = smoothstep(0.02, -0.06, pattern.points[:, 0])
    if kind == "flats":
        # Low at the sides, up at the heel, and over the toes.
        x = pattern.points[:, 0]
        collar = collar + 0.030 * smoothstep(-0.02, -0.05, x) + 0.05 * smoothstep(0.105, 0.135, x)
        collar = collar - 0.028 * smoothstep(0.0, 0.05, x) * smoothstep(0.125, 0.09, x)
    field = collar + 0.012 * heel - pattern.points[:, 2]
    return np.where(pattern.legs > 0.5, field, -0.2)


def fit_shoe(fig: Figure, kind: str, sole_m: float) -> np.ndarray:
    """(V, 3) shoes over the feet: a flat sole of thickness sole_m, straight walls, a rounded toe."""
    normals, height = fig.normals(), fig.rest[:, 2]
    low = smoothstep(0.055, 0.012, height)
    shoe = fig.surface + 0.006 * normals
    shoe = shoe + low[:, None] * (drape.smoothed(shoe, tights_smoother(), 3) - shoe)
    shoe = shoe + (0.006 * low)[:, None] * normals * [1.0, 1.0, 0.0]
    z = shoe[:, 2] + 0.006 * low * smoothstep(0.10, 0.16, fig.pattern.points[:, 0])
    under = smoothstep(-0.35, -0.75, normals[:, 2]) * (height < 0.05)
    # The wall reaches part of the way down beside the sole, so that the sole's edge stands upright.
    wall = 0.4 * sole_m * smoothstep(0.03, 0.0, height) * (under < 0.5)
    shoe[:, 2] = z * (1 - under) - sole_m * under - wall
    return shoe
