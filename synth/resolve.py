"""From a recipe to what an engine is told: frame times, camera, how far the person is turned, and the light.

The three ways of sweeping azimuth (design §4) are resolved here and nowhere else: `orbit` moves the camera,
`orbit_lit` moves camera and sun, `turntable` turns the person by -azimuth, about the vertical through the point looked
at, before a camera that stands still.
So are the harmless changes that make the floor of the score (design §3, the field `repeat`): the start moves by at
most half a frame, the aim by at most one pixel, the camera by at most half a degree on its orbit.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from synth.factors import ClipSpec, Lighting
from synth.frames import Camera, orbit, rotation_z

JITTER_FRAMES = 0.5
JITTER_PIXELS = 1.0
JITTER_DEG = 0.5


@dataclasses.dataclass(frozen=True, kw_only=True)
class Resolved:
    """times_s: (T,) motion time of every frame. human_yaw_deg: counter-clockwise turn of the person about Z.
    human_position_m: where that leaves the origin of the motion, since the turn is about the point looked at."""

    times_s: np.ndarray
    camera: Camera
    human_yaw_deg: float
    human_position_m: tuple[float, float, float]
    lighting: Lighting


def resolve(spec: ClipSpec) -> Resolved:
    """What an engine must show for `spec`. Equal recipes resolve to equal numbers."""
    jitter = _jitter(spec)
    view, turntable = spec.viewpoint, spec.viewpoint.sweep == "turntable"
    camera = orbit(
        spec.look_at_m,
        azimuth_deg=(0.0 if turntable else view.azimuth_deg) + jitter["azimuth_deg"],
        elevation_deg=float(np.clip(view.elevation_deg + jitter["elevation_deg"], -89.5, 89.5)),
        distance_m=view.distance_m,
        fov_deg=spec.fov_deg,
        width=spec.width,
        height=spec.height,
    )
    camera = dataclasses.replace(
        camera, yaw_deg=camera.yaw_deg + jitter["yaw_deg"], pitch_deg=camera.pitch_deg + jitter["pitch_deg"]
    )
    light = spec.lighting
    if view.sweep == "orbit_lit":
        light = dataclasses.replace(light, sun_azimuth_deg=light.sun_azimuth_deg + view.azimuth_deg)
    times = spec.start_s + jitter["start_s"] + spec.manner.tempo * np.arange(spec.num_frames) / spec.fps
    yaw_deg = -view.azimuth_deg if turntable else 0.0
    return Resolved(
        times_s=np.maximum(times, 0.0),
        camera=camera,
        human_yaw_deg=yaw_deg,
        human_position_m=_turned_about(spec.look_at_m, yaw_deg),
        lighting=light,
    )


def _turned_about(point_m: tuple[float, float, float], yaw_deg: float) -> tuple[float, float, float]:
    """Where a turn about the vertical through a point takes the origin; a camera that looks at the point then sees
    what it would see from an orbit about it."""
    pivot = np.array([*point_m[:2], 0.0])
    return tuple(float(v) for v in pivot - rotation_z(yaw_deg) @ pivot)


def _jitter(spec: ClipSpec) -> dict[str, float]:
    """The floor's changes: none for repeat 0, else drawn from (seed, repeat) alone, never from a swept value."""
    names = ("start_s", "azimuth_deg", "elevation_deg", "yaw_deg", "pitch_deg")
    if spec.repeat == 0:
        return dict.fromkeys(names, 0.0)
    pixel_deg = spec.fov_deg / spec.width * JITTER_PIXELS
    reach = (JITTER_FRAMES / spec.fps, JITTER_DEG, JITTER_DEG, pixel_deg, pixel_deg)
    draw = np.random.default_rng([spec.seed, spec.repeat]).uniform(-1.0, 1.0, len(names))
    return dict(zip(names, draw * np.array(reach), strict=True))
