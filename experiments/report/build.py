"""A study's page, from score rows; and again from what lies beside a page, without an engine or a model.

`study.json` beside the page holds what is known of the study and its models; the rows and whatever other stages found
are among the tables.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from experiments.analysis import analyse
from experiments.report import facts, thumbnails, words
from experiments.report.look import factor_look
from experiments.report.page import TABLES, Head, write_figures, write_page, write_tables
from experiments.report.section import Section
from experiments.report.sections import SECTIONS
from experiments.report.sections.verification import verification_head
from experiments.report.study import Study
from synth.clips import ClipStore
from synth.errors import CeterisError, UnknownName

DRAWS, PERMUTATIONS = 2000, 4999
SAVED = "study.json"


class NoReport(CeterisError):
    """A folder without a report that could be made again."""


def build(
    rows: pd.DataFrame,
    *,
    study: Mapping,
    models: Sequence[Mapping],
    store,
    out_dir: Path,
    more: Mapping[str, pd.DataFrame] | None = None,
) -> Path:
    """Analyse score rows and write report.html, figures/, tables/ and study.json into `out_dir`; returns the page's
    path.

    Args:
        rows: one row per planned clip and model; see `analysis.blocks.REQUIRED`.
        study: title, question, reference (factor -> value); and, where known: name, sweeps (name, factor, mode),
            held, comparisons (how many the control proof checked), command, seed, versions.
        models: their cards, with `name`; the order decides the colours.
        store: has `read(clip_id, passes) -> {"frames": (T, H, W, 3) uint8}`; gives the thumbnails.
        out_dir: what it holds beside these is left alone; they are replaced when all of them are done.
        more: tables that other stages made, for the sections that show them.
    Raises:
        AnalysisError: the rows must not be compared.
    """
    whole = _study(rows, study, models, store, more or {})
    made = sections(whole)
    saved = {
        "study": _plain(study),
        "models": _plain(models),
        "store": str(getattr(store, "root", "")),
        "more": sorted(more or {}),
    }
    return write_page(
        head(whole),
        made,
        out_dir,
        colours=max(len(whole.models), len(whole.sweeps)),
        beside=lambda folder: (folder / SAVED).write_text(json.dumps(saved, indent=1), encoding="utf-8") and None,
    )


def rebuild(out_dir: Path, only: Sequence[str] = (), store_root: Path | None = None) -> list[Path]:
    """The report of a folder again: all of it, or the figures and tables whose stems are in `only`.

    Raises NoReport for a folder without one, UnknownName for a stem that it does not have.
    """
    try:
        saved = json.loads((out_dir / SAVED).read_text(encoding="utf-8"))
        tables = {name: pd.read_parquet(out_dir / TABLES / f"{name}.parquet") for name in ["rows", *saved["more"]]}
    except (OSError, ValueError, KeyError) as error:
        raise NoReport(
            f"{out_dir} holds no report that could be made again ({error}); give the folder with report.html, "
            f"{SAVED} and tables/"
        ) from error
    rows, known = tables.pop("rows"), _numbered(saved["study"])
    store = ClipStore(store_root or saved["store"])
    if not only:
        return [build(rows, study=known, models=saved["models"], store=store, out_dir=out_dir, more=tables)]
    made = sections(_study(rows, known, saved["models"], store, tables))
    stems = [stem for section in made for stem in (*section.figures, *section.tables)]
    for name in only:
        if name not in stems:
            raise UnknownName("figure or table", name, stems)
    return write_figures(made, out_dir / "figures", only) + write_tables(made, out_dir / TABLES, only)


def sections(study: Study) -> list[Section]:
    """All sections of a study's page, in order."""
    return [section for make in SECTIONS for section in make(study)]


def head(study: Study) -> Head:
    """The top of a study's page."""
    swept = list(dict.fromkeys(study.tables.effects["factor"]))
    factors = [factor_look(f).title.lower() for f in swept]
    learnt = "how the motion is done" if all(map(words.is_manner, swept)) else "something other than the motion"
    intro = (
        f"The same motions were rendered again and again with only {words.joined(factors).replace(' and ', ' or ')} "
        f"moved, and shown to {len(study.models)} model{'s' if len(study.models) > 1 else ''}. "
        f"Where the score moves, the model has learnt {learnt}."
    )
    said = {"intro": intro, "counts": facts.counts(study.rows, study.everything)}
    if "recordings" in study.more:
        said |= verification_head(study)
    return Head(title=study.info["title"], question=study.info["question"], **said)


def _study(rows: pd.DataFrame, info: Mapping, cards: Sequence[Mapping], store, more: Mapping) -> Study:
    swept = rows[rows["design"] == "sweep"]
    tables = analyse(swept, info["reference"], seed=int(info.get("seed", 0)), draws=DRAWS, permutations=PERMUTATIONS)
    present = list(dict.fromkeys(rows["model"]))
    carded = [card["name"] for card in cards if card["name"] in present]
    return Study(
        rows=swept,
        everything=rows,
        tables=tables,
        info=info,
        cards=cards,
        models=list(dict.fromkeys([*carded, *present])),  # those with a card first and in the cards' order
        sprite=thumbnails.reader(store),
        draws=DRAWS,
        permutations=PERMUTATIONS,
        more=more,
    )


def _plain(value):
    """What JSON can hold, keys as text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _numbered(info: dict) -> dict:
    """The study with the positions of named levels as numbers again: keys in JSON are text."""
    levels = {
        factor: {float(at): name for at, name in names.items()} for factor, names in info.get("levels", {}).items()
    }
    return {**info, "levels": levels}
