"""From logits to what a row says of a clip: score, logit, margin, rank, top-1 and top-5 of what was really shown.

An activity may map to several classes of a data set (design §3, "Score rows"): its score is the sum of their
probabilities, its logit their logsumexp, its rank that of the best of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import logsumexp, softmax

LEAST_FOR_TOP5 = 20  # classes; with fewer, top-5 says next to nothing


def judge(logits: np.ndarray, truth: Sequence[Sequence[int]]) -> dict[str, np.ndarray]:
    """Columns of (N,) from logits (N, C) and, per clip, the columns of its classes.

    score: in [0, 1]. logit. margin: logit - the best logit of another class. rank: 1 = best. top1. top5: NaN with
    fewer than LEAST_FOR_TOP5 classes.
    """
    z = logits.astype(np.float64)
    if not len(z):
        return {name: np.zeros(0) for name in ("score", "logit", "margin", "rank", "top1", "top5")}
    own = np.zeros(z.shape, bool)
    for row, columns in zip(own, truth, strict=True):
        row[list(columns)] = True
    inside, outside = np.where(own, z, -np.inf), np.where(own, -np.inf, z)
    logit = logsumexp(inside, axis=1)
    rank = 1 + (z > inside.max(axis=1, keepdims=True)).sum(axis=1)
    return {
        "score": np.where(own, softmax(z, axis=1), 0.0).sum(axis=1),
        "logit": logit,
        "margin": logit - outside.max(axis=1),
        "rank": rank,
        "top1": rank == 1,
        "top5": (rank <= 5).astype(float) if z.shape[1] >= LEAST_FOR_TOP5 else np.full(len(z), np.nan),
    }
