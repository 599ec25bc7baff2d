"""Posing on the device: bone transforms, linear blend skinning, normals, props, and the sun's view of each pose.

Skinning: v = sum_k w_k (D_k (v_rest - head_k) + h_k), with D the world rotation of a bone relative to rest and
h_c = h_p + D_p (head_c - head_p) down the tree. Normals are gathered over an incidence list in a fixed order, so that
no sum depends on how threads are scheduled.
"""

import warp as wp

wp.set_module_options({"enable_backward": False})

PROP_REACH = wp.constant(2.5)  # metres beside the body within which a prop widens the sun's map


@wp.kernel
def place_bones(
    rotations: wp.array(dtype=wp.mat33),
    roots: wp.array(dtype=wp.vec3),
    heads: wp.array(dtype=wp.vec3),
    parents: wp.array(dtype=int),
    prop_linear: wp.array(dtype=wp.mat33),
    prop_offset: wp.array(dtype=wp.vec3),
    props: int,
    turn: wp.mat33,
    shift: wp.vec3,
    linear: wp.array(dtype=wp.mat33),
    offset: wp.array(dtype=wp.vec3),
    joints: wp.array(dtype=wp.vec3),
):
    """One thread per pose: the world transform of each bone and, after the bones, of each prop."""
    pose = wp.tid()
    bones = heads.shape[0]
    first = pose * (bones + props)
    for j in range(bones):
        i = pose * bones + j
        parent = parents[j]
        head = roots[pose]
        if parent >= 0:
            head = joints[pose * bones + parent] + rotations[pose * bones + parent] * (heads[j] - heads[parent])
        joints[i] = head
        linear[first + j] = turn * rotations[i]
        offset[first + j] = turn * (head - rotations[i] * heads[j]) + shift
    for j in range(bones):
        joints[pose * bones + j] = turn * joints[pose * bones + j] + shift
    for k in range(props):
        linear[first + bones + k] = turn * prop_linear[pose * props + k]
        offset[first + bones + k] = turn * prop_offset[pose * props + k] + shift


@wp.kernel
def sun_view(
    joints: wp.array(dtype=wp.vec3),
    bones: int,
    corners: wp.array(dtype=wp.vec3),
    linear: wp.array(dtype=wp.mat33),
    offset: wp.array(dtype=wp.vec3),
    props: int,
    sun_axes: wp.mat33,
    shadow_size: float,
    view: wp.array(dtype=wp.vec4),
):
    """One thread per pose: the square that the sun's map covers (x, y, half side, and the height from which its depths
    count). It holds the joints with a margin for flesh, and the eight corners of the box of each prop near them
    that has a size."""
    pose = wp.tid()
    low = wp.vec3(1.0e9, 1.0e9, 1.0e9)
    high = -low
    for j in range(bones):
        seen = sun_axes * joints[pose * bones + j]
        low = wp.min(low, seen)
        high = wp.max(high, seen)
    reach = wp.vec3(PROP_REACH, PROP_REACH, PROP_REACH)
    near_low = low - reach
    near_high = high + reach
    margin = wp.vec3(0.3, 0.3, 0.0)
    low -= margin
    high += margin
    for k in range(props):
        b = pose * (bones + props) + bones + k
        prop_low = wp.vec3(1.0e9, 1.0e9, 1.0e9)
        prop_high = -prop_low
        for c in range(8):
            seen = sun_axes * (linear[b] * corners[8 * k + c] + offset[b])
            prop_low = wp.min(prop_low, seen)
            prop_high = wp.max(prop_high, seen)
        middle = 0.5 * (prop_low + prop_high)
        off = middle - wp.min(wp.max(middle, near_low), near_high)
        if off[0] == 0.0 and off[1] == 0.0 and wp.length(prop_high - prop_low) > 1.0e-6:
            low = wp.min(low, prop_low)
            high = wp.max(high, prop_high)
    half = 0.5 * wp.max(high[0] - low[0], high[1] - low[1])
    half = wp.ceil(half * 5.0) * 0.2
    texel = 2.0 * half / shadow_size
    centre = 0.5 * (low + high)
    x = wp.floor(centre[0] / texel) * texel
    y = wp.floor(centre[1] / texel) * texel
    view[pose] = wp.vec4(x, y, half, centre[2] + 10.0)


@wp.kernel
def place_spheres(
    sphere: wp.array(dtype=wp.vec4),
    bone: wp.array(dtype=int),
    linear: wp.array(dtype=wp.mat33),
    offset: wp.array(dtype=wp.vec3),
    bones: int,
    props: int,
    out: wp.array(dtype=wp.vec4),
):
    """The spheres that stand for body and props where light is concerned, moved with their bones: centre and radius,
    which grows and shrinks with a prop."""
    pose, k = wp.tid()
    at = sphere[k]
    b = pose * (bones + props) + bone[k]
    p = linear[b] * wp.vec3(at[0], at[1], at[2]) + offset[b]
    radius = at[3]
    if bone[k] >= bones:
        radius = radius * wp.pow(wp.abs(wp.determinant(linear[b])), 0.33333333)
    out[pose * sphere.shape[0] + k] = wp.vec4(p[0], p[1], p[2], radius)


@wp.kernel
def dimmed_floor(spheres: wp.array(dtype=wp.vec4), count: int, reach: float, out: wp.array(dtype=wp.vec4)):
    """The rectangle of the floor (low x, low y, high x, high y) that spheres may darken, each over `reach` radii."""
    pose = wp.tid()
    low = wp.vec2(1.0e6, 1.0e6)
    high = -low
    for k in range(count):
        ball = spheres[pose * count + k]
        span = wp.sqrt(wp.max(reach * reach * ball[3] * ball[3] - ball[2] * ball[2], 0.0)) * 1.001
        if span > 0.0:
            low = wp.min(low, wp.vec2(ball[0] - span, ball[1] - span))
            high = wp.max(high, wp.vec2(ball[0] + span, ball[1] + span))
    out[pose] = wp.vec4(low[0], low[1], high[0], high[1])


@wp.kernel
def place_props(
    points: wp.array(dtype=wp.vec3),
    normals: wp.array(dtype=wp.vec3),
    owner: wp.array(dtype=int),
    linear: wp.array(dtype=wp.mat33),
    offset: wp.array(dtype=wp.vec3),
    stride: int,
    first: int,
    count: int,
    out_points: wp.array(dtype=wp.vec3),
    out_normals: wp.array(dtype=wp.vec3),
):
    """Vertices of the props behind the `first` of the body, `count` a pose. Normals turn by the cofactors of the
    linear part, its inverse transpose but for a factor, which exist at scale 0 too."""
    pose, v = wp.tid()
    b = pose * stride + owner[v]
    m = linear[b]
    c0 = wp.vec3(m[0, 0], m[1, 0], m[2, 0])
    c1 = wp.vec3(m[0, 1], m[1, 1], m[2, 1])
    c2 = wp.vec3(m[0, 2], m[1, 2], m[2, 2])
    n = normals[v]
    i = pose * count + first + v
    out_points[i] = m * points[v] + offset[b]
    out_normals[i] = wp.normalize(wp.cross(c1, c2) * n[0] + wp.cross(c2, c0) * n[1] + wp.cross(c0, c1) * n[2])


@wp.kernel
def skin(
    rest: wp.array(dtype=wp.vec3),
    bone_index: wp.array2d(dtype=int),
    bone_weight: wp.array2d(dtype=float),
    linear: wp.array(dtype=wp.mat33),
    offset: wp.array(dtype=wp.vec3),
    bones: int,
    out: wp.array(dtype=wp.vec3),
):
    """Control vertices of each pose; a vertex's weights are sorted, so the first zero ends its sum."""
    pose, v = wp.tid()
    p = rest[v]
    total = wp.vec3(0.0, 0.0, 0.0)
    for k in range(bone_index.shape[1]):
        w = bone_weight[v, k]
        if w <= 0.0:
            break
        b = pose * bones + bone_index[v, k]
        total += w * (linear[b] * p + offset[b])
    out[pose * rest.shape[0] + v] = total


@wp.kernel
def face_normals(
    faces: wp.array(dtype=wp.vec3i),
    points: wp.array(dtype=wp.vec3),
    stride: int,
    out: wp.array(dtype=wp.vec3),
):
    """Cross products of the control faces: normals weighted by twice the area."""
    pose, f = wp.tid()
    t = faces[f]
    base = pose * stride
    a = points[base + t[0]]
    out[pose * faces.shape[0] + f] = wp.cross(points[base + t[1]] - a, points[base + t[2]] - a)


@wp.kernel
def control_normals(
    first: wp.array(dtype=int),
    incident: wp.array(dtype=int),
    crosses: wp.array(dtype=wp.vec3),
    stride: int,
    out: wp.array(dtype=wp.vec3),
):
    """Unit normals of the control vertices, summed in the order of the incidence list."""
    pose, v = wp.tid()
    total = wp.vec3(0.0, 0.0, 0.0)
    for i in range(first[v], first[v + 1]):
        total += crosses[pose * stride + incident[i]]
    out[pose * (first.shape[0] - 1) + v] = wp.normalize(total)


@wp.kernel
def dress(
    vertex: wp.array(dtype=int),
    distance: wp.array(dtype=float),
    points: wp.array(dtype=wp.vec3),
    normals: wp.array(dtype=wp.vec3),
    stride: int,
    count: int,
    out_points: wp.array(dtype=wp.vec3),
    out_normals: wp.array(dtype=wp.vec3),
):
    """Render vertices of the body, the first of `count` a pose: their control vertex moved along its normal."""
    pose, n = wp.tid()
    c = pose * stride + vertex[n]
    normal = normals[c]
    i = pose * count + n
    out_points[i] = points[c] + normal * distance[n]
    out_normals[i] = normal
