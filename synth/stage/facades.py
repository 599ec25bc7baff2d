"""Procedural textures of towns and shores: shop fronts, flats, railings, nets, sea, palm leaves, sunshades.

`shops` and `flats` hold two houses' fronts side by side; those with holes (net, mesh, palm) are cut by their alpha.
"""

from __future__ import annotations

import cv2
import numpy as np

from synth.stage.noise import field, mix, smooth, to_bytes

_SIGNS = np.array([[150, 36, 34], [34, 74, 120], [36, 96, 66], [190, 140, 40], [60, 50, 70], [176, 84, 40]], float)


def _box(image: np.ndarray, x: float, y: float, w: float, h: float, colour) -> None:
    """Fills a rectangle given in shares of the tile, y from the top."""
    n = image.shape[0]
    image[int(y * n) : max(int((y + h) * n), int(y * n) + 1), int(x * n) : max(int((x + w) * n), int(x * n) + 1)] = (
        colour
    )


def _pane(image: np.ndarray, x: float, y: float, w: float, h: float, rng: np.random.Generator) -> None:
    """A dark window, paler above, now and then with a blind."""
    n = image.shape[0]
    rows = max(int((y + h) * n) - int(y * n), 1)
    tone = np.linspace(1.35, 0.75, rows)[:, None, None] * np.array([64, 74, 86]) * rng.uniform(0.75, 1.2)
    _box(image, x - 0.008, y - 0.008, w + 0.016, h + 0.016, (206, 202, 194))
    image[int(y * n) : int(y * n) + rows, int(x * n) : int((x + w) * n)] = tone
    if rng.random() < 0.4:
        _box(image, x, y, w, h * rng.uniform(0.15, 0.5), (196, 188, 172))


def shops(size: int, rng: np.random.Generator) -> np.ndarray:
    """Two ground floors with a sign, a display window and a door each; a tile spans 8 m by 4 m, its foot below."""
    image = np.full((size, size, 3), (150, 142, 132), np.float32)
    for left in (0.0, 0.5):
        sign = _SIGNS[rng.integers(len(_SIGNS))] * rng.uniform(0.8, 1.1)
        _box(image, left, 0.0, 0.5, 1.0, sign * 0.45 + 50)
        _box(image, left + 0.01, 0.06, 0.48, 0.15, sign)
        for k in range(int(rng.integers(4, 8))):  # lettering nobody could read from there
            _box(image, left + 0.08 + 0.045 * k, 0.10, 0.03, 0.07, (236, 230, 216))
        _display(image, left + 0.03, rng)
        _box(image, left + 0.35, 0.28, 0.125, 0.72, sign * 0.6)
        _pane(image, left + 0.365, 0.32, 0.095, 0.5, rng)
        _box(image, left + 0.36, 0.66, 0.01, 0.05, (220, 200, 120))
    return to_bytes(image * (1 + 0.03 * field(size, rng)[..., None]))


def _display(image: np.ndarray, x: float, rng: np.random.Generator) -> None:
    """A shop window with lit goods behind it."""
    _box(image, x - 0.01, 0.27, 0.31, 0.58, (70, 64, 60))
    _box(image, x, 0.28, 0.29, 0.56, (92, 86, 76))
    _box(image, x, 0.28, 0.29, 0.2, (120, 112, 92))
    for k in range(7):
        colour = rng.uniform(0.4, 1.0) * np.array([220, 190, 150]) * rng.uniform(0.6, 1.0, 3)
        tall = rng.uniform(0.08, 0.26)
        _box(image, x + 0.012 + 0.04 * k, 0.82 - tall, 0.026, tall, colour)
    _box(image, x + 0.14, 0.28, 0.008, 0.56, (70, 64, 60))


def flats(size: int, rng: np.random.Generator) -> np.ndarray:
    """Two storeys of four windows with ledges; a tile spans 8 m by 6 m; meant to be tinted."""
    base = np.array([196.0, 188, 176]) * (1 + 0.04 * field(size, rng, slope=1.4))[..., None]
    image = np.ascontiguousarray(base, np.float32)
    for row in range(2):
        _box(image, 0.0, row * 0.5 + 0.47, 1.0, 0.02, (170, 164, 152))
        for column in range(4):
            x, y = 0.25 * column + 0.07, row * 0.5 + 0.11
            _pane(image, x, y, 0.11, 0.26, rng)
            _box(image, x - 0.015, y + 0.27, 0.14, 0.018, (160, 154, 144))
            _box(image, x + 0.052, y, 0.006, 0.26, (206, 202, 194))
    return to_bytes(image)


def water(size: int, rng: np.random.Generator) -> np.ndarray:
    """A rippled sea."""
    ripple = cv2.GaussianBlur(np.tile(field(size, rng, slope=1.0, low=4), (3, 3)), (0, 0), sigmaX=5, sigmaY=1.2)
    ripple = ripple[size : 2 * size, size : 2 * size] / max(float(ripple.std()), 1e-6)
    return to_bytes(mix((22, 84, 104), (74, 146, 158), smooth(ripple, -2.2, 2.6)))


def net(size: int, rng: np.random.Generator) -> np.ndarray:
    """Knotted cord, white; alpha is cut."""
    del rng
    y, x = np.mgrid[0:size, 0:size] / size * 6
    near = np.minimum(np.abs((x + y) % 1 - 0.5), np.abs((x - y) % 1 - 0.5))
    return to_bytes(np.full((size, size, 3), 226.0), 1 - smooth(near, 0.12, 0.16))


def mesh(size: int, rng: np.random.Generator) -> np.ndarray:
    """Chain-link, galvanised; alpha is cut."""
    del rng
    y, x = np.mgrid[0:size, 0:size] / size * 10
    near = np.minimum(np.abs((x + y) % 1 - 0.5), np.abs((x - y) % 1 - 0.5))
    return to_bytes(np.full((size, size, 3), 150.0) + 60 * near[..., None], 1 - smooth(near, 0.08, 0.12))


def palm(size: int, rng: np.random.Generator) -> np.ndarray:
    """A frond along u from its stem at the left; alpha is cut."""
    image, alpha = np.full((size, size, 3), (70, 96, 44), np.float32), np.zeros((size, size), np.float32)
    middle = size / 2
    for k in range(46):
        x = size * (0.06 + 0.9 * k / 46)
        reach = 0.47 * size * np.sin(np.pi * (0.12 + 0.85 * k / 46)) ** 0.7
        for side in (-1, 1):
            tip = (x + 0.35 * reach * rng.uniform(0.8, 1.2), middle + side * reach * rng.uniform(0.85, 1.0))
            leaf = np.array([(x, middle - 2), tip, (x + size * 0.022, middle + 2)], np.float32)
            tone = np.array([82, 118, 46]) * rng.uniform(0.65, 1.2)
            cv2.fillConvexPoly(image, np.round(leaf).astype(np.int32), tone.tolist(), cv2.LINE_AA)
            cv2.fillConvexPoly(alpha, np.round(leaf).astype(np.int32), 1.0, cv2.LINE_AA)
    cv2.line(image, (0, int(middle)), (int(size * 0.96), int(middle)), (128, 126, 70), max(2, size // 60))
    cv2.line(alpha, (0, int(middle)), (int(size * 0.96), int(middle)), 1.0, max(2, size // 60))
    return to_bytes(image, alpha)


def stripes(size: int, rng: np.random.Generator) -> np.ndarray:
    """Canvas in two colours, four stripes a tile along u, meant to be tinted."""
    band = smooth(np.abs((np.arange(size) / size * 4) % 1 - 0.5), 0.24, 0.26)
    return to_bytes(
        mix((232, 230, 224), (150, 150, 150), band[None] + np.zeros((size, 1))) + rng.normal(0, 2, (size, size, 1))
    )


KINDS = {f.__name__: f for f in (shops, flats, water, net, mesh, palm, stripes)}
CUT = frozenset({"net", "mesh", "palm"})
FILLS = frozenset({"palm", "shops", "flats"})  # need not repeat
