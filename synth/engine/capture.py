"""Clips out of one engine: a scene is set, its person posed once per moment and seen by all its cameras.

Poses outermost, cameras innermost: a pose is what costs, a camera is a matrix. Where the engine has a bulk command a
shot is one request; else every frame is asked for by itself, which gives the same frames.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

import numpy as np

from synth.engine import decode
from synth.engine.errors import EngineDied, EngineLost, EngineRefused
from synth.engine.launcher import EngineProcess
from synth.engine.profile import Profile
from synth.engine.shots import Scene, Shot, camera_values, plan_shots
from synth.errors import find
from synth.factors import ClipSpec
from synth.frames import Camera, to_unreal_location, to_unreal_rotation

LOG = logging.getLogger(__name__)
# A clip's passes, what the wire calls them, and what a pixel takes there.
PASSES = {"frames": ("lit", 3), "mask": ("object_mask", 3), "depth": ("depth", 4), "joints": ("joints", 0)}
CONNECT_S = 10.0
MANY = 1 << 30
Clip = tuple[ClipSpec, dict[str, np.ndarray], Camera]


class Engine:
    """A session with one engine.

    Args:
        profile: how to speak to it. host, port: where it listens. process: its process where it is ours.
        deadline_s: for one reply. reply_mb: the largest reply asked for.
    Raises CannotConnect.
    """

    def __init__(
        self,
        profile: Profile,
        *,
        host: str,
        port: int,
        process: EngineProcess | None = None,
        deadline_s: float = 120.0,
        reply_mb: float = 16.0,
    ):
        from synth.engine.session import EngineClient  # imports unrealcv: half a second

        self.profile, self.process = profile, process
        self._deadline_s, self._reply_bytes = deadline_s, int(reply_mb * 2**20)
        self._client = EngineClient(host, port)
        self._client.connect(CONNECT_S)
        self._said: dict[str, str] = {}
        self._digests: dict[tuple[str, str], str] = {}

    def identity(self) -> dict[str, str]:
        """Name, build and backend of the engine."""
        command = self.profile.line("identity")
        found = decode.outputs(command, self.ask([command])[0])
        if missing := {"Engine", "Build", "Backend"} - set(found):
            raise EngineRefused(command, f"error the answer lacks {', '.join(sorted(missing))}")
        return {"engine": found["Engine"], "build": found["Build"], "backend": found["Backend"]}

    def digest(self, kind: str, name: str) -> str:
        """SHA-256 hex of a "motion", an "appearance" or an "environment"; asked once per name."""
        if (kind, name) not in self._digests:
            command = self.profile.line("digest", kind=kind, name=name)
            self._digests[kind, name] = decode.outputs(command, self.ask([command])[0]).get("Result", "")
        return self._digests[kind, name]

    def capture(self, specs: Sequence[ClipSpec], passes: Sequence[str] = ("frames",)) -> Iterator[Clip]:
        """Each spec with its arrays and the camera that the engine was told, as soon as it is done and in any order.

        The arrays are those that `passes` names: frames (T, H, W, 3) uint8 sRGB, mask (T, H, W) uint8, depth
        (T, H, W) float32 metres, joints (T, J, 3) float32 world metres.
        """
        for shot in self.shots(specs, passes):
            yield from self.take(shot, passes)

    def shots(self, specs: Sequence[ClipSpec], passes: Sequence[str], most_clips: int = MANY) -> list[Shot]:
        """The plan of a capture; raises UnknownName for a pass that there is not."""
        pixel_bytes = sum(find("pass", name, PASSES)[1] for name in passes)
        return list(plan_shots(specs, pixel_bytes=pixel_bytes, reply_bytes=self._reply_bytes, most_clips=most_clips))

    def take(self, shot: Shot, passes: Sequence[str]) -> Iterator[Clip]:
        """The clips of one shot."""
        self._set(shot.scene)
        bulk = self.profile.can("capture", "capture_time", "capture_camera")
        pictures = [name for name in passes if name != "joints"]
        shown = (self._bulk if bulk else self._single)(shot, pictures) if pictures else {}
        joints = {"joints": self._joints(shot.scene)} if "joints" in passes else {}
        for index, (spec, camera) in enumerate(zip(shot.specs, shot.cameras, strict=True)):
            yield spec, {name: np.ascontiguousarray(array[:, index]) for name, array in shown.items()} | joints, camera

    def ask(self, lines: Sequence[str]) -> list[str | bytes]:
        """Replies to commands, in order; raises EngineTimeout, EngineDied or EngineLost."""
        try:
            return self._client.ask(lines, deadline_s=self._deadline_s)
        except EngineLost as error:
            if self.process is not None and (death := self.process.death()):
                raise EngineDied(f"{death}\n    while it was asked {lines[0][:120]!r}") from error
            raise

    def abort(self) -> None:
        """End the session now, from any thread; what is under way raises EngineLost."""
        self._client.abort()

    def close(self) -> None:
        """End the session, and the engine's process where it is ours."""
        self._client.close()
        if self.process is not None:
            self.process.stop()

    def _set(self, scene: Scene) -> None:
        """Say what has changed since the last scene."""
        human, sun = self.profile.human, scene.lighting
        pitch, yaw, roll = to_unreal_rotation(yaw_deg=scene.human_yaw_deg)
        red, green, blue = self.profile.mask_color
        self._say("show_human", human=human)  # whoever used a running engine before may have hidden or moved it
        self._say("set_human_color", human=human, r=red, g=green, b=blue)
        self._say("set_appearance", human=human, appearance=scene.appearance)
        self._say("set_background", name=scene.environment)
        self._say(
            "set_sun",
            yaw=to_unreal_rotation(yaw_deg=sun.sun_azimuth_deg)[1],
            elevation=sun.sun_elevation_deg,
            intensity=sun.intensity,
            temperature=sun.temperature_k,
            ambient=sun.ambient,
        )
        self._say("set_root", human=human, root=scene.root)
        self._say("set_motion", human=human, motion=scene.motion)
        x, y, z = to_unreal_location(scene.human_position_m)
        self._say("set_human_location", human=human, x=x, y=y, z=z)
        self._say("set_human_rotation", human=human, pitch=pitch, yaw=yaw, roll=roll)

    def _say(self, capability: str, **values) -> None:
        """Set something unless it is set already; raises EngineRefused where the engine does not."""
        line = self.profile.line(capability, **values)
        if self._said.get(capability) == line:
            return
        found = decode.outputs(line, self.ask([line])[0])
        if found.get("Result", "ok") != "ok":
            raise EngineRefused(line, f"error {found['Result']}")
        self._said[capability] = line

    def _bulk(self, shot: Shot, passes: Sequence[str]) -> dict[str, np.ndarray]:
        """(T, C, H, W, ...) per pass; a long clip of large pictures is asked for in several replies."""
        scene, line = shot.scene, self.profile.line
        cameras = ";".join(line("capture_camera", **camera_values(camera)) for camera in shot.cameras)
        frame_bytes = scene.width * scene.height * len(shot.cameras) * sum(PASSES[name][1] for name in passes)
        step = max(1, self._reply_bytes // frame_bytes)
        parts = []
        for start in range(0, len(scene.times_s), step):
            command = line(
                "capture",
                passes=";".join(PASSES[name][0] for name in passes),
                human=self.profile.human,
                times=self._times(scene.times_s[start : start + step]),
                cameras=cameras,
                width=scene.width,
                height=scene.height,
            )
            parts.append(decode.arrays(command, self.ask([command])[0], len(passes)))
        return {
            name: self._decoded(name, np.concatenate(chunks) if len(chunks) > 1 else chunks[0])
            for name, chunks in zip(passes, zip(*parts, strict=True), strict=True)
        }

    def _single(self, shot: Shot, passes: Sequence[str]) -> dict[str, np.ndarray]:
        """The same, one frame at a time."""
        self._prepare_camera(shot.scene)
        rows = [self._moment(shot, seconds, passes) for seconds in shot.scene.times_s]
        return {name: self._decoded(name, np.stack([[view[name] for view in row] for row in rows])) for name in passes}

    def _moment(self, shot: Shot, seconds: float, passes: Sequence[str]) -> list[dict[str, np.ndarray]]:
        """One pose seen by every camera: one batch of requests."""
        line, number = self.profile.line, self.profile.camera
        lines = [line("set_time", human=self.profile.human, seconds=seconds)]
        views = [line(PASSES[name][0], camera=number) for name in passes]
        for camera in shot.cameras:
            values = camera_values(camera)
            place = {key: values[key] for key in ("x", "y", "z")}
            turn = {key: values[key] for key in ("pitch", "yaw", "roll")}
            lines.append(line("set_camera_location", camera=number, **place))
            lines.append(line("set_camera_rotation", camera=number, **turn))
            lines.append(line("set_camera_fov", camera=number, fov=values["fov"]))
            lines.extend(views)
        replies = list(zip(lines, self.ask(lines), strict=True))
        self._applied_time(*replies[0], seconds)
        out, size = [], 3 + len(views)
        for start in range(1, len(replies), size):
            for command, reply in replies[start : start + 3]:
                decode.text(command, reply)
            shown = zip(passes, replies[start + 3 : start + size], strict=True)
            out.append({name: _image(name, *answer) for name, answer in shown})
        return out

    def _applied_time(self, command: str, reply: str | bytes, seconds: float) -> None:
        applied = decode.outputs(command, reply).get("Time")
        if applied is not None and abs(float(applied) - seconds) > 1e-5:
            raise EngineRefused(command, f"error the engine shows {applied} s")

    def _prepare_camera(self, scene: Scene) -> None:
        """A camera of our own (the pawn's follows one tick late), of the right size."""
        command = self.profile.line("cameras")
        while len(decode.text(command, self.ask([command])[0]).split()) <= self.profile.camera:
            spawn = self.profile.line("spawn_camera")
            decode.text(spawn, self.ask([spawn])[0])
        self._say("set_camera_size", camera=self.profile.camera, width=scene.width, height=scene.height)

    def _joints(self, scene: Scene) -> np.ndarray:
        """(T, J, 3) float32 world metres."""
        human = self.profile.human
        if self.profile.can("capture_joints", "capture_time"):
            command = self.profile.line("capture_joints", human=human, times=self._times(scene.times_s))
            return decode.joints(decode.arrays(command, self.ask([command])[0], 1)[0])
        command = self.profile.line("joints", human=human)
        rows = []
        for seconds in scene.times_s:
            setter = self.profile.line("set_time", human=human, seconds=seconds)
            applied, listed = self.ask([setter, command])
            self._applied_time(setter, applied, seconds)
            rows.append(decode.bones(command, listed)[1])
        return decode.joints(np.stack(rows))

    def _times(self, seconds: Sequence[float]) -> str:
        return ";".join(self.profile.line("capture_time", seconds=value) for value in seconds)

    def _decoded(self, name: str, array: np.ndarray) -> np.ndarray:
        if name == "mask":
            return decode.mask(array, self.profile.mask_color)
        return decode.depth(array) if name == "depth" else array


def _image(name: str, command: str, reply: str | bytes) -> np.ndarray:
    return decode.arrays(command, reply, 1)[0] if name == "depth" else decode.picture(command, reply)
