"""The data that the kernels share: meshes, the frames under way, and where samples lie in a pixel."""

import warp as wp

SAMPLES = 5


@wp.struct
class Surface:
    """A mesh: vertices of every pose one after the other (pose_stride apart, 0 where all poses share them), faces
    with their material, flags and part label, and the materials' textures.

    guard: which of the planes `guards` (n, d) a face with the flag GUARDED has: only cameras at n . x >= d see it.
    """

    points: wp.array(dtype=wp.vec3)
    normals: wp.array(dtype=wp.vec3)
    pose_stride: int
    faces: wp.array(dtype=wp.vec3i)
    material: wp.array(dtype=wp.uint8)
    flags: wp.array(dtype=wp.uint8)
    part: wp.array(dtype=wp.uint8)
    uv: wp.array(dtype=wp.vec2)
    tint: wp.array(dtype=wp.vec3)
    texels: wp.array(dtype=wp.uint32)
    levels: wp.array(dtype=wp.vec3i)
    spans: wp.array(dtype=wp.vec2i)
    roughness: wp.array(dtype=float)
    guard: wp.array(dtype=wp.uint8)
    guards: wp.array(dtype=wp.vec4)


@wp.struct
class Frames:
    """The frames under way: each shows a pose from a view, and is the slot-th of those asked for. Of each view: axes
    with the rows right, down and forward, and focal in pixels; of all: centre in pixels and size (width, height).

    box: left, top, right and bottom of each frame beyond which the person cannot be; its samples are not valid there.
    """

    pose: wp.array(dtype=int)
    view: wp.array(dtype=int)
    slot: wp.array(dtype=int)
    box: wp.array(dtype=int)
    axes: wp.array(dtype=wp.mat33)
    position: wp.array(dtype=wp.vec3)
    focal: wp.array(dtype=float)
    centre: wp.vec2
    size: wp.vec2i
    samples: int
    place: int  # whether the place has a mesh
    floor: int  # whether it has a floor


@wp.func
def sample_offset(s: int):
    """Where a sample lies in its pixel: the centre first (mask and depth are read there), then a rotated grid."""
    at = wp.vec2(0.5, 0.5)
    if s == 1:
        at = wp.vec2(0.375, 0.125)
    if s == 2:
        at = wp.vec2(0.875, 0.375)
    if s == 3:
        at = wp.vec2(0.125, 0.625)
    if s == 4:
        at = wp.vec2(0.625, 0.875)
    return at
