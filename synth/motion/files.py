"""Text files of numbers, read so that every mistake is named with its file and line."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from synth.motion.motion import MotionError


class MotionFileError(MotionError):
    """A motion file that cannot be read; the message begins with `file:line:` (line 0: the file as a whole)."""

    def __init__(self, path: Path, line: int, message: str):
        self.path, self.line = Path(path), line
        super().__init__(f"{path}:{line}: {message}" if line else f"{path}: {message}")


class Lines:
    """The lines of a text file as (number from 1, words), empty lines and comments left out."""

    def __init__(self, path: Path, rows: Sequence[tuple[int, list[str]]]):
        self.path, self.rows = path, rows

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        return iter(self.rows)

    def error(self, line: int, message: str) -> MotionFileError:
        """An error at a line, to be raised by the caller."""
        return MotionFileError(self.path, line, message)

    def numbers(self, line: int, words: Sequence[str]) -> list[float]:
        """The words as finite numbers."""
        try:
            values = [float(word) for word in words]
        except ValueError:
            raise self.error(line, f"expected numbers, got {' '.join(words)!r}") from None
        if not all(map(math.isfinite, values)):
            raise self.error(line, f"expected finite numbers, got {' '.join(words)!r}")
        return values


def read_lines(path: Path, *, comment: str | None = None) -> Lines:
    """The lines of a file; raises MotionFileError if there is no such file or nothing in it."""
    path = Path(path)
    if not path.is_file():
        raise MotionFileError(path, 0, "there is no such file")
    rows = []
    for number, text in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
        words = (text.split(comment, 1)[0] if comment else text).split()
        if words:
            rows.append((number, words))
    if not rows:
        raise MotionFileError(path, 0, "the file is empty")
    return Lines(path, rows)
