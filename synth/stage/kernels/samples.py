"""What the samples of a pixel show: the visibility buffers of the person and of the place, and the floor, as one.

The place's buffer is that of a view, drawn once for all poses; the person's is that of a frame, and valid within the
frame's box alone. The floor is no mesh: it is the plane z = 0 met by the pixel's ray, so its depth is exact and needs
no clipping.
"""

import warp as wp

from synth.stage.kernels.ground import FAR
from synth.stage.kernels.mesh import SAMPLES, Frames, Surface

EMPTY = wp.constant(wp.uint64(0xFFFFFFFFFFFFFFFF))
NEAREST = wp.constant(wp.uint32(0xFFFFFFFF))
PLACE = wp.constant(1 << 30)
SKY = wp.constant(-2)
FLOOR = wp.constant(-1)
NOTHING = wp.constant(-3)

ints = wp.types.vector(length=SAMPLES, dtype=wp.int32)
floats = wp.types.vector(length=SAMPLES, dtype=wp.float32)
names = wp.types.vector(length=SAMPLES, dtype=wp.uint64)


@wp.func
def ray_at(f: Frames, view: int, x: float, y: float):
    """World direction of the pixel (x, y), its component along the view direction being 1."""
    focal = f.focal[view]
    return wp.transpose(f.axes[view]) * wp.vec3((x - f.centre[0]) / focal, (y - f.centre[1]) / focal, 1.0)


@wp.func
def box_of(f: Frames, b: int):
    """Left, top, right and bottom of the pixels where the person may be in a frame."""
    return wp.vec4i(f.box[4 * b], f.box[4 * b + 1], f.box[4 * b + 2], f.box[4 * b + 3])


@wp.func
def in_box(box: wp.vec4i, x: int, y: int):
    return x >= box[0] and y >= box[1] and x < box[2] and y < box[3]


@wp.func
def depth_of(key: wp.uint64):
    """Planar depth of a sample, metres."""
    return 1.0 / wp.cast(NEAREST - wp.uint32(key >> wp.uint64(32)), float)


@wp.func
def face_of(key: wp.uint64):
    """The face a key names, the place's from PLACE on."""
    return int(wp.uint32(key & wp.uint64(0xFFFFFFFF)))


@wp.func
def person_at(box: wp.vec4i, x: int, y: int, keys: wp.array(dtype=wp.uint64), i: int, far: float):
    """The key i, that of the centre of the pixel (x, y), if it names a face of the person no farther than `far`; EMPTY
    if not."""
    key = wp.uint64(EMPTY)
    if in_box(box, x, y):
        key = keys[i]
        if key != EMPTY and depth_of(key) > far:
            key = wp.uint64(EMPTY)
    return key


@wp.func
def nearest_surface(person: Surface, place: Surface, key: wp.uint64, ground: float):
    """What a sample shows and how far it is: SKY, FLOOR, or the material of a face, the place's from 256 on."""
    z = ground
    code = int(SKY)
    if ground < FAR:
        code = int(FLOOR)
    if key != EMPTY:
        near = depth_of(key)
        if near <= ground:
            z = near
            face = face_of(key)
            if face < PLACE:  # noqa: SIM108 (a conditional expression would read both arrays)
                code = int(person.material[face])
            else:
                code = 256 + int(place.material[face - PLACE])
    return code, z
