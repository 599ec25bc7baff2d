"""How much of the variance of a class's logit each factor explains: Sobol' indices with clustered intervals.

The design (`designs.effects`) shows every row's clips A, AB (A with one factor of B) and B. Of a factor, the *main*
share is the variance that is explained by knowing it alone, the *total* share what is lost without knowing it, and
their difference what it does only together with others (Saltelli et al. 2010, *Variance based sensitivity analysis of
model output*, table 2, estimators (b) and (f); pairs as in Saltelli 2002; SALib's code). Over several classes shares
are averaged with the classes' variances as weights, which is the index of a vector of outputs (Gamboa et al. 2014,
*Sensitivity analysis for multidimensional and functional outputs*, eq. 2.4).

All clips of a row belong together, so whole rows are resampled; where rows share trials, as with few recordings, whole
trials are. An estimate may fall under 0, or a total under its main share: that is sampling noise, and is not cut off.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from SALib.analyze import sobol

from experiments.analysis.blocks import AnalysisError
from experiments.analysis.bootstrap import interval

ALL_CLASSES = "all classes"
LOGIT = "logit."  # prefix of the columns with the log-odds of a class
KINDS = ("main", "total", "interaction")


class ConstantScore(AnalysisError):
    """A model whose logit of a class never moves: there is no variance to explain."""


@dataclass(frozen=True, kw_only=True)
class Cube:
    """The outputs of one model over the design. a, b: (N, K) float64, K classes. ab, ba: (N, D, K), factor by factor;
    ba is None where the design has none. factors: (D,). classes: (K,). trials: (N, 2) names, of A and of B."""

    a: np.ndarray
    b: np.ndarray
    ab: np.ndarray
    ba: np.ndarray | None
    factors: tuple[str, ...]
    classes: tuple[str, ...]
    trials: np.ndarray

    def __post_init__(self):
        spread = np.ptp(np.concatenate([self.a, self.b]), axis=0)
        if (spread <= 1e-9).any():
            raise ConstantScore(
                f"the logit of {self.classes[int(np.argmin(spread))]!r} is the same for all clips, so that no factor "
                "explains any of its variance; look at the model's outputs, or leave the model or the class out"
            )

    def at(self, rows: np.ndarray) -> Cube:
        """The cube of these rows, which may come several times."""
        ba = None if self.ba is None else self.ba[rows]
        return Cube(
            a=self.a[rows], b=self.b[rows], ab=self.ab[rows], ba=ba,
            factors=self.factors, classes=self.classes, trials=self.trials[rows],
        )  # fmt: skip

    @property
    def variance(self) -> np.ndarray:
        """(K,) of the independent clips A and B."""
        return np.var(np.concatenate([self.a, self.b]), axis=0)


def cube(table: pd.DataFrame, factors: Sequence[str]) -> Cube:
    """The cube of one model from its rows: columns row, part, factor, cluster and one LOGIT column per class.

    Raises AnalysisError for a row without one of its clips.
    """
    classes = tuple(name.removeprefix(LOGIT) for name in table if name.startswith(LOGIT))
    keyed = table.set_index(["part", "factor", "row"]).sort_index()
    numbers = np.sort(table["row"].unique())

    def part(name: str, factor: str) -> pd.DataFrame:
        try:
            return keyed.loc[(name, factor)].loc[numbers]
        except KeyError as error:
            raise AnalysisError(
                f"the randomised design lacks a clip {name} {factor} of a row ({error}); render and score it whole"
            ) from error

    def logits(name: str, factor: str = "") -> np.ndarray:
        return part(name, factor)[[LOGIT + c for c in classes]].to_numpy(float)

    second = (table["part"] == "BA").any()
    return Cube(
        a=logits("A"),
        b=logits("B"),
        ab=np.stack([logits("AB", factor) for factor in factors], axis=1),
        ba=np.stack([logits("BA", factor) for factor in factors], axis=1) if second else None,
        factors=tuple(factors),
        classes=classes,
        trials=np.stack([part(name, "")["cluster"].to_numpy(str) for name in "AB"], axis=1),
    )


def main_and_total(data: Cube) -> tuple[np.ndarray, np.ndarray]:
    """(D, K) main and total shares of every factor and class, by SALib's estimators on centred outputs."""
    mean = np.concatenate([data.a, data.b, *np.moveaxis(data.ab, 1, 0)]).mean(axis=0)
    scale = np.sqrt(data.variance)
    a, b, ab = ((part - mean) / scale for part in (data.a, data.b, data.ab))
    each = [(sobol.first_order(a, ab[:, j], b), sobol.total_order(a, ab[:, j], b)) for j in range(ab.shape[1])]
    return tuple(np.stack(kind) for kind in zip(*each, strict=True))


def of_pairs(data: Cube) -> np.ndarray:
    """(P, K) shares of the pairs of factors, in the order of `itertools.combinations`, beyond their main shares."""
    mean, scale = np.concatenate([data.a, data.b]).mean(axis=0), np.sqrt(data.variance)
    a, b, ab, ba = ((part - mean) / scale for part in (data.a, data.b, data.ab, data.ba))
    chosen = itertools.combinations(range(len(data.factors)), 2)
    return np.stack([sobol.second_order(a, ab[:, j], ab[:, k], ba[:, j], b) for j, k in chosen])


def resamples(trials: np.ndarray, *, draws: int, rng: np.random.Generator) -> tuple[list[np.ndarray], int]:
    """Numbers of rows, draw by draw, and how many clusters there are to draw from.

    trials: (N, 2). Where no two rows share a trial, rows are drawn; else trials are, and a row comes as often as its
    first trial times as often as its second (Owen 2007, *The pigeonhole bootstrap*).
    """
    names, member = np.unique(trials, return_inverse=True)
    member = member.reshape(trials.shape)
    rows = np.arange(len(trials))
    if len(names) >= 2 * len(trials) - 1:
        return list(rng.integers(len(rows), size=(draws, len(rows)))), len(rows)
    drawn: list[np.ndarray] = []
    while len(drawn) < draws:
        counts = rng.multinomial(len(names), np.full(len(names), 1.0 / len(names)))[member].prod(axis=1)
        if (counts > 0).sum() > 1:
            drawn.append(np.repeat(rows, counts))
    return drawn, len(names)


def shares(data: Cube, *, draws: int, seed: int) -> pd.DataFrame:
    """One row per class, and ALL_CLASSES, and factor: label, factor, variance, main, total, interaction (total - main),
    each with `_low` and `_high` (95 %), rank (1 = the largest total share), rows, clusters."""
    drawn, size = resamples(data.trials, draws=draws, rng=np.random.default_rng(seed))
    labels = (*data.classes, ALL_CLASSES)
    found = _all_kinds(data)
    low, high = interval(np.stack([_all_kinds(again) for again in _again(data, drawn)]), size)
    variance = np.append(data.variance, data.variance.sum())
    out = []
    for k, label in enumerate(labels):
        ranks = (-found[1, :, k]).argsort().argsort() + 1
        for j, factor in enumerate(data.factors):
            row = {"label": label, "factor": factor, "variance": variance[k], "rank": int(ranks[j])}
            for n, kind in enumerate(KINDS):
                row |= {kind: found[n, j, k], f"{kind}_low": low[n, j, k], f"{kind}_high": high[n, j, k]}
            out.append(row | {"rows": len(data.a), "clusters": size})
    return pd.DataFrame(out)


def pair_shares(data: Cube, *, draws: int, seed: int) -> pd.DataFrame:
    """One row per class, and ALL_CLASSES, and pair of factors: label, factor, other, share with `_low` and `_high`."""
    drawn, size = resamples(data.trials, draws=draws, rng=np.random.default_rng(seed))

    def both(of: Cube) -> np.ndarray:
        return _with_pooled(of_pairs(of), of.variance)

    found = both(data)
    low, high = interval(np.stack([both(again) for again in _again(data, drawn)]), size)
    named = enumerate(itertools.combinations(data.factors, 2))
    return pd.DataFrame(
        [
            {"label": label, "factor": factor, "other": other, "share": found[p, k], "share_low": low[p, k],
             "share_high": high[p, k]}
            for (p, (factor, other)), (k, label) in itertools.product(named, enumerate((*data.classes, ALL_CLASSES)))
        ]
    )  # fmt: skip


def _again(data: Cube, drawn: Sequence[np.ndarray]) -> Iterator[Cube]:
    """The cube of every draw; one in which a class does not move, as may come of very few rows, is left out."""
    for rows in drawn:
        if np.ptp(np.concatenate([data.a[rows], data.b[rows]]), axis=0).min() > 1e-9:
            yield data.at(rows)


def _all_kinds(data: Cube) -> np.ndarray:
    """(3, D, K + 1): KINDS, with all classes last."""
    main, total = main_and_total(data)
    return np.stack([_with_pooled(kind, data.variance) for kind in (main, total, total - main)])


def _with_pooled(each: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """(..., K) shares of classes -> (..., K + 1), their mean with the variances as weights last."""
    return np.concatenate([each, (each @ variance / variance.sum())[..., None]], axis=-1)
