"""Poses on the device: from bone rotations to vertices, normals, the sun's depth map and the spheres that hide the sky.

Once per pose, whatever the number of cameras.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import warp as wp

from synth.stage.device import Buffers, run_length
from synth.stage.kernels import pose as kernels
from synth.stage.kernels.shadow import project_sun, raster_sun
from synth.stage.kernels.surfaces import Shadows
from synth.stage.meshes import Body
from synth.stage.staging import NOTHING

SHADOW_SIZE = 256  # texels a side, about a centimetre each


class Poser:
    """Poses one character at a time into buffers that the next call overwrites."""

    size = SHADOW_SIZE

    def __init__(self, device: wp.Device, buffers: Buffers):
        self._device, self._buffers = device, buffers

    def _launch(self, kernel, dim, *inputs) -> None:
        wp.launch(kernel, dim=dim, inputs=inputs, device=self._device)

    def vertices(
        self, body: Body, *, rotations: np.ndarray, root: np.ndarray, placement: np.ndarray, axes
    ) -> tuple[wp.array, wp.array]:
        """Points and normals of P poses, pose after pose, (P * N,) vec3. rotations (P, J, 3, 3), root (P, 3),
        placement (4, 4); axes: the sun's, for where its map lies."""
        b, poses = self._buffers, len(root)
        turns = b.put("rotations", np.ascontiguousarray(rotations, np.float32).reshape(-1, 3, 3), wp.mat33)
        roots = b.put("roots", np.ascontiguousarray(root, np.float32), wp.vec3)
        linear = b.get("linear", poses * body.bones, wp.mat33)
        offset = b.get("offset", poses * body.bones, wp.vec3)
        joints = b.get("joints", poses * body.bones, wp.vec3)
        turn, shift = wp.mat33(*placement[:3, :3].ravel()), wp.vec3(*placement[:3, 3])
        self._launch(
            kernels.place_bones, poses, turns, roots, body.heads, body.parents, turn, shift, axes, float(SHADOW_SIZE),
            linear, offset, joints, b.get("shadow_view", poses, wp.vec4),
        )  # fmt: skip
        spheres = b.get("spheres", poses * body.spheres, wp.vec4)
        self._launch(
            kernels.place_spheres, (poses, body.spheres), body.sphere, body.sphere_bone, linear, offset, body.bones,
            spheres,
        )  # fmt: skip
        return self._skin(body, poses, linear, offset)

    def _skin(self, body: Body, poses: int, linear: wp.array, offset: wp.array) -> tuple[wp.array, wp.array]:
        b, faces = self._buffers, body.control_faces.shape[0]
        control = b.get("control", poses * body.control, wp.vec3)
        crosses = b.get("crosses", poses * faces, wp.vec3)
        bent = b.get("bent", poses * body.control, wp.vec3)
        points, normals = (b.get(name, poses * body.count, wp.vec3) for name in ("points", "normals"))
        bones = (body.bone_index, body.bone_weight, linear, offset, body.bones)
        self._launch(kernels.skin, (poses, body.control), body.rest, *bones, control)
        self._launch(kernels.face_normals, (poses, faces), body.control_faces, control, body.control, crosses)
        self._launch(kernels.control_normals, (poses, body.control), body.first, body.incident, crosses, faces, bent)
        dressed = (body.vertex, body.distance, control, bent, body.control, points, normals)
        self._launch(kernels.dress, (poses, body.count), *dressed)
        body.surface.points, body.surface.normals, body.surface.pose_stride = points, normals, body.count
        return points, normals

    def shadows(self, body: Body | None, *, poses: int, axes, place_map: wp.array) -> Any:
        """The `Shadows` of the poses posed last; without a body nobody casts one."""
        b = self._buffers
        out = Shadows()
        out.place = place_map
        out.view = b.get("shadow_view", poses, wp.vec4)
        out.spheres = b.get("spheres", poses * body.spheres if body else 1, wp.vec4)
        if body is None:
            out.view.fill_(wp.vec4(0.0, 0.0, 1.0, 0.0))
        out.body = b.get("shadow", poses * SHADOW_SIZE * SHADOW_SIZE, wp.uint32)
        out.body.fill_(NOTHING)
        if body is not None:
            seen = b.get("sun_screen", poses * body.count, wp.vec3)
            self._launch(
                project_sun, (poses, body.count), body.surface.points, body.count, axes, out.view, SHADOW_SIZE, seen
            )
            run = run_length(self._device)
            dim = (poses, -(-body.faces // run))
            self._launch(raster_sun, dim, body.surface, seen, body.count, SHADOW_SIZE, run, out.body)
        return out
