"""Procedural textures of grounds and walls, by kind: each a function of a size and a generator, and repeating.

Colours are sRGB 0..255; `tint` shifts a kind's colour so that random places differ. Nothing here reads a file.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import cv2
import numpy as np

from synth.stage import facades, interiors
from synth.stage.noise import cells, field, mix, smooth, to_bytes

SIZE = 512


def _grain(size: int, rng: np.random.Generator, amount: float) -> np.ndarray:
    return rng.standard_normal((size, size, 1)) * amount


def _wrapped_strokes(image: np.ndarray, starts: np.ndarray, ends: np.ndarray, colours: np.ndarray, width: int) -> None:
    """Draws lines that leave one side of the tile and come in at the other."""
    size = image.shape[0]
    shifts = np.array([(i, j) for i in (0, -size, size) for j in (0, -size, size)])
    for a, b, colour in zip(starts, ends, colours, strict=True):
        for shift in shifts:
            p, q = a + shift, b + shift
            if max(p.min(), q.min()) >= -40 and min(p.max(), q.max()) <= size + 40:
                cv2.line(image, tuple(int(v) for v in p), tuple(int(v) for v in q), colour.tolist(), width, cv2.LINE_AA)


def grass(size: int, rng: np.random.Generator) -> np.ndarray:
    """Short lawn: blades over a dark ground, mottled."""
    image = np.ascontiguousarray(mix((66, 80, 42), (86, 100, 54), smooth(field(size, rng), -1.5, 1.5))).astype(
        np.float32
    )
    count = size * size // 40
    starts = rng.random((count, 2)) * size
    angle = rng.normal(-np.pi / 2, 1.1, count)
    length = rng.uniform(5, 14, count) * size / 512
    ends = starts + np.stack([np.cos(angle), np.sin(angle)], 1) * length[:, None]
    tone = rng.random((count, 1))
    colours = np.array([74, 96, 40]) * (1 - tone) + np.array([128, 146, 74]) * tone
    colours = colours * rng.uniform(0.75, 1.2, (count, 1)) + (rng.random((count, 1)) < 0.06) * np.array([60, 40, 20])
    _wrapped_strokes(image, starts, ends, colours, 1)
    mottle = field(size, rng, slope=1.2, low=2, high=40)
    return to_bytes(image * (1.0 + 0.07 * mottle[..., None]) + _grain(size, rng, 3))


def gravel(size: int, rng: np.random.Generator) -> np.ndarray:
    """Small stones."""
    near, second, index = cells(size, size * size // 90, rng)
    tone = rng.uniform(0.82, 1.14, index.max() + 1)[index]
    warm = rng.random(index.max() + 1)[index]
    gap = smooth((second - near) * size, 0.3, 3.0)
    stone = mix((168, 160, 148), (186, 172, 150), warm) * tone[..., None]
    return to_bytes(mix((122, 113, 101), stone, gap) * (1 + 0.05 * field(size, rng, low=2, high=30)[..., None]))


def sand(size: int, rng: np.random.Generator) -> np.ndarray:
    """Trodden earth and sand."""
    base = mix((148, 124, 92), (186, 164, 130), smooth(field(size, rng, slope=1.3), -2, 2))
    return to_bytes(base * (1 + 0.05 * field(size, rng, slope=0.6, low=20)[..., None]) + _grain(size, rng, 4))


def asphalt(size: int, rng: np.random.Generator) -> np.ndarray:
    """Dark fine stones in tar."""
    speck = field(size, rng, slope=0.2, low=40)
    base = mix((78, 78, 80), (112, 111, 109), smooth(speck, -1.2, 2.0))
    return to_bytes(base * (1 + 0.06 * field(size, rng, slope=1.4, high=40)[..., None]))


def concrete(size: int, rng: np.random.Generator) -> np.ndarray:
    """Cast concrete, faintly cloudy."""
    base = mix((142, 140, 134), (172, 169, 162), smooth(field(size, rng, slope=1.6), -2, 2))
    pores = smooth(field(size, rng, slope=0.3, low=60), 2.2, 3.2)
    return to_bytes(base * (1 - 0.25 * pores[..., None]) + _grain(size, rng, 2.5))


def _bond(size: int, rows: int, columns: int, joint: float, rng: np.random.Generator, *, shift: float):
    """Courses of stones: (size, size) weight of the stone against its joint, and a random tone of each stone."""
    axis = (np.arange(size) + 0.5) / size
    row = np.floor(axis * rows).astype(int)
    across = (axis[None] * columns + shift * (row % 2)[:, None]) % columns
    column = np.floor(across).astype(int)
    v = np.abs(axis * rows - row - 0.5)[:, None] / rows
    u = np.abs(across - column - 0.5) / columns
    wobble = 0.25 * joint * field(size, rng, slope=1.0, low=8)
    edge = np.minimum(0.5 / rows - v, 0.5 / columns - u) + wobble
    tone = rng.random((rows, columns))[row[:, None], column]
    return smooth(edge, 0.5 * joint, 1.3 * joint), tone


def paving(size: int, rng: np.random.Generator) -> np.ndarray:
    """Flagstones."""
    stone, tone = _bond(size, 4, 4, 0.006, rng, shift=0.5)
    base = mix((150, 144, 134), (176, 168, 154), tone) * (1 + 0.06 * field(size, rng, slope=1.2)[..., None])
    return to_bytes(mix((104, 100, 92), base, stone) + _grain(size, rng, 3))


def brick(size: int, rng: np.random.Generator) -> np.ndarray:
    """Bricks in running bond."""
    stone, tone = _bond(size, 16, 6, 0.006, rng, shift=0.5)
    base = mix((122, 66, 50), (164, 98, 74), tone) * (1 + 0.08 * field(size, rng, slope=0.9)[..., None])
    return to_bytes(mix((158, 150, 138), base, stone) + _grain(size, rng, 4))


def painted(size: int, rng: np.random.Generator) -> np.ndarray:
    """Bricks under paint, near white: meant to be tinted."""
    stone, tone = _bond(size, 16, 6, 0.005, rng, shift=0.5)
    bright = (0.97 + 0.05 * tone) * (1 + 0.02 * field(size, rng, slope=0.9)) * (0.86 + 0.14 * stone)
    return to_bytes(np.array([206, 205, 200]) * bright[..., None])


def stone(size: int, rng: np.random.Generator) -> np.ndarray:
    """A wall of rough stones."""
    near, second, index = cells(size, 70, rng)
    tone = rng.uniform(0.8, 1.15, index.max() + 1)[index]
    gap = smooth(second - near + 0.004 * field(size, rng, low=6), 0.006, 0.022)
    base = np.array([146, 140, 128]) * (tone * (1 + 0.08 * field(size, rng, slope=0.9)))[..., None]
    return to_bytes(mix((86, 82, 74), base, gap) + _grain(size, rng, 4))


def plaster(size: int, rng: np.random.Generator) -> np.ndarray:
    """Rendered wall."""
    base = np.array([206, 196, 176]) * (1 + 0.035 * field(size, rng, slope=1.4))[..., None]
    return to_bytes(base * (1 + 0.02 * field(size, rng, slope=0.3, low=30)[..., None]))


def wood(size: int, rng: np.random.Generator) -> np.ndarray:
    """Planks along u."""
    planks = 6
    row = (np.arange(size) * planks // size)[:, None]
    grain = cv2.GaussianBlur(np.tile(field(size, rng, slope=0.5, low=6), (1, 3)), (0, 0), sigmaX=26, sigmaY=0.8)
    grain = grain[:, size : 2 * size] / max(float(grain.std()), 1e-6)
    tone = rng.uniform(0.85, 1.12, planks)[row]
    edge = np.abs((np.arange(size) * planks / size) % 1.0 - 0.5)[:, None]
    base = np.array([146, 108, 72]) * (tone * (1 + 0.08 * grain) * (1 - 0.6 * smooth(edge, 0.475, 0.495)))[..., None]
    return to_bytes(base)


def bark(size: int, rng: np.random.Generator) -> np.ndarray:
    """Furrowed, upright grain."""
    grain = cv2.GaussianBlur(np.tile(field(size, rng, slope=0.6, low=5), (3, 1)), (0, 0), sigmaX=1.2, sigmaY=12)
    grain = grain[size : 2 * size] / max(float(grain.std()), 1e-6)
    return to_bytes(np.array([92, 76, 60]) * (1 + 0.22 * grain)[..., None] + _grain(size, rng, 4))


def _leaves(
    image: np.ndarray, alpha: np.ndarray, count: int, rng: np.random.Generator, *, wrap: bool, reach: float
) -> None:
    """Paints leaf-shaped ellipses, the later ones lighter; `reach` is the radius, as a share of the tile, they fill."""
    size = image.shape[0]
    for k in range(count):
        centre = rng.random(2) * size
        if not wrap:
            radius, turn = size * reach * np.sqrt(rng.random()), rng.random() * 2 * np.pi
            centre = size / 2 + radius * np.array([np.cos(turn), np.sin(turn)])
        axes = (size * rng.uniform(0.022, 0.036), size * rng.uniform(0.011, 0.018))
        tone = (0.45 + 0.75 * k / count) * rng.uniform(0.8, 1.2)
        colour = np.array([78, 104, 42]) * tone + np.array([18, 8, 0]) * rng.random()
        angle = rng.uniform(0, 360)
        for shift in [(i, j) for i in (-size, 0, size) for j in (-size, 0, size)] if wrap else [(0, 0)]:
            at = (centre[0] + shift[0], centre[1] + shift[1])
            if -20 <= at[0] <= size + 20 and -20 <= at[1] <= size + 20:
                box = (at, (2 * axes[0], 2 * axes[1]), angle)
                cv2.ellipse(image, box, colour.tolist(), -1, cv2.LINE_AA)
                cv2.ellipse(alpha, box, 1.0, -1, cv2.LINE_AA)


def hedge(size: int, rng: np.random.Generator) -> np.ndarray:
    """A closed wall of leaves."""
    image, alpha = np.full((size, size, 3), (22, 32, 14), np.float32), np.zeros((size, size), np.float32)
    _leaves(image, alpha, 1500, rng, wrap=True, reach=0.5)
    return to_bytes(image * (1 + 0.10 * field(size, rng, slope=1.2, high=12)[..., None]))


def foliage(size: int, rng: np.random.Generator) -> np.ndarray:
    """A cluster of leaves with holes; alpha is cut."""
    image, alpha = np.full((size, size, 3), (40, 54, 24), np.float32), np.zeros((size, size), np.float32)
    _leaves(image, alpha, 620, rng, wrap=False, reach=0.46)
    return to_bytes(image, alpha)


def facade(size: int, rng: np.random.Generator) -> np.ndarray:
    """Two storeys of two windows each on plaster."""
    image = plaster(size, rng)[..., :3].astype(np.float32)
    for row in range(2):
        image[row * size // 2 : row * size // 2 + size // 90] *= 0.86
        for column in range(2):
            y, x = int(size * (row / 2 + 0.13)), int(size * (column / 2 + 0.14))
            h, w, frame = int(size * 0.26), int(size * 0.21), max(2, size // 70)
            image[y - frame : y + h + 2 * frame, x - frame : x + w + frame] = (214, 210, 202)
            image[y + h + frame : y + h + 2 * frame, x - frame : x + w + frame] = (150, 146, 138)
            glass = np.linspace(1.25, 0.8, h)[:, None, None] * np.array([66, 76, 88]) * rng.uniform(0.8, 1.15)
            image[y : y + h, x : x + w] = glass
            image[y : y + h, x + w // 2 - frame // 3 : x + w // 2 + frame // 3 + 1] = (206, 202, 194)
            image[y + h // 3 : y + h // 3 + frame // 2 + 1, x : x + w] = (206, 202, 194)
    return to_bytes(image + _grain(size, rng, 2))


def paint(size: int, rng: np.random.Generator) -> np.ndarray:
    """A painted, slightly worn surface, near white: meant to be tinted."""
    return to_bytes(np.array([214, 214, 212]) * (1 + 0.015 * field(size, rng, slope=0.9))[..., None])


def metal(size: int, rng: np.random.Generator) -> np.ndarray:
    """Brushed or painted metal, near white."""
    return to_bytes(np.array([206, 207, 209]) * (1 + 0.02 * field(size, rng, slope=0.8))[..., None])


def gloss(size: int, rng: np.random.Generator) -> np.ndarray:
    """Lacquer, near white."""
    return to_bytes(np.array([214, 214, 214]) * (1 + 0.006 * field(size, rng, slope=1.6))[..., None])


def plain(size: int, rng: np.random.Generator) -> np.ndarray:
    """A neutral grey with hardly any grain."""
    return to_bytes(np.array([152, 151, 148]) * (1 + 0.012 * field(size, rng, slope=0.9, low=3))[..., None])


KINDS: dict[str, Callable[[int, np.random.Generator], np.ndarray]] = {
    f.__name__: f
    for f in (
        grass, gravel, sand, asphalt, concrete, paving, brick, painted, stone, plaster, wood, bark, hedge, foliage,
        facade, paint, metal, gloss, plain,
    )
} | interiors.KINDS | facades.KINDS  # fmt: skip
CUT = facades.CUT | {"foliage"}  # seen through where their alpha is low
FILLS = facades.FILLS | interiors.FILLS | {"foliage", "facade"}  # one tile is a whole thing, which need not repeat
_SIZES = {
    "paint": 128,
    "metal": 128,
    "gloss": 64,
    "white": 64,
    "net": 128,
    "mesh": 256,
    "glass": 64,
    "stripes": 128,
    "fabric": 256,
    "foam": 256,
}


@lru_cache(maxsize=48)
def _baked(kind: str, seed: int, size: int) -> np.ndarray:
    return KINDS[kind](size, np.random.default_rng([seed, *kind.encode()]))


def bake(kind: str, *, seed: int, tint=(1.0, 1.0, 1.0), size: int | None = None) -> np.ndarray:
    """(size, size, 4) uint8 of a kind, multiplied by a tint; by itself a kind knows its size."""
    image = _baked(kind, seed, _SIZES.get(kind, SIZE) if size is None else size)
    colour = np.clip(image[..., :3] * np.asarray(tint) + 0.5, 0, 255).astype(np.uint8)
    return np.concatenate([colour, image[..., 3:]], axis=2)
