"""Class lists as published, and which of their classes count as an activity.

    python -m experiments.labels                     the sets, and how many activities each has a class for
    python -m experiments.labels kinetics400         the classes of one
    python -m experiments.labels activity push_up    what counts as it in every set

A list is `conf/labels/NAME.yaml`, in the order of the logits, with the SHA-256 of the published file; a list of one's
own is such a file, named by its path. The map is `conf/labels/activities.yaml`. Where an activity has several classes,
its score is the sum of their probabilities, its logit their logsumexp and its rank that of the best of them (design §3,
"Score rows"; computed in `scoring/judge.py`).
"""

from __future__ import annotations

import functools
import hashlib
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import yaml

from synth.errors import CeterisError, UnknownName
from synth.unique_keys import UniqueKeys

FOLDER = Path(__file__).resolve().parents[1] / "conf" / "labels"
MAP = FOLDER / "activities.yaml"
QUALITIES = ("exact", "near")
NONE = "none"


class LabelError(CeterisError):
    """A list of classes or the map of activities that does not hold together; names the file and the key."""


class NoClass(CeterisError):
    """An activity that a model has no class for; names the nearest classes."""


@dataclass(frozen=True)
class LabelSet:
    """classes: in the order of the logits. sha256: of the published list, one name a line."""

    name: str
    title: str
    source: str
    classes: tuple[str, ...]
    sha256: str


@dataclass(frozen=True)
class Match:
    """What counts as an activity among a model's classes: their names, their columns, and exact, near or none."""

    activity: str
    classes: tuple[str, ...]
    columns: tuple[int, ...]
    quality: str


def label_sets() -> list[str]:
    """Names of the published lists."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml") if path != MAP)


@functools.cache
def labels(name: str) -> LabelSet:
    """A published list by its name, or a list of one's own by the path of its file.

    Raises UnknownName with the nearest names, LabelError for a file that is no list.
    """
    path = Path(name) if name.endswith((".yaml", ".yml")) else FOLDER / f"{name}.yaml"
    if not path.is_file() or path == MAP:
        raise UnknownName(
            "list of classes", name, label_sets(), "One of your own is named by the path of its YAML file."
        )
    table = _table(path)
    classes = table.get("classes")
    if not isinstance(classes, list) or not classes or not all(isinstance(c, str) and c.strip() for c in classes):
        raise LabelError(f"{path}: classes = {_short(classes)}; expected a list of names in the order of the logits")
    if twice := [c for c in classes if classes.count(c) > 1]:
        raise LabelError(f"{path}: classes names {twice[0]!r} more than once")
    digest = list_digest(classes)
    if table.get("sha256", digest) != digest:
        raise LabelError(
            f"{path}: its classes have SHA-256 {digest}, the file says {table['sha256']}; a class was changed, moved or "
            "left out"
        )
    return LabelSet(path.stem, table.get("title", path.stem), table.get("source", ""), tuple(classes), digest)


def list_digest(classes: Sequence[str]) -> str:
    """SHA-256 of the names, one a line, each ended by a line feed."""
    return hashlib.sha256("".join(f"{name}\n" for name in classes).encode()).hexdigest()


def classes_of(activity: str, classes: Sequence[str]) -> Match:
    """What counts as `activity` among `classes`, a model's list in the order of its logits.

    A class of the activity's own name is exact: models trained on our clips name their classes so. Otherwise the map
    says, for the published set that all of these classes are of, or all but a few; exact classes go before near ones.
    """
    if activity in classes:
        return Match(activity, (activity,), (list(classes).index(activity),), "exact")
    known = _map().get(activity, {}).get(published_set(tuple(classes)), {})
    for quality in QUALITIES:
        found = [name for name in known.get(quality, ()) if name in classes]
        if found:
            column = {name: index for index, name in enumerate(classes)}
            return Match(activity, tuple(found), tuple(column[name] for name in found), quality)
    return Match(activity, (), (), NONE)


@functools.lru_cache(maxsize=64)
def published_set(classes: tuple[str, ...]) -> str | None:
    """The published set that a model's classes are: the list itself in any order, or a part of it; the smallest that
    holds them all. None where there is none."""
    holding = [name for name in label_sets() if set(classes) <= set(labels(name).classes)]
    return min(holding, key=lambda name: len(labels(name).classes), default=None)


def require(activities: Iterable[str], classes: Sequence[str], *, model: str) -> dict[str, Match]:
    """Activity -> its match. Raises NoClass for the first that a model has no class for."""
    found = {activity: classes_of(activity, classes) for activity in activities}
    for activity, match in found.items():
        if match.quality == NONE:
            raise NoClass(_refusal(activity, classes, model, list(found)))
    return found


def _refusal(activity: str, classes: Sequence[str], model: str, asked: Sequence[str]) -> str:
    words = activity.replace("_", " ")
    folded = {name.lower().replace("_", " "): name for name in classes}
    near = [folded[name] for name in get_close_matches(words, folded, n=3, cutoff=0.3)]
    known = [name for name in [*asked, *_map()] if classes_of(name, classes).quality != NONE]
    can = ", ".join(dict.fromkeys(known)) or "none"
    return (
        f"there is no class of the model {model!r} for the activity {activity!r}; its nearest by name: "
        f"{', '.join(map(repr, near)) or 'none'}. Activities that it has a class for: {can}. Leave {activity} out of "
        "study.activities, take another model, or map it in conf/labels/activities.yaml"
    )


@functools.cache
def _map() -> Mapping[str, Mapping[str, Mapping[str, Sequence[str]]]]:
    """Activity -> set -> quality -> classes, checked against the lists."""
    table = _table(MAP)
    for activity, sets in table.items():
        for name, found in (sets or {}).items():
            _check_entry(f"{MAP.name}: {activity}.{name}", labels(name), found)
    return table


def _check_entry(key: str, known: LabelSet, found) -> None:
    if not isinstance(found, Mapping) or not found or not set(found) <= set(QUALITIES):
        raise LabelError(f"{key} = {_short(found)}; expected exact: [...], near: [...] or both")
    named = [name for names in found.values() for name in names]
    if twice := [name for name in named if named.count(name) > 1]:
        raise LabelError(f"{key} names {twice[0]!r} more than once")
    for name in named:
        if name not in known.classes:
            raise UnknownName(f"class of {known.title} ({key})", name, known.classes)


def _table(path: Path) -> dict:
    try:
        table = yaml.load(path.read_text(encoding="utf-8"), Loader=UniqueKeys)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise LabelError(f"{path} is no YAML file ({error})") from error
    if not isinstance(table, dict):
        raise LabelError(f"{path} holds a {type(table).__name__}; expected a table of keys and values")
    return table


def _short(value) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def main(arguments: Sequence[str]) -> int:
    """The command line; returns the exit code: 0, or 2 for a mistake."""
    write = sys.stdout.write
    try:
        if arguments[:1] == ["activity"] and len(arguments) == 2:
            _tell_activity(arguments[1], write)
        elif len(arguments) == 1 and not arguments[0].startswith("-"):
            found = labels(arguments[0])
            write(f"{found.title}: {len(found.classes)} classes. {found.source}\n")
            write("".join(f"{index:4d}  {name}\n" for index, name in enumerate(found.classes)))
        elif not arguments:
            _tell_sets(write)
        else:
            write(f"{__doc__}\n")
            return 0 if arguments[0] in ("-h", "--help") else 2
    except CeterisError as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 2
    return 0


def _tell_activity(activity: str, write) -> None:
    if activity not in _map():
        raise UnknownName("activity", activity, _map(), "See conf/labels/activities.yaml.")
    for name in label_sets():
        match = classes_of(activity, labels(name).classes)
        write(f"{labels(name).title:26s} {match.quality:6s} {', '.join(match.classes)}\n")


def _tell_sets(write) -> None:
    for name in label_sets():
        found = labels(name)
        qualities = [classes_of(activity, found.classes).quality for activity in _map()]
        counts = ", ".join(f"{qualities.count(quality)} {quality}" for quality in QUALITIES)
        write(f"{name:24s} {len(found.classes):4d} classes  activities: {counts} of {len(qualities)}  {found.title}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
