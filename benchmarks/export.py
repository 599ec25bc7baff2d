"""What a clip of a data set costs: drawing it with the passes a layout needs, and writing it.

    python -m benchmarks.export                     every layout, clips of 16 frames of 224 x 224
    python -m benchmarks.export --format coco --clips 48

`draw` is the wall-clock of all engines together, `write` that of one thread, and `cpu` the processor time of the
writing, which other work on the machine disturbs less; both per clip. `clips/s` is `export` from end to end, engines
drawing and threads writing at a time, people and places being at hand (the first clip of each takes seconds more).
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from synth.arguments import whole
from synth.engine import EnginePool, open_engine
from synth.export import FORMATS, DataSet, Format, Job, Sample, Video, data_set, export, open_format
from synth.export.files import Files
from synth.factors import Appearance, ClipSpec, Environment, MotionRef, Viewpoint
from synth.render import identify

PEOPLE = {"train": ("ana", "tom"), "test": ("mei", "omar")}
ACTIVITIES = ("squat", "walk", "wave", "push_up")


def specs(clips: int, size: int, frames: int) -> dict[str, list[ClipSpec]]:
    """Recipes of two splits, each clip with a camera of its own, on the lawn."""
    parts = {}
    for number, (split, people) in enumerate(PEOPLE.items()):
        parts[split] = [
            ClipSpec(
                motion=MotionRef(activity=ACTIVITIES[k % 4], variant=str(number)),
                appearance=Appearance(name=people[k % 8 // 4]),
                environment=Environment(name="lawn"),
                viewpoint=Viewpoint(azimuth_deg=360.0 * k / clips, elevation_deg=10.0),
                start_s=round(0.01 * k, 4),
                fps=12.5,
                num_frames=frames,
                width=size,
                height=size,
            )
            for k in range(clips // 2)
        ]
    return parts


def drawing(data: DataSet, form: Format, pool: EnginePool) -> tuple[float, list[Sample]]:
    """Seconds that drawing took, and the clips."""
    items, start = {item.spec: item for item in data.items}, time.perf_counter()
    drawn = [
        Sample(item=items[spec], arrays=arrays, camera=camera, video=data.video)
        for spec, arrays, camera in pool.capture(list(items), form.passes)
    ]
    return time.perf_counter() - start, drawn


def writing(form: Format, samples: Sequence[Sample]) -> tuple[float, float, int]:
    """Wall-clock and processor seconds of writing, and bytes written."""
    with tempfile.TemporaryDirectory() as folder:
        files = Files(Path(folder) / "root", Path(folder) / "work")
        files.work.mkdir()
        fresh = [dataclasses.replace(sample) for sample in samples]  # whose videos are not made yet
        wall, processor = time.perf_counter(), time.process_time()
        for sample in fresh:
            form.add(sample, files)
        spent = time.perf_counter() - wall, time.process_time() - processor
        return *spent, sum(path.stat().st_size for path in files.root.rglob("*") if path.is_file())


def rate(data: DataSet, form: Format, pool: EnginePool) -> float:
    """Clips a second of a whole export."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        export(Job(data=data, formats=[form], root=Path(folder)), pool)
        return len(data.items) / (time.perf_counter() - start)


def main(arguments: Sequence[str] | None = None, pool: EnginePool | None = None) -> None:
    """Print a row for each layout, and the machine. pool: engines that run already."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--format", nargs="+", choices=tuple(FORMATS), default=list(FORMATS), help="which layouts")
    parser.add_argument("--clips", type=whole(2), default=48)
    parser.add_argument("--frames", type=whole(2), default=16)
    parser.add_argument("--size", type=whole(16), default=224)
    parser.add_argument("--codec", default="h264")
    options = parser.parse_args(arguments)
    parts = specs(options.clips, options.size, options.frames)
    say = sys.stdout.write
    with open_engine() if pool is None else nullcontext(pool) as engines:
        ids = identify([spec for members in parts.values() for spec in members], engines).ids
        made = {"summary": "", "design": "benchmark", "command": "", "seed": 0, "versions": {}}
        data = data_set("benchmark", parts, ids, video=Video(codec=options.codec), made=made)
        drawing(data, open_format("ucf101"), engines)  # people and place are made here, and kernels compiled
        say(f"{'':14}{'draw ms':>9}{'write ms':>10}{'cpu ms':>8}{'KiB':>8}{'clips/s':>9}\n")
        for name in options.format:
            form, count = open_format(name), len(data.items)
            seconds, samples = drawing(data, form, engines)
            wall, processor, size = writing(form, samples)
            row = f"{1e3 * seconds / count:9.0f}{1e3 * wall / count:10.1f}{1e3 * processor / count:8.1f}"
            say(f"{name:14}{row}{size / count / 1024:8.0f}{rate(data, form, engines):9.1f}\n")
    say(f"{platform.processor() or platform.machine()}, {len(os.sched_getaffinity(0))} cores\n")


if __name__ == "__main__":
    main()
