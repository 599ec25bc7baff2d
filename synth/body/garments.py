"""Cutting and fitting garments: tops, bottoms, skirts and shoes from the tailor's tights and skirt around each body.

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
from synth.body.mesh import Piece, cut, rimmed
from synth.body.pattern import Pattern, polyline

# Field value of places that a garment can never reach.
_NEVER = -0.2
# Cloth deeper than this under another garment is left out.
_HIDDEN_M = 0.035
# Hem and waist of skirts.
_SKIRT = (0.325, 0.600)


@dataclass(frozen=True)
class Cut:
    """The shape of a garment. Levels are shares of the body's height.

    bottom, top: hem and waist levels (top None: up to the neck). sleeve: share of the arm covered, None without.
    ease_m: how far it stands off. hang: 0 clings to 1 hangs straight; taper: radius lost per metre below.
    gather_m: how far from the hems an elastic band draws it in. neck: half width and depth of the opening, metres.
    """

    bottom: float
    top: float | None
    sleeve: float | None
    ease_m: float
    hang: float
    taper: float
    gather_m: float = 0.0
    neck: tuple[float, float] = (0.074, 0.075)


CUTS = {
    "t_shirt": Cut(0.500, None, 0.37, 0.009, 0.85, 0.10),
    "long_sleeve": Cut(0.495, None, 0.96, 0.006, 0.6, 0.12),
    "tank_top": Cut(0.495, None, None, 0.006, 0.6, 0.12, neck=(0.095, 0.125)),
    "shirt": Cut(0.475, None, 0.965, 0.010, 0.9, 0.08, neck=(0.070, 0.062)),
    "jumper": Cut(0.495, None, 0.975, 0.015, 0.9, 0.06, gather_m=0.045),
    "hoodie": Cut(0.485, None, 0.975, 0.019, 0.95, 0.05, gather_m=0.055, neck=(0.070, 0.068)),
    "trousers": Cut(0.036, 0.590, None, 0.007, 0.7, 0.085),
    "jeans": Cut(0.036, 0.580, None, 0.005, 0.5, 0.13),
    "joggers": Cut(0.055, 0.585, None, 0.011, 0.85, 0.06, gather_m=0.05),
    "leggings": Cut(0.070, 0.600, None, 0.0025, 0.0, 0.0),
    "shorts": Cut(0.315, 0.585, None, 0.011, 0.95, -0.05),
}
# Sections of collars at the nape and at the throat, (up, out) metres from the neck's edge outwards.
COLLARS = {
    "shirt": (((0.020, 0.000), (0.023, 0.007), (-0.006, 0.022)), ((0.008, 0.002), (0.010, 0.009), (-0.034, 0.018))),
    "hoodie": (((0.030, 0.014), (0.040, 0.050), (0.005, 0.085), (-0.050, 0.075)),
               ((0.012, 0.006), (0.016, 0.016), (0.000, 0.026), (-0.012, 0.020))),
}  # fmt: skip
SHOE_COLLARS = {"trainers": 0.058, "canvas": 0.070, "boots": 0.115}


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
    if shape.sleeve is None:
        return np.minimum(field, (0.32 - pattern.arms) * 0.18)
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
        trunk = np.flatnonzero(used & (pattern.arms < 0.5) & (pattern.level < 0.765) & (pattern.level > shape.bottom - 0.04))
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


def wear(fig: Figure, cloth: np.ndarray, field: np.ndarray, *, over=None, profile=None) -> Piece:
    """Put a garment on: the piece of the tights at `cloth` (V, 3) where field (V,) > 0, rimmed; the figure's surface
    and cover grow by it. What lies deep under a later garment, whose field is `over` (V,), is left out.
    `profile`: of the collar, where there is one."""
    extra = np.full(len(field), -1.0) if over is None else over
    columns = np.stack([field, fig.pattern.arms, fig.pattern.legs, extra], axis=1)
    whole = fig.piece("tights", cloth, columns)
    part, edge = cut(whole, whole.fields[:, 0])
    count = len(part.rest)
    part = rimmed(part, edge, _depth(fig, part))
    if profile is not None:
        part = collar(part, np.append(edge, np.zeros(len(part.rest) - count, bool)), profile)
    fig.surface = np.where((field > -0.01)[:, None], cloth, fig.surface)
    fig.cover = np.maximum(fig.cover, field)
    return part if over is None else cut(part, _HIDDEN_M - part.fields[:, 3])[0]


def collar(part: Piece, edge: np.ndarray, profile) -> Piece:
    """A piece with a collar sewn to its neck opening: strips that follow a profile of (up, out) metres from the edge.

    Args:
        edge: (V,) bool control vertices of `part` on a cut. profile: points of the collar's section, nearest first,
            given for the nape and for the throat: ((up, out), ...), ((up, out), ...).
    """
    near = edge & (part.pattern[:, 2] > 1.38) & (np.abs(part.pattern[:, 1]) < 0.13)
    sides = part.faces[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2)
    control = part.vertex[sides]
    _, where, count = np.unique(np.sort(control, axis=1), axis=0, return_inverse=True, return_counts=True)
    border = sides[(count[where.ravel()] == 1) & near[control].all(axis=1)]
    # A shirt's collar is open at the throat.
    middle = part.pattern[part.vertex[border]]
    border = border[~((middle[..., 0] > 0.03) & (np.abs(middle[..., 1]) < 0.010)).any(axis=1)]
    used, corner = np.unique(border, return_inverse=True)
    corner, owner = corner.reshape(-1, 2), part.vertex[used]
    spot = part.rest[owner]
    out = (spot - spot.mean(axis=0)) * [1.0, 1.0, 0.0]
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    throat = smoothstep(-0.02, 0.06, part.pattern[owner, 0])[:, None]
    nape_at, throat_at = (np.asarray(p) for p in profile)
    rings = [spot] + [
        spot + (1 - throat) * (a[1] * out + [0, 0, a[0]]) + throat * (b[1] * out + [0, 0, b[0]])
        for a, b in zip(nape_at, throat_at, strict=True)
    ]
    n, base = len(used), len(part.vertex)
    strips = []
    for k in range(len(rings) - 1):
        a, b = base + k * n + corner[:, 0], base + k * n + corner[:, 1]
        strips += [np.stack([b, a, a + n], axis=1), np.stack([b, a + n, b + n], axis=1)]

    def again(values: np.ndarray) -> np.ndarray:
        return np.concatenate([values, *[values[owner]] * len(rings)])

    return Piece(
        np.concatenate([part.rest, *rings]),
        *(again(v) for v in (part.pattern, part.weights, part.fields)),
        np.concatenate([part.vertex, len(part.rest) + np.arange(n * len(rings))]),
        np.concatenate([part.uv, *[part.uv[used]] * len(rings)]),
        np.concatenate([part.faces, *strips]),
    )


def wear_skirt(fig: Figure, skirt: np.ndarray) -> Piece:
    """Put a skirt on, from its waist to the knee; open below. What is worn over it keeps clear of it."""
    pattern = fig.pattern
    field = np.minimum(pattern.level - _SKIRT[0], _SKIRT[1] - pattern.level) * pattern.height_m
    whole = fig.piece("skirt", skirt, np.stack([field, np.zeros_like(field), np.zeros_like(field)], axis=1))
    part, _ = cut(whole, whole.fields[:, 0])
    ids = np.unique(fig.pack.meshes["tights"].faces)
    _, near = scipy.spatial.cKDTree(part.rest).query(fig.surface[ids])
    band = (pattern.level[ids] < _SKIRT[1]) & (pattern.level[ids] > 0.45) & (pattern.arms[ids] < 0.3)
    proud = ((part.rest[near] - fig.surface[ids]) * fig.normals()[ids]).sum(axis=1)
    fig.surface[ids] += (band * np.clip(proud, 0.0, 0.05))[:, None] * fig.normals()[ids]
    return replace(part, weights=_skirt_weights(fig, part))


def _skirt_weights(fig: Figure, part: Piece) -> np.ndarray:
    """(V', J) skinning of a skirt: that of the hips and thighs nearest to it, blurred; the shins' share goes to the
    thighs, so that the skirt lies over them when the knees bend."""
    names = fig.pack.bone_names
    ids = np.unique(fig.pack.meshes["tights"].faces)
    ids = ids[(fig.pattern.level[ids] > 0.29) & (fig.pattern.arms[ids] < 0.3)]
    gap, near = scipy.spatial.cKDTree(fig.rest[ids]).query(part.rest, k=14)
    share = 1 / (gap + 0.02) ** 2
    out = np.einsum("nk,nkj->nj", share / share.sum(axis=1, keepdims=True), fig.weights[ids[near]])
    for side in "LR":
        for shin in ("lowerleg01", "lowerleg02"):
            out[:, names.index(f"upperleg02.{side}")] += out[:, names.index(f"{shin}.{side}")]
            out[:, names.index(f"{shin}.{side}")] = 0
    return out.astype(np.float32)


def _depth(fig: Figure, part: Piece) -> np.ndarray:
    """(V',) how far the cloth of a piece stands off the surface below, plus a little."""
    ids = np.unique(fig.pack.meshes["tights"].faces)
    gap, _ = scipy.spatial.cKDTree(fig.surface[ids]).query(part.rest)
    return np.clip(gap, 0.003, 0.05) + 0.004


def shoe_field(pattern: Pattern, kind: str) -> np.ndarray:
    """(V,) metres inside a shoe, on the pattern; the opening dips at the ankle bones."""
    collar = SHOE_COLLARS[kind] * pattern.height_m
    heel = smoothstep(0.02, -0.06, pattern.points[:, 0])
    field = collar + 0.012 * heel - pattern.points[:, 2]
    return np.where(pattern.legs > 0.5, field, _NEVER)


def fit_shoe(fig: Figure, kind: str, sole_m: float) -> np.ndarray:
    """(V, 3) shoes over the feet: a flat sole of thickness sole_m, straight walls, a rounded toe."""
    normals = fig.normals()
    shoe = fig.surface + 0.006 * normals
    low = smoothstep(0.055, 0.012, fig.rest[:, 2])
    shoe = shoe + low[:, None] * (drape.smoothed(shoe, tights_smoother(), 3) - shoe)
    outwards = normals * [1.0, 1.0, 0.0]
    shoe = shoe + (low * 0.006)[:, None] * outwards
    toe = low * smoothstep(0.10, 0.16, fig.pattern.points[:, 0])
    shoe[:, 2] += 0.006 * toe
    under = smoothstep(-0.35, -0.75, normals[:, 2]) * (fig.rest[:, 2] < 0.05)
    shoe[:, 2] = np.where(under > 0, shoe[:, 2] * (1 - under) - sole_m * under, shoe[:, 2])
    wall = (fig.rest[:, 2] < 0.03) & (under < 0.5)
    shoe[:, 2] = np.where(wall, np.minimum(shoe[:, 2], shoe[:, 2] - 0.4 * sole_m * smoothstep(0.03, 0.0, fig.rest[:, 2])), shoe[:, 2])
    return shoe


def fit_skirt(fig: Figure, flare: float, seed: int) -> np.ndarray:
    """(V, 3) the skirt's helper mesh, widened towards the hem and pushed clear of what is worn below."""
    faces = fig.pack.meshes["skirt"].faces
    ids = np.unique(faces)
    skirt = fig.rest.copy()
    drop = np.maximum(0.0, 0.58 - fig.pattern.level)
    centre = np.array([skirt[ids, 0].mean(), 0.0])
    angle = np.arctan2(skirt[:, 1], skirt[:, 0] - centre[0])
    pleat = 1 + 0.10 * drop / 0.3 * np.cos(18 * angle + 2 * value_noise(fig.pattern.points, 5, seed, 1))
    skirt[:, :2] = centre + (skirt[:, :2] - centre) * ((1 + flare * drop) * pleat)[:, None]
    tights = np.unique(fig.pack.meshes["tights"].faces)
    _, near = scipy.spatial.cKDTree(fig.surface[tights]).query(skirt[ids])
    normals = fig.normals()[tights[near]]
    skirt[ids] = drape.outside(skirt[ids], fig.surface[tights[near]], normals, np.full(len(ids), 0.008))
    return skirt
