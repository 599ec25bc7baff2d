"""What may befall an engine in the middle of a run, in a word, and how long a run bears with it.

A fault is tried again on a fresh engine, since most are of the engine and not of the clip: a leak, a driver, a
neighbour on the machine. What an engine refuses it refuses again, and is not tried twice.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from synth.engine import errors
from synth.engine.errors import EngineError
from synth.factors import ClipSpec

# The most telling first: many are special cases of others.
REASONS: tuple[tuple[type[EngineError], str], ...] = (
    (errors.StalePose, "stale pose"),
    (errors.BadReply, "broken reply"),
    (errors.EngineRefused, "refused"),
    (errors.EngineTimeout, "timeout"),
    (errors.EngineDied, "crash"),
    (errors.OutOfOrder, "wrong order"),
    (errors.EngineLost, "lost connection"),
    (errors.StartFailed, "failed start"),
    (errors.CannotConnect, "no connection"),
    (errors.EngineError, "engine error"),
)
# Of what an engine answers with `error ...`: what may go better another time.
PASSING = ("error Internal error", "error Captured data is empty")
RETRIED, QUARANTINED, REISSUED, RECYCLED = "tried again", "quarantined", "issued to another engine", "recycled"
MOST_WAIT_S = 60.0


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How long a run bears with its engines.

    attempts: how often a clip is tried before it is quarantined, and an engine started anew before it is given up.
    backoff_s: the wait before the second try, doubled for each one after it, a minute at most. straggler: a shot that
    takes so many times as long as the others is issued to an idle engine as well. recycle_clips, recycle_mb: an engine
    of ours is started anew after so many clips, and when its processes hold so much memory; None for never.
    Raises EngineError for a value that cannot be.
    """

    attempts: int = 3
    backoff_s: float = 1.0
    straggler: float = 4.0
    recycle_clips: int | None = None
    recycle_mb: float | None = None

    def __post_init__(self):
        for name in ("attempts", "recycle_clips"):
            value = getattr(self, name)
            if not (value is None and name != "attempts") and (type(value) is not int or value < 1):
                raise EngineError(f"engine.{name} = {value!r}; expected a whole number above 0")
        for name, least in (("backoff_s", 0.0), ("straggler", 1.0), ("recycle_mb", 1.0)):
            value = getattr(self, name)
            if not (value is None and name == "recycle_mb") and not _number(value, least):
                raise EngineError(f"engine.{name} = {value!r}; expected a number, at least {least:g}")

    def wait_s(self, failed: int) -> float:
        """How long to wait after so many tries that failed."""
        return min(MOST_WAIT_S, self.backoff_s * 2.0 ** min(failed - 1, 10))


def _number(value, least: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= least


@dataclass(frozen=True, kw_only=True)
class Fault:
    """reason: a word of REASONS, or why an engine was recycled. text: what is known of it. outcome: what was done.
    specs: the clips under way. attempt: of those clips, from 1."""

    reason: str
    text: str
    outcome: str
    specs: tuple[ClipSpec, ...] = ()
    attempt: int = 1


def reason(error: EngineError) -> str:
    """The word for an error."""
    return next(word for kind, word in REASONS if isinstance(error, kind))


def is_refusal(error: EngineError) -> bool:
    """Whether the engine would say the same again: a mistake in the recipe, not a fault."""
    refused = isinstance(error, errors.EngineRefused) and not isinstance(error, errors.BadReply)
    return refused and not error.reply.startswith(PASSING)
