"""Do scores of real recordings follow the synthetic curve? *Identity Preserve Transform*, §4.2.4, Fig. 8, as a number.

The paper shows the two curves beside each other. Here the curve is read at the recordings' azimuths (linearly between
its values, round the circle) and Spearman's rank correlation of the readings with the recordings' scores is the
agreement: real and rendered pictures differ in a hundred ways that lift or lower all scores, so that only the order can
be asked for.

- Null. A curve that has the right shape but nothing to do with the real viewpoints would agree as well when turned. So
  the curve is turned through the whole circle, and p is the share of all turns, no turn among them, in which it agrees
  at least as well; with K turns no p under 1/K exists. A curve with two equal lobes agrees again after half a turn, and
  then p is twice as large: it does not tell which flank is which.
- Error. Azimuths of recordings are estimates. They are drawn anew within their error (evenly, to either side). The
  spread of the agreement over the draws is its interval, and `p_error` is the p of the agreement's mean over them.
- Refusal. Ranks of n viewpoints have n! orders, of which n have at most one pair of neighbours the wrong way round. The
  azimuths' error alone can turn such a pair, so a conclusion must survive it: n / n! = 1 / (n - 1)! <= alpha, which
  asks for five viewpoints at 5 % (with four, not even perfect agreement has a p under 1/24). And 1/K <= alpha.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from experiments.analysis.blocks import AnalysisError

PERIOD_DEG = 360.0
ALPHA = 0.05
SAME_VIEW_DEG = 10.0  # what the eye tells apart: azimuths that are nearer count as one viewpoint
LEVEL = 0.95
DIGITS = 9  # scores that differ after them are tied: readings of a symmetric curve differ in the last bits only

TURNS = 360  # of the curve: one a degree

AGREES = "agrees"
SHAKY = "agrees, but not within the error of the azimuths"
CHANCE = "not told from chance"
FEW = "too few viewpoints"
COARSE = "too few turns"
FLAT = "nothing to order"


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """rho: Spearman's, in [-1, 1]; NaN where the curve or the scores are all alike at the recordings. low, high: within
    which rho lies in 95 of 100 draws of the azimuths' error. p: of rho, p_error: with that error; see the module. n:
    recordings. viewpoints: those that are told apart. needed: how many of them a conclusion takes. least_p: the
    smallest p that so many viewpoints and turns can give. verdict: one of the module's."""

    rho: float
    low: float
    high: float
    p: float
    p_error: float
    n: int
    viewpoints: int
    needed: int
    least_p: float
    verdict: str


def agreement(
    azimuths_deg: np.ndarray,
    scores: np.ndarray,
    curve: np.ndarray,
    *,
    errors_deg: np.ndarray | float = 0.0,
    draws: int = 500,
    turns: int = TURNS,
    rng: np.random.Generator,
    alpha: float = ALPHA,
) -> Agreement:
    """How well recordings follow a curve.

    Args:
        azimuths_deg, scores: (n,) of the recordings.
        curve: (K,) scores at 0, 360 / K, ... degrees.
        errors_deg: (n,) or one, how far each azimuth may be off, to either side.
        draws: of the error.
        turns: how many steps the curve is turned in.
        alpha: the level at which is concluded.
    Raises AnalysisError for arrays that do not fit together, or no recording.
    """
    azimuths, real, ring = (np.asarray(v, float) for v in (azimuths_deg, scores, curve))
    _check(azimuths, real, ring)
    errors = np.broadcast_to(np.asarray(errors_deg, float), azimuths.shape)
    drawn = azimuths + errors * rng.uniform(-1.0, 1.0, (draws, len(azimuths)))
    around = np.arange(turns) * PERIOD_DEG / turns
    rho = float(spearman(real, read_curve(ring, azimuths)))
    spread = spearman(real, read_curve(ring, drawn))
    low, high = _middle(spread)
    p = _p(spearman(real, read_curve(ring, azimuths + around[:, None])))
    p_error = _p([_mean(real, read_curve(ring, drawn + turn)) for turn in around]) if errors.any() else p
    seen = viewpoints(azimuths)
    return Agreement(
        rho=rho,
        low=low,
        high=high,
        p=p,
        p_error=p_error,
        n=len(azimuths),
        viewpoints=seen,
        needed=viewpoints_needed(alpha),
        least_p=least_p(seen, turns),
        verdict=_verdict(rho, p, p_error, seen=seen, turns=turns, alpha=alpha),
    )


def read_curve(curve: np.ndarray, azimuths_deg: np.ndarray) -> np.ndarray:
    """The curve, (K,) at 0, 360 / K, ..., at any azimuths, linearly between its values and round the circle."""
    steps = np.arange(len(curve)) * PERIOD_DEG / len(curve)
    return np.interp(azimuths_deg, steps, curve, period=PERIOD_DEG)


def spearman(real: np.ndarray, read: np.ndarray) -> np.ndarray:
    """Rank correlations of (n,) with (..., n), ties at their mean rank; NaN where either is all alike."""
    one = _centred(np.asarray(real, float))
    other = _centred(np.asarray(read, float))
    length = np.sqrt((one**2).sum(-1) * (other**2).sum(-1))
    product = (one * other).sum(-1)
    return np.divide(product, length, out=np.full(np.shape(length), np.nan), where=length > 0)


def viewpoints(azimuths_deg: np.ndarray, apart_deg: float = SAME_VIEW_DEG) -> int:
    """How many viewpoints there are: the most that can be picked with at least `apart_deg` between neighbours."""
    around = np.unique(np.round(np.asarray(azimuths_deg, float) % PERIOD_DEG, DIGITS) % PERIOD_DEG)
    return max(_picked(np.roll(around, -k) - around[k], apart_deg) for k in range(len(around)))


def viewpoints_needed(alpha: float = ALPHA) -> int:
    """The fewest viewpoints that allow a conclusion at a level: 1 / (n - 1)! <= alpha."""
    n = 2
    while 1 / math.factorial(n - 1) > alpha:
        n += 1
    return n


def least_p(seen: int, turns: int) -> float:
    """The smallest p that `seen` viewpoints and `turns` turns of the curve can give."""
    return max(1 / math.factorial(min(seen, 20)), 1 / turns)


def _check(azimuths: np.ndarray, real: np.ndarray, ring: np.ndarray) -> None:
    if azimuths.ndim != 1 or azimuths.shape != real.shape or not len(azimuths):
        raise AnalysisError(f"got {azimuths.shape} azimuths and {real.shape} scores; expected one of each a recording")
    if ring.ndim != 1 or len(ring) < 2:
        raise AnalysisError(f"got a curve of shape {ring.shape}; expected its values all round, at least two")
    for name, values in (("azimuths", azimuths), ("scores", real), ("the curve", ring)):
        if not np.isfinite(values).all():
            raise AnalysisError(f"{name}: {values[~np.isfinite(values)][0]} is no number; leave that recording out")


def _middle(spread: np.ndarray) -> tuple[float, float]:
    """Between which values LEVEL of the agreements lie."""
    if np.isnan(spread).all():
        return np.nan, np.nan
    low, high = np.nanquantile(spread, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2])
    return float(low), float(high)


def _mean(real: np.ndarray, read: np.ndarray) -> float:
    """The agreement, mean over the draws; readings that are all alike have no order to agree with: 0."""
    return float(np.nan_to_num(spearman(real, read), nan=0.0).mean())


def _p(agreements: Sequence[float]) -> float:
    """The share of turns, the first being none, that agree at least as well as no turn does."""
    found = np.nan_to_num(agreements, nan=0.0)
    return float((found >= found[0] - 10.0**-DIGITS).mean())


def _centred(values: np.ndarray) -> np.ndarray:
    ranks = rankdata(np.round(values, DIGITS), axis=-1)
    return ranks - ranks.mean(axis=-1, keepdims=True)


def _picked(ahead: np.ndarray, apart_deg: float) -> int:
    """How many can be picked going once round from the first, of azimuths relative to it; the last must not come too
    near the first again."""
    count, last = 1, 0.0
    for angle in np.sort(ahead % PERIOD_DEG)[1:]:
        if angle - last >= apart_deg - 1e-9 and PERIOD_DEG - angle >= apart_deg - 1e-9:
            count, last = count + 1, angle
    return count


def _verdict(rho: float, p: float, p_error: float, *, seen: int, turns: int, alpha: float) -> str:
    if seen < viewpoints_needed(alpha):
        return FEW
    if 1 / turns > alpha:
        return COARSE
    if math.isnan(rho):
        return FLAT
    if rho <= 0 or min(p, p_error) > alpha:
        return CHANCE
    return AGREES if p_error <= alpha else SHAKY
