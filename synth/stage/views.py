"""What cameras see of the place alone: drawn once for all the poses they show, and kept while nothing of it changes.

A study moves the person before a camera that stands still, so most of each of its pictures is the same: the place's
faces are projected and rasterised once a view, and pixels out of the person's reach are copied, see `kernels.shade`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import warp as wp

from synth.frames import Camera
from synth.stage.device import Buffers, run_length
from synth.stage.kernels.mesh import Frames, Surface
from synth.stage.kernels.raster import clear, project, raster
from synth.stage.kernels.samples import PLACE
from synth.stage.kernels.shade import shade_place
from synth.stage.kernels.truth import place_truth
from synth.stage.staging import Setting


class Views:
    """The views of some cameras of one picture size on a place under a light.

    keys: the place's visibility buffer, samples innermost. depth, normal: of the pixels' centres. picture, kind and
    itself: see `kernels.shade.shade_place`. All view after view; only what `prepare` was asked for is there.
    """

    def __init__(self, device: wp.Device, buffers: Buffers):
        self._device, self._buffers = device, buffers
        self._seen: tuple = ((), 0)
        self._light: object = None
        self._setting: Setting | None = None
        self._done: set[str] = set()
        self.cameras: tuple[Camera, ...] = ()
        self.samples = 1

    def look(self, cameras: Sequence[Camera], setting: Setting, light: object, samples: int) -> None:
        """Turns to `cameras`, with one or several samples a pixel; what is known of them from the last time is kept.
        light: whatever is another object in another place or light."""
        seen = (tuple(cameras), samples)
        if seen == self._seen and light is self._light:
            return
        self._seen, self._light, self._setting, self._done = seen, light, setting, set()
        self.cameras, self.samples = seen
        axes, places_m, focal = zip(*((c.axes(), c.position_m, c.intrinsics()[0, 0]) for c in cameras), strict=True)
        self._buffers.put("axes", np.array(axes, np.float32), wp.mat33)
        self._buffers.put("position", np.array(places_m, np.float32), wp.vec3)
        self._buffers.put("focal", np.array(focal, np.float32), float)
        if setting.faces:
            self.keys.fill_(0xFFFFFFFFFFFFFFFF)
            self.offer(setting.surface, setting.count, setting.faces, self._every(), tag=PLACE, keys=self.keys)

    def see(self, *, normal: bool) -> None:
        """Makes sure of depth and, where asked for, of normal."""
        if {"depth", "normal" if normal else "depth"} <= self._done:
            return
        self._done |= {"depth", "normal"} if normal else {"depth"}
        given = (self.keys, self.depth, self.normal if normal else self.normal[:0])
        self._launch(place_truth, self._setting.surface, self._every(), run_length(self._device), *given)

    def light(self, scene, nobody: Surface, shadows, curve: wp.array) -> None:
        """Makes sure of picture, kind and itself. shadows: those of nobody, who has the surface `nobody`."""
        if "picture" in self._done:
            return
        self._done.add("picture")
        given = (self.keys, curve, self.kind, self.itself, self.picture)
        surfaces = (scene, nobody, self._setting.surface, shadows)
        self._launch(shade_place, *surfaces, self._every(), run_length(self._device), *given)

    def _launch(self, kernel, *inputs) -> None:
        dim = (len(self.cameras), -(-self.pixels // run_length(self._device)))
        wp.launch(kernel, dim, inputs=list(inputs), device=self._device)

    def _of_pixels(self, name: str, dtype) -> wp.array:
        return self._buffers.get(f"place_{name}", len(self.cameras) * self.pixels, dtype)

    depth = property(lambda self: self._of_pixels("depth", float))
    normal = property(lambda self: self._of_pixels("normal", wp.vec3))
    picture = property(lambda self: self._of_pixels("picture", wp.vec3ub))
    kind = property(lambda self: self._of_pixels("kind", wp.uint8))
    itself = property(lambda self: self._of_pixels("itself", wp.vec4))

    @property
    def pixels(self) -> int:
        """Pixels of a picture."""
        return self.cameras[0].width * self.cameras[0].height

    @property
    def keys(self) -> wp.array:
        """The place's visibility buffer."""
        length = len(self.cameras) * self.pixels * self.samples if self._setting.faces else 0
        return self._buffers.get("place_keys", length, wp.uint64)

    def frames(self, poses: np.ndarray, views: np.ndarray, slots: np.ndarray) -> Frames:
        """The `Frames` in which pose poses[i] is seen from views[i] and goes to slots[i]; nobody is in them yet."""
        b, f, first = self._buffers, Frames(), self.cameras[0]
        f.pose, f.view, f.slot = (
            b.put(name, np.asarray(values, np.int32), int)
            for name, values in (("frame_pose", poses), ("frame_view", views), ("frame_slot", slots))
        )
        f.box = b.put("frame_box", np.tile(np.array([1 << 20, 1 << 20, 0, 0], np.int32), len(poses)), int)
        f.axes = b.get("axes", len(self.cameras), wp.mat33)
        f.position = b.get("position", len(self.cameras), wp.vec3)
        f.focal = b.get("focal", len(self.cameras), float)
        f.centre = wp.vec2(first.width / 2, first.height / 2)
        f.size = wp.vec2i(first.width, first.height)
        f.samples, f.place = self.samples, int(self._setting.faces > 0)
        f.floor = int(self._setting.place.recipe.floor.kind != "none")
        return f

    def _every(self) -> Frames:
        """One frame of each view."""
        each = np.arange(len(self.cameras))
        return self.frames(0 * each, each, each)

    def offer(self, mesh: Surface, count: int, faces: int, f: Frames, *, tag: int, keys: wp.array) -> None:
        """Empties the boxes of frames that the mesh may reach and draws it into their visibility buffers."""
        frames, run = f.pose.shape[0], run_length(self._device)
        screen = self._buffers.get("screen", frames * count, wp.vec3)
        inputs = [mesh.points, mesh.pose_stride, count, f, 8 * run, screen, f.box]
        wp.launch(project, (frames, -(-count // (8 * run))), inputs=inputs, device=self._device)
        wp.launch(clear, (frames, -(-self.pixels // run)), inputs=[f, run, keys], device=self._device)
        inputs = [mesh, screen, count, f, tag, run, keys]
        wp.launch(raster, (frames, -(-faces // run)), inputs=inputs, device=self._device)
