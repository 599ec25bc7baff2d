"""The files below a data set's folder, each folder listed once: lists name tens of thousands, and data sets lie on
network file systems."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from experiments.recordings.errors import RecordingsError

VIDEO_SUFFIXES = frozenset({".avi", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".webm", ".wmv"})


class Tree:
    """Folders below `root`, as they were when first looked at. Raises RecordingsError where `root` is no folder."""

    def __init__(self, root: Path):
        self.root = root
        self._folders: dict[Path, tuple[frozenset[str], tuple[str, ...]]] = {}
        if not root.is_dir():
            kind = "is a file" if root.exists() else "is not there"
            raise RecordingsError(f"{root} {kind}; expected the folder of a data set (root=DIR)")

    def _content(self, folder: Path) -> tuple[frozenset[str], tuple[str, ...]]:
        if folder not in self._folders:
            files, folders = [], []
            with os.scandir(folder) if folder.is_dir() else nullcontext(()) as entries:
                for entry in entries:
                    (folders if entry.is_dir() else files).append(entry.name)
            self._folders[folder] = frozenset(files), tuple(sorted(folders))
        return self._folders[folder]

    def files(self, folder: Path, suffixes: frozenset[str] | None = None) -> list[Path]:
        """Files directly in a folder, sorted; of these suffixes (any case) only where they are given."""
        names = sorted(self._content(folder)[0])
        return [folder / name for name in names if suffixes is None or Path(name).suffix.lower() in suffixes]

    def folders(self, folder: Path) -> list[Path]:
        """Folders directly in a folder, sorted; hidden ones left out."""
        return [folder / name for name in self._content(folder)[1] if not name.startswith(".")]

    def has(self, path: Path) -> bool:
        """Whether a file is there."""
        return path.name in self._content(path.parent)[0]

    def nearest(self, path: Path) -> Path:
        """`path`, or where that is not there the one file of its folder that differs in upper and lower case only."""
        if not self.has(path):
            same = [name for name in self._content(path.parent)[0] if name.lower() == path.name.lower()]
            if len(same) == 1:
                return path.parent / same[0]
        return path

    def folder(self, names: Sequence[str], what: str) -> Path:
        """The first of `names` that is a folder of the root ("." being the root itself); raises RecordingsError."""
        for name in names:
            if (self.root / name).is_dir():
                return self.root / name
        raise RecordingsError(f"{self.root} has no folder {' or '.join(names)}; expected {what}")
