"""From the visibility buffers to colour.

Each pixel gathers the surfaces its samples see, shades each distinct one once and weighs it by its samples
(multi-sample anti-aliasing). The place alone is drawn once for all poses. Of a pixel that shows no person only the
light can change: it is taken from the picture of the place unless the person's shadow or shape can darken it, and there
the floor's colour is known already. The sums are the same, so that no pixel depends on which way it came about.
"""

import warp as wp

from synth.stage.kernels.blend import Pixel, gather, sum_of_samples
from synth.stage.kernels.ground import floor_depth
from synth.stage.kernels.light import Scene
from synth.stage.kernels.mesh import SAMPLES, Frames, Surface, sample_offset
from synth.stage.kernels.samples import EMPTY, FLOOR, NOTHING, SKY, box_of, in_box, ints, names, ray_at
from synth.stage.kernels.surfaces import Shadows, floor_itself, light_floor, may_dim, may_shade

wp.set_module_options({"enable_backward": False})

STILL = wp.constant(0)  # kinds of a pixel of the place: nothing of it changes
ALL_FLOOR = wp.constant(1)
OTHER = wp.constant(2)


@wp.func
def encode(colour: wp.vec3, curve: wp.array(dtype=wp.uint8)):
    """Tone curve and sRGB in one table over linear 0..4."""
    return wp.vec3ub(
        curve[int(wp.clamp(colour[0], 0.0, 3.9999) * 8192.0)],
        curve[int(wp.clamp(colour[1], 0.0, 3.9999) * 8192.0)],
        curve[int(wp.clamp(colour[2], 0.0, 3.9999) * 8192.0)],
    )


@wp.func
def step_right(f: Frames, view: int):
    """How rays change from a pixel to the next in its row."""
    return wp.vec3(f.axes[view][0, 0], f.axes[view][0, 1], f.axes[view][0, 2]) / f.focal[view]


@wp.func
def step_down(f: Frames, view: int):
    """How rays change from a pixel to the next in its column."""
    return wp.vec3(f.axes[view][1, 0], f.axes[view][1, 1], f.axes[view][1, 2]) / f.focal[view]


@wp.func
def ball_about(o: wp.vec3, corner: wp.vec3, right: wp.vec3, down: wp.vec3, pixel: Pixel):
    """Centre and radius of a ball that holds what the samples of a pixel show, but for the sky."""
    low = wp.vec3(1.0e9, 1.0e9, 1.0e9)
    high = -low
    for k in range(pixel.wanted):
        if pixel.codes[k] != SKY:
            at = sample_offset(k)
            p = o + (corner + right * at[0] + down * at[1]) * pixel.depths[k]
            low = wp.min(low, p)
            high = wp.max(high, p)
    c = 0.5 * (low + high)
    return wp.vec4(c[0], c[1], c[2], 0.5 * wp.length(high - low) + 0.01)


@wp.func
def near_person(s: Scene, shadows: Shadows, pose: int, ball: wp.vec4):
    """Whether the person can darken anything within a ball."""
    k = shadows.cast[pose]
    d = shadows.dimmed[pose]
    r = ball[3]
    q = s.shadow_axes * wp.vec3(ball[0], ball[1], ball[2])
    shaded = q[0] + r > k[0] and q[1] + r > k[1] and q[0] - r < k[2] and q[1] - r < k[3]
    return shaded or (ball[0] + r > d[0] and ball[1] + r > d[1] and ball[0] - r < d[2] and ball[1] - r < d[3])


@wp.kernel
def shade_place(
    s: Scene, person: Surface, place: Surface, shadows: Shadows, f: Frames, run: int, there: wp.array(dtype=wp.uint64),
    curve: wp.array(dtype=wp.uint8), kind: wp.array(dtype=wp.uint8), itself: wp.array(dtype=wp.vec4),
    out: wp.array(dtype=wp.vec3ub),
):  # fmt: skip
    """One thread per view and run of pixels: the picture of the place alone; the kind of each pixel; and what of a
    pixel of floor no person changes, or a ball about what else is seen."""
    v, strip = wp.tid()
    o = f.position[v]
    right = step_right(f, v)
    down = step_down(f, v)
    pixels = f.size[0] * f.size[1]
    seen = names()
    y = (strip * run) // f.size[0]
    x = strip * run - y * f.size[0] - 1
    for pixel in range(strip * run, wp.min(strip * run + run, pixels)):
        x += 1
        if x == f.size[0]:
            x = 0
            y += 1
        i = v * pixels + pixel
        corner = ray_at(f, v, float(x), float(y))
        for k in range(SAMPLES):
            seen[k] = wp.uint64(EMPTY)
            if f.place != 0:
                seen[k] = there[i * SAMPLES + k]
        shown = gather(person, place, seen, o, corner, right, down, f.floor)
        if shown.wanted == 1 and shown.codes[0] == FLOOR:
            ray = corner + right * 0.5 + down * 0.5
            z = shown.depths[0]
            at = floor_itself(s, place, o, right, down, ray, z)
            kind[i] = wp.uint8(ALL_FLOOR)
            itself[i] = at
            out[i] = encode(light_floor(s, shadows, 0, o, o + ray * z, at), curve)
        else:
            kind[i] = wp.uint8(wp.where(shown.wanted == 1, int(STILL), int(OTHER)))
            itself[i] = ball_about(o, corner, right, down, shown)
            total = sum_of_samples(s, person, place, shadows, 0, o, right, down, corner, shown)
            out[i] = encode(total / float(shown.wanted), curve)


@wp.func
def any_reached(
    s: Scene, shadows: Shadows, pose: int, o: wp.vec3, corner: wp.vec3, right: wp.vec3, down: wp.vec3, shown: Pixel
):
    """Whether the person can darken what any sample shows."""
    found = wp.bool(False)
    for k in range(shown.wanted):
        if shown.codes[k] != SKY and not found:
            at = sample_offset(k)
            p = o + (corner + right * at[0] + down * at[1]) * shown.depths[k]
            found = may_shade(s, shadows, pose, p) or may_dim(shadows, pose, p)
    return found


@wp.kernel
def shade(
    s: Scene, person: Surface, place: Surface, shadows: Shadows, f: Frames, run: int,
    keys: wp.array(dtype=wp.uint64), there: wp.array(dtype=wp.uint64), curve: wp.array(dtype=wp.uint8),
    kind: wp.array(dtype=wp.uint8), itself: wp.array(dtype=wp.vec4), empty: wp.array(dtype=wp.vec3ub),
    out: wp.array(dtype=wp.vec3ub),
):  # fmt: skip
    """One thread per frame and run of pixels: the linear mean of each pixel's samples, tone mapped. kind, itself and
    empty are what `shade_place` found."""
    b, strip = wp.tid()
    box = box_of(f, b)
    view = f.view[b]
    pose = f.pose[b]
    o = f.position[view]
    right = step_right(f, view)
    down = step_down(f, view)
    pixels = f.size[0] * f.size[1]
    seen = names()
    y = (strip * run) // f.size[0]
    x = strip * run - y * f.size[0] - 1
    for pixel in range(strip * run, wp.min(strip * run + run, pixels)):
        x += 1
        if x == f.size[0]:
            x = 0
            y += 1
        i = view * pixels + pixel
        slot = f.slot[b] * pixels + pixel
        nearest = wp.uint64(EMPTY)
        if in_box(box, x, y):
            for k in range(SAMPLES):
                seen[k] = keys[(b * pixels + pixel) * SAMPLES + k]
                nearest = wp.min(nearest, seen[k])
        if nearest == EMPTY and kind[i] == wp.uint8(STILL):
            out[slot] = empty[i]
            continue
        if nearest == EMPTY and kind[i] != wp.uint8(ALL_FLOOR) and not near_person(s, shadows, pose, itself[i]):
            out[slot] = empty[i]
            continue
        corner = ray_at(f, view, float(x), float(y))
        if nearest == EMPTY and kind[i] == wp.uint8(ALL_FLOOR):
            ray = corner + right * 0.5 + down * 0.5
            p = o + ray * floor_depth(o, ray, f.floor)
            if may_dim(shadows, pose, p) or may_shade(s, shadows, pose, p):
                out[slot] = encode(light_floor(s, shadows, pose, o, p, itself[i]), curve)
            else:
                out[slot] = empty[i]
            continue
        for k in range(SAMPLES):
            if nearest == EMPTY:
                seen[k] = wp.uint64(EMPTY)
            if f.place != 0:
                seen[k] = wp.min(seen[k], there[i * SAMPLES + k])
        shown = gather(person, place, seen, o, corner, right, down, f.floor)
        if nearest == EMPTY and not any_reached(s, shadows, pose, o, corner, right, down, shown):
            out[slot] = empty[i]
        else:
            total = sum_of_samples(s, person, place, shadows, pose, o, right, down, corner, shown)
            out[slot] = encode(total / float(shown.wanted), curve)


@wp.kernel
def shade_actor(
    s: Scene, person: Surface, place: Surface, shadows: Shadows, f: Frames, run: int,
    keys: wp.array(dtype=wp.uint64), curve: wp.array(dtype=wp.uint8), out: wp.array(dtype=wp.vec4ub),
):  # fmt: skip
    """One thread per frame and run of pixels: the person alone, whatever stands before it but the floor; the mean of
    the samples that show it, tone mapped, and the share of them as alpha."""
    b, strip = wp.tid()
    box = box_of(f, b)
    view = f.view[b]
    o = f.position[view]
    right = step_right(f, view)
    down = step_down(f, view)
    pixels = f.size[0] * f.size[1]
    codes = ints()
    seen = names()
    y = (strip * run) // f.size[0]
    x = strip * run - y * f.size[0] - 1
    for pixel in range(strip * run, wp.min(strip * run + run, pixels)):
        x += 1
        if x == f.size[0]:
            x = 0
            y += 1
        nearest = wp.uint64(EMPTY)
        if in_box(box, x, y):
            for k in range(SAMPLES):
                seen[k] = keys[(b * pixels + pixel) * SAMPLES + k]
                nearest = wp.min(nearest, seen[k])
        result = wp.vec4ub(wp.uint8(0), wp.uint8(0), wp.uint8(0), wp.uint8(0))
        if nearest != EMPTY:
            corner = ray_at(f, view, float(x), float(y))
            shown = gather(person, place, seen, o, corner, right, down, f.floor)
            covered = wp.int32(0)
            for k in range(SAMPLES):
                codes[k] = int(NOTHING)
                if shown.codes[k] >= 0:
                    codes[k] = shown.codes[k]
                    covered += 1
            if covered > 0:
                shown.codes = codes
                total = sum_of_samples(s, person, place, shadows, f.pose[b], o, right, down, corner, shown)
                rgb = encode(total / float(covered), curve)
                result = wp.vec4ub(rgb[0], rgb[1], rgb[2], wp.uint8(covered * (255 // SAMPLES)))
        out[f.slot[b] * pixels + pixel] = result
