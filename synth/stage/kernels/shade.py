"""From the visibility buffer to colour, mask and depth.

Each pixel gathers the surfaces its samples see, shades each distinct one once and weighs it by its samples
(multi-sample anti-aliasing). The floor is no mesh: it is the plane z = 0 met by the pixel's ray, so its depth is exact
and needs no clipping. Mask and depth are those of the sample at the pixel's centre.
"""

import warp as wp

from synth.stage.kernels.ground import FAR, floor_depth
from synth.stage.kernels.light import Scene
from synth.stage.kernels.mesh import SAMPLES, Frames, Surface, sample_offset
from synth.stage.kernels.sky import sky_colour
from synth.stage.kernels.surfaces import Shadows, shade_face, shade_floor

wp.set_module_options({"enable_backward": False})

EMPTY = wp.constant(wp.uint64(0xFFFFFFFFFFFFFFFF))
PLACE = wp.constant(1 << 30)
SKY = wp.constant(-2)
FLOOR = wp.constant(-1)
SAME_DEPTH = wp.constant(0.04)  # surfaces of one material further apart than this share of their depth are two


ints = wp.types.vector(length=SAMPLES, dtype=wp.int32)
floats = wp.types.vector(length=SAMPLES, dtype=wp.float32)


@wp.func
def ray_at(f: Frames, b: int, x: float, y: float):
    """World direction of the pixel (x, y), its component along the view direction being 1."""
    return wp.transpose(f.axes[b]) * wp.vec3((x - f.centre[0]) / f.focal[b], (y - f.centre[1]) / f.focal[b], 1.0)


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
