"""The stage's own commands: `vbp Stage ...` for motion, time, appearance, place and light, and the bulk capture.

`vbp` is how UnrealCV calls a function of an actor, so the same lines work on an Unreal package that has a Blueprint
actor named Stage. Every setter answers what it applied. The bulk commands save a round trip and an encoding per frame:
many times by many cameras, one reply.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import numpy as np

from synth import body
from synth.factors import Lighting, Manner
from synth.frames import CM_PER_M, from_unreal_rotation, to_unreal_rotation
from synth.motion import holding
from synth.stage import place
from synth.stage.commands import person
from synth.stage.dispatcher import ARGUMENT_INVALID, Command, CommandError, finite
from synth.stage.encoding import npy
from synth.stage.library import build
from synth.stage.pictures import PASSES, reply_bytes
from synth.stage.world import CameraState, World

ENGINE = "ceteris-stage"
MAX_REPLY = 512 << 20
MAX_ARGUMENTS, MAX_EXEC_ARGUMENTS = 9, 5  # of the plugin's vbp and vexec
MAX_LISTED = 20_000  # times, or cameras, of one request: what is posed at once must fit the memory


def blueprint_commands(world: World) -> Iterator[Command]:
    """`vbp [object] [function] [up to nine arguments]`, and `vexec` with up to five; the only actor is Stage."""
    functions = Blueprint(world)
    for count in reversed(range(MAX_ARGUMENTS + 1)):  # the shortest last, so that blanks at the end are no argument
        words = "[str] [str]" + " [str]" * count
        yield Command(f"vbp {words}", functions.call, "Call a function of the actor Stage")
        if count <= MAX_EXEC_ARGUMENTS:
            yield Command(f"vexec {words}", functions.execute, "The same, answered with ok")


def bulk_commands(world: World) -> Iterator[Command]:
    """Many frames in one reply; lists are separated by `;`, numbers within a camera by `,`."""
    yield Command(
        "vget /stage/capture [str] [str] [str] [str] [uint] [uint]",
        lambda *v: _capture(world, *v),
        "passes human times cameras(x,y,z,pitch,yaw,roll,fov) width height: one NPY of (T, C, H, W, ...) per pass",
    )
    yield Command(
        "vget /stage/joints [str] [str]",
        lambda human, times: npy(_joints(world, human, times)),
        "human times: NPY of (T, J, 3) float32, world cm",
    )


class Blueprint:
    """The functions of the actor Stage: each takes words and returns its out-parameters."""

    def __init__(self, world: World):
        self.world = world
        self._build = build()  # now: files may change while the process runs, its code does not
        self._functions = {
            name: getattr(self, f"_{name}")
            for name in (
                "identity", "digest", "list_appearances", "list_backgrounds", "list_props", "set_motion", "set_manner",
                "set_props", "set_time", "set_root", "set_appearance", "set_background", "set_sun",
            )
        }  # fmt: skip

    def call(self, actor: str, function: str, *arguments: str) -> str:
        """The out-parameters as the plugin prints them: JSON, every value a string."""
        if actor != "Stage":
            raise CommandError(f"Can not find actor with id '{actor}'")
        if function not in self._functions:
            raise CommandError(ARGUMENT_INVALID)
        run = self._functions[function]
        if len(arguments) != run.__code__.co_argcount - 1:
            raise CommandError(ARGUMENT_INVALID)
        return json.dumps(run(*arguments), indent="\t")

    def execute(self, actor: str, function: str, *arguments: str) -> None:
        """The same without its out-parameters, with the plugin's other text for a function that cannot be called."""
        try:
            self.call(actor, function, *arguments)
        except CommandError as error:
            if str(error) != ARGUMENT_INVALID:
                raise
            words = " ".join((function, *arguments))
            raise CommandError(f"Fail to execute the function '{words}' of {actor}") from error

    def _identity(self) -> dict[str, str]:
        return {"Engine": ENGINE, "Build": self._build, "Backend": self.world.backend}

    def _digest(self, kind: str, name: str) -> dict[str, str]:
        return {"Result": self.world.library.digest(kind, name)}

    def _list_appearances(self) -> dict[str, str]:
        return {"Result": ";".join(body.appearance_names(self.world.library.assets_root))}

    def _list_backgrounds(self) -> dict[str, str]:
        return {"Result": ";".join(place.place_names(self.world.library.assets_root))}

    def _list_props(self) -> dict[str, str]:
        return {"Result": ";".join(holding.KINDS)}

    def _set_motion(self, human: str, key: str) -> dict[str, str]:
        """Cyclic: whether it shows the same again after Seconds, but for the person's place, Travel cm further on."""
        person(self.world, human)
        motion = self.world.set_motion(key)
        travel_cm = CM_PER_M * float(np.linalg.norm(motion.travel_m))
        return {
            "Result": "ok", "Motion": key, "Seconds": f"{motion.duration_s:.6f}", "Cyclic": str(motion.cyclic).lower(),
            "Travel": f"{travel_cm:.4f}",
        }  # fmt: skip

    def _set_manner(
        self, human: str, phase: str, amplitude: str, mirror: str, noise_deg: str, noise_seed: str, freeze: str
    ) -> dict[str, str]:
        person(self.world, human)
        manner = Manner(
            phase=finite(phase),
            amplitude=finite(amplitude),
            mirror=bool(_choice(mirror, ("0", "1"))),
            noise_deg=finite(noise_deg),
            noise_seed=_whole(noise_seed),
            freeze=freeze,
        )
        self.world.set_manner(manner)
        shown = {"Phase": f"{manner.phase:.6f}", "Amplitude": f"{manner.amplitude:.4f}", "Mirror": mirror}
        noise = {"NoiseDeg": f"{manner.noise_deg:.4f}", "NoiseSeed": str(manner.noise_seed)}
        return {"Result": "ok", **shown, **noise, "Freeze": manner.freeze}

    def _set_props(self, human: str, props: str) -> dict[str, str]:
        person(self.world, human)
        return {"Result": "ok", "Props": props, "Shown": ";".join(self.world.set_props(props))}

    def _set_time(self, human: str, seconds: str) -> dict[str, str]:
        person(self.world, human).time_s = finite(seconds)
        return {"Result": "ok", "Time": f"{self.world.human.time_s:.6f}"}

    def _set_root(self, human: str, mode: str) -> dict[str, str]:
        person(self.world, human)
        self.world.set_root(mode)
        return {"Result": "ok", "Root": self.world.human.root}

    def _set_appearance(self, human: str, name: str) -> dict[str, str]:
        person(self.world, human)
        self.world.set_appearance(name)
        return {"Result": "ok", "Appearance": name}

    def _set_background(self, name: str) -> dict[str, str]:
        self.world.set_place(name)
        return {"Result": "ok", "Background": self.world.place_name}

    def _set_sun(self, yaw: str, elevation: str, intensity: str, temperature: str, ambient: str) -> dict[str, str]:
        """yaw: towards the sun, Unreal's degrees (clockwise seen from above)."""
        light = Lighting(
            sun_azimuth_deg=from_unreal_rotation((0.0, finite(yaw), 0.0))["yaw_deg"],
            sun_elevation_deg=finite(elevation),
            intensity=finite(intensity),
            temperature_k=finite(temperature),
            ambient=finite(ambient),
        )
        self.world.set_lighting(light)
        yaw_deg = to_unreal_rotation(yaw_deg=light.sun_azimuth_deg)[1]
        return {"Result": "ok", "Yaw": f"{yaw_deg:.4f}", "Elevation": f"{light.sun_elevation_deg:.4f}"}


def _capture(world: World, passes: str, human: str, times: str, cameras: str, width: int, height: int) -> bytes:
    """The passes of T times by C cameras, one NPY after the other."""
    person(world, human)
    names = passes.split(";")
    if unknown := [name for name in names if name not in PASSES]:
        raise CommandError(f"{ARGUMENT_INVALID}: there is no pass {unknown[0]!r}, only {', '.join(PASSES)}")
    seconds = _numbers(times, ";")
    states = [_camera(text, width, height) for text in _parts(cameras, ";")]
    size = reply_bytes(names, frames=len(seconds) * len(states), width=width, height=height)
    if size > MAX_REPLY:
        raise CommandError(f"{ARGUMENT_INVALID}: a reply of {size} bytes is above {MAX_REPLY}; ask for fewer frames")
    shown = world.render(seconds, states, names)
    return b"".join(npy(shown[name]) for name in names)


def _joints(world: World, human: str, times: str) -> np.ndarray:
    person(world, human)
    return world.joints_cm(_numbers(times, ";"))


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 20):
        raise CommandError(f"{ARGUMENT_INVALID}: {text[:40]!r} is no whole number")
    return int(text)


def _choice(text: str, allowed: Sequence[str]) -> int:
    """The place of a word among those allowed."""
    if text not in allowed:
        raise CommandError(f"{ARGUMENT_INVALID}: {text[:40]!r} is not one of {', '.join(allowed)}")
    return allowed.index(text)


def _numbers(text: str, separator: str) -> list[float]:
    return [finite(part) for part in _parts(text, separator)]


def _parts(text: str, separator: str) -> list[str]:
    if text.count(separator) >= MAX_LISTED:
        raise CommandError(f"{ARGUMENT_INVALID}: a list of more than {MAX_LISTED}; ask for fewer at a time")
    return text.split(separator)


def _camera(text: str, width: int, height: int) -> CameraState:
    values: Sequence[float] = _numbers(text, ",")
    if len(values) != 7:
        raise CommandError(f"{ARGUMENT_INVALID}: a camera is x,y,z,pitch,yaw,roll,fov, got {text[:80]!r}")
    return CameraState(
        location_cm=tuple(values[:3]), rotation_deg=tuple(values[3:6]), fov_deg=values[6], width=width, height=height
    )
