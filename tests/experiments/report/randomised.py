"""The tables of a randomised design with planted shares."""

import numpy as np
import pandas as pd

from experiments.analysis.variance import ALL_CLASSES
from experiments.effects import CLIPS, LEVELS, PAIRS, SHARES

FACTORS = ("motion", "viewpoint", "environment", "lighting")
SIZES = {"frontal": (0.7, 0.4, 0.1, 0.03), "all-round": (1.02, 0.1, 0.15, 0.02)}


def table(sizes=SIZES, floor=0.03) -> pd.DataFrame:
    out = []
    for model, shares in sizes.items():
        for label in ("squat", "walk", ALL_CLASSES):
            ranks = (-np.array(shares)).argsort().argsort() + 1
            for factor, total, rank in zip(FACTORS, shares, ranks, strict=True):
                out.append({"model": model, "label": label, "factor": factor, "rank": rank, "variance": 9.0})
                out[-1] |= {"main": total / 2 - 0.02, "main_low": total / 2 - 0.05, "main_high": total / 2 + 0.05}
                out[-1] |= {"total": total, "total_low": total * 0.8, "total_high": total * 1.2, "floor": floor}
                out[-1] |= {"rows": 64, "clusters": 64}
    return pd.DataFrame(out)


def levels(p=0.01) -> pd.DataFrame:
    row = {"factor": "viewpoint", "axis": "azimuth", "level": "back", "other": "front", "difference": -0.3}
    row |= {"low": -0.4, "high": -0.2, "p": p / 2, "p_holm": p, "pairs": 64, "clusters": 64, "model": "frontal"}
    return pd.DataFrame([row])


def pairs() -> pd.DataFrame:
    row = {"label": ALL_CLASSES, "factor": "motion", "other": "viewpoint", "share": 0.25, "share_low": 0.2}
    return pd.DataFrame([row | {"share_high": 0.3, "model": model} for model in SIZES])


def asked_at_random() -> dict[str, pd.DataFrame]:
    """As `experiments.effects.effects` gives them."""
    clips = pd.DataFrame({"model": [*SIZES] * 3, "clip_id": list("aabbcc")})
    return {SHARES: table(), LEVELS: levels(), CLIPS: clips, PAIRS: pairs()}
