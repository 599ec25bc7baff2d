"""Surface normals of a picture from its exact depth, for the plugin's `normal` view.

Each pixel's point is compared with its neighbours along both axes of the picture; of the two sides the one with the
smaller step in depth is taken, so that a silhouette does not bend the surfaces beside it.
"""

from __future__ import annotations

import numpy as np

from synth.frames import CM_PER_M, Camera, to_unreal_location

# The rows are Unreal's coordinates of our unit vectors, so `points_m @ TO_UNREAL_CM` converts many at once.
TO_UNREAL_CM = np.array([to_unreal_location(axis) for axis in np.eye(3)])


def normal_colors(depth_m: np.ndarray, camera: Camera) -> np.ndarray:
    """(H, W, 3) uint8: the unit normals n in Unreal's world axes as n / 2 + 1 / 2; mid-grey where nothing is.

    Args:
        depth_m: (H, W) planar depth, inf where nothing is. A picture of one pixel's width or height is grey.
    """
    if min(depth_m.shape) < 2:
        return np.full((*depth_m.shape, 3), 128, dtype=np.uint8)
    seen = np.isfinite(depth_m)
    points = _points(np.where(seen, depth_m, 0.0), camera)
    steps = [_step(points, np.where(seen, depth_m, 1e9), axis) for axis in (1, 0)]
    across = np.cross(*steps)
    across *= np.where((across * points).sum(axis=-1) > 0, -1.0, 1.0)[..., None]  # towards the camera
    length = np.linalg.norm(across, axis=-1, keepdims=True)
    unit = np.where(seen[..., None], across / np.where(length > 0, length, 1.0), 0.0)
    world = unit @ camera.axes() @ (TO_UNREAL_CM / CM_PER_M)
    return np.round(world * 127.5 + 127.5).astype(np.uint8)


def _points(depth_m: np.ndarray, camera: Camera) -> np.ndarray:
    """(H, W, 3) points in the camera's frame (right, down, forward)."""
    height, width = depth_m.shape
    k = camera.intrinsics()
    right = (np.arange(width) + 0.5 - k[0, 2]) / k[0, 0]
    down = (np.arange(height) + 0.5 - k[1, 2]) / k[1, 1]
    return np.stack([right[None, :] * depth_m, down[:, None] * depth_m, depth_m], axis=-1)


def _step(points: np.ndarray, depth: np.ndarray, axis: int) -> np.ndarray:
    """(H, W, 3) from each pixel's point to the next along an axis, or from the one before where that is nearer."""
    ahead = np.diff(points, axis=axis)
    jump = np.abs(np.diff(depth, axis=axis))
    last, first = [[(0, 0)] * 2 for _ in range(2)]
    last[axis], first[axis] = (0, 1), (1, 0)
    after = np.pad(jump, last, constant_values=np.inf)
    before = np.pad(jump, first, constant_values=np.inf)
    forward, backward = (np.pad(ahead, [*pad, (0, 0)]) for pad in (last, first))
    return np.where((after <= before)[..., None], forward, backward)
