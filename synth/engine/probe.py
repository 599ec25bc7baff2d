"""One engine driven by its profile for the conformance checker: a person at the origin and a camera before it.

Everything here is said as the wire has it, Unreal's centimetres and degrees, and judged in our frame, with the formulas
of `synth.frames`, which no engine shares.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from synth.engine import decode, passes
from synth.engine.errors import EngineRefused
from synth.engine.passes import PICTURES
from synth.engine.profile import Profile
from synth.engine.session import EngineClient
from synth.frames import CM_PER_M, Camera, from_unreal_location, from_unreal_rotation

WIDTH, HEIGHT = 160, 120  # not square, so that what is horizontal cannot be taken for what is vertical
FEWEST = 20  # pixels of the person that something can be told from
EARLY, LATE = 0.05, 0.25  # shares of the motion at which the person looks different


@dataclass(frozen=True)
class View:
    """A camera as the wire knows it; by default it stands 6 m before the person's face, at the height of the chest."""

    x: float = 600.0
    y: float = 0.0
    z: float = 100.0
    pitch: float = 0.0
    yaw: float = 180.0
    roll: float = 0.0
    fov: float = 45.0

    def camera(self) -> Camera:
        """The same in our frame."""
        return Camera(
            position_m=from_unreal_location((self.x, self.y, self.z)),
            **from_unreal_rotation((self.pitch, self.yaw, self.roll)),
            fov_deg=self.fov,
            width=WIDTH,
            height=HEIGHT,
        )

    def point(self, pixel: np.ndarray) -> np.ndarray:
        """(3,) in our frame: what is seen at `pixel` in the upright plane through the origin, 6 m before FRONT."""
        camera, k = self.camera(), self.camera().intrinsics()
        right, down, forward = camera.axes()
        x, y = (pixel - k[:2, 2]) / k[0, 0]
        return np.array(camera.position_m) + self.x / CM_PER_M * (forward + x * right + y * down)

    def orbit(self, azimuth_deg: float) -> View:
        """Turned about the origin, clockwise seen from above."""
        angle = np.radians(azimuth_deg)
        x, y = np.cos(angle) * self.x - np.sin(angle) * self.y, np.sin(angle) * self.x + np.cos(angle) * self.y
        return replace(self, x=float(x), y=float(y), yaw=self.yaw + azimuth_deg)


FRONT = View()


class Probe:
    """Says things to one engine and looks at what it shows.

    Args:
        motion: a motion of the engine with some movement in it. warmup: pictures thrown away before each that counts.
    """

    def __init__(
        self, client: EngineClient, profile: Profile, *, motion: str, warmup: int = 0, deadline_s: float = 60.0
    ):
        self.profile, self.motion = profile, motion
        self._client, self._deadline_s, self._warmup = client, deadline_s, warmup
        self._seconds = 1.0

    def ask(self, lines: Sequence[str]) -> list[str | bytes]:
        """The replies to commands, in order."""
        return self._client.ask(lines, deadline_s=self._deadline_s)

    def say(self, capability: str, **values) -> dict[str, str]:
        """One command of the profile; its out-parameters. Raises EngineRefused."""
        line = self.profile.line(capability, **values)
        return decode.outputs(line, self.ask([line])[0])

    def prepare(self, appearance: str | None, environment: str | None) -> None:
        """A camera of the right size, and a person at the origin who does something."""
        human, number = self.profile.human, self.profile.camera
        while len(self._text("cameras").split()) <= number:
            self._text("spawn_camera")
        self.say("set_camera_size", camera=number, width=WIDTH, height=HEIGHT)
        if appearance:
            self.say("set_appearance", human=human, appearance=appearance)
        if environment:
            self.say("set_background", name=environment)
        if self.profile.can("set_motion"):
            self._seconds = float(self.say("set_motion", human=human, motion=self.motion).get("Seconds", "1"))
        if self.profile.can("show_human"):
            self.say("show_human", human=human)
        self.reset()

    def reset(self) -> None:
        """The person at the origin, in the profile's colour, at the early moment; the camera before it."""
        red, green, blue = self.profile.mask_color
        self.say("set_human_color", human=self.profile.human, r=red, g=green, b=blue)
        self.place()
        self.turn(0.0)
        self.look(FRONT)
        if self.profile.can("set_time") or self.profile.can("set_ratio"):
            self.pose(EARLY)

    def pose(self, share: float) -> dict[str, str]:
        """Show the moment at which `share` of the motion has gone, by time or by ratio."""
        human = self.profile.human
        if self.profile.can("set_time"):
            return self.say("set_time", human=human, seconds=round(share * self._seconds, 6))
        return self.say("set_ratio", human=human, motion=self.motion, ratio=share)

    def seconds(self, share: float) -> float:
        """The time that `pose` asks for."""
        return round(share * self._seconds, 6)

    def place(self, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> None:
        """Where the person stands, cm."""
        self.say("set_human_location", human=self.profile.human, x=x, y=y, z=z)

    def turn(self, yaw_deg: float) -> None:
        """How the person is turned, clockwise seen from above."""
        self.say("set_human_rotation", human=self.profile.human, pitch=0.0, yaw=yaw_deg, roll=0.0)

    def look(self, view: View) -> None:
        """Where the camera is, and its lens."""
        number = self.profile.camera
        self.say("set_camera_location", camera=number, x=view.x, y=view.y, z=view.z)
        self.say("set_camera_rotation", camera=number, pitch=view.pitch, yaw=view.yaw, roll=view.roll)
        self.say("set_camera_fov", camera=number, fov=view.fov)

    def raw(self, name: str) -> bytes:
        """The reply to a request for a picture."""
        line = self.profile.line(PICTURES[name].wire, camera=self.profile.camera)
        reply = self.ask([line] * (self._warmup + 1))[-1]
        if isinstance(reply, str):
            raise EngineRefused(line, reply)
        return reply

    def see(self, name: str) -> np.ndarray:
        """A picture as a clip would hold it, (H, W) or (H, W, channels)."""
        shown = passes.image(name, PICTURES[name].wire, self.raw(name))
        return PICTURES[name].understood(shown, self.profile)

    def person(self) -> np.ndarray:
        """(H, W) bool, where the person is; raises EngineRefused where next to nothing has its colour."""
        seen = self.see("mask") > 0
        if seen.sum() < FEWEST:
            raise EngineRefused("object_mask", f"error {seen.sum()} pixels have the person's colour, which is too few")
        return seen

    def middle(self) -> np.ndarray:
        """(2,) x and y of the middle of the person's pixels, centres at +0.5."""
        rows, columns = np.nonzero(self.person())
        return np.array([columns.mean(), rows.mean()]) + 0.5

    def joints_m(self) -> np.ndarray:
        """(J, 3) joints as `joints` tells them, in our frame."""
        line = self.profile.line("joints", human=self.profile.human)
        return decode.joints(decode.bones(line, self.ask([line])[0])[1])

    def _text(self, capability: str) -> str:
        line = self.profile.line(capability)
        return decode.text(line, self.ask([line])[0])
