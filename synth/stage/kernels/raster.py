"""Rasterising into the visibility buffer: per sample one 64-bit key, depth in the high half and face in the low half.

The high half is NEAREST less the bit pattern of 1 / depth, which is linear on the screen (positive floats order like
integers), and ties go to the lower face, so the minimum, and with it the picture, does not depend on the order in
which triangles arrive. Triangles wholly in
front of the near plane take 2D edge functions relative to their first vertex, in which small ones are exact enough;
those that cross it take homogeneous ones in double precision (Olano and Greer, Triangle Scan Conversion using 2D
Homogeneous Coordinates, 1997), which need no clipping.
"""

import warp as wp

from synth.stage.kernels.mesh import Frames, Surface, sample_offset
from synth.stage.kernels.samples import EMPTY, NEAREST, box_of, in_box
from synth.stage.kernels.texture import covered

wp.set_module_options({"enable_backward": False})

NEAR = wp.constant(0.05)
SLACK = wp.constant(1.0e-5)  # of a barycentric: neighbours overlap by a hair instead of leaving pinholes
DOUBLE_SIDED = wp.constant(1)
CUT = wp.constant(2)
GUARDED = wp.constant(4)
EDGE_ON = wp.constant(0.25)  # cosine at which a place's cut faces are left out


@wp.func
def cut_level(m: Surface, f: int, screen_area: float):
    """The level of a cut texture at which a texel is about as large as a pixel, over the whole of face f."""
    t = m.faces[f]
    a = m.uv[t[1]] - m.uv[t[0]]
    b = m.uv[t[2]] - m.uv[t[0]]
    span = m.spans[int(m.material[f])]
    level = m.levels[span[0]]
    texels = wp.abs(a[0] * b[1] - a[1] * b[0]) * float(level[1] * level[2])
    lod = 0.5 * wp.log2(wp.max(texels, 1.0e-6) / wp.max(wp.abs(screen_area), 1.0e-6))
    return m.levels[span[0] + int(wp.clamp(lod, 0.0, float(span[1] - 1)))]


@wp.func
def key_of(inverse: float, name: wp.uint32):
    """The key of a face at planar depth 1 / inverse."""
    return (wp.uint64(NEAREST - wp.cast(inverse, wp.uint32)) << wp.uint64(32)) | wp.uint64(name)


@wp.kernel
def project(
    points: wp.array(dtype=wp.vec3), pose_stride: int, count: int, f: Frames, run: int, screen: wp.array(dtype=wp.vec3),
    box: wp.array(dtype=int),
):  # fmt: skip
    """Pixels and planar depth of `count` vertices in every frame, `run` a thread, meaningless pixels before the near
    plane; and the box of each frame grown by them, to the whole picture where one is before the near plane."""
    b, strip = wp.tid()
    view = f.view[b]
    axes = f.axes[view]
    position = f.position[view]
    focal = f.focal[view]
    low = wp.vec2(1.0e9, 1.0e9)
    high = -low
    for v in range(strip * run, wp.min(strip * run + run, count)):
        c = axes * (points[f.pose[b] * pose_stride + v] - position)
        scale = focal / wp.max(c[2], 1.0e-4)
        at = wp.vec2(c[0] * scale + f.centre[0], c[1] * scale + f.centre[1])
        screen[b * count + v] = wp.vec3(at[0], at[1], c[2])
        if c[2] < NEAR:
            low = wp.vec2(-1.0e9, -1.0e9)
            high = -low
        low = wp.min(low, at)
        high = wp.max(high, at)
    width = float(f.size[0])
    height = float(f.size[1])
    wp.atomic_min(box, 4 * b, int(wp.clamp(wp.floor(low[0]) - 1.0, 0.0, width)))
    wp.atomic_min(box, 4 * b + 1, int(wp.clamp(wp.floor(low[1]) - 1.0, 0.0, height)))
    wp.atomic_max(box, 4 * b + 2, int(wp.clamp(wp.ceil(high[0]) + 1.0, 0.0, width)))
    wp.atomic_max(box, 4 * b + 3, int(wp.clamp(wp.ceil(high[1]) + 1.0, 0.0, height)))


@wp.kernel
def clear(f: Frames, run: int, keys: wp.array(dtype=wp.uint64)):
    """Empties the samples within each frame's box; those outside keep what an earlier picture left."""
    b, strip = wp.tid()
    pixels = f.size[0] * f.size[1]
    box = box_of(f, b)
    y = (strip * run) // f.size[0]
    x = strip * run - y * f.size[0] - 1
    for pixel in range(strip * run, wp.min(strip * run + run, pixels)):
        x += 1
        if x == f.size[0]:
            x = 0
            y += 1
        if in_box(box, x, y):
            for i in range((b * pixels + pixel) * f.samples, (b * pixels + pixel + 1) * f.samples):
                keys[i] = EMPTY


@wp.func
def widen(box: wp.vec4, p: wp.vec3, q: wp.vec3, focal: float, centre: wp.vec2):
    """A box (left, top, right, bottom) of pixels grown by the part of the edge p q beyond the near plane."""
    out = box
    a = p
    b = q
    if a[2] < NEAR:
        a = q
        b = p
    if a[2] >= NEAR:
        if b[2] < NEAR:
            b = a + (b - a) * ((a[2] - NEAR) / (a[2] - b[2]))
        ax = a[0] * focal / a[2] + centre[0]
        ay = a[1] * focal / a[2] + centre[1]
        bx = b[0] * focal / wp.max(b[2], NEAR) + centre[0]
        by = b[1] * focal / wp.max(b[2], NEAR) + centre[1]
        out = wp.vec4(
            wp.min(out[0], wp.min(ax, bx)),
            wp.min(out[1], wp.min(ay, by)),
            wp.max(out[2], wp.max(ax, bx)),
            wp.max(out[3], wp.max(ay, by)),
        )
    return out


@wp.func
def double(p: wp.vec3):
    return wp.vec3d(wp.float64(p[0]), wp.float64(p[1]), wp.float64(p[2]))


@wp.func
def raster_crossing(m: Surface, k: int, name: wp.uint32, f: Frames, b: int, keys: wp.array(dtype=wp.uint64)):
    """Face k, which crosses the near plane, by homogeneous edge functions."""
    t = m.faces[k]
    first = f.pose[b] * m.pose_stride
    view = f.view[b]
    q0 = f.axes[view] * (m.points[first + t[0]] - f.position[view])
    q1 = f.axes[view] * (m.points[first + t[1]] - f.position[view])
    q2 = f.axes[view] * (m.points[first + t[2]] - f.position[view])
    focal = f.focal[view]
    box = wp.vec4(1.0e9, 1.0e9, -1.0e9, -1.0e9)
    box = widen(box, q0, q1, focal, f.centre)
    box = widen(box, q1, q2, focal, f.centre)
    box = widen(box, q2, q0, focal, f.centre)
    x0 = int(wp.clamp(wp.floor(box[0]) - 1.0, 0.0, float(f.size[0])))
    y0 = int(wp.clamp(wp.floor(box[1]) - 1.0, 0.0, float(f.size[1])))
    x1 = int(wp.clamp(wp.ceil(box[2]) + 1.0, 0.0, float(f.size[0])))
    y1 = int(wp.clamp(wp.ceil(box[3]) + 1.0, 0.0, float(f.size[1])))
    n0 = wp.cross(double(q1), double(q2))
    n1 = wp.cross(double(q2), double(q0))
    n2 = wp.cross(double(q0), double(q1))
    det = wp.dot(double(q0), n0)
    if wp.abs(det) < wp.float64(1.0e-12) or (det > wp.float64(0.0) and (int(m.flags[k]) & DOUBLE_SIDED) == 0):
        return
    level = m.levels[m.spans[int(m.material[k])][0]]
    cut = (int(m.flags[k]) & CUT) != 0
    for y in range(y0, y1):
        for x in range(x0, x1):
            for s in range(f.samples):
                at = sample_offset(s)
                ray = double(
                    wp.vec3((float(x) + at[0] - f.centre[0]) / focal, (float(y) + at[1] - f.centre[1]) / focal, 1.0)
                )
                e = wp.vec3d(wp.dot(ray, n0), wp.dot(ray, n1), wp.dot(ray, n2)) / det
                if e[0] >= wp.float64(0.0) and e[1] >= wp.float64(0.0) and e[2] >= wp.float64(0.0):
                    inverse = wp.max(float(e[0] + e[1] + e[2]), 1.0e-9)
                    key = key_of(inverse, name)
                    i = ((b * f.size[1] + y) * f.size[0] + x) * f.samples + s
                    if inverse * NEAR <= 1.0 and key < keys[i]:
                        z = 1.0 / inverse
                        uv = m.uv[t[0]] * float(e[0]) + m.uv[t[1]] * float(e[1]) + m.uv[t[2]] * float(e[2])
                        if not cut or covered(m.texels, level, uv[0] * z, uv[1] * z):
                            wp.atomic_min(keys, i, key)


@wp.func
def is_edge_on(m: Surface, k: int, screen_area: float, scale: float):
    """Whether a leaf card of a place is seen so flatly that its leaves would be streaks; scale: pixels a metre."""
    t = m.faces[k]
    a = m.points[t[0]]
    area = wp.length(wp.cross(m.points[t[1]] - a, m.points[t[2]] - a))
    return wp.abs(screen_area) < EDGE_ON * area * scale * scale


@wp.func
def raster_front(
    m: Surface, k: int, name: wp.uint32, p0: wp.vec3, p1: wp.vec3, p2: wp.vec3, f: Frames, b: int,
    keys: wp.array(dtype=wp.uint64),
):  # fmt: skip
    """Face k, wholly beyond the near plane, with its vertices on the screen."""
    ax = p1[0] - p0[0]
    ay = p1[1] - p0[1]
    bx = p2[0] - p0[0]
    by = p2[1] - p0[1]
    d = ax * by - bx * ay
    if wp.abs(d) < 1.0e-9 or (d > 0.0 and (int(m.flags[k]) & DOUBLE_SIDED) == 0):
        return
    lx = wp.max(wp.min(wp.min(p0[0], p1[0]), p2[0]), -1.0)
    hx = wp.min(wp.max(wp.max(p0[0], p1[0]), p2[0]), float(f.size[0]) + 1.0)
    ly = wp.max(wp.min(wp.min(p0[1], p1[1]), p2[1]), -1.0)
    hy = wp.min(wp.max(wp.max(p0[1], p1[1]), p2[1]), float(f.size[1]) + 1.0)
    if lx > hx or ly > hy:
        return
    inverse = wp.vec3(1.0 / p0[2], 1.0 / p1[2], 1.0 / p2[2])
    scale = 1.0 / d
    cut = (int(m.flags[k]) & CUT) != 0
    level = wp.vec3i(0, 1, 1)
    if cut:
        if m.pose_stride == 0 and is_edge_on(m, k, d, f.focal[f.view[b]] * inverse[0]):
            return
        level = cut_level(m, k, d)
    for s in range(f.samples):
        at = sample_offset(s)
        x0 = wp.max(0, int(wp.ceil(lx - at[0])))
        x1 = wp.min(f.size[0], int(wp.floor(hx - at[0])) + 1)
        y0 = wp.max(0, int(wp.ceil(ly - at[1])))
        y1 = wp.min(f.size[1], int(wp.floor(hy - at[1])) + 1)
        for y in range(y0, y1):
            dy = float(y) + at[1] - p0[1]
            for x in range(x0, x1):
                dx = float(x) + at[0] - p0[0]
                w1 = (dx * by - bx * dy) * scale
                w2 = (ax * dy - dx * ay) * scale
                w0 = 1.0 - w1 - w2
                if w0 >= -SLACK and w1 >= -SLACK and w2 >= -SLACK:
                    w = wp.cw_mul(wp.vec3(w0, w1, w2), inverse)
                    key = key_of(w[0] + w[1] + w[2], name)
                    i = ((b * f.size[1] + y) * f.size[0] + x) * f.samples + s
                    if key < keys[i]:
                        if cut:
                            t = m.faces[k]
                            uv = (m.uv[t[0]] * w[0] + m.uv[t[1]] * w[1] + m.uv[t[2]] * w[2]) / (w[0] + w[1] + w[2])
                            if covered(m.texels, level, uv[0], uv[1]):
                                wp.atomic_min(keys, i, key)
                        else:
                            wp.atomic_min(keys, i, key)


@wp.func
def is_withheld(guard: wp.vec4, o: wp.vec3):
    """Whether a camera at o is on the wrong side of a guard's plane, from where its face would hide the person."""
    return guard[0] * o[0] + guard[1] * o[1] + guard[2] * o[2] < guard[3]


@wp.kernel
def raster(
    m: Surface, screen: wp.array(dtype=wp.vec3), count: int, f: Frames, tag: int, run: int,
    keys: wp.array(dtype=wp.uint64),
):  # fmt: skip
    """One thread per frame and run of faces (a CPU thread copies its arguments each time it starts); a face's name in
    the keys is its number + tag."""
    b, strip = wp.tid()
    for k in range(strip * run, wp.min(strip * run + run, m.faces.shape[0])):
        if (int(m.flags[k]) & GUARDED) != 0 and is_withheld(m.guards[int(m.guard[k])], f.position[f.view[b]]):
            continue
        t = m.faces[k]
        p0 = screen[b * count + t[0]]
        p1 = screen[b * count + t[1]]
        p2 = screen[b * count + t[2]]
        name = wp.uint32(tag + k)
        if wp.min(wp.min(p0[2], p1[2]), p2[2]) >= NEAR:
            raster_front(m, k, name, p0, p1, p2, f, b, keys)
        elif wp.max(wp.max(p0[2], p1[2]), p2[2]) > NEAR:
            raster_crossing(m, k, name, f, b, keys)
