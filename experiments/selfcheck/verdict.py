"""Did the instrument find what was planted? The criteria, cell by cell.

*First*: at the highest dose the planted factor has the largest total share of all nuisances, `ratio` times that of the
next. *Grows*: the interval of its share at the highest dose lies above the clean model's, the one at 0, and from dose
to dose it never falls by more than the intervals explain. *Clean*: of the clean model every nuisance's share is
equivalent to none within the margin: the upper end of its 95 % interval is under it, which is a two one-sided test
(Schuirmann 1987) of a share that has no lower side, at 2.5 %. *Learnt*: the motion is what the clean model depends on
most; a model that has learnt nothing would pass for clean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from experiments.analysis.variance import ALL_CLASSES
from experiments.designs.effects import MOTION
from experiments.selfcheck.design import CLEAN, SelfCheck
from synth.errors import CeterisError

NOTHING = "nothing"


class SelfCheckFailed(CeterisError):
    """The instrument did not find what was planted, or found what was not: says which cells."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """criteria: a row per criterion: planted, criterion, wanted, got, passed. confusion: a row per plant at the highest
    dose and the clean model: planted, the total share of every nuisance, found. doses: a row per plant and dose, 0
    included: planted, dose, total with low and high, next (the largest share of another nuisance), next_factor."""

    criteria: pd.DataFrame
    confusion: pd.DataFrame
    doses: pd.DataFrame

    @property
    def passed(self) -> bool:
        """Whether all criteria are met."""
        return bool(self.criteria["passed"].all())

    def require(self) -> None:
        """Raises SelfCheckFailed for criteria that are not met."""
        failed = self.criteria[~self.criteria["passed"]]
        if len(failed):
            cells = "; ".join(
                f"{r.planted}, {r.criterion}: wanted {r.wanted}, got {r.got}" for r in failed.itertuples()
            )
            raise SelfCheckFailed(f"{len(failed)} of {len(self.criteria)} criteria are not met. {cells}")


def name_of(plant: str, dose: float) -> str:
    """What a planted model is called."""
    return plant if plant == CLEAN else f"{plant}-{100 * dose:g}"


def judge(check: SelfCheck, shares: pd.DataFrame) -> Verdict:
    """The verdict from the shares of all models (see `analysis.variance.shares`; column model as by `name_of`)."""
    pooled = shares[shares["label"] == ALL_CLASSES]
    of = {model: part.set_index("factor") for model, part in pooled.groupby("model", sort=False)}
    nuisances = [factor.name for factor in check.effects.factors]
    doses = pd.DataFrame(
        [
            _dose(of[name_of(plant if dose else CLEAN, dose)], plant, dose, nuisances)
            for plant in check.plants
            for dose in (0.0, *check.doses)
        ]
    )
    confusion = [_found(check, of[name_of(plant, check.doses[-1])], plant, nuisances) for plant in check.plants]
    confusion.insert(0, _found(check, of[CLEAN], CLEAN, nuisances))
    criteria = [*_clean(check, of[CLEAN], nuisances)]
    for plant in check.plants:
        criteria += _planted(check, doses[doses["planted"] == plant], plant)
    return Verdict(criteria=pd.DataFrame(criteria), confusion=pd.DataFrame(confusion), doses=doses)


def _dose(table: pd.DataFrame, plant: str, dose: float, nuisances: Sequence[str]) -> dict:
    others = table.loc[[name for name in nuisances if name != plant], "total"]
    own = table.loc[plant]
    return {
        "planted": plant,
        "dose": dose,
        "total": own["total"],
        "low": own["total_low"],
        "high": own["total_high"],
        "next": others.max(),
        "next_factor": others.idxmax(),
    }


def _found(check: SelfCheck, table: pd.DataFrame, plant: str, nuisances: Sequence[str]) -> dict:
    """A nuisance is found where its whole interval is over the margin and no other's share is larger."""
    totals = table.loc[list(nuisances), "total"]
    first = totals.idxmax()
    found = first if table.loc[first, "total_low"] > check.margin else NOTHING
    return {"planted": plant, **totals.to_dict(), "found": found}


def _clean(check: SelfCheck, table: pd.DataFrame, nuisances: Sequence[str]) -> list[dict]:
    rows = [_criterion(CLEAN, "motion is first", MOTION, table["total"].idxmax(), table["total"].idxmax() == MOTION)]
    for name in nuisances:
        high = table.loc[name, "total_high"]
        rows.append(_criterion(CLEAN, f"no {name}", f"< {check.margin:.3g}", f"up to {high:.3f}", high < check.margin))
    return rows


def _planted(check: SelfCheck, doses: pd.DataFrame, plant: str) -> list[dict]:
    last, totals = doses.iloc[-1], doses["total"]
    ratio = last["total"] / max(last["next"], 1e-9)
    got = f"{ratio:.1f} times {last['next_factor']}"
    steps = ", ".join(f"{total:.3f}" for total in totals)
    falls = doses["high"].to_numpy()[1:] < doses["low"].to_numpy()[:-1]
    grows = bool(last["low"] > doses["high"].iloc[0] and not falls.any())
    return [
        _criterion(plant, "first by far", f">= {check.ratio:g} times any other", got, ratio >= check.ratio),
        _criterion(plant, "grows with the dose", "a rise, and no fall", steps, grows),
    ]


def _criterion(planted: str, criterion: str, wanted: str, got: str, passed: bool) -> Mapping:
    return {"planted": planted, "criterion": criterion, "wanted": wanted, "got": got, "passed": bool(passed)}
