"""`python -m experiments.selfcheck DIR`: the page of a self-check again, or single figures and tables of it, from what
lies beside it."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from pathlib import Path

import pandas as pd

from experiments.effects import CLIPS, SHARES, tables
from experiments.report.page import FIGURES, TABLES, write_figures, write_tables
from experiments.selfcheck.design import SelfCheck
from experiments.selfcheck.page import SAVED, sections, write
from experiments.selfcheck.verdict import judge
from synth.errors import CeterisError, UnknownName

log = logging.getLogger("ceteris")


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0; 2 with a message for a folder or a stem that is not there, or a criterion that is not met."""
    parser = argparse.ArgumentParser(prog="python -m experiments.selfcheck", description=__doc__)
    parser.add_argument("folder", type=Path, help="the folder with report.html")
    parser.add_argument("--only", nargs="+", default=(), metavar="STEM", help="single figures and tables")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        for path in again(given.folder, given.only):
            log.info("%s", path)
    except CeterisError as error:
        log.error("%s: %s", type(error).__name__, error)
        return 2
    return 0


def again(folder: Path, only=()) -> list[Path]:
    """The page of a folder again, or the figures and tables whose stems are in `only`; returns what was written."""
    try:
        saved = json.loads((folder / SAVED).read_text(encoding="utf-8"))
        said = pd.read_parquet(folder / TABLES / f"{CLIPS}.parquet")
    except (OSError, ValueError) as error:
        raise CeterisError(
            f"{folder} holds no self-check ({error}); give the folder with report.html and {SAVED}"
        ) from error
    check = SelfCheck.from_saved(saved["selfcheck"])
    made = {CLIPS: said, **tables(said, check.effects, seed=check.seed)}
    verdict = judge(check, made[SHARES])
    if not only:
        return [write(check, verdict, made, saved["facts"], folder)]
    parts = sections(check, verdict, made, saved["facts"])
    known = [stem for section in parts for stem in (*section.figures, *section.tables)]
    for name in only:
        if name not in known:
            raise UnknownName("figure or table", name, known)
    return write_figures(parts, folder / FIGURES, only) + write_tables(parts, folder / TABLES, only)


if __name__ == "__main__":
    sys.exit(main())
