"""A place under a light on the device: its mesh, its textures, the sun's map of it, and the numbers of `Scene`."""

from __future__ import annotations

from typing import Any

import numpy as np
import warp as wp

from synth.factors import Lighting
from synth.stage.device import run_length
from synth.stage.kernels.light import Scene
from synth.stage.kernels.mesh import Surface
from synth.stage.kernels.shadow import project_sun, raster_sun
from synth.stage.lighting import light, sun_axes
from synth.stage.meshes import surface
from synth.stage.place import MAP_EXTENT_M, Place

NOTHING = 0x7F000000  # bit pattern of a depth beyond all others
_SHADOW_SIZE = 1024
_SHADOW_HALF_M = 30.0
_SUN_AWAY_M = 200.0


class Setting:
    """What surrounds the person: the device's side of one place."""

    def __init__(self, place: Place, device: wp.Device):
        self.place, self.device = place, device
        shape = place.shape
        self.faces, self.count = len(shape.faces), len(shape.points)
        self.surface: Surface = surface(
            faces=shape.faces,
            material=place.material,
            uv=shape.uv,
            materials=place.materials,
            tint=shape.tint,
            device=device,
        )
        self.surface.points = wp.array(shape.points.astype(np.float32), dtype=wp.vec3, device=device)
        self.surface.normals = wp.array(shape.normals.astype(np.float32), dtype=wp.vec3, device=device)
        size = _SHADOW_SIZE if self.faces else 1
        self.shadow = wp.zeros(size * size, dtype=wp.uint32, device=device)

    def scene(self, lighting: Lighting) -> Any:
        """The `Scene` under `lighting`; draws the place's shadow map."""
        what, got = self.place.recipe, light(self.place, lighting)
        s = Scene()
        s.sun, s.sun_colour = wp.vec3(*got.sun), wp.vec3(*got.sun_colour)
        s.ambient, s.ambient_x, s.ambient_y, s.ambient_z = (wp.vec3(*row) for row in got.fit)
        s.zenith, s.horizon, s.glow = wp.vec3(*got.zenith), wp.vec3(*got.horizon), wp.vec3(*got.glow)
        s.far = wp.vec3(*got.far)
        s.cloud_light, s.backdrop_light = wp.vec3(*got.clouds), wp.vec3(*got.backdrop)
        s.has_clouds = int(what.sky.clouds > 0)
        s.backdrop_top = 0.0 if what.backdrop.kind == "none" else float(np.tan(np.radians(what.backdrop.height_deg)))
        s.backdrop_texels = self.place.materials[4].texture.shape[1] / (2 * np.pi)
        s.floor_tile, s.path_tile = what.floor.tile_m, what.floor.path_tile_m
        s.has_path, s.map_extent, s.haze = int(what.floor.path_m > 0), MAP_EXTENT_M, what.sky.haze
        s.shadow_axes = wp.mat33(*sun_axes(lighting).ravel())
        s.place_view = wp.vec4(0.0, 0.0, _SHADOW_HALF_M, _SUN_AWAY_M)
        s.place_shadow_size = _SHADOW_SIZE if self.faces else 1
        self._draw_shadow(s)
        return s

    def _draw_shadow(self, s) -> None:
        self.shadow.fill_(NOTHING)
        if not self.faces:
            return
        view = wp.array([s.place_view], dtype=wp.vec4, device=self.device)
        seen = wp.empty(self.count, dtype=wp.vec3, device=self.device)
        inputs = [self.surface.points, self.count, s.shadow_axes, view, _SHADOW_SIZE, seen]
        wp.launch(project_sun, (1, self.count), inputs=inputs, device=self.device)
        run = run_length(self.device)
        inputs = [self.surface, seen, self.count, _SHADOW_SIZE, run, self.shadow]
        wp.launch(raster_sun, (1, -(-self.faces // run)), inputs=inputs, device=self.device)
