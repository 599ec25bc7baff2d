"""What surrounds a place at infinity, painted: a strip of far trees, hills or houses, and a tile of clouds."""

from __future__ import annotations

import cv2
import numpy as np

from synth.stage.noise import field, smooth, to_bytes

WIDTH, HEIGHT = 4096, 160
_HAZE = np.array([176.0, 190.0, 202.0])


def _profile(rng: np.random.Generator, rough: float) -> np.ndarray:
    """(WIDTH,) a ridge of mean 0 and deviation 1 that closes on itself."""
    wave = np.fft.rfftfreq(WIDTH) * WIDTH
    gain = np.where((wave >= 2) & (wave < 600), np.maximum(wave, 1.0) ** -rough, 0.0)
    out = np.fft.irfft(np.fft.rfft(rng.standard_normal(WIDTH)) * gain, WIDTH)
    return out / max(float(out.std()), 1e-9)


def _fill_below(image: np.ndarray, alpha: np.ndarray, top: np.ndarray, colour: np.ndarray) -> None:
    """Covers everything under the ridge `top` (rows up from the foot), with an edge one row soft."""
    rows_up = HEIGHT - 0.5 - np.arange(HEIGHT)[:, None]
    cover = np.clip(top[None] - rows_up + 0.5, 0.0, 1.0).astype(np.float32)
    image += (colour - image) * cover[..., None]
    np.maximum(alpha, cover, out=alpha)


def _crowns(image: np.ndarray, alpha: np.ndarray, rng: np.random.Generator, *, reach: float, haze: float) -> None:
    """A belt of tree crowns up to `reach` rows high."""
    ridge = reach * np.clip(0.56 + 0.13 * _profile(rng, 0.9), 0.25, 0.78)
    _fill_below(image, alpha, ridge * 0.8, (1 - haze) * np.array([52.0, 66, 40]) + haze * _HAZE)
    for k in range(900):
        x, up = rng.integers(0, WIDTH), rng.uniform(0.15, 1.0)
        radius = reach * rng.uniform(0.10, 0.22)
        y = HEIGHT - up * ridge[x]
        leaf = np.array([74.0, 94, 50]) * (0.55 + 0.5 * k / 900) * rng.uniform(0.85, 1.15)
        colour = (1 - haze) * leaf + haze * _HAZE
        for shift in (-WIDTH, 0, WIDTH):
            if -60 < x + shift < WIDTH + 60:
                for _ in range(5):
                    dx, dy = rng.normal(0, 0.55 * radius, 2)
                    at = (float(x + shift + dx), float(y + 0.7 * dy))
                    size = (float(1.2 * radius), float(radius))
                    shade = (colour * (1.0 - 0.10 * dy / radius)).tolist()
                    cv2.ellipse(image, (at, size, 0.0), shade, -1, cv2.LINE_AA)
                    cv2.ellipse(alpha, (at, size, 0.0), 1.0, -1, cv2.LINE_AA)


def _hills(image: np.ndarray, alpha: np.ndarray, rng: np.random.Generator, *, reach: float) -> None:
    """Three ranges, the further the paler."""
    for high, haze in ((1.0, 0.78), (0.72, 0.6), (0.45, 0.4)):
        ridge = reach * high * np.clip(0.7 + 0.16 * _profile(rng, 1.8), 0.2, 1.0)
        _fill_below(image, alpha, ridge, (1 - haze) * np.array([74.0, 92, 62]) + haze * _HAZE)


def _houses(image: np.ndarray, alpha: np.ndarray, rng: np.random.Generator, *, reach: float) -> None:
    """Rows of blocks with windows, the further row higher and paler."""
    for high, haze in ((1.0, 0.62), (0.72, 0.38)):
        x = 0
        while x < WIDTH:
            wide = int(rng.integers(50, 190))
            top = int(reach * high * rng.uniform(0.45, 1.0))
            wall = np.array([168.0, 158, 146]) * rng.uniform(0.65, 1.1) * rng.uniform(0.93, 1.07, 3)
            colour = (1 - haze) * wall + haze * _HAZE
            image[HEIGHT - top :, x : x + wide] = colour
            alpha[HEIGHT - top :, x : x + wide] = 1.0
            for row in range(HEIGHT - top + 4, HEIGHT - 4, 10):
                for column in range(x + 5, min(x + wide, WIDTH) - 7, 11):
                    image[row : row + 5, column : column + 5] = colour * rng.uniform(0.6, 0.85)
            x += wide + int(rng.integers(0, 60))


def strip(kind: str, *, reach: float, seed: int) -> np.ndarray:
    """(HEIGHT, WIDTH, 4) uint8: once round the horizon (azimuth 0 at column 0), the last row on it; `reach` is the
    share of the height that is filled."""
    rng = np.random.default_rng([seed, *kind.encode()])
    image, alpha = np.tile(_HAZE.astype(np.float32), (HEIGHT, WIDTH, 1)), np.zeros((HEIGHT, WIDTH), np.float32)
    rows = reach * HEIGHT
    if kind == "trees":
        _hills(image, alpha, rng, reach=0.55 * rows)
        _crowns(image, alpha, rng, reach=0.75 * rows, haze=0.55)
        _crowns(image, alpha, rng, reach=0.95 * rows, haze=0.30)
    elif kind == "hills":
        _hills(image, alpha, rng, reach=rows)
        _crowns(image, alpha, rng, reach=0.35 * rows, haze=0.35)
    else:
        _houses(image, alpha, rng, reach=rows)
        _crowns(image, alpha, rng, reach=0.4 * rows, haze=0.35)
    speckle = cv2.GaussianBlur(rng.standard_normal((HEIGHT, WIDTH)).astype(np.float32), (0, 0), 1.0)
    return to_bytes(image * (1.0 + 0.12 * speckle[..., None]), alpha)


KINDS = ("trees", "hills", "houses")


def clouds(cover: float, *, seed: int, size: int = 512) -> np.ndarray:
    """(size, size, 4) uint8, repeating: red is how much a cloud hides, green how bright it is; `cover` 0..1."""
    rng = np.random.default_rng([seed, 7])
    density = field(size, rng, slope=1.75, low=2)
    threshold = float(np.quantile(density, np.clip(1.0 - cover, 0.0, 1.0)))
    hides = 0.92 * smooth(density, threshold - 0.15, threshold + 0.85)
    bright = np.clip(1.0 - 0.35 * smooth(density, threshold + 0.3, threshold + 2.0) + 0.08 * field(size, rng), 0, 1)
    return to_bytes(255.0 * np.stack([hides, bright, bright], axis=2))
