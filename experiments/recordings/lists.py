"""Reading the lists that data sets come with, whatever ends their lines."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from pathlib import Path
from typing import Any

from experiments.recordings.errors import FIRST, RecordingsError


def text(path: Path) -> str:
    """A file's text, its lines ended by \\n; raises RecordingsError for one that is not there, or is no UTF-8."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise RecordingsError(f"{path} cannot be read ({error.strerror}); it comes with the data set") from error
    except UnicodeDecodeError as error:
        raise RecordingsError(f"{path} is no text in UTF-8 ({error}); fetch it again") from error


def lines(path: Path) -> list[tuple[int, str]]:
    """Number, from 1, and text of each line that is not blank, without spaces around; raises RecordingsError."""
    found = [(number, line.strip()) for number, line in enumerate(text(path).split("\n"), start=1) if line.strip()]
    if not found:
        raise RecordingsError(f"{path} is empty; fetch it again")
    return found


def document(path: Path, kind: type) -> Any:
    """The JSON in a file; raises RecordingsError where it is damaged or no `kind`."""
    try:
        found = json.loads(text(path))
    except (ValueError, RecursionError) as error:
        raise RecordingsError(f"{path} is no JSON ({error}); fetch it again") from error
    if not isinstance(found, kind):
        raise RecordingsError(f"{path} holds a {type(found).__name__}; expected a {kind.__name__}")
    return found


def refuse_twice(path: Path, names: Sequence[str]) -> None:
    """Raises RecordingsError for a name that a list has twice: it would count double."""
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise RecordingsError(f"{path} names {len(twice)} clips more than once: {', '.join(twice[:FIRST])}")


def left_out(found: Iterable[Path], named: Set[Path], root: Path, why: str) -> list[str]:
    """A remark on files that are not among the named; none where all are. why: what follows "3 files that"."""
    odd = [str(path.relative_to(root)) for path in found if path not in named]
    more = ", ..." if len(odd) > FIRST else ""
    return [f"{len(odd)} files that {why}: {', '.join(odd[:FIRST])}{more}"] if odd else []
