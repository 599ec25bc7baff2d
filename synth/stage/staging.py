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
from synth.stage.place import Place

NOTHING = 0x7F000000  # bit pattern of a depth beyond all others
_SHADOW_SIZE = 1024
_SUN_AWAY_M = 200.0
# Half the width of the place's shadow map; where its shadows begin, metres from the origin, and how fast they do.
_OUTDOORS, _INDOORS = (30.0, 3.0, 0.3), (10.0, 1.6, 1.0)
_PICTURES = {"equirectangular": 1, "plain": 2}


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
            guard=place.guard,
            guards=place.guards,
            device=device,
        )
        self.surface.points = wp.array(shape.points.astype(np.float32), dtype=wp.vec3, device=device)
        self.surface.normals = wp.array(shape.normals.astype(np.float32), dtype=wp.vec3, device=device)
        self.casting = int(place.casts.sum())
        self._casters = self._casting(place)
        size = _SHADOW_SIZE if self.casting else 1
        self.shadow = wp.zeros(size * size, dtype=wp.uint32, device=device)

    def _casting(self, place: Place) -> Surface:
        """The surface of those faces that cast a shadow."""
        out, whole, chosen = Surface(), self.surface, place.casts
        out.points, out.uv = whole.points, whole.uv
        out.texels, out.levels, out.spans = whole.texels, whole.levels, whole.spans
        out.faces = wp.array(place.shape.faces[chosen].astype(np.int32), dtype=wp.vec3i, device=self.device)
        out.material = wp.array(place.material[chosen], dtype=wp.uint8, device=self.device)
        out.flags = wp.array(whole.flags.numpy()[chosen], dtype=wp.uint8, device=self.device)
        return out

    def scene(self, lighting: Lighting) -> Any:
        """The `Scene` under `lighting`; draws the place's shadow map."""
        got, s = light(self.place, lighting), Scene()
        s.sun, s.sun_colour = wp.vec3(*got.sun), wp.vec3(*got.sun_colour)
        s.ambient, s.ambient_x, s.ambient_y, s.ambient_z = (wp.vec3(*row) for row in got.fit)
        s.zenith, s.horizon, s.glow = wp.vec3(*got.zenith), wp.vec3(*got.horizon), wp.vec3(*got.glow)
        s.far, s.dusk = wp.vec3(*got.far), wp.vec3(*got.dusk)
        s.cloud_light, s.backdrop_light = wp.vec3(*got.clouds), wp.vec3(*got.backdrop)
        s.shadow_axes = wp.mat33(*sun_axes(lighting).ravel())
        self._describe(s)
        self._draw_shadow(s)
        return s

    def _describe(self, s) -> None:
        """What of the scene depends on the place alone."""
        what = self.place.recipe
        floor, inside = what.floor, any(what.light.ambient)
        half, s.fade_from, s.fade_slope = _INDOORS if inside else _OUTDOORS
        s.has_clouds = int(what.sky.clouds > 0)
        s.backdrop_top = 0.0 if what.backdrop.kind == "none" else float(np.tan(np.radians(what.backdrop.height_deg)))
        s.backdrop_texels = self.place.materials[4].texture.shape[1] / (2 * np.pi)
        s.picture = _PICTURES[what.picture.projection] if what.picture.file else 0
        s.floor_look = int(floor.kind == "shadow")
        s.floor_tile, s.path_tile = floor.tile_m, floor.path_tile_m
        s.has_path = int(floor.path_m > 0 or any(mark.layer == "path" for mark in floor.marks))
        s.map_extent, s.haze = floor.map_m, what.sky.haze
        s.falloff = what.light.reach_m**-2.0 if what.light.reach_m > 0 else 0.0
        s.place_view = wp.vec4(0.0, 0.0, half, _SUN_AWAY_M)
        s.place_shadow_size = _SHADOW_SIZE if self.casting else 1

    def _draw_shadow(self, s) -> None:
        self.shadow.fill_(NOTHING)
        if not self.casting:
            return
        view = wp.array([s.place_view], dtype=wp.vec4, device=self.device)
        seen = wp.empty(self.count, dtype=wp.vec3, device=self.device)
        inputs = [self.surface.points, self.count, s.shadow_axes, view, _SHADOW_SIZE, seen]
        wp.launch(project_sun, (1, self.count), inputs=inputs, device=self.device)
        run = run_length(self.device)
        inputs = [self._casters, seen, self.count, _SHADOW_SIZE, run, self.shadow]
        wp.launch(raster_sun, (1, -(-self.casting // run)), inputs=inputs, device=self.device)
