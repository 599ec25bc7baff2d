"""What bounds a frame: the bytes that it must move and the operations that it must do, counted from the scene.

An estimate to hold a measured rate against (Williams et al., Roofline, 2009). Counted is what the kernels read and
write, each once: what a cache spares is not taken off, what it misses twice not added. Operations are counted by hand
from the kernels: floating-point additions and multiplications of a vertex, a face, a sample and a shaded pixel.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import warp as wp

from benchmarks.scenes import LIT, SIZE, Scene, ring
from synth.stage.kernels.mesh import SAMPLES
from synth.stage.posing import SHADOW_SIZE

_VERTEX, _FACE, _SAMPLE, _SHADED, _FLOOR = 250, 60, 25, 900, 700  # operations
_TEXELS = 8 * 4  # bytes of a trilinear look-up


@dataclass(frozen=True)
class Cost:
    """Bytes and operations of one frame of lit + mask with a pose of its own."""

    bytes: float
    operations: float


def cost(scene: Scene) -> Cost:
    """What a frame of the scene under way costs."""
    shown = scene.draw(0, 8, ring(1), (*LIT, "background"))
    mask = shown["mask"][:, 0]
    person = float(mask.sum()) / len(mask)
    rows, columns = (np.flatnonzero(mask.any(axis=(0, axis))) for axis in (2, 1))
    box = float(np.ptp(rows) + 3) * float(np.ptp(columns) + 3)
    floor = float((shown["lit"] != shown["background"]).any(axis=-1).sum()) / len(mask) - person
    body, pixels = scene.renderer._bodies[scene.handle], SIZE * SIZE
    weights = body.bone_index.shape[1]
    skinned = body.control * (12 + 8 * weights + 48 * weights + 12) + body.control_faces.shape[0] * (12 + 36 + 12)
    dressed = body.control * (12 + 12 * 6 + 12) + body.count * (8 + 24 + 24)
    sun = body.count * (12 + 12) + body.faces * (12 + 36) + SHADOW_SIZE**2 * 4 * 3
    drawn = body.count * (12 + 12) + body.faces * (12 + 36) + box * SAMPLES * 8 * 3
    shaded = person * (3 * 32 + 2 * _TEXELS + 16 * 4 + 18 * 16) + max(floor, 0.0) * (16 + 16 * 4 + 18 * 16)
    copied = pixels * (1 + 3 + 3) + pixels * (4 + 1)
    operations = body.count * _VERTEX + 2 * body.faces * _FACE + 4 * person * SAMPLES * _SAMPLE
    operations += person * _SHADED + max(floor, 0.0) * _FLOOR + pixels * 40
    return Cost(bytes=skinned + dressed + sun + drawn + shaded + copied, operations=operations)


def bandwidth(device: str, size_mib: int = 256) -> float:
    """Bytes a second that the device copies, reading and writing counted."""
    source = wp.zeros(size_mib << 18, dtype=wp.float32, device=device)
    target = wp.empty_like(source)
    best = np.inf
    for _ in range(5):
        wp.synchronize()
        start = time.perf_counter()
        wp.copy(target, source)
        wp.synchronize()
        best = min(best, time.perf_counter() - start)
    return 2.0 * source.capacity / best
