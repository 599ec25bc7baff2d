"""What the rendering benchmark draws: a person who walks in a place, seen by cameras round about."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import warp as wp

from synth import body
from synth.factors import MotionRef
from synth.frames import Camera, orbit
from synth.motion import catalogue
from synth.stage import place
from synth.stage.outputs import PASSES
from synth.stage.renderer import Renderer

SIZE = 224
LIT = ("lit", "mask")


@dataclass(frozen=True)
class Work:
    """One call of the renderer: poses by cameras, and the passes of each. A camera stands still for a call, as it does
    for a clip; the next call has another."""

    poses: int
    cameras: int
    passes: tuple[str, ...]

    @property
    def frames(self) -> int:
        """Frames of a call."""
        return self.poses * self.cameras


WORK = {
    "one view": Work(16, 1, LIT),
    "eight views": Work(4, 8, LIT),
    "all passes": Work(16, 1, tuple(PASSES)),
    "new view each": Work(1, 1, LIT),
}


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


def ring(count: int, *, turn_deg: float = 0.0, size: int = SIZE) -> list[Camera]:
    """Cameras round the person at 3 m, the first at `turn_deg`."""
    return [
        orbit(
            (0.0, 0.0, 0.9),
            azimuth_deg=turn_deg + 360.0 * k / count,
            elevation_deg=10.0,
            distance_m=3.0,
            fov_deg=45.0,
            width=size,
            height=size,
        )
        for k in range(count)
    ]


class Scene:
    """A renderer with a person, and 64 poses of a walk."""

    def __init__(self, device: str, appearance: str):
        self.renderer = Renderer(device)
        self.character = body.load(appearance)
        self.handle = self.renderer.add_character(self.character)
        motion = catalogue.load(MotionRef(activity="walk", variant="0"), self.character.skeleton)
        self.rotations, root = motion.sample(np.linspace(0.0, 0.95 * motion.duration_s, 64))
        self.root = root * [0, 0, 1]

    def show(self, environment: str) -> None:
        """Goes to a place."""
        self.renderer.set_place(place.load(environment))

    def draw(
        self, number: int, poses: int, cameras: Sequence[Camera], passes: Sequence[str], *, on_device: bool = False
    ) -> dict[str, Any]:
        """The call with this number: `poses` poses further on in the walk."""
        pick = np.arange(number * poses, (number + 1) * poses) % len(self.root)
        return self.renderer.render(
            character=self.handle,
            rotations=self.rotations[pick],
            root=self.root[pick],
            placement=None,
            cameras=cameras,
            passes=passes,
            on_device=on_device,
        )

    def do(self, work: Work, number: int, *, on_device: bool = False) -> dict[str, Any]:
        """The call with this number of `work`, from cameras that the last did not have."""
        cameras = ring(work.cameras, turn_deg=7.0 * number)
        return self.draw(number, work.poses, cameras, work.passes, on_device=on_device)
