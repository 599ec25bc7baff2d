"""Plain folders of videos: a class per folder, or a table that says what each file shows.

    <class>/<video>                     one split, "all"
    <split>/<class>/<video>             where every folder is named train, val, validation or test
    recordings.csv                      with the columns file and class (or activity); then folders mean nothing

Columns with a meaning: person or group (clips of one are no independent samples), split, fps, frames (checked when a
file is decoded whole), and numbers ending in _deg and the like; azimuth_deg is brought into [0, 360). Empty cells are
unknown. Every other column is kept as text in the recording's `meta`.
"""

from __future__ import annotations

import csv
import io
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

from experiments.recordings import lists
from experiments.recordings.base import Recording, VideoReader
from experiments.recordings.errors import ListError, RecordingsError
from experiments.recordings.index import FILE as INDEX
from experiments.recordings.tree import VIDEO_SUFFIXES

TABLE = "recordings.csv"
ALL = "all"
SPLIT_FOLDERS = ("train", "val", "validation", "test")
UNITS = ("_deg", "_m", "_s", "_px")
_CLASS_COLUMNS = ("class", "activity")
_GROUP_COLUMNS = ("group", "person")
_OWN = frozenset({"file", "split", "fps", "frames", *_CLASS_COLUMNS, *_GROUP_COLUMNS})


class Folders(VideoReader):
    """Other options: see VideoReader.

    Args:
        labels: a set of conf/labels that the classes must be of; the classes found, sorted, where None.
        table: name of the table below `root`, or "none" for folders although there is one.
    """

    name = "folders"
    title = "plain folders"

    def __init__(self, root: Path | str, *, labels: str | None = None, table: str = TABLE, **options):
        super().__init__(root, **options)
        self.table = self.root / table
        self._tabled = self.tree.has(self.table)
        if not self._tabled and table not in (TABLE, "none"):
            raise RecordingsError(f"{self.table} is not there; expected a table with the columns file and class")
        found = self._rows() if self._tabled else self._walk()
        self._name_classes(found, labels)
        self._everything = [replace(clip, label=self._label(clip.class_name)) for clip in found]
        self.splits = tuple(dict.fromkeys(clip.split for clip in found))

    def _name_classes(self, found: list[Recording], published: str | None) -> None:
        if published is None:
            self._take_classes(sorted({clip.class_name for clip in found}))
            return
        self._published(published)
        for clip in found:
            self._label(clip.class_name, f"It is the class of {clip.path}, and labels={published} was asked for.")

    def _list(self, split: str) -> list[Recording]:
        return [clip for clip in self._everything if clip.split == split]

    def _walk(self) -> list[Recording]:
        """Classes by folder."""
        folders = self.tree.folders(self.root)
        split_up = bool(folders) and all(folder.name in SPLIT_FOLDERS for folder in folders)
        parts = [(folder.name, folder) for folder in folders] if split_up else [(ALL, self.root)]
        found = [clip for split, folder in parts for clip in self._of_split(split, folder)]
        return found

    def _of_split(self, split: str, folder: Path) -> list[Recording]:
        classes = self.tree.folders(folder)
        if not classes:
            raise RecordingsError(f"{folder} has no folders; expected one per class, with videos in it")
        return [self._plain(split, path) for one in classes for path in self._videos(one)]

    def _videos(self, folder: Path) -> list[Path]:
        found = self.tree.files(folder, VIDEO_SUFFIXES)
        if not found:
            deeper = " (those in folders below it are not looked at)" if self.tree.folders(folder) else ""
            raise RecordingsError(
                f"{folder} is empty: no video ({', '.join(sorted(VIDEO_SUFFIXES))}){deeper}; every folder is a class: "
                f"fill it, or take it away, or list the files in {TABLE}"
            )
        return found

    def _plain(self, split: str, path: Path) -> Recording:
        name = path.relative_to(self.root).with_suffix("").as_posix()
        return Recording(name=name, path=path, split=split, label=None, class_name=path.parent.name, group=name)

    def _rows(self) -> list[Recording]:
        """Classes by table."""
        rows = csv.DictReader(io.StringIO(lists.text(self.table), newline=""), strict=True)
        columns = rows.fieldnames or []
        by = next((name for name in _CLASS_COLUMNS if name in columns), None)
        if "file" not in columns or by is None:
            raise RecordingsError(f"{self.table} has the columns {', '.join(columns)}; expected file and class")
        try:
            found = [self._row(row, rows.line_num, by) for row in rows]
        except csv.Error as error:
            raise RecordingsError(
                f"{self.table}, after line {rows.line_num}: {error}; expected comma-separated"
            ) from error
        if not found:
            raise RecordingsError(f"{self.table} has no rows")
        lists.refuse_twice(self.table, [str(clip.path) for clip in found])
        return found

    def _row(self, row: dict, line: int, by: str) -> Recording:
        if None in row or None in row.values():
            raise ListError(self.table, line, list(row.values()), "as many cells as there are columns")
        cells = {key: value.strip() for key, value in row.items()}
        if not cells["file"] or not cells[by]:
            raise ListError(self.table, line, row, f"a file and its {by}")
        frames = self._number(cells, "frames", line)
        if frames is not None and (frames < 1 or frames % 1):
            raise ListError(self.table, line, cells["frames"], "a whole number of frames")
        group = next((cells[name] for name in _GROUP_COLUMNS if cells.get(name)), None)
        name = Path(cells["file"]).with_suffix("").as_posix()
        return Recording(
            name=name,
            path=self.root / cells["file"],
            split=cells.get("split") or ALL,
            label=None,
            class_name=cells[by],
            group=group or name,
            num_frames=None if frames is None else int(frames),
            fps=self._number(cells, "fps", line),
            meta={key: self._value(cells, key, line) for key in cells if key not in _OWN and cells[key]},
        )

    def _value(self, cells: dict[str, str], column: str, line: int) -> Any:
        if not column.endswith(UNITS):
            return cells[column]
        number = self._number(cells, column, line)
        return number % 360.0 if column == "azimuth_deg" else number

    def _number(self, cells: dict[str, str], column: str, line: int) -> float | None:
        if not cells.get(column):
            return None
        try:
            number = float(cells[column])
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise ListError(self.table, line, cells[column], f"a number as {column}, or nothing")
        return number

    def remarks(self) -> list[str]:
        """Files that are not used."""
        named = {clip.path for clip in self._everything}
        if self._tabled:
            found = [p for p in sorted(self.root.rglob("*")) if p.suffix.lower() in VIDEO_SUFFIXES]
            return lists.left_out(found, named, self.root, f"{self.table.name} does not name")
        used = {path.parent for path in named}
        places = {self.root, *used, *(path.parent for path in used)}
        odd = [path for folder in sorted(places) for path in self.tree.files(folder) if path.name != INDEX]
        return lists.left_out(odd, named, self.root, "are no videos, or lie beside the class folders")
