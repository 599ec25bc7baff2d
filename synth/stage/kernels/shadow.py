"""The sun's depth map of each pose: one parallel projection fitted around the person, shared by all cameras."""

import warp as wp

from synth.stage.kernels.mesh import Surface
from synth.stage.kernels.raster import CUT, DOUBLE_SIDED, SLACK, cut_level
from synth.stage.kernels.surfaces import TILE
from synth.stage.kernels.texture import covered

wp.set_module_options({"enable_backward": False})


@wp.kernel
def project_sun(
    points: wp.array(dtype=wp.vec3),
    stride: int,
    axes: wp.mat33,
    view: wp.array(dtype=wp.vec4),
    size: int,
    screen: wp.array(dtype=wp.vec3),
):
    """Texel coordinates and depth (metres behind the view's reference) of every vertex."""
    pose, v = wp.tid()
    k = view[pose]
    q = axes * points[pose * stride + v]
    scale = float(size) / (2.0 * k[2])
    half = 0.5 * float(size)
    screen[pose * stride + v] = wp.vec3((q[0] - k[0]) * scale + half, (q[1] - k[1]) * scale + half, k[3] - q[2])


@wp.kernel
def raster_sun(
    m: Surface, screen: wp.array(dtype=wp.vec3), stride: int, size: int, run: int, depths: wp.array(dtype=wp.uint32)
):  # fmt: skip
    """One thread per pose and run of faces: the least depth at each texel's centre, as the float's bit pattern. Of a
    person those faces count that the sun sees; of a place, whose walls may be single sheets, all."""
    pose, strip = wp.tid()
    for f in range(strip * run, wp.min(strip * run + run, m.faces.shape[0])):
        t = m.faces[f]
        p0 = screen[pose * stride + t[0]]
        p1 = screen[pose * stride + t[1]]
        p2 = screen[pose * stride + t[2]]
        x0 = wp.max(0, int(wp.ceil(wp.min(wp.min(p0[0], p1[0]), p2[0]) - 0.5)))
        x1 = wp.min(size, int(wp.floor(wp.max(wp.max(p0[0], p1[0]), p2[0]) - 0.5)) + 1)
        y0 = wp.max(0, int(wp.ceil(wp.min(wp.min(p0[1], p1[1]), p2[1]) - 0.5)))
        y1 = wp.min(size, int(wp.floor(wp.max(wp.max(p0[1], p1[1]), p2[1]) - 0.5)) + 1)
        if x0 >= x1 or y0 >= y1:
            continue
        ax = p1[0] - p0[0]
        ay = p1[1] - p0[1]
        bx = p2[0] - p0[0]
        by = p2[1] - p0[1]
        d = ax * by - bx * ay
        away = m.pose_stride != 0 and d < 0.0 and (int(m.flags[f]) & DOUBLE_SIDED) == 0
        if wp.abs(d) < 1.0e-9 or away:
            continue
        inv = 1.0 / d
        cut = (int(m.flags[f]) & CUT) != 0
        level = wp.vec3i(0, 1, 1)
        uv0 = wp.vec2(0.0, 0.0)
        uv1 = wp.vec2(0.0, 0.0)
        uv2 = wp.vec2(0.0, 0.0)
        if cut:
            level = cut_level(m, f, d)
            uv0 = m.uv[t[0]]
            uv1 = m.uv[t[1]]
            uv2 = m.uv[t[2]]
        for y in range(y0, y1):
            dy = float(y) + 0.5 - p0[1]
            for x in range(x0, x1):
                dx = float(x) + 0.5 - p0[0]
                w1 = (dx * by - bx * dy) * inv
                w2 = (ax * dy - dx * ay) * inv
                w0 = 1.0 - w1 - w2
                if w0 >= -SLACK and w1 >= -SLACK and w2 >= -SLACK:
                    bits = wp.cast(wp.max(w0 * p0[2] + w1 * p1[2] + w2 * p2[2], 0.0), wp.uint32)
                    i = (pose * size + y) * size + x
                    if bits < depths[i]:
                        uv = uv0 * w0 + uv1 * w1 + uv2 * w2
                        if not cut or covered(m.texels, level, uv[0], uv[1]):
                            wp.atomic_min(depths, i, bits)


@wp.kernel
def find_tiles(depths: wp.array(dtype=wp.uint32), nothing: wp.uint32, size: int, tiles: wp.array(dtype=wp.uint8)):
    """Whether anything is in each tile of a map: one thread per pose and row of tiles."""
    pose, row = wp.tid()
    n = size // TILE
    for column in range(n):
        least = nothing
        for y in range(row * TILE, row * TILE + TILE):
            first = (pose * size + y) * size + column * TILE
            for x in range(TILE):
                least = wp.min(least, depths[first + x])
        tiles[(pose * n + row) * n + column] = wp.where(least < nothing, wp.uint8(1), wp.uint8(0))


@wp.kernel
def grow_tiles(tiles: wp.array(dtype=wp.uint8), n: int, out: wp.array(dtype=wp.uint8)):
    """Adds to the tiles that hold anything those about them, into which the soft edge of a shadow reaches."""
    pose, row = wp.tid()
    for column in range(n):
        found = wp.uint8(0)
        for y in range(wp.max(row - 1, 0), wp.min(row + 2, n)):
            for x in range(wp.max(column - 1, 0), wp.min(column + 2, n)):
                found = wp.max(found, tiles[(pose * n + y) * n + x])
        out[(pose * n + row) * n + column] = found


@wp.kernel
def cast_rectangle(
    tiles: wp.array(dtype=wp.uint8), n: int, view: wp.array(dtype=wp.vec4), out: wp.array(dtype=wp.vec4)
):
    """One thread per pose: the rectangle of the sun's picture that the tiles cover, wider by one tile."""
    pose = wp.tid()
    k = view[pose]
    low = wp.vec2(float(n), float(n))
    high = wp.vec2(0.0, 0.0)
    for i in range(n * n):
        if tiles[pose * n * n + i] != wp.uint8(0):
            at = wp.vec2(float(i % n), float(i // n))
            low = wp.min(low, at)
            high = wp.max(high, at)
    side = 2.0 * k[2] / float(n)
    middle = wp.vec2(k[0], k[1]) - wp.vec2(k[2], k[2])
    low = middle + (low - wp.vec2(1.0, 1.0)) * side
    high = middle + (high + wp.vec2(2.0, 2.0)) * side
    out[pose] = wp.vec4(low[0], low[1], high[0], high[1])
