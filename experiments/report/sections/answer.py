"""The answer, before anything else: what a study asks for beside curves; the first sweep in a sentence per model and
activity, its curves, and the matrix of all sweeps."""

from __future__ import annotations

from experiments.report import words
from experiments.report.figures import small_multiples
from experiments.report.section import Lead, Section, part
from experiments.report.sections.cross import lead as cross_lead
from experiments.report.sections.flips import lead as flips_lead
from experiments.report.sections.people import lead as people_lead
from experiments.report.study import Study

UNTRAINED = "is untrained: its scores say nothing of learning. What follows shows that the study runs."
AS_WELL = "is untrained as well."


def answer(study: Study) -> list[Section]:
    """One section."""
    first = study.sweeps[0]
    html = part("sections/answer.html.j2", index=study.index, sweeps=study.sweeps, **_answer(study))
    figures = {"headline": lambda: small_multiples(study, first, plain=True)}
    return [Section(id="answer", title="Answer", html=html, figures=figures)]


def _answer(study: Study) -> dict:
    """The first sweep's headline, sentence by sentence, and the matrix of all of them."""
    sweeps = study.sweeps
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
        "known": "knows the motion however it is done" if words.is_manner(factor) else "has learnt the motion",
        "leads": [*_untrained(study), *flips_lead(study), *cross_lead(study), *people_lead(study)],
        "headlines": [(m, words.headline(*own, m, study.look(factor))) for m in study.models],
        "headline_panels": [study.panel(a, sweeps[0]) for a in study.activities],
        "answers": [
            (
                a,
                [
                    (m, words.finding(row, study.look(factor)))
                    for m, row in found
                    if row is not None and row["activity"] == a
                ],
            )
            for a in study.activities
        ],
        "matrix": list(cells.items()),
    }


def _untrained(study: Study) -> list[Lead]:
    """Which models have learnt nothing, before anything is said of them."""
    names = [card["name"] for card in study.cards if card.get("untrained") and card["name"] in study.models]
    said = [UNTRAINED, *[AS_WELL] * (len(names) - 1)]
    return [Lead(sentences=list(zip(names, said, strict=True)))] if names else []


def _cell(row: dict | None, index: int, *, first: bool) -> dict:
    shade = 0.0 if row is None or row["verdict"] == words.FLOOR else 0.08 + 0.42 * min(row["range"], 1.0)
    return {"effect": row, "index": index, "first": first, "weight": shade}
