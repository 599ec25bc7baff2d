"""The stage's batch renderer: poses x cameras to colour, mask and depth, on Warp (design §3).

Poses outermost: a pose is skinned, and its shadow map drawn, once for all its cameras. Work goes in chunks of bounded
memory, and no result depends on how a batch was cut: every frame is computed by itself.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import numpy as np
import warp as wp

from synth.errors import CeterisError
from synth.factors import Lighting
from synth.frames import Camera
from synth.stage import place as places
from synth.stage.device import Buffers, open_device, run_length
from synth.stage.kernels.mesh import SAMPLES, Frames, Surface
from synth.stage.kernels.raster import project, raster
from synth.stage.kernels.shade import PLACE, read_centre, shade
from synth.stage.lighting import sun_axes
from synth.stage.meshes import Body, upload
from synth.stage.posing import Poser
from synth.stage.staging import Setting
from synth.stage.tone import tone_curve

PASSES = {"lit": np.uint8, "mask": np.uint8, "depth": np.float32}
CHARACTERS_HELD = 8
_FRAMES_BYTES = 48 << 20
_POSES_AT_ONCE = 8


class RenderError(CeterisError):
    """A request that cannot be rendered: says what was got and what is expected."""


class Renderer:
    """Renders a character in a place under a light; its buffers are kept, so memory stays flat.

    device: "cpu" or "cuda:0"; raises DeviceError where it is absent. The place is the empty plane and the light
    `Lighting()` until they are set.
    """

    def __init__(self, device: str = "cpu"):
        self.device = open_device(device)
        self._buffers = Buffers(self.device)
        self._poser = Poser(self.device, self._buffers)
        self._bodies: OrderedDict[int, Body] = OrderedDict()
        self._handles = 0
        self._curve = wp.array(tone_curve(), dtype=wp.uint8, device=self.device)
        self._nobody = Surface()
        self._setting: Setting | None = None
        self._scene: Any = None
        self._lighting = Lighting()

    def set_place(self, place: places.Place) -> None:
        """Shows `place` (`synth.stage.place.load`)."""
        if self._setting is None or self._setting.place is not place:
            self._setting, self._scene = Setting(place, self.device), None

    def set_lighting(self, lighting: Lighting) -> None:
        """Lights the scene as in `lighting`."""
        if lighting != self._lighting:
            self._lighting, self._scene = lighting, None

    def add_character(self, character) -> int:
        """Copies a `synth.body.Character` to the device and returns its handle; the one used longest ago of more
        than CHARACTERS_HELD is dropped."""
        self._handles += 1
        self._bodies[self._handles] = upload(character, self.device)
        while len(self._bodies) > CHARACTERS_HELD:
            self._bodies.popitem(last=False)
        return self._handles

    def holds(self, character: int) -> bool:
        """Whether the handle `character` is still on the device."""
        return character in self._bodies

    def render(
        self,
        *,
        character: int | None,
        rotations: np.ndarray,
        root: np.ndarray,
        placement: np.ndarray | None,
        cameras: Sequence[Camera],
        passes: Sequence[str],
        hidden: bool = False,
    ) -> dict[str, np.ndarray]:
        """All P x C frames of P poses seen by C cameras of one picture size.

        Args:
            character: a handle of `add_character`; None, or hidden=True: an empty place.
            rotations: (P, J, 3, 3) world rotation of each bone relative to rest.
            root: (P, 3) head of the root bone, metres.
            placement: (4, 4) rigid transform of the person into the world; None is the identity.
            passes: of "lit", "mask", "depth".

        Returns:
            lit (P, C, H, W, 3) uint8 sRGB; mask (P, C, H, W) uint8, 1 where the person is at the pixel's centre;
            depth (P, C, H, W) float32, planar z there in metres, inf where nothing is. Raises RenderError.
        """
        body = self._body(character, hidden)
        _check(body, rotations, root, cameras, passes)
        scene = self._ready()
        width, height = cameras[0].width, cameras[0].height
        samples = SAMPLES if "lit" in passes else 1
        at_once = max(1, _FRAMES_BYTES // (width * height * samples * 8))
        out = {
            name: np.empty((len(root), len(cameras), height, width, *((3,) if name == "lit" else ())), PASSES[name])
            for name in passes
        }
        step = max(1, min(_POSES_AT_ONCE, at_once // len(cameras)))
        for p in range(0, len(root), step):
            poses = min(step, len(root) - p)
            if body is not None:
                self._pose(body, rotations[p : p + poses], root[p : p + poses], placement)
            shadows = self._shadows(body, poses) if "lit" in passes else None
            for c in range(0, len(cameras), at_once):
                part = self._frames(scene, body, shadows, poses, cameras[c : c + at_once], samples, passes)
                for name, values in part.items():
                    block = out[name][p : p + poses, c : c + at_once]
                    block[...] = values.reshape(block.shape)
        return out

    def pose_only(self, *, character: int, rotations: np.ndarray, root: np.ndarray) -> tuple[wp.array, wp.array]:
        """Vertices and unit normals of P poses, (P * N,) vec3 on the device, pose after pose; the next call to the
        renderer overwrites them. Arguments as in `render`."""
        body = self._body(character, False)
        return self._pose(body, rotations, root, None)

    def _body(self, character: int | None, hidden: bool) -> Body | None:
        if character is None:
            return None
        if character not in self._bodies:
            raise RenderError(
                f"no character has the handle {character}; add it again (the last {CHARACTERS_HELD} are kept)"
            )
        self._bodies.move_to_end(character)
        return None if hidden else self._bodies[character]

    def _ready(self):
        """The scene's numbers, made anew after a change of place or light."""
        if self._setting is None:
            self.set_place(places.load("plane"))
        if self._scene is None:
            self._scene = self._setting.scene(self._lighting)
        return self._scene

    def _sun_axes(self):
        return wp.mat33(*sun_axes(self._lighting).ravel())

    def _pose(self, body: Body, rotations, root, placement) -> tuple[wp.array, wp.array]:
        matrix = np.eye(4) if placement is None else np.asarray(placement, np.float64)
        return self._poser.vertices(body, rotations=rotations, root=root, placement=matrix, axes=self._sun_axes())

    def _shadows(self, body: Body | None, poses: int):
        return self._poser.shadows(body, poses=poses, axes=self._sun_axes(), place_map=self._setting.shadow)

    def _cameras(self, poses: int, cameras: Sequence[Camera], samples: int):
        """The `Frames` of P poses by C cameras, cameras innermost."""
        b, f = self._buffers, Frames()
        axes, places_m, focal = zip(*((c.axes(), c.position_m, c.intrinsics()[0, 0]) for c in cameras), strict=True)
        f.pose = b.put("frame_pose", np.repeat(np.arange(poses, dtype=np.int32), len(cameras)), int)
        f.axes = b.put("axes", np.tile(np.array(axes, np.float32), (poses, 1, 1)), wp.mat33)
        f.position = b.put("position", np.tile(np.array(places_m, np.float32), (poses, 1)), wp.vec3)
        f.focal = b.put("focal", np.tile(np.array(focal, np.float32), poses), float)
        f.centre = wp.vec2(cameras[0].width / 2, cameras[0].height / 2)
        f.size = wp.vec2i(cameras[0].width, cameras[0].height)
        f.samples = samples
        return f

    def _frames(self, scene, body, shadows, poses, cameras, samples, passes) -> dict[str, np.ndarray]:
        """Every pass of poses x cameras, (frames, pixels...) views of buffers the next call overwrites."""
        b, count, pixels = self._buffers, poses * len(cameras), cameras[0].width * cameras[0].height
        f = self._cameras(poses, cameras, samples)
        keys = b.get("keys", count * pixels * samples, wp.uint64)
        keys.fill_(0xFFFFFFFFFFFFFFFF)
        mesh, there = body.surface if body else self._nobody, self._setting
        if body is not None:
            self._visible(mesh, body.count, body.faces, f, 0, keys)
        if there.faces:
            self._visible(there.surface, there.count, there.faces, f, PLACE, keys)
        out, run = {}, run_length(self.device)
        if "lit" in passes:
            scene.occluders, scene.shadow_size = (body.spheres, self._poser.size) if body else (0, self._poser.size)
            lit = b.get("lit", count * pixels * 3, wp.uint8)
            inputs = [scene, mesh, there.surface, shadows, f, run, keys, self._curve, lit]
            wp.launch(shade, (count, -(-pixels // run)), inputs=inputs, device=self.device)
            out["lit"] = lit.numpy()
        if "mask" in passes or "depth" in passes:
            mask, depth = b.get("mask", count * pixels, wp.uint8), b.get("depth", count * pixels, float)
            wp.launch(read_centre, (count, -(-pixels // run)), inputs=[f, run, keys, mask, depth], device=self.device)
            both = {"mask": mask, "depth": depth}
            out.update({name: both[name].numpy() for name in both if name in passes})
        return out

    def _visible(self, mesh, count: int, faces: int, f, tag: int, keys) -> None:
        """Offers a mesh to the visibility buffer of every frame."""
        frames, run = f.pose.shape[0], run_length(self.device)
        screen = self._buffers.get("screen", frames * count, wp.vec3)
        inputs = [mesh.points, mesh.pose_stride, count, f, screen]
        wp.launch(project, (frames, count), inputs=inputs, device=self.device)
        inputs = [mesh, screen, count, f, tag, run, keys]
        wp.launch(raster, (frames, -(-faces // run)), inputs=inputs, device=self.device)


def _check(body: Body | None, rotations, root, cameras, passes) -> None:
    """Raises RenderError unless shapes, cameras and passes are such as `render` describes."""
    unknown = [name for name in passes if name not in PASSES]
    if unknown or not passes:
        raise RenderError(f"passes {list(passes)!r}: expected one or more of {', '.join(PASSES)}")
    if not cameras or len({(c.width, c.height) for c in cameras}) != 1:
        sizes = sorted({(c.width, c.height) for c in cameras})
        raise RenderError(f"cameras of sizes {sizes}: expected one or more cameras of one width and height")
    if np.ndim(root) != 2 or np.shape(root)[1] != 3:
        raise RenderError(f"root of shape {np.shape(root)}: expected (P, 3)")
    if body is not None and np.shape(rotations) != (len(root), body.bones, 3, 3):
        raise RenderError(f"rotations of shape {np.shape(rotations)}: expected ({len(root)}, {body.bones}, 3, 3)")
    if body is not None and not (np.isfinite(rotations).all() and np.isfinite(root).all()):
        raise RenderError("rotations or root hold a value that is not finite: the motion they come from is broken")
