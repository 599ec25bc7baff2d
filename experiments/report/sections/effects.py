"""The table of effects: range and drop of every sweep, with interval, floor, null and verdict."""

from __future__ import annotations

from experiments.report.section import Section, part
from experiments.report.study import Study, marked


def effects(study: Study) -> list[Section]:
    """One section."""
    html = part(
        "sections/effects.html.j2",
        index=study.index,
        sweeps=[_effects(study, sweep) for sweep in study.sweeps],
        tests=int(study.tables.effects.groupby("model").size().max()),
    )
    return [Section(id="effects", title="Table of effects", html=html, tables={"effects": study.tables.effects})]


def _effects(study: Study, sweep: dict) -> dict:
    """The rows of one sweep's table of effects, activities in order, models within. Of names no two are ends: where the
    curve is highest and lowest stands instead of a drop."""
    rows = [row for activity in study.activities for row in marked(study.of("effects", activity, sweep))]
    look = study.look(sweep["factor"])
    if look.named:
        rows = [row | {"highest": look.text(row["peak"]), "lowest": look.text(row["trough"])} for row in rows]
    drop = f"{look.text(rows[0]['reference'])} to {look.text(rows[0]['contrast'])}"
    return {**sweep, "rows": rows, "drop": drop, "named": look.named}
