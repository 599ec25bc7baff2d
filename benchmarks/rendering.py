"""What a frame costs: medians on this machine, and where the time goes.

    python -m benchmarks.rendering                          # the table: eight environments, some minutes
    python -m benchmarks.rendering --environment lawn --kernels
    python -m benchmarks.rendering --memory                 # and 5,000 frames with the resident memory before and after
    python -m benchmarks.rendering --cycles PYTHON          # and Blender's Cycles on the same scene; PYTHON has bpy
    python -m benchmarks.rendering --device cuda:0          # and batches that stay on the device, with their roofline

Pictures of 224 x 224, sun and shadow, five samples a pixel. `one view`: lit and mask of a clip of 16 poses before one
camera; `eight views`: of 4 poses before 8 cameras; `all passes`: all eight of a clip of 16 poses; `new view each`: a
single frame whose camera no other has. `ms` is wall-clock and `cpu` this process' own time, which other work on the
machine disturbs less, both of one process; `machine` is frames a second of several processes at once with one thread
each, as the engine pool runs them.
"""

from __future__ import annotations

import argparse
import dataclasses
import shutil
import sys
import time
from pathlib import Path

import numpy as np
import warp as wp

from benchmarks import peers, roofline, workers
from benchmarks.scenes import LIT, WORK, Scene, machine, resident_mib, ring
from synth import body
from synth.arguments import whole
from synth.errors import CeterisError
from synth.stage import place

_BATCH = 512  # poses of a call whose frames stay on the device
_PEOPLE = ("ana", "ben", "mei", "tom")
_PLACES = ("lawn", "plane", "studio", "street")


def table(scene: Scene, args: argparse.Namespace, write) -> dict[str, dict[str, float]]:
    """A row for each environment; frames a second of all processes together, by environment and kind of work."""
    write(f"{'':14s}" + "".join(f"{name:>26s}" for name in WORK) + "\n")
    write(f"{'':14s}" + f"{'ms':>8s}{'cpu':>8s}{'machine':>10s}" * len(WORK) + "\n")
    together = workers.rates(
        args.processes,
        device=args.device,
        appearance=args.appearance,
        environments=args.environment,
        repeats=args.repeats,
    )
    alone = {}
    for name in args.environment:
        scene.show(name)
        alone[name] = workers.measure(scene, args.repeats)
    found = dict(zip(args.environment, together, strict=True))
    for name, rates in found.items():
        cells = []
        for kind, work in WORK.items():
            wall, cpu = 1e3 * np.median(alone[name][kind], axis=0) / work.frames
            cells.append(f"{wall:8.2f}{cpu:8.2f}{rates[kind]:10.1f}")
        write(f"{name:14s}" + "".join(cells) + "\n")
    return found


def kernel_times(scene: Scene, calls: int) -> dict[str, float]:
    """Milliseconds a frame of each kernel, for clips of lit and mask before one camera."""
    spent: dict[str, float] = {}
    launch, work = wp.launch, WORK["one view"]

    def timed(kernel, *args, **kwargs):
        wp.synchronize()
        start = time.perf_counter()
        launch(kernel, *args, **kwargs)
        wp.synchronize()
        spent[kernel.key] = spent.get(kernel.key, 0.0) + time.perf_counter() - start

    wp.launch = timed
    try:
        for number in range(calls):
            scene.do(work, number)
    finally:
        wp.launch = launch
    frames = calls * work.frames
    return {name: 1e3 * value / frames for name, value in sorted(spent.items(), key=lambda item: -item[1])}


def memory(scene: Scene, frames: int) -> list[float]:
    """Resident MiB ten times in the course of `frames` frames; persons, places and cameras change all the while, and
    each person is uploaded anew."""
    people, places = [body.load(name) for name in _PEOPLE], [place.load(name) for name in _PLACES]
    held, step = [], frames // 10
    for number in range(frames // WORK["one view"].frames + 1):
        done = number * WORK["one view"].frames
        if done % 64 == 0:
            scene.handle = scene.renderer.add_character(people[number // 4 % len(people)])
            scene.renderer.set_place(places[number // 16 % len(places)])
        scene.do(dataclasses.replace(WORK["one view"], passes=WORK["all passes"].passes), number)
        if done // step > len(held) - 1:
            held.append(resident_mib())
    return held


def batches(scene: Scene, device: str, repeats: int) -> float:
    """Frames a second of lit and mask in batches of new poses before one camera, left on the device."""
    taken = []
    for number in range(repeats + 2):
        wp.synchronize_device(device)
        start = time.perf_counter()
        scene.draw(number, _BATCH, ring(1, turn_deg=7.0 * number), LIT, on_device=True)
        wp.synchronize_device(device)
        taken.append(time.perf_counter() - start)
    return _BATCH / float(np.median(taken[2:]))


def report_batches(scene: Scene, args: argparse.Namespace, write) -> None:
    """The rate in batches beside what bytes and operations would allow."""
    rate, cost, copied = (
        batches(scene, args.device, args.repeats),
        roofline.cost(scene),
        roofline.bandwidth(args.device),
    )
    write(f"\nlit + mask on {args.device} in batches of {_BATCH} poses, frames staying there: {rate:.0f} frames/s\n")
    write(f"  a frame moves about {cost.bytes / 1e6:.2f} MB and does {cost.operations / 1e6:.1f} M operations; memory ")
    write(f"copies at {copied / 1e9:.0f} GB/s,\n  which allows {copied / cost.bytes:.0f} frames/s: ")
    write(f"{100 * rate * cost.bytes / copied:.1f} % of it are reached, {rate * cost.operations / 1e9:.1f} GFLOP/s\n")


def report_cycles(scene: Scene, args: argparse.Namespace, rates: dict[str, dict[str, float]], write) -> None:
    """Seconds a frame of both on one scene: lit frames of a clip before one camera, a new pose each."""
    name, camera = args.environment[0], ring(1)[0]
    scene.show(name)
    poses = np.stack([scene.character.pose(scene.rotations[[k]], scene.root[[k]])[0][0] for k in range(4)])
    theirs = peers.seconds_a_frame(
        args.cycles,
        picture=args.picture,
        character=scene.character,
        poses=poses,
        place=place.load(name),
        camera=camera,
    )
    work = WORK["one view"]
    ours = float(np.median(workers.measure(scene, args.repeats)["one view"][:, 0])) / work.frames
    write(
        f"\n{name}, a clip before one camera: Cycles at {peers.SAMPLES} samples {theirs:.3f} s a frame on all cores; "
    )
    write(f"this renderer {ours:.4f} s on one core,\n{theirs / ours:.0f} times as fast, ")
    write(f"and {theirs * rates[name]['one view']:.0f} times with {args.processes} processes\n")


def _program(text: str) -> str:
    if shutil.which(text) is None:
        raise argparse.ArgumentTypeError(f"{text!r} cannot be started; expected a Python interpreter that has bpy 5.0")
    return text


def main(argv: list[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--appearance", default="ana")
    parser.add_argument("--environment", nargs="+", default=place.place_names(), metavar="NAME")
    parser.add_argument("--processes", type=whole(1), default=2)
    parser.add_argument("--repeats", type=whole(1), default=15)
    parser.add_argument("--kernels", action="store_true", help="what each kernel takes")
    parser.add_argument("--batches", action="store_true", help="frames that stay on the device; always on a GPU")
    parser.add_argument("--memory", action="store_true", help="5,000 frames and the resident memory about them")
    parser.add_argument("--cycles", type=_program, metavar="PYTHON", help="an interpreter that has bpy 5.0")
    parser.add_argument("--picture", type=Path, metavar="PNG", help="where the last frame of Cycles goes")
    args = parser.parse_args(argv)
    try:
        for name in args.environment:
            place.read(name)
        report(args)
    except (CeterisError, peers.CyclesError) as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 2
    return 0


def report(args: argparse.Namespace) -> None:
    """The table, to standard output."""
    write, scene = sys.stdout.write, Scene(args.device, args.appearance)
    write(f"{machine()}; device {args.device}; {args.appearance} ({len(scene.character.faces)} triangles); ")
    write(f"{args.processes} processes\n\n")
    rates = table(scene, args, write)
    if args.kernels:
        write(f"\nwhere a lit frame of a clip in {args.environment[-1]} goes, ms\n")
        for name, value in kernel_times(scene, 8).items():
            write(f"  {name:34s}{value:10.3f}\n")
    if args.batches or args.device != "cpu":
        report_batches(scene, args, write)
    if args.cycles:
        report_cycles(scene, args, rates, write)
    write(f"\nresident memory {resident_mib():.0f} MiB\n")
    if args.memory:
        held = memory(scene, 5000)
        write("after each 500 of 5,000 frames of all passes, MiB: " + " ".join(f"{v:.0f}" for v in held) + "\n")


if __name__ == "__main__":
    sys.exit(main())
