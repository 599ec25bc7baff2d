"""How the stage takes it: random bytes, broken frames, mutilated commands and rude clients, for minutes.

    python -m benchmarks.fuzz --minutes 10

A stage is started; every round one client does one thing that no client should, and after it a decent one must be
greeted and answered. Ends with code 1, and the seed, where it was not, or where memory has grown.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import socket
import struct
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np

from synth.engine.launcher import EngineProcess, stage_command

MAGIC = struct.pack("<I", 0x9E2B83C1)
PATIENCE_S = 60.0
GROWTH_MB = 64.0  # over the second half of the time, when most of what the stage keeps is loaded
SAMPLES = 10
# What is put in place of [str], [uint] and [float]: names that exist, and what only an enemy would write.
WORDS = (
    "Human", "Stage", "png", "npy", "bmp", "lit;depth", "0;0.5", "350,0,100,0,180,0,45", "ana", "authored/squat/0",
    "plane", "world", "none", "set_time", "set_manner", "identity", "fuzz.png", "../../etc/passwd", "/x.png",
    "a" * 5000, "\0", "ÿ", "%s%n", "{}", ";;;;", "0;" * 3000, "nan", "1e999", "-1", "'", "*",
)  # fmt: skip
NUMBERS = ("0", "1", "7", "63", "99999", "999999999999999999999", "-0", "+3.5", ".5", "4" * 400, "0.0000001", "")


class Peer:
    """A raw client that has been greeted."""

    def __init__(self, port: int):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        self.read()

    def read(self) -> bytes:
        """The next payload."""
        return self._exactly(struct.unpack("<I", self._exactly(8)[4:])[0])

    def _exactly(self, count: int) -> bytes:
        got = bytearray()
        while len(got) < count:
            if not (part := self.socket.recv(count - len(got))):
                raise EOFError("the stage has closed the connection")
            got += part
        return bytes(got)

    def send(self, payload: bytes) -> None:
        """One frame."""
        self.socket.sendall(MAGIC + struct.pack("<I", len(payload)) + payload)

    def ask(self, line: str) -> bytes:
        """The reply to one command; raises ValueError for another id."""
        self.send(b"7:" + line.encode("utf-8", "surrogateescape"))
        reply = self.read()
        if not reply.startswith(b"7:"):
            raise ValueError(f"asked with id 7, answered with {reply[:20]!r}")
        return reply[2:]


class Fuzzer:
    """Enemies of the stage at `port`. templates: its commands."""

    def __init__(self, port: int, rng: np.random.Generator):
        self.port, self.rng = port, rng
        self.templates = self._decent("vget /unrealcv/commands").decode().splitlines()
        rude = (self.noise, self.broken_header, self.half, self.no_request, self.leaving, self.second)
        self.attacks = (*rude, *[self.commands] * len(rude))

    def round(self) -> str:
        """One attack and one decent client; returns the attack's name."""
        attack = self.attacks[self.rng.integers(len(self.attacks))]
        with contextlib.suppress(EOFError, ConnectionError):  # closing is an answer
            attack()
        if self._decent("vget /unrealcv/echo alive") != b"alive":
            raise ValueError("a decent client was not answered")
        return attack.__name__

    def _decent(self, line: str) -> bytes:
        peer = self._greeted()
        reply = peer.ask(line)
        peer.socket.close()
        return reply

    def _greeted(self) -> Peer:
        """Whoever was there before may need a moment to be noticed gone."""
        end = time.monotonic() + PATIENCE_S
        while True:
            try:
                return Peer(self.port)
            except (EOFError, ConnectionError):
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def _bytes(self, most: int) -> bytes:
        return self.rng.bytes(int(self.rng.integers(1, most)))

    def noise(self) -> None:
        """Bytes that are no frame."""
        peer = self._greeted()
        peer.socket.sendall(self._bytes(5000))
        peer.socket.close()

    def broken_header(self) -> None:
        """A frame of no length, of too much, or with another magic."""
        length = int(self.rng.choice([0, 1, (256 << 20) + 1, 0xFFFFFFFF]))
        magic = MAGIC if self.rng.random() < 0.7 else self.rng.bytes(4)
        peer = self._greeted()
        peer.socket.sendall(magic + struct.pack("<I", length) + self._bytes(300))
        peer.socket.close()

    def half(self) -> None:
        """A frame that ends too early, up to many megabytes of it."""
        peer = self._greeted()
        promised = int(self.rng.integers(10, 1 << 26))
        peer.socket.sendall(MAGIC + struct.pack("<I", promised) + bytes(promised // int(self.rng.integers(2, 50))))
        peer.socket.close()

    def no_request(self) -> None:
        """Frames that hold no request, or what is slow to tell from one."""
        peer = self._greeted()
        for payload in (self._bytes(2000), b"9" * 200_000, b"1:" + b"vset /camera/0/fov " + b"1" * 100_000 + b"x"):
            peer.send(payload)
        peer.socket.close()

    def commands(self) -> None:
        """Commands with wrong words, some of them damaged; every one must be answered."""
        peer = self._greeted()
        for index in (0, 1):
            peer.ask(f"vset /camera/{index}/size 32 24")
        for _ in range(20):
            line = self._command()
            if self.rng.random() < 0.2:
                line = self._damaged(line)
            try:
                peer.ask(line.replace("\n", " "))
            except (EOFError, ConnectionError) as error:
                raise ValueError(f"the session ended at {line[:200]!r}") from error
        peer.socket.close()

    def _command(self) -> str:
        template = self.templates[self.rng.integers(len(self.templates))]
        return re.sub(
            r"\[(\w+)\]", lambda found: str(self.rng.choice(WORDS if found[1] == "str" else NUMBERS)), template
        )

    def _damaged(self, line: str) -> str:
        raw = bytearray(line.encode())
        raw[self.rng.integers(len(raw))] = self.rng.integers(256)
        return raw.decode("utf-8", "surrogateescape")

    def leaving(self) -> None:
        """Asks a thousand times and leaves without reading."""
        peer = self._greeted()
        for number in range(1000):
            peer.send(b"%d:vget /unrealcv/help" % number)
        peer.socket.close()

    def second(self) -> None:
        """Comes while another is served."""
        first = self._greeted()
        try:
            Peer(self.port).socket.close()
            raise ValueError("a second client was greeted")
        except (EOFError, ConnectionError):
            if first.ask("vget /unrealcv/echo first") != b"first":
                raise ValueError("the first client was disturbed by the second") from None
        first.socket.close()


def fuzz(process: EngineProcess, *, seconds: float, seed: int) -> dict:
    """Attack a running stage; returns how often with what, and its resident memory in megabytes at SAMPLES moments."""
    fuzzer, counts, memory = Fuzzer(process.port, np.random.default_rng(seed)), Counter(), []
    start = time.monotonic()
    while len(memory) < SAMPLES:
        counts[fuzzer.round()] += 1
        if time.monotonic() - start > (len(memory) + 1) * seconds / SAMPLES:
            memory.append(round(resident_mb(process.process.pid)))
    return {"seed": seed, "rounds": counts.total(), **counts, "memory_mb": memory}


def resident_mb(pid: int) -> float:
    """Resident memory of a process, megabytes."""
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def main() -> int:
    """Run for the minutes asked for; the exit code says whether the stage took it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    process = EngineProcess(stage_command())
    try:
        process.await_ready(300)
        found = fuzz(process, seconds=60 * options.minutes, seed=options.seed)
        internal = process.log().count("command failed")
    finally:
        process.stop()
    sys.stdout.write(json.dumps({**found, "internal_errors": internal}, indent=1) + "\n")
    early, late = found["memory_mb"][SAMPLES // 2], found["memory_mb"][-1]
    return int(late - early > GROWTH_MB or internal > 0)


if __name__ == "__main__":
    sys.exit(main())
