"""From the visibility buffers to ground truth: mask, parts, depth, normals and flow of the sample at each pixel's
centre, all of the one surface that the picture shows there."""

import warp as wp

from synth.stage.kernels.ground import FAR, floor_depth
from synth.stage.kernels.mesh import Frames, Surface
from synth.stage.kernels.raster import NEAR
from synth.stage.kernels.samples import EMPTY, PLACE, box_of, depth_of, face_of, person_at, ray_at
from synth.stage.kernels.surfaces import meet, smooth_normal

wp.set_module_options({"enable_backward": False})

PROP = wp.constant(200)  # the part label of what is no person, see meshes.py


@wp.func
def seen_normal(m: Surface, face: int, pose: int, o: wp.vec3, ray: wp.vec3):
    """Unit normal of a face where a ray from o meets it, of the side that is seen. Near a silhouette the interpolated
    one may point away from the eye by a few degrees; it is turned out of the half space that the ray cannot see."""
    h = meet(m, face, pose, o, ray)
    n = smooth_normal(m, h)
    if wp.dot(n, ray) > 0.0 and h.facing > 0.0:
        n = -n
    d = wp.normalize(ray)
    return wp.normalize(n - d * wp.max(wp.dot(n, d), 0.0))


@wp.kernel
def place_truth(
    place: Surface, f: Frames, run: int, there: wp.array(dtype=wp.uint64), depth: wp.array(dtype=float),
    normal: wp.array(dtype=wp.vec3),
):  # fmt: skip
    """One thread per view and run of pixels: planar depth of the place alone, and its normal where
    that has a length."""
    v, strip = wp.tid()
    pixels = f.size[0] * f.size[1]
    o = f.position[v]
    y = (strip * run) // f.size[0]
    x = strip * run - y * f.size[0] - 1
    for pixel in range(strip * run, wp.min(strip * run + run, pixels)):
        x += 1
        if x == f.size[0]:
            x = 0
            y += 1
        i = v * pixels + pixel
        ray = ray_at(f, v, float(x) + 0.5, float(y) + 0.5)
        z = floor_depth(o, ray, f.floor)
        n = wp.vec3(0.0, 0.0, 0.0)
        if z < FAR:
            n = wp.vec3(0.0, 0.0, 1.0)
        key = wp.uint64(EMPTY)
        if f.place != 0:
            key = there[i * f.samples]
        if key != EMPTY and depth_of(key) <= z:
            z = depth_of(key)
            if normal.shape[0] > 0:
                n = seen_normal(place, face_of(key) - PLACE, 0, o, ray)
        depth[i] = wp.where(z >= FAR, wp.inf, z)
        if normal.shape[0] > 0:
            normal[i] = n


@wp.kernel
def labels(
    m: Surface, f: Frames, run: int, keys: wp.array(dtype=wp.uint64), far: wp.array(dtype=float),
    mask: wp.array(dtype=wp.uint8), parts: wp.array(dtype=wp.uint8), depth: wp.array(dtype=float),
):  # fmt: skip
    """Mask, part labels and planar depth; those of them that have a length. far: depth of the place."""
    b, strip = wp.tid()
    box = box_of(f, b)
    pixels = f.size[0] * f.size[1]
    y = (strip * run) // f.size[0]
    x = strip * run - y * f.size[0] - 1
    for pixel in range(strip * run, wp.min(strip * run + run, pixels)):
        x += 1
        if x == f.size[0]:
            x = 0
            y += 1
        z = far[f.view[b] * pixels + pixel]
        key = person_at(box, x, y, keys, (b * pixels + pixel) * f.samples, z)
        part = wp.uint8(0)
        if key != EMPTY:
            z = depth_of(key)
            part = m.part[face_of(key)]
        i = f.slot[b] * pixels + pixel
        if mask.shape[0] > 0:
            mask[i] = wp.where(part > wp.uint8(0) and part != wp.uint8(PROP), wp.uint8(1), wp.uint8(0))
        if parts.shape[0] > 0:
            parts[i] = part
        if depth.shape[0] > 0:
            depth[i] = z


@wp.kernel
def normals(
    m: Surface, f: Frames, run: int, keys: wp.array(dtype=wp.uint64), far: wp.array(dtype=float),
    still: wp.array(dtype=wp.vec3), out: wp.array(dtype=wp.vec3),
):  # fmt: skip
    """Unit normals in the world's frame, those of faces interpolated and facing the camera; 0 where nothing is. far
    and still: depth and normals of the place."""
    b, strip = wp.tid()
    box = box_of(f, b)
    pixels = f.size[0] * f.size[1]
    y = (strip * run) // f.size[0]
    x = strip * run - y * f.size[0] - 1
    for pixel in range(strip * run, wp.min(strip * run + run, pixels)):
        x += 1
        if x == f.size[0]:
            x = 0
            y += 1
        i = f.view[b] * pixels + pixel
        n = still[i]
        key = person_at(box, x, y, keys, (b * pixels + pixel) * f.samples, far[i])
        if key != EMPTY:
            ray = ray_at(f, f.view[b], float(x) + 0.5, float(y) + 0.5)
            n = seen_normal(m, face_of(key), f.pose[b], f.position[f.view[b]], ray)
        out[f.slot[b] * pixels + pixel] = n


@wp.kernel
def flow(
    m: Surface, f: Frames, run: int, keys: wp.array(dtype=wp.uint64), far: wp.array(dtype=float),
    out: wp.array(dtype=wp.vec2),
):  # fmt: skip
    """Pixels by which the surface point under each pixel's centre moves to the next pose; the place stands still. far:
    depth of the place."""
    b, strip = wp.tid()
    box = box_of(f, b)
    pixels = f.size[0] * f.size[1]
    view = f.view[b]
    o = f.position[view]
    y = (strip * run) // f.size[0]
    x = strip * run - y * f.size[0] - 1
    for pixel in range(strip * run, wp.min(strip * run + run, pixels)):
        x += 1
        if x == f.size[0]:
            x = 0
            y += 1
        moved = wp.vec2(0.0, 0.0)
        key = person_at(box, x, y, keys, (b * pixels + pixel) * f.samples, far[view * pixels + pixel])
        if key != EMPTY:
            at = wp.vec2(float(x) + 0.5, float(y) + 0.5)
            h = meet(m, face_of(key), f.pose[b], o, ray_at(f, view, at[0], at[1]))
            t = h.corner + wp.vec3i(m.pose_stride)
            c = f.axes[view] * (m.points[t[0]] * h.w[0] + m.points[t[1]] * h.w[1] + m.points[t[2]] * h.w[2] - o)
            scale = f.focal[view] / wp.max(c[2], NEAR)
            moved = wp.vec2(c[0], c[1]) * scale + f.centre - at
        out[f.slot[b] * pixels + pixel] = moved
