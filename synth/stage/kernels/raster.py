"""Rasterising into the visibility buffer: per sample one 64-bit key, depth in the high half and face in the low half.

A key is the bit pattern of the planar depth (positive floats order like integers) and ties go to the lower face, so
the minimum, and with it the picture, does not depend on the order in which triangles arrive. Triangles wholly in
front of the near plane take 2D edge functions relative to their first vertex, in which small ones are exact enough;
those that cross it take homogeneous ones in double precision (Olano and Greer, Triangle Scan Conversion using 2D
Homogeneous Coordinates, 1997), which need no clipping.
"""

import warp as wp

from synth.stage.kernels.texture import covered

wp.set_module_options({"enable_backward": False})

NEAR = wp.constant(0.05)
SLACK = wp.constant(1.0e-5)  # of a barycentric: neighbours overlap by a hair instead of leaving pinholes
DOUBLE_SIDED = wp.constant(1)
CUT = wp.constant(2)
SAMPLES = 5
OFFSETS = ((0.5, 0.5), (0.375, 0.125), (0.875, 0.375), (0.125, 0.625), (0.625, 0.875))


@wp.func
def sample_offset(s: int):
    """Where a sample lies in its pixel: the centre first (mask and depth are read there), then a rotated grid."""
    at = wp.vec2(0.5, 0.5)
    if s == 1:
        at = wp.vec2(0.375, 0.125)
    if s == 2:
        at = wp.vec2(0.875, 0.375)
    if s == 3:
        at = wp.vec2(0.125, 0.625)
    if s == 4:
        at = wp.vec2(0.625, 0.875)
    return at


@wp.struct
class Surface:
    """What both rasterisers need to know of a mesh."""

    faces: wp.array(dtype=wp.vec3i)
    material: wp.array(dtype=wp.uint8)
    flags: wp.array(dtype=wp.uint8)
    uv: wp.array(dtype=wp.vec2)
    texels: wp.array(dtype=wp.uint32)
    levels: wp.array(dtype=wp.vec3i)
    spans: wp.array(dtype=wp.vec2i)
    roughness: wp.array(dtype=float)
    tint: wp.array(dtype=wp.vec3)


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


@wp.kernel
def project(
    points: wp.array(dtype=wp.vec3),
    stride: int,
    pose_stride: int,
    frame_pose: wp.array(dtype=int),
    axes: wp.array(dtype=wp.mat33),
    position: wp.array(dtype=wp.vec3),
    focal: wp.array(dtype=float),
    centre: wp.vec2,
    screen: wp.array(dtype=wp.vec3),
):
    """Pixels and planar depth of every vertex in every frame; meaningless pixels behind the near plane."""
    b, v = wp.tid()
    c = axes[b] * (points[frame_pose[b] * pose_stride + v] - position[b])
    scale = focal[b] / wp.max(c[2], 1.0e-4)
    screen[b * stride + v] = wp.vec3(c[0] * scale + centre[0], c[1] * scale + centre[1], c[2])


@wp.func
def widen(box: wp.vec4, p: wp.vec3, q: wp.vec3, focal: float, centre: wp.vec2):
    """A box (left, top, right, bottom) of pixels grown by the part of the edge p q before the near plane."""
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
def raster_crossing(
    m: Surface, f: int, q0: wp.vec3, q1: wp.vec3, q2: wp.vec3, focal: float, centre: wp.vec2,
    size: wp.vec2i, samples: int, base: int, name: wp.uint32, keys: wp.array(dtype=wp.uint64),
):  # fmt: skip
    """A triangle given in camera space that crosses the near plane, by homogeneous edge functions."""
    box = wp.vec4(1.0e9, 1.0e9, -1.0e9, -1.0e9)
    box = widen(box, q0, q1, focal, centre)
    box = widen(box, q1, q2, focal, centre)
    box = widen(box, q2, q0, focal, centre)
    left = int(wp.clamp(wp.floor(box[0]) - 1.0, 0.0, float(size[0])))
    top = int(wp.clamp(wp.floor(box[1]) - 1.0, 0.0, float(size[1])))
    right = int(wp.clamp(wp.ceil(box[2]) + 1.0, 0.0, float(size[0])))
    bottom = int(wp.clamp(wp.ceil(box[3]) + 1.0, 0.0, float(size[1])))
    if left >= right or top >= bottom:
        return
    c0 = wp.vec3d(wp.float64(q0[0]), wp.float64(q0[1]), wp.float64(q0[2]))
    c1 = wp.vec3d(wp.float64(q1[0]), wp.float64(q1[1]), wp.float64(q1[2]))
    c2 = wp.vec3d(wp.float64(q2[0]), wp.float64(q2[1]), wp.float64(q2[2]))
    n0 = wp.cross(c1, c2)
    n1 = wp.cross(c2, c0)
    n2 = wp.cross(c0, c1)
    det = wp.dot(c0, n0)
    if wp.abs(det) < wp.float64(1.0e-12):
        return
    if det < wp.float64(0.0) and (int(m.flags[f]) & DOUBLE_SIDED) == 0:
        return
    scale = wp.float64(1.0) / det
    step = wp.float64(1.0) / wp.float64(focal)
    t = m.faces[f]
    uv0 = m.uv[t[0]]
    uv1 = m.uv[t[1]]
    uv2 = m.uv[t[2]]
    level = m.levels[m.spans[int(m.material[f])][0]]
    cut = (int(m.flags[f]) & CUT) != 0
    for y in range(top, bottom):
        for x in range(left, right):
            for s in range(samples):
                at = sample_offset(s)
                ray = wp.vec3d(
                    (wp.float64(float(x) + at[0] - centre[0])) * step,
                    (wp.float64(float(y) + at[1] - centre[1])) * step,
                    wp.float64(1.0),
                )
                e0 = wp.dot(ray, n0) * scale
                e1 = wp.dot(ray, n1) * scale
                e2 = wp.dot(ray, n2) * scale
                if e0 >= wp.float64(0.0) and e1 >= wp.float64(0.0) and e2 >= wp.float64(0.0):
                    z = wp.float64(1.0) / wp.max(e0 + e1 + e2, wp.float64(1.0e-9))
                    if z >= wp.float64(NEAR):
                        i = base + (y * size[0] + x) * samples + s
                        key = (wp.uint64(wp.cast(float(z), wp.uint32)) << wp.uint64(32)) | wp.uint64(name)
                        if key < keys[i]:
                            uv = uv0 * float(e0 * z) + uv1 * float(e1 * z) + uv2 * float(e2 * z)
                            if not cut or covered(m.texels, level, uv[0], uv[1]):
                                wp.atomic_min(keys, i, key)


@wp.kernel
def raster(
    m: Surface,
    faces: wp.array(dtype=wp.vec3i),
    all_flags: wp.array(dtype=wp.uint8),
    texels: wp.array(dtype=wp.uint32),
    points: wp.array(dtype=wp.vec3),
    pose_stride: int,
    screen: wp.array(dtype=wp.vec3),
    stride: int,
    frame_pose: wp.array(dtype=int),
    axes: wp.array(dtype=wp.mat33),
    position: wp.array(dtype=wp.vec3),
    focal: wp.array(dtype=float),
    centre: wp.vec2,
    size: wp.vec2i,
    samples: int,
    run: int,
    tag: int,
    keys: wp.array(dtype=wp.uint64),
):
    """One thread per frame and run of faces (a CPU thread copies its arguments each time it starts)."""
    b, strip = wp.tid()
    for f in range(strip * run, wp.min(strip * run + run, faces.shape[0])):
        t = faces[f]
        p0 = screen[b * stride + t[0]]
        p1 = screen[b * stride + t[1]]
        p2 = screen[b * stride + t[2]]
        base = b * size[0] * size[1] * samples
        name = wp.uint32(tag + f)
        nearest = wp.min(wp.min(p0[2], p1[2]), p2[2])
        if nearest < NEAR:
            if wp.max(wp.max(p0[2], p1[2]), p2[2]) > NEAR:
                o = position[b]
                k = frame_pose[b] * pose_stride
                q0 = axes[b] * (points[k + t[0]] - o)
                q1 = axes[b] * (points[k + t[1]] - o)
                q2 = axes[b] * (points[k + t[2]] - o)
                raster_crossing(m, f, q0, q1, q2, focal[b], centre, size, samples, base, name, keys)
            continue
        ax = p1[0] - p0[0]
        ay = p1[1] - p0[1]
        bx = p2[0] - p0[0]
        by = p2[1] - p0[1]
        d = ax * by - bx * ay
        flags = int(all_flags[f])
        if wp.abs(d) < 1.0e-9:
            continue
        if d > 0.0 and (flags & DOUBLE_SIDED) == 0:
            continue
        lx = wp.max(wp.min(wp.min(p0[0], p1[0]), p2[0]), -1.0)
        hx = wp.min(wp.max(wp.max(p0[0], p1[0]), p2[0]), float(size[0]) + 1.0)
        ly = wp.max(wp.min(wp.min(p0[1], p1[1]), p2[1]), -1.0)
        hy = wp.min(wp.max(wp.max(p0[1], p1[1]), p2[1]), float(size[1]) + 1.0)
        if lx > hx or ly > hy:
            continue
        inv = 1.0 / d
        i0 = 1.0 / p0[2]
        i1 = 1.0 / p1[2]
        i2 = 1.0 / p2[2]
        cut = (flags & CUT) != 0
        level = wp.vec3i(0, 1, 1)
        uv0 = wp.vec2(0.0, 0.0)
        uv1 = wp.vec2(0.0, 0.0)
        uv2 = wp.vec2(0.0, 0.0)
        if cut:
            level = cut_level(m, f, d)
            uv0 = m.uv[t[0]] * i0
            uv1 = m.uv[t[1]] * i1
            uv2 = m.uv[t[2]] * i2
        for s in range(samples):
            at = sample_offset(s)
            x0 = wp.max(0, int(wp.ceil(lx - at[0])))
            x1 = wp.min(size[0], int(wp.floor(hx - at[0])) + 1)
            y0 = wp.max(0, int(wp.ceil(ly - at[1])))
            y1 = wp.min(size[1], int(wp.floor(hy - at[1])) + 1)
            for y in range(y0, y1):
                dy = float(y) + at[1] - p0[1]
                for x in range(x0, x1):
                    dx = float(x) + at[0] - p0[0]
                    w1 = (dx * by - bx * dy) * inv
                    w2 = (ax * dy - dx * ay) * inv
                    w0 = 1.0 - w1 - w2
                    if w0 >= -SLACK and w1 >= -SLACK and w2 >= -SLACK:
                        z = 1.0 / (w0 * i0 + w1 * i1 + w2 * i2)
                        i = base + (y * size[0] + x) * samples + s
                        key = (wp.uint64(wp.cast(z, wp.uint32)) << wp.uint64(32)) | wp.uint64(name)
                        if key < keys[i]:
                            uv = (uv0 * w0 + uv1 * w1 + uv2 * w2) * z
                            if not cut or covered(texels, level, uv[0], uv[1]):
                                wp.atomic_min(keys, i, key)
