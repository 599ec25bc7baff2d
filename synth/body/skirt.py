"""Skirts, from MakeHuman's skirt mesh: flared, pleated, and skinned to lie over the thighs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy.spatial

from synth.body import drape
from synth.body.bake import value_noise
from synth.body.figure import Figure
from synth.body.garments import HIDDEN_M, stretched
from synth.body.mesh import Piece, cut

# Levels of hem and waist, shares of the body's height.
_SKIRT = (0.325, 0.600)


def fit_skirt(fig: Figure, flare: float, seed: int) -> np.ndarray:
    """(V, 3) MakeHuman's skirt, widened towards the hem and pushed clear of what is worn below."""
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


def wear_skirt(fig: Figure, skirt: np.ndarray, over: np.ndarray | None) -> Piece:
    """Put a skirt on, from its waist to the knee; open below. What is worn over it keeps clear of it, and hides what
    lies deep under it (its field `over`)."""
    pattern = fig.pattern
    field = np.minimum(pattern.level - _SKIRT[0], _SKIRT[1] - pattern.level) * pattern.height_m
    extra = np.full(len(field), -1.0) if over is None else over
    whole = fig.piece("skirt", skirt, np.stack([field, 0 * field, 0 * field, extra], axis=1))
    part, _ = cut(whole, whole.fields[:, 0])
    part = replace(part, uv=stretched(part.uv))
    ids = np.unique(fig.pack.meshes["tights"].faces)
    _, near = scipy.spatial.cKDTree(part.rest).query(fig.surface[ids])
    band = (pattern.level[ids] < _SKIRT[1]) & (pattern.level[ids] > 0.45) & (pattern.arms[ids] < 0.3)
    proud = ((part.rest[near] - fig.surface[ids]) * fig.normals()[ids]).sum(axis=1)
    fig.surface[ids] += (band * np.clip(proud + 0.006, 0.0, 0.06))[:, None] * fig.normals()[ids]
    part = replace(part, weights=_skirt_weights(fig, part))
    return cut(part, HIDDEN_M - part.fields[:, 3])[0]


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
