"""Checksums of asset files: SHA-256 of their bytes or, for text formats, of their text; and those that others publish.

A published checksum is written as 64 hex digits of SHA-256, as `sha256:` and the first digits of it (eight in the names
of PyTorch's and OpenMMLab's files), or as `git:` and the 40 digits of git's object.

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


def of_git(path: Path) -> str:
    """40 hex digits: the name that git gives to a file's content."""
    total = hashlib.sha1(b"blob %d\0" % Path(path).stat().st_size, usedforsecurity=False)
    with Path(path).open("rb") as file:
        while block := file.read(_BLOCK):
            total.update(block)
    return total.hexdigest()


def as_published(path: Path, known: str, sha256: str) -> str:
    """The checksum of a file in the form of `known`, to be compared with it. sha256: the file's, all of it."""
    kind, _, digits = known.rpartition(":")
    if kind == "git":
        return f"git:{of_git(path)}"
    return f"{kind}:{sha256[: len(digits)]}" if kind else sha256
