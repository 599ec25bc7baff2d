"""A report again, from what lies beside its page: `python -m experiments.report DIR [--only STEM ...]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from experiments.report.build import rebuild
from synth.errors import CeterisError


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when it was made, 2 for a folder without a report or a name that it does not have."""
    parser = argparse.ArgumentParser(prog="python -m experiments.report", description=__doc__)
    parser.add_argument("folder", type=Path, help="a run's, or its report/, with study.json and tables/")
    parser.add_argument("--only", nargs="+", default=(), metavar="STEM", help="names of figures or tables, no suffix")
    parser.add_argument("--store", type=Path, help="where the clips lie now, if not where they lay")
    args = parser.parse_args(arguments)
    try:
        inner = args.folder / "report"  # of a run
        written = rebuild(inner if inner.is_dir() else args.folder, args.only, args.store)
    except CeterisError as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 2
    sys.stdout.write("".join(f"{path}\n" for path in written))
    return 0


if __name__ == "__main__":
    sys.exit(main())
