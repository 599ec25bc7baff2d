"""Garment textures: the fabric laid on the cut cloth, and the tailor's details (seams, plackets, pockets, laces)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from synth.body.bake import Canvas, canvas, hex_colour, smoothstep, value_noise
from synth.body.fabrics import FABRICS, Cloth, mixed, weave
from synth.body.figure import Figure
from synth.body.mesh import Piece
from synth.body.pattern import polyline
from synth.body.recipe import Garment, Shoes

# Radii that turn angles into metres of cloth around the trunk, a leg and an arm; each circumference is a whole number
# of centimetres times 2 pi, so patterns close at the back.
_TRUNK_M, _LEG_M, _ARM_M = 0.15, 0.085, 0.06


def texels(part: Piece, size: int) -> tuple[Canvas, np.ndarray, np.ndarray]:
    """The canvas of a piece with its texels' points (n, 3) on the reference body and fields (n, C)."""
    where = canvas(part.uv, part.faces, size)
    return where, where.spread(part.pattern[part.vertex]), where.spread(part.fields[part.vertex])


def cloth(fig: Figure, rest: np.ndarray, points: np.ndarray, *, arms, legs, seed: int) -> Cloth:
    """Cloth coordinates of texels: along and around the arm, the leg or the trunk that each belongs to.

    Args:
        rest, points: (n, 3) the texels on the cloth as it hangs, and flattened (`Figure.flat`).
        arms, legs: (n,) shares of the skinning.

    Sleeves and trouser legs are panels of their own, as a tailor cuts them, with a seam where they meet the trunk.
    """
    x, y, z = rest.T
    across, along = _TRUNK_M * np.arctan2(y, x - x.mean()), z.astype(np.float64)
    below = points[:, 2] < 0.80
    outer = np.full(len(rest), np.inf)
    for kind, belongs, radius in (("arm", arms > 0.5, _ARM_M), ("leg", (legs > 0.5) & below, _LEG_M)):
        for side, sign in (("L", 1), ("R", -1)):
            mine = belongs & (sign * y > 0)
            run, foot = polyline(rest[mine], fig.line(kind, side))
            spoke = rest[mine] - foot
            across[mine] = radius * np.arctan2(spoke[:, 1] * sign, spoke[:, 0])
            along[mine] = -run
            outer[mine] = across[mine] - radius * np.pi / 2
    return Cloth(across, along, points, smoothstep(-0.05, 0.05, points[:, 0]), seed, outer)


def garment_texture(
    fig: Figure, part: Piece, garment: Garment, seed: int, size: int, *, picture: np.ndarray | None = None
) -> np.ndarray:
    """(size, size, 4) uint8 texture of a top, trousers or a skirt; picture: (H, W, 4) uint8, for a pictured fabric."""
    where, _, fields = texels(part, size)
    rest = where.spread(part.rest[part.vertex])
    points = fig.flat(rest)
    colours = np.stack([hex_colour(c) for c in garment.colours])
    scale = garment.scale_m or FABRICS[garment.fabric][2]
    laid = cloth(fig, rest, points, arms=fields[:, 1], legs=fields[:, 2], seed=seed)
    laid = replace(laid, picture=picture)
    out = weave(laid, garment.fabric, colours, scale)
    out = _hems(out, fields[:, 0], ribbed=garment.kind in ("jumper", "hoodie", "joggers", "track_top"), cloth_=laid)
    details = {
        "shirt": _placket, "polo": _short_placket, "jeans": _jeans, "trousers": _jeans, "hoodie": _pouch,
        "track_top": _zip, "jacket": _pockets,
    }  # fmt: skip
    if garment.kind in details:
        out = details[garment.kind](out, points, fields)
    out = _creases(out, points, fields)
    return opaque(where, out)


def opaque(where: Canvas, colours: np.ndarray) -> np.ndarray:
    """(size, size, 4) uint8, opaque."""
    image = where.picture(np.clip(colours, 0, 255)).astype(np.uint8)
    return np.dstack([image, np.full(image.shape[:2], 255, np.uint8)])


def _hems(out: np.ndarray, inside: np.ndarray, *, ribbed: bool, cloth_: Cloth) -> np.ndarray:
    """A stitched line near the edges, or a ribbed band."""
    if ribbed:
        band = smoothstep(0.050, 0.046, inside)
        rib = 0.80 + 0.16 * np.sin(2 * np.pi * cloth_.across / 0.009)
        return out * (1 - band * (1 - rib))[:, None]
    stitch = smoothstep(0.0035, 0.0015, np.abs(inside - 0.020))
    return out * (1 - 0.16 * stitch - 0.10 * smoothstep(0.008, 0.0, inside))[:, None]


def _creases(out: np.ndarray, points: np.ndarray, fields: np.ndarray) -> np.ndarray:
    """Darker where cloth folds in on itself: armpits, crotch, behind the knees, inside of the elbows."""
    x, y, z = points.T
    crotch = np.exp(-((np.abs(y) / 0.035) ** 2) - ((z - 0.80) / 0.06) ** 2)
    armpit = np.exp(-(((np.abs(y) - 0.165) / 0.035) ** 2) - ((z - 1.30) / 0.05) ** 2)
    knee = np.exp(-(((z - 0.51) / 0.03) ** 2)) * smoothstep(0.02, -0.03, x) * (fields[:, 2] > 0.5)
    return out * (1 - 0.22 * crotch - 0.22 * armpit - 0.12 * knee)[:, None]


def _placket(out: np.ndarray, points: np.ndarray, fields: np.ndarray) -> np.ndarray:
    """A shirt's buttoned front and its collar."""
    x, y, z = points.T
    front = (x > 0.03) & (fields[:, 1] < 0.5)
    edge = smoothstep(0.0025, 0.001, np.abs(np.abs(y) - 0.016)) * front
    out = out * (1 - 0.25 * edge)[:, None]
    button = smoothstep(0.0065, 0.005, np.hypot(y, (z + 0.02) % 0.09 - 0.045)) * front * (z > 0.9)
    return mixed(out, np.full(3, 205.0), button)


def _short_placket(out: np.ndarray, points: np.ndarray, fields: np.ndarray) -> np.ndarray:
    """A polo shirt's three buttons below the throat."""
    return np.where(points[:, 2:] > 1.25, _placket(out, points, fields), out)


def _zip(out: np.ndarray, points: np.ndarray, fields: np.ndarray) -> np.ndarray:
    """A zip fastener down the front, and slanted pockets."""
    x, y, z = points.T
    front = (x > 0.02) & (fields[:, 1] < 0.5)
    teeth = 120 + 60 * np.sign(np.sin(2 * np.pi * z / 0.006))
    out = mixed(out, out * 0.55, smoothstep(0.0095, 0.0075, np.abs(y)) * front)
    out = np.where((front & (np.abs(y) < 0.0035))[:, None], teeth[:, None], out)
    return _pockets(out, points, fields)


def _pockets(out: np.ndarray, points: np.ndarray, fields: np.ndarray) -> np.ndarray:
    """Slanted pockets, and the seam across the shoulder blades."""
    x, y, z = points.T
    trunk = fields[:, 1] < 0.5
    slant = np.abs(np.abs(y) - 0.120 - 0.35 * (1.02 - z))
    pocket = smoothstep(0.0045, 0.002, slant) * (np.abs(z - 1.02) < 0.065) * (x > 0.02) * trunk
    yoke = smoothstep(0.0035, 0.0015, np.abs(z - 1.335)) * (x < 0.0) * trunk
    return out * (1 - 0.4 * np.maximum(pocket, 0.6 * yoke))[:, None]


def _jeans(out: np.ndarray, points: np.ndarray, fields: np.ndarray) -> np.ndarray:
    """Fly, waistband, pockets and side seams."""
    x, y, z = points.T
    fly = smoothstep(0.003, 0.001, np.abs(y - 0.012)) * (x > 0.02) * (z > 0.86)
    band = smoothstep(0.003, 0.001, np.abs(fields[:, 0] - 0.042)) * (z > 0.9)
    pocket = smoothstep(0.0035, 0.0015, np.abs(z - 0.955 + 1.3 * (np.abs(y) - 0.09))) * (x > 0.03) * (np.abs(y) > 0.08)
    back = np.maximum(np.abs(np.abs(y) - 0.085) - 0.050, np.abs(z - 0.865) - 0.060)
    patch = smoothstep(0.003, 0.001, np.abs(back)) * (x < -0.06)
    seam = smoothstep(0.004, 0.0015, np.abs(x + 0.005)) * (np.abs(y) > 0.14) * (z < 0.98)
    line = np.max([fly, band, pocket * (z > 0.86), patch, 0.7 * seam], axis=0)
    return out * (1 - 0.38 * line)[:, None]


def _pouch(out: np.ndarray, points: np.ndarray, fields: np.ndarray) -> np.ndarray:
    """A hoodie's pouch and its cords."""
    x, y, z = points.T
    front = (x > 0.02) & (fields[:, 1] < 0.5)
    slant = np.maximum(np.abs(y) - 0.125 + 0.5 * np.maximum(z - 1.0, 0), np.abs(z - 0.995) - 0.075)
    out = out * (1 - 0.32 * smoothstep(0.004, 0.0015, np.abs(slant)) * front)[:, None]
    cord = (
        smoothstep(0.0045, 0.003, np.abs(np.abs(y) - 0.030 - 0.006 * np.sin(40 * z)))
        * front
        * (np.abs(z - 1.335) < 0.06)
    )
    return mixed(out, np.full(3, 210.0), cord)


def shoe_texture(part: Piece, shoes: Shoes, sole_m: float, seed: int, size: int) -> np.ndarray:
    """(size, size, 4) uint8 texture of both shoes: upper, sole, laces, toe cap and a stripe at the side."""
    where = canvas(part.uv, part.faces, size)
    points, inside = where.spread(part.pattern[part.vertex]), where.spread(part.fields[part.vertex, 0])
    height = where.spread(part.rest[part.vertex])[:, 2] + sole_m
    x, y, _ = points.T
    upper, sole, detail = (hex_colour(c) for c in (shoes.upper, shoes.sole, shoes.detail))
    grain = 0.90 + 0.2 * value_noise(points, 70, seed, 3)
    out = np.minimum(upper * grain[:, None], 215)
    if shoes.kind != "boots":
        side = smoothstep(0.005, 0.003, np.abs(height - 0.045 - 0.35 * (x - 0.04))) * (np.abs(x - 0.04) < 0.055)
        out = mixed(out, detail, side * (shoes.kind == "trainers"))
        out = mixed(out, detail, 0.9 * smoothstep(0.011, 0.007, inside))
        cap = smoothstep(0.135, 0.142, x - 0.1 * np.abs(np.abs(y) - 0.19)) * (shoes.kind == "canvas")
        out = mixed(out, sole, cap)
    middle = np.abs(np.abs(y) - 0.185 - 0.02 * (x - 0.05) / 0.1) < 0.020
    lace = smoothstep(0.35, 0.5, np.abs(((x / 0.017) % 1.0) - 0.5) * 2) * middle * (np.abs(x - 0.085) < 0.045)
    lace = lace * (height > 0.045)
    out = mixed(out, np.full(3, 200.0) if shoes.kind != "boots" else detail, 0.85 * lace)
    out = mixed(out, np.minimum(sole, 215), smoothstep(sole_m + 0.011, sole_m + 0.008, height))
    return opaque(where, out)
