"""Body shape from phenotype values: anny's rule for blendshape coefficients, without anny.

Each phenotype value is spread over its anchors by linear interpolation (e.g. muscle over min, average, max), the three
ancestries are normalised to sum 1, and a blendshape's coefficient is the product of the weights of the variations it
belongs to (Brégier et al., "Human Mesh Modeling for Anny Body", 2025; MakeHuman's macro targets). The pack holds
adults only: age runs from 2/3 (young adult) to 1 (old).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from synth.body.pack import Pack

YOUNGEST = 2 / 3
# Interpolated phenotypes and the variations at their anchors, from the lowest value to the highest.
ANCHORS = {
    "gender": ("male", "female"),
    "age": ("young", "old"),
    "muscle": ("minmuscle", "averagemuscle", "maxmuscle"),
    "weight": ("minweight", "averageweight", "maxweight"),
    "height": ("minheight", "maxheight"),
    "proportions": ("idealproportions", "uncommonproportions"),
    "cupsize": ("mincup", "averagecup", "maxcup"),
    "firmness": ("minfirmness", "averagefirmness", "maxfirmness"),
}
ANCESTRIES = ("african", "asian", "caucasian")
LABELS = (*ANCHORS, *ANCESTRIES)


def variation_weights(values: Mapping[str, float]) -> dict[str, float]:
    """The weight of every variation, e.g. {"minmuscle": 0.2, "averagemuscle": 0.8, ...}; missing values count 0.5.

    Args:
        values: phenotype values in 0 to 1; gender 0 is male, 1 female; age 2/3 (young adult) to 1 (old).
    """
    out = {}
    for label, names in ANCHORS.items():
        low = YOUNGEST if label == "age" else 0.0
        anchors = np.linspace(low, 1.0, len(names))
        for k, name in enumerate(names):
            out[name] = float(np.interp(values.get(label, 0.5), anchors, np.eye(len(names))[k]))
    shares = np.array([values.get(name, 0.5) for name in ANCESTRIES])
    shares = shares / shares.sum() if shares.sum() > 0 else np.full(3, 1 / 3)
    return out | {name: float(share) for name, share in zip(ANCESTRIES, shares, strict=True)}


def coefficients(values: Mapping[str, float], mask: np.ndarray, variations) -> np.ndarray:
    """(K,) blendshape coefficients; mask (K, N) says which of the N `variations` each is a product of."""
    weights = variation_weights(values)
    row = np.array([weights[str(name)] for name in variations])
    return np.where(mask, row, 1.0).prod(axis=1)


def rest_shape(pack: Pack, values: Mapping[str, float]) -> tuple[np.ndarray, np.ndarray]:
    """Rest (A-pose) vertices (V, 3) and bone heads (J, 3) of a phenotype in metres, our axes, anny's origin."""
    scores = coefficients(values, pack.variation_mask, pack.variations) @ pack.projection + pack.offset
    vertices = pack.template + np.tensordot((scores * pack.basis_step).astype(np.float32), pack.basis, axes=1)
    return vertices.astype(np.float64), pack.head_template + np.tensordot(scores, pack.head_basis, axes=1)
