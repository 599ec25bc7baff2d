"""The ledger of a store's faults: what failed, when, why, and what was done about it; for people.

    <store>/faults.jsonl    one line of JSON for each fault, and one at the end of each rendering

Lines are only ever added, each by one write to a file opened for appending and forced to the disk: what is written
survives `kill -9`, and two runs on one store do not mix their lines. Nothing is decided by it, so that neither its loss
nor a clock that goes backwards can do harm; the store alone says what is done.
"""

from __future__ import annotations

import datetime
import json
import logging
import os
import threading
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from synth.engine.faults import QUARANTINED, RECYCLED, REISSUED, RETRIED, Fault
from synth.factors import ClipSpec

FILE = "faults.jsonl"
MOST_TEXT = 2000
log = logging.getLogger("ceteris")


class Ledger:
    """The faults of one rendering. root: of the store. ids: of the clips drawn. Safe to use from several threads."""

    def __init__(self, root: Path, ids: Mapping[ClipSpec, str]):
        self._path, self._ids = root / FILE, ids
        self._lock = threading.Lock()
        self._counts: dict[str, Counter[str]] = {}
        self._retried: set[str] = set()

    def note(self, fault: Fault) -> None:
        """Keep a fault, and say it."""
        clips = [self._ids[spec] for spec in fault.specs if spec in self._ids]
        with self._lock:
            self._counts.setdefault(fault.outcome, Counter())[fault.reason] += max(1, len(clips))
            if fault.outcome == RETRIED:
                self._retried.update(clips)
        named = f" of {len(clips)} clips ({clips[0]}{' ...' if clips[1:] else ''})" if clips else ""
        log.warning("%s%s: %s; %s", fault.reason, named, fault.outcome, fault.text.partition("\n")[0][:300])
        said = {"reason": fault.reason, "outcome": fault.outcome, "attempt": fault.attempt, "clips": clips}
        self._append({**said, "text": fault.text[:MOST_TEXT]})

    def end(self, *, drawn: int, from_store: int) -> str:
        """One line that sums up the rendering."""
        counts = {"drawn": drawn, "from_store": from_store, "tried_again": len(self._retried)}
        more = {outcome: dict(self._counts.get(outcome, {})) for outcome in (RECYCLED, REISSUED, QUARANTINED)}
        if self._counts:
            self._append({"end": counts | more})
        words = [f"{drawn} drawn", f"{from_store} from the store", f"{len(self._retried)} tried again"]
        words += [_sum(outcome, found) for outcome, found in more.items() if found]
        return ", ".join(words) + (f"; see {self._path}" if self._counts else "")

    def _append(self, entry: Mapping) -> None:
        """A store that is full is no reason to lose what is being drawn."""
        stamp = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        line = json.dumps({"time": stamp, "process": os.getpid(), **entry}) + "\n"
        try:
            file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            try:
                os.write(file, line.encode())
                os.fsync(file)
            finally:
                os.close(file)
        except OSError as error:
            log.warning("%s cannot be written: %s", self._path, error)


def _sum(outcome: str, found: Mapping[str, int]) -> str:
    return f"{sum(found.values())} {outcome} ({', '.join(f'{count} by {word}' for word, count in found.items())})"
