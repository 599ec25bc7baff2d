"""The smallest change of a factor that loses the class.

The sweep is the grid. From the reference outward, each way on its own, the first value at which the class is not first
any more is sought; between it and the one before the bracket is halved until it is as narrow as asked for. A curve may
win the class back farther out, and lose it again between two values of the grid: what is found is the first loss that
the grid can see, which is why its step stands beside every result.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments import settings
from experiments.planned import FLIP, PlannedClip, level_text
from experiments.settings import SettingError
from experiments.sweeps import Sweep
from synth import axes
from synth.errors import UnknownName

Ask = Callable[[str, Sequence[PlannedClip]], Sequence[bool]]
KEYS = ["model", "activity", "factor", "sweep", "block"]


@dataclass(frozen=True)
class Flip:
    """tolerance: name of a sweep -> how narrow the bracket is to become, in the factor's unit."""

    tolerance: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Bracket:
    """Where a model loses the class, seen from the reference in one direction (`way`, 1 or -1) by one replicate.

    kept: the last offset from the reference with the class first. lost: the first without it; NaN where it is kept to
    the end. step: between the two values of the grid around the loss, or the grid's last. All in the factor's unit.
    """

    model: str
    clip: PlannedClip
    way: int
    reference: float
    kept: float
    lost: float
    step: float

    @property
    def open(self) -> float:
        """How wide it still is; 0 where nothing was lost."""
        return 0.0 if np.isnan(self.lost) else abs(self.lost - self.kept)


def read_flip(given, sweeps: Sequence[Sweep]) -> Flip:
    """`study.flip` of a config, a table sweep -> tolerance; raises SettingError or UnknownName."""
    known = {sweep.name: sweep for sweep in sweeps}
    for name, tolerance in settings.table("study.flip", given).items():
        if name not in known:
            raise UnknownName("sweep among study.sweeps", str(name), known)
        if not axes.get(known[name].factor).numeric or known[name].factor == "mirror":
            raise SettingError(f"study.flip.{name}: {known[name].factor} has no values between two; leave it out")
        if not settings.are_numbers([tolerance]) or tolerance <= 0:
            raise SettingError(f"study.flip.{name} = {tolerance!r}; expected a width above 0")
    return Flip(dict(given))


def brackets(
    rows: pd.DataFrame, clips: Mapping[tuple[str, str], PlannedClip], references: Mapping[str, float], flip: Flip
) -> list[Bracket]:
    """The first bracket each way of every model, replicate and sweep of `flip`, on the grid of the sweep.

    rows: score rows of the sweeps (repeat 0). clips: (sweep, id) -> PlannedClip. Replicates whose class is not first at
    the reference itself have none.
    """
    own = rows[rows["sweep"].isin(flip.tolerance) & (rows["repeat"] == 0)]
    found = []
    for (model, _, factor, sweep, _), part in own.groupby(KEYS, sort=False):
        offset = _offsets(part["value"].to_numpy(), references[factor], factor)
        holds = dict(zip(offset, part["top1"].astype(bool), strict=True))
        if not holds.get(0.0, False):
            continue
        if -180.0 in holds and axes.get(factor).kind == axes.ANGLE:
            holds[180.0] = holds[-180.0]
        clip = clips[sweep, part["clip_id"].iloc[int(np.argmin(np.abs(offset)))]]
        for way in (-1, 1):
            outward = sorted((o for o in holds if o * way >= 0), key=abs)
            if len(outward) > 1:
                found.append(_first(model, clip, way, references[factor], outward, holds))
    return found


def _offsets(values: np.ndarray, reference: float, factor: str) -> np.ndarray:
    """Signed distance from the reference; on a circle the shorter way round, from -180."""
    offset = (values - reference).round(9)
    return (offset + 180.0) % 360.0 - 180.0 if axes.get(factor).kind == axes.ANGLE else offset


def _first(model: str, clip: PlannedClip, way: int, reference: float, outward: list[float], holds) -> Bracket:
    common = {"model": model, "clip": clip, "way": way, "reference": reference}
    for kept, lost in itertools.pairwise(outward):
        if not holds[lost]:
            return Bracket(**common, kept=kept, lost=lost, step=abs(lost - kept))
    return Bracket(**common, kept=outward[-1], lost=np.nan, step=abs(outward[-1] - outward[-2]))


def halve(found: Iterable[Bracket], flip: Flip, ask: Ask) -> list[Bracket]:
    """Every bracket as narrow as its sweep's tolerance.

    ask: (model, clips) -> whether the class is first, clip by clip; asked once a round for all open brackets.
    """
    found = list(found)
    while True:
        wide = [k for k, one in enumerate(found) if one.open > flip.tolerance[one.clip.sweep] * (1 + 1e-9)]
        if not wide:
            return found
        for model in dict.fromkeys(found[k].model for k in wide):
            own = [k for k in wide if found[k].model == model]
            middles = [(found[k].kept + found[k].lost) / 2 for k in own]
            answers = ask(model, [_clip(found[k], middle) for k, middle in zip(own, middles, strict=True)])
            for k, middle, first in zip(own, middles, answers, strict=True):
                found[k] = dataclasses.replace(found[k], **{"kept" if first else "lost": middle})


def _clip(bracket: Bracket, offset: float) -> PlannedClip:
    clip, level = bracket.clip, bracket.reference + offset
    spec = axes.set_value(clip.spec, clip.factor, level)
    return dataclasses.replace(clip, spec=spec, value=level, level=level_text(level), design=FLIP, id="")


def flips(found: Sequence[Bracket]) -> pd.DataFrame:
    """One row per model, replicate, sweep and direction: KEYS, way, kept, lost (offsets from the reference), step, and
    the cluster columns motion and appearance."""
    return pd.DataFrame(
        [
            {
                **{key: getattr(one if key == "model" else one.clip, key) for key in KEYS},
                "motion": one.clip.cluster,
                "appearance": one.clip.spec.appearance.name,
                "way": one.way,
                "kept": one.kept,
                "lost": one.lost,
                "step": one.step,
            }
            for one in found
        ],
        columns=[*KEYS, "motion", "appearance", "way", "kept", "lost", "step"],
    )
