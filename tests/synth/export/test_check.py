"""Every layout keeps the contract, and the checker finds those that do not."""

from dataclasses import dataclass, field

import pytest

from synth.export import FORMATS, Format, FormatError, open_format
from synth.export.check import check_format


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_keeps_the_contract(name):
    form = open_format(name)
    assert form.name == name and check_format(form) is None


@pytest.mark.parametrize(
    ("name", "options"),
    [("coco", {"every": 3, "picture": "png"}), ("webdataset", {"clips_per_shard": 3, "arrays": ["flow", "joints2d"]})],
)
def test_with_options_too(name, options):
    assert check_format(open_format(name, options)) is None


@dataclass(frozen=True, kw_only=True)
class Plain(Format):
    """A sound format; those below break one rule each."""

    name = "plain"
    title = "one file a clip"

    def add(self, sample, files):
        files.write(f"{sample.item.id}.txt", sample.item.class_name)
        return {}

    def finish(self, data, notes, files):
        files.write("all.txt", "\n".join(item.id for item in data.items))


class Unsorted(Plain):
    def finish(self, data, notes, files):
        files.write("all.txt", "\n".join(notes))


class Forgetful(Plain):
    def add(self, sample, files):
        return {}

    def finish(self, data, notes, files):
        return None


class Opaque(Plain):
    def add(self, sample, files):
        return {"path": files.root}


class Hidden(Plain):
    def finish(self, data, notes, files):
        files.write(".all", "")


class Appending(Plain):
    def finish(self, data, notes, files):
        path = files.path("all.txt")
        files.write("all.txt", (path.read_text() if path.exists() else "") + "again")


class Wanting(Plain):
    passes = ("frames", "smell")


class Littering(Plain):
    def add(self, sample, files):
        (files.work / sample.item.id).write_text("half")
        return {}


@dataclass(frozen=True, kw_only=True)
class Odd(Plain):
    values: tuple = field(default_factory=lambda: (1, 2))


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        (Unsorted, "any order"),
        (Forgetful, "finish leaves a data set"),
        (Opaque, "JSON-able"),
        (Hidden, "no file is hidden"),
        (Appending, "finish may be called twice"),
        (Wanting, "passes are of"),
        (Littering, "no partial file"),
        (Odd, "settings are JSON-able"),
    ],
)
def test_a_broken_rule_is_named(kind, rule):
    check_format(Plain())
    with pytest.raises(FormatError, match=rule):
        check_format(kind())
