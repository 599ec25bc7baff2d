"""Everything that the template shows, as plain data: panels, strips, tables and sentences of one study."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from experiments.analysis import ALL, Tables
from experiments.analysis.floor import floor_of
from experiments.report import cards, facts, words
from experiments.report.glossary import GLOSSARY
from experiments.report.look import FactorLook, both_angles, factor_look
from experiments.report.panel import Panel, make_panel
from experiments.report.thumbnails import Sprite

TWO_COLUMNS_UNDER = 9


@dataclass(frozen=True, kw_only=True)
class Study:
    """What a page is made of. tables: of the analysis. info: the study as `build` got it. models: names in order.
    sprite: clip id -> picture strip. draws, permutations: of the analysis."""

    rows: pd.DataFrame
    tables: Tables
    info: Mapping
    models: list[str]
    sprite: Callable[[str], Sprite]
    draws: int
    permutations: int

    @functools.cached_property
    def _groups(self) -> dict[tuple[str, ...], pd.DataFrame]:
        """(table, activity, factor, sweep) -> its rows."""
        tables = {name: table for name, table in self.tables.items() if name != "floors"}
        return {
            (name, *keys): part
            for name, table in tables.items()
            for keys, part in table.groupby(["activity", "factor", "sweep"], sort=False)
        }

    def of(self, table: str, activity: str, sweep: Mapping) -> pd.DataFrame:
        """The rows of one table for one activity and sweep, models in their order; empty where there are none."""
        found = self._groups.get((table, activity, sweep["factor"], sweep["sweep"]))
        if found is None:
            return getattr(self.tables, table).iloc[:0]
        return found.sort_values("model", key=lambda name: name.map(self.models.index), kind="stable")

    def floor(self, activity: str, model: str) -> float:
        """The floor in score, NaN where there is none."""
        return floor_of(self.tables.floors, model, activity)

    def look(self, factor: str) -> FactorLook:
        """How a factor is named; a study in the paper's angles shows both, and a sweep of names shows the names."""
        if names := self.info.get("levels", {}).get(factor):
            return replace(factor_look(factor), names=dict(names))
        sign = self.info.get("paper_sign", 0)
        return both_angles(sign) if sign and factor == "azimuth" else factor_look(factor)

    @property
    def activities(self) -> list[str]:
        """In the order of the rows."""
        return list(dict.fromkeys(self.tables.effects["activity"]))


def context(study: Study, models: Sequence[Mapping]) -> dict:
    """The template's variables."""
    sweeps = facts.sweep_facts(study.rows, study.info)
    sections = [_section(study, sweep, sweeps[:k]) for k, sweep in enumerate(sweeps)]
    text, citation = facts.motions(study.rows)
    return {
        "study": study.info,
        "index": {name: k for k, name in enumerate(study.models)},
        "marks": words.MARKS,
        "intro": _intro(study),
        "counts": facts.counts(study.rows),
        "contents": _contents(sections),
        **_answer(study, sweeps),
        "sweeps": [_effects(study, sweep) for sweep in sweeps],
        "held": facts.held(study.info),
        "proof": facts.proof(study.info, study.rows),
        "motions_text": text,
        "citation": citation,
        "cards": cards.cards(models, study.models),
        "sections": sections,
        "tests": int(study.tables.effects.groupby("model").size().max()),
        "accuracy": _accuracy(study, sweeps),
        "limits": words.limits(study.tables.effects),
        "again": facts.again(study.info),
        "tables": ["rows", *(name for name, _ in study.tables.items())],
        "glossary": GLOSSARY,
        "draws": f"{study.draws:,}",
        "permutations": f"{study.permutations:,}",
        "span": words.span,
    }


def panel(study: Study, activity: str, sweep: Mapping) -> Panel:
    """The chart of one activity and sweep, all models."""
    few = study.tables.effects[["motions", "appearances"]].min().min() < words.FEW_CLUSTERS
    raw = study.of("raw", activity, sweep)
    return make_panel(
        study.of("curves", activity, sweep),
        raw=raw if few else raw.iloc[:0],
        floors={model: study.floor(activity, model) for model in study.models},
        models=study.models,
        reference=study.info["reference"][sweep["factor"]],
        look=study.look(sweep["factor"]),
    )


def _intro(study: Study) -> str:
    factors = [factor_look(f).title.lower() for f in dict.fromkeys(study.tables.effects["factor"])]
    return (
        f"The same motions were rendered again and again with only {words.joined(factors).replace(' and ', ' or ')} "
        f"moved, and shown to {len(study.models)} model{'s' if len(study.models) > 1 else ''}. "
        f"Where the score moves, the model has learnt something other than the motion."
    )


def _contents(sections: list[dict]) -> list[tuple[str, str]]:
    fixed = [("answer", "Answer"), ("design", "Held and swept"), ("models", "Models")]
    last = [("effects", "Effects"), ("accuracy", "Accuracy"), ("error", "How sure?"), ("again", "Make it again")]
    return [*fixed, *((s["id"], s["title"]) for s in sections), *last, ("glossary", "Glossary")]


def _answer(study: Study, sweeps: list[dict]) -> dict:
    """The first sweep's headline, sentence by sentence, and the matrix of all of them."""
    factor, sweep = sweeps[0]["factor"], sweeps[0]["sweep"]
    effects = study.tables.effects
    own = [table[(table["factor"] == factor) & (table["sweep"] == sweep)] for table in (effects, study.tables.curves)]
    rows = {(r["activity"], r["model"], r["factor"], r["sweep"]): r for r in effects.to_dict("records")}
    found = [(m, rows.get((a, m, factor, sweep))) for a in study.activities for m in study.models]
    cells = {
        activity: [
            _cell(rows.get((activity, model, s["factor"], s["sweep"])), index, first=k == 0)
            for index, model in enumerate(study.models)
            for k, s in enumerate(sweeps)
        ]
        for activity in study.activities
    }
    return {
        "headline_title": sweeps[0]["title"],
        "headlines": [(m, words.headline(*own, m)) for m in study.models],
        "headline_panels": [panel(study, a, sweeps[0]) for a in study.activities],
        "answers": [
            (a, [(m, words.finding(row)) for m, row in found if row is not None and row["activity"] == a])
            for a in study.activities
        ],
        "matrix": list(cells.items()),
    }


def _cell(row: dict | None, index: int, *, first: bool) -> dict:
    shade = 0.0 if row is None or row["verdict"] == words.FLOOR else 0.08 + 0.42 * min(row["range"], 1.0)
    return {"effect": row, "index": index, "first": first, "weight": shade}


def _section(study: Study, sweep: dict, earlier: list[dict]) -> dict:
    """One sweep: a plate per activity with its chart, the strip under it and what was found; and how it compares with
    an earlier way of sweeping the same factor."""
    other = [s["sweep"] for s in earlier if s["factor"] == sweep["factor"]]
    plates = [_plate(study, activity, sweep) for activity in study.activities]
    return {
        "id": f"sweep-{sweep['sweep']}",
        "file": file_name(sweep),
        "title": sweep["title"],
        "factor": factor_look(sweep["factor"]).title,
        "reference": sweep["reference"],
        "text": _about(sweep, study.look(sweep["factor"])),
        "compared": words.difference(study.tables.curves, study.models, sweep["factor"], (other[0], sweep["sweep"]))
        if other
        else "",
        "plates": plates,
        "two": len(plates[0]["panel"].axis.stops) < TWO_COLUMNS_UNDER,
    }


def file_name(sweep: Mapping) -> str:
    """The stem of a sweep's figure: azimuth_orbit, elevation."""
    return sweep["factor"] if sweep["factor"] == sweep["sweep"] else f"{sweep['factor']}_{sweep['sweep']}"


def _about(sweep: dict, look: FactorLook) -> str:
    meaning = f"{look.title} is {look.meaning}." if look.meaning else ""
    return meaning if look.meaning.startswith(sweep["note"]) else f"{meaning} {sweep['note']}".strip()


def _plate(study: Study, activity: str, sweep: dict) -> dict:
    shown = panel(study, activity, sweep)
    raw = study.of("raw", activity, sweep)
    one = raw[(raw["model"] == raw["model"].iloc[0]) & (raw["block"] == 0)].sort_values("value")
    effects = study.of("effects", activity, sweep).to_dict("records")
    found = [(row, f"{words.finding(row)}; p {_equals(row['p_holm'])}") for row in effects]
    text = "; ".join(f"{row['model']} {sentence}" for row, sentence in found)
    return {
        "panel": shown,
        "strip": [study.sprite(clip_id) for clip_id in one["clip_id"].to_numpy()[shown.axis.column[shown.axis.stops]]],
        "sizes": _sizes(study.rows, raw, shown),
        "findings": found,
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


def _equals(p: float) -> str:
    text = words.p_text(p)
    return text if text.startswith("<") else f"= {text}"


def _effects(study: Study, sweep: dict) -> dict:
    """The rows of one sweep's table of effects, activities in order, models within."""
    rows = [row for activity in study.activities for row in _marked(study.of("effects", activity, sweep))]
    look = factor_look(sweep["factor"])
    drop = f"{look.text(rows[0]['reference'])} to {look.text(rows[0]['contrast'])}"
    return {**sweep, "rows": rows, "drop": drop}


def _accuracy(study: Study, sweeps: list[dict]) -> list[dict]:
    """The rows of the table of accuracies, over all activities; where nothing differs, no place is the worst."""
    rows = [row | {"title": s["title"]} for s in sweeps for row in _marked(study.of("accuracy", ALL, s))]
    for row in rows:
        alike = np.isclose(row["mean"], row["worst"])
        row["where"] = "everywhere" if alike else factor_look(row["factor"]).text(row["worst_at"])
    return rows


def _marked(table: pd.DataFrame) -> list[dict]:
    """Rows as dictionaries; `first` marks the one that carries the group's name."""
    return [{**row, "first": k == 0} for k, row in enumerate(table.to_dict("records"))]
