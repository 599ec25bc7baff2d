"""The data that the kernels share: meshes, the frames under way, and where samples lie in a pixel."""

import warp as wp

SAMPLES = 5


@wp.struct
class Surface:
    """A mesh: vertices of every pose one after the other (pose_stride apart, 0 where all poses share them), faces
    with their material and flags, and the materials' textures."""

    points: wp.array(dtype=wp.vec3)
    normals: wp.array(dtype=wp.vec3)
    pose_stride: int
    faces: wp.array(dtype=wp.vec3i)
    material: wp.array(dtype=wp.uint8)
    flags: wp.array(dtype=wp.uint8)
    uv: wp.array(dtype=wp.vec2)
    tint: wp.array(dtype=wp.vec3)
    texels: wp.array(dtype=wp.uint32)
    levels: wp.array(dtype=wp.vec3i)
    spans: wp.array(dtype=wp.vec2i)
    roughness: wp.array(dtype=float)


@wp.struct
class Frames:
    """The frames under way: which pose each shows and its camera; axes has the rows right, down and forward, focal and
    centre are in pixels, size is (width, height)."""

    pose: wp.array(dtype=int)
    axes: wp.array(dtype=wp.mat33)
    position: wp.array(dtype=wp.vec3)
    focal: wp.array(dtype=float)
    centre: wp.vec2
    size: wp.vec2i
    samples: int


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
