"""Textures for the device: mip chains averaged in linear light, all levels of all materials in one packed array."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_CODES = np.arange(256) / 255.0
LINEAR = np.where(_CODES <= 0.04045, _CODES / 12.92, ((_CODES + 0.055) / 1.055) ** 2.4).astype(np.float32)


def to_srgb(linear: np.ndarray) -> np.ndarray:
    """Linear 0..1 to sRGB 0..1 (IEC 61966-2-1)."""
    x = np.clip(linear, 0.0, 1.0)
    return np.where(x <= 0.0031308, x * 12.92, 1.055 * x ** (1 / 2.4) - 0.055)


def halve(colour: np.ndarray, alpha: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """One level down: (H, W, 3) linear colour weighted by (H, W, 1) alpha, so that what is cut away does not bleed."""
    height, width = max(1, colour.shape[0] // 2), max(1, colour.shape[1] // 2)
    rows, cols = colour.shape[0] // height, colour.shape[1] // width
    weight = alpha + 1e-3
    both = np.concatenate([colour * weight, weight, alpha], axis=2)[: height * rows, : width * cols]
    mean = both.reshape(height, rows, width, cols, 5).mean(axis=(1, 3))
    return mean[..., :3] / mean[..., 3:4], mean[..., 4:]


def mip_chain(image: np.ndarray) -> list[np.ndarray]:
    """(H, W, 4) uint8 sRGB and alpha to its levels, the largest first, down to one texel."""
    levels = [np.ascontiguousarray(image)]
    colour, alpha = LINEAR[image[..., :3]], image[..., 3:].astype(np.float32) / 255.0
    while max(colour.shape[:2]) > 1:
        colour, alpha = halve(colour, alpha)
        packed = np.concatenate([to_srgb(colour), alpha], axis=2)
        levels.append((packed * 255.0 + 0.5).astype(np.uint8))
    return levels


def pack(images: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Texels (n,) uint32 RGBA little-endian, levels (L, 3) int32 offset, width, height, and spans (M, 2) int32 first
    level and number of levels of each image."""
    texels, levels, spans, offset = [], [], [], 0
    for image in images:
        chain = mip_chain(image)
        spans.append((len(levels), len(chain)))
        for level in chain:
            levels.append((offset, level.shape[1], level.shape[0]))
            texels.append(np.ascontiguousarray(level).view("<u4").ravel())
            offset += texels[-1].size
    return np.concatenate(texels), np.array(levels, np.int32), np.array(spans, np.int32)
