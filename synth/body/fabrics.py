"""Fabrics: what a point of cloth looks like, as a function of where it lies on the cloth.

A fabric is called with the cloth's coordinates in metres (`across` around the limb or trunk, `along` down it) and
returns sRGB colours; it needs no picture files. Albedo stays under 225: real cloth is never whiter, and a white above
it burns out in the sun.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from synth.body.bake import smoothstep, value_noise

WHITEST = 222.0
_REMAP_ROWS = 30_000  # cv2.remap takes at most 32,767 a side


@dataclass(frozen=True)
class Cloth:
    """Texels of a garment: across, along (n,) metres; points (n, 3) on the reference body; front (n,) 1 at the chest,
    0 at the back; seed of the garment's noise; outer (n,) metres from the line down the outside of an arm or leg, inf
    on the trunk; picture (H, W, 4) uint8, where the garment has one."""

    across: np.ndarray
    along: np.ndarray
    points: np.ndarray
    front: np.ndarray
    seed: int
    outer: np.ndarray | None = None
    picture: np.ndarray | None = None


Fabric = Callable[[Cloth, np.ndarray, float], np.ndarray]


def wave(position: np.ndarray, period: float) -> np.ndarray:
    """Position within a period, 0 to 1."""
    return (position / period) % 1.0


def mixed(low: np.ndarray, high: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Colours between two, by share (n,)."""
    return low + (high - low) * share[:, None]


def _band(position: np.ndarray, period: float, width: float) -> np.ndarray:
    """1 inside the first `width` share of each period, with soft edges of 4 % of a period."""
    phase = wave(position, period)
    return smoothstep(0.0, 0.04, phase) * smoothstep(width + 0.04, width, phase)


def plain(cloth: Cloth, colours: np.ndarray, scale_m: float) -> np.ndarray:
    """One colour."""
    return np.broadcast_to(colours[0], (len(cloth.along), 3)).copy()


def stripes(cloth: Cloth, colours: np.ndarray, scale_m: float) -> np.ndarray:
    """Bands around the body, the second colour on the first; scale_m is the period."""
    return mixed(colours[0], colours[1], _band(cloth.along, scale_m, 0.45))


def pinstripes(cloth: Cloth, colours: np.ndarray, scale_m: float) -> np.ndarray:
    """Thin lines down the body; scale_m is their distance."""
    return mixed(colours[0], colours[1], _band(cloth.across, scale_m, 0.16))


def checks(cloth: Cloth, colours: np.ndarray, scale_m: float) -> np.ndarray:
    """Gingham: two sets of bands, darkest where they cross."""
    crossing = _band(cloth.along, scale_m, 0.5) + _band(cloth.across, scale_m, 0.5)
    return mixed(colours[0], colours[1], crossing / 2)


def plaid(cloth: Cloth, colours: np.ndarray, scale_m: float) -> np.ndarray:
    """Tartan: broad bands of the second colour and thin lines of the third, both ways."""
    broad = (_band(cloth.along, scale_m, 0.42) + _band(cloth.across, scale_m, 0.42)) / 2
    thin = np.maximum(
        _band(cloth.along + 0.72 * scale_m, scale_m, 0.07), _band(cloth.across + 0.72 * scale_m, scale_m, 0.07)
    )
    return mixed(mixed(colours[0], colours[1], broad), colours[-1], 0.7 * thin)


def dots(cloth: Cloth, colours: np.ndarray, scale_m: float) -> np.ndarray:
    """Round spots in staggered rows; scale_m is the distance of the rows."""
    row = np.floor(cloth.along / scale_m)
    x = wave(cloth.across + 0.5 * scale_m * (row % 2), scale_m) - 0.5
    return mixed(colours[0], colours[1], smoothstep(0.28, 0.22, np.hypot(x, wave(cloth.along, scale_m) - 0.5)))


def denim(cloth: Cloth, colours: np.ndarray, scale_m: float) -> np.ndarray:
    """Cotton twill: speckled, worn lighter in patches."""
    speckle = value_noise(cloth.points, 420, cloth.seed + 3, 2) - 0.5
    worn = smoothstep(0.45, 0.8, value_noise(cloth.points, 7, cloth.seed + 4, 2))
    return colours[0] * (1 + 0.22 * speckle[:, None]) + (22 + 20 * worn)[:, None] * worn[:, None]


def knit(cloth: Cloth, colours: np.ndarray, scale_m: float) -> np.ndarray:
    """Wool: fine ribs down the body, a melange of light and dark."""
    rib = 0.5 + 0.5 * np.sin(2 * np.pi * cloth.across / max(scale_m, 0.012))
    fleck = value_noise(cloth.points, 250, cloth.seed + 5, 2)
    return colours[0] * (0.88 + 0.12 * rib + 0.16 * (fleck - 0.5))[:, None]


def camouflage(cloth: Cloth, colours: np.ndarray, scale_m: float) -> np.ndarray:
    """Blots of the colours, scale_m across."""
    out = np.broadcast_to(colours[0], (len(cloth.along), 3)).copy()
    for k, colour in enumerate(colours[1:]):
        blot = value_noise(cloth.points, 1 / scale_m, cloth.seed + 11 * k, 3)
        out = mixed(out, colour, smoothstep(0.53, 0.55, blot))
    return out


def flowers(cloth: Cloth, colours: np.ndarray, scale_m: float) -> np.ndarray:
    """Scattered five-petalled blossoms of the later colours, one per cell of scale_m."""
    out = np.broadcast_to(colours[0], (len(cloth.along), 3)).copy()
    row = np.floor(cloth.along / scale_m)
    across = cloth.across + 0.5 * scale_m * (row % 2)
    cell = np.floor(across / scale_m)
    dice = np.sin(row * 127.1 + cell * 311.7 + cloth.seed) * 43758.5453 % 1.0
    x, y = (
        wave(across, scale_m) - 0.5 - 0.15 * np.cos(7 * dice),
        wave(cloth.along, scale_m) - 0.5 - 0.15 * np.sin(9 * dice),
    )
    radius, angle = np.hypot(x, y), np.arctan2(y, x) + 6 * dice
    petal = smoothstep(0.04, 0.0, radius - (0.2 + 0.07 * np.cos(5 * angle)))
    pick = (dice * (len(colours) - 1)).astype(int).clip(0, len(colours) - 2) + 1
    out += (colours[pick] - out) * petal[:, None]
    return mixed(out, colours[0] * 0.4 + 110, smoothstep(0.08, 0.05, radius))


def blocks(cloth: Cloth, colours: np.ndarray, scale_m: float) -> np.ndarray:
    """Two broad fields: the second colour below the chest."""
    return mixed(colours[0], colours[1], smoothstep(0.003, -0.003, cloth.points[:, 2] - 1.22))


def print_disc(cloth: Cloth, colours: np.ndarray, scale_m: float) -> np.ndarray:
    """One colour with a ring and a bar printed on the chest, scale_m being the ring's radius; or the garment's picture,
    three times as wide."""
    base = plain(cloth, colours, scale_m)
    y, z = cloth.points[:, 1], cloth.points[:, 2] - 1.27
    if cloth.picture is not None:
        half = 1.5 * scale_m
        tall = half * cloth.picture.shape[0] / cloth.picture.shape[1]
        inside = (np.abs(y) < half) & (np.abs(z) < tall) & (cloth.front > 0.6)
        shown = _shown(cloth, colours[0], 0.5 + 0.5 * y / half, 0.5 - 0.5 * z / tall)
        return np.where(inside[:, None], shown, base)
    radius = np.hypot(y, z)
    ring = smoothstep(0.004, 0, np.abs(radius - scale_m) - 0.2 * scale_m)
    bar = smoothstep(0.004, 0, np.maximum(np.abs(z) - 0.16 * scale_m, np.abs(y) - 0.62 * scale_m))
    return mixed(base, colours[1], np.maximum(ring, bar) * (cloth.front > 0.6))


def side_stripes(cloth: Cloth, colours: np.ndarray, scale_m: float) -> np.ndarray:
    """Sports wear: three stripes of the second colour down the outside of arms and legs, scale_m across together."""
    base = plain(cloth, colours, scale_m)
    if cloth.outer is None:
        return base
    width = scale_m / 5
    near = np.abs(np.abs(np.abs(cloth.outer) - width) - width)
    stripe = smoothstep(0.55 * width, 0.45 * width, near) * (np.abs(cloth.outer) < 2.6 * width)
    return mixed(base, colours[1], stripe)


def picture(cloth: Cloth, colours: np.ndarray, scale_m: float) -> np.ndarray:
    """A picture repeated over the cloth, scale_m wide; the first colour where it is transparent."""
    height, width = cloth.picture.shape[:2]
    return _shown(cloth, colours[0], wave(cloth.across, scale_m), wave(-cloth.along, scale_m * height / width))


def _shown(cloth: Cloth, base: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(n, 3) the picture's colours at x and y of its size, 0 to 1 from its upper left corner, over `base`."""
    height, width = cloth.picture.shape[:2]
    points = (x * width - 0.5).astype(np.float32), (y * height - 0.5).astype(np.float32)
    found = np.empty((len(x), 4), np.float32)
    for start in range(0, len(x), _REMAP_ROWS):
        rows = slice(start, start + _REMAP_ROWS)
        spot = [p[rows, None] for p in points]
        found[rows] = cv2.remap(cloth.picture, *spot, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)[:, 0]
    return mixed(base, found[:, :3], found[:, 3] / 255)


# name: (function, least number of colours, usual scale in metres)
FABRICS: dict[str, tuple[Fabric, int, float]] = {
    "plain": (plain, 1, 0.05),
    "stripes": (stripes, 2, 0.07),
    "pinstripes": (pinstripes, 2, 0.04),
    "checks": (checks, 2, 0.05),
    "plaid": (plaid, 3, 0.11),
    "dots": (dots, 2, 0.05),
    "denim": (denim, 1, 0.05),
    "knit": (knit, 1, 0.02),
    "camouflage": (camouflage, 3, 0.09),
    "flowers": (flowers, 2, 0.07),
    "blocks": (blocks, 2, 0.05),
    "print": (print_disc, 2, 0.07),
    "side_stripes": (side_stripes, 2, 0.045),
    "picture": (picture, 1, 0.15),
}


def weave(cloth: Cloth, name: str, colours: np.ndarray, scale_m: float) -> np.ndarray:
    """(n, 3) sRGB of a fabric with the slow shading and the fine grain that every cloth has, at most WHITEST."""
    shade = 0.93 + 0.14 * value_noise(cloth.points, 9, cloth.seed, 3)
    grain = 0.97 + 0.06 * value_noise(cloth.points, 300, cloth.seed + 1, 1)
    return np.clip(FABRICS[name][0](cloth, colours, scale_m) * (shade * grain)[:, None], 8.0, WHITEST)
