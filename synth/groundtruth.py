"""Ground truth that follows from other ground truth: where joints are in the picture, and which can be seen.

A joint lies under the skin, so depth never shows the joint itself: the surface before it is nearer by the flesh
around that joint. It is visible where nothing is nearer than that. Worked out from joints and depth alone, so that
every engine that offers these two gives the same, and the answer can be checked against them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from synth.frames import Camera

# How far a surface may lie before a joint and still be its own flesh or garment, metres: the first entry whose text
# the bone's name starts with. Measured on three dressed bodies at rest from 72 directions: about the value that three
# views in four stay under, the fourth being mostly one in which another limb is in the way.
FLESH_M: tuple[tuple[str, float], ...] = (
    ("finger", 0.05),
    ("metacarpal", 0.09),
    ("wrist", 0.075),
    ("lowerarm", 0.075),
    ("upperarm01", 0.12),
    ("upperarm02", 0.09),
    ("shoulder", 0.15),
    ("clavicle", 0.18),
    ("toe", 0.06),
    ("foot", 0.13),
    ("lowerleg", 0.10),
    ("upperleg", 0.16),
    ("eye", 0.05),
    ("head", 0.13),
    ("neck", 0.13),
    ("spine", 0.20),
    ("pelvis", 0.19),
    ("root", 0.19),
)
OTHER_M = 0.10


def flesh_m(names: Sequence[str]) -> np.ndarray:
    """(J,) metres of flesh around the joint at which each bone begins."""
    return np.array([next((depth for start, depth in FLESH_M if name.startswith(start)), OTHER_M) for name in names])


def joints2d(joints_m: np.ndarray, depth: np.ndarray, camera: Camera, names: Sequence[str]) -> np.ndarray:
    """Joints in the picture: (T, J, 3) float32 x, y in pixels (centres at +0.5) and 1 where visible, else 0.

    A joint is visible if it is before the camera, inside the picture, and the surface at its pixel is no nearer than
    it by more than `flesh_m`. Pixels of joints behind the camera are nan.

    Args:
        joints_m: (T, J, 3) world metres. depth: (T, H, W) planar, inf where nothing is. names: (J,) of the bones.
    """
    projected = camera.project(joints_m)
    before = projected[..., 2] > 0
    place = np.where(before[..., None], projected[..., :2], np.nan)
    inside = before & (place >= 0).all(axis=-1) & (place < (camera.width, camera.height)).all(axis=-1)
    column, row = np.where(inside[..., None], place, 0).astype(int).transpose(2, 0, 1)
    surface = depth[np.arange(len(depth))[:, None], row, column]
    visible = inside & (projected[..., 2] - surface <= flesh_m(names))
    return np.concatenate([place, visible[..., None]], axis=-1).astype(np.float32)
