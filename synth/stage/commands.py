"""The commands of the UnrealCV plugin that the stage answers: itself, the game and where cameras stand.

Replies have the plugin's formats (1.0.1, and `commands` and `bones` of 1.1.0). It differs where upstream's own server
tests ask for it: no blank after the list of objects, pictures saved to a file lie beside the configuration file that
`status` names, and a picture asked for without a format is saved under a name of the stage's choice. docs/unrealcv.md
has every command beside the plugin's.
"""

from __future__ import annotations

from collections.abc import Iterator

from synth.stage.dispatcher import ARGUMENT_INVALID, Command, CommandError, Dispatcher
from synth.stage.pictures import PASSES
from synth.stage.world import CameraState, Human, StageError, World

VERSION = "1.0.1"
LEVELS = {"EmptyPlane": "plane"}  # levels of public projects that have a place of ours


def plugin_commands(dispatcher: Dispatcher, world: World, *, port: int) -> Iterator[Command]:
    """What the plugin says about itself; `dispatcher` is the one that the commands are bound to."""
    yield Command("vget /unrealcv/status", lambda: _status(world, port), "Port, picture size and other settings")
    yield Command("vget /unrealcv/version", lambda: VERSION, "Version of the plugin whose protocol this is")
    yield Command("vget /unrealcv/help", lambda: _help(dispatcher), "Every command and what it does")
    yield Command("vget /unrealcv/commands", lambda: "\n".join(sorted(dispatcher.commands)), "Every command")
    yield Command("vget /unrealcv/echo [str]", lambda word: word, "The word itself")


def _status(world: World, port: int) -> str:
    defaults = CameraState()
    return (
        f"Is Listening\nClient Connected\n{port}\nConfiguration\nConfig file: {world.folder / 'unrealcv.ini'}\n"
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
    yield Command("vset /action/game/level [str]", lambda name: _open_level(world, name), "Show this place")
    for switch in ("enable", "disable"):
        yield Command(f"vset /action/input/{switch}", lambda: None, "Nothing: there is no keyboard")
    yield Command("vset /action/eyes_distance [float]", lambda _: _refuse(), "Not implemented, as in the plugin")
    yield Command("vset /viewmode [str]", lambda mode: _set_view_mode(world, mode), "lit, depth, object_mask, normal")
    yield Command("vget /viewmode", lambda: world.view_mode, "The view mode set last")
    yield Command("vbatch [uint]", lambda _: None, "Nothing: no time passes between requests anyway")


def _refuse() -> None:
    raise CommandError("Not Implemented")


def _open_level(world: World, name: str) -> None:
    world.set_place(LEVELS.get(name, name))


def _set_view_mode(world: World, mode: str) -> None:
    if mode not in PASSES:
        raise CommandError(f"Can not set ViewMode to {mode}")
    world.view_mode = mode


def camera_commands(world: World) -> Iterator[Command]:
    """Where the cameras stand; cm, degrees (pitch, yaw, roll), pixels."""
    one = "/camera/[uint]"
    yield Command("vget /cameras", lambda: "".join(f"{name} " for name in _camera_names(world)), "Names of all cameras")
    yield Command("vset /cameras/spawn", lambda: _spawn_camera(world), "Add a camera")
    yield Command(f"vget {one}/location", lambda i: three(camera(world, i).location_cm), "x y z, cm")
    yield Command(f"vget {one}/rotation", lambda i: three(camera(world, i).rotation_deg), "pitch yaw roll, degrees")
    yield Command(f"vget {one}/fov", lambda i: f"{lens(world, i).fov_deg:f}", "Horizontal, degrees")
    yield Command(f"vget {one}/size", lambda i: _size(lens(world, i)), "Width and height, pixels")
    for key, field in (("location", "location_cm"), ("rotation", "rotation_deg")):
        yield Command(
            f"vset {one}/{key} [float] [float] [float]",
            lambda i, *v, field=field: put(camera(world, i), **{field: v}),
            f"Set the {key}",
        )
    yield Command(
        f"vset {one}/moveto [float] [float] [float]", lambda i, *v: _move_to(world, i, v), "x y z, cm; camera 0 alone"
    )
    yield Command(f"vset {one}/fov [float]", lambda i, fov: put(lens(world, i), fov_deg=fov), "Horizontal, degrees")
    yield Command(
        f"vset {one}/size [uint] [uint]", lambda i, w, h: put(lens(world, i), width=w, height=h), "Width and height"
    )


def person(world: World, name: str) -> Human:
    """The object `name`; raises CommandError where there is none."""
    if name != world.human.name:
        raise CommandError("Cannot find object")
    return world.human


def camera(world: World, number: int) -> CameraState:
    """The camera of that number; raises CommandError where there is none."""
    if number >= len(world.cameras):
        raise CommandError("Invalid sensor id")
    return world.cameras[number]


def lens(world: World, number: int) -> CameraState:
    """The same; the plugin has another text for a wrong camera where its lens is meant."""
    if number >= len(world.cameras):
        raise CommandError(ARGUMENT_INVALID)
    return world.cameras[number]


def _move_to(world: World, number: int, location_cm: tuple[float, ...]) -> None:
    if number:
        raise CommandError("MoveTo only supports the player camera with id 0")
    world.cameras[0].location_cm = location_cm


def _spawn_camera(world: World) -> str:
    try:
        return f"FusionCameraActor_{world.spawn_camera()}"
    except StageError as error:
        raise CommandError(f"Failed to spawn actor: {error}") from error


def _camera_names(world: World) -> list[str]:
    return ["PawnSensor", *(f"FusionCameraActor_{i}" for i in range(1, len(world.cameras)))]


def three(values) -> str:
    """Three numbers as the plugin prints them."""
    return "{:.3f} {:.3f} {:.3f}".format(*values)


def _size(one: CameraState) -> str:
    return f"{one.width} {one.height}"


def put(target: CameraState | Human, **values) -> None:
    """Set the fields named."""
    for key, value in values.items():
        setattr(target, key, value)
