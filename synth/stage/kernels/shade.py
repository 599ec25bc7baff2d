"""From the visibility buffer to colour, mask and depth.

Each pixel gathers the surfaces its samples see, shades each distinct one once and weighs it by its samples
(multi-sample anti-aliasing). The floor is no mesh: it is the plane z = 0 met by the pixel's ray, so its depth is exact
and needs no clipping. Attributes of faces come from where the ray meets the face's plane, texture derivatives from
the plane analytically. Mask and depth are those of the sample at the pixel's centre.
"""

import warp as wp

from synth.stage.kernels.ground import FAR, floor_albedo, floor_depth, floor_map
from synth.stage.kernels.light import Scene, hazed, irradiance, lit_surface, openness, place_shadow_at, shadow_at
from synth.stage.kernels.raster import SAMPLES, Frames, Surface, sample_offset
from synth.stage.kernels.sky import sky_colour
from synth.stage.kernels.texture import colour_of, trilinear

wp.set_module_options({"enable_backward": False})

EMPTY = wp.constant(wp.uint64(0xFFFFFFFFFFFFFFFF))
PLACE = wp.constant(1 << 30)
SKY = wp.constant(-2)
FLOOR = wp.constant(-1)
SAME_DEPTH = wp.constant(0.04)  # surfaces of one material further apart than this share of their depth are two


ints = wp.types.vector(length=SAMPLES, dtype=wp.int32)
floats = wp.types.vector(length=SAMPLES, dtype=wp.float32)


@wp.struct
class Shadows:
    """Depth maps of the sun: of each pose, and of the place; and the spheres that stand for each pose's body."""

    view: wp.array(dtype=wp.vec4)
    body: wp.array(dtype=wp.uint32)
    place: wp.array(dtype=wp.uint32)
    spheres: wp.array(dtype=wp.vec4)


@wp.func
def ray_at(f: Frames, b: int, x: float, y: float):
    """World direction of the pixel (x, y), its component along the view direction being 1."""
    return wp.transpose(f.axes[b]) * wp.vec3((x - f.centre[0]) / f.focal[b], (y - f.centre[1]) / f.focal[b], 1.0)


@wp.func
def sun_on(s: Scene, shadows: Shadows, pose: int, p: wp.vec3, n: wp.vec3, person: int):
    """Share of the sun at p. The place's own shadows spare the person and fade out about the origin, where it stands:
    its light must not depend on which tree the sun is behind."""
    nl = wp.dot(n, s.sun)
    share = wp.float32(0.0)
    if nl > 0.0:
        size = s.shadow_size
        share = shadow_at(s.shadow_axes, shadows.view[pose], size, shadows.body, pose * size * size, p, nl, n)
        if person == 0 and s.place_shadow_size > 1 and share > 0.0:
            there = place_shadow_at(s.shadow_axes, s.place_view, s.place_shadow_size, shadows.place, p)
            near = wp.clamp((wp.length(wp.vec2(p[0], p[1])) - 3.0) * 0.3, 0.0, 1.0)
            share = share * (1.0 - near * (1.0 - there))
    return share


@wp.func
def shade_floor(
    s: Scene, place: Surface, shadows: Shadows, pose: int, o: wp.vec3, right: wp.vec3, down: wp.vec3, ray: wp.vec3,
    z: float,
):  # fmt: skip
    """Radiance of the floor along a ray that meets it at planar depth z; right and down are the ray's steps a pixel."""
    p = o + ray * z
    dx = (right - ray * (right[2] / ray[2])) * z
    dy = (down - ray * (down[2] / ray[2])) * z
    at = wp.vec2(p[0], p[1])
    drawn = floor_map(s, place, at)
    albedo = floor_albedo(s, place, at, wp.vec2(dx[0], dx[1]), wp.vec2(dy[0], dy[1]), drawn)
    n = wp.vec3(0.0, 0.0, 1.0)
    k = shadows.view[pose]
    free = drawn[2]
    q = s.shadow_axes * p
    if wp.abs(q[0] - k[0]) < k[2] + 0.5 and wp.abs(q[1] - k[1]) < k[2] + 1.5:
        free = free * openness(shadows.spheres, pose * s.occluders, s.occluders, p, n, 0.0)
    light = irradiance(s, n) * free + s.sun_colour * (s.sun[2] * sun_on(s, shadows, pose, p, n, 0))
    return hazed(s, wp.cw_mul(albedo, light), wp.length(p - o))


@wp.func
def texture_at(m: Surface, face: int, w: wp.vec3, sx: wp.vec2, sy: wp.vec2):
    """Linear colour of face's texture at barycentrics w; sx and sy: how its second and third change over a pixel."""
    t = m.faces[face]
    uv0 = m.uv[t[0]]
    uv1 = m.uv[t[1]] - uv0
    uv2 = m.uv[t[2]] - uv0
    span = m.spans[int(m.material[face])]
    level = m.levels[span[0]]
    size = wp.vec2(float(level[1]), float(level[2]))
    lx = wp.length(wp.cw_mul(uv1 * sx[0] + uv2 * sx[1], size))
    ly = wp.length(wp.cw_mul(uv1 * sy[0] + uv2 * sy[1], size))
    width = wp.max(wp.min(lx, ly), 0.4 * wp.max(lx, ly))
    uv = uv0 + uv1 * w[1] + uv2 * w[2]
    return colour_of(trilinear(m.texels, m.levels, span, uv[0], uv[1], wp.log2(wp.max(width, 1.0e-6))))


@wp.func
def shade_face(
    s: Scene, m: Surface, face: int, person: int, shadows: Shadows, pose: int, o: wp.vec3, right: wp.vec3,
    down: wp.vec3, ray: wp.vec3,
):  # fmt: skip
    """Radiance of a face where a ray meets its plane; person: 1 for the person's mesh, 0 for the place's."""
    t = m.faces[face] + wp.vec3i(pose * m.pose_stride)
    v0 = m.points[t[0]]
    e1 = m.points[t[1]] - v0
    e2 = m.points[t[2]] - v0
    plane = wp.cross(e1, e2)
    facing = wp.dot(plane, ray)
    if wp.abs(facing) < 1.0e-12:
        facing = wp.where(facing < 0.0, -1.0e-12, 1.0e-12)
    inverse = 1.0 / wp.max(wp.dot(plane, plane), 1.0e-20)
    g1 = wp.cross(e2, plane) * inverse
    g2 = wp.cross(plane, e1) * inverse
    z = wp.dot(plane, v0 - o) / facing
    w1 = wp.clamp(wp.dot(o + ray * z - v0, g1), 0.0, 1.0)
    w2 = wp.clamp(wp.dot(o + ray * z - v0, g2), 0.0, 1.0 - w1)
    w = wp.vec3(1.0 - w1 - w2, w1, w2)
    p = v0 + e1 * w1 + e2 * w2
    n = wp.normalize(m.normals[t[0]] * w[0] + m.normals[t[1]] * w[1] + m.normals[t[2]] * w[2])
    dx = (right - ray * (wp.dot(plane, right) / facing)) * z
    dy = (down - ray * (wp.dot(plane, down) / facing)) * z
    sx = wp.vec2(wp.dot(g1, dx), wp.dot(g2, dx))
    sy = wp.vec2(wp.dot(g1, dy), wp.dot(g2, dy))
    albedo = texture_at(m, face, w, sx, sy)
    away = wp.length(p - o)
    view = (o - p) / wp.max(away, 1.0e-6)
    free = wp.float32(1.0)
    lifted = p
    if person != 0:
        if facing > 0.0:
            n = -n
        free = openness(shadows.spheres, pose * s.occluders, s.occluders, p, n, 2.5)
    else:
        albedo = wp.cw_mul(albedo, m.tint[t[0]] * w[0] + m.tint[t[1]] * w[1] + m.tint[t[2]] * w[2])
        lifted = p + s.sun * 0.5  # leaves and edges must not darken themselves in the place's coarse map
    share = sun_on(s, shadows, pose, lifted, n, person)
    colour = lit_surface(s, albedo, m.roughness[int(m.material[face])], n, view, share, free)
    if person == 0:
        colour = hazed(s, colour, away)
    return colour


@wp.func
def nearest_surface(person: Surface, place: Surface, key: wp.uint64, ground: float):
    """What a sample shows and how far it is: SKY, FLOOR, or the material of a face, the place's from 256 on."""
    z = ground
    code = int(SKY)
    if ground < FAR:
        code = int(FLOOR)
    if key != EMPTY:
        near = wp.cast(wp.uint32(key >> wp.uint64(32)), float)
        if near <= ground:
            z = near
            face = int(wp.uint32(key & wp.uint64(0xFFFFFFFF)))
            if face < PLACE:  # noqa: SIM108 (a conditional expression would read both arrays)
                code = int(person.material[face])
            else:
                code = 256 + int(place.material[face - PLACE])
    return code, z


@wp.func
def radiance(
    s: Scene, person: Surface, place: Surface, shadows: Shadows, pose: int, o: wp.vec3, right: wp.vec3, down: wp.vec3,
    ray: wp.vec3, code: int, z: float, key: wp.uint64,
):  # fmt: skip
    """Linear colour of what a sample shows."""
    colour = wp.vec3(0.0, 0.0, 0.0)
    face = int(wp.uint32(key & wp.uint64(0xFFFFFFFF)))
    if code == SKY:
        colour = sky_colour(s, place, wp.normalize(ray), wp.length(right))
    elif code == FLOOR:
        colour = shade_floor(s, place, shadows, pose, o, right, down, ray, z)
    elif code < 256:
        colour = shade_face(s, person, face, 1, shadows, pose, o, right, down, ray)
    else:
        colour = shade_face(s, place, face - PLACE, 0, shadows, pose, o, right, down, ray)
    return colour


@wp.func
def samples_needed(
    keys: wp.array(dtype=wp.uint64), base: int, o: wp.vec3, corner: wp.vec3, right: wp.vec3, down: wp.vec3
):
    """1 where a pixel shows nothing but floor or nothing but sky, so that its centre speaks for all; else SAMPLES."""
    seen = wp.uint64(EMPTY)
    for i in range(SAMPLES):
        seen = wp.min(seen, keys[base + i])
    low = corner[2] + wp.min(right[2], 0.0) + wp.min(down[2], 0.0)
    high = corner[2] + wp.max(right[2], 0.0) + wp.max(down[2], 0.0)
    needed = int(SAMPLES)
    if seen == EMPTY and (o[2] <= 0.0 or low >= 0.0 or high < 0.0):
        needed = 1
    return needed


@wp.func
def encode(x: float, curve: wp.array(dtype=wp.uint8)):
    """Tone curve and sRGB in one table over linear 0..4."""
    return curve[int(wp.clamp(x, 0.0, 3.9999) * 8192.0)]


@wp.kernel
def shade(
    s: Scene, person: Surface, place: Surface, shadows: Shadows, f: Frames, run: int,
    keys: wp.array(dtype=wp.uint64), curve: wp.array(dtype=wp.uint8), out: wp.array(dtype=wp.uint8),
):  # fmt: skip
    """One thread per frame and run of pixels: the linear mean of each pixel's samples, tone mapped."""
    b, strip = wp.tid()
    o = f.position[b]
    pose = f.pose[b]
    right = wp.vec3(f.axes[b][0, 0], f.axes[b][0, 1], f.axes[b][0, 2]) / f.focal[b]
    down = wp.vec3(f.axes[b][1, 0], f.axes[b][1, 1], f.axes[b][1, 2]) / f.focal[b]
    pixels = f.size[0] * f.size[1]
    codes = ints()
    depths = floats()
    for pixel in range(strip * run, wp.min(strip * run + run, pixels)):
        y = pixel // f.size[0]
        corner = ray_at(f, b, float(pixel - y * f.size[0]), float(y))
        base = (b * pixels + pixel) * SAMPLES
        wanted = samples_needed(keys, base, o, corner, right, down)
        for i in range(wanted):
            at = sample_offset(i)
            ground = floor_depth(o, corner + right * at[0] + down * at[1])
            code, z = nearest_surface(person, place, keys[base + i], ground)
            codes[i] = code
            depths[i] = z
        total = wp.vec3(0.0, 0.0, 0.0)
        done = wp.int32(0)
        for i in range(wanted):
            if (done & (1 << i)) == 0:
                at = sample_offset(i)
                count = wp.float32(1.0)
                for j in range(i + 1, wanted):
                    near = codes[i] < 0 or wp.abs(depths[j] - depths[i]) < SAME_DEPTH * depths[i]
                    if near and codes[j] == codes[i] and (done & (1 << j)) == 0:
                        count += 1.0
                        done = done | (1 << j)
                ray = corner + right * at[0] + down * at[1]
                total += count * radiance(
                    s, person, place, shadows, pose, o, right, down, ray, codes[i], depths[i], keys[base + i]
                )
        total = total / float(wanted)
        first = (b * pixels + pixel) * 3
        out[first] = encode(total[0], curve)
        out[first + 1] = encode(total[1], curve)
        out[first + 2] = encode(total[2], curve)


@wp.kernel
def read_centre(
    f: Frames,
    run: int,
    keys: wp.array(dtype=wp.uint64),
    mask: wp.array(dtype=wp.uint8),
    depth: wp.array(dtype=float),
):
    """Mask and planar depth of the sample at each pixel's centre."""
    b, strip = wp.tid()
    pixels = f.size[0] * f.size[1]
    for pixel in range(strip * run, wp.min(strip * run + run, pixels)):
        y = pixel // f.size[0]
        x = pixel - y * f.size[0]
        z = floor_depth(f.position[b], ray_at(f, b, float(x) + 0.5, float(y) + 0.5))
        person = wp.uint8(0)
        i = b * pixels + pixel
        key = keys[i * f.samples]
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
