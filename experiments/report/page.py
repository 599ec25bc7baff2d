"""The page and all that lies beside it, written as one: a reader never meets half a report."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import jinja2
import pandas as pd
from markupsafe import Markup

from experiments.analysis import Tables, analyse
from experiments.report import look, thumbnails, words
from experiments.report.context import Study, context
from experiments.report.figures import write_figures

TEMPLATES = Path(__file__).parent / "templates"
PAGE = "report.html"
DRAWS, PERMUTATIONS = 2000, 4999


def build(rows: pd.DataFrame, *, study: Mapping, models: Sequence[Mapping], store, out_dir: Path) -> Path:
    """Analyse score rows and write report.html, figures/ and tables/ into `out_dir`; returns the page's path.

    Args:
        rows: one row per planned clip and model; see `analysis.blocks.REQUIRED`.
        study: title, question, reference (factor -> value); and, where known: name, sweeps (name, factor, mode),
            held, comparisons (how many the control proof checked), command, seed, versions.
        models: their cards, with `name`; the order decides the colours.
        store: has `read(clip_id, passes) -> {"frames": (T, H, W, 3) uint8}`; gives the thumbnails.
        out_dir: what it holds beside the three is left alone; the three are replaced when all of them are done.
    Raises:
        AnalysisError: the rows must not be compared.
    """
    seed = int(study.get("seed", 0))
    tables = analyse(rows, study["reference"], seed=seed, draws=DRAWS, permutations=PERMUTATIONS)
    whole = Study(
        rows=rows,
        tables=tables,
        info=study,
        models=_order(rows, models),
        sprite=thumbnails.reader(store),
        draws=DRAWS,
        permutations=PERMUTATIONS,
    )
    out_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".partial-", dir=out_dir) as name:
        partial = Path(name)
        (partial / PAGE).write_text(render(context(whole, models), len(whole.models)), encoding="utf-8")
        write_figures(whole, partial / "figures")
        _write_tables(rows, tables, partial / "tables")
        _replace(partial, out_dir)
    return out_dir / PAGE


def render(variables: Mapping, models: int) -> str:
    """The page as text; everything that comes from names, cards and configs is escaped."""
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
        "percent": lambda share: f"{100 * share:.0f}",
        "valued": lambda value, factor: look.factor_look(factor).text(value),
    }
    css = (TEMPLATES / "report.css").read_text(encoding="utf-8") + _colours(models)
    js = (TEMPLATES / "report.js").read_text(encoding="utf-8")
    return environment.get_template("report.html.j2").render(css=Markup(css), js=Markup(js), **variables)


def _colours(models: int) -> str:
    """The style rules that give model n its colour, on light and on dark."""
    light = "".join(f".m{k}{{--m:{look.colour_of(k)}}}" for k in range(models))
    dark = "".join(f".m{k}{{--m:{look.colour_of(k, dark=True)}}}" for k in range(models))
    return f"{light}@media screen and (prefers-color-scheme:dark){{{dark}}}"


def _order(rows: pd.DataFrame, models: Sequence[Mapping]) -> list[str]:
    """The models of the rows, those with a card first and in the cards' order."""
    present = list(dict.fromkeys(rows["model"]))
    carded = [card["name"] for card in models if card["name"] in present]
    return list(dict.fromkeys([*carded, *present]))


def _write_tables(rows: pd.DataFrame, tables: Tables, folder: Path) -> None:
    folder.mkdir()
    for name, table in (("rows", rows), *tables.items()):
        table.to_csv(folder / f"{name}.csv", index=False)
        table.to_parquet(folder / f"{name}.parquet", index=False)


def _replace(partial: Path, out_dir: Path) -> None:
    """Move what was written into place, the page last."""
    for path in sorted(partial.iterdir(), key=lambda path: path.name == PAGE):
        old = out_dir / path.name
        if old.is_dir():
            os.replace(old, partial / f"{path.name}.old")
            shutil.rmtree(partial / f"{path.name}.old")
        os.replace(path, old)
