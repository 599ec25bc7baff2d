"""Frames per second over the wire and the engines' resident memory:  python -m benchmarks.engine

Clips of one camera each, 224 x 224, four people in turn; every pose is new. One engine and then two, side by side as a
study runs them, for lit and mask and for every pass. Memory is read from /proc, so on Linux only.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import time
from pathlib import Path

import synth
from synth.aim import aim
from synth.engine.passes import PASSES
from synth.factors import Appearance, ClipSpec, MotionRef

FRAMES = 50
PEOPLE = ("ana", "ben", "mei", "tom")
SETS = {"lit + mask": ("frames", "mask"), "every pass": PASSES}


def resident_mib(pool) -> list[int]:
    """Resident memory of the engines, MiB."""
    found = []
    for engine in pool.engines:
        lines = Path(f"/proc/{engine.process.process.pid}/status").read_text().splitlines()
        found += [int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS")]
    return found


def recipes(count: int, first: int) -> list[ClipSpec]:
    """Clips of which no two share a pose, nor with those of another `first` that is at least `count` away."""
    ref = MotionRef(activity="squat")
    base = ClipSpec(motion=ref, width=224, height=224, num_frames=FRAMES, look_at_m=aim(ref, root="in_place").look_at_m)
    return [
        dataclasses.replace(base, start_s=0.0001 * (first + k), appearance=Appearance(name=PEOPLE[k * 4 // count]))
        for k in range(count)
    ]


def main() -> None:
    """Print a line for every number of engines and set of passes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=24, help=f"clips of {FRAMES} frames a line (default 24)")
    parser.add_argument("--device", default="cpu", help="cpu, or a GPU such as cuda:0")
    options = parser.parse_args()
    for workers in (1, 2):
        with synth.open_engine(workers=workers, device=options.device) as pool:
            for number, (name, passes) in enumerate(SETS.items()):
                warm, specs = recipes(8, 9000), recipes(options.clips, 1000 * number)
                for _ in pool.capture(warm, passes):
                    pass
                start = time.perf_counter()
                frames = sum(spec.num_frames for spec, _, _ in pool.capture(specs, passes))
                rate = frames / (time.perf_counter() - start)
                memory = resident_mib(pool)
                line = f"{workers} engine(s)  {name}  {frames:5d} frames  {rate:6.1f} frames/s  resident {memory} MiB\n"
                sys.stdout.write(line)
                sys.stdout.flush()


if __name__ == "__main__":
    main()
