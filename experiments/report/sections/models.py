"""The models' cards."""

from __future__ import annotations

from experiments.report.cards import cards
from experiments.report.section import Section, part
from experiments.report.study import Study


def models(study: Study) -> list[Section]:
    """One section."""
    html = part("sections/models.html.j2", cards=cards(study.cards, study.models))
    return [Section(id="models", title="Models", html=html)]
