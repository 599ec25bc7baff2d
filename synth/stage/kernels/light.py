"""Light at a point: the sun with its shadow, the sky's irradiance, what the body hides of it, and a glossy lobe.

Diffuse is Lambert; the lobe is GGX with the visibility term of Karis (Physically Based Shading on Mobile, 2014) and
Schlick's Fresnel at F0 = 0.04. The sky's irradiance is a first-order fit in the normal. Bodies hide sky light as
spheres do: cos * (r / d) ** 2.
"""

import warp as wp


@wp.struct
class Scene:
    """Light, sky and floor of a place under a sun; colours are linear, radiance over that of a white sunlit wall."""

    sun: wp.vec3
    sun_colour: wp.vec3
    ambient: wp.vec3
    ambient_x: wp.vec3
    ambient_y: wp.vec3
    ambient_z: wp.vec3
    zenith: wp.vec3
    horizon: wp.vec3
    far: wp.vec3  # what the distance fades to
    glow: wp.vec3
    cloud_light: wp.vec3
    backdrop_light: wp.vec3
    has_clouds: int
    backdrop_top: float  # tangent of the elevation up to which the backdrop reaches, 0 for none
    backdrop_texels: float  # of the backdrop in a radian
    floor_tile: float
    path_tile: float
    has_path: int
    map_extent: float
    haze: float
    shadow_axes: wp.mat33
    shadow_size: int
    place_view: wp.vec4
    place_shadow_size: int
    occluders: int
    frame: wp.vec2  # width and height of the picture under way
    picture: int  # 0: a sky; 1: an equirectangular picture; 2: one that fills the frame
    floor_look: int  # 0: textured; 1: the picture behind it, darkened where the sun does not reach
    dusk: wp.vec3  # what a low sun adds to the sky about it
    falloff: float  # per square metre: how light fades away from the origin, indoors
    fade_from: float  # metres from the origin at which the place's own shadows begin, and how fast they do
    fade_slope: float


@wp.func
def shadow_at(
    axes: wp.mat33,
    view: wp.vec4,
    n: int,
    depths: wp.array(dtype=wp.uint32),
    base: int,
    p: wp.vec3,
    nl: float,
    normal: wp.vec3,
):
    """Share of the sun that reaches p, 0..1: a tent of 4 x 4 texels; p is lifted off its surface against acne."""
    texel = 2.0 * view[2] / float(n)
    q = axes * (p + normal * (texel * (0.7 + 2.0 * (1.0 - nl))))
    u = (q[0] - view[0]) / texel + 0.5 * float(n) - 0.5
    v = (q[1] - view[1]) / texel + 0.5 * float(n) - 0.5
    lit = wp.float32(1.0)
    if u > 1.0 and v > 1.0 and u < float(n) - 3.0 and v < float(n) - 3.0:
        depth = view[3] - q[2] - texel
        x0 = int(u)
        y0 = int(v)
        fx = u - float(x0)
        fy = v - float(y0)
        lit = wp.float32(0.0)
        for j in range(4):
            row = base + (y0 + j - 1) * n + x0 - 1
            a = wp.float32(0.0)
            b = wp.float32(0.0)
            c = wp.float32(0.0)
            d = wp.float32(0.0)
            if depth < wp.cast(depths[row], float):
                a = 1.0
            if depth < wp.cast(depths[row + 1], float):
                b = 1.0
            if depth < wp.cast(depths[row + 2], float):
                c = 1.0
            if depth < wp.cast(depths[row + 3], float):
                d = 1.0
            line = a * (1.0 - fx) + b + c + d * fx
            if j == 0:
                line = line * (1.0 - fy)
            if j == 3:
                line = line * fy
            lit += line
        lit = lit * 0.1111111111
    return lit


@wp.func
def place_shadow_at(axes: wp.mat33, view: wp.vec4, n: int, depths: wp.array(dtype=wp.uint32), p: wp.vec3):
    """Share of the sun at p that the place's things leave, 0..1: bilinear over 2 x 2 texels."""
    texel = 2.0 * view[2] / float(n)
    q = axes * p
    u = (q[0] - view[0]) / texel + 0.5 * float(n) - 0.5
    v = (q[1] - view[1]) / texel + 0.5 * float(n) - 0.5
    lit = wp.float32(1.0)
    if u > 1.0 and v > 1.0 and u < float(n) - 2.0 and v < float(n) - 2.0:
        depth = view[3] - q[2] - texel
        x = int(u)
        y = int(v)
        fx = u - float(x)
        fy = v - float(y)
        i = y * n + x
        lit = wp.float32(0.0)
        if depth < wp.cast(depths[i], float):
            lit += (1.0 - fx) * (1.0 - fy)
        if depth < wp.cast(depths[i + 1], float):
            lit += fx * (1.0 - fy)
        if depth < wp.cast(depths[i + n], float):
            lit += (1.0 - fx) * fy
        if depth < wp.cast(depths[i + n + 1], float):
            lit += fx * fy
    return lit


@wp.func
def irradiance(s: Scene, n: wp.vec3):
    """Sky and ground light on a surface of normal n, over pi."""
    e = s.ambient + s.ambient_x * n[0] + s.ambient_y * n[1] + s.ambient_z * n[2]
    return wp.max(e, wp.vec3(0.0, 0.0, 0.0))


@wp.func
def openness(occluders: wp.array(dtype=wp.vec4), first: int, count: int, p: wp.vec3, n: wp.vec3, skip: float):
    """Share of the sky's light at p that the body's spheres leave; those within `skip` radii count as p's own."""
    free = wp.float32(1.0)
    for k in range(count):
        ball = occluders[first + k]
        away = wp.vec3(ball[0], ball[1], ball[2]) - p
        d2 = wp.dot(away, away)
        r2 = ball[3] * ball[3]
        facing = wp.dot(n, away)
        if facing > 0.0 and d2 < r2 * 36.0 and d2 > r2 * skip:
            inverse = 1.0 / wp.max(d2, 1.0e-8)
            share = facing * wp.sqrt(inverse) * wp.min(r2 * inverse, 1.0)
            share = share * wp.clamp((d2 / r2 - skip) * 0.5, 0.0, 1.0)
            free = free * (1.0 - 0.7 * share)
    return free


@wp.func
def lit_surface(s: Scene, albedo: wp.vec3, roughness: float, n: wp.vec3, view: wp.vec3, sun_share: float, free: float):
    """Radiance towards the eye (unit vector view) of a surface; sun_share includes no cosine."""
    nl = wp.max(wp.dot(n, s.sun), 0.0)
    out = wp.cw_mul(albedo, irradiance(s, n) * free + s.sun_colour * (nl * sun_share))
    if roughness < 0.95:
        nv = wp.max(wp.dot(n, view), 0.0)
        rim = 1.0 - nv
        rim = rim * rim * rim * rim * rim
        mirror = n * (2.0 * nv) - view
        out += irradiance(s, mirror) * (free * (0.04 + wp.max(0.75 - roughness, 0.0) * rim))
        if nl > 0.0 and sun_share > 0.0:
            h = wp.normalize(s.sun + view)
            nh = wp.dot(n, h)
            lh = wp.max(wp.dot(s.sun, h), 0.05)
            a2 = roughness * roughness * roughness * roughness
            t = nh * nh * (a2 - 1.0) + 1.0
            f = 1.0 - lh
            f = 0.04 + 0.96 * f * f * f * f * f
            lobe = a2 * f / (4.0 * t * t * lh * lh * (roughness + 0.5))
            out += s.sun_colour * (wp.min(lobe, 4.0) * nl * sun_share)
    return out


@wp.func
def hazed(s: Scene, colour: wp.vec3, distance: float):
    """Colour seen through `distance` metres of air."""
    k = wp.exp(-distance * s.haze)
    return colour * k + s.far * (1.0 - k)
