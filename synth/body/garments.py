"""Cutting and fitting tops and bottoms from the tailor's tights around each body.

A cut is a signed field on the reference body (metres from the hem, positive = cloth). Fitting lets the cloth stand off
the body, hang and fold (`drape`), then cuts the mesh at the hems and folds a rim inwards (`mesh`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.spatial

from synth.body import drape
from synth.body.bake import smoothstep, value_noise
from synth.body.figure import Figure, tights_smoother
from synth.body.mesh import Piece, cut
from synth.body.pattern import Pattern, polyline
from synth.body.seams import COLLARS, collared, rimmed

# Field value of places that a garment can never reach.
_NEVER = -0.2
# Cloth deeper than this under another garment is left out.
HIDDEN_M = 0.035


@dataclass(frozen=True)
class Cut:
    """The shape of a garment. Levels are shares of the body's height.

    bottom, top: hem and waist levels (top None: up to the neck). sleeve: share of the arm covered, None without.
    ease_m: how far it stands off. hang: 0 clings to 1 hangs straight; taper: radius lost per metre below.
    gather_m: how far from the hems an elastic band draws it in. neck: half width and depth of the opening, metres.
    arm: share of the arm's skinning at the armhole of a top without sleeves. front: half widths of an open front at
    the throat and at the hem, metres.
    """

    bottom: float
    top: float | None
    sleeve: float | None
    ease_m: float
    hang: float
    taper: float
    gather_m: float = 0.0
    neck: tuple[float, float] = (0.074, 0.075)
    arm: float = 0.32
    front: tuple[float, float] | None = None


CUTS = {
    "t_shirt": Cut(0.500, None, 0.37, 0.009, 0.85, 0.10),
    "long_sleeve": Cut(0.495, None, 0.96, 0.006, 0.6, 0.12),
    "tank_top": Cut(0.495, None, None, 0.006, 0.6, 0.12, neck=(0.095, 0.125)),
    "singlet": Cut(0.490, None, None, 0.007, 0.75, 0.10, neck=(0.100, 0.150), arm=0.24),
    "polo": Cut(0.490, None, 0.40, 0.008, 0.8, 0.10, neck=(0.070, 0.062)),
    "shirt": Cut(0.475, None, 0.965, 0.010, 0.9, 0.08, neck=(0.070, 0.062)),
    "jumper": Cut(0.495, None, 0.975, 0.015, 0.9, 0.06, gather_m=0.045),
    "hoodie": Cut(0.485, None, 0.975, 0.019, 0.95, 0.05, gather_m=0.055, neck=(0.070, 0.068)),
    "track_top": Cut(0.480, None, 0.970, 0.014, 0.9, 0.06, gather_m=0.030, neck=(0.068, 0.058)),
    "jacket": Cut(0.465, None, 0.940, 0.014, 0.95, 0.02, neck=(0.090, 0.085), front=(0.030, 0.085)),
    "dress": Cut(0.582, None, 0.20, 0.005, 0.25, 0.15, neck=(0.088, 0.095)),
    "trousers": Cut(0.036, 0.590, None, 0.007, 0.65, 0.115),
    "jeans": Cut(0.036, 0.580, None, 0.005, 0.5, 0.13),
    "joggers": Cut(0.055, 0.585, None, 0.010, 0.7, 0.12, gather_m=0.05),
    "leggings": Cut(0.070, 0.600, None, 0.0025, 0.0, 0.0),
    "shorts": Cut(0.315, 0.585, None, 0.011, 0.95, -0.05),
    "running_shorts": Cut(0.392, 0.580, None, 0.010, 0.95, -0.16),
}


def top_field(pattern: Pattern, shape: Cut) -> np.ndarray:
    """(V,) metres inside a top, on the pattern."""
    x, y, z = pattern.points.T
    half, depth = shape.neck
    # The opening is an upright cylinder around the neck, rounded off below, and lower in front than behind.
    below = np.maximum(0.0, 0.852 * pattern.height_m - z) / depth
    behind = np.where(x < 0.0, 1.6, 1.0)
    reach = np.where(x > 0.01, half + 0.022, half)
    opening = np.sqrt((y / half) ** 2 + ((x - 0.01) / reach) ** 2 + (below * behind) ** 2) - 1
    field = np.minimum((pattern.level - shape.bottom) * pattern.height_m, np.where(z > 1.2, opening * half, 1.0))
    field = np.minimum(field, (0.72 - pattern.neck) * 0.12)
    if shape.front is not None:
        gap = np.interp(z, [shape.bottom * pattern.height_m, 0.80 * pattern.height_m], shape.front[::-1])
        field = np.where(x > 0.0, np.minimum(field, np.abs(y) - gap), field)
    if shape.sleeve is None:
        return np.minimum(field, (shape.arm - pattern.arms) * 0.18)
    sleeve = np.where(pattern.arms > 0.4, (shape.sleeve - pattern.arm) * 0.54, 1.0)
    return np.minimum(field, sleeve)


def bottom_field(pattern: Pattern, shape: Cut) -> np.ndarray:
    """(V,) metres inside trousers, on the pattern."""
    height = pattern.height_m
    field = np.minimum((shape.top - pattern.level) * height, (pattern.level - shape.bottom) * height)
    return np.where(pattern.arms > 0.3, _NEVER, field)


def fit(fig: Figure, shape: Cut, field: np.ndarray, seed: int) -> np.ndarray:
    """(V, 3) where the cloth hangs over each tights vertex."""
    normals = fig.normals()
    ease = np.full(len(field), shape.ease_m)
    cloth = fig.surface + ease[:, None] * normals
    cloth = cloth + _hung(fig, cloth, shape, field)
    rounds = 4 if shape.ease_m > 0.004 else 1
    # Only across the surface: cloth that slides along it would draw the hems crooked.
    flatter = ((drape.smoothed(cloth, tights_smoother(), rounds) - cloth) * normals).sum(axis=1)
    cloth = cloth + (smoothstep(-0.03, 0.01, field) * flatter)[:, None] * normals
    folds = value_noise(fig.pattern.points, (7.0, 7.0, 13.0), seed + 7, 2) - 0.5
    cloth = cloth + (1.1 * shape.ease_m * folds)[:, None] * normals
    if shape.gather_m:
        drawn = smoothstep(shape.gather_m, 0.4 * shape.gather_m, _from_hem(fig.pattern, shape, field))
        cloth = cloth + drawn[:, None] * (fig.surface + 0.006 * normals - cloth)
    least = np.full(len(field), min(0.004, shape.ease_m))
    cloth = drape.outside(cloth, fig.surface, normals, least)
    level = (fig.pattern.arms < 0.3) & (fig.pattern.level < 0.76)
    cloth[level, 2] = fig.rest[level, 2]
    return _apart(fig, cloth)


def _from_hem(pattern: Pattern, shape: Cut, field: np.ndarray) -> np.ndarray:
    """(V,) metres from the lower hem or the cuff, without the neck or the waist."""
    hem = (pattern.level - shape.bottom) * pattern.height_m
    if shape.sleeve is None:
        return hem
    return np.where(pattern.arms > 0.4, (shape.sleeve - pattern.arm) * 0.54, hem)


def _hung(fig: Figure, cloth: np.ndarray, shape: Cut, field: np.ndarray) -> np.ndarray:
    """(V, 3) shift of hanging cloth on trunk, arms and legs."""
    shift = np.zeros_like(cloth)
    if shape.hang == 0:
        return shift
    pattern, used = fig.pattern, field > -0.05
    if shape.top is None:
        trunk = np.flatnonzero(
            used & (pattern.arms < 0.5) & (pattern.level < 0.765) & (pattern.level > shape.bottom - 0.04)
        )
        axis = np.column_stack([np.full(len(trunk), cloth[trunk, 0].mean()), np.zeros(len(trunk)), cloth[trunk, 2]])
        col = drape.column(trunk, cloth[trunk], -cloth[trunk, 2], axis, np.array([0.0, 0.0, 1.0]))
        shift[trunk] = drape.hang(col, start_m=-np.inf, taper=shape.taper, strength=shape.hang)
    limbs = (("arm", pattern.arms, 0.09),) if shape.top is None else (("leg", pattern.legs, 0.10),)
    for kind, share, start in limbs:
        for side, sign in (("L", 1.0), ("R", -1.0)):
            ids = np.flatnonzero(used & (share > 0.5) & (sign * pattern.points[:, 1] > 0) & (pattern.level < 0.8))
            if kind == "leg":
                ids = ids[pattern.level[ids] < 0.47]
            line = fig.line(kind, side)
            along, foot = polyline(cloth[ids], line)
            up = (line[0] - line[2]) / np.linalg.norm(line[0] - line[2])
            col = drape.column(ids, cloth[ids], along, foot, up)
            shift[ids] = drape.hang(col, start_m=start, taper=shape.taper, strength=shape.hang)
    return shift


def _apart(fig: Figure, cloth: np.ndarray) -> np.ndarray:
    """The two trouser legs kept from running into each other below the crotch."""
    inner = (fig.pattern.legs > 0.5) & (fig.pattern.level < 0.455)
    side = np.sign(fig.pattern.points[:, 1])
    y = np.where(inner, side * np.maximum(side * cloth[:, 1], 0.005), cloth[:, 1])
    return np.column_stack([cloth[:, 0], y, cloth[:, 2]])


def wear(fig: Figure, key: str, cloth: np.ndarray, field: np.ndarray, *, over=None, kind: str = "") -> Piece:
    """Put a garment on as `key`: the piece of the tights at `cloth` (V, 3) where field (V,) > 0, rimmed; the figure's
    surface and cover grow by it. What lies deep under a later garment, whose field is `over` (V,), is left out.
    `kind` says which collar belongs to it, if any."""
    extra = np.full(len(field), -1.0) if over is None else over
    columns = np.stack([field, fig.pattern.arms, fig.pattern.legs, extra], axis=1)
    whole = fig.piece("tights", cloth, columns)
    part, edge = cut(whole, whole.fields[:, 0])
    part = replace(part, uv=stretched(part.uv))
    count = len(part.rest)
    part = rimmed(part, edge, _depth(fig, part))
    if kind in COLLARS:
        part = collared(part, np.append(edge, np.zeros(len(part.rest) - count, bool)), kind)
    fig.surface = np.where((field > -0.01)[:, None], cloth, fig.surface)
    fig.cover = np.maximum(fig.cover, field)
    fig.lies_under(key, field)
    return part if over is None else cut(part, HIDDEN_M - part.fields[:, 3])[0]


def stretched(uv: np.ndarray) -> np.ndarray:
    """Texture coordinates (N, 2) stretched to fill the square."""
    low, high = uv.min(axis=0), uv.max(axis=0)
    return 0.01 + 0.98 * (uv - low) / (high - low)


def _depth(fig: Figure, part: Piece) -> np.ndarray:
    """(V',) how far the cloth of a piece stands off the surface below, plus a little."""
    ids = np.unique(fig.pack.meshes["tights"].faces)
    gap, _ = scipy.spatial.cKDTree(fig.surface[ids]).query(part.rest)
    return np.clip(gap, 0.003, 0.09) + 0.008
