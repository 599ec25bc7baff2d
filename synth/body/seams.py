"""Strips sewn to the cut edges of garments: rims that close hems against the skin, and collars."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from synth.body.bake import smoothstep
from synth.body.mesh import Piece

# Sections of collars at the nape and at the throat, (up, out) metres from the neck's edge outwards.
COLLARS = {
    "shirt": (
        ((0.020, 0.000), (0.023, 0.007), (-0.006, 0.022)),
        ((0.008, 0.002), (0.010, 0.009), (-0.034, 0.018)),
    ),
    "polo": (
        ((0.016, 0.000), (0.019, 0.007), (-0.010, 0.020)),
        ((0.006, 0.002), (0.008, 0.009), (-0.032, 0.016)),
    ),
    "track_top": (
        ((0.034, 0.001), (0.038, 0.006), (0.012, 0.012), (-0.004, 0.006)),
        ((0.030, 0.006), (0.034, 0.012), (0.012, 0.016), (-0.004, 0.006)),
    ),
    "jacket": (
        ((0.016, 0.002), (0.020, 0.010), (-0.030, 0.030)),
        ((0.004, 0.004), (0.010, 0.012), (-0.040, 0.030)),
    ),
    "hoodie": (
        ((0.030, 0.014), (0.040, 0.050), (0.005, 0.085), (-0.050, 0.075)),
        ((0.012, 0.006), (0.016, 0.016), (0.000, 0.026), (-0.012, 0.020)),
    ),
}
_THROAT_GAP_M = 0.010


def border(part: Piece, edge: np.ndarray) -> np.ndarray:
    """(n, 2) render vertices of the open sides between control vertices where edge (V,) is true, as their faces run."""
    sides = part.faces[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2)
    control = np.sort(part.vertex[sides], axis=1)
    _, where, count = np.unique(control, axis=0, return_inverse=True, return_counts=True)
    return sides[(count[where.ravel()] == 1) & edge[control].all(axis=1)]


def sewn(part: Piece, sides: np.ndarray, rings: Callable[[np.ndarray], Sequence[np.ndarray]]) -> Piece:
    """The piece with a strip along `sides` (n, 2), coloured and skinned as its edge.

    Args:
        rings: called with the control vertices along the edge (m,); returns the strip's lines of points (m, 3), from
            the edge outwards. They get control vertices of their own, so that the edge stays sharp.
    """
    if len(sides) == 0:
        return part
    used, corner = np.unique(sides, return_inverse=True)
    corner, owner = corner.reshape(-1, 2), part.vertex[used]
    lines = list(rings(owner))
    strips = []
    for k in range(len(lines) - 1):
        a, b = len(part.vertex) + k * len(used) + corner.T
        strips += [np.stack([b, a, a + len(used)], axis=1), np.stack([b, a + len(used), b + len(used)], axis=1)]

    def again(values: np.ndarray) -> np.ndarray:
        return np.concatenate([values, *[values[owner]] * len(lines)])

    return Piece(
        np.concatenate([part.rest, *lines]),
        *(again(values) for values in (part.pattern, part.weights, part.fields)),
        np.concatenate([part.vertex, len(part.rest) + np.arange(len(used) * len(lines))]),
        np.concatenate([part.uv, *[part.uv[used]] * len(lines)]),
        np.concatenate([part.faces, *strips]),
    )


def rimmed(part: Piece, edge: np.ndarray, depth: np.ndarray) -> Piece:
    """The piece with a strip folded inwards along its cut edge, which closes the gap between cloth and skin.

    Args:
        edge: (V,) bool, control vertices on the cut. depth: (V,) metres the strip reaches inwards.
    """
    inwards = part.rest - part.normals() * depth[:, None]
    return sewn(part, border(part, edge), lambda owner: (part.rest[owner], inwards[owner]))


def collared(part: Piece, edge: np.ndarray, kind: str) -> Piece:
    """The piece with the collar of a kind of garment (a key of COLLARS) sewn to its neck, open at the throat.

    Args:
        edge: (V,) bool, control vertices on a cut.
    """
    neck = edge & (part.pattern[:, 2] > 1.38) & (np.abs(part.pattern[:, 1]) < 0.13)
    sides = border(part, neck)
    at = part.pattern[part.vertex[sides]]
    sides = sides[~((at[..., 0] > 0.03) & (np.abs(at[..., 1]) < _THROAT_GAP_M)).any(axis=1)]

    def rings(owner: np.ndarray) -> list[np.ndarray]:
        spot = part.rest[owner]
        out = (spot - spot.mean(axis=0)) * [1.0, 1.0, 0.0]
        out /= np.linalg.norm(out, axis=1, keepdims=True)
        throat = smoothstep(-0.02, 0.06, part.pattern[owner, 0])[:, None]
        section = [(1 - throat) * a + throat * b for a, b in np.array(COLLARS[kind]).swapaxes(0, 1)]
        return [spot] + [spot + s[:, 1:] * out + s[:, :1] * [0.0, 0.0, 1.0] for s in section]

    return sewn(part, sides, rings)
