"""A page is a row of sections, and a section brings all that belongs to it: its text, its figures and its tables.

A new section is one module with a function from what is known to a `Section`, its own template under
`templates/sections`, and one name in the list of the page that shows it (`sections/__init__.py` for studies).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
import pandas as pd
from markupsafe import Markup

from experiments.report import look, words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, kw_only=True)
class Section:
    """One part of a page.

    id: anchor, unique on a page. title: as the contents list has it. html: makes all of it but the <section> around.
    figures: stem of a file -> what draws it, in `matplotlib`. tables: stem of a file -> table. Nothing is made before
    it is asked for, so that a single figure costs no page.
    """

    id: str
    title: str
    html: Callable[[], Markup]
    figures: Mapping[str, Callable[[], Figure]] = field(default_factory=dict)
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Lead:
    """What the answer begins with where a study asks for more than curves: (model, sentence), and a figure below."""

    sentences: Sequence[tuple[str, str]]
    figure: Markup | str = ""


def render(template: str, **variables) -> Markup:
    """A template of `templates/` as safe text; everything that comes from names, cards and configs is escaped.

    Raises jinja2.UndefinedError for a variable that the template wants and does not get.
    """
    return Markup(_environment().get_template(template).render(**variables))


def part(template: str, **variables) -> Callable[[], Markup]:
    """`render` of these, for whoever asks for it."""
    return functools.partial(render, template, **variables)


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "activity": look.activity_title,
        "points": words.points,
        "p": words.p_text,
        "tied": words.tied,
        "percent": lambda share: f"{100 * share:.0f}",
    }
    environment.globals |= {"span": words.span, "marks": words.MARKS}
    return environment
