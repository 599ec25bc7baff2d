"""A file that is there whole or not at all, whoever else writes it and whenever the process is killed."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

HEX = 12
LEFT = f".{'[0-9a-f]' * HEX}.*"  # what a writer that was killed leaves in a folder, as a pattern


@contextlib.contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Another name beside `path` to write to, renamed to it at the end. No other writer has that name: processes of two
    containers may well have the same number. After an error nothing is left of it."""
    partial = path.with_name(f".{uuid.uuid4().hex[:HEX]}.{path.name}")
    try:
        yield partial
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
