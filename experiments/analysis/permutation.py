"""The permutation null: would a factor that does nothing give a curve that moves as much?

Under the null the values of the factor are exchangeable within a replicate block, so they are permuted in each block
on its own. The statistic is the variance of the mean curve between the values. p has the +1 correction (Phipson and
Smyth 2010, *Permutation p-values should never be zero*); several tests are corrected by Holm's step-down procedure.
"""

from __future__ import annotations

import numpy as np


def shuffles(blocks: int, values: int, *, permutations: int, rng: np.random.Generator) -> np.ndarray:
    """(permutations, blocks, values) column indices, an independent permutation for every block."""
    return rng.random((permutations, blocks, values), dtype=np.float32).argsort(axis=2)


def p_value(score: np.ndarray, order: np.ndarray) -> float:
    """p of "the factor does nothing" for (B, K) scores, given the `shuffles` of their shape.

    The +1 correction counts the observed order as one of the permutations; the least p is 1 / (permutations + 1).
    """
    observed = score.mean(axis=0).var()
    mixed = np.take_along_axis(score[None], order, axis=2).mean(axis=1).var(axis=1)
    return float((1 + np.count_nonzero(mixed >= observed * (1 - 1e-9) - 1e-15)) / (1 + len(order)))


def sign_flip_p(differences: np.ndarray, *, permutations: int, rng: np.random.Generator) -> float:
    """p of "the differences are symmetric about 0" for (B, ...) differences, one of each replicate, by flipping the
    sign of whole replicates. The statistic is the mean square of the mean differences.

    NaN with one replicate. With B replicates no p is far under 2 ** (1 - B), however many flips are drawn.
    """
    flat = differences.reshape(len(differences), -1)
    observed = (flat.mean(axis=0) ** 2).mean()
    if len(flat) < 2 or observed < 1e-15:
        return np.nan if len(flat) < 2 else 1.0
    signs = rng.choice([-1.0, 1.0], size=(permutations, len(flat)))
    mixed = ((signs @ flat / len(flat)) ** 2).mean(axis=1)
    return float((1 + np.count_nonzero(mixed >= observed * (1 - 1e-9))) / (1 + permutations))


def holm(p: np.ndarray) -> np.ndarray:
    """Holm's adjusted p-values of (n,) p-values, in their order, at most 1."""
    p = np.asarray(p, float)
    rank = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[rank] * np.arange(len(p), 0, -1))
    out = np.empty_like(p)
    out[rank] = np.minimum(stepped, 1.0)
    return out
