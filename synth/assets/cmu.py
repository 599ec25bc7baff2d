"""What the CMU motion capture database has, from the tables of `assets_manifest/cmu` (see its `source.yaml`).

Reads tables alone, no motion: the catalogue of motions and the fetcher both build on it.
"""

from __future__ import annotations

import csv
import functools
import re
from dataclasses import dataclass
from pathlib import Path

from synth.errors import CeterisError, UnknownName, find

FOLDER = Path(__file__).resolve().parents[2] / "assets_manifest" / "cmu"
_INDEX = "assets_manifest/cmu/index.csv"
ANY = "trial"  # the activity under which every trial of the index can be asked for
_TRIAL = re.compile(r"(\d{2,3})_(\d{2,3})")


class ManifestError(CeterisError):
    """A table of the manifest that does not hold together."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A recording: its name such as "02_01", frames per second, and CMU's description."""

    name: str
    fps: float
    description: str

    @property
    def subject(self) -> str:
        """The subject's number as in file names, "02"."""
        return self.name.partition("_")[0]


@dataclass(frozen=True, kw_only=True)
class ActivityClass:
    """An activity: our id, a plain name, what UCF101 and Kinetics call it ("" where they lack it), how well CMU's
    trials match, and the trials."""

    activity: str
    name: str
    ucf101: str
    kinetics: str
    match: str
    trials: tuple[str, ...]

    @property
    def weak(self) -> bool:
        """Whether the trials show something else that is only near."""
        return self.match.startswith("weak")


@functools.cache
def index() -> dict[str, Trial]:
    """{name: trial} of the whole database, 2,435 trials."""
    rows = _table("index.csv")
    return {r["trial"]: Trial(name=r["trial"], fps=float(r["fps"]), description=r["description"]) for r in rows}


@functools.cache
def subjects() -> dict[str, str]:
    """{subject: what was recorded of him or her}."""
    return {row["subject"]: row["description"] for row in _table("subjects.csv")}


@functools.cache
def classes() -> dict[str, ActivityClass]:
    """{activity: its class}, with the trials of the index and those that only `labels` name."""
    table = {}
    for row in _table("classes.csv"):
        activity = row["activity"]
        trials = [*row["trials"].split(), *(t for a, t in labels() if a == activity)]
        unknown = [trial for trial in trials if trial not in index()]
        if unknown:
            raise ManifestError(
                f"{FOLDER / 'classes.csv'}: {activity} names trials that are not in the index: {unknown}"
            )
        table[activity] = ActivityClass(
            activity=activity,
            name=row["class"],
            ucf101=row["ucf101"],
            kinetics=row["kinetics"],
            match=row["match"],
            trials=tuple(dict.fromkeys(trials)),
        )
    return table


@functools.cache
def labels() -> dict[tuple[str, str], tuple[int, int]]:
    """{(activity, trial): first frame and one past the last} of trials that show several activities."""
    return {(row["activity"], row["trial"]): (int(row["first"]), int(row["stop"])) for row in _table("labels.csv")}


@functools.cache
def checksums() -> dict[str, str]:
    """{file name: SHA-256 of its text} where one is known; see `synth.assets.checksum`."""
    return {row["file"]: row["sha256_text"] for row in _table("checksums.csv")}


def trial(name: str) -> Trial:
    """A trial of the index; raises UnknownName."""
    return find("CMU trial", name, index(), f"{_INDEX} names them all.")


def activity_class(name: str) -> ActivityClass:
    """A class by our id (`golf_swing`) or its plain name ("golf swing"); raises UnknownName."""
    by_name = {entry.name: entry for entry in classes().values()}
    plain = {activity.replace("_", " "): entry for activity, entry in classes().items()}
    known = {**by_name, **plain, **classes()}
    if name not in known:
        raise UnknownName("class of CMU motions", name, known, "`python -m synth.assets list cmu` shows them.")
    return known[name]


def trial_in(file_name: str) -> str | None:
    """The trial that a file is named after: "05_20" for `05_20-mb.bvh`; None where there is none of that name."""
    match = _TRIAL.match(file_name)
    name = f"{match[1]}_{match[2]}" if match else ""
    return name if name in index() else None


def _table(name: str) -> list[dict[str, str]]:
    path = FOLDER / name
    if not path.is_file():
        raise ManifestError(f"{path} is not there; run from a whole checkout of the repository")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
