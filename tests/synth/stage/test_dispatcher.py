"""The plugin's rule from template to regular expression, with its quirks."""

import itertools
import re

import pytest

from synth.errors import UnknownName
from synth.stage.dispatcher import _KINDS, Command, CommandError, Dispatcher


def fail():
    raise CommandError("Cannot find object")


def misspelt():
    raise UnknownName("motion", "sqat", ["squat"])


def broken():
    return {}["key"]


@pytest.fixture
def dispatcher():
    return Dispatcher(
        [
            Command("vset /thing/[uint]/fov [float]", lambda i, fov: f"{i} {fov:.3f}", "fov"),
            Command("vget /echo [str]", lambda word: word, "echo"),
            Command("vset /go", lambda: None, "go"),
            Command("vget /bytes", lambda: b"\x93NUMPY", "bytes"),
            Command("vget /fail", fail, "fails"),
            Command("vget /misspelt", misspelt, "fails"),
            Command("vget /broken", broken, "has a fault"),
        ]
    )


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        ("vset /thing/3/fov 90", b"3 90.000"),
        ("vset /thing/3/fov +30", b"3 30.000"),
        ("vset /thing/3/fov -20.5", b"3 -20.500"),
        ("vset /thing/3/fov .5", b"3 0.500"),
        ("vset /thing/3/fov 90   ", b"3 90.000"),
        ("vget /echo word", b"word"),
        ("vget /echo grüß", "grüß".encode()),
        ("vset /go", b"ok"),
        ("vget /bytes", b"\x93NUMPY"),
        ("vget /fail", b"error Cannot find object"),
        ("vset /thing//fov 90", b"error Argument Invalid"),
    ],
)
def test_replies(dispatcher, line, reply):
    assert dispatcher.execute(line) == reply


@pytest.mark.parametrize(
    "line",
    [
        "vset /thing/3/fov 1e-05",
        "vset /thing/3/fov 1.",
        "vset /thing/3/fov nan",
        "vset /thing/-1/fov 90",
        "vset  /thing/3/fov 90",
        "vset /thing/3/fov  90",
        "vset /thing/3/fov 90 90",
        "Vset /thing/3/fov 90",
        "vget /go",
        "vget /echo two words",
        "",
    ],
)
def test_what_no_template_matches_is_answered_with_the_older_text(dispatcher, line):
    assert dispatcher.execute(line).decode() == f"error Can not find a handler for URI '{line}'"


def test_a_misspelt_name_is_answered_with_the_nearest(dispatcher):
    assert dispatcher.execute("vget /misspelt") == b"error there is no motion named 'sqat'; did you mean 'squat'?"


def test_a_fault_of_ours_is_logged_and_answered(dispatcher, caplog):
    assert dispatcher.execute("vget /broken").startswith(b"error Internal error, see the engine's log: KeyError")
    assert "vget /broken" in caplog.text


def test_the_last_template_bound_wins(dispatcher):
    dispatcher.bind(Command("vget /echo [str]", lambda word: word[::-1], "other"))
    assert dispatcher.execute("vget /echo word") == b"drow"
    assert [name for name in dispatcher.commands if "echo" in name] == ["vget /echo [str]"]


def test_a_number_too_large_for_a_float_is_refused(dispatcher):
    assert dispatcher.execute(f"vset /thing/3/fov {'9' * 400}").startswith(b"error Argument Invalid")


def test_a_float_is_what_the_plugin_takes_for_one():
    ours, theirs = re.compile(_KINDS["float"] + "$"), re.compile(r"([-+]?\d*[.]?\d+)$")
    for length in range(5):
        for word in map("".join, itertools.product("+-.1", repeat=length)):
            assert bool(ours.match(word)) == bool(theirs.match(word)), word
