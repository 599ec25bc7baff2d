"""The shape of a score curve in numbers: harmonics, peaks, trend, where the class is kept, and left-right symmetry.

*Identity Preserve Transform* (Lyu et al. 2019, §4.2, Fig. 5) describes its curves in words ("two peaks", "drops with
height"). Here each of these words has a number with an interval or a p-value, so that it can be wrong.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import signal, stats

from experiments.analysis.blocks import Sweep, lookup
from experiments.analysis.bootstrap import clusters, interval
from experiments.analysis.permutation import holm, sign_flip_p
from synth import axes

PERIODS = {"azimuth": 360.0, "sun_azimuth": 360.0}
# The part of a curve that a harmonic is, as coefficients of cos and sin; what a positive one means, for azimuth.
PARTS = {
    "front_back": (1, np.cos),  # higher from the front than from behind
    "left_right": (1, np.sin),  # higher from the person's left than from the right
    "ends_flanks": (2, np.cos),  # higher from front and back than from the flanks
    "diagonal": (2, np.sin),
}


def shape(sweep: Sweep, drawn: np.ndarray, *, floor: float) -> dict[str, float | int | str]:
    """All descriptors of one sweep, in score unless said otherwise; NaN where one does not apply.

    drawn: (draws, B) bootstrap weights of the blocks. floor: a peak must rise by more (NaN: by more than nothing).
    mean with interval; peaks: how many significant ones, at which values (text), see `peaks`; trend, trend_p: see
    `trend`; keeps_from, keeps_to: see `kept`; of a whole circle at even steps also `harmonics`.
    """
    size = clusters(sweep.motions, sweep.appearances).size
    low, high = interval(drawn @ sweep.score.mean(axis=1), size)
    out = {**sweep.keys, "mean": float(sweep.score.mean()), "mean_low": float(low), "mean_high": float(high)}
    out["range"] = float(np.ptp(sweep.score.mean(axis=0)))
    out |= {"peaks": np.nan, "peaks_at": "", "trend": np.nan, "trend_p": np.nan}
    out |= dict(zip(("keeps_from", "keeps_to", "keeps_share"), kept(sweep), strict=True))
    if not axes.get(sweep.factor).numeric:  # names and flags have no order that a curve could follow
        return out | {"keeps_from": np.nan, "keeps_to": np.nan} | harmonics(sweep, drawn)
    found = peaks(sweep, drawn, floor=floor)
    out |= {"peaks": len(found), "peaks_at": ", ".join(f"{value:g}" for value in found)}
    out |= dict(zip(("trend", "trend_p"), trend(sweep), strict=True))
    return out | harmonics(sweep, drawn)


def closed(sweep: Sweep) -> bool:
    """Whether the values go once round a circle in even steps."""
    period, steps = PERIODS.get(sweep.factor), np.diff(sweep.values)
    return period is not None and len(steps) > 2 and np.allclose(steps, period / len(sweep.values))


def harmonics(sweep: Sweep, drawn: np.ndarray) -> dict[str, float]:
    """The first two circular harmonics of the mean curve: the coefficients of PARTS with intervals, and for each
    harmonic its share of the curve's variance. NaN for a curve that is not `closed`, or has fewer than five values.

    A coefficient a of the curve a cos(x): front minus back is 2 a.
    """
    names = [f"{part}{end}" for part in PARTS for end in ("", "_low", "_high")] + ["first_share", "second_share"]
    if not closed(sweep) or len(sweep.values) < 5:
        return dict.fromkeys(names, np.nan)
    angle, size = np.deg2rad(sweep.values), clusters(sweep.motions, sweep.appearances).size
    mean, out = sweep.score.mean(axis=0), {}
    for part, (order, wave) in PARTS.items():
        each = sweep.score @ wave(order * angle) * 2 / len(angle)
        low, high = interval(drawn @ each, size)
        out |= {part: float(each.mean()), f"{part}_low": float(low), f"{part}_high": float(high)}
    variance = mean.var()
    for name, (cosine, sine) in {"first": ("front_back", "left_right"), "second": ("ends_flanks", "diagonal")}.items():
        power = (out[cosine] ** 2 + out[sine] ** 2) / 2
        out[f"{name}_share"] = float(power / variance) if variance > 1e-12 else np.nan
    return out


def peaks(sweep: Sweep, drawn: np.ndarray, *, floor: float) -> list[float]:
    """The values of the significant peaks of the mean curve: local maxima whose prominence (the fall to the higher of
    the two valleys beside it) has an interval above the floor. The ends of an open curve count as maxima too."""
    mean, size = sweep.score.mean(axis=0), clusters(sweep.motions, sweep.appearances).size
    bar, count = (0.0 if np.isnan(floor) else floor), len(sweep.values)
    # What lies beside the curve: itself again on a circle, its mirror image on a line, so that an end can be a peak.
    index = np.pad(np.arange(count), count - 1, mode="wrap" if closed(sweep) else "reflect")
    tops, facts = signal.find_peaks(mean[index], prominence=max(bar, 1e-9))
    found: list[float] = []
    for top, left, right in zip(tops, facts["left_bases"], facts["right_bases"], strict=True):
        at, valley = index[top], max(index[left], index[right], key=lambda side: mean[side])
        low, _ = interval(drawn @ (sweep.score[:, at] - sweep.score[:, valley]), size)
        if low > bar and count - 1 <= top < 2 * count - 1:
            found.append(float(sweep.values[at]))
    return sorted(found)


def trend(sweep: Sweep) -> tuple[float, float]:
    """Spearman's rank correlation of score and value, mean over replicates, and the two-sided p of Page's test for
    ordered alternatives (Page 1963), which ranks within replicates. NaN on a circle and where every curve is flat."""
    if sweep.factor in PERIODS or len(sweep.values) < 3 or len(sweep.score) < 2:
        return np.nan, np.nan
    moved = sweep.score[np.ptp(sweep.score, axis=1) > 0]
    if not len(moved):
        return np.nan, np.nan
    rho = float(np.mean([stats.spearmanr(sweep.values, row).statistic for row in moved]))
    ranks = np.arange(1, len(sweep.values) + 1)
    tests = [stats.page_trend_test(sweep.score, predicted_ranks=order) for order in (ranks, ranks[::-1])]
    return rho, float(min(1.0, 2 * min(test.pvalue for test in tests)))


def kept(sweep: Sweep) -> tuple[float, float, float]:
    """From where to where around the reference the class stays first (top-1) in at least half of the replicates at
    every value, and at what share of all values it is; NaN ends where it is not first at the reference itself. On a
    circle the ends are degrees before and after the reference, at most 180 each way."""
    holds = sweep.top1.mean(axis=0) >= 0.5
    share, start = float(holds.mean()), sweep.at(sweep.reference)
    if not holds[start]:
        return np.nan, np.nan, share
    circular, count = closed(sweep), len(holds)
    ends = []
    for way in (-1, 1):
        reach = 0
        while reach < (count // 2 if circular else count):
            at = start + way * (reach + 1)
            if (not circular and not 0 <= at < count) or not holds[at % count]:
                break
            reach += 1
        step = way * reach
        ends.append(sweep.values[start] + step * 360.0 / count if circular else sweep.values[start + step])
    return float(ends[0]), float(ends[1]), share


def symmetry(sweep: Sweep, mirrored: np.ndarray, drawn: np.ndarray, *, permutations: int, seed: int) -> dict:
    """Left-right symmetry on mirrored pairs (design §4): score minus that of the same clip with its pictures flipped,
    which is the mirrored motion from the mirrored azimuth in a mirrored world.

    mirrored: (B, K) scores of the flipped clips. asymmetry: mean absolute difference of the replicates' mean pairs over
    the values; bias: mean difference with interval; p: of no bias, signs of whole replicates flipped; worst, worst_at.
    """
    difference = sweep.score - mirrored
    size, mean = clusters(sweep.motions, sweep.appearances).size, difference.mean(axis=0)
    low, high = interval(drawn @ difference.mean(axis=1), size)
    worst = int(np.abs(mean).argmax())
    return {
        **sweep.keys,
        "asymmetry": float(np.abs(mean).mean()),
        "bias": float(difference.mean()),
        "bias_low": float(low),
        "bias_high": float(high),
        "p": sign_flip_p(difference, permutations=permutations, rng=np.random.default_rng(seed)),
        "worst": float(mean[worst]),
        "worst_at": float(sweep.values[worst]),
    }


def symmetries(
    rows: pd.DataFrame, parts: list[Sweep], drawn: list[np.ndarray], *, permutations: int, seed: int
) -> pd.DataFrame:
    """`symmetry` of every sweep whose clips were scored flipped as well (column mirrored_score); empty without any."""
    if "mirrored_score" not in rows:
        return pd.DataFrame()
    out = []
    for part, own in zip(parts, drawn, strict=True):
        twin = lookup(rows, part, "mirrored_score")
        if np.isfinite(twin).all():
            out.append(symmetry(part, twin, own, permutations=permutations, seed=seed))
    return with_holm(pd.DataFrame(out), "p") if out else pd.DataFrame()


def with_holm(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """The table with Holm's adjusted p beside `column`, over what a model has of them; NaN stays NaN."""

    def adjusted(p: pd.Series) -> pd.Series:
        known = p.notna()
        return p.where(~known, pd.Series(holm(p[known].to_numpy()), index=p.index[known]))

    return table.assign(**{f"{column}_holm": table.groupby("model")[column].transform(adjusted)})
