"""Types of command-line arguments: what cannot be used is refused before any work begins."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path


def whole(least: int) -> Callable[[str], int]:
    """A type for argparse: whole numbers of `least` or more."""

    def number(text: str) -> int:
        if not (text.isascii() and text.isdecimal()) or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number of {least} or more")
        return int(text)

    return number


def folder(text: str) -> Path:
    """A type for argparse: a folder that is there."""
    if not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {text!r}; make it, or correct the path")
    return Path(text)


def new_file(text: str) -> Path:
    """A type for argparse: a file that can be written, or written over, in a folder that is there."""
    path = Path(text)
    if path.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is a folder; expected the name of a file")
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {str(path.parent)!r} for {path.name}; make it first")
    return path
