"""The commands of the generator behind the published push-up sweeps (Qiu, 2019), as far as they need no Unreal assets.

A motion is posed by its ratio, a share of its length from 0 to under 1, and a camera by distance, azimuth and
elevation about the person, in Unreal's axes: azimuth 0 is +X and grows clockwise seen from above. Where the generator
takes the path of an Unreal asset, the stage takes the name of an appearance or the key of a motion.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np

from synth.factors import Lighting
from synth.frames import from_unreal_location
from synth.stage.commands import person
from synth.stage.dispatcher import ARGUMENT_INVALID, Command, CommandError
from synth.stage.picture_commands import picture
from synth.stage.world import World

FRAMES_PER_S = 30
_PICTURES = {"image": ("lit", "png"), "seg": ("object_mask", "png"), "depth": ("depth", "npy")}


def ipt_commands(world: World) -> Iterator[Command]:
    """People and animals by their ids; pictures are of camera 0, the viewer's."""
    human, animal = "/human/[str]", "/animal/[str]"
    yield Command(f"vset {human}/mesh [str]", lambda name, mesh: _set_mesh(world, name, mesh), "An appearance's name")
    yield Command(
        f"vset {human}/animation/ratio [str] [float]",
        lambda name, motion, ratio: _set_ratio(world, name, motion, ratio),
        "A motion's key, and the share of it that has gone, from 0 to under 1",
    )
    yield Command(
        f"vget {human}/animation/frames [str]",
        lambda name, motion: _frames(world, name, motion),
        f"Length of a motion in frames, {FRAMES_PER_S} a second",
    )
    yield Command(f"vget {human}/3d_keypoint", lambda name: _keypoints(world, name), "JSON table of joints, world cm")
    yield Command(f"vget {human}/keypoint", lambda name: _pixels(world, name), "JSON table of joints, pixels")
    yield Command(
        f"vset {animal}/camera [float] [float] [float]",
        lambda name, *v: _orbit(world, name, *v),
        "Distance (cm), azimuth and elevation of camera 0 about the person",
    )
    for word, (source, form) in _PICTURES.items():
        yield Command(
            f"vget {animal}/{word}",
            lambda name, source=source, form=form: _picture(world, name, source, form),
            f"What camera 0 sees, {form}",
        )
    rng = np.random.default_rng(0)
    yield Command("vset /env/light/random", lambda: _random_light(world, rng), "The next of a fixed row of lights")


def _set_mesh(world: World, name: str, mesh: str) -> None:
    person(world, name)
    world.set_appearance(mesh)


def _set_ratio(world: World, name: str, motion: str, ratio: float) -> None:
    if not 0.0 <= ratio < 1.0:
        raise CommandError(f"{ARGUMENT_INVALID}: ratio {ratio:g} is outside [0, 1)")
    human = person(world, name)
    human.time_s = round(ratio * world.set_motion(motion).duration_s, 6)


def _frames(world: World, name: str, motion: str) -> str:
    known = world.library.motion(motion, person(world, name).appearance)
    return str(max(1, round(known.duration_s * FRAMES_PER_S)))


def _keypoints(world: World, name: str) -> str:
    return json.dumps(_table(world, name, _joints_cm(world, name)))


def _pixels(world: World, name: str) -> str:
    joints = np.array([from_unreal_location(row) for row in _joints_cm(world, name)])
    return json.dumps(_table(world, name, world.cameras[0].camera().project(joints)[:, :2]))


def _joints_cm(world: World, name: str) -> np.ndarray:
    return world.joints_cm([person(world, name).time_s])[0]


def _table(world: World, name: str, rows: np.ndarray) -> dict[str, list[float]]:
    bones = world.library.character(person(world, name).appearance).skeleton.names
    return dict(zip(bones, np.round(rows.astype(np.float64), 3).tolist(), strict=True))


def _orbit(world: World, name: str, distance_cm: float, azimuth_deg: float, elevation_deg: float) -> None:
    """Looks at the middle of the person's joints, from where the generator's `cam_track_obj` stands."""
    joints = _joints_cm(world, name)
    azimuth, elevation = np.radians([azimuth_deg, elevation_deg])
    away = (np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), np.sin(elevation))
    middle = (joints.min(axis=0) + joints.max(axis=0)) / 2
    world.cameras[0].location_cm = tuple((middle + distance_cm * np.array(away)).tolist())
    world.cameras[0].rotation_deg = (-elevation_deg, azimuth_deg - 180.0, 0.0)


def _picture(world: World, name: str, source: str, form: str) -> bytes | str:
    person(world, name)
    return picture(world, 0, name=source, form=form)


def _random_light(world: World, rng: np.random.Generator) -> None:
    light = Lighting(
        sun_azimuth_deg=rng.uniform(0.0, 360.0), sun_elevation_deg=rng.uniform(15.0, 80.0),
        intensity=rng.uniform(0.5, 1.5), temperature_k=rng.uniform(4000.0, 8000.0), ambient=rng.uniform(0.5, 1.5),
    )  # fmt: skip
    world.set_lighting(light)
