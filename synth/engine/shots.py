"""From recipes to shots: what must be set, and the cameras that look at it, so that nothing is posed or sent twice.

Clips that share person, motion, moments, place, light and turn are one scene, seen by many cameras. Scenes are sorted
so that what is slow to change (the appearance) changes least. A shot is as many cameras of a scene as one likes to
hold at a time.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from synth.factors import ClipSpec, Lighting, Manner
from synth.frames import Camera, from_unreal_location, from_unreal_rotation, to_unreal_location, to_unreal_rotation
from synth.resolve import Resolved, resolve

# Digits on the wire; what an engine is told is rounded here first, so that we know exactly what it was told.
CAMERA_DIGITS = 4
TIME_DIGITS = 6
MANNER_DIGITS = {"phase": 6, "amplitude": 4, "noise_deg": 4}


@dataclass(frozen=True)
class Scene:
    """What a shot shows, camera apart; times_s in motion time, human_yaw_deg counter-clockwise, positions in metres.
    manner: without the tempo, which is in the times."""

    appearance: str
    environment: str
    motion: str
    root: str
    manner: Manner
    props: str
    lighting: Lighting
    human_yaw_deg: float
    human_position_m: tuple[float, float, float]
    times_s: tuple[float, ...]
    width: int
    height: int

    def order(self) -> tuple:
        """The key to sort by: the slowest change first."""
        return dataclasses.astuple(self)


@dataclass(frozen=True)
class Shot:
    """A scene and the clips of it that are asked for together."""

    scene: Scene
    specs: tuple[ClipSpec, ...]
    cameras: tuple[Camera, ...]

    def only(self, specs: Container[ClipSpec]) -> Shot:
        """The same with those of its clips that are in `specs`."""
        kept = [pair for pair in zip(self.specs, self.cameras, strict=True) if pair[0] in specs]
        return Shot(self.scene, tuple(spec for spec, _ in kept), tuple(camera for _, camera in kept))


def plan_shots(specs: Sequence[ClipSpec], *, pixel_bytes: int, shot_bytes: int, most_clips: int) -> Iterator[Shot]:
    """The shots that show `specs`.

    Args:
        pixel_bytes: what one pixel of all passes takes. shot_bytes: how much a shot may take, unless it is one clip.
        most_clips: how many clips one shot may have.
    """
    pairs = [(_scene(spec, resolved), resolved.camera, spec) for spec in specs for resolved in (resolve(spec),)]
    pairs.sort(key=lambda pair: pair[0].order())
    for scene, group in itertools.groupby(pairs, key=lambda pair: pair[0]):
        clip_bytes = pixel_bytes * scene.width * scene.height * len(scene.times_s)
        size = max(1, min(most_clips, shot_bytes // max(clip_bytes, 1)))
        members = list(group)
        for start in range(0, len(members), size):
            part = members[start : start + size]
            yield Shot(scene, tuple(pair[2] for pair in part), tuple(told(pair[1]) for pair in part))


def camera_values(camera: Camera) -> dict[str, float]:
    """What a profile's templates call x, y, z (cm), pitch, yaw, roll and fov (degrees)."""
    values = (
        *to_unreal_location(camera.position_m),
        *to_unreal_rotation(yaw_deg=camera.yaw_deg, pitch_deg=camera.pitch_deg, roll_deg=camera.roll_deg),
        camera.fov_deg,
    )
    names = ("x", "y", "z", "pitch", "yaw", "roll", "fov")
    return {name: round(value, CAMERA_DIGITS) + 0.0 for name, value in zip(names, values, strict=True)}


def told(camera: Camera) -> Camera:
    """The camera as an engine understands it, after rounding on the wire."""
    values = camera_values(camera)
    return Camera(
        position_m=from_unreal_location((values["x"], values["y"], values["z"])),
        **from_unreal_rotation((values["pitch"], values["yaw"], values["roll"])),
        fov_deg=values["fov"],
        width=camera.width,
        height=camera.height,
    )


def _scene(spec: ClipSpec, resolved: Resolved) -> Scene:
    return Scene(
        appearance=spec.appearance.name,
        environment=spec.environment.name,
        motion=spec.motion.key,
        root=spec.root,
        manner=_manner(spec.manner),
        props=spec.props,
        lighting=resolved.lighting,
        human_yaw_deg=resolved.human_yaw_deg,
        human_position_m=resolved.human_position_m,
        times_s=tuple(np.round(resolved.times_s, TIME_DIGITS).tolist()),
        width=spec.width,
        height=spec.height,
    )


def _manner(manner: Manner) -> Manner:
    """What an engine is told of it; a phase that rounds to a whole cycle is none."""
    told_so = {name: round(getattr(manner, name), digits) for name, digits in MANNER_DIGITS.items()}
    return dataclasses.replace(manner, **told_so | {"phase": told_so["phase"] % 1.0, "tempo": 1.0})
