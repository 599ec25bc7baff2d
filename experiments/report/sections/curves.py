"""Score curves: a section per sweep, with a plate per activity: its chart, what the models saw, and what was found.

The score curve is that of *Identity Preserve Transform*, §3.4 and Fig. 5.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from markupsafe import Markup

from experiments.report import words
from experiments.report.figures import small_multiples
from experiments.report.look import FactorLook, factor_look
from experiments.report.panel import Panel
from experiments.report.section import Section, render
from experiments.report.sections.shapes import shape_words
from experiments.report.study import Study, file_name

TWO_COLUMNS_UNDER = 9


def curves(study: Study) -> list[Section]:
    """A section per sweep."""
    return [_section(study, sweep) for sweep in study.sweeps]


def _section(study: Study, sweep: dict) -> Section:
    def html() -> Markup:
        return render("sections/curves.html.j2", index=study.index, section=_sweep(study, sweep))

    figures = {file_name(sweep): lambda: small_multiples(study, sweep)}
    return Section(id=f"sweep-{sweep['sweep']}", title=sweep["title"], html=html, figures=figures)


def _sweep(study: Study, sweep: dict) -> dict:
    """One sweep: a plate per activity with its chart, the strip under it and what was found."""
    plates = [_plate(study, activity, sweep) for activity in study.activities]
    return {
        "title": sweep["title"],
        "factor": factor_look(sweep["factor"]).title,
        "reference": sweep["reference"],
        "text": _about(sweep, study.look(sweep["factor"])),
        "plates": plates,
        "two": len(plates[0]["panel"].axis.stops) < TWO_COLUMNS_UNDER,
    }


def _about(sweep: dict, look: FactorLook) -> str:
    meaning = f"{look.title} is {look.meaning}." if look.meaning else ""
    return meaning if look.meaning.startswith(sweep["note"]) else f"{meaning} {sweep['note']}".strip()


def _plate(study: Study, activity: str, sweep: dict) -> dict:
    shown = study.panel(activity, sweep)
    raw = study.of("raw", activity, sweep)
    one = raw[(raw["model"] == raw["model"].iloc[0]) & (raw["block"] == 0)].sort_values("value")
    effects = study.of("effects", activity, sweep).to_dict("records")
    look = study.look(sweep["factor"])
    found = [(row, f"{words.finding(row, look)}; p {words.p_equals(row['p_holm'])}") for row in effects]
    moving = {row["model"] for row in effects if row["verdict"] != words.FLOOR}
    shapes = [
        (row["model"], shape_words(row, look, moves=row["model"] in moving))
        for row in study.of("shapes", activity, sweep).to_dict("records")
    ]
    text = "; ".join(f"{row['model']} {sentence}" for row, sentence in found)
    return {
        "panel": shown,
        "strip": [study.sprite(clip_id) for clip_id in one["clip_id"].to_numpy()[shown.axis.column[shown.axis.stops]]],
        "sizes": _sizes(study.rows, raw, shown),
        "findings": found,
        "shapes": {model: text for model, text in shapes if text},
        "source": study.rows.loc[study.rows["activity"] == activity, "source"].iloc[0],
        "label": f"Score curves of {activity} against {sweep['title'].lower()}: {text}",
    }


def _sizes(rows: pd.DataFrame, raw: pd.DataFrame, shown: Panel) -> list[tuple[int | None, list[float]]]:
    """How much of what a model is shown is the person, mean over replicates, at the stops of the axis: (number of the
    model, shares), with None for all models where they are shown alike; empty where it was not measured."""
    if "person_in_view" not in rows or rows["person_in_view"].isna().all():
        return []
    measured = rows.drop_duplicates(["model", "clip_id"]).set_index(["model", "clip_id"])["person_in_view"]
    share = measured.reindex(pd.MultiIndex.from_frame(raw[["model", "clip_id"]])).to_numpy()
    mean = raw.assign(share=share).groupby(["model", "value"])["share"].mean()
    stops = shown.axis.column[shown.axis.stops]
    found = [(line.index, mean[line.model].to_numpy()[stops].tolist()) for line in shown.lines]
    alike = all(np.allclose(row, found[0][1], atol=5e-4) for _, row in found)
    return [(None, found[0][1])] if alike else found
