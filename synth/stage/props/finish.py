"""The surfaces of the objects: plain and grained colours, leather and wood, painted as functions of place.

Textures are small and made from waves and seeded noise, so that they are the same on every machine.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.ndimage import gaussian_filter

from synth.body.character import Material

_MAP = (128, 256)  # rows, columns of a ball's map


def plain(name: str, colour, *, roughness: float = 0.5, rough: float = 0.0) -> Material:
    """One sRGB colour (0 to 255), with a fine mottle of strength `rough`."""
    noise = _noise((32, 32), sigma=0.8, seed=len(name))
    return material(name, np.asarray(colour, float) * (1 + rough * noise[..., None]), roughness=roughness)


def wood(name: str, colour, *, roughness: float = 0.4, streaks: float = 0.14, flame: float = 0.0) -> Material:
    """Grain along u (columns of the texture), in which lines run; flame: bands across, as in maple under varnish."""
    v, u = np.mgrid[0:64, 0:64] / 64.0
    grain = np.sin(2 * np.pi * (9 * v + 0.5 * np.sin(2 * np.pi * u))) + _noise((64, 64), sigma=(0.7, 9.0), seed=5)
    bands = np.sin(2 * np.pi * (7 * u + 0.2 * np.sin(2 * np.pi * v)))
    tone = 1 + streaks * 0.5 * grain + flame * bands
    return material(name, np.asarray(colour, float) * tone[..., None], roughness=roughness)


def on_ball(name: str, colours: Callable[[np.ndarray], np.ndarray], *, roughness: float) -> Material:
    """The map of a ball whose colour at unit directions (..., 3) is `colours`, (..., 3) sRGB from 0 to 255; four
    samples per texel."""
    rows, columns = _MAP
    latitude = np.pi * (0.5 - (np.arange(2 * rows) + 0.5) / (2 * rows))[:, None]
    turn = 2 * np.pi * ((np.arange(2 * columns) + 0.5) / (2 * columns))[None]
    flat = np.cos(latitude)
    out = np.stack([flat * np.cos(turn), flat * np.sin(turn), np.sin(latitude) + 0 * turn], -1)
    fine = colours(out)
    return material(name, fine.reshape(rows, 2, columns, 2, 3).mean(axis=(1, 3)), roughness=roughness)


def material(name: str, rgb: np.ndarray, *, roughness: float, double_sided: bool = False) -> Material:
    """A solid material of a (H, W, 3) picture with values 0 to 255."""
    rgb = np.clip(np.round(rgb), 0, 255).astype(np.uint8)
    texture = np.concatenate([rgb, np.full((*rgb.shape[:2], 1), 255, np.uint8)], axis=2)
    texture.setflags(write=False)
    return Material(name, texture, roughness, False, double_sided)


def pebbles(out: np.ndarray, *, per_radian: float = 34.0) -> np.ndarray:
    """Fine grain of leather at unit directions (..., 3), mean 0, deviation 1: waves in random directions."""
    rng = np.random.default_rng(3)
    waves, phases = rng.normal(0, per_radian, (24, 3)), rng.uniform(0, 2 * np.pi, 24)
    return np.sin(out @ waves.T + phases).sum(axis=-1) / np.sqrt(12.0)


def _noise(shape: tuple[int, int], *, sigma, seed: int) -> np.ndarray:
    noise = gaussian_filter(np.random.default_rng(seed).normal(size=shape), sigma, mode="wrap")
    return noise / noise.std()
