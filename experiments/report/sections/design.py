"""What was held, what was swept, the proof of it, and where the motions come from."""

from __future__ import annotations

from experiments.report import facts
from experiments.report.section import Section, part
from experiments.report.study import Study


def design(study: Study) -> list[Section]:
    """One section."""
    text, citation = facts.motions(study.rows)
    html = part(
        "sections/design.html.j2",
        sweeps=study.sweeps,
        held=facts.held(study.info),
        proof=facts.proof(study.info, study.rows),
        motions_text=text,
        citation=citation,
    )
    return [Section(id="design", title="Held and swept", html=html)]
