"""Several engines side by side, one per core: shots are dealt to whichever is free, clips come out as they finish.

Each engine is driven by a thread, which only waits for its socket. What has been finished is handed over before an
error is raised, so that a death costs no more than the clips under way.
"""

from __future__ import annotations

import collections
import logging
import queue
import threading
from collections.abc import Iterator, Sequence

import numpy as np

from synth.engine.capture import Clip, Engine
from synth.engine.errors import EngineError
from synth.engine.shots import Shot
from synth.factors import ClipSpec

LOG = logging.getLogger(__name__)
# Shots per engine that a study is cut into, so that none is left with a long last one.
SHOTS_PER_ENGINE = 4
# Clips that may wait for a slow consumer, per engine.
WAITING = 32
_POLL_S = 0.2


class EnginePool:
    """Engines that answer as one; identity, digest and capture as `Engine`. Raises EngineError where they differ."""

    def __init__(self, engines: Sequence[Engine]):
        self.engines = list(engines)

    def identity(self) -> dict[str, str]:
        """Name, build and backend, which all engines must have in common."""
        found = [engine.identity() for engine in self.engines]
        if other := [identity for identity in found if identity != found[0]]:
            raise EngineError(f"the engines of a study must be equal, but one is {found[0]} and another {other[0]}")
        return found[0]

    def digest(self, kind: str, name: str) -> str:
        """As `Engine.digest`."""
        return self.engines[0].digest(kind, name)

    def capture(self, specs: Sequence[ClipSpec], passes: Sequence[str] = ("frames",)) -> Iterator[Clip]:
        """As `Engine.capture`, in the order in which clips are done. Leaving it early ends the engines' sessions."""
        most = max(1, -(-len(specs) // (SHOTS_PER_ENGINE * len(self.engines))))
        work = _Work(collections.deque(self.engines[0].shots(specs, passes, most)), len(self.engines))
        threads = [
            threading.Thread(target=work.drive, args=(engine, passes), daemon=True, name=f"engine {number}")
            for number, engine in enumerate(self.engines)
        ]
        for thread in threads:
            thread.start()
        try:
            yield from work.results(threads)
        finally:
            work.left.set()
            if any(thread.is_alive() for thread in threads):
                for engine in self.engines:
                    engine.abort()

    def render(self, spec: ClipSpec, passes: Sequence[str] = ("frames", "mask")) -> dict[str, np.ndarray]:
        """The arrays of one clip; see `capture`, which takes many and is faster for them."""
        ((_, arrays, _),) = self.capture([spec], passes)
        return arrays

    def close(self) -> None:
        """End all sessions and all processes that are ours."""
        for engine in self.engines:
            engine.close()


class _Work:
    """What the threads of one capture share."""

    def __init__(self, shots: collections.deque[Shot], engines: int):
        self.failed, self.left = threading.Event(), threading.Event()
        self._shots = shots
        self._done: queue.Queue[Clip] = queue.Queue(maxsize=WAITING * engines)
        self._errors: list[Exception] = []

    def drive(self, engine: Engine, passes: Sequence[str]) -> None:
        """Take shots until there are none; an error goes to the consumer and stops the others after their shot."""
        try:
            while not (self.failed.is_set() or self.left.is_set()):
                try:
                    shot = self._shots.popleft()
                except IndexError:
                    return
                for clip in engine.take(shot, passes):
                    self._hand_over(clip)
        except Exception as error:  # raised again by `results`, in the consumer's thread
            self._errors.append(error)
            self.failed.set()

    def _hand_over(self, clip: Clip) -> None:
        """Wait for room, but not for a consumer that has gone."""
        while not self.left.is_set():
            try:
                return self._done.put(clip, timeout=_POLL_S)
            except queue.Full:
                continue

    def results(self, threads: Sequence[threading.Thread]) -> Iterator[Clip]:
        """Clips as they come; after the last one the first error, if there was one."""
        while any(thread.is_alive() for thread in threads) or not self._done.empty():
            try:
                yield self._done.get(timeout=_POLL_S)
            except queue.Empty:
                continue
        for other in self._errors[1:]:
            LOG.error("another engine failed too: %s", other)
        if self._errors:
            raise self._errors[0]
