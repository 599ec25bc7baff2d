"""What a frame costs: medians on this machine, and where the time goes.

    python -m benchmarks.rendering                 # about a minute
    python -m benchmarks.rendering --memory        # and 5,000 frames with the resident memory before and after
    python -m benchmarks.rendering --device cuda:0

Times are wall-clock medians a frame; `cpu` is this process' own time, which other work on the machine disturbs less.
A frame with a new pose is skinned, casts its shadow anew and is drawn; a further camera shows a pose that is there.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable

import numpy as np
import warp as wp

from synth import body
from synth.factors import MotionRef
from synth.frames import Camera, orbit
from synth.motion import catalogue
from synth.stage import place
from synth.stage.renderer import Renderer

_LOOK_AT = (0.0, 0.0, 0.9)


def machine() -> str:
    """One line on where this runs."""
    model = platform.processor() or platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
        model = names[0] if names else model
    versions = f"Python {platform.python_version()}, Warp {wp.__version__}"
    return f"{model}, {os.cpu_count()} CPUs, {platform.system()}, {versions}"


def resident_mib() -> float:
    """Resident memory of this process; NaN where the system does not say."""
    if not os.path.exists("/proc/self/statm"):
        return float("nan")
    with open("/proc/self/statm", encoding="utf-8") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def ring(count: int, size: int) -> list[Camera]:
    """Cameras round the person."""
    return [
        orbit(
            _LOOK_AT,
            azimuth_deg=360.0 * k / count,
            elevation_deg=10.0,
            distance_m=3.0,
            fov_deg=45.0,
            width=size,
            height=size,
        )
        for k in range(count)
    ]


class Scene:
    """A renderer with a person in a place, and 64 poses of a walk."""

    def __init__(self, device: str, appearance: str, environment: str):
        self.renderer = Renderer(device)
        self.renderer.set_place(place.load(environment))
        self.character = body.load(appearance)
        self.handle = self.renderer.add_character(self.character)
        motion = catalogue.load(MotionRef(activity="walk", variant="0"), self.character.skeleton)
        self.rotations, self.root = motion.sample(np.linspace(0.0, 0.95 * motion.duration_s, 64))

    def draw(self, first: int, poses: int, cameras: list[Camera], passes: tuple[str, ...]) -> None:
        """Renders `poses` poses from number `first` on."""
        pick = np.arange(first, first + poses) % len(self.root)
        self.renderer.render(
            character=self.handle,
            rotations=self.rotations[pick],
            root=self.root[pick] * [0, 0, 1],
            placement=None,
            cameras=cameras,
            passes=passes,
        )

    def vertices(self, first: int, poses: int) -> None:
        """Poses `poses` poses without drawing them."""
        pick = np.arange(first, first + poses) % len(self.root)
        self.renderer.pose_only(character=self.handle, rotations=self.rotations[pick], root=self.root[pick])


def median_ms(work: Callable[[int], None], frames: int, repeats: int) -> tuple[float, float]:
    """Median wall-clock and CPU milliseconds a frame of work(i), which makes `frames` frames."""
    work(0)
    wall, cpu = [], []
    for i in range(repeats):
        start, own = time.perf_counter(), time.process_time()
        work(i)
        wp.synchronize()
        wall.append((time.perf_counter() - start) / frames)
        cpu.append((time.process_time() - own) / frames)
    return 1e3 * float(np.median(wall)), 1e3 * float(np.median(cpu))


def cases(scene: Scene) -> dict[str, tuple[Callable[[int], None], int]]:
    """Name of each row, its work and how many frames that makes."""
    big, small, one, lit = ring(8, 224), ring(8, 112), 1, ("lit",)
    return {
        "224x224 lit, new pose": (lambda i: scene.draw(i, one, big[:1], lit), 1),
        "224x224 lit, 8 cameras of a pose": (lambda i: scene.draw(i, one, big, lit), 8),
        "224x224 lit, batch of 16 poses": (lambda i: scene.draw(i, 16, big[:1], lit), 16),
        "112x112 lit, new pose": (lambda i: scene.draw(i, one, small[:1], lit), 1),
        "112x112 lit, 8 cameras of a pose": (lambda i: scene.draw(i, one, small, lit), 8),
        "112x112 lit, batch of 16 poses": (lambda i: scene.draw(i, 16, small[:1], lit), 16),
        "224x224 mask and depth, new pose": (lambda i: scene.draw(i, one, big[:1], ("mask", "depth")), 1),
        "pose to vertices, batch of 16": (lambda i: scene.vertices(i, 16), 16),
    }


def kernel_times(scene: Scene, frames: int) -> dict[str, float]:
    """CPU milliseconds a frame of each kernel, for 224 x 224 lit frames with a new pose each."""
    spent: dict[str, float] = {}
    launch = wp.launch

    def timed(kernel, *args, **kwargs):
        wp.synchronize()
        start = time.perf_counter()
        launch(kernel, *args, **kwargs)
        wp.synchronize()
        spent[kernel.key] = spent.get(kernel.key, 0.0) + time.perf_counter() - start

    wp.launch = timed
    try:
        camera = ring(1, 224)
        for i in range(frames):
            scene.draw(i, 1, camera, ("lit",))
    finally:
        wp.launch = launch
    return {name: 1e3 * value / frames for name, value in sorted(spent.items(), key=lambda item: -item[1])}


def memory(scene: Scene, frames: int) -> tuple[float, float]:
    """Resident MiB after 200 frames and after `frames`."""
    camera = ring(1, 224)
    early = 0.0
    for i in range(frames):
        scene.draw(i, 1, camera, ("lit", "mask", "depth"))
        if i == 200:
            early = resident_mib()
    return early, resident_mib()


def main(argv: list[str] | None = None) -> None:
    """The table, to standard output."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--appearance", default="ana")
    parser.add_argument("--environment", default="lawn")
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--memory", action="store_true", help="5,000 frames and the resident memory about them")
    args = parser.parse_args(argv)
    out = sys.stdout.write
    scene = Scene(args.device, args.appearance, args.environment)
    faces = len(scene.character.faces)
    out(f"{machine()}; device {args.device}\n{args.appearance} ({faces} triangles) in {args.environment}\n\n")
    out(f"{'':36s}{'ms/frame':>10s}{'cpu':>8s}\n")
    for name, (work, frames) in cases(scene).items():
        wall, cpu = median_ms(work, frames, args.repeats)
        out(f"{name:36s}{wall:10.2f}{cpu:8.2f}\n")
    out("\nwhere a 224x224 lit frame with a new pose goes, ms\n")
    for name, value in kernel_times(scene, 20).items():
        out(f"  {name:34s}{value:10.2f}\n")
    out(f"\nresident memory {resident_mib():.0f} MiB\n")
    if args.memory:
        early, late = memory(scene, 5000)
        out(f"after 200 frames {early:.0f} MiB, after 5,000 {late:.0f} MiB\n")


if __name__ == "__main__":
    main()
