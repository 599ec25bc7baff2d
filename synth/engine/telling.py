"""Telling an engine what to show: what has changed since the last scene, and nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from synth.engine import decode
from synth.engine.errors import EngineRefused
from synth.engine.profile import Profile
from synth.engine.shots import Scene
from synth.frames import to_unreal_location, to_unreal_rotation


class Telling:
    """What one session has told its engine. ask: sends commands and returns the replies."""

    def __init__(self, profile: Profile, ask: Callable[[Sequence[str]], list[str | bytes]]):
        self._profile, self._ask = profile, ask
        self._said: dict[str, str] = {}
        # Of the motion set last: its cycle in seconds, 0 for none, and whether that leads back to where it began.
        self._cycle_s, self._returns = 0.0, False

    def cycle_s(self, scene: Scene) -> float:
        """After how long the scene that was shown last shows the same again; 0 where it does not, or nobody knows."""
        return self._cycle_s if self._returns or scene.root == "in_place" else 0.0

    def show(self, scene: Scene) -> None:
        """Say what has changed since the last scene; raises EngineRefused."""
        human = self._profile.human
        red, green, blue = self._profile.mask_color
        self.say("show_human", human=human)  # whoever used a running engine before may have hidden or moved it
        self.say("set_human_color", human=human, r=red, g=green, b=blue)
        self.say("set_appearance", human=human, appearance=scene.appearance)
        self._surround(scene)
        self.say("set_root", human=human, root=scene.root)
        if told := self.say("set_motion", human=human, motion=scene.motion):
            self._cycle_s = float(told["Seconds"]) if told.get("Cyclic") == "true" else 0.0
            self._returns = float(told.get("Travel", "1")) == 0.0
        if self._profile.can("set_manner"):
            self.say("set_manner", human=human, **{k: v for k, v in vars(scene.manner).items() if k != "tempo"})
        if self._profile.can("set_props"):
            self.say("set_props", human=human, props=scene.props)
        x, y, z = to_unreal_location(scene.human_position_m)
        pitch, yaw, roll = to_unreal_rotation(yaw_deg=scene.human_yaw_deg)
        self.say("set_human_location", human=human, x=x, y=y, z=z)
        self.say("set_human_rotation", human=human, pitch=pitch, yaw=yaw, roll=roll)

    def _surround(self, scene: Scene) -> None:
        """Place and light."""
        sun = scene.lighting
        self.say("set_background", name=scene.environment)
        self.say(
            "set_sun",
            yaw=to_unreal_rotation(yaw_deg=sun.sun_azimuth_deg)[1],
            elevation=sun.sun_elevation_deg,
            intensity=sun.intensity,
            temperature=sun.temperature_k,
            ambient=sun.ambient,
        )

    def say(self, capability: str, **values) -> dict[str, str]:
        """Set something unless it is set already, and return what the engine answers, nothing if it was; raises
        EngineRefused where the engine does not."""
        line = self._profile.line(capability, **values)
        if self._said.get(capability) == line:
            return {}
        found = decode.outputs(line, self._ask([line])[0])
        if found.get("Result", "ok") != "ok":
            raise EngineRefused(line, f"error {found['Result']}")
        self._said[capability] = line
        return found
