"""Skirts, from MakeHuman's skirt mesh: flared, pleated, skinned to lie over the thighs, closed inside by a lining."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.spatial

from synth.body import drape
from synth.body.bake import value_noise
from synth.body.figure import Figure
from synth.body.garments import HIDDEN_M, stretched
from synth.body.mesh import Piece, cut, kept
from synth.body.pattern import Pattern
from synth.body.seams import border, sewn

# How far up the lining lies above the hem, and its rings: the share of the way to the middle.
_LINING_UP_M = 0.006
_LINING_RINGS = (0.02, 0.5, 0.98)
# 0: skirts follow what is under them, 1: they hang straight from the widest place.
_HANG = 0.85


@dataclass(frozen=True)
class SkirtCut:
    """hem and waist: shares of the body's height. flare: how much it widens per unit of level; pleat: depth of its
    folds at the hem, as a share of the radius, and how many."""

    hem: float
    waist: float = 0.600
    flare: float = 1.1
    pleat: float = 0.10
    pleats: int = 18


SKIRTS = {
    "skirt": SkirtCut(0.325),
    "mini_skirt": SkirtCut(0.405, flare=1.0, pleat=0.14, pleats=24),
    "long_skirt": SkirtCut(0.175, flare=0.55, pleat=0.07, pleats=12),
    "dress": SkirtCut(0.305, flare=0.95, pleat=0.06, pleats=11),
}


def skirt_field(pattern: Pattern, shape: SkirtCut) -> np.ndarray:
    """(V,) metres inside a skirt, on the pattern."""
    field = np.minimum(pattern.level - shape.hem, shape.waist - pattern.level) * pattern.height_m
    return np.where(pattern.arms > 0.3, -0.2, field)


def fit_skirt(fig: Figure, shape: SkirtCut, seed: int) -> np.ndarray:
    """(V, 3) MakeHuman's skirt, widened towards the hem and pushed clear of what is worn below."""
    ids = np.unique(fig.mesh("skirt").faces)
    skirt = fig.rest.copy()
    drop = np.maximum(0.0, 0.58 - fig.pattern.level)
    centre = np.array([skirt[ids, 0].mean(), 0.0])
    angle = np.arctan2(skirt[:, 1], skirt[:, 0] - centre[0])
    turn = shape.pleats * angle + 2 * value_noise(fig.pattern.points, 5, seed, 1)
    pleat = 1 + shape.pleat * drop / 0.3 * np.cos(turn)
    skirt[:, :2] = centre + (skirt[:, :2] - centre) * ((1 + shape.flare * drop) * pleat)[:, None]
    tights = np.unique(fig.mesh("tights").faces)
    _, near = scipy.spatial.cKDTree(fig.surface[tights]).query(skirt[ids])
    normals = fig.normals()[tights[near]]
    skirt[ids] = drape.outside(skirt[ids], fig.surface[tights[near]], normals, np.full(len(ids), 0.008))
    # Cloth hangs straight down from the seat and the belly.
    axis = np.column_stack([np.full(len(ids), centre[0]), np.zeros(len(ids)), skirt[ids, 2]])
    col = drape.column(ids, skirt[ids], -skirt[ids, 2], axis, np.array([0.0, 0.0, 1.0]))
    skirt[ids] += drape.hang(col, start_m=-np.inf, taper=0.03, strength=_HANG)
    return skirt


def wear_skirt(fig: Figure, key: str, shape: SkirtCut, seed: int, over: np.ndarray | None) -> tuple[Piece, Piece]:
    """Put a skirt on as the garment `key`; returns it and its lining. What is worn over it keeps clear of it, and
    hides what lies deep under it (its field `over`)."""
    pattern, skirt = fig.pattern, fit_skirt(fig, shape, seed)
    fig.lies_under(key, skirt_field(pattern, shape))
    field = np.minimum(pattern.level - shape.hem, shape.waist - pattern.level) * pattern.height_m
    extra = np.full(len(field), -1.0) if over is None else over
    whole = fig.piece("skirt", skirt, np.stack([field, 0 * field, 0 * field, extra], axis=1))
    part, edge = cut(whole, whole.fields[:, 0])
    part = replace(part, uv=stretched(part.uv))
    ids = np.unique(fig.mesh("tights").faces)
    _, near = scipy.spatial.cKDTree(part.rest).query(fig.surface[ids])
    band = (pattern.level[ids] < shape.waist) & (pattern.level[ids] > 0.45) & (pattern.arms[ids] < 0.3)
    proud = ((part.rest[near] - fig.surface[ids]) * fig.normals()[ids]).sum(axis=1)
    fig.surface[ids] += (band * np.clip(proud + 0.006, 0.0, 0.06))[:, None] * fig.normals()[ids]
    part = replace(part, weights=_skirt_weights(fig, part))
    lining = _lining(part, edge & (part.pattern[:, 2] < 0.5 * (shape.hem + shape.waist) * pattern.height_m))
    return cut(part, HIDDEN_M - part.fields[:, 3])[0], lining


def _lining(part: Piece, hem: np.ndarray) -> Piece:
    """A sheet across the inside of a skirt a little above its hem, hem (V,) being its edge: who looks into the skirt
    sees cloth, with the legs coming out of it. It follows the hem, and in the middle the mean of all of it."""
    sides = border(part, hem)
    owner = part.vertex[np.unique(sides)]
    middle = part.rest[owner].mean(axis=0)
    up = np.array([0.0, 0.0, _LINING_UP_M])

    def rings(ids: np.ndarray) -> list[np.ndarray]:
        spot = part.rest[ids] + 0.2 * up
        return [spot + share * (middle + up - spot) for share in _LINING_RINGS]

    whole = sewn(part, sides, rings)
    sheet, rows = len(owner) * len(_LINING_RINGS), len(part.faces)
    share = np.repeat(_LINING_RINGS, len(owner))[:, None].astype(np.float32)
    whole.weights[-sheet:] = (1 - share) * whole.weights[-sheet:] + share * part.weights[owner].mean(axis=0)
    return kept(whole, whole.faces[rows:])


def _skirt_weights(fig: Figure, part: Piece) -> np.ndarray:
    """(V', J) skinning of a skirt: that of the hips and thighs nearest to it, blurred; the shins' share goes to the
    thighs, so that the skirt lies over them when the knees bend."""
    names = fig.pack.bone_names
    ids = np.unique(fig.mesh("tights").faces)
    ids = ids[(fig.pattern.level[ids] > 0.29) & (fig.pattern.arms[ids] < 0.3)]
    gap, near = scipy.spatial.cKDTree(fig.rest[ids]).query(part.rest, k=14)
    share = 1 / (gap + 0.02) ** 2
    out = np.einsum("nk,nkj->nj", share / share.sum(axis=1, keepdims=True), fig.weights[ids[near]])
    for side in "LR":
        for shin in ("lowerleg01", "lowerleg02"):
            out[:, names.index(f"upperleg02.{side}")] += out[:, names.index(f"{shin}.{side}")]
            out[:, names.index(f"{shin}.{side}")] = 0
    return out.astype(np.float32)
