"""One place in a pool of engines: the engine that holds it, and how to have another when that one is lost or old."""

from __future__ import annotations

import logging
import threading
import tokenize
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import cv2

from synth.engine.capture import Engine, Prepare
from synth.engine.errors import BadReply, CannotConnect, EngineChanged, EngineError, EngineLost, StartFailed
from synth.engine.faults import RECYCLED, RETRIED, Fault, Limits, is_refusal, reason
from synth.engine.shots import Scene
from synth.engine.work import Task, Work

# What NumPy and OpenCV raise for a reply's bytes, besides what `synth.engine.decode` names.
UNDECODED = (SyntaxError, tokenize.TokenError, EOFError, OverflowError, MemoryError, cv2.error)
LOG = logging.getLogger(__name__)
Answer = TypeVar("Answer")


class Coming(Protocol):
    """A process, or an actor, that will be an engine."""

    def stop(self) -> None:
        """End it, from any thread; whoever waits for it to be ready is told so by a StartFailed."""


@dataclass(frozen=True)
class Way:
    """How an engine is had: `start` its process, which takes a while to be ready, and `attach` a session to it. The
    process is None where the engine runs already."""

    start: Callable[[], Coming | None]
    attach: Callable[[Coming | None], Engine]


class Worker:
    """Args:
    engine: the one to begin with. way: to another, started or connected anew. limits: see `Limits`.
    """

    def __init__(self, engine: Engine, way: Way, limits: Limits):
        self.engine, self._way, self._limits = engine, way, limits
        self._coming: Coming | None = None
        self._lost, self._closed = False, False
        self._clips = 0
        self._renewing = threading.Lock()

    def drive(self, work: Work, passes: Sequence[str], prepare: Prepare, vet: Callable[[Engine, Scene], None]) -> None:
        """Take shots until there are none. A fault goes to `work`, and the next shot to a fresh engine.

        prepare: as in `Engine.take`. vet: raises EngineChanged where an engine would not draw what the run was planned
        for.
        """
        try:
            while (task := work.take(self)) is not None:
                try:
                    self._make_ready(work)
                except (StartFailed, CannotConnect) as error:
                    work.give_back(task, error)
                    return
                self._draw(work, task, passes, prepare, vet)
        except Exception as error:  # whatever it is: `Work.results` raises it in the consumer's thread
            work.stop(error)
        finally:
            work.leave()

    def _draw(self, work: Work, task: Task, passes: Sequence[str], prepare: Prepare, vet: Callable) -> None:
        try:
            vet(self.engine, task.shot.scene)
            for clip in self.engine.take(task.shot, passes, prepare):
                work.hand_over(task, clip)
                self._clips += 1
        except EngineChanged:
            raise
        except EngineError as error:
            self._lost = not is_refusal(error) or self._lost
            work.fail(task, error)
        except UNDECODED as error:
            self._lost = True
            work.fail(task, BadReply("capture", f"{type(error).__name__}: {error}"))
        else:
            work.finish(task)

    def _make_ready(self, work: Work) -> None:
        """Have an engine that can be trusted with a shot; raises StartFailed, CannotConnect after several tries."""
        if not self._lost:
            if not (why := self._worn()):
                return
            work.tell(Fault(reason=why, text="the engine is started anew", outcome=RECYCLED))
        for failed in range(1, self._limits.attempts + 1):
            try:
                return self.renew()
            except (StartFailed, CannotConnect) as error:
                if failed == self._limits.attempts or self._closed:
                    raise
                work.tell(Fault(reason=reason(error), text=str(error), outcome=RETRIED, attempt=failed))
                work.pause(self._limits.wait_s(failed))

    def _worn(self) -> str:
        """Why the engine should be recycled; nothing where it need not be, or is not ours."""
        if (process := self.engine.process) is None:
            return ""
        if self._limits.recycle_clips and self._clips >= self._limits.recycle_clips:
            return f"{self._clips} clips"
        if self._limits.recycle_mb and (held := process.resident_mb()) > self._limits.recycle_mb:
            return f"{held:.0f} MB of memory"
        return ""

    def renew(self) -> None:
        """End the engine and have another; raises StartFailed, CannotConnect."""
        with self._renewing:
            self._lost = True
            self.engine.close()
            self._coming = self._way.start()
            if self._closed:
                self._end_coming()
            self.engine, self._clips = self._way.attach(self._coming), 0
            self._lost, self._coming = False, None
            if self._closed:
                self.engine.close()

    def ask(self, question: Callable[[Engine], Answer]) -> Answer:
        """What the engine answers; asked once more of a fresh one if it is lost meanwhile."""
        if not self._lost:
            try:
                return question(self.engine)
            except EngineLost as error:
                LOG.warning("an engine is started anew: %s", error)
        self.renew()
        return question(self.engine)

    def abort(self) -> None:
        """End the session under way, from any thread."""
        self._lost = True
        self.engine.abort()

    def close(self) -> None:
        """End the session, and the engine's process where it is ours, also one that is not ready yet."""
        self._closed = True
        self._end_coming()
        self.engine.close()

    def _end_coming(self) -> None:
        if (coming := self._coming) is not None:
            coming.stop()
