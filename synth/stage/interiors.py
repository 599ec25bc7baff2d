"""Procedural textures of floors, walls and furnishings indoors; as those of `grounds`, each a function of size and rng.

What is meant to be tinted is near white. Those that fill one panel (rug, painting, books, curtain) need not repeat.
"""

from __future__ import annotations

import cv2
import numpy as np

from synth.stage.noise import field, mix, smooth, to_bytes


def _boards(size: int, rng: np.random.Generator, *, rows: int, columns: int, gap: float):
    """Boards along u in rows, each row's joints elsewhere: tone (size, size) of each board and weight of its gaps."""
    axis = (np.arange(size) + 0.5) / size
    row = np.floor(axis * rows).astype(int)
    across = (axis[None] * columns + rng.random(rows)[row][:, None]) % columns
    column = np.floor(across).astype(int)
    tone = rng.random((rows, columns))[row[:, None], column]
    v = 0.5 - np.abs(axis * rows - row - 0.5)[:, None] + 0 * across
    u = 0.5 - np.abs(across - column - 0.5)
    edge = np.minimum(v / rows, u / columns) * size
    return tone, 1.0 - smooth(edge, 0.0, gap)


def _grain(size: int, rng: np.random.Generator) -> np.ndarray:
    """Wood grain along u, deviation 1."""
    noise = np.tile(field(size, rng, slope=0.5, low=6), (1, 3))
    out = cv2.GaussianBlur(noise, (0, 0), sigmaX=size / 20, sigmaY=0.8)[:, size : 2 * size]
    return out / max(float(out.std()), 1e-6)


def parquet(size: int, rng: np.random.Generator) -> np.ndarray:
    """Oak boards."""
    tone, gap = _boards(size, rng, rows=12, columns=2, gap=2.2)
    base = mix((150, 106, 66), (190, 146, 98), tone) * (1 + 0.06 * _grain(size, rng))[..., None]
    return to_bytes(base * (1 - 0.45 * gap[..., None]))


def hardwood(size: int, rng: np.random.Generator) -> np.ndarray:
    """Narrow maple strips of a sports hall, varnished."""
    tone, gap = _boards(size, rng, rows=24, columns=2, gap=1.4)
    base = mix((196, 152, 100), (218, 178, 126), tone) * (1 + 0.035 * _grain(size, rng))[..., None]
    return to_bytes(base * (1 - 0.22 * gap[..., None]))


def carpet(size: int, rng: np.random.Generator) -> np.ndarray:
    """Short pile, meant to be tinted."""
    pile = rng.standard_normal((size, size)) * 9 + 7 * field(size, rng, slope=0.8, low=8)
    return to_bytes(np.array([190, 188, 184]) + pile[..., None])


def rug(size: int, rng: np.random.Generator) -> np.ndarray:
    """A woven rug: borders about a field of lozenges; one tile is the whole rug."""
    y, x = np.mgrid[0:size, 0:size] / size
    inset = np.minimum.reduce([x, y, 1 - x, 1 - y])
    field_, line, accent = np.array([[122, 44, 42], [214, 190, 150], [46, 62, 92]])[rng.permutation(3)]
    lozenge = np.abs((x * 6) % 1 - 0.5) + np.abs((y * 8) % 1 - 0.5)
    out = mix(field_, line, smooth(lozenge, 0.40, 0.44) * (1 - smooth(lozenge, 0.52, 0.56)))
    out = mix(out, accent, 1 - smooth(lozenge, 0.16, 0.2))
    for low, high, colour in ((0.0, 0.13, accent), (0.018, 0.03, line), (0.055, 0.095, line), (0.068, 0.082, field_)):
        band = smooth(inset, low - 0.003, low + 0.003) * (1 - smooth(inset, high - 0.003, high + 0.003))
        out = mix(out, colour, band)
    weave = 6 * rng.standard_normal((size, size)) + 5 * np.sin(np.arange(size) * np.pi)[:, None]
    return to_bytes(out + weave[..., None])


def tiles(size: int, rng: np.random.Generator) -> np.ndarray:
    """Square glazed tiles with grey joints, meant to be tinted."""
    count = 4
    axis = (np.arange(size) + 0.5) / size * count
    edge = np.minimum.reduce(np.broadcast_arrays(*(0.5 - np.abs(a % 1 - 0.5) for a in (axis[None], axis[:, None]))))
    cell = np.floor(axis).astype(int)
    tone = rng.uniform(0.95, 1.03, (count, count))[cell[:, None], cell[None]]
    base = np.array([216, 216, 212]) * (tone * (1 + 0.015 * field(size, rng)))[..., None]
    return to_bytes(mix((150, 148, 144), base, smooth(edge, 0.012, 0.022)))


def fabric(size: int, rng: np.random.Generator) -> np.ndarray:
    """Upholstery, meant to be tinted."""
    y, x = np.mgrid[0:size, 0:size]
    weave = 5.0 * (np.sin(x * np.pi / 2) * np.sin(y * np.pi / 2)) + 4 * rng.standard_normal((size, size))
    return to_bytes(np.array([196, 194, 190]) * (1 + 0.03 * field(size, rng, slope=1.4))[..., None] + weave[..., None])


def wallpaper(size: int, rng: np.random.Generator) -> np.ndarray:
    """Faint stripes and sprigs, meant to be tinted."""
    y, x = np.mgrid[0:size, 0:size] / size
    stripe = smooth(np.abs((x * 4) % 1 - 0.5), 0.22, 0.28)
    out = mix((206, 203, 196), (220, 217, 210), stripe)
    u, v = (x * 4) % 1 - 0.5, (y * 4 + 0.5 * np.floor(x * 4)) % 1 - 0.5
    turn = np.arctan2(v, u)
    sprig = np.hypot(u, v) - 0.09 * (1 + 0.45 * np.cos(5 * turn))
    out = mix(out, (182, 176, 160), 1 - smooth(sprig, 0.0, 0.03))
    return to_bytes(out + 1.5 * rng.standard_normal((size, size, 1)))


def books(size: int, rng: np.random.Generator) -> np.ndarray:
    """Backs of books standing on a shelf; one tile is one shelf of them."""
    image = np.full((size, size, 3), (34, 28, 24), np.float32)
    palette = np.array([[128, 38, 34], [36, 62, 96], [46, 86, 60], [196, 178, 142], [70, 60, 54], [206, 200, 190]])
    x = 0
    while x < size:
        wide, tall = int(size * rng.uniform(0.018, 0.05)), int(size * rng.uniform(0.6, 0.92))
        colour = palette[rng.integers(len(palette))] * rng.uniform(0.75, 1.15)
        image[size - tall :, x : x + wide] = colour * np.linspace(0.8, 1.05, max(wide, 1))[: size - x, None]
        for share in (0.18, 0.75):
            y = size - int(tall * share)
            image[y : y + max(2, size // 60), x + 1 : x + wide - 1] = colour * 0.4 + np.array([120, 108, 70])
        x += wide + int(rng.integers(0, 2)) + (int(size * 0.07) if rng.random() < 0.06 else 0)
    return to_bytes(image)


def painting(size: int, rng: np.random.Generator) -> np.ndarray:
    """A framed landscape."""
    y, x = np.mgrid[0:size, 0:size] / size
    warm = rng.random()
    sky = mix((238, 214, 176), (120, 160, 200), smooth(1 - y, 0.2, 1.0)) * (1 + 0.06 * field(size, rng))[..., None]
    out = mix(sky, (236, 196, 150), np.full((size, size), 0.4 * warm))
    for k in range(3):
        ridge = 0.45 + 0.15 * k + 0.07 * np.sin(x * rng.uniform(4, 11) + rng.uniform(0, 6)) * rng.uniform(0.5, 1)
        hill = np.array([110, 130, 104]) * (0.95 - 0.22 * k) * rng.uniform(0.85, 1.1, 3)
        out = mix(out, hill, smooth(y - ridge, -0.01, 0.01))
    inset = np.minimum.reduce([x, y, 1 - x, 1 - y])
    out = mix(out, (232, 228, 218), 1 - smooth(inset, 0.128, 0.132))
    frame = np.array([74, 52, 34]) * (1 + 0.5 * smooth(inset, 0.0, 0.05))[..., None]
    return to_bytes(np.where((inset < 0.055)[..., None], frame, out))


def curtain(size: int, rng: np.random.Generator) -> np.ndarray:
    """Cloth in upright folds, meant to be tinted."""
    x = np.arange(size) / size * 2 * np.pi
    fold = sum(np.sin(k * x + rng.uniform(0, 6.3)) / k**0.5 for k in (5, 8, 13))
    return to_bytes(np.array([206, 202, 196]) * (1 + 0.13 * fold[None] + 0 * x[:, None])[..., None])


def rubber(size: int, rng: np.random.Generator) -> np.ndarray:
    """Dark gym flooring with light specks."""
    speck = smooth(field(size, rng, slope=0.1, low=60), 2.3, 2.8)
    seam = np.abs(((np.arange(size) + 0.5) / size * 2) % 1 - 0.5) < 2.0 / size
    dark = mix((58, 60, 64), (118, 130, 146), speck)
    return to_bytes(dark * (1 - 0.3 * (seam[:, None] | seam[None]))[..., None])


def foam(size: int, rng: np.random.Generator) -> np.ndarray:
    """Gymnastics mats: smooth covers with seams every half tile, meant to be tinted."""
    edge = 0.5 - np.abs(((np.arange(size) + 0.5) / size * 2) % 1 - 0.5)
    seam = np.minimum(*np.broadcast_arrays(edge[None], edge[:, None]))
    bright = (1 + 0.03 * field(size, rng, slope=1.5)) * (0.7 + 0.3 * smooth(seam, 0.0, 0.012))
    return to_bytes(np.array([200, 200, 200]) * bright[..., None])


def court(size: int, rng: np.random.Generator) -> np.ndarray:
    """The rough acrylic paint of outdoor courts, meant to be tinted."""
    worn = field(size, rng, slope=1.6)
    grit = field(size, rng, slope=0.2, low=50)
    return to_bytes(np.array([188, 188, 186]) * (1 + 0.04 * worn + 0.035 * grit)[..., None])


def white(size: int, rng: np.random.Generator) -> np.ndarray:
    """Even white paint of a studio."""
    return to_bytes(np.array([226, 226, 225]) * (1 + 0.004 * field(size, rng, slope=1.5))[..., None])


def glass(size: int, rng: np.random.Generator) -> np.ndarray:
    """Dark window glass with a pale reflection."""
    y = np.linspace(0, 1, size)[:, None] + 0 * np.arange(size)[None]
    tone = 1.25 - 0.6 * y + 0.05 * field(size, rng, slope=1.8)
    return to_bytes(np.array([70, 82, 94]) * tone[..., None])


KINDS = {
    f.__name__: f
    for f in (
        parquet, hardwood, carpet, rug, tiles, fabric, wallpaper, books, painting, curtain, rubber, foam, court, white,
        glass,
    )
}  # fmt: skip
FILLS = frozenset({"rug", "books", "painting", "curtain", "glass"})  # need not repeat
