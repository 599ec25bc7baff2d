"""Scoring clips while others are being drawn, so that a GPU never waits for the last of them."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence

from synth.factors import ClipSpec

LEAST = 128  # clips that are worth a call


class Overlap:
    """A thread that scores what is told to be done.

        with Overlap(score) as overlap:
            render_missing(..., done=overlap.done)

    score: takes recipes whose clips are in the store. On leaving, what is left is scored, unless drawing was stopped by
    an error; an error of `score` is raised then.
    """

    def __init__(self, score: Callable[[Sequence[ClipSpec]], None], least: int = LEAST):
        self._score, self._least = score, least
        self._queue: queue.Queue[ClipSpec | None] = queue.Queue()
        self._stop, self._error = False, None
        self._thread = threading.Thread(target=self._run, name="score", daemon=True)

    def done(self, spec: ClipSpec) -> None:
        """A clip is in the store."""
        self._queue.put(spec)

    def __enter__(self) -> Overlap:
        self._thread.start()
        return self

    def __exit__(self, kind, error, trace) -> None:
        self._stop = kind is not None
        self._queue.put(None)
        self._thread.join()
        if kind is None and self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            more = True
            while more:
                waiting, more = self._collect()
                if waiting and not self._stop:
                    self._score(waiting)
        except Exception as error:  # raised again where drawing ends
            self._error = error

    def _collect(self) -> tuple[list[ClipSpec], bool]:
        """At least `least` clips, and whether more may come."""
        waiting: list[ClipSpec] = []
        while len(waiting) < self._least:
            if (spec := self._queue.get()) is None:
                return waiting, False
            waiting.append(spec)
        return waiting, True
