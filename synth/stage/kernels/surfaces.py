"""What a surface looks like where a ray meets it: the floor, and a face of the person's mesh or of the place's.

Attributes of a face come from where the ray meets its plane, texture derivatives from the plane analytically.
"""

import warp as wp

from synth.stage.kernels.ground import floor_albedo, floor_map
from synth.stage.kernels.light import Scene, hazed, irradiance, lit_surface, openness, place_shadow_at, shadow_at
from synth.stage.kernels.mesh import Surface
from synth.stage.kernels.texture import colour_of, trilinear


@wp.struct
class Shadows:
    """Depth maps of the sun: of each pose, and of the place; and the spheres that stand for each pose's body."""

    view: wp.array(dtype=wp.vec4)
    body: wp.array(dtype=wp.uint32)
    place: wp.array(dtype=wp.uint32)
    spheres: wp.array(dtype=wp.vec4)


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
