"""Posing on the device: bone transforms, linear blend skinning, normals and the sun's view of each pose.

Skinning: v = sum_k w_k (D_k (v_rest - head_k) + h_k), with D the world rotation of a bone relative to rest and
h_c = h_p + D_p (head_c - head_p) down the tree. Normals are gathered over an incidence list in a fixed order, so that
no sum depends on how threads are scheduled.
"""

import warp as wp

wp.set_module_options({"enable_backward": False})


@wp.kernel
def place_bones(
    rotations: wp.array(dtype=wp.mat33),
    roots: wp.array(dtype=wp.vec3),
    heads: wp.array(dtype=wp.vec3),
    parents: wp.array(dtype=int),
    turn: wp.mat33,
    shift: wp.vec3,
    sun_axes: wp.mat33,
    shadow_size: float,
    linear: wp.array(dtype=wp.mat33),
    offset: wp.array(dtype=wp.vec3),
    joints: wp.array(dtype=wp.vec3),
    shadow_view: wp.array(dtype=wp.vec4),
):
    """One thread per pose: world transform of each bone, and the square that the sun's map covers (x, y, half
    side, and the height from which its depths count)."""
    pose = wp.tid()
    bones = heads.shape[0]
    low = wp.vec3(1.0e9, 1.0e9, 1.0e9)
    high = -low
    for j in range(bones):
        i = pose * bones + j
        parent = parents[j]
        head = roots[pose]
        if parent >= 0:
            head = joints[pose * bones + parent] + rotations[pose * bones + parent] * (heads[j] - heads[parent])
        joints[i] = head
        linear[i] = turn * rotations[i]
        offset[i] = turn * (head - rotations[i] * heads[j]) + shift
        seen = sun_axes * (turn * head + shift)
        low = wp.min(low, seen)
        high = wp.max(high, seen)
    for j in range(bones):
        joints[pose * bones + j] = turn * joints[pose * bones + j] + shift
    half = 0.5 * wp.max(high[0] - low[0], high[1] - low[1]) + 0.3
    half = wp.ceil(half * 5.0) * 0.2
    texel = 2.0 * half / shadow_size
    middle = 0.5 * (low + high)
    x = wp.floor(middle[0] / texel) * texel
    y = wp.floor(middle[1] / texel) * texel
    shadow_view[pose] = wp.vec4(x, y, half, middle[2] + 10.0)


@wp.kernel
def place_spheres(
    sphere: wp.array(dtype=wp.vec4),
    bone: wp.array(dtype=int),
    linear: wp.array(dtype=wp.mat33),
    offset: wp.array(dtype=wp.vec3),
    bones: int,
    out: wp.array(dtype=wp.vec4),
):
    """The spheres that stand for the body where light is concerned, moved with their bones: centre and radius."""
    pose, k = wp.tid()
    at = sphere[k]
    b = pose * bones + bone[k]
    p = linear[b] * wp.vec3(at[0], at[1], at[2]) + offset[b]
    out[pose * sphere.shape[0] + k] = wp.vec4(p[0], p[1], p[2], at[3])


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
    out_points: wp.array(dtype=wp.vec3),
    out_normals: wp.array(dtype=wp.vec3),
):
    """Render vertices: their control vertex moved along its normal."""
    pose, n = wp.tid()
    c = pose * stride + vertex[n]
    normal = normals[c]
    i = pose * vertex.shape[0] + n
    out_points[i] = points[c] + normal * distance[n]
    out_normals[i] = normal
