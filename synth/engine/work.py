"""The shots of a capture, and what becomes of each: drawn, tried again, issued twice, or its clips quarantined.

A shot that failed comes back as its clips, one by one, so that one which breaks engines takes no others with it. When
nothing is left to take, the shots that take far longer than the others are issued once more: the first result wins,
and since results are deterministic it does not matter which. One lock guards everything here.
"""

from __future__ import annotations

import collections
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from synth.engine.capture import Clip
from synth.engine.errors import ClipsQuarantined, EngineError
from synth.engine.faults import QUARANTINED, REISSUED, RETRIED, Fault, Limits, is_refusal, reason
from synth.engine.shots import Shot
from synth.factors import ClipSpec

# Clips that may wait for a slow consumer, per engine.
WAITING = 32
# A shot is no straggler before this, whatever the others took.
STRAGGLER_S = 5.0
# So many faults without one clip between them: nothing works any more, and trying on would take days.
HOPELESS = 24
_POLL_S = 0.2


@dataclass(eq=False)
class Task:
    """A shot to be drawn. failed: how often it has. not_before, since: on the monotonic clock, when it may be taken
    and when it was. again: whether it is, or has, a second copy. handed: how many clips were handed over. held_up: by
    the consumer."""

    shot: Shot
    failed: int = 0
    not_before: float = 0.0
    since: float = 0.0
    again: bool = False
    handed: int = 0
    held_up: bool = False


class Work:
    """What the threads of one capture share. tell: is told every fault, from any thread."""

    def __init__(self, shots: Sequence[Shot], *, engines: int, limits: Limits, tell: Callable[[Fault], None]):
        self.tell = tell
        self._limits, self._most = limits, WAITING * engines
        self._changed = threading.Condition()
        self._waiting = collections.deque(Task(shot) for shot in shots)
        self._under_way: dict[Task, object] = {}
        self._open = {spec for shot in shots for spec in shot.specs}
        self._done: collections.deque[Clip] = collections.deque()
        self._quarantined: dict[ClipSpec, str] = {}
        self._first = ""
        self._engines, self._over = engines, False
        self._fatal: Exception | None = None
        self._last_error: EngineError | None = None
        self._in_a_row = 0
        self._pace: list[float] = []  # seconds per clip of the shots that are done

    def take(self, worker: object) -> Task | None:
        """The next shot for an engine that is free, None when there is nothing left."""
        with self._changed:
            while self._open and not self._over:
                now = time.monotonic()
                if (task := self._due(now) or self._straggler(now)) is not None:
                    task.since = now
                    self._under_way[task] = worker
                    return task
                self._changed.wait(_POLL_S)
        return None

    def _due(self, now: float) -> Task | None:
        for task in list(self._waiting):
            if task.not_before <= now:
                self._waiting.remove(task)
                task.shot = task.shot.only(self._open)
                if task.shot.specs:
                    return task
        return None

    def _straggler(self, now: float) -> Task | None:
        """A second copy of the shot that has been under way for too long."""
        if self._waiting or not self._pace:
            return None
        pace = self._limits.straggler * statistics.median(self._pace)
        for task in self._under_way:
            if not (task.again or task.held_up) and now - task.since > max(STRAGGLER_S, pace * len(task.shot.specs)):
                task.again = True
                text = f"it has been under way for {now - task.since:.0f} s"
                copy = Task(task.shot.only(self._open), failed=task.failed, again=True)
                self.tell(Fault(reason="straggler", text=text, outcome=REISSUED, specs=copy.shot.specs))
                return copy
        return None

    def hand_over(self, task: Task, clip: Clip) -> None:
        """Give a clip to the consumer, once; waits for room, but not for a consumer that has gone. That time is not the
        engine's."""
        with self._changed:
            start, task.handed, task.held_up = time.monotonic(), task.handed + 1, True
            self._changed.wait_for(lambda: len(self._done) < self._most or self._over)
            task.since, task.held_up = task.since + time.monotonic() - start, False
            if clip[0] not in self._open or self._over:
                return
            self._open.discard(clip[0])
            self._done.append(clip)
            self._in_a_row = 0
            self._changed.notify_all()

    def finish(self, task: Task) -> None:
        """A shot is done."""
        with self._changed:
            del self._under_way[task]
            self._pace.append((time.monotonic() - task.since) / len(task.shot.specs))
            self._changed.notify_all()

    def fail(self, task: Task, error: EngineError) -> None:
        """A shot failed: what of it nobody has drawn is tried again by clips, or quarantined."""
        with self._changed:
            del self._under_way[task]
            if (left := task.shot.only(self._open)).specs and not self._over:
                self._in_a_row += 1
                self._last_error = error
                self._try_again(Task(left, failed=task.failed + 1), error)
            self._changed.notify_all()

    def _try_again(self, task: Task, error: EngineError) -> None:
        specs, alone = task.shot.specs, len(task.shot.specs) == 1
        word, said = reason(error), {"text": str(error), "specs": specs, "attempt": task.failed}
        if self._in_a_row >= HOPELESS:
            text = f"{HOPELESS} faults without a clip between them, the last: {error}"
            self._quarantine(tuple(self._open), word, text, task.failed)
        elif (alone and is_refusal(error)) or task.failed >= self._limits.attempts:
            self._quarantine(specs, word, str(error), task.failed)
        else:
            wait_s = 0.0 if is_refusal(error) else self._limits.wait_s(task.failed)
            due = time.monotonic() + wait_s
            self._waiting += [Task(task.shot.only({spec}), failed=task.failed, not_before=due) for spec in specs]
            self.tell(Fault(reason=word, outcome=RETRIED, **said))

    def _quarantine(self, specs: Sequence[ClipSpec], word: str, text: str, attempt: int) -> None:
        self._first = self._first or text
        self._quarantined.update(dict.fromkeys(specs, word))
        self._open.difference_update(specs)
        self.tell(Fault(reason=word, text=text, outcome=QUARANTINED, specs=tuple(specs), attempt=attempt))

    def give_back(self, task: Task, error: EngineError) -> None:
        """A shot that was taken by an engine which cannot be had any more."""
        with self._changed:
            del self._under_way[task]
            self._last_error = error
            self._waiting.appendleft(task)
            self._changed.notify_all()

    def stop(self, error: Exception) -> None:
        """End everything for a reason that no other try would mend."""
        with self._changed:
            self._fatal, self._over = self._fatal or error, True
            self._changed.notify_all()

    def leave(self) -> None:
        """An engine's thread ends; after the last one, what is left is quarantined."""
        with self._changed:
            self._engines -= 1
            if not self._engines and self._open and not self._over and self._last_error is not None:
                error = self._last_error
                self._quarantine(tuple(self._open), reason(error), str(error), self._limits.attempts)
            self._changed.notify_all()

    def pause(self, seconds: float) -> None:
        """Wait, unless everything ends."""
        with self._changed:
            self._changed.wait_for(lambda: self._over or not self._open, seconds)

    def results(self) -> Iterator[Clip]:
        """Clips as they come. After the last one raises ClipsQuarantined where some are missing, or what ended it."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._done or not self._open or self._over or not self._engines)
                if not self._done:
                    break
                clip = self._done.popleft()
                self._changed.notify_all()
            yield clip
        if self._fatal is not None:
            raise self._fatal
        if self._quarantined:
            raise ClipsQuarantined(self._quarantined, self._first)

    def end(self) -> list[object]:
        """Nobody wants more; returns the workers that are still at it, those apart that gave their last clip."""
        with self._changed:
            self._over = True
            self._changed.notify_all()
            return [worker for task, worker in self._under_way.items() if task.handed < len(task.shot.specs)]
