"""How rendering scales:  python -m benchmarks.scale

Engines: clips of 224 x 224 x 16, frames, mask and joints, drawn and stored by one engine and by two, taking turns.

Orchestrator: the same pool, leases and store with engines that answer at once with clips recorded before: what a clip
costs the process that hands out shots and writes clips, and so how many it can take from any number of engines.

Simulation: the same with engines that take as long as the recorded shots took on one engine, 1 to 256 of them: clips a
second against that many times what one gives. The engines sleep, so that this machine's cores play no part; pool,
leases, threads and disk are the real ones.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence

from benchmarks.orchestrator import recipes
from synth.arguments import whole
from synth.clips import ClipStore
from synth.clips.encoded import Encoded, encode
from synth.engine import open_engine
from synth.engine.capture import Clip, Prepare
from synth.engine.faults import Limits
from synth.engine.pool import SHOTS_PER_ENGINE, EnginePool
from synth.engine.shots import Shot, plan_shots
from synth.engine.worker import Way, Worker
from synth.factors import ClipSpec
from synth.render import DEFAULT_PASSES, identify, render_missing

ENGINES = (1, 8, 16, 32, 64, 128, 256)
PER_SHOT = 8  # clips, of the simulation


class Recorded:
    """An engine that gives one recorded clip for every recipe, after `seconds` each."""

    process = None

    def __init__(self, files: dict[str, Encoded], seconds: Iterator[float]):
        self._files, self._seconds = files, seconds

    def identity(self) -> dict[str, str]:
        """Some engine."""
        return {"engine": "recorded"}

    def digest(self, kind: str, name: str) -> str:
        """Of whatever it is."""
        return f"{kind}:{name}"

    def agrees(self, digests, scene) -> None:
        """Always."""

    def shots(self, specs: Sequence[ClipSpec], passes: Sequence[str], most_clips: int) -> list[Shot]:
        """As an engine plans them."""
        return list(plan_shots(specs, pixel_bytes=4, shot_bytes=1 << 30, most_clips=min(most_clips, PER_SHOT)))

    def take(self, shot: Shot, passes: Sequence[str], prepare: Prepare) -> Iterator[Clip]:
        """The recorded clip, once for each of the shot's recipes."""
        for spec, camera in zip(shot.specs, shot.cameras, strict=True):
            time.sleep(next(self._seconds))
            yield spec, self._files, camera

    def abort(self) -> None:
        """Nothing to end."""

    close = abort


def efficiency(clips: int, rounds: int) -> Iterator[tuple[float, float]]:
    """Clips a second of one engine and of two, of each round."""
    with open_engine(workers=1) as one, open_engine(workers=2) as two:
        for number in range(rounds):
            yield tuple(_rate(pool, clips, (2 * number + k) * clips) for k, pool in enumerate((one, two)))


def _rate(pool: EnginePool, clips: int, first: int) -> float:
    specs = recipes(clips, first)
    list(pool.capture(recipes(2 * pool.size, 90_000 + first), DEFAULT_PASSES))
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        render_missing(identify(specs, pool), store=ClipStore(folder), pool=pool)
        return clips / (time.perf_counter() - start)


def record(clips: int) -> tuple[dict[str, Encoded], list[float]]:
    """A clip's files, and seconds that one engine took for each of many clips, its files among them."""
    times, files = [], {}
    with open_engine(workers=1) as pool:
        list(pool.capture(recipes(4, 90_000), DEFAULT_PASSES))
        start = time.perf_counter()
        for _, files, _ in pool.capture(recipes(clips, 0), DEFAULT_PASSES, prepare=encode):  # noqa: B007
            times.append(time.perf_counter() - start)
            start = time.perf_counter()
    return files, times


def simulated(engines: int, files: dict[str, Encoded], times: Sequence[float], clips: int) -> float:
    """Clips a second of so many engines."""
    limits, seconds = Limits(), itertools.cycle(times)
    way = Way(lambda: None, lambda _: Recorded(files, seconds))
    workers = [Worker(way.attach(None), way, limits) for _ in range(engines)]
    pool, specs = EnginePool(workers, limits), recipes(clips, 0)
    with tempfile.TemporaryDirectory() as folder:
        known, start = identify(specs, pool), time.perf_counter()
        render_missing(known, store=ClipStore(folder), pool=pool)
        return clips / (time.perf_counter() - start)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print all three."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=whole(1), default=32, help="of a round, and recorded (default 32)")
    parser.add_argument("--rounds", type=whole(1), default=3)
    parser.add_argument("--no-engines", action="store_true", help="leave out one engine against two")
    options = parser.parse_args(arguments)
    if not options.no_engines:
        rates = list(efficiency(options.clips, options.rounds))
        one, two = (statistics.median(column) for column in zip(*rates, strict=True))
        gain = statistics.median(b / a for a, b in rates)
        _say(f"one engine {one:.2f} clips/s, two {two:.2f}; {gain:.2f} times, efficiency {gain / 2:.0%}")
    files, times = record(options.clips)
    size = sum(len(file.content) for file in files.values())
    _say(f"recorded: median {statistics.median(times):.3f} s a clip, {size / 1e3:.0f} kB")
    most = statistics.median(simulated(8, files, [0.0], 400) for _ in range(options.rounds))
    _say(f"orchestrator: {1e3 / most:.1f} ms a clip, at most {most:.0f} clips/s")
    alone = 1 / statistics.fmean(times)
    for engines in ENGINES:
        rate = simulated(engines, files, times, engines * SHOTS_PER_ENGINE * PER_SHOT)
        share = rate / (engines * alone)
        _say(f"{engines:4d} engines simulated: {rate:7.1f} clips/s, {share:.0%} of {engines} times one")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
