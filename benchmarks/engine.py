"""Frames per second over the wire and the engine's resident memory:  python -m benchmarks.engine

One engine process on one core draws clips of one camera each, 224 x 224, lit and mask, four people in turn; every pose
is new. Memory is read from /proc, so on Linux only.
"""

from __future__ import annotations

import dataclasses
import sys
import time
from pathlib import Path

import synth
from synth.aim import aim
from synth.factors import Appearance, ClipSpec, MotionRef

CLIPS, FRAMES, EVERY = 100, 50, 20
PEOPLE = ("ana", "ben", "mei", "tom")


def resident_mib() -> list[int]:
    """Resident memory of every running stage, MiB."""
    found = []
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if b"synth.stage" in command.read_bytes():
                status = (command.parent / "status").read_text().splitlines()
                found += [int(line.split()[1]) // 1024 for line in status if line.startswith("VmRSS")]
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def main() -> None:
    """Print a line every thousand frames."""
    ref = MotionRef(activity="squat")
    base = ClipSpec(motion=ref, width=224, height=224, num_frames=FRAMES, look_at_m=aim(ref, root="in_place").look_at_m)
    with synth.open_engine(workers=1) as engine:
        start = time.perf_counter()
        for number in range(CLIPS):
            person = Appearance(name=PEOPLE[number % len(PEOPLE)])
            engine.render(dataclasses.replace(base, start_s=0.04 * number, appearance=person), ("frames", "mask"))
            if (number + 1) % EVERY == 0:
                frames = (number + 1) * FRAMES
                rate = frames / (time.perf_counter() - start)
                sys.stdout.write(f"{frames:5d} frames  {rate:5.1f} frames/s  resident {resident_mib()} MiB\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
