"""Making a data set: draw what is missing, write it in every layout, keep the ledger (`synth.export.files`).

    plan -> engines, or the clip store -> encode and write, several clips at a time -> lists and cards

Engines are processes of their own and draw; encoding and writing are C code that lets other threads run, so that both
keep all cores busy at a time. A clip that the store holds with every pass that is needed is read and not drawn; the
store is not written to, since a data set is its own copy.
"""

from __future__ import annotations

import collections
import json
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from synth.clips import BrokenClip, ClipStore
from synth.engine import ClipsQuarantined, EnginePool, Fault
from synth.export import card
from synth.export.dataset import DataSet, Item, Sample
from synth.export.errors import ExportError
from synth.export.files import Ledger
from synth.export.formats import Format
from synth.export.splits import check_splits
from synth.frames import Camera
from synth.ledger import Ledger as FaultLedger

WAITING = 2  # clips per thread that may wait to be written
log = logging.getLogger("ceteris")


@dataclass(frozen=True, kw_only=True)
class Job:
    """data: what is made. formats: in which layouts. root: where. store: where clips may be already, or None."""

    data: DataSet
    formats: Sequence[Format]
    root: Path
    store: ClipStore | None = None

    def check(self) -> None:
        """Raises LeakedSplit, ExportError, VideoError, before anything is drawn."""
        check_splits({split: [item.spec for item in self.data.of_split(split)] for split in self.data.splits})
        for form in self.formats:
            form.check(self.data)


def export(job: Job, pool: EnginePool) -> int:
    """Make a data set, or what is missing of it; returns how many clips were written to at least one layout.

    Raises LeakedSplit, ExportError, VideoError; EngineError from `pool`.
    """
    job.check()
    settings = {form.name: form.settings for form in job.formats}
    with Ledger(job.root) as ledger:
        try:
            ledger.claim(job.data.digest, settings)
            written = _write_clips(job, pool, ledger)
            _finish(job, ledger)
        except OSError as error:
            raise ExportError(
                f"the data set cannot be written: {error}; what is done is kept, and the same command goes on"
            ) from error
    return written


def missing(job: Job, ledger: Ledger) -> dict[Item, list[Format]]:
    """The layouts that lack a clip, by clip; only clips that one of them lacks."""
    found = {}
    for item in job.data.items:
        done = ledger.notes(item.id)
        if lacking := [form for form in job.formats if form.name not in done]:
            found[item] = lacking
    return found


def _write_clips(job: Job, pool: EnginePool, ledger: Ledger) -> int:
    todo = missing(job, ledger)
    if not todo:
        log.info("export: all %d clips are written; nothing to draw", len(job.data.items))
        return 0
    if len(todo) < len(job.data.items):
        log.info("export: %d of %d clips are written already", len(job.data.items) - len(todo), len(job.data.items))
    start = time.perf_counter()
    faults = FaultLedger(ledger.own, {item.spec: item.id for item in todo})
    stored: list[Item] = []

    def write(sample: Sample) -> None:
        notes = {form.name: form.add(sample, ledger.files.under(form.name)) for form in todo[sample.item]}
        ledger.note(sample.item.id, notes)

    try:
        with tqdm(total=len(todo), desc="export", unit="clip", disable=None, smoothing=0.05) as bar:
            _in_threads(_samples(job, todo, pool, faults.note, stored), write, bar.update)
    finally:
        written = len(todo) - len(missing(job, ledger))
        log.info("export: %s", faults.end(drawn=max(0, written - len(stored)), from_store=len(stored)))
    seconds = time.perf_counter() - start
    log.info("export: wrote %d clips in %.0f s, %.1f clips/s", len(todo), seconds, len(todo) / seconds)
    return len(todo)


def _samples(
    job: Job,
    todo: Mapping[Item, Sequence[Format]],
    pool: EnginePool,
    tell: Callable[[Fault], None],
    stored: list[Item],
) -> Iterator[Sample]:
    """Every clip with the passes that its layouts need, from the store or drawn, in any order. tell: as of
    `EnginePool.capture`. stored: gathers the clips that come from the store. Raises ClipsQuarantined after all
    others."""
    failed: list[ClipsQuarantined] = []
    groups: dict[tuple[str, ...], list[Item]] = {}
    for item, forms in todo.items():
        passes = tuple(dict.fromkeys(name for form in forms for name in form.passes))
        groups.setdefault(passes, []).append(item)
    for passes, items in groups.items():
        drawn = {}
        for item in items:
            if (sample := _stored(job, item, passes)) is not None:
                stored.append(item)
                yield sample
            else:
                drawn[item.spec] = item
        try:
            for spec, arrays, camera in pool.capture(list(drawn), passes, tell):
                yield Sample(item=drawn[spec], arrays=arrays, camera=camera, video=job.data.video)
        except ClipsQuarantined as error:
            failed.append(error)
    if failed:
        raise ClipsQuarantined.of_all(failed)


def _stored(job: Job, item: Item, passes: Sequence[str]) -> Sample | None:
    """A clip from the store; None where that lacks it, or holds it broken."""
    try:
        if job.store is None or not job.store.has(item.id, passes):
            return None
        arrays, camera = job.store.read(item.id, passes), job.store.manifest(item.id)["camera"]
    except BrokenClip as error:
        log.warning("a stored clip is broken, and is drawn for this data set: %s", error)
        return None
    told = Camera(**{**camera, "position_m": tuple(camera["position_m"])})
    return Sample(item=item, arrays=arrays, camera=told, video=job.data.video)


def _in_threads(samples: Iterator[Sample], write: Callable[[Sample], None], done: Callable[[int], object]) -> None:
    """`write` for every sample, as many at a time as there are cores; the first error ends it after those under way."""
    threads = len(os.sched_getaffinity(0))
    waiting: collections.deque[Future] = collections.deque()
    with ThreadPoolExecutor(threads, thread_name_prefix="export") as pool:
        for sample in samples:
            waiting.append(pool.submit(write, sample))
            while len(waiting) > WAITING * threads:
                waiting.popleft().result()
                done(1)
        while waiting:
            waiting.popleft().result()
            done(1)


def _finish(job: Job, ledger: Ledger) -> None:
    """Lists and annotations of every layout, from the ledger, and the cards."""
    notes = {item.id: ledger.notes(item.id) for item in job.data.items}
    for form in job.formats:
        own = {clip_id: said[form.name] for clip_id, said in notes.items()}
        form.finish(job.data, own, ledger.files.under(form.name))
    told = card.facts(job.data, ledger.formats())
    ledger.files.write("README.md", card.readme(told))
    ledger.files.write("card.json", json.dumps(told, indent=1) + "\n")
