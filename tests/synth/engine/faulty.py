"""The real stage with injected faults: `python faulty.py FAULTS --at K [--once DIR] [--when TEXT] STAGE-OPTIONS`.

The fault comes with the K-th request for pictures (of those whose line holds TEXT), and each one after it. FAULTS may
be several, joined by commas: with --once DIR the first process has the first, once, the second the second, and those
after the last are sound.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from pathlib import Path

from synth.stage import __main__ as stage
from synth.stage.dispatcher import Dispatcher
from synth.stage.server import Session
from synth.stage.stage_commands import Blueprint

LATE_S = 3.5
HELD = []


class Fault:
    """When it comes, and which. `due` is asked at each request that counts."""

    def __init__(self, options: argparse.Namespace):
        self._options, self._count = options, 0
        self.kind = self._mine(options.faults.split(","))
        self.wrong_number = self.cut = False

    def _mine(self, kinds: list[str]) -> str:
        """The fault of this process."""
        if self._options.once is None:
            return kinds[0]
        for kind in kinds:
            try:
                (self._options.once / kind).touch(exist_ok=False)
            except FileExistsError:
                continue
            return kind
        return "none"

    def due(self, line: str) -> bool:
        self._count += self._options.when in line
        if self._options.when not in line or self._count < self._options.at:
            return False
        return self._options.once is None or self._count == self._options.at


def is_picture(line: str) -> bool:
    return line.startswith("vget /stage/capture") or line.endswith(" png")


def inject(fault: Fault) -> None:
    kind = fault.kind
    execute, send, set_time = Dispatcher.execute, Session.send, Blueprint._set_time

    def faulty_execute(self, line: str) -> bytes:
        reply = execute(self, line)
        if kind == "stale" or not is_picture(line) or not fault.due(line):
            return reply
        if kind == "crash":
            os.kill(os.getpid(), signal.SIGKILL)
        elif kind == "hang":
            time.sleep(600)
        elif kind == "late":
            time.sleep(LATE_S)
        elif kind == "leak":
            HELD.append(bytearray(os.urandom(1 << 20)) * 300)
        elif kind == "truncated":
            return reply[: len(reply) // 2]
        elif kind == "internal":
            return b"error Internal error, see the engine's log: MemoryError: "
        fault.wrong_number, fault.cut = kind == "order", kind == "cut"
        return reply

    def faulty_send(self, payload: bytes) -> None:
        number, colon, reply = payload.partition(b":")
        if fault.wrong_number:
            fault.wrong_number = False
            number = b"%d" % (int(number) + 1)
        if not fault.cut:
            return send(self, number + colon + reply)
        fault.cut = False
        self.connection.sendall(b"\xc1\x83\x2b\x9e" + len(payload).to_bytes(4, "little") + payload[: len(payload) // 2])
        self.close()

    def faulty_time(self, human: str, seconds: str) -> dict[str, str]:
        if not fault.due(f"set_time {seconds}"):
            return set_time(self, human, seconds)
        return {"Result": "ok", "Time": seconds}  # and the pose stays as it was

    Dispatcher.execute, Session.send = faulty_execute, faulty_send
    if kind == "stale":
        Blueprint._set_time = faulty_time


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("faults")
    parser.add_argument("--at", type=int, default=1)
    parser.add_argument("--once", type=Path)
    parser.add_argument("--when", default="")
    options, rest = parser.parse_known_args()
    fault = Fault(options)
    if fault.kind == "slow":
        time.sleep(600)
    inject(fault)
    return stage.main(rest)


if __name__ == "__main__":
    sys.exit(main())
