"""Clips out of one engine: a scene is set, its person posed once per moment and seen by all its cameras.

Poses outermost, cameras innermost: a pose is what costs, a camera is a matrix. Where the engine has a bulk command a
shot is one request; else every frame is asked for by itself, which gives the same frames. What the engine's profile
has no command for is refused before anything is drawn.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from synth.engine import decode
from synth.engine import passes as kinds
from synth.engine.errors import BadReply, EngineChanged, EngineDied, EngineLost, EngineRefused, StalePose
from synth.engine.launcher import EngineProcess
from synth.engine.moments import moments
from synth.engine.needs import require
from synth.engine.passes import PICTURES
from synth.engine.profile import Profile
from synth.engine.shots import TIME_DIGITS, Scene, Shot, camera_values, plan_shots
from synth.engine.telling import Telling
from synth.factors import ClipSpec
from synth.frames import Camera
from synth.groundtruth import joints2d

LOG = logging.getLogger(__name__)
CONNECT_S = 10.0
# How many replies a shot may take: more cameras of a pose at a time cost less each, and the clips come later. With
# flow each reply but the first draws a moment again, so that it is better to have few of them.
REPLIES = 4
MANY = 1 << 30
DEATH_S = 5.0  # a process is gone so long after its connection at most
POSE_M = 1e-5  # joints that were read with a picture may differ by this much from those of the moment asked for
Clip = tuple[ClipSpec, Any, Camera]  # the arrays by pass, or what was made of them
Prepare = Callable[[ClipSpec, dict[str, np.ndarray]], Any]


def drawn(spec: ClipSpec, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays as they are."""
    return arrays


class Engine:
    """A session with one engine.

    Args:
        profile: how to speak to it. host, port: where it listens. process: its process where it is ours.
        deadline_s: for one reply. reply_mb: the largest reply asked for.
        session: what is said once, before the first picture that is taken by itself, as how the camera exposes.
        warmup_captures: pictures thrown away before each that is kept, for an engine whose pictures settle.
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
        session: Sequence[str] = (),
        warmup_captures: int = 0,
    ):
        from synth.engine.session import EngineClient  # imports unrealcv: half a second

        self.profile, self.process = profile, process
        self._deadline_s, self._reply_bytes = deadline_s, int(reply_mb * 2**20)
        self._session, self._warmup = tuple(session), warmup_captures
        self._prepared = self._left = False
        self._client = EngineClient(host, port)
        self._client.connect(CONNECT_S)
        self._told = Telling(profile, self.ask)
        self._digests: dict[tuple[str, str], str] = {}
        self._bones: tuple[str, ...] = ()

    def identity(self) -> dict[str, str]:
        """Name, build and backend of the engine, and the digest of the profile in which it is spoken to."""
        command = self.profile.line("identity")
        found = decode.outputs(command, self.ask([command])[0])
        if missing := {"Engine", "Build", "Backend"} - set(found):
            raise EngineRefused(command, f"error the answer lacks {', '.join(sorted(missing))}")
        said = {name.lower(): found[name] for name in ("Engine", "Build", "Backend")}
        return {**said, "profile": self.profile.digest, **self._settled()}

    def _settled(self) -> dict[str, str]:
        """The digest of what is said of the camera and of how long its pictures settle, where there is any of it."""
        if not (self._session or self._warmup):
            return {}
        return {"session": hashlib.sha256(json.dumps([self._session, self._warmup]).encode()).hexdigest()[:16]}

    def digest(self, kind: str, name: str) -> str:
        """SHA-256 hex of a "motion", an "appearance" or an "environment"; asked once per name."""
        if (kind, name) not in self._digests:
            command = self.profile.line("digest", kind=kind, name=name)
            self._digests[kind, name] = decode.outputs(command, self.ask([command])[0]).get("Result", "")
        return self._digests[kind, name]

    def agrees(self, digests: Mapping[tuple[str, str], str], scene: Scene) -> None:
        """Raises EngineChanged where what `scene` shows is not, to this engine, what `digests` say."""
        shown = {"motion": scene.motion, "appearance": scene.appearance, "environment": scene.environment}
        for kind, name in shown.items():
            known = digests.get((kind, name))
            if known is not None and self.digest(kind, name) != known:
                raise EngineChanged(f"the {kind} {name!r} has changed since the run began; run the same command again")

    def capture(self, specs: Sequence[ClipSpec], passes: Sequence[str] = ("frames",)) -> Iterator[Clip]:
        """Each spec with its arrays and the camera that the engine was told, as soon as it is done and in any order.

        The arrays are those that `passes` names: frames and background (T, H, W, 3) uint8 sRGB; foreground
        (T, H, W, 4) uint8, straight alpha; mask and parts (T, H, W) uint8; depth (T, H, W) float32 metres; normal
        (T, H, W, 3) float32, world frame; flow (T - 1, H, W, 2) float32 pixels; joints (T, J, 3) float32 world metres;
        joints2d (T, J, 3) float32 x, y and whether it is visible (`synth.groundtruth`).
        Raises EngineLacks, before anything is drawn, for what the engine cannot do.
        """
        for shot in self.shots(specs, passes):
            yield from self.take(shot, passes)

    def shots(self, specs: Sequence[ClipSpec], passes: Sequence[str], most_clips: int = MANY) -> list[Shot]:
        """The plan of a capture; raises as `needs.require` does where this engine cannot do it."""
        require(self.profile, specs, passes)
        size = kinds.pixel_bytes(passes)
        room = self._reply_bytes * (1 if "flow" in passes else REPLIES)
        return list(plan_shots(specs, pixel_bytes=size, shot_bytes=room, most_clips=most_clips))

    def take(self, shot: Shot, passes: Sequence[str], prepare: Prepare = drawn) -> Iterator[Clip]:
        """The clips of one shot, their arrays as `prepare` makes them."""
        self._told.show(shot.scene)
        bulk = self.profile.can("capture", "capture_time", "capture_camera")
        asked_for = kinds.needed(passes)
        pictures = [name for name in asked_for if name in PICTURES]
        known = moments(shot.scene.times_s, cycle_s=self._told.cycle_s(shot.scene), pairs="flow" in passes)
        shown = (self._bulk if bulk else self._single)(shot, known.asked, pictures) if pictures else {}
        joints = self._joints(known.asked)[known.frames] if "joints" in asked_for else None
        for index, (spec, camera) in enumerate(zip(shot.specs, shot.cameras, strict=True)):
            arrays = {
                name: array[known.pairs if PICTURES[name].pairs else known.frames, index]
                for name, array in shown.items()
            }
            yield spec, prepare(spec, self._with_points(arrays, joints, camera, passes)), camera

    def ask(self, lines: Sequence[str]) -> list[str | bytes]:
        """Replies to commands, in order; raises EngineTimeout, EngineDied or EngineLost."""
        try:
            return self._client.ask(lines, deadline_s=self._deadline_s)
        except EngineLost as error:
            ended = type(error) is EngineLost  # of the others it is known that the engine still runs
            if self.process is not None and (death := self.process.death(DEATH_S if ended and not self._left else 0)):
                raise EngineDied(f"{death}\n    while it was asked {lines[0][:120]!r}") from error
            raise

    def await_answer(self, deadline_s: float) -> None:
        """Wait until the engine answers at all; raises as `ask`."""
        deadline_s, self._deadline_s = self._deadline_s, deadline_s
        try:
            self.identity()
        finally:
            self._deadline_s = deadline_s

    def abort(self) -> None:
        """End the session now, from any thread; what is under way raises EngineLost."""
        self._left = True
        self._client.abort()

    def close(self) -> None:
        """End the session, and the engine's process where it is ours."""
        self._client.close()
        if self.process is not None:
            self.process.stop()

    def _with_points(self, arrays: dict, joints: np.ndarray | None, camera: Camera, passes: Sequence[str]) -> dict:
        """`arrays` and what is made of them, `passes` alone and in their order."""
        if "joints2d" in passes:
            arrays["joints2d"] = joints2d(joints, arrays["depth"], arrays["parts"], camera, self._names())
        return {name: joints if name == "joints" else arrays[name] for name in passes}

    def _names(self) -> tuple[str, ...]:
        """The bones, which all people share; asked once."""
        if not self._bones:
            command = self.profile.line("joints", human=self.profile.human)
            self._bones = tuple(decode.bones(command, self.ask([command])[0])[0])
        return self._bones

    def _bulk(self, shot: Shot, times_s: Sequence[float], passes: Sequence[str]) -> dict[str, np.ndarray]:
        """(T, C, H, W, ...) per pass; a long clip of large pictures is asked for in several replies. Where there is
        flow they overlap by a moment, of which the other passes are taken once."""
        scene, line = shot.scene, self.profile.line
        cameras = ";".join(line("capture_camera", **camera_values(camera)) for camera in shot.cameras)
        frame_bytes = scene.width * scene.height * len(shot.cameras) * kinds.pixel_bytes(passes)
        step, shared = max(1, self._reply_bytes // frame_bytes), int("flow" in passes)
        out: dict[str, np.ndarray] = {}
        for start in range(0, len(times_s), step):
            command = line(
                "capture",
                passes=";".join(PICTURES[name].wire for name in passes),
                human=self.profile.human,
                times=self._times(times_s[start : start + step + shared]),
                cameras=cameras,
                width=scene.width,
                height=scene.height,
            )
            asked = len(times_s[start : start + step + shared])
            replies = decode.arrays(command, self.ask([command])[0], len(passes))
            for name, array in zip(passes, replies, strict=True):
                expected = (asked - PICTURES[name].pairs, len(shot.cameras), scene.height, scene.width)
                if array.shape[:4] != expected:
                    raise BadReply(command, f"{name} is {array.shape}, expected {expected} and its channels")
                shown = PICTURES[name].understood(array[:step], self.profile)
                if name not in out:
                    out[name] = np.empty((len(times_s) - PICTURES[name].pairs, *shown.shape[1:]), shown.dtype)
                out[name][start : start + step] = shown
        return out

    def _single(self, shot: Shot, times_s: Sequence[float], passes: Sequence[str]) -> dict[str, np.ndarray]:
        """The same, one frame at a time."""
        self._prepare_camera(shot.scene)
        after = [*np.round(np.diff(times_s), TIME_DIGITS).tolist(), None]
        taken = [self._moment(shot, seconds, step, passes) for seconds, step in zip(times_s, after, strict=True)]
        if self.profile.can("joints"):
            self._check_pose(shot.scene, times_s, np.stack([seen for _, seen in taken]))
        rows, out = [row for row, _ in taken], {}
        for name in passes:
            views = [[view[name] for view in row] for row in rows if name in row[0]]
            empty = np.zeros((0, len(shot.cameras), shot.scene.height, shot.scene.width, 2), np.float32)
            out[name] = PICTURES[name].understood(np.stack(views), self.profile) if views else empty
        return out

    def _moment(
        self, shot: Shot, seconds: float, step_s: float | None, passes: Sequence[str]
    ) -> tuple[list[dict[str, np.ndarray]], np.ndarray]:
        """One pose seen by every camera, and its joints in cm where they can be read (else none): one batch of
        requests. step_s: to the next moment, None after the last."""
        line, number = self.profile.line, self.profile.camera
        lines = [line("set_time", human=self.profile.human, seconds=seconds)]
        passes = [name for name in passes if step_s is not None or not PICTURES[name].pairs]
        views = [line(PICTURES[name].wire, camera=number, seconds=step_s) for name in passes]
        for camera in shot.cameras:
            values = camera_values(camera)
            place = {key: values[key] for key in ("x", "y", "z")}
            turn = {key: values[key] for key in ("pitch", "yaw", "roll")}
            lines.append(line("set_camera_location", camera=number, **place))
            lines.append(line("set_camera_rotation", camera=number, **turn))
            lines.append(line("set_camera_fov", camera=number, fov=values["fov"]))
            lines.extend([*views[:1] * self._warmup, *views])
        posed = [line("joints", human=self.profile.human)] if self.profile.can("joints") else []
        replies = list(zip([*lines, *posed], self.ask([*lines, *posed]), strict=True))
        self._applied_time(*replies[0], seconds)
        out, size = [], 3 + len(views) + (self._warmup if views else 0)
        for start in range(1, len(lines), size):
            for command, reply in replies[start : start + 3]:
                decode.text(command, reply)
            shown = zip(passes, replies[start + size - len(views) : start + size], strict=True)
            out.append({name: self._picture(shot.scene, name, *answer) for name, answer in shown})
        return out, decode.bones(*replies[-1])[1] if posed else np.zeros((0, 3))

    def _picture(self, scene: Scene, name: str, command: str, reply: str | bytes) -> np.ndarray:
        """One picture of the scene's size."""
        array = kinds.image(name, command, reply)
        if array.shape[:2] != (scene.height, scene.width):
            raise BadReply(command, f"the picture is {array.shape}, expected {scene.height} rows of {scene.width}")
        return array

    def _check_pose(self, scene: Scene, times_s: Sequence[float], seen_cm: np.ndarray) -> None:
        """Raises StalePose where the joints that were read with the pictures are not those of their moments.

        The moments are set once more in the opposite order: an engine that shows the pose before the one asked for, as
        Unreal does while it is paused, then shows another one. One that never moves the person shows no two poses.
        """
        command = self.profile.line("set_time", human=self.profile.human, seconds=times_s[0])
        expected = self._joints(times_s[::-1])[::-1]
        off = np.abs(decode.joints(seen_cm) - expected).max(axis=(1, 2))
        if late := [f"{seconds:.3f} s" for seconds, metres in zip(times_s, off, strict=True) if metres > POSE_M]:
            raise StalePose(command, f"pictures show another pose than that of {', '.join(late[:5])}")
        moves = scene.manner.freeze == "none" and scene.manner.amplitude > 0
        if moves and len(set(times_s)) > 1 and (seen_cm == seen_cm[:1]).all():
            raise StalePose(command, f"the person does not move between {times_s[0]:.3f} s and {times_s[-1]:.3f} s")

    def _applied_time(self, command: str, reply: str | bytes, seconds: float) -> None:
        applied = decode.outputs(command, reply).get("Time")
        if applied is not None and abs(float(applied) - seconds) > 1e-5:
            raise StalePose(command, f"the engine shows {applied} s, asked for {seconds} s")

    def _prepare_camera(self, scene: Scene) -> None:
        """A camera of our own (the pawn's follows one tick late), of the right size."""
        command = self.profile.line("cameras")
        while len(decode.text(command, self.ask([command])[0]).split()) <= self.profile.camera:
            spawn = self.profile.line("spawn_camera")
            decode.text(spawn, self.ask([spawn])[0])
        if not self._prepared:
            for said, reply in zip(self._session, self.ask(self._session) if self._session else [], strict=True):
                decode.text(said, reply)
            self._prepared = True
        self._told.say("set_camera_size", camera=self.profile.camera, width=scene.width, height=scene.height)

    def _joints(self, times_s: Sequence[float]) -> np.ndarray:
        """(T, J, 3) float32 world metres."""
        human = self.profile.human
        if self.profile.can("capture_joints", "capture_time"):
            command = self.profile.line("capture_joints", human=human, times=self._times(times_s))
            found = decode.arrays(command, self.ask([command])[0], 1)[0]
            if found.ndim != 3 or len(found) != len(times_s):
                raise BadReply(command, f"joints are {found.shape}, expected {len(times_s)} poses of them")
            return decode.joints(found)
        command = self.profile.line("joints", human=human)
        rows = []
        for seconds in times_s:
            setter = self.profile.line("set_time", human=human, seconds=seconds)
            applied, listed = self.ask([setter, command])
            self._applied_time(setter, applied, seconds)
            rows.append(decode.bones(command, listed)[1])
        return decode.joints(np.stack(rows))

    def _times(self, seconds: Sequence[float]) -> str:
        return ";".join(self.profile.line("capture_time", seconds=value) for value in seconds)
