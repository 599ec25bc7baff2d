"""From the visibility buffer to colour, mask and depth.

Each pixel gathers the surfaces that its samples see, shades each distinct one once and weighs it by its samples
(multi-sample anti-aliasing). The floor is no mesh: it is the plane z = 0 met by the pixel's ray, so its depth is exact and
it needs no clipping. Attributes come from the ray's meeting with the face's plane, uv derivatives analytically.
"""

import warp as wp

from synth.stage.kernels.raster import Surface, sample_offset
from synth.stage.kernels.texture import colour_of, trilinear

wp.set_module_options({"enable_backward": False})

EMPTY = wp.constant(wp.uint64(0xFFFFFFFFFFFFFFFF))
PLACE = wp.constant(1 << 30)
SKY = wp.constant(-2)
FLOOR = wp.constant(-1)
FAR = wp.constant(1.0e9)


@wp.struct
class Scene:
    """Light, sky and floor of a place under a sun."""

    sun: wp.vec3
    sun_colour: wp.vec3
    ambient: wp.vec3
    ambient_x: wp.vec3
    ambient_y: wp.vec3
    ambient_z: wp.vec3
    zenith: wp.vec3
    horizon: wp.vec3
    floor_tile: float
    haze: float
    shadow_axes: wp.mat33
    shadow_size: int


@wp.func
def floor_depth(origin: wp.vec3, ray: wp.vec3):
    """Planar depth at which a ray (forward component 1) meets the floor from above; FAR where it does not."""
    z = FAR
    if origin[2] > 0.0 and ray[2] < 0.0:
        z = wp.min(-origin[2] / ray[2], FAR)
    return z


@wp.func
def ray_at(axes: wp.mat33, centre: wp.vec2, focal: float, x: float, y: float):
    """World direction of the pixel (x, y), its component along the view direction being 1."""
    return wp.transpose(axes) * wp.vec3((x - centre[0]) / focal, (y - centre[1]) / focal, 1.0)


@wp.func
def sky_colour(s: Scene, d: wp.vec3):
    up = wp.clamp(d[2], 0.0, 1.0)
    k = 1.0 - up
    k = k * k * k
    return s.zenith * (1.0 - k) + s.horizon * k


@wp.func
def shadow_at(s: Scene, view: wp.vec4, depths: wp.array(dtype=wp.uint32), base: int, p: wp.vec3, bias: float):
    """Share of the sun that reaches p, 0..1: a tent of 4 x 4 texels over the pose's shadow map."""
    q = s.shadow_axes * p
    n = s.shadow_size
    scale = float(n) / (2.0 * view[2])
    u = (q[0] - view[0]) * scale + 0.5 * float(n) - 0.5
    v = (q[1] - view[1]) * scale + 0.5 * float(n) - 0.5
    lit = float(1.0)
    if u > 1.0 and v > 1.0 and u < float(n) - 3.0 and v < float(n) - 3.0:
        depth = view[3] + 10.0 - q[2] - bias
        x0 = int(u)
        y0 = int(v)
        fx = u - float(x0)
        fy = v - float(y0)
        lit = float(0.0)
        for j in range(4):
            wy = float(1.0)
            if j == 0:
                wy = 1.0 - fy
            if j == 3:
                wy = fy
            for i in range(4):
                wx = float(1.0)
                if i == 0:
                    wx = 1.0 - fx
                if i == 3:
                    wx = fx
                if depth < wp.cast(depths[base + (y0 + j - 1) * n + x0 + i - 1], float):
                    lit += wx * wy
        lit = lit / 9.0
    return lit


@wp.func
def irradiance(s: Scene, n: wp.vec3):
    return s.ambient + s.ambient_x * n[0] + s.ambient_y * n[1] + s.ambient_z * n[2]


@wp.func
def encode(x: float, curve: wp.array(dtype=wp.uint8)):
    """Tone curve and sRGB in one table over linear 0..4."""
    return curve[int(wp.clamp(x, 0.0, 3.9999) * 8192.0)]


@wp.kernel
def shade(
    s: Scene,
    person: Surface,
    points: wp.array(dtype=wp.vec3),
    normals: wp.array(dtype=wp.vec3),
    person_stride: int,
    place: Surface,
    place_points: wp.array(dtype=wp.vec3),
    place_normals: wp.array(dtype=wp.vec3),
    frame_pose: wp.array(dtype=int),
    axes: wp.array(dtype=wp.mat33),
    position: wp.array(dtype=wp.vec3),
    focal: wp.array(dtype=float),
    centre: wp.vec2,
    size: wp.vec2i,
    samples: int,
    keys: wp.array(dtype=wp.uint64),
    shadow_view: wp.array(dtype=wp.vec4),
    shadows: wp.array(dtype=wp.uint32),
    curve: wp.array(dtype=wp.uint8),
    out: wp.array(dtype=wp.uint8),
):
    b, pixel = wp.tid()
    y = pixel // size[0]
    x = pixel - y * size[0]
    a = axes[b]
    o = position[b]
    pose = frame_pose[b]
    base = (b * size[0] * size[1] + pixel) * samples
    total = wp.vec3(0.0, 0.0, 0.0)
    done = int(0)
    for i in range(samples):
        if (done & (1 << i)) == 0:
            at = sample_offset(i)
            ray = ray_at(a, centre, focal[b], float(x) + at[0], float(y) + at[1])
            ground = floor_depth(o, ray)
            kind = int(SKY)
            if ground < FAR:
                kind = int(FLOOR)
            key = keys[base + i]
            face = int(0)
            if key != EMPTY:
                z = wp.cast(wp.uint32(key >> wp.uint64(32)), float)
                if z <= ground:
                    face = int(wp.uint32(key & wp.uint64(0xFFFFFFFF)))
                    kind = int(0)
            count = float(1.0)
            for j in range(i + 1, samples):
                if (done & (1 << j)) == 0:
                    aj = sample_offset(j)
                    rj = ray_at(a, centre, focal[b], float(x) + aj[0], float(y) + aj[1])
                    gj = floor_depth(o, rj)
                    kj = int(SKY)
                    if gj < FAR:
                        kj = int(FLOOR)
                    key2 = keys[base + j]
                    if key2 != EMPTY:
                        if wp.cast(wp.uint32(key2 >> wp.uint64(32)), float) <= gj:
                            kj = int(0)
                    if kj == kind:
                        count += 1.0
                        done = done | (1 << j)
            colour = wp.vec3(0.0, 0.0, 0.0)
            unit = wp.normalize(ray)
            if kind == SKY:
                colour = sky_colour(s, unit)
            elif kind == FLOOR:
                p = o + ray * ground
                lit = shadow_at(s, shadow_view[pose], shadows, pose * s.shadow_size * s.shadow_size, p, 0.01)
                n = wp.vec3(0.0, 0.0, 1.0)
                colour = wp.cw_mul(wp.vec3(0.3, 0.3, 0.3), irradiance(s, n) + s.sun_colour * (s.sun[2] * lit))
                k = wp.exp(-wp.length(p - o) * s.haze)
                colour = colour * k + s.horizon * (1.0 - k)
            else:
                t = person.faces[face]
                v0 = points[pose * person_stride + t[0]]
                e1 = points[pose * person_stride + t[1]] - v0
                e2 = points[pose * person_stride + t[2]] - v0
                cross = wp.cross(e1, e2)
                det = wp.dot(cross, ray)
                w1 = float(0.0)
                w2 = float(0.0)
                if det != 0.0:
                    q = wp.cross(ray, o - v0)
                    w1 = wp.clamp(-wp.dot(q, e2) / det, 0.0, 1.0)
                    w2 = wp.clamp(wp.dot(q, e1) / det, 0.0, 1.0 - w1)
                w0 = 1.0 - w1 - w2
                n = (
                    normals[pose * person_stride + t[0]] * w0
                    + normals[pose * person_stride + t[1]] * w1
                    + normals[pose * person_stride + t[2]] * w2
                )
                n = wp.normalize(n)
                if wp.dot(n, unit) > 0.2:
                    n = -n
                uv = person.uv[t[0]] * w0 + person.uv[t[1]] * w1 + person.uv[t[2]] * w2
                albedo = colour_of(
                    trilinear(person.texels, person.levels, person.spans[int(person.material[face])], uv[0], uv[1], 1.5)
                )
                p = v0 + e1 * w1 + e2 * w2
                lit = shadow_at(
                    s, shadow_view[pose], shadows, pose * s.shadow_size * s.shadow_size, p + n * 0.015, 0.01
                )
                light = irradiance(s, n) + s.sun_colour * (wp.max(wp.dot(n, s.sun), 0.0) * lit)
                colour = wp.cw_mul(albedo, light)
            total += colour * count
    total = total / float(samples)
    first = (b * size[0] * size[1] + pixel) * 3
    out[first] = encode(total[0], curve)
    out[first + 1] = encode(total[1], curve)
    out[first + 2] = encode(total[2], curve)


@wp.kernel
def read_centre(
    axes: wp.array(dtype=wp.mat33),
    position: wp.array(dtype=wp.vec3),
    focal: wp.array(dtype=float),
    centre: wp.vec2,
    size: wp.vec2i,
    samples: int,
    keys: wp.array(dtype=wp.uint64),
    mask: wp.array(dtype=wp.uint8),
    depth: wp.array(dtype=float),
):
    """Mask and planar depth of the sample at each pixel's centre."""
    b, pixel = wp.tid()
    y = pixel // size[0]
    x = pixel - y * size[0]
    ray = ray_at(axes[b], centre, focal[b], float(x) + 0.5, float(y) + 0.5)
    z = floor_depth(position[b], ray)
    person = wp.uint8(0)
    i = b * size[0] * size[1] + pixel
    key = keys[i * samples]
    if key != EMPTY:
        near = wp.cast(wp.uint32(key >> wp.uint64(32)), float)
        if near <= z:
            z = near
            if int(wp.uint32(key & wp.uint64(0xFFFFFFFF))) < PLACE:
                person = wp.uint8(1)
    if z >= FAR:
        z = wp.inf
    mask[i] = person
    depth[i] = z
