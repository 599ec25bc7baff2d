"""The table of real recordings: what is done in each, and from where it was filmed.

    file,activity,azimuth_deg,azimuth_error_deg,elevation_deg,distance_m,person
    anna_front.mp4,push_up,0,10,0,3,anna

`recordings.csv` in the folder, or another (`recordings.table`). file, activity and azimuth_deg are needed; of the other
columns a cell may be empty. Azimuth as everywhere in Ceteris: 0 = the camera looks at the person's front (of someone
prone, at the head), 90 = at the left side. Whatever cannot be used is refused with its line, and nothing is skipped:
`recordings.activities` chooses, and what it leaves out is counted.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from experiments.recordings import lists
from experiments.recordings.errors import RecordingsError
from experiments.verify.errors import RowError, TableError
from synth import axes
from synth.errors import UnknownName

NEEDED = ("file", "activity", "azimuth_deg")
OPTIONAL = ("azimuth_error_deg", "elevation_deg", "distance_m", "person")
# Columns that look like ours and are not: they would be overlooked.
UNITLESS = {name.rpartition("_")[0]: name for name in (*NEEDED, *OPTIONAL) if name.endswith(("_deg", "_m"))}
RANGES = {
    "azimuth_deg": (-math.inf, math.inf),
    "azimuth_error_deg": (0.0, 180.0),
    "elevation_deg": (axes.get("elevation").low, axes.get("elevation").high),
    "distance_m": (axes.get("distance").low, axes.get("distance").high),
}


@dataclass(frozen=True, kw_only=True)
class RealClip:
    """A row. file: as written; path: where it is; line: of the table, from 1. azimuth_deg: in [0, 360).
    azimuth_error_deg: how far it may be off, to either side. elevation_deg, distance_m: NaN where not given. person:
    the file's name where nobody is named."""

    file: str
    path: Path
    line: int
    activity: str
    azimuth_deg: float
    azimuth_error_deg: float
    elevation_deg: float = math.nan
    distance_m: float = math.nan
    person: str = ""


@dataclass(frozen=True, kw_only=True)
class Table:
    """clips: of the rows that were asked for. left_out: how many others there are."""

    path: Path
    clips: tuple[RealClip, ...]
    left_out: int = 0

    @property
    def activities(self) -> tuple[str, ...]:
        """In the order of the rows."""
        return tuple(dict.fromkeys(clip.activity for clip in self.clips))

    def median(self, name: str) -> float | None:
        """The median of elevation_deg or distance_m over the recordings that say it; None where none does."""
        given = [value for clip in self.clips if not math.isnan(value := getattr(clip, name))]
        return float(np.median(given)) if given else None


def read_table(
    root: Path,
    table: str = "recordings.csv",
    *,
    known: Sequence[str],
    only: Sequence[str] = (),
    azimuth_error_deg: float = 10.0,
) -> Table:
    """The recordings of a folder.

    Args:
        root: files are relative to it.
        table: a file in `root`, or a path.
        known: the activities that there are motions of.
        only: the activities that are wanted; all where empty.
        azimuth_error_deg: of rows that do not say theirs.
    Raises TableError, RowError; UnknownName for an activity; RecordingsError for a folder or a table that is not there.
    """
    if not root.is_dir():
        raise RecordingsError(f"{root} is no folder; name the one with the recordings: recordings=DIR")
    path = root / table
    if not path.is_file() and Path(table).is_file():
        path = Path(table)
    for name in only:
        if name not in known:
            raise UnknownName("activity (recordings.activities)", name, known)
    found = _rows(path)
    clips = [
        _clip(path, root, line, cells, known, azimuth_error_deg)
        for line, cells in found
        if not only or _named(cells["activity"]) in only
    ]
    if not clips:
        asked = f" of {', '.join(only)}" if only else ""
        raise TableError(f"{path} names no recording{asked}; it has {len(found)} rows")
    _refuse_twice(path, clips)
    return Table(path=path, clips=tuple(clips), left_out=len(found) - len(clips))


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    """Line and cells of each row."""
    rows = csv.DictReader(io.StringIO(lists.text(path), newline=""), strict=True, skipinitialspace=True)
    try:
        columns = [name.strip() for name in rows.fieldnames or []]
        _check_columns(path, columns)
        rows.fieldnames = columns
        found = [(rows.line_num, row) for row in rows]
    except csv.Error as error:
        raise TableError(f"{path}, after line {rows.line_num}: {error}; expected comma-separated cells") from error
    for line, row in found:
        if None in row or None in row.values():
            raise RowError(path, line, f"has not {len(columns)} cells, one for each column; check its commas")
    return [(line, {name: cell.strip() for name, cell in row.items()}) for line, row in found]


def _check_columns(path: Path, columns: Sequence[str]) -> None:
    if twice := [name for name in columns if columns.count(name) > 1]:
        raise TableError(f"{path}, line 1: the column {twice[0]!r} is there twice; keep one")
    for short, name in UNITLESS.items():
        if short in columns:
            raise TableError(f"{path}, line 1: there is a column {short!r}; write its unit too: {name}")
    if missing := [name for name in NEEDED if name not in columns]:
        has = ", ".join(columns) or "no columns"
        raise TableError(
            f"{path}, line 1: no column {missing[0]!r}; it has {has}, and needs {', '.join(NEEDED)} (and may have "
            f"{', '.join(OPTIONAL)})"
        )


def _clip(
    table: Path, root: Path, line: int, cells: Mapping[str, str], known: Sequence[str], error_deg: float
) -> RealClip:
    for name in NEEDED:
        if not cells[name]:
            raise RowError(table, line, f"no {name}; fill it in, or take the row away")
    activity = _named(cells["activity"])
    if activity not in known:
        raise UnknownName(f"activity ({table}, line {line})", cells["activity"], known)
    path = root / cells["file"]
    if not path.is_file():
        raise RowError(
            table, line, f"the file {cells['file']} is not there below {root}; put it there, or mend its name"
        )
    numbers = {name: _number(table, line, cells, name) for name in RANGES}
    if math.isnan(numbers["azimuth_error_deg"]):
        numbers["azimuth_error_deg"] = error_deg
    numbers["azimuth_deg"] %= 360.0
    person = cells.get("person") or Path(cells["file"]).stem
    return RealClip(file=cells["file"], path=path, line=line, activity=activity, person=person, **numbers)


def _named(activity: str) -> str:
    """An activity as Ceteris writes it: push_up for "Push-up"."""
    return activity.lower().replace("-", "_").replace(" ", "_")


def _number(table: Path, line: int, cells: Mapping[str, str], name: str) -> float:
    """A cell's number, NaN for an empty one."""
    if not (text := cells.get(name, "")):
        return math.nan
    low, high = RANGES[name]
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or not low <= number <= high:
        within = f" from {low:g} to {high:g}" if math.isfinite(high) else ""
        raise RowError(table, line, f"{name} = {text!r}; expected a number{within}, as 90")
    return number


def _refuse_twice(table: Path, clips: Sequence[RealClip]) -> None:
    """Two rows of one file: it would count double."""
    lines: dict[Path, int] = {}
    for clip in clips:
        first = lines.setdefault(clip.path.resolve(), clip.line)
        if first != clip.line:
            raise RowError(table, clip.line, f"{clip.file} stands in line {first} already; keep one of the two")
