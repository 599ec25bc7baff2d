"""The person, as an object of the UnrealCV plugin: where it is, how large, of which colour, and what it is made of.

The stage has one object that can be asked about, and it is there from the start: so `spawn` answers what the plugin
answers for a name that is taken, and nothing can be renamed or destroyed, which would take the person away from the
next client. Units are centimetres and degrees (pitch, yaw, roll).
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np

from synth.stage.commands import person, put, three
from synth.stage.dispatcher import ARGUMENT_INVALID, Command, CommandError
from synth.stage.world import Human, World

CLASSES = ("CvCharacter", "bp_character_C")  # what public projects call the class of their people
_ONE = "/object/[str]"
_SPACES = ("component", "world")


def object_commands(world: World) -> Iterator[Command]:
    """What can be asked and said of the person."""
    yield Command("vget /objects", lambda: world.human.name, "Names of all objects")
    for key, field in (("location", "location_cm"), ("rotation", "rotation_deg")):
        unit = "x y z, cm" if key == "location" else "pitch yaw roll, degrees"
        yield Command(f"vget {_ONE}/{key}", lambda name, field=field: three(getattr(person(world, name), field)), unit)
        yield Command(
            f"vset {_ONE}/{key} [float] [float] [float]",
            lambda name, *v, field=field: put(person(world, name), **{field: v}),
            f"Set the {key}: {unit}",
        )
    yield Command(f"vget {_ONE}/scale", lambda name: person(world, name) and three((1, 1, 1)), "Always 1")
    yield Command(
        f"vset {_ONE}/scale [float] [float] [float]", lambda name, *v: _set_scale(world, name, v), "1 1 1 alone"
    )
    yield Command(f"vget {_ONE}/color", lambda name: _color(person(world, name)), "Its colour in the object mask")
    yield Command(f"vset {_ONE}/color [uint] [uint] [uint]", lambda name, *v: _set_color(world, name, v), "0 to 255")
    yield Command(f"vset {_ONE}/show", lambda name: put(person(world, name), visible=True), "Show it")
    yield Command(f"vset {_ONE}/hide", lambda name: put(person(world, name), visible=False), "Hide it")
    yield Command(f"vget {_ONE}/mobility", lambda name: person(world, name) and "Movable", "Movable")
    yield Command(f"vget {_ONE}/uclass_name", lambda name: person(world, name) and CLASSES[0], "Its class")
    for words in (" [str]", " [str] [str]"):
        yield Command(f"vset /objects/spawn{words}", lambda *v: _spawn(world, *v), "Refused: the person is there")
    yield from _shapes(world)


def _shapes(world: World) -> Iterator[Command]:
    """What the person is made of, at the time set."""
    yield Command(f"vget {_ONE}/bounds", lambda name: _bounds(world, name), "Least and most x y z in the world, cm")
    yield Command(f"vget {_ONE}/vertex_location", lambda name: _vertices(world, name), "One a line, own frame, cm")
    yield Command(f"vget {_ONE}/bones", lambda name: _bones(world, name), "JSON list of all bones")
    yield Command(
        f"vget {_ONE}/bones [str]", lambda name, word: _bones(world, name, word), "component, world, or names"
    )
    yield Command(f"vget {_ONE}/bones [str] [str]", lambda name, *v: _bones(world, name, *v), "Names a,b,c and space")


def _color(human: Human) -> str:
    return "(R={},G={},B={},A=255)".format(*human.color)


def _set_color(world: World, name: str, color: tuple[int, ...]) -> None:
    if max(color) > 255:
        raise CommandError(ARGUMENT_INVALID)
    person(world, name).color = color


def _set_scale(world: World, name: str, scale: tuple[float, ...]) -> None:
    person(world, name)
    if scale != (1.0, 1.0, 1.0):
        raise CommandError("Not Implemented: people have the size of their appearance")


def _spawn(world: World, kind: str, name: str = "") -> None:
    if kind not in CLASSES:
        raise CommandError(f"Can not find a class with name '{kind}'")
    if name in ("", world.human.name):
        raise CommandError(f"Failed to spawn {world.human.name}, object exists.")
    raise CommandError(f"Not Implemented: the stage has one person, {world.human.name}")


def _bounds(world: World, name: str) -> str:
    person(world, name)
    points = world.vertices_cm()
    return " ".join(f"{value:.2f}" for value in (*points.min(axis=0), *points.max(axis=0)))


def _vertices(world: World, name: str) -> str:
    person(world, name)
    return "".join("{:.5f}     {:.5f}     {:.5f}\n".format(*row) for row in world.vertices_cm(placed=False).tolist())


def _bones(world: World, name: str, *words: str) -> str:
    """Bones and their places at the time set, cm. words: names separated by commas, and the space, `component` for the
    person's own frame; without names all of them."""
    human = person(world, name)
    space = words[-1] if words and words[-1] in _SPACES else "component"
    chosen = [word for word in words if word not in _SPACES]
    if len(words) - len(chosen) > 1 or len(chosen) > 1:
        raise CommandError(ARGUMENT_INVALID)
    joints = world.joints_cm([human.time_s], placed=space == "world")[0]
    names = world.library.character(human.appearance).skeleton.names
    rows = dict(zip(names, np.round(joints.astype(np.float64), 4).tolist(), strict=True))
    wanted = chosen[0].split(",") if chosen else names
    if unknown := [bone for bone in wanted if bone not in rows]:
        raise CommandError(f"{ARGUMENT_INVALID}: there is no bone {unknown[0][:40]!r}")
    return json.dumps([{"name": bone, "location": dict(zip("xyz", rows[bone], strict=True))} for bone in wanted])
