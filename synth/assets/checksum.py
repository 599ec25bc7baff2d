"""SHA-256 of asset files, of their bytes or, for text formats, of their text.

Copies of one ASF or AMC file differ in line ends (git changes them) and in blanks before them; their text is the same.
The text's checksum is taken with every line end as a line feed, without blanks at line ends or empty lines at the end.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

TEXT_SUFFIXES = (".asf", ".amc", ".bvh")
_BLOCK = 1 << 20


def of_bytes(path: Path) -> str:
    """64 hex digits of a file's bytes."""
    total = hashlib.sha256()
    with Path(path).open("rb") as file:
        while block := file.read(_BLOCK):
            total.update(block)
    return total.hexdigest()


def of_text(path: Path) -> str:
    """64 hex digits of a file's text, whatever its line ends."""
    lines = [line.rstrip() for line in Path(path).read_bytes().replace(b"\r\n", b"\n").split(b"\n")]
    return hashlib.sha256(b"\n".join(lines).rstrip(b"\n") + b"\n").hexdigest()


def of(path: Path) -> str:
    """The checksum by which a file is known: of its text for motion formats, otherwise of its bytes."""
    return of_text(path) if Path(path).suffix.lower() in TEXT_SUFFIXES else of_bytes(path)
