"""The floor: the plane z = 0, textured by world position, with a path, worn patches and what stands on it.

The footprint of a pixel on the plane is known in closed form; along its long side up to four probes are averaged, so
that the ground is neither blurred nor shimmering at grazing angles.
"""

import warp as wp

from synth.stage.kernels.light import Scene
from synth.stage.kernels.mesh import Surface
from synth.stage.kernels.texture import bilinear, colour_of, trilinear

FAR = wp.constant(1.0e9)
FLOOR_TEXTURE = wp.constant(0)
PATH_TEXTURE = wp.constant(1)
MAP_TEXTURE = wp.constant(2)


@wp.func
def floor_depth(origin: wp.vec3, ray: wp.vec3, there: int):
    """Planar depth at which a ray (forward component 1) meets the floor from above; FAR where it does not, or where
    `there` is 0: the place has none."""
    z = FAR
    if there != 0 and origin[2] > 0.0 and ray[2] < 0.0:
        z = wp.min(-origin[2] / ray[2], FAR)
    return z


@wp.func
def probe(place: Surface, texture: int, at: wp.vec2, along: wp.vec2, minor: float, major: float, tile: float):
    """A repeating texture of `tile` metres averaged over a footprint of minor x major metres, long side `along`."""
    span = place.spans[texture]
    count = int(wp.clamp(wp.ceil(major / wp.max(minor, 1.0e-6) - 0.5), 1.0, 4.0))
    texels = float(place.levels[span[0]][1]) / tile
    lod = wp.log2(wp.max(wp.max(minor, major / float(count)) * texels, 1.0e-6))
    out = wp.vec4(0.0, 0.0, 0.0, 0.0)
    for i in range(count):
        p = (at + along * ((float(i) + 0.5) / float(count) - 0.5)) / tile
        out += trilinear(place.texels, place.levels, span, p[0], p[1], lod)
    return out / float(count)


@wp.func
def floor_map(s: Scene, place: Surface, at: wp.vec2):
    """The map of the floor about the origin: path, brightness, occlusion by things, 0..1; its rim beyond."""
    span = place.spans[MAP_TEXTURE]
    u = wp.clamp(at[0] / s.map_extent + 0.5, 0.002, 0.998)
    v = wp.clamp(at[1] / s.map_extent + 0.5, 0.002, 0.998)
    t = bilinear(place.texels, place.levels[span[0]], u, v)
    return wp.vec3(t[0], t[1], t[2]) * 0.00392156862745098


@wp.func
def floor_albedo(s: Scene, place: Surface, at: wp.vec2, dx: wp.vec2, dy: wp.vec2, drawn: wp.vec3):
    """Linear colour of the floor at `at`, whose pixel spans dx and dy there; `drawn` is the map's value."""
    lx = wp.length(dx)
    ly = wp.length(dy)
    along = dx
    major = lx
    minor = ly
    if ly > lx:
        along = dy
        major = ly
        minor = lx
    colour = wp.vec3(0.0, 0.0, 0.0)
    path = wp.float32(0.0)
    if s.has_path != 0:
        path = drawn[0]
    if path < 0.98:
        colour = colour_of(probe(place, FLOOR_TEXTURE, at, along, minor, major, s.floor_tile))
    if path > 0.02:
        other = colour_of(probe(place, PATH_TEXTURE, at, along, minor, major, s.path_tile))
        t = wp.clamp((path - 0.5) * 2.2 + 0.5 + (other[0] - 0.3) * 0.8 * path * (1.0 - path) * 4.0, 0.0, 1.0)
        if path >= 0.98:
            t = 1.0
        colour = colour * (1.0 - t) + other * t
    return colour * (0.4 + 1.2 * drawn[1])
