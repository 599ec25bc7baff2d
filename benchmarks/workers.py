"""Renderers side by side, one process each with one thread, as the engine pool runs them: what a machine renders."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Iterator, Sequence

import numpy as np
import warp as wp

from benchmarks.scenes import WORK, Scene

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_PATIENCE_S = 600.0


def measure(scene: Scene, repeats: int, *, gate=None) -> dict[str, np.ndarray]:
    """(repeats, 2) wall-clock and CPU seconds of each call of WORK in the place that is shown; gate: a barrier that
    every call waits at."""
    out = {}
    for name, work in WORK.items():
        scene.do(work, 0)
        rows = []
        for number in range(1, repeats + 1):
            if gate is not None:
                gate.wait(_PATIENCE_S)
            start, own = time.perf_counter(), time.process_time()
            scene.do(work, number)
            wp.synchronize()
            rows.append((time.perf_counter() - start, time.process_time() - own))
        out[name] = np.array(rows)
    return out


def _work(sent, gate, device: str, appearance: str, environments: Sequence[str], repeats: int) -> None:
    """A worker: measures every environment in step with the others and sends what it found."""
    scene = Scene(device, appearance)
    for environment in environments:
        scene.show(environment)
        sent.send(measure(scene, repeats, gate=gate))


def rates(
    processes: int, *, device: str, appearance: str, environments: Sequence[str], repeats: int
) -> Iterator[dict[str, float]]:
    """For each environment in turn frames a second of each WORK, of all processes together: each call begins in all
    at once and counts until the last is done; medians over the calls."""
    context = multiprocessing.get_context("spawn")
    gate = context.Barrier(processes)
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    workers, ends = [], []
    for _ in range(processes):
        end, sent = context.Pipe(duplex=False)
        given = (sent, gate, device, appearance, environments, repeats)
        workers.append(context.Process(target=_work, args=given, daemon=True))
        workers[-1].start()
        sent.close()
        ends.append(end)
    for name, value in before.items():
        os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)
    for _ in environments:
        found = [end.recv() for end in ends]
        slowest = {name: np.max([each[name][:, 0] for each in found], axis=0) for name in WORK}
        yield {name: processes * WORK[name].frames / float(np.median(slowest[name])) for name in WORK}
    for worker in workers:
        worker.join()
