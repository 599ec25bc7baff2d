"""The page and all that lies beside it, written as one: a reader never meets half a report."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from markupsafe import Markup

from experiments.report import look
from experiments.report.section import TEMPLATES, Section, render

PAGE, FIGURES, TABLES = "report.html", "figures", "tables"
STYLE = Path(__file__).parent / "ceteris.mplstyle"
REMAKE = "python -m experiments.report DIR"
FOOTER = "Made with Ceteris. All pictures are rendered; no real person is shown."


@dataclass(frozen=True, kw_only=True)
class Head:
    """The top of a page: title; the question, which stands instead of it where there is one; a sentence or two; and the
    page in numbers, as (number, what of)."""

    title: str
    question: str = ""
    intro: str = ""
    counts: Sequence[tuple[str, str]] = ()
    footer: str = FOOTER


def write_page(
    head: Head,
    sections: Sequence[Section],
    out_dir: Path,
    *,
    colours: int,
    remake: str = REMAKE,
    beside: Callable[[Path], None] = lambda folder: None,
) -> Path:
    """Write report.html, figures/ and tables/ into `out_dir`; returns the page's path.

    Args:
        colours: how many models (or whatever else is told apart by colour) the page shows.
        remake: the command that makes the page again, DIR being its folder; with `--only STEM ...`, single figures
            and tables.
        beside: writes what else belongs to the page into the folder that it is given.
    What `out_dir` holds beside these is left alone; they are replaced when all of them are done.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".partial-", dir=out_dir) as name:
        partial = Path(name)
        (partial / PAGE).write_text(_html(head, sections, colours, remake), encoding="utf-8")
        write_figures(sections, partial / FIGURES)
        write_tables(sections, partial / TABLES)
        beside(partial)
        _replace(partial, out_dir)
    return out_dir / PAGE


def write_figures(sections: Iterable[Section], folder: Path, only: Iterable[str] | None = None) -> list[Path]:
    """Every figure of the sections, or those whose stem is in `only`, as SVG and PNG; returns their paths."""
    import matplotlib.pyplot as plt

    folder.mkdir(parents=True, exist_ok=True)
    written = []
    with plt.style.context(STYLE):
        for stem, draw in [item for section in sections for item in section.figures.items()]:
            if only is not None and stem not in only:
                continue
            figure = draw()
            for kind in ("svg", "png"):
                written.append(folder / f"{stem}.{kind}")
                figure.savefig(written[-1], metadata={"Date": None} if kind == "svg" else None)
            plt.close(figure)
    return written


def write_tables(sections: Iterable[Section], folder: Path, only: Iterable[str] | None = None) -> list[Path]:
    """Every table of the sections, or those whose stem is in `only`, as CSV and Parquet; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    tables: dict[str, pd.DataFrame] = {stem: table for section in sections for stem, table in section.tables.items()}
    for stem, table in tables.items():
        if only is None or stem in only:
            written += [folder / f"{stem}.csv", folder / f"{stem}.parquet"]
            table.to_csv(written[-2], index=False)
            table.to_parquet(written[-1], index=False)
    return written


def _html(head: Head, sections: Sequence[Section], colours: int, remake: str) -> str:
    css = (TEMPLATES / "page.css").read_text(encoding="utf-8") + _colours(colours)
    js = (TEMPLATES / "page.js").read_text(encoding="utf-8")

    def again(figures: Iterable[str], tables: Iterable[str]) -> str:
        return f"{remake} --only {' '.join(dict.fromkeys([*figures, *tables]))}"

    return render("page.html.j2", head=head, sections=sections, css=Markup(css), js=Markup(js), again=again)


def _colours(number: int) -> str:
    """The style rules that give model n its colour, on light and on dark."""
    light = "".join(f".m{k}{{--m:{look.colour_of(k)}}}" for k in range(number))
    dark = "".join(f".m{k}{{--m:{look.colour_of(k, dark=True)}}}" for k in range(number))
    return f"{light}@media screen and (prefers-color-scheme:dark){{{dark}}}"


def _replace(partial: Path, out_dir: Path) -> None:
    """Move what was written into place, the page last."""
    for path in sorted(partial.iterdir(), key=lambda path: path.name == PAGE):
        old = out_dir / path.name
        if old.is_dir():
            os.replace(old, partial / f"{path.name}.old")
            shutil.rmtree(partial / f"{path.name}.old")
        os.replace(path, old)
