"""What stands at infinity: a clear sky with clouds, the glow about the sun, and the place's backdrop on the horizon."""

import warp as wp

from synth.stage.kernels.light import Scene
from synth.stage.kernels.mesh import Surface
from synth.stage.kernels.texture import colour_of, trilinear

# Where the textures that are no material of a mesh stand among a place's textures (place.py).
CLOUDS = wp.constant(3)
BACKDROP = wp.constant(4)


@wp.func
def clear_sky(s: Scene, d: wp.vec3):
    """Radiance of the cloudless sky from unit direction d; below the horizon that of the horizon."""
    k = 1.0 - wp.clamp(d[2], 0.0, 1.0)
    k = k * k
    k = 0.35 * k + 0.65 * k * k * k
    colour = s.zenith * (1.0 - k) + s.horizon * k
    c = wp.max(wp.dot(d, s.sun), 0.0)
    c = c * c
    c = c * c
    c = c * c
    wide = c
    c = c * c
    c = c * c
    c = c * c
    c = c * c
    return colour + s.glow * (0.25 * wide + c)


@wp.func
def sky_colour(s: Scene, place: Surface, d: wp.vec3, pixel: float):
    """Sky, clouds over it, backdrop before both, from unit direction d; a pixel spans `pixel` radians."""
    colour = clear_sky(s, d)
    if s.has_clouds != 0 and d[2] > 0.02:
        scale = 0.22 / (d[2] + 0.10)
        lod = wp.log2(1.0 + 0.5 / d[2])
        t = trilinear(place.texels, place.levels, place.spans[CLOUDS], d[0] * scale, d[1] * scale, lod - 1.0)
        cover = t[0] * 0.00392156862745098 * wp.clamp(d[2] * 9.0, 0.0, 1.0)
        lump = 0.78 + 0.22 * t[1] * 0.00392156862745098
        colour = colour * (1.0 - cover) + s.cloud_light * (cover * lump)
    if s.backdrop_top > 0.0 and d[2] < 0.45:
        level = wp.sqrt(d[0] * d[0] + d[1] * d[1])
        v = d[2] / (level * s.backdrop_top)
        if v > -0.05 and v < 0.98:
            lod = wp.log2(s.backdrop_texels * pixel)
            u = wp.atan2(d[1], d[0]) * 0.15915494309189535
            t = trilinear(place.texels, place.levels, place.spans[BACKDROP], u, wp.clamp(v, 0.02, 0.98), lod)
            cover = t[3] * 0.00392156862745098
            colour = colour * (1.0 - cover) + wp.cw_mul(colour_of(t), s.backdrop_light) * cover
    return colour
