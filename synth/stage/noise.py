"""Tileable random fields: the raw material of every texture the places are baked from.

Spectral noise: white noise shaped in the Fourier domain, which repeats without a seam by construction.
"""

from __future__ import annotations

import numpy as np


def field(
    size: int, rng: np.random.Generator, *, slope: float = 1.5, low: float = 1.0, high: float = np.inf
) -> np.ndarray:
    """(size, size) float32 of mean 0 and deviation 1, repeating; amplitude falls as frequency ** -slope between `low`
    and `high` cycles per tile."""
    frequency = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None]) * size
    gain = np.where((frequency >= low) & (frequency <= high), np.maximum(frequency, 1.0) ** -slope, 0.0)
    spectrum = np.fft.rfft2(rng.standard_normal((size, size))) * gain
    out = np.fft.irfft2(spectrum, s=(size, size))
    return (out / max(float(out.std()), 1e-9)).astype(np.float32)


def smooth(x: np.ndarray, low: float, high: float) -> np.ndarray:
    """0 below `low`, 1 above `high`, a smooth step between."""
    t = np.clip((x - low) / (high - low), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


def mix(a, b, t: np.ndarray) -> np.ndarray:
    """Colours a and b blended by (H, W) weights t."""
    return np.asarray(a) * (1.0 - t[..., None]) + np.asarray(b) * t[..., None]


def cells(size: int, count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Repeating Worley cells of `count` random seeds: (size, size) distances to the nearest and the second nearest
    seed as shares of the tile, and the nearest seed's number."""
    from scipy.spatial import cKDTree

    seeds = rng.random((count, 2))
    shifts = np.array([(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)])
    tree = cKDTree((seeds[None] + shifts[:, None]).reshape(-1, 2))
    axis = (np.arange(size) + 0.5) / size
    grid = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1)
    distance, index = tree.query(grid, k=2)
    return distance[..., 0].astype(np.float32), distance[..., 1].astype(np.float32), index[..., 0] % count


def to_bytes(rgb: np.ndarray, alpha: np.ndarray | None = None) -> np.ndarray:
    """(H, W, 3) of 0..255 and (H, W) of 0..1 to (H, W, 4) uint8."""
    alpha = np.ones(rgb.shape[:2]) if alpha is None else alpha
    return np.clip(np.concatenate([rgb, 255.0 * alpha[..., None]], axis=2) + 0.5, 0, 255).astype(np.uint8)
