"""What can go wrong between us and an engine; every message says what was got and the way out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from synth.errors import CeterisError

if TYPE_CHECKING:
    from synth.factors import ClipSpec


class EngineError(CeterisError):
    """Base of everything that goes wrong with an engine."""

    def __reduce__(self):  # errors travel between the nodes of a cluster, and not all are made from their message
        return _again, (type(self), self.args, self.__dict__)


def _again(kind: type[EngineError], args: tuple, state: Mapping) -> EngineError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class CannotConnect(EngineError):
    """Nobody answers at an address, or what answers does not speak UnrealCV."""


class EngineLost(EngineError):
    """The connection ended in the middle of a session."""


class EngineTimeout(EngineLost):
    """No reply within the deadline. The connection is given up: a late reply would be taken for the next one's."""


class OutOfOrder(EngineLost):
    """A reply carries the number of another request; whose answer it is cannot be known."""


class EngineDied(EngineLost):
    """The engine's process ended in the middle of a session; the message holds the last lines of its log."""


class StartFailed(EngineError):
    """An engine's process could not be started, or was not ready within its deadline."""


class EngineRefused(EngineError):
    """The engine answered a command with `error ...`.

    Args:
        command: what was asked. reply: what came back.
    """

    def __init__(self, command: str, reply: str):
        self.command, self.reply = command, reply
        super().__init__(f"the engine refused {command[:200]!r}: {reply.removeprefix('error ')}")


class EngineLacks(EngineRefused):
    """A study needs what the engine's profile has no command for.

    Args:
        lacking: what cannot be done, and the capabilities that it would take. profile, where: its name and file.
    """

    def __init__(self, lacking: Mapping[str, Sequence[str]], *, profile: str, where: str):
        self.lacking, self.command, self.reply = dict(lacking), "", ""
        rows = "".join(f"\n    {what}: no command {', '.join(map(repr, names))}" for what, names in lacking.items())
        EngineError.__init__(
            self,
            f"the engine cannot do what is asked; its profile {profile!r} has no way to{rows}\nLeave it out, choose "
            f"another engine, or add the commands to {where or 'the profile'}",
        )


class BadReply(EngineRefused):
    """The engine answered, but not with what was asked for: bytes that are no picture, too few, or of another size."""

    def __init__(self, command: str, reply: str):
        self.command, self.reply = command, reply
        EngineError.__init__(self, f"the engine's answer to {command[:200]!r} is broken: {reply}")


class StalePose(BadReply):
    """A picture shows the person at another moment than the one asked for."""


class EngineChanged(EngineError):
    """An engine that was started anew is not the one before it, or what it would draw has changed meanwhile."""


class ClipsQuarantined(EngineError):
    """Clips that could not be drawn, raised after all the others were.

    Args:
        reasons: recipe to reason (`synth.engine.faults.REASONS`). first: what the engine said of the first of them.
    """

    def __init__(self, reasons: Mapping[ClipSpec, str], first: str):
        self.reasons, self.first = dict(reasons), first
        counts = {reason: list(reasons.values()).count(reason) for reason in reasons.values()}
        said = ", ".join(f"{count} by {reason}" for reason, count in sorted(counts.items()))
        super().__init__(
            f"{len(reasons)} clips could not be drawn ({said}) and are left out; all others are done. The same command "
            f"tries them again. The first: {first}"
        )

    @classmethod
    def of_all(cls, errors: Sequence[ClipsQuarantined]) -> ClipsQuarantined:
        """One for several captures."""
        return cls({spec: reason for error in errors for spec, reason in error.reasons.items()}, errors[0].first)


class ProfileError(EngineError):
    """A command profile that is not understood, or that lacks a command which is needed."""
