"""What stands at the end: how sure this is, how to make it again, and the glossary."""

from __future__ import annotations

from experiments.report import facts, words
from experiments.report.glossary import GLOSSARY
from experiments.report.section import Section, part
from experiments.report.study import Study


def error(study: Study) -> list[Section]:
    """How sure is this?"""
    html = part(
        "sections/error.html.j2",
        draws=f"{study.draws:,}",
        permutations=f"{study.permutations:,}",
        limits=words.limits(study.tables.effects),
    )
    tables = {name: getattr(study.tables, name) for name in ("curves", "raw", "floors")}
    return [Section(id="error", title="How sure?", html=html, tables={"rows": study.everything, **tables})]


def again(study: Study) -> list[Section]:
    """How to make it again."""
    html = part("sections/again.html.j2", command=study.info.get("command", ""), again=facts.again(study.info))
    return [Section(id="again", title="Make it again", html=html)]


def glossary(study: Study) -> list[Section]:
    """The page's words for newcomers."""
    return [
        Section(
            id="glossary",
            title="Glossary",
            html=part("sections/glossary.html.j2", glossary=GLOSSARY),
        )
    ]
