"""What stands on the stage: one person, cameras, a place and its light; and what a picture of it shows.

State only: nothing moves by itself, a frame shows exactly the time that was set. What came over the wire is kept as it
came (Unreal's centimetres and degrees), so that it reads back as it was written, and is converted by `synth.frames`
when a picture is taken. One picture and a thousand go through the same `render`, and give the same bytes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from synth.errors import CeterisError
from synth.factors import ROOTS, Lighting, Manner
from synth.frames import CM_PER_M, Camera, from_unreal_location, from_unreal_rotation, swap_handedness
from synth.motion.motion import Motion
from synth.motion.travel import in_place
from synth.stage import pictures
from synth.stage import props as objects
from synth.stage.library import AS_IS, REST, Library
from synth.stage.renderer import Renderer

Triple = tuple[float, float, float]
MAX_SIDE = 4096
MAX_CAMERAS = 1000


class StageError(CeterisError):
    """Something that the stage cannot show: says what was got and what is possible."""


@dataclass
class CameraState:
    """A camera as the wire knows it: cm; pitch, yaw, roll in degrees; horizontal field of view in degrees."""

    location_cm: Triple = (350.0, 0.0, 100.0)
    rotation_deg: Triple = (0.0, 180.0, 0.0)
    fov_deg: float = 45.0
    width: int = 640
    height: int = 480

    def camera(self) -> Camera:
        """The camera in our frame; raises StageError for a size or field of view that no picture has."""
        if not (1 <= self.width <= MAX_SIDE and 1 <= self.height <= MAX_SIDE):
            raise StageError(f"a picture of {self.width} x {self.height} pixels is outside 1 to {MAX_SIDE} a side")
        if not 1.0 <= self.fov_deg <= 170.0:
            raise StageError(f"a field of view of {self.fov_deg:g} degrees is outside 1 to 170")
        return Camera(
            position_m=from_unreal_location(self.location_cm),
            **from_unreal_rotation(self.rotation_deg),
            fov_deg=self.fov_deg,
            width=self.width,
            height=self.height,
        )


@dataclass
class Human:
    """The person. motion REST: the rest pose. manner: its tempo is not looked at. location and rotation are those of
    its origin, which lies between the feet at the start of a motion; color is that of its pixels in the object mask."""

    name: str = "Human"
    appearance: str = "ana"
    motion: str = REST
    manner: Manner = AS_IS
    props: str = "own"
    time_s: float = 0.0
    root: str = "in_place"
    location_cm: Triple = (0.0, 0.0, 0.0)
    rotation_deg: Triple = (0.0, 0.0, 0.0)
    color: tuple[int, int, int] = (0, 255, 0)
    visible: bool = True

    def placement(self) -> np.ndarray:
        """(4, 4) from the person's frame to the world, metres."""
        right, down, forward = Camera(position_m=(0, 0, 0), **from_unreal_rotation(self.rotation_deg)).axes()
        out = np.eye(4)
        out[:3, :3] = np.stack([forward, -right, -down], axis=1)
        out[:3, 3] = from_unreal_location(self.location_cm)
        return out


@dataclass
class World:
    """The state of the stage and the renderer that shows it. folder: where pictures asked for by file name go."""

    renderer: Renderer
    library: Library
    backend: str = "cpu"
    folder: Path = field(default_factory=Path.cwd)
    human: Human = field(default_factory=Human)
    cameras: list[CameraState] = field(default_factory=lambda: [CameraState(), CameraState()])
    paused: bool = False
    view_mode: str = "lit"

    def __post_init__(self):
        self.lighting = Lighting()
        self.place_name = ""
        self._handles: dict[tuple, int] = {}
        self.set_place("plane")
        self.set_lighting(self.lighting)

    def set_place(self, name: str) -> None:
        """Show the environment `name`; raises UnknownName."""
        self.renderer.set_place(self.library.place(name))
        self.place_name = name

    def set_lighting(self, lighting: Lighting) -> None:
        """Sun and sky as in `lighting`."""
        self.renderer.set_lighting(lighting)
        self.lighting = lighting

    def set_motion(self, key: str) -> Motion:
        """Let the person perform `key` from time 0; returns the motion as it is, without the manner."""
        motion = self.library.motion(key, self.human.appearance)
        self.human.motion, self.human.time_s = key, 0.0
        return motion

    def set_manner(self, manner: Manner) -> None:
        """How motions are performed from now on; raises what `manner.apply` does where this one cannot be."""
        self.library.motion(self.human.motion, self.human.appearance, manner)
        self.human.manner = manner

    def set_props(self, props: str) -> tuple[str, ...]:
        """The objects shown from now on: "own", "none", or a kind; returns the kinds of this motion's. Raises
        PropError for a kind that cannot be held."""
        human = self.human
        shown = self.library.motion(human.motion, human.appearance, human.manner, props).props
        human.props = props
        return tuple(prop.kind for prop in shown)

    def set_appearance(self, name: str) -> None:
        """Dress the person as `name`; raises UnknownName."""
        self.library.character(name)
        self.human.appearance = name

    def set_root(self, mode: str) -> None:
        """`world` keeps the travel of a motion, `in_place` takes its horizontal part away."""
        if mode not in ROOTS:
            raise StageError(f"root {mode!r} is not one of {', '.join(ROOTS)}")
        self.human.root = mode

    def motion(self) -> Motion:
        """What the person performs, in its manner and with its props."""
        human = self.human
        return self.library.motion(human.motion, human.appearance, human.manner, human.props)

    def pose(self, times_s: Sequence[float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rotations (T, J, 3, 3) and root (T, 3) of the person at T times, and its props (T, K, 3, 4), all before its
        placement."""
        times, motion = np.asarray(times_s, dtype=np.float64), self.motion()
        rotations, root = motion.sample(times)
        props = motion.sample_props(times)
        if self.human.root == "in_place":
            stays = in_place(motion, times, root)
            props[..., 3] += (stays - root)[:, None]
            root = stays
        return rotations, root, props

    def joints_cm(self, times_s: Sequence[float], *, placed: bool = True) -> np.ndarray:
        """(T, J, 3) float32 joints in the world, or in the person's own frame; Unreal's centimetres."""
        placement = self.human.placement() if placed else np.eye(4)
        skeleton = self.library.character(self.human.appearance).skeleton
        joints = skeleton.fk(*self.pose(times_s)[:2]) @ placement[:3, :3].T + placement[:3, 3]
        return (swap_handedness(joints) * CM_PER_M).astype(np.float32)

    def vertices_cm(self, *, placed: bool = True) -> np.ndarray:
        """(N, 3) float32 vertices of the person at the time set, in the world or in its own frame; Unreal's cm."""
        rotations, root, _ = self.pose([self.human.time_s])
        placement = self.human.placement() if placed else np.eye(4)
        points = self.library.character(self.human.appearance).pose(rotations, root)[0][0]
        return (swap_handedness(points @ placement[:3, :3].T + placement[:3, 3]) * CM_PER_M).astype(np.float32)

    def render(
        self, times_s: Sequence[float], cameras: Sequence[CameraState], passes: Sequence[str]
    ) -> dict[str, np.ndarray]:
        """Pictures of T times by C cameras of one size, under the wire's names of the passes.

        lit and background (T, C, H, W, 3) uint8 sRGB; foreground (T, C, H, W, 4) uint8, straight alpha; object_mask
        (T, C, H, W, 3) uint8, the person in its colour on black; parts (T, C, H, W) uint8 labels; depth (T, C, H, W)
        float32, planar z in cm, inf where nothing is; normal (T, C, H, W, 3) float32, unit, Unreal's axes; flow
        (T - 1, C, H, W, 2) float32, pixels from each time to the next.
        """
        rotations, root, props = self.pose(times_s)
        seen_by = [state.camera() for state in cameras]
        shown = self.renderer.render(
            character=self._handle() if self.human.visible else None,
            prop_poses=props,
            rotations=rotations,
            root=root,
            placement=self.human.placement(),
            cameras=seen_by,
            passes=pictures.sources(passes),
        )
        color = self.human.color
        return {name: pictures.on_wire(name, shown[pictures.PASSES[name].source], color=color) for name in passes}

    def spawn_camera(self) -> int:
        """A new camera where camera 0 is; returns its id. Raises StageError where there are too many."""
        if len(self.cameras) >= MAX_CAMERAS:
            raise StageError(f"there are {MAX_CAMERAS} cameras; use one of them")
        self.cameras.append(dataclasses.replace(self.cameras[0]))
        return len(self.cameras) - 1

    def _handle(self) -> int:
        """The renderer's handle of the character shown with its objects; uploaded when it is new."""
        character = self.library.character(self.human.appearance)
        kinds = tuple(prop.kind for prop in self.motion().props)
        key = (self.library.edition, character.name, *kinds)
        if not self.renderer.holds(self._handles.get(key, 0)):
            self._handles[key] = self.renderer.add_character(character, [objects.load(kind) for kind in kinds])
        return self._handles[key]
