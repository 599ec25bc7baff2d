"""What a surface looks like where a ray meets it: the floor, and a face of the person's mesh or of the place's.

Attributes of a face come from where the ray meets its plane, texture derivatives from the plane analytically.
"""

import warp as wp

from synth.stage.kernels.ground import floor_albedo, floor_map
from synth.stage.kernels.light import Scene, hazed, irradiance, lit_surface, openness, place_shadow_at, shadow_at
from synth.stage.kernels.mesh import Surface
from synth.stage.kernels.sky import picture_colour, undo_tone
from synth.stage.kernels.texture import colour_of, trilinear

TILE = wp.constant(8)  # texels of the sun's map a side, in its map of where anything is


@wp.struct
class Shadows:
    """Depth maps of the sun: of each pose, and of the place; the spheres that stand for each pose's body, and the
    rectangle (low x, low y, high x, high y) of the floor beyond which they hide nothing of the sky.

    tiles: for each tile of a pose's map whether anything is in it or near it; cast: the rectangle of the sun's picture
    (low x, low y, high x, high y) that holds all such tiles.
    """

    view: wp.array(dtype=wp.vec4)
    body: wp.array(dtype=wp.uint32)
    tiles: wp.array(dtype=wp.uint8)
    place: wp.array(dtype=wp.uint32)
    spheres: wp.array(dtype=wp.vec4)
    dimmed: wp.array(dtype=wp.vec4)
    cast: wp.array(dtype=wp.vec4)


@wp.func
def may_shade(s: Scene, shadows: Shadows, pose: int, p: wp.vec3):
    """Whether the person's shadow can fall on p, or on a point of its surface lifted by less than a tile: false spares
    looking at the sun's map, which would say that all of the sun reaches p."""
    k = shadows.view[pose]
    q = s.shadow_axes * p
    n = s.shadow_size // TILE
    scale = float(n) / (2.0 * k[2])
    x = (q[0] - k[0]) * scale + 0.5 * float(n)
    y = (q[1] - k[1]) * scale + 0.5 * float(n)
    found = wp.bool(False)
    if x > -1.0 and y > -1.0 and x < float(n) + 1.0 and y < float(n) + 1.0:
        column = int(wp.clamp(x, 0.0, float(n - 1)))
        row = int(wp.clamp(y, 0.0, float(n - 1)))
        found = shadows.tiles[(pose * n + row) * n + column] != wp.uint8(0)
    return found


@wp.func
def may_dim(shadows: Shadows, pose: int, p: wp.vec3):
    """Whether the person can hide any of the sky from the floor at p."""
    k = shadows.dimmed[pose]
    return p[0] > k[0] and p[1] > k[1] and p[0] < k[2] and p[1] < k[3]


@wp.func
def sun_on(s: Scene, shadows: Shadows, pose: int, p: wp.vec3, lifted: wp.vec3, n: wp.vec3, person: int):
    """Share of the sun at p, and at `lifted` as far as the place's own shadows go. They spare the person and fade out
    about the origin, where it stands: its light must not depend on which tree the sun is behind, nor, indoors, on how
    far from the lamp it is."""
    nl = wp.dot(n, s.sun)
    share = wp.float32(0.0)
    if nl > 0.0:
        size = s.shadow_size
        share = wp.float32(1.0)
        if may_shade(s, shadows, pose, p):
            share = shadow_at(s.shadow_axes, shadows.view[pose], size, shadows.body, pose * size * size, p, nl, n)
        if person == 0 and s.place_shadow_size > 1 and share > 0.0:
            there = place_shadow_at(s.shadow_axes, s.place_view, s.place_shadow_size, shadows.place, lifted)
            near = wp.clamp((wp.length(wp.vec2(p[0], p[1])) - s.fade_from) * s.fade_slope, 0.0, 1.0)
            share = share * (1.0 - near * (1.0 - there))
        if person == 0:
            share = share / (1.0 + s.falloff * (p[0] * p[0] + p[1] * p[1]))
    return share


@wp.func
def floor_itself(s: Scene, place: Surface, o: wp.vec3, right: wp.vec3, down: wp.vec3, ray: wp.vec3, z: float):
    """What of the floor no person changes, where a ray meets it at planar depth z: its linear colour, or the picture's
    where it only catches shadows, and the share of the sky that things leave it; right and down are the ray's steps a
    pixel."""
    p = o + ray * z
    if s.floor_look != 0:
        shown = picture_colour(s, place, ray, right, down)
        return wp.vec4(shown[0], shown[1], shown[2], floor_map(s, place, wp.vec2(p[0], p[1]))[2])
    dx = (right - ray * (right[2] / ray[2])) * z
    dy = (down - ray * (down[2] / ray[2])) * z
    at = wp.vec2(p[0], p[1])
    drawn = floor_map(s, place, at)
    albedo = floor_albedo(s, place, at, wp.vec2(dx[0], dx[1]), wp.vec2(dy[0], dy[1]), drawn)
    return wp.vec4(albedo[0], albedo[1], albedo[2], drawn[2])


@wp.func
def light_floor(s: Scene, shadows: Shadows, pose: int, o: wp.vec3, p: wp.vec3, itself: wp.vec4):
    """Radiance towards o of the floor at p, which is `itself` there."""
    n = wp.vec3(0.0, 0.0, 1.0)
    free = itself[3]
    if may_dim(shadows, pose, p):
        free = free * openness(shadows.spheres, pose * s.occluders, s.occluders, p, n, 0.0)
    light = irradiance(s, n) * free + s.sun_colour * (s.sun[2] * sun_on(s, shadows, pose, p, p, n, 0))
    colour = wp.cw_mul(wp.vec3(itself[0], itself[1], itself[2]), light)
    if s.floor_look != 0:
        full = irradiance(s, n) + s.sun_colour * s.sun[2]
        share = (light[0] + light[1] + light[2]) / (full[0] + full[1] + full[2] + 1.0e-4)
        colour = undo_tone(wp.vec3(itself[0], itself[1], itself[2]) * wp.min(share, 1.0))
    else:
        colour = hazed(s, colour, wp.length(p - o))
    return colour


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


@wp.struct
class Hit:
    """Where a ray meets the plane of a face: barycentrics w within the face, the point there and how deep it is;
    across: the plane's normal, unscaled; facing: its product with the ray, below 0 from outside; g1 and g2: how the
    second and third barycentric change over space."""

    corner: wp.vec3i
    w: wp.vec3
    p: wp.vec3
    z: float
    across: wp.vec3
    facing: float
    g1: wp.vec3
    g2: wp.vec3


@wp.func
def meet(m: Surface, face: int, pose: int, o: wp.vec3, ray: wp.vec3):
    """The `Hit` of a face of a pose; barycentrics are clamped, as a sample may lie outside by a hair."""
    h = Hit()
    t = m.faces[face] + wp.vec3i(pose * m.pose_stride)
    v0 = m.points[t[0]]
    e1 = m.points[t[1]] - v0
    e2 = m.points[t[2]] - v0
    across = wp.cross(e1, e2)
    facing = wp.dot(across, ray)
    if wp.abs(facing) < 1.0e-12:
        facing = wp.where(facing < 0.0, -1.0e-12, 1.0e-12)
    inverse = 1.0 / wp.max(wp.dot(across, across), 1.0e-20)
    g1 = wp.cross(e2, across) * inverse
    g2 = wp.cross(across, e1) * inverse
    z = wp.dot(across, v0 - o) / facing
    w1 = wp.clamp(wp.dot(o + ray * z - v0, g1), 0.0, 1.0)
    w2 = wp.clamp(wp.dot(o + ray * z - v0, g2), 0.0, 1.0 - w1)
    h.corner = t
    h.w = wp.vec3(1.0 - w1 - w2, w1, w2)
    h.p = v0 + e1 * w1 + e2 * w2
    h.z = z
    h.across = across
    h.facing = facing
    h.g1 = g1
    h.g2 = g2
    return h


@wp.func
def smooth_normal(m: Surface, h: Hit):
    """Unit normal at a hit, interpolated between the vertices."""
    n = m.normals[h.corner[0]] * h.w[0] + m.normals[h.corner[1]] * h.w[1] + m.normals[h.corner[2]] * h.w[2]
    return wp.normalize(n)


@wp.func
def shade_face(
    s: Scene, m: Surface, face: int, person: int, shadows: Shadows, pose: int, o: wp.vec3, right: wp.vec3,
    down: wp.vec3, ray: wp.vec3,
):  # fmt: skip
    """Radiance of a face where a ray meets its plane; person: 1 for the person's mesh, 0 for the place's."""
    h = meet(m, face, pose, o, ray)
    n = smooth_normal(m, h)
    p = h.p
    dx = (right - ray * (wp.dot(h.across, right) / h.facing)) * h.z
    dy = (down - ray * (wp.dot(h.across, down) / h.facing)) * h.z
    sx = wp.vec2(wp.dot(h.g1, dx), wp.dot(h.g2, dx))
    sy = wp.vec2(wp.dot(h.g1, dy), wp.dot(h.g2, dy))
    albedo = texture_at(m, face, h.w, sx, sy)
    away = wp.length(p - o)
    view = (o - p) / wp.max(away, 1.0e-6)
    free = wp.float32(1.0)
    lifted = p
    if person != 0:  # of a place leaves keep the normal of their crown on either side
        if h.facing > 0.0:
            n = -n
        free = openness(shadows.spheres, pose * s.occluders, s.occluders, p, n, 2.5)
    else:
        albedo = wp.cw_mul(
            albedo, m.tint[h.corner[0]] * h.w[0] + m.tint[h.corner[1]] * h.w[1] + m.tint[h.corner[2]] * h.w[2]
        )
        if may_dim(shadows, pose, p):
            free = openness(shadows.spheres, pose * s.occluders, s.occluders, p, n, 0.0)
        lifted = p + s.sun * 0.5  # leaves and edges must not darken themselves in the place's coarse map
    share = sun_on(s, shadows, pose, p, lifted, n, person)
    colour = lit_surface(s, albedo, m.roughness[int(m.material[face])], n, view, share, free)
    if person == 0:
        colour = hazed(s, colour, away)
    return colour
