"""Colour of the surfaces that a pixel's samples see, each shaded once (multi-sample anti-aliasing)."""

import warp as wp

from synth.stage.kernels.ground import floor_depth
from synth.stage.kernels.light import Scene
from synth.stage.kernels.mesh import SAMPLES, Surface, sample_offset
from synth.stage.kernels.samples import EMPTY, FLOOR, NOTHING, PLACE, SKY, face_of, floats, ints, names, nearest_surface
from synth.stage.kernels.sky import sky_colour
from synth.stage.kernels.surfaces import Shadows, floor_itself, light_floor, shade_face

SAME_DEPTH = wp.constant(0.04)  # surfaces of one material further apart than this share of their depth are two


@wp.func
def radiance(
    s: Scene, person: Surface, place: Surface, shadows: Shadows, pose: int, o: wp.vec3, right: wp.vec3, down: wp.vec3,
    ray: wp.vec3, code: int, z: float, key: wp.uint64,
):  # fmt: skip
    """Linear colour of what a sample shows."""
    colour = wp.vec3(0.0, 0.0, 0.0)
    face = face_of(key)
    if code == SKY:
        colour = sky_colour(s, place, ray, right, down)
    elif code == FLOOR:
        itself = floor_itself(s, place, o, right, down, ray, z)
        colour = light_floor(s, shadows, pose, o, o + ray * z, itself)
    elif code < 256:
        colour = shade_face(s, person, face, 1, shadows, pose, o, right, down, ray)
    else:
        colour = shade_face(s, place, face - PLACE, 0, shadows, pose, o, right, down, ray)
    return colour


@wp.struct
class Pixel:
    """What the samples of a pixel show: of the first `wanted` the code of the surface, its depth and its key."""

    codes: ints
    depths: floats
    keys: names
    wanted: int


@wp.func
def only_floor_or_sky(o: wp.vec3, corner: wp.vec3, right: wp.vec3, down: wp.vec3):
    """Whether a pixel without a face lies wholly on one side of the horizon, so that its centre speaks for all of
    it."""
    low = corner[2] + wp.min(right[2], 0.0) + wp.min(down[2], 0.0)
    high = corner[2] + wp.max(right[2], 0.0) + wp.max(down[2], 0.0)
    return o[2] <= 0.0 or low >= 0.0 or high < 0.0


@wp.func
def gather(
    person: Surface, place: Surface, keys: names, o: wp.vec3, corner: wp.vec3, right: wp.vec3, down: wp.vec3,
    floor: int,
):  # fmt: skip
    """The `Pixel` whose samples have these keys."""
    nearest = wp.uint64(EMPTY)
    for i in range(SAMPLES):
        nearest = wp.min(nearest, keys[i])
    codes = ints()
    depths = floats()
    out = Pixel()
    out.wanted = SAMPLES
    if nearest == EMPTY and only_floor_or_sky(o, corner, right, down):
        out.wanted = 1
    for i in range(out.wanted):
        at = sample_offset(i)
        code, z = nearest_surface(person, place, keys[i], floor_depth(o, corner + right * at[0] + down * at[1], floor))
        codes[i] = code
        depths[i] = z
    out.codes = codes
    out.depths = depths
    out.keys = keys
    return out


@wp.func
def sum_of_samples(
    s: Scene, person: Surface, place: Surface, shadows: Shadows, pose: int, o: wp.vec3, right: wp.vec3, down: wp.vec3,
    corner: wp.vec3, pixel: Pixel,
):  # fmt: skip
    """Linear colour summed over the samples of a pixel but those that show NOTHING; each distinct surface is shaded
    once, at the first sample that shows it."""
    total = wp.vec3(0.0, 0.0, 0.0)
    done = wp.int32(0)
    for i in range(pixel.wanted):
        code = pixel.codes[i]
        if (done & (1 << i)) == 0 and code != NOTHING:
            at = sample_offset(i)
            z = pixel.depths[i]
            count = wp.float32(1.0)
            for j in range(i + 1, pixel.wanted):
                near = code < 0 or wp.abs(pixel.depths[j] - z) < SAME_DEPTH * z
                if near and pixel.codes[j] == code and (done & (1 << j)) == 0:
                    count += 1.0
                    done = done | (1 << j)
            ray = corner + right * at[0] + down * at[1]
            total += count * radiance(s, person, place, shadows, pose, o, right, down, ray, code, z, pixel.keys[i])
    return total
