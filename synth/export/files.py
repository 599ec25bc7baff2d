"""Files that are whole or not there, and the ledger of what is done.

    <root>/<format>/...             the data set in a layout
    <root>/.ceteris/plan.json       which data set the folder holds, in which formats
    <root>/.ceteris/done/ab/<id>    what each format noted of a clip: written when its files are there
    <root>/.ceteris/work/           what is being written; emptied by the next run
    <root>/.ceteris/faults.jsonl    what failed of engines, for people (`synth.ledger`); only where something did
    <root>/.ceteris/lock            held by the run under way

Everything is written in `work` and renamed into place, so a run may be killed at any moment: what the ledger says is
done is done, and the rest is made again, byte for byte.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from synth.export.errors import ExportError

OWN = ".ceteris"
_number = itertools.count()  # of partial files; next() is atomic


@dataclass(frozen=True)
class Files:
    """Writes under `root`; partial files lie in `work`, on the same file system."""

    root: Path
    work: Path

    def write(self, name: str | Path, content: bytes | str) -> Path:
        """Put a file at `name` under the root, whole or not at all; text ends its lines with LF."""
        target = self.path(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = self.work / f"{next(_number)}-{target.name}"
        partial.write_bytes(content.encode() if isinstance(content, str) else content)
        os.replace(partial, target)
        return target

    @contextlib.contextmanager
    def open(self, name: str | Path) -> Iterator:
        """A file to write bytes to, at `name` once the block has ended."""
        target = self.path(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = self.work / f"{next(_number)}-{target.name}"
        with partial.open("wb") as file:
            yield file
        os.replace(partial, target)

    def path(self, name: str | Path) -> Path:
        """Where `name` is; raises ExportError for one outside the root."""
        target = self.root / name
        if not target.resolve().is_relative_to(self.root.resolve()):
            raise ExportError(f"{name} lies outside {self.root}; a format writes into its own folder")
        return target

    def under(self, folder: str) -> Files:
        """The same for a folder of it."""
        return Files(self.path(folder), self.work)


class Ledger:
    """What is done in a data set's folder. Use as a context manager: one run at a time."""

    def __init__(self, root: Path):
        self.root, self.own = root, root / OWN
        self.files = Files(root, self.own / "work")
        self._lock = None

    def __enter__(self) -> Ledger:
        try:
            self.own.mkdir(parents=True, exist_ok=True)
            self._lock = (self.own / "lock").open("w")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ExportError(f"another run is writing to {self.root}; wait for it, or end it") from error
        except OSError as error:
            raise ExportError(f"{self.root} cannot be written to ({error}); give another folder") from error
        shutil.rmtree(self.files.work, ignore_errors=True)
        self.files.work.mkdir()
        return self

    def __exit__(self, *_) -> None:
        shutil.rmtree(self.files.work, ignore_errors=True)
        self._lock.close()

    def claim(self, data: str, formats: Mapping[str, Mapping]) -> None:
        """Note that the folder holds the data set with the digest `data` in these formats (settings by name), beside
        those that it has already; raises ExportError where it holds another, or one of other settings."""
        self._forget_deleted()
        plan = self._json(self.own / "plan.json") or {"data": data, "formats": {}}
        if plan["data"] != data:
            raise ExportError(
                f"{self.root} holds another data set (other clips, splits or video); give another folder, "
                "or delete this one"
            )
        for name, settings in formats.items():
            if (held := plan["formats"].get(name, settings)) != settings:
                raise ExportError(f"{self.root / name} was made with {held}, not {dict(settings)}; delete it, or set "
                                  "another folder")  # fmt: skip
        both = {**plan, "formats": {**plan["formats"], **{k: dict(v) for k, v in formats.items()}}}
        if both != self._json(self.own / "plan.json"):
            self._write(self.own / "plan.json", both)

    def _forget_deleted(self) -> None:
        """A layout whose folder somebody has deleted is one to be made: its notes go first, so that a run which is
        killed in between finds the same again."""
        gone = [name for name in self.formats() if not (self.root / name).exists()]
        for path in (self.own / "done").glob("*/*.json") if gone else ():
            notes = self._json(path)
            if kept := {name: note for name, note in notes.items() if name not in gone}:
                self._write(path, kept)
            else:
                path.unlink()
        if gone:
            plan = self._json(self.own / "plan.json")
            left = {name: how for name, how in plan["formats"].items() if name not in gone}
            self._write(self.own / "plan.json", {**plan, "formats": left})

    def formats(self) -> dict[str, dict]:
        """Settings of all formats that the folder holds, by name."""
        plan = self._json(self.own / "plan.json")
        return plan["formats"] if plan else {}

    def notes(self, clip_id: str) -> dict[str, dict]:
        """What the formats noted of a clip, by their names; of those that are done with it."""
        return self._json(self._entry(clip_id)) or {}

    def note(self, clip_id: str, notes: Mapping[str, Mapping]) -> None:
        """Add what formats noted of a clip."""
        both = {**self.notes(clip_id), **notes}
        self._write(self._entry(clip_id), both)

    def _entry(self, clip_id: str) -> Path:
        return self.own / "done" / clip_id[:2] / f"{clip_id}.json"

    def _write(self, path: Path, content: Mapping) -> None:
        self.files.write(path.relative_to(self.root), json.dumps(content, sort_keys=True))

    @staticmethod
    def _json(path: Path) -> dict | None:
        try:
            return json.loads(path.read_text())
        except FileNotFoundError:
            return None
        except (ValueError, UnicodeDecodeError) as error:
            raise ExportError(f"{path} is damaged ({error}); delete it and run the same command again") from error
