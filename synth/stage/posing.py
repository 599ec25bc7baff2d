"""Poses on the device: from bone rotations to vertices, normals, the sun's depth map and the spheres that hide the sky.

Once per pose, whatever the number of cameras.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import warp as wp

from synth.stage.device import Buffers, run_length
from synth.stage.kernels import pose as kernels
from synth.stage.kernels.shadow import cast_rectangle, find_tiles, grow_tiles, project_sun, raster_sun
from synth.stage.kernels.surfaces import TILE, Shadows
from synth.stage.meshes import Body
from synth.stage.staging import NOTHING

SHADOW_SIZE = 256  # texels a side, about a centimetre each
_POSES_AT_ONCE = {True: 8, False: 1024}  # by whether the device is a CPU
REACH = 6.0  # radii from a sphere at which it hides nothing of the sky any more, see kernels.light.openness
NO_PLACE = wp.vec4(1.0e6, 1.0e6, -1.0e6, -1.0e6)
NOWHERE = wp.vec4(1.0e6, 1.0e6, 1.0, 0.0)  # the sun's view of nobody


class Poser:
    """Poses one character at a time into buffers that the next call overwrites."""

    size = SHADOW_SIZE

    def __init__(self, device: wp.Device, buffers: Buffers):
        self._device, self._buffers = device, buffers

    @property
    def at_once(self) -> int:
        """How many poses are kept on the device at once."""
        return _POSES_AT_ONCE[self._device.is_cpu]

    def _launch(self, kernel, dim, *inputs) -> None:
        wp.launch(kernel, dim=dim, inputs=inputs, device=self._device)

    def vertices(
        self, body: Body, *, rotations: np.ndarray, root: np.ndarray, placement: np.ndarray, props: np.ndarray | None,
        axes,
    ) -> tuple[wp.array, wp.array]:  # fmt: skip
        """Points and normals of P poses, pose after pose, (P * N,) vec3. rotations (P, J, 3, 3), root (P, 3),
        placement (4, 4), props (P, K, 3, 4) or None, which hides them; axes: the sun's, for where its map lies."""
        b, poses = self._buffers, len(root)
        turns = b.put("rotations", np.ascontiguousarray(rotations, np.float32).reshape(-1, 3, 3), wp.mat33)
        roots = b.put("roots", np.ascontiguousarray(root, np.float32), wp.vec3)
        if props is None:
            props = np.zeros((poses, body.props, 3, 4))
            props[..., 3] = np.asarray(root)[:, None]  # of no size, within the body, where they are in nobody's way
        sizes = b.put("prop_linear", np.ascontiguousarray(props[..., :3], np.float32).reshape(-1, 3, 3), wp.mat33)
        places = b.put("prop_offset", np.ascontiguousarray(props[..., 3], np.float32).reshape(-1, 3), wp.vec3)
        moved = (b.get("linear", poses * body.moved, wp.mat33), b.get("offset", poses * body.moved, wp.vec3))
        joints, view = b.get("joints", poses * body.bones, wp.vec3), b.get("shadow_view", poses, wp.vec4)
        turn, shift = wp.mat33(*placement[:3, :3].ravel()), wp.vec3(*placement[:3, 3])
        self._launch(
            kernels.place_bones, poses, turns, roots, body.heads, body.parents, sizes, places, body.props, turn, shift,
            *moved, joints,
        )  # fmt: skip
        self._launch(
            kernels.sun_view, poses, joints, body.bones, body.prop_corners, *moved, body.props, axes,
            float(SHADOW_SIZE), view,
        )  # fmt: skip
        spheres = b.get("spheres", poses * body.spheres, wp.vec4)
        ball = (body.sphere, body.sphere_bone, *moved, body.bones, body.props, spheres)
        self._launch(kernels.place_spheres, (poses, body.spheres), *ball)
        return self._skin(body, poses, moved)

    def _skin(self, body: Body, poses: int, moved: tuple[wp.array, wp.array]) -> tuple[wp.array, wp.array]:
        b, faces = self._buffers, body.control_faces.shape[0]
        control = b.get("control", poses * body.control, wp.vec3)
        crosses = b.get("crosses", poses * faces, wp.vec3)
        bent = b.get("bent", poses * body.control, wp.vec3)
        out = tuple(b.get(name, poses * body.count, wp.vec3) for name in ("points", "normals"))
        bones = (body.bone_index, body.bone_weight, *moved, body.moved)
        self._launch(kernels.skin, (poses, body.control), body.rest, *bones, control)
        self._launch(kernels.face_normals, (poses, faces), body.control_faces, control, body.control, crosses)
        self._launch(kernels.control_normals, (poses, body.control), body.first, body.incident, crosses, faces, bent)
        dressed = (body.vertex, body.distance, control, bent, body.control, body.count, *out)
        self._launch(kernels.dress, (poses, body.dressed), *dressed)
        if body.props:
            held = (body.prop_points, body.prop_normals, body.prop_owner, *moved, body.moved, body.dressed, body.count)
            self._launch(kernels.place_props, (poses, body.count - body.dressed), *held, *out)
        body.surface.points, body.surface.normals, body.surface.pose_stride = *out, body.count
        return out

    def shadows(self, body: Body | None, *, poses: int, axes, place_map: wp.array) -> Any:
        """The `Shadows` of the poses posed last; without a body nobody casts one."""
        b, side = self._buffers, SHADOW_SIZE // TILE
        out = Shadows()
        out.place = place_map
        out.view = b.get("shadow_view", poses, wp.vec4)
        out.spheres = b.get("spheres", poses * body.spheres if body else 1, wp.vec4)
        out.dimmed = b.get("dimmed", poses, wp.vec4)
        out.cast = b.get("cast", poses, wp.vec4)
        out.body = b.get("shadow", poses * SHADOW_SIZE * SHADOW_SIZE, wp.uint32)
        out.tiles = b.get("tiles", poses * side * side, wp.uint8)
        if body is None:
            out.view.fill_(NOWHERE)
            out.dimmed.fill_(NO_PLACE)
            out.cast.fill_(NO_PLACE)
            return out
        self._launch(kernels.dimmed_floor, poses, out.spheres, body.spheres, REACH, out.dimmed)
        out.body.fill_(NOTHING)
        seen, run = b.get("sun_screen", poses * body.count, wp.vec3), run_length(self._device)
        at = (body.surface.points, body.count, axes, out.view, SHADOW_SIZE, seen)
        self._launch(project_sun, (poses, body.count), *at)
        dim = (poses, -(-body.faces // run))
        self._launch(raster_sun, dim, body.surface, seen, body.count, SHADOW_SIZE, run, out.body)
        found = b.get("tiles_found", poses * side * side, wp.uint8)
        self._launch(find_tiles, (poses, side), out.body, wp.uint32(NOTHING), SHADOW_SIZE, found)
        self._launch(grow_tiles, (poses, side), found, side, out.tiles)
        self._launch(cast_rectangle, poses, out.tiles, side, out.view, out.cast)
        return out
