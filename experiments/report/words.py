"""Numbers to sentences: what a study found, computed from its tables and nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from markupsafe import Markup

from experiments.analysis import ALL
from experiments.analysis.bootstrap import FEW_CLUSTERS
from experiments.analysis.effects import DEPENDS, FLOOR, UNCLEAR
from experiments.report.look import FactorLook
from synth import axes

LARGE = 0.30
UNITS = r"(?<=\d) (?=(?:%|°|×|points?\b|(?:m|s|K|px)\b(?!/)))|(?<=±) (?=\d)|(?<=\bfloor) (?=\d)"
LETTER = r"(?<=\bp) (?==|&lt;|\d)|(?<=\bp =) (?=\d)|(?<=\bp &lt;) (?=\d)|(?<=<i>p</i>) (?=&lt;|\d)"
TORN = re.compile(f"{UNITS}|{LETTER}")  # where no line may end
MARKS = {DEPENDS: "●", UNCLEAR: "◐", FLOOR: "○"}


def points(value: float, *, signed: bool = False) -> str:
    """A score or a share as whole points of a hundred, with a true minus sign; an en dash for NaN."""
    if np.isnan(value):
        return "–"
    number = round(100 * value)
    sign = "−" if number < 0 else "+" if signed and number > 0 else ""
    return f"{sign}{abs(number)}"


def tied(text: Markup) -> Markup:
    """A part of a page with every number kept on one line with its unit or its letter: 97 %, 52 points,
    3.5 m, ± 10°, p = 0.012."""
    return Markup(TORN.sub("\u00a0", text))


def plural(value: float) -> str:
    """'1 point', '7 points'."""
    return f"{points(value)} point{'' if points(value) == '1' else 's'}"


def span(low: float, high: float) -> str:
    """An interval of points: '41 to 60', 'all alike' where it has no width, or 'no interval'."""
    if low == high:
        return "all alike"
    return "no interval" if np.isnan(low) else f"{points(low)} to {points(high)}"


def p_text(p: float) -> str:
    """A p-value as it is printed: three decimals, or '< 0.001'."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def p_equals(p: float) -> str:
    """A p-value after the letter: '= 0.012', or '< 0.001'."""
    text = p_text(p)
    return text if text.startswith("<") else f"= {text}"


def finding(row: dict, look: FactorLook) -> str:
    """What one model does in one sweep of one activity, as the end of a sentence that begins with its name."""
    start, end = look.text(row["reference"]), look.text(row["contrast"])
    floor = "" if np.isnan(row["floor"]) else f"; floor {points(row['floor'])}"
    if row["verdict"] == FLOOR:
        why = "does not move beyond the floor" if row["range"] <= row["floor"] else "does not move beyond chance"
        return f"{why}: its curve spans {plural(row['range'])}{floor}"
    tail = f"its curve spans {points(row['range'])} ({span(row['range_low'], row['range_high'])}){floor}"
    if look.named:  # of names, no two are ends: the places where it is highest and lowest say more than a drop
        tail = f"scores {points(row['range'])} points ({span(row['range_low'], row['range_high'])}) more at "
        tail += f"{look.text(row['peak'])} than at {look.text(row['trough'])}{floor}"
    if row["verdict"] == UNCLEAR:
        tail += "; the interval reaches the floor"
    if look.named:
        return tail
    if round(100 * row["drop"]) == 0:
        return f"is the same at {start} and {end}, but {tail}"
    size = plural(abs(row["drop"]))
    if row["drop"] > 0:
        return f"loses {size} ({span(row['drop_low'], row['drop_high'])}) from {start} to {end}; {tail}"
    return f"gains {size} ({span(-row['drop_high'], -row['drop_low'])}) from {start} to {end}; {tail}"


def headline(effects: pd.DataFrame, curves: pd.DataFrame, model: str, look: FactorLook) -> str:
    """One model over all activities in one sweep, as the end of a sentence: in how many it depends on the factor, in
    how many it loses LARGE or more from the reference to the contrast, and what that does to its accuracy.

    effects, curves: the rows of the sweep; of `curves` the pooled ones are read.
    """
    own = effects[effects["model"] == model]
    n = len(own)
    start, end = float(own["reference"].iloc[0]), float(own["contrast"].iloc[0])
    depends, large = int((own["verdict"] == DEPENDS).sum()), int((own["drop"] >= LARGE).sum())
    whole = curves[(curves["model"] == model) & (curves["activity"] == ALL)]
    if look.named:
        best, worst = (whole.loc[whole["accuracy"].agg(which)] for which in ("idxmax", "idxmin"))
        return (
            f"depends on the {look.title.lower()} in {depends} of {n} activities. Its top-1 accuracy over all of them "
            f"is {points(best['accuracy'])} % at best ({look.text(best['value'])}) and {points(worst['accuracy'])} % "
            f"at worst ({look.text(worst['value'])})."
        )
    before, after = (whole.loc[np.isclose(whole["value"], v), "accuracy"].iloc[0] for v in (start, end))
    return (
        f"depends on {look.title.lower()} in {depends} of {n} activities and loses {points(LARGE)} points or more "
        f"from {look.text(start)} to {look.text(end)} in {large} of {n}. Its top-1 accuracy over all of them is "
        f"{points(before)} % at {look.text(start)} and {points(after)} % at {look.text(end)}."
    )


def limits(effects: pd.DataFrame) -> list[str]:
    """What the intervals do not cover, as sentences."""
    motions, people = int(effects["motions"].min()), int(effects["appearances"].min())
    out = []
    if min(motions, people) < FEW_CLUSTERS:
        out.append(
            f"With {_count(motions, 'motion')} and {_count(people, 'appearance')} per activity, fewer than "
            f"{FEW_CLUSTERS} of one kind, an interval is a rough guide; every replicate's own curve is therefore drawn "
            "thin behind the mean."
        )
    for number, kind in ((motions, "motion"), (people, "appearance")):
        if number == 1:
            out.append(f"There is a single {kind}: the intervals say nothing about other {kind}s.")
    out.append(
        "The intervals speak of motions and people like those shown. They do not cover other places, other light, "
        "other activities, or the step from these pictures to real recordings."
    )
    out.append(
        "Where all replicates agree, as with an accuracy of 100 %, a bootstrap interval has no width; that is no "
        "proof that the next motion would agree as well."
    )
    return out


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def joined(names: Sequence[str]) -> str:
    """'a, b and c'."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else list(names))


def is_manner(factor: str) -> bool:
    """Whether a factor is how the motion is done, which is no nuisance as a camera is."""
    return axes.get(factor).path.startswith("manner.")
