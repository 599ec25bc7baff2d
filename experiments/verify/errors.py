"""The errors of verification: each names the table, the line and the way out."""

from __future__ import annotations

from pathlib import Path

from experiments.recordings.errors import RecordingsError


class TableError(RecordingsError):
    """A table of recordings that lacks a column, or holds none that is wanted."""


class RowError(RecordingsError):
    """A recording that cannot be used: the table, its line, the file, what is wrong and the way out."""

    def __init__(self, table: Path, line: int, why: str):
        self.line = line
        super().__init__(f"{table}, line {line}: {why}")
