"""The commands of the UnrealCV plugin that the stage answers: itself, cameras, pictures, objects, the game.

Replies have the plugin's formats (1.0.1, and `commands` and `bones` of 1.1.0). It differs where upstream's own server
tests ask for it: no blank after the list of objects, pictures saved to a file lie beside the configuration file that
`status` names, and a picture asked for without a format is saved under a name of the stage's choice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from synth.stage.dispatcher import ARGUMENT_INVALID, Command, CommandError, Dispatcher
from synth.stage.encoding import bmp, npy, png
from synth.stage.pictures import PASSES, as_colors
from synth.stage.world import CameraState, Human, World

VERSION = "1.0.1"
_FILE = re.compile(r"[A-Za-z0-9_-]+\.(png|bmp|npy)")


def plugin_commands(dispatcher: Dispatcher, *, port: int) -> Iterator[Command]:
    """What the plugin says about itself; `dispatcher` is the one that the commands are bound to."""
    yield Command("vget /unrealcv/status", lambda: _status(port), "Port, picture size and other settings")
    yield Command("vget /unrealcv/version", lambda: VERSION, "Version of the plugin whose protocol this is")
    yield Command("vget /unrealcv/help", lambda: _help(dispatcher), "Every command and what it does")
    yield Command("vget /unrealcv/commands", lambda: "\n".join(sorted(dispatcher.commands)), "Every command")
    yield Command("vget /unrealcv/echo [str]", lambda word: word, "The word itself")


def _status(port: int) -> str:
    defaults = CameraState()
    return (
        f"Is Listening\nClient Connected\n{port}\nConfiguration\nConfig file: {Path('unrealcv.ini').absolute()}\n"
        f"Port: {port}\nWidth: {defaults.width}\nHeight: {defaults.height}\nFOV: {defaults.fov_deg:.1f}\n"
        "EnableInput: true\nEnableRightEye: false"
    )


def _help(dispatcher: Dispatcher) -> str:
    return "".join(f"{command.template}\n{command.help}\n" for command in dispatcher.commands.values())


def game_commands(world: World) -> Iterator[Command]:
    """Names, pause and view mode. The stage's time never runs, so a pause is only remembered."""
    yield Command("vget /scene/name", lambda: "Ceteris", "Name of the project")
    yield Command("vget /level/name", lambda: world.place_name, "Name of the place shown")
    yield Command("vset /action/game/pause", lambda: setattr(world, "paused", True), "Pause; time never runs anyway")
    yield Command("vset /action/game/resume", lambda: setattr(world, "paused", False), "Resume")
    yield Command("vget /action/game/is_paused", lambda: str(world.paused).lower(), "true or false")
    yield Command("vset /action/eyes_distance [float]", lambda _: _refuse(), "Not implemented, as in the plugin")
    yield Command("vset /viewmode [str]", lambda mode: _set_view_mode(world, mode), "lit, depth, object_mask, normal")
    yield Command("vget /viewmode", lambda: world.view_mode, "The view mode set last")


def _refuse() -> None:
    raise CommandError("Not Implemented")


def _set_view_mode(world: World, mode: str) -> None:
    if mode not in PASSES:
        raise CommandError(f"Can not set ViewMode to {mode}")
    world.view_mode = mode


def camera_commands(world: World) -> Iterator[Command]:
    """Where the cameras stand; cm, degrees (pitch, yaw, roll), pixels."""
    one, three = "/camera/[uint]", "[float] [float] [float]"
    yield Command("vget /cameras", lambda: "".join(f"{name} " for name in _camera_names(world)), "Names of all cameras")
    yield Command("vset /cameras/spawn", lambda: f"FusionCameraActor_{world.spawn_camera()}", "Add a camera")
    yield Command(f"vget {one}/location", lambda i: _three(_camera(world, i).location_cm), "x y z, cm")
    yield Command(f"vget {one}/rotation", lambda i: _three(_camera(world, i).rotation_deg), "pitch yaw roll, degrees")
    yield Command(f"vget {one}/fov", lambda i: f"{_lens(world, i).fov_deg:f}", "Horizontal, degrees")
    yield Command(f"vget {one}/size", lambda i: _size(_lens(world, i)), "Width and height, pixels")
    for verb in ("location", "moveto"):
        yield Command(f"vset {one}/{verb} {three}", lambda i, *v: _put(_camera(world, i), location_cm=v), "x y z, cm")
    yield Command(
        f"vset {one}/rotation {three}", lambda i, *v: _put(_camera(world, i), rotation_deg=v), "pitch yaw roll"
    )
    yield Command(f"vset {one}/fov [float]", lambda i, fov: _put(_lens(world, i), fov_deg=fov), "Horizontal, degrees")
    yield Command(
        f"vset {one}/size [uint] [uint]", lambda i, w, h: _put(_lens(world, i), width=w, height=h), "Width and height"
    )


def picture_commands(world: World) -> Iterator[Command]:
    """One picture of one camera."""
    for name, picture in PASSES.items():
        template = f"vget /camera/[uint]/{name}"
        forms = f"{', '.join(picture.forms)}, or a file name with such an end"
        if name == "flow":
            yield Command(
                f"{template} [str] [float]",
                lambda i, form, seconds: _picture(world, i, name="flow", form=form, seconds=seconds),
                f"Pixels from now to so many seconds later; {forms}",
            )
            continue
        yield Command(f"{template} [str]", lambda i, form, name=name: _picture(world, i, name=name, form=form), forms)
        yield Command(
            template,
            lambda i, name=name, form=picture.forms[0]: _picture(world, i, name=name, form=f"{name}_{i:08d}.{form}"),
            "Saves the picture and replies its name",
        )


def object_commands(world: World) -> Iterator[Command]:
    """The person, as an object; cm, degrees (pitch, yaw, roll)."""
    one, human = "/object/[str]", world.human
    yield Command("vget /objects", lambda: human.name, "Names of all objects")
    yield Command(f"vget {one}/location", lambda name: _three(person(world, name).location_cm), "x y z, cm")
    yield Command(f"vget {one}/rotation", lambda name: _three(person(world, name).rotation_deg), "pitch yaw roll")
    yield Command(f"vget {one}/color", lambda name: _color(person(world, name)), "Its colour in the object mask")
    for key, field in (("location", "location_cm"), ("rotation", "rotation_deg")):
        yield Command(
            f"vset {one}/{key} [float] [float] [float]",
            lambda name, *v, field=field: _put(person(world, name), **{field: v}),
            f"Set the {key}",
        )
    yield Command(f"vset {one}/color [uint] [uint] [uint]", lambda name, *v: _set_color(world, name, v), "0 to 255")
    yield Command(f"vset {one}/show", lambda name: _put(person(world, name), visible=True), "Show it")
    yield Command(f"vset {one}/hide", lambda name: _put(person(world, name), visible=False), "Hide it")
    yield Command(f"vget {one}/bones [str]", lambda name, space: _bones(world, name, space), "component or world")
    yield Command(f"vget {one}/bones", lambda name: _bones(world, name, "component"), "JSON list of all bones")


def person(world: World, name: str) -> Human:
    """The object `name`; raises CommandError where there is none."""
    if name != world.human.name:
        raise CommandError("Cannot find object")
    return world.human


def _camera(world: World, number: int) -> CameraState:
    if number >= len(world.cameras):
        raise CommandError("Invalid sensor id")
    return world.cameras[number]


def _lens(world: World, number: int) -> CameraState:
    """The plugin has another text for a wrong camera where its lens is meant."""
    if number >= len(world.cameras):
        raise CommandError(ARGUMENT_INVALID)
    return world.cameras[number]


def _camera_names(world: World) -> list[str]:
    return ["PawnSensor", *(f"FusionCameraActor_{i}" for i in range(1, len(world.cameras)))]


def _three(values) -> str:
    return "{:.3f} {:.3f} {:.3f}".format(*values)


def _size(camera: CameraState) -> str:
    return f"{camera.width} {camera.height}"


def _put(target: CameraState | Human, **values) -> None:
    for key, value in values.items():
        setattr(target, key, value)


def _color(human: Human) -> str:
    return "(R={},G={},B={},A=255)".format(*human.color)


def _set_color(world: World, name: str, color: tuple[int, ...]) -> None:
    if max(color) > 255:
        raise CommandError(ARGUMENT_INVALID)
    person(world, name).color = color


def _picture(world: World, number: int, *, name: str, form: str, seconds: float = 0.0) -> bytes | str:
    """The bytes of a picture, or the name of the file that it was saved as. seconds: how far ahead flow looks."""
    kind = form.rpartition(".")[2]
    if kind not in PASSES[name].forms or (form != kind and not _FILE.fullmatch(form)):
        raise CommandError(f"Invalid filename type, filename {form}")
    camera, now = _camera(world, number), world.human.time_s
    times = [now, round(now + seconds, 6)] if name == "flow" else [now]
    array = world.render(times, [camera], [name])[name][0, 0]
    content = npy(array) if kind == "npy" else {"png": png, "bmp": bmp}[kind](as_colors(name, array))
    if form == kind:
        return content
    Path(form).write_bytes(content)
    return form


def _bones(world: World, name: str, space: str) -> str:
    """Every bone's name and place at the time set, cm; `component` is the person's own frame."""
    human = person(world, name)
    if space not in ("component", "world"):
        raise CommandError(ARGUMENT_INVALID)
    joints = world.joints_cm([human.time_s], placed=space == "world")[0]
    names = world.library.character(human.appearance).skeleton.names
    rows = np.round(joints.astype(np.float64), 4).tolist()
    return json.dumps(
        [{"name": bone, "location": dict(zip("xyz", row, strict=True))} for bone, row in zip(names, rows, strict=True)]
    )
