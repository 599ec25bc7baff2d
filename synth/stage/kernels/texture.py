"""Texture look-ups shared by the kernels: packed RGBA bytes, mip-mapped, repeating, filtered trilinearly.

Filtering happens on the stored (sRGB) values and the result is made linear once: an eighth of the conversions, and
no visible difference between neighbouring texels. Mip levels themselves are averaged in linear light (textures.py).
"""

import warp as wp


@wp.func
def unpack(t: wp.uint32):
    """(r, g, b, a) in 0..255."""
    return wp.vec4(
        float(t & wp.uint32(255)),
        float((t >> wp.uint32(8)) & wp.uint32(255)),
        float((t >> wp.uint32(16)) & wp.uint32(255)),
        float(t >> wp.uint32(24)),
    )


@wp.func
def lerp_lanes(a: wp.uint32, b: wp.uint32, t: wp.uint32):
    """Two channels of 8 bits, 16 apart, at t / 256 of the way."""
    mixed = a * (wp.uint32(256) - t) + b * t + wp.uint32(0x00800080)
    return (mixed >> wp.uint32(8)) & wp.uint32(0x00FF00FF)


@wp.func
def blend(a: wp.uint32, b: wp.uint32, c: wp.uint32, d: wp.uint32, tx: wp.uint32, ty: wp.uint32):
    """Four texels blended, two channels at a time; (r, g, b, a) in 0..255."""
    lanes = wp.uint32(0x00FF00FF)
    eight = wp.uint32(8)
    rb = lerp_lanes(lerp_lanes(a & lanes, b & lanes, tx), lerp_lanes(c & lanes, d & lanes, tx), ty)
    ga = lerp_lanes(
        lerp_lanes((a >> eight) & lanes, (b >> eight) & lanes, tx),
        lerp_lanes((c >> eight) & lanes, (d >> eight) & lanes, tx),
        ty,
    )
    low = wp.uint32(255)
    return wp.vec4(float(rb & low), float(ga & low), float(rb >> wp.uint32(16)), float(ga >> wp.uint32(16)))


@wp.func
def corners(level: wp.vec3i, u: float, v: float):
    """The texels about (u, v), v up: the first column and row, which may lie outside the level, and how far on
    towards the next it is."""
    x = (u - wp.floor(u)) * float(level[1]) - 0.5
    y = (wp.ceil(v) - v) * float(level[2]) - 0.5
    fx = wp.floor(x)
    fy = wp.floor(y)
    return int(fx), int(fy), x - fx, y - fy


@wp.func
def bilinear(texels: wp.array(dtype=wp.uint32), level: wp.vec3i, u: float, v: float):
    """One level at (u, v), v up; repeats."""
    w = level[1]
    h = level[2]
    x0, y0, tx, ty = corners(level, u, v)
    x1 = x0 + 1
    y1 = y0 + 1
    if x0 < 0:
        x0 += w
    if x1 >= w:
        x1 -= w
    if y0 < 0:
        y0 += h
    if y1 >= h:
        y1 -= h
    x0 = wp.min(x0, w - 1)  # u just below a whole number rounds up to it
    y0 = wp.min(y0, h - 1)
    row0 = level[0] + y0 * w
    row1 = level[0] + y1 * w
    return blend(
        texels[row0 + x0], texels[row0 + x1], texels[row1 + x0], texels[row1 + x1],
        wp.uint32(int(tx * 256.0)), wp.uint32(int(ty * 256.0)),
    )  # fmt: skip


@wp.func
def covered(texels: wp.array(dtype=wp.uint32), level: wp.vec3i, u: float, v: float):
    """Whether alpha at (u, v), filtered bilinearly, is at least a half; stops at the texture's edge."""
    w = level[1]
    x, y, tx, ty = corners(level, u, v)
    x1 = wp.min(x + 1, w - 1)
    x0 = wp.max(x, 0)
    row0 = level[0] + wp.max(y, 0) * w
    row1 = level[0] + wp.min(y + 1, level[2] - 1) * w
    a = float(texels[row0 + x0] >> wp.uint32(24))
    b = float(texels[row0 + x1] >> wp.uint32(24))
    c = float(texels[row1 + x0] >> wp.uint32(24))
    d = float(texels[row1 + x1] >> wp.uint32(24))
    return (a * (1.0 - tx) + b * tx) * (1.0 - ty) + (c * (1.0 - tx) + d * tx) * ty >= 127.5


@wp.func
def trilinear(
    texels: wp.array(dtype=wp.uint32), levels: wp.array(dtype=wp.vec3i), span: wp.vec2i, u: float, v: float, lod: float
):
    """A texture at a fractional level of detail; span = (first level, number of levels). Two levels are blended only
    in the middle half between them, which halves the fetches and shows no seam."""
    top = wp.clamp(lod, 0.0, float(span[1] - 1))
    k = int(top)
    t = wp.clamp(2.0 * (top - float(k)) - 0.5, 0.0, 1.0)
    if t >= 1.0:
        k = k + 1
        t = 0.0
    out = bilinear(texels, levels[span[0] + k], u, v)
    if t > 0.0:
        out = out * (1.0 - t) + bilinear(texels, levels[span[0] + k + 1], u, v) * t
    return out


@wp.func
def to_linear(c: float):
    """sRGB 0..255 to linear 0..1: a polynomial within 0.0013 of the curve of IEC 61966-2-1."""
    x = c * 0.00392156862745098
    return x * (x * (x * 0.305306011 + 0.682171111) + 0.012522878)


@wp.func
def colour_of(texel: wp.vec4):
    """Linear colour of a filtered texel."""
    return wp.vec3(to_linear(texel[0]), to_linear(texel[1]), to_linear(texel[2]))
