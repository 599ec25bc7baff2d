"""From a line of text to a handler, by the rule of the UnrealCV plugin (`CommandDispatcher.cpp`, plugin 1.0.1).

A template such as `vset /camera/[uint]/fov [float]` becomes a regular expression that is searched for in the line;
the verb must be equal, the last template bound wins. What follows from the rule is kept, because a client that works
here must work there: `1e-05`, `1.` and double blanks are refused, trailing blanks are not. The text for an unknown
command is the older one, which all public binaries give and upstream's own contract test asks for.
"""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from synth.errors import CeterisError
from synth.factors import FactorError

LOG = logging.getLogger(__name__)
OK = "ok"

Reply = str | bytes | None
Handler = Callable[..., Reply]
# The plugin's float is [-+]?\d*[.]?\d+; this one takes the same words, and no time that grows with their square.
_KINDS = {"str": r"([^ ]*)", "uint": r"(\d*)", "float": r"([-+]?(?:\d*[.])?\d+)"}


class CommandError(Exception):
    """A command that cannot be done; its text follows `error ` on the wire."""


ARGUMENT_INVALID = "Argument Invalid"


@dataclass(frozen=True)
class Command:
    """template: with [str], [uint] and [float]. handler: takes one argument for each. help: one line for people."""

    template: str
    handler: Handler
    help: str


class Dispatcher:
    """The table of commands."""

    def __init__(self, commands: Iterable[Command] = ()):
        self.commands: dict[str, Command] = {}
        self._by_verb: dict[str, list[tuple[re.Pattern, list[Callable], Command]]] = {}
        for command in commands:
            self.bind(command)

    def bind(self, command: Command) -> None:
        """Add a command; a template that is there already is replaced."""
        kinds = re.findall(r"\[(\w+)\]", command.template)
        pattern = re.sub(r"\[(\w+)\]", lambda found: _KINDS[found[1]], command.template) + "[ ]*$"
        entry = (re.compile(pattern, re.ASCII), [_CONVERT[kind] for kind in kinds], command)
        table = self._by_verb.setdefault(_verb(command.template), [])
        table[:] = [other for other in table if other[2].template != command.template]
        table.insert(0, entry)
        self.commands[command.template] = command

    def execute(self, line: str) -> bytes:
        """The reply to one command, as it goes over the wire; never raises for a fault of the command."""
        try:
            reply = self._run(line)
        except (CommandError, CeterisError, FactorError) as error:
            reply = f"error {_one_line(error)}"
        except Exception as error:  # one faulty command must not end a session of thousands
            LOG.exception("command failed: %.200s", line)
            reply = f"error Internal error, see the engine's log: {type(error).__name__}: {_one_line(error)}"
        return reply if isinstance(reply, bytes) else (OK if reply is None else reply).encode()

    def _run(self, line: str) -> Reply:
        for pattern, converters, command in self._by_verb.get(_verb(line), ()):
            if found := pattern.search(line):
                values = [convert(text) for convert, text in zip(converters, found.groups(), strict=True)]
                return command.handler(*values)
        raise CommandError(f"Can not find a handler for URI '{line}'")


def _verb(line: str) -> str:
    return line.partition(" ")[0]


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).splitlines())


def _uint(text: str) -> int:
    if not text or len(text) > 9:
        raise CommandError(ARGUMENT_INVALID)
    return int(text)


def finite(text: str) -> float:
    """A number of the wire; raises CommandError for one that is none or not finite."""
    try:
        value = float(text)
    except ValueError as error:
        raise CommandError(f"{ARGUMENT_INVALID}: {text[:40]!r} is no number") from error
    if not math.isfinite(value):
        raise CommandError(f"{ARGUMENT_INVALID}: {text[:40]!r} is not finite")
    return value


_CONVERT: dict[str, Callable] = {"str": str, "uint": _uint, "float": finite}
