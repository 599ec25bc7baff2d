"""Score curves: the mean score and the accuracy at each value of a swept factor, with intervals.

The score curve is that of *Identity Preserve Transform*, §3.4 and Fig. 5; replicates and intervals are ours.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from experiments.analysis.blocks import Sweep
from experiments.analysis.bootstrap import clusters, interval


def curve(sweep: Sweep, drawn: np.ndarray) -> pd.DataFrame:
    """One row per value: score, score_low, score_high, accuracy, accuracy_low, accuracy_high (all in [0, 1]), blocks.

    drawn: (draws, B) bootstrap weights of the sweep's blocks.
    """
    size = clusters(sweep.motions, sweep.appearances).size
    table = pd.DataFrame({**sweep.keys, "value": sweep.values, "blocks": len(sweep.score)})
    for name, matrix in (("score", sweep.score), ("accuracy", sweep.top1)):
        low, high = interval(drawn @ matrix, size)
        table = table.assign(**{name: matrix.mean(axis=0), f"{name}_low": low, f"{name}_high": high})
    return table


def raw_curves(sweep: Sweep) -> pd.DataFrame:
    """The curve of every block by itself: keys, value, motion, appearance, block number, score, top1."""
    blocks, values = sweep.score.shape
    return pd.DataFrame(
        {
            **sweep.keys,
            "block": np.repeat(np.arange(blocks), values),
            "motion": np.repeat(sweep.motions, values),
            "appearance": np.repeat(sweep.appearances, values),
            "value": np.tile(sweep.values, blocks),
            "score": sweep.score.ravel(),
            "top1": sweep.top1.ravel(),
            "clip_id": sweep.clip_ids.ravel(),
        }
    )
