"""Class lists as published, and which of their classes count as an activity.

    python -m experiments.labels                     the sets, and how many activities each has a class for
    python -m experiments.labels kinetics400         the classes of one
    python -m experiments.labels activity push_up    what counts as it in every set

A list is `conf/labels/NAME.yaml`, in the order of the logits, with the SHA-256 of the published file; a list of one's
own is such a file, named by its path, or laid beside the others where the map shall know it. The map is
`conf/labels/activities.yaml`. Where an activity has several classes, its score is the sum of their probabilities, its
logit their logsumexp and its rank that of the best of them; top-5 is left out under 20 classes (design §3, "Score
rows"; computed in `scoring/judge.py`).
"""

from __future__ import annotations

import functools
import hashlib
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from synth.errors import CeterisError, UnknownName
from synth.unique_keys import UniqueKeys

FOLDER = Path(__file__).resolve().parents[1] / "conf" / "labels"
MAP = FOLDER / "activities.yaml"
QUALITIES = ("exact", "near")
NONE = "none"
KEYS = ("title", "source", "count", "sha256", "classes")


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

    Of its keys only `classes` is needed. Raises UnknownName with the nearest names, also for a misspelt key, and
    LabelError for a file that is no list or not the list that its count and SHA-256 are of.
    """
    path = Path(name) if name.endswith((".yaml", ".yml")) else FOLDER / f"{name}.yaml"
    plain = name.endswith((".yaml", ".yml")) or Path(name).name == name
    if not plain or not path.is_file() or path == MAP:
        raise UnknownName(
            "list of classes", name, label_sets(), "One of your own is named by the path of its YAML file."
        )
    table = _table(path)
    if (odd := next((key for key in table if key not in KEYS), None)) is not None:
        raise UnknownName(f"key of {path}", odd, KEYS)
    classes = table.get("classes")
    if not isinstance(classes, list) or not classes or not all(isinstance(c, str) and c.strip() for c in classes):
        raise LabelError(f"{path}: classes = {_short(classes)}; expected a list of names in the order of the logits")
    if twice := [c for c in classes if classes.count(c) > 1]:
        raise LabelError(f"{path}: classes names {twice[0]!r} more than once")
    digest = _check_published(path, table, classes)
    return LabelSet(path.stem, table.get("title", path.stem), table.get("source", ""), tuple(classes), digest)


def _check_published(path: Path, table: Mapping, classes: Sequence[str]) -> str:
    """The list's SHA-256, where its file says nothing else."""
    if table.get("count", len(classes)) != len(classes):
        raise LabelError(f"{path}: count = {_short(table['count'])}, but {len(classes)} classes follow")
    digest = list_digest(classes)
    if table.get("sha256", digest) != digest:
        raise LabelError(
            f"{path}: its classes have SHA-256 {digest}, the file says {table['sha256']}; a class was changed, moved "
            "or left out"
        )
    return digest


def list_digest(classes: Sequence[str]) -> str:
    """SHA-256 of the names, one a line, each ended by a line feed."""
    return hashlib.sha256("".join(f"{name}\n" for name in classes).encode()).hexdigest()


@functools.cache
def _plain(name: str) -> str:
    """What two ways of writing one name share: "PushUps", "push ups" and "push_ups", "Hitting [something]" and
    "hitting something"; not "push_up", which is another name."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _column(name: str, classes: Sequence[str]) -> int | None:
    """Where `name` is among the classes: as written, else written otherwise if only one of them can be meant."""
    if name in classes:
        return list(classes).index(name)
    alike = [column for column, other in enumerate(classes) if _plain(other) == _plain(name)]
    return alike[0] if len(alike) == 1 else None


def classes_of(activity: str, classes: Sequence[str]) -> Match:
    """What counts as `activity` among `classes`, a model's list in the order of its logits.

    A class of the activity's own name is exact: models trained on our clips name their classes so. Otherwise the map
    says, for the published set that the list is (see `published_set`); exact classes go before near ones. Names are
    the same if they differ in case, spaces and punctuation alone, unless two classes of the model do; then they count
    only as written. `Match.classes` are in the model's spelling.
    """
    if (own := _column(activity, classes)) is not None:
        return Match(activity, (classes[own],), (own,), "exact")
    known = _map().get(activity, {}).get(published_set(tuple(classes)), {})
    for quality in QUALITIES:
        columns = [column for name in known.get(quality, ()) if (column := _column(name, classes)) is not None]
        if columns:
            return Match(activity, tuple(classes[column] for column in columns), tuple(columns), quality)
    return Match(activity, (), (), NONE)


@functools.lru_cache(maxsize=64)
def published_set(classes: tuple[str, ...]) -> str | None:
    """The published set that a model's classes are, in any order and spelling: the smallest set that holds them all,
    else the largest of which they hold all (a model may have classes of its own besides). None where there is none."""
    asked = {_plain(name) for name in classes}
    sets = {name: {_plain(known) for known in labels(name).classes} for name in label_sets()}
    by_size = sorted(sets, key=lambda name: len(sets[name]))
    whole = [name for name in by_size if asked <= sets[name]]
    besides = [name for name in reversed(by_size) if sets[name] <= asked]
    return next(iter(whole + besides), None)


def require(activities: Iterable[str], classes: Sequence[str], *, model: str) -> dict[str, Match]:
    """Activity -> its match. Raises NoClass for the first that a model has no class for."""
    found = {activity: classes_of(activity, classes) for activity in activities}
    for activity, match in found.items():
        if match.quality == NONE:
            raise NoClass(_refusal(activity, classes, model, list(found)))
    return found


def _refusal(activity: str, classes: Sequence[str], model: str, asked: Sequence[str]) -> str:
    near = ", ".join(map(repr, _nearest(activity, classes))) or "none"
    known = [name for name in [*asked, *_map()] if classes_of(name, classes).quality != NONE]
    can = ", ".join(dict.fromkeys(known)) or "none"
    return (
        f"there is no class of the model {model!r} for the activity {activity!r}; its nearest by name: {near}. "
        f"Activities that it has a class for: {can}. Leave {activity} out of study.activities, take another model, "
        "or map it in conf/labels/activities.yaml (classes that are of no published set: beside their list in "
        "conf/labels)"
    )


def _nearest(activity: str, classes: Sequence[str], most: int = 3) -> list[str]:
    """The classes that share most words with an activity, the shortest first.

    Likeness of whole names would not do: by it "walk" is nearer to "vault" than to "walking the dog".
    """
    words = _words(activity)
    shared = {name: sum(any(_akin(a, b) for b in _words(name)) for a in words) for name in classes}
    return sorted((name for name in classes if shared[name]), key=lambda name: (-shared[name], len(name)))[:most]


def _akin(one: str, other: str) -> bool:
    """Whether two words begin alike, all but the last letter of the shorter: wave and waving, not wave and water."""
    least = max(3, min(len(one), len(other)) - 1)
    return len(one) >= least and one[:least] == other[:least]


def _words(name: str) -> list[str]:
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)]


@functools.cache
def _map() -> Mapping[str, Mapping[str, Mapping[str, Sequence[str]]]]:
    """Activity -> set -> quality -> classes, checked against the lists."""
    table = {activity: sets or {} for activity, sets in _table(MAP).items()}
    for activity, sets in table.items():
        if not isinstance(sets, Mapping):
            raise LabelError(f"{MAP}: {activity} = {_short(sets)}; expected SET: {{exact: [...], near: [...]}}")
        for name, found in sets.items():
            if name not in label_sets():
                raise UnknownName(f"list of classes ({MAP}: {activity})", name, label_sets())
            _check_entry(f"{MAP}: {activity}.{name}", labels(name), found)
    return table


def _check_entry(key: str, known: LabelSet, found) -> None:
    lists = list(found.values()) if isinstance(found, Mapping) and set(found) <= set(QUALITIES) else []
    if not lists or not all(isinstance(names, list) and names for names in lists):
        raise LabelError(f"{key} = {_short(found)}; expected exact: [...], near: [...] or both")
    named = [name for names in lists for name in names]
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
