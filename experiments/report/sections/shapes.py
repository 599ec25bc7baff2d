"""The shapes of the curves in numbers, a table per sweep; and in words, for whoever shows a curve."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from experiments.report.look import FactorLook
from experiments.report.section import Section, part
from experiments.report.study import Study, marked
from experiments.report.words import points

ALPHA = 0.05
# A coefficient a of a cosine makes its two ends differ by 2 a: what the difference is called.
CALLED = {
    "front_back": ("the front", "the back"),
    "left_right": ("the left", "the right"),
    "ends_flanks": ("front and back", "the flanks"),
}

MOST_PLACES = 6  # of peaks, that are told one by one


def shapes(study: Study) -> list[Section]:
    """One section."""
    tables = {"shapes": study.tables.shapes}
    if not study.tables.symmetry.empty:
        tables["symmetry"] = study.tables.symmetry
    sweeps = [_sweep(study, sweep) for sweep in study.sweeps]
    html = part("sections/shapes.html.j2", index=study.index, sweeps=sweeps, called=CALLED)
    return [Section(id="shapes", title="Shapes", html=html, tables=tables)]


def _sweep(study: Study, sweep: Mapping) -> dict:
    look = study.look(sweep["factor"])
    rows = [row for activity in study.activities for row in marked(study.of("shapes", activity, sweep))]
    twins = {}
    if not study.tables.symmetry.empty:
        own = study.tables.symmetry[study.tables.symmetry["sweep"] == sweep["sweep"]]
        twins = {(row["activity"], row["model"]): row for row in own.to_dict("records")}
    for row in rows:
        row["where"] = peaks_text(row, look)
        row["kept"] = kept_text(row, look)
        row["twin"] = twins.get((row["activity"], row["model"]))
    return {**sweep, "rows": rows, "round": np.isfinite(rows[0]["front_back"]), "twins": bool(twins)}


def shape_words(row: Mapping, look: FactorLook, *, moves: bool) -> str:
    """What of a curve's shape is more than noise, as one sentence without its full stop; may be empty. moves: whether
    the curve moves beyond the floor and chance at all; one that does not has no shape worth a word."""
    kept = kept_text(row, look)
    said = [*(_moves(row, look) if moves else ()), *([kept] if kept else ())]
    return "; ".join(said)[:1].upper() + "; ".join(said)[1:]


def _moves(row: Mapping, look: FactorLook) -> list[str]:
    said = []
    for name, (high, low) in CALLED.items():
        if np.isfinite(row[name]) and row[f"{name}_low"] * row[f"{name}_high"] > 0:
            over, under = (high, low) if row[name] > 0 else (low, high)
            said.append(f"{over} above {under} by {points(2 * abs(row[name]))}")
    if np.isfinite(row["trend_p_holm"]) and row["trend_p_holm"] < ALPHA:
        way = "falls" if row["trend"] < 0 else "rises"
        said.append(f"{way} with {look.title.lower()} (rank correlation {row['trend']:.2f}".replace("-", "−") + ")")
    if row["peaks"] > 0:
        said.append(peaks_text(row, look))
    return said


def peaks_text(row: Mapping, look: FactorLook) -> str:
    """'one peak, at 0°', 'peaks at 0° and 180°', '20 peaks, from 6° to 357°', or nothing."""
    if not row["peaks"] > 0:
        return ""
    places = [look.text(float(value)) for value in row["peaks_at"].split(", ")]
    if len(places) > MOST_PLACES:
        return f"{len(places)} peaks, from {places[0]} to {places[-1]}"
    return f"one peak, at {places[0]}" if len(places) == 1 else f"peaks at {', '.join(places[:-1])} and {places[-1]}"


def kept_text(row: Mapping, look: FactorLook) -> str:
    """Between which values the class stays first."""
    if look.named:
        return ""
    if row["keeps_share"] == 1.0:
        return "first in half of the replicates or more everywhere"
    if np.isnan(row["keeps_from"]):
        return "not first at the reference"
    return (
        f"first in half of the replicates or more from {look.text(row['keeps_from'])} to {look.text(row['keeps_to'])}"
    )
