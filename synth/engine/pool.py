"""Several engines side by side, one per core: shots are dealt to whichever is free, clips come out as they finish.

Each engine is driven by a thread, which only waits for its socket. An engine's fault costs the clips under way a
second try on a fresh engine (`synth.engine.work`); what cannot be drawn is said after all else is.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from synth.engine.capture import Clip, Engine, Prepare, drawn
from synth.engine.errors import EngineChanged, EngineError
from synth.engine.faults import Fault, Limits
from synth.engine.shots import Scene
from synth.engine.work import Work
from synth.engine.worker import Worker
from synth.factors import ClipSpec

LOG = logging.getLogger(__name__)
# Shots per engine that a study is cut into, so that none is left with a long last one.
SHOTS_PER_ENGINE = 4
# For a thread whose engine is gone, before it is left behind.
LEAVE_S = 10.0


class EnginePool:
    """Engines that answer as one; identity, digest and capture as `Engine`. Raises EngineError where they differ."""

    def __init__(self, workers: Sequence[Worker], limits: Limits):
        self._workers, self._limits = list(workers), limits
        self._identity: dict[str, str] = {}
        self._digests: dict[tuple[str, str], str] = {}
        self._work: Work | None = None
        self._threads: list[threading.Thread] = []

    @property
    def engines(self) -> list[Engine]:
        """Those that hold a place now."""
        return [worker.engine for worker in self._workers]

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self._workers)

    def identity(self) -> dict[str, str]:
        """Name, build and backend, which all engines must have in common."""
        found = [worker.ask(lambda engine: engine.identity()) for worker in self._workers]
        if other := [identity for identity in found if identity != found[0]]:
            raise EngineError(f"the engines of a study must be equal, but one is {found[0]} and another {other[0]}")
        self._identity = found[0]
        return found[0]

    def digest(self, kind: str, name: str) -> str:
        """As `Engine.digest`; whoever draws it later must give the same."""
        if (kind, name) not in self._digests:
            self._digests[kind, name] = self._workers[0].ask(lambda engine: engine.digest(kind, name))
        return self._digests[kind, name]

    def capture(
        self,
        specs: Sequence[ClipSpec],
        passes: Sequence[str] = ("frames",),
        tell: Callable[[Fault], None] | None = None,
        prepare: Prepare = drawn,
    ) -> Iterator[Clip]:
        """As `Engine.capture`, each recipe once, in the order in which clips are done. Leaving it early ends the
        engines' sessions.

        tell: is told every fault, from any thread; by default they are logged. prepare: makes of a clip's arrays what
        is wanted instead, beside its engine, several at a time. Raises ClipsQuarantined after the last
        clip where others could not be drawn, EngineChanged where an engine would not draw what was asked for.
        """
        specs = list(dict.fromkeys(specs))
        most = max(1, -(-len(specs) // (SHOTS_PER_ENGINE * len(self._workers))))
        shots = self._workers[0].ask(lambda engine: engine.shots(specs, passes, most))
        for thread in self._threads:
            thread.join()  # of a capture that was left early
        self._work = work = Work(shots, engines=len(self._workers), limits=self._limits, tell=tell or log_fault)
        self._threads = [
            threading.Thread(target=worker.drive, args=(work, passes, prepare, self._vet), daemon=True, name="engine")
            for worker in self._workers
        ]
        for thread in self._threads:
            thread.start()
        try:
            yield from work.results()
        finally:
            for worker in work.end():
                worker.abort()

    def _vet(self, engine: Engine, scene: Scene) -> None:
        """Raises EngineChanged where `engine`, which may be a fresh one, is not what clips were identified with."""
        if self._identity and (found := engine.identity()) != self._identity:
            raise EngineChanged(f"an engine was {self._identity} and is now {found}; run the same command again")
        engine.agrees(self._digests, scene)

    def render(self, spec: ClipSpec, passes: Sequence[str] = ("frames", "mask")) -> dict[str, np.ndarray]:
        """The arrays of one clip; see `capture`, which takes many and is faster for them."""
        ((_, arrays, _),) = self.capture([spec], passes)
        return arrays

    def close(self) -> None:
        """End all sessions and all processes that are ours, and the threads that drove them."""
        if self._work is not None:
            self._work.end()
        for worker in self._workers:
            worker.close()
        for thread in self._threads:
            thread.join(LEAVE_S)
            if thread.is_alive():
                LOG.warning("an engine does not let go of its thread; it ends with the program")


def log_fault(fault: Fault) -> None:
    """One line of log."""
    clips = f" ({len(fault.specs)} clips, try {fault.attempt})" if fault.specs else ""
    LOG.warning("engine: %s, %s%s: %s", fault.reason, fault.outcome, clips, fault.text.partition("\n")[0])
