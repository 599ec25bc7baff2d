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
    if s.dusk[0] > 0.0:
        flat = wp.normalize(wp.vec3(d[0], d[1], 1.0e-4))
        toward = 0.5 + 0.5 * wp.dot(flat, wp.normalize(wp.vec3(s.sun[0], s.sun[1], 1.0e-4)))
        rim = 1.0 - wp.clamp(d[2], 0.0, 1.0)
        rim = rim * rim * rim
        colour += s.dusk * (rim * rim * (0.2 + 0.8 * toward * toward) + 0.25 * rim * toward)
    return colour + s.glow * (0.25 * wide + c)


@wp.func
def undo_shoulder(c: float):
    """The linear light that the tone curve (tone.py) brings back to c."""
    out = c
    if c > 0.6:
        out = 0.6 - 0.4 * wp.log(wp.max(1.0 - (c - 0.6) * 2.5, 2.5e-4))
    return out


@wp.func
def undo_tone(c: wp.vec3):
    """The radiance by which a picture's linear colour looks as it does in its file."""
    return wp.vec3(undo_shoulder(c[0]), undo_shoulder(c[1]), undo_shoulder(c[2]))


@wp.func
def picture_colour(s: Scene, place: Surface, ray: wp.vec3, right: wp.vec3, down: wp.vec3):
    """Linear colour of the user's picture along a ray whose steps a pixel are right and down: equirectangular about
    the camera, or filling the frame, what does not fit its shape cut off evenly."""
    span = place.spans[BACKDROP]
    size = wp.vec2(float(place.levels[span[0]][1]), float(place.levels[span[0]][2]))
    step = wp.dot(right, right)
    d = wp.normalize(ray)
    u = 0.5 - wp.atan2(d[1], d[0]) * 0.15915494309189535
    v = wp.clamp(0.5 + wp.asin(wp.clamp(d[2], -1.0, 1.0)) * 0.3183098861837907, 0.001, 0.999)
    lod = wp.log2(wp.max(size[0] * 0.15915494309189535 * wp.sqrt(step), 1.0e-6))
    if s.picture == 2:
        scale = wp.max(s.frame[0] / size[0], s.frame[1] / size[1])
        u = wp.clamp(0.5 + wp.dot(ray, right) / (step * scale * size[0]), 0.001, 0.999)
        v = wp.clamp(0.5 - wp.dot(ray, down) / (step * scale * size[1]), 0.001, 0.999)
        lod = -wp.log2(scale)
    return colour_of(trilinear(place.texels, place.levels, span, u, v, lod))


@wp.func
def painted_sky(s: Scene, place: Surface, d: wp.vec3, pixel: float):
    """The place's own sky from unit direction d; a pixel spans `pixel` radians."""
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


@wp.func
def sky_colour(s: Scene, place: Surface, ray: wp.vec3, right: wp.vec3, down: wp.vec3):
    """Sky, clouds over it, backdrop before both, along a ray of forward component 1 whose steps a pixel are right and
    down; or the picture in their stead."""
    colour = wp.vec3(0.0, 0.0, 0.0)
    if s.picture != 0:
        colour = undo_tone(picture_colour(s, place, ray, right, down))
    else:
        colour = painted_sky(s, place, wp.normalize(ray), wp.length(right))
    return colour
