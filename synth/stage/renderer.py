"""The stage's batch renderer: poses x cameras to colour and ground truth, on Warp (design §3).

Cameras outermost, in chunks: what a camera sees of the place is drawn once for all its poses. A pose is skinned, and
its shadow map drawn, once for all the cameras of a chunk. Memory is bounded, and no result depends on how a batch was
cut: every frame is computed by itself.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import warp as wp

from synth.factors import Lighting
from synth.frames import Camera
from synth.stage import place as places
from synth.stage.device import Buffers, open_device, room, run_length
from synth.stage.kernels.mesh import SAMPLES, Surface
from synth.stage.kernels.shade import shade, shade_actor
from synth.stage.kernels.truth import flow, labels, normals
from synth.stage.lighting import sun_axes
from synth.stage.meshes import Body, upload
from synth.stage.outputs import LIT, SAMPLED, Outputs
from synth.stage.posing import Poser
from synth.stage.requests import RenderError, check
from synth.stage.staging import Setting
from synth.stage.tone import tone_curve
from synth.stage.views import Views

if TYPE_CHECKING:
    from synth.body.character import Character
    from synth.stage.props import PropMesh

__all__ = ["CHARACTERS_HELD", "RenderError", "Renderer"]

CHARACTERS_HELD = 8


class Renderer:
    """Renders a character in a place under a light; its buffers are kept, so memory stays flat.

    device: "cpu" or "cuda:0"; raises DeviceError where it is absent. The place is the empty plane and the light
    `Lighting()` until they are set.
    """

    def __init__(self, device: str = "cpu"):
        self.device = open_device(device)
        self._buffers = Buffers(self.device)
        self._poser = Poser(self.device, self._buffers)
        self._views = Views(self.device, self._buffers)
        self._bodies: OrderedDict[int, Body] = OrderedDict()
        self._handles = 0
        self._curve = wp.array(tone_curve(), dtype=wp.uint8, device=self.device)
        self._nobody = Surface()
        self._setting: Setting | None = None
        self._scene: Any = None
        self._lighting = Lighting()

    def load(self) -> None:
        """Compile all kernels, where that was not done before, and load them, so that no picture waits for it."""
        wp.force_load(device=self.device)

    def set_place(self, place: places.Place) -> None:
        """Shows `place` (`synth.stage.place.load`)."""
        if self._setting is None or self._setting.place is not place:
            self._setting, self._scene = Setting(place, self.device), None

    def set_lighting(self, lighting: Lighting) -> None:
        """Lights the scene as in `lighting`."""
        if lighting != self._lighting:
            self._lighting, self._scene = lighting, None

    def add_character(self, character: Character, props: Sequence[PropMesh] = ()) -> int:
        """Copies a `synth.body.Character` with its props to the device and returns its handle; the one used longest
        ago of more than CHARACTERS_HELD is dropped."""
        self._handles += 1
        self._bodies[self._handles] = upload(character, self.device, props)
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
        prop_poses: np.ndarray | None = None,
        hidden: bool = False,
        on_device: bool = False,
    ) -> dict[str, Any]:
        """All P x C frames of P poses seen by C cameras of one picture size.

        Args:
            character: a handle of `add_character`; None, or hidden=True: an empty place.
            rotations: (P, J, 3, 3) world rotation of each bone relative to rest.
            root: (P, 3) head of the root bone, metres.
            placement: (4, 4) rigid transform of the person into the world; None is the identity.
            passes: of `outputs.PASSES`.
            prop_poses: (P, K, 3, 4) transform of each prop of the character into the person's frame; None hides them.
            on_device: leave the passes where they were drawn, as Warp arrays (P, C, H, W) whose elements are bytes,
                floats or vectors (`outputs.as_tensors` shares them with PyTorch).

        Returns:
            lit (P, C, H, W, 3) uint8 sRGB; mask (P, C, H, W) uint8, 1 where the person is at the pixel's centre;
            parts (P, C, H, W) uint8, labels of `synth.body.character.PARTS`, `meshes.PROP` on props;
            depth (P, C, H, W) float32, planar z there in metres, inf where nothing is;
            normal (P, C, H, W, 3) float32, unit, world frame, towards the camera, 0 where nothing is;
            flow (P - 1, C, H, W, 2) float32, pixels by which the surface point at the pixel's centre moves to the next
            pose, 0 where nothing is; foreground (P, C, H, W, 4) uint8, the person and its props alone, sRGB not
            multiplied by alpha, the share of the pixel they cover; background (P, C, H, W, 3) uint8, the place alone.

        Raises:
            RenderError: for a request that is not such.
        """
        body = self._body(character, hidden)
        check(body, rotations, root, cameras, passes, prop_poses)
        out = Outputs(passes, poses=len(root), cameras=cameras, device=self.device)
        matrix = np.eye(4) if placement is None else np.asarray(placement, np.float64)
        moves = {"rotations": rotations, "root": root, "props": prop_poses, "placement": matrix}
        samples = SAMPLES if SAMPLED.intersection(passes) else 1
        step = room(self.device, views=True, pixels=cameras[0].width * cameras[0].height, samples=samples)
        for c in range(0, len(cameras), step):
            self._chunk(body, moves, range(c, min(c + step, len(cameras))), cameras, samples, out)
        return out.on_device() if on_device else out.on_host()

    def pose_only(self, *, character: int, rotations: np.ndarray, root: np.ndarray) -> tuple[wp.array, wp.array]:
        """Vertices and unit normals of P poses, (P * N,) vec3 on the device, pose after pose, hidden props behind the
        body's; the next call to the renderer overwrites them. Arguments as in `render`."""
        body = self._body(character, False)
        moves = {"rotations": rotations, "root": root, "props": None, "placement": np.eye(4)}
        return self._poser.vertices(body, **moves, axes=self._sun_axes())

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
            self._scene.shadow_size = self._poser.size
        return self._scene

    def _sun_axes(self):
        return wp.mat33(*sun_axes(self._lighting).ravel())

    def _chunk(self, body: Body | None, moves: dict, chosen: range, cameras, samples: int, out: Outputs) -> None:
        """Every pose seen by the cameras that `chosen` numbers."""
        scene, count = self._ready(), len(moves["root"])
        scene.frame = wp.vec2(float(cameras[0].width), float(cameras[0].height))
        self._views.look(cameras[chosen.start : chosen.stop], self._setting, scene, samples)
        self._views.see(normal="normal" in out)
        if "lit" in out or "background" in out:
            scene.occluders = 0
            self._views.light(scene, self._nobody, self._shadows(None, 1), self._curve)
        if "background" in out:
            self._spread(out["background"], count, chosen, len(cameras))
        if out.names() == ["background"]:
            return
        at_once = room(self.device, views=False, pixels=self._views.pixels, samples=samples)
        poses_at_once = max(1, min(self._poser.at_once, at_once // len(chosen)))
        for p in range(0, count, poses_at_once):
            poses = range(p, min(p + poses_at_once, count))
            shadows = self._pose(body, moves, poses, out)
            for v in range(0, len(chosen), at_once):
                views = np.arange(v, min(v + at_once, len(chosen)))
                pose, view = (grid.ravel() for grid in np.meshgrid(poses, views, indexing="ij"))
                slot = pose * len(cameras) + chosen.start + view
                f = self._views.frames(pose - p, view, slot)
                self._frames(scene, body, shadows, f, out, pairs=int((pose < count - 1).sum()))

    def _pose(self, body: Body | None, moves: dict, poses: range, out: Outputs) -> Any:
        """Poses the body, and for flow its next pose too; its shadows, or None where nothing is lit."""
        if body is not None:
            part = slice(poses.start, poses.stop + ("flow" in out))
            moved = {k: v if k == "placement" or v is None else np.asarray(v)[part] for k, v in moves.items()}
            self._poser.vertices(body, **moved, axes=self._sun_axes())
        return self._shadows(body, len(poses)) if LIT.intersection(out.names()) else None

    def _shadows(self, body: Body | None, poses: int):
        return self._poser.shadows(body, poses=poses, axes=self._sun_axes(), place_map=self._setting.shadow)

    def _spread(self, out: wp.array, poses: int, chosen: range, cameras: int) -> None:
        """Copies the picture of the place alone to every pose."""
        picture = self._views.picture
        for p in range(poses):
            first = (p * cameras + chosen.start) * self._views.pixels
            wp.copy(out, picture, dest_offset=first, count=len(chosen) * self._views.pixels)

    def _frames(self, scene, body: Body | None, shadows, f, out: Outputs, *, pairs: int) -> None:
        """Every pass of the frames `f`; the first `pairs` of them have a next pose."""
        count, run, views = f.pose.shape[0], run_length(self.device), self._views
        keys = self._buffers.get("keys", count * views.pixels * f.samples, wp.uint64)
        mesh, there = body.surface if body else self._nobody, self._setting.surface
        if body is not None:
            views.offer(mesh, body.count, body.faces, f, tag=0, keys=keys)
        scene.occluders = body.spheres if body else 0
        lit = (scene, mesh, there, shadows, f, run, keys)
        seen = (mesh, f, run, keys, views.depth)
        if "lit" in out:
            given = (views.keys, self._curve, views.kind, views.itself, views.picture, out["lit"])
            self._launch(shade, count, *lit, *given)
        if "foreground" in out:
            self._launch(shade_actor, count, *lit, self._curve, out["foreground"])
        if {"mask", "parts", "depth"}.intersection(out.names()):
            self._launch(labels, count, *seen, out["mask"], out["parts"], out["depth"])
        if "normal" in out:
            self._launch(normals, count, *seen, views.normal, out["normal"])
        if pairs and "flow" in out:
            self._launch(flow, pairs, *seen, out["flow"])

    def _launch(self, kernel, frames: int, *inputs) -> None:
        """Runs a kernel that works through the pixels of frames."""
        dim = (frames, -(-self._views.pixels // run_length(self.device)))
        wp.launch(kernel, dim, inputs=list(inputs), device=self.device)
