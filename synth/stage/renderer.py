"""The stage's batch renderer: poses x cameras to colour, mask and depth, on Warp (design §3).

Poses outermost: a pose is skinned, and its shadow map drawn, once for all its cameras. All work goes in chunks of
bounded memory, and no result depends on how a batch was cut.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
import warp as wp

from synth.errors import CeterisError
from synth.factors import Lighting
from synth.frames import Camera, sun_direction
from synth.stage.device import Buffers, open_device
from synth.stage.kernels import pose as pose_kernels
from synth.stage.kernels import raster as raster_kernels
from synth.stage.kernels import shade as shade_kernels
from synth.stage.kernels import shadow as shadow_kernels
from synth.stage.meshes import Body, upload
from synth.stage.textures import to_srgb

PASSES = ("lit", "mask", "depth")
SHADOW_SIZE = 256
FRAMES_AT_ONCE_BYTES = 64 << 20
CHARACTERS_HELD = 8


class RenderError(CeterisError):
    """A request the renderer cannot fulfil: says what was got and what is expected."""


def tone_curve() -> np.ndarray:
    """(32768,) uint8: linear 0..4 to sRGB bytes, straight up to 0.6 and with a shoulder above, so that whites do not clip."""
    x = np.arange(32768) / 8192.0
    y = np.where(x < 0.6, x, 0.6 + 0.4 * (1.0 - np.exp(-(x - 0.6) / 0.4)))
    return (to_srgb(y) * 255.0 + 0.5).astype(np.uint8)


class Renderer:
    """Renders characters in a place under a light; keeps its buffers, so memory stays flat."""

    def __init__(self, device: str = "cpu"):
        self.device = open_device(device)
        self._buffers = Buffers(self.device)
        self._bodies: OrderedDict[int, Body] = OrderedDict()
        self._next = 0
        self._curve = wp.array(tone_curve(), dtype=wp.uint8, device=self.device)
        self._place = None
        self._lighting = Lighting()

    def set_place(self, place) -> None:
        self._place = place

    def set_lighting(self, lighting: Lighting) -> None:
        self._lighting = lighting

    def add_character(self, character) -> int:
        handle, self._next = self._next, self._next + 1
        self._bodies[handle] = upload(character, self.device)
        while len(self._bodies) > CHARACTERS_HELD:
            self._bodies.popitem(last=False)
        return handle

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
        cameras = list(cameras)
        poses, views = len(root), len(cameras)
        width, height = cameras[0].width, cameras[0].height
        samples = raster_kernels.SAMPLES if "lit" in passes else 1
        body = None if character is None or hidden else self._bodies[character]
        if character in self._bodies:
            self._bodies.move_to_end(character)
        out = {}
        if "lit" in passes:
            out["lit"] = np.empty((poses, views, height, width, 3), np.uint8)
        if "mask" in passes:
            out["mask"] = np.empty((poses, views, height, width), np.uint8)
        if "depth" in passes:
            out["depth"] = np.empty((poses, views, height, width), np.float32)
        at_once = max(1, FRAMES_AT_ONCE_BYTES // (width * height * samples * 8))
        pose_chunk = max(1, min(8, at_once // max(1, views)))
        for p in range(0, poses, pose_chunk):
            q = min(p + pose_chunk, poses)
            self._pose(body, rotations[p:q], root[p:q], placement, "lit" in passes)
            for c in range(0, views, at_once):
                d = min(c + at_once, views)
                part = self._frames(body, q - p, cameras[c:d], samples, passes)
                for key, value in part.items():
                    out[key][p:q, c:d] = value.reshape(q - p, d - c, *value.shape[1:])
        return out

    def _launch(self, kernel, dim, inputs):
        wp.launch(kernel, dim=dim, inputs=inputs, device=self.device)

    def _sun_axes(self):
        sun = sun_direction(self._lighting.sun_azimuth_deg, self._lighting.sun_elevation_deg)
        right = np.cross([0.0, 0.0, 1.0], sun)
        right = right / np.linalg.norm(right) if np.linalg.norm(right) > 1e-6 else np.array([1.0, 0.0, 0.0])
        return np.stack([right, np.cross(sun, right), sun])

    def _pose(self, body, rotations, root, placement, shadows):
        b, poses = self._buffers, len(root)
        view = b.get("shadow_view", poses, wp.vec4)
        maps = b.get("shadows", poses * SHADOW_SIZE * SHADOW_SIZE, wp.uint32)
        if body is None:
            view.fill_(wp.vec4(0.0, 0.0, 1.0, 0.0))
            maps.fill_(0x7F000000)
            return
        put = b.put("rotations", np.asarray(rotations, np.float32).reshape(-1, 3, 3), wp.mat33)
        roots = b.put("roots", np.asarray(root, np.float32), wp.vec3)
        place = np.eye(4) if placement is None else np.asarray(placement, np.float64)
        n = poses * body.bones
        linear, offset = b.get("linear", n, wp.mat33), b.get("offset", n, wp.vec3)
        joints = b.get("joints", n, wp.vec3)
        axes = wp.mat33(*self._sun_axes().ravel())
        self._launch(
            pose_kernels.place_bones,
            poses,
            [put, roots, body.heads, body.parents, wp.mat33(*place[:3, :3].ravel()), wp.vec3(*place[:3, 3]), axes,
             float(SHADOW_SIZE), linear, offset, joints, view],
        )  # fmt: skip
        control = b.get("control", poses * body.control, wp.vec3)
        self._launch(
            pose_kernels.skin,
            (poses, body.control),
            [body.rest, body.bone_index, body.bone_weight, linear, offset, body.bones, control],
        )
        faces = body.control_faces.shape[0]
        crosses = b.get("crosses", poses * faces, wp.vec3)
        self._launch(pose_kernels.face_normals, (poses, faces), [body.control_faces, control, body.control, crosses])
        bent = b.get("bent", poses * body.control, wp.vec3)
        self._launch(
            pose_kernels.control_normals, (poses, body.control), [body.first, body.incident, crosses, faces, bent]
        )
        points = b.get("points", poses * body.count, wp.vec3)
        normals = b.get("normals", poses * body.count, wp.vec3)
        self._launch(
            pose_kernels.dress,
            (poses, body.count),
            [body.vertex, body.distance, control, bent, body.control, points, normals],
        )
        if shadows:
            maps.fill_(0x7F000000)
            seen = b.get("sun_screen", poses * body.count, wp.vec3)
            self._launch(
                shadow_kernels.project_sun, (poses, body.count), [points, body.count, axes, view, SHADOW_SIZE, seen]
            )
            self._launch(
                shadow_kernels.raster_sun, (poses, body.faces), [body.surface, seen, body.count, SHADOW_SIZE, maps]
            )

    def _frames(self, body, poses, cameras, samples, passes):
        b, count = self._buffers, poses * len(cameras)
        width, height = cameras[0].width, cameras[0].height
        frame_pose = b.put("frame_pose", np.repeat(np.arange(poses, dtype=np.int32), len(cameras)), int)
        axes = b.put("axes", np.tile(np.stack([c.axes() for c in cameras]), (poses, 1, 1)).astype(np.float32), wp.mat33)
        position = b.put(
            "position", np.tile(np.array([c.position_m for c in cameras]), (poses, 1)).astype(np.float32), wp.vec3
        )
        focal = b.put("focal", np.tile([c.intrinsics()[0, 0] for c in cameras], poses).astype(np.float32), float)
        centre, size = wp.vec2(width / 2, height / 2), wp.vec2i(width, height)
        pixels = width * height
        keys = b.get("keys", count * pixels * samples, wp.uint64)
        keys.fill_(0xFFFFFFFFFFFFFFFF)
        view = [axes, position, focal, centre]
        if body is not None:
            points = b.get("points", poses * body.count, wp.vec3)
            screen = b.get("screen", count * body.count, wp.vec3)
            self._launch(
                raster_kernels.project,
                (count, body.count),
                [points, body.count, body.count, frame_pose, *view, screen],
            )
            self._launch(
                raster_kernels.raster,
                (count, body.faces),
                [body.surface, points, body.count, screen, body.count, frame_pose, *view, size, samples, 0, keys],
            )
        out = {}
        if "lit" in passes:
            s = shade_kernels.Scene()
            lighting = self._lighting
            s.sun = wp.vec3(*sun_direction(lighting.sun_azimuth_deg, lighting.sun_elevation_deg))
            s.sun_colour = wp.vec3(*(np.array([1.0, 0.96, 0.9]) * 0.95 * lighting.intensity))
            s.ambient = wp.vec3(*(np.array([0.30, 0.32, 0.36]) * lighting.ambient))
            s.ambient_z = wp.vec3(*(np.array([0.08, 0.10, 0.14]) * lighting.ambient))
            s.zenith, s.horizon = wp.vec3(*self._place.zenith), wp.vec3(*self._place.horizon)
            s.haze = self._place.haze
            s.shadow_axes = wp.mat33(*self._sun_axes().ravel())
            s.shadow_size = SHADOW_SIZE
            lit = b.get("lit", count * pixels * 3, wp.uint8)
            nothing = b.get("nothing", 1, wp.vec3)
            surface = body.surface if body else shade_kernels.Surface()
            self._launch(
                shade_kernels.shade,
                (count, pixels),
                [s, surface, b.get("points", poses * body.count, wp.vec3) if body else nothing,
                 b.get("normals", poses * body.count, wp.vec3) if body else nothing, body.count if body else 0,
                 surface, nothing, nothing, frame_pose, *view, size, samples, keys,
                 b.get("shadow_view", poses, wp.vec4), b.get("shadows", poses * SHADOW_SIZE * SHADOW_SIZE, wp.uint32),
                 self._curve, lit],
            )  # fmt: skip
            out["lit"] = lit.numpy().reshape(count, height, width, 3)
        if "mask" in passes or "depth" in passes:
            mask = b.get("mask", count * pixels, wp.uint8)
            depth = b.get("depth", count * pixels, float)
            self._launch(
                shade_kernels.read_centre, (count, pixels), [*view, size, samples, keys, mask, depth]
            )
            if "mask" in passes:
                out["mask"] = mask.numpy().reshape(count, height, width)
            if "depth" in passes:
                out["depth"] = depth.numpy().reshape(count, height, width)
        return out
