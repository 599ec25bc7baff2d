"""Balls, painted by direction from their centre: seams where the real ones have them.

The seams of a baseball follow the curve x = a cos t + b cos 3t, y = a sin t - b sin 3t, z = 2 sqrt(ab) sin 2t; a soccer
ball is the truncated icosahedron of 1970, black pentagons among white hexagons.
"""

from __future__ import annotations

import itertools

import numpy as np
from scipy.spatial import cKDTree

from synth.motion.objects import RADIUS_M
from synth.stage.props import finish
from synth.stage.props.solids import Solid, ball

_GOLDEN = (1 + 5**0.5) / 2
# Distances of the faces of a truncated icosahedron from its centre, of the circumscribed sphere's radius.
_PENTAGON, _HEXAGON = 0.93923, 0.91495


def basketball() -> Solid:
    """Orange pebbled leather with eight panels between black seams."""
    return ball(RADIUS_M["basketball"], finish.on_ball("basketball", _basketball, roughness=0.55))


def soccer_ball() -> Solid:
    """White hexagons and black pentagons."""
    return ball(RADIUS_M["soccer_ball"], finish.on_ball("soccer_ball", _soccer, roughness=0.35))


def baseball() -> Solid:
    """White leather with red stitches."""
    skin = finish.on_ball("baseball", _baseball, roughness=0.6)
    return ball(RADIUS_M["baseball"], skin, rows=10, columns=18)


def golf_ball() -> Solid:
    """White with dimples."""
    return ball(RADIUS_M["golf_ball"], finish.on_ball("golf_ball", _golf, roughness=0.3), rows=10, columns=16)


def _basketball(out: np.ndarray) -> np.ndarray:
    grain = finish.pebbles(out)
    colour = np.array([214.0, 104.0, 38.0]) * (1 + 0.05 * grain[..., None])
    x, y, z = np.moveaxis(np.abs(out), -1, 0)
    seam = np.minimum.reduce([x, z, np.abs(y - 0.66)])
    return _mix(colour, (32, 24, 20), seam, 0.026)


def _soccer(out: np.ndarray) -> np.ndarray:
    pentagons = _signed([(0.0, 1.0, _GOLDEN)])
    hexagons = np.concatenate([_signed([(1.0, 1.0, 1.0)]), _signed([(0.0, 1 / _GOLDEN, _GOLDEN)])[:, [0, 2, 1]]])
    reach = np.concatenate([out @ pentagons.T / _PENTAGON, out @ hexagons.T / _HEXAGON], axis=-1)
    order = np.sort(reach, axis=-1)
    black = (np.argmax(reach, axis=-1) < len(pentagons))[..., None]
    colour = np.where(black, np.array([26.0, 26.0, 30.0]), np.array([240.0, 240.0, 236.0]))
    return _mix(colour, (70, 70, 74), order[..., -1] - order[..., -2], 0.012)


def _baseball(out: np.ndarray) -> np.ndarray:
    t = np.linspace(0, 2 * np.pi, 1440, endpoint=False)
    b = 0.28
    x, y = (1 - b) * np.cos(t) + b * np.cos(3 * t), (1 - b) * np.sin(t) - b * np.sin(3 * t)
    curve = np.stack([x, y, 2 * np.sqrt(b * (1 - b)) * np.sin(2 * t)], axis=1)
    half = np.sqrt(0.5)  # turned by 45 degrees about z it is symmetric about y = 0
    curve = curve @ np.array([[half, half, 0], [-half, half, 0], [0, 0, 1.0]])
    distance, nearest = cKDTree(curve).query(out)
    stitch = (nearest % 24 < 12) & (distance < 0.13)
    colour = np.broadcast_to(np.array([238.0, 234.0, 224.0]), out.shape)
    colour = np.where((stitch & (distance > 0.015))[..., None], np.array([188.0, 34.0, 36.0]), colour)
    return _mix(colour, (150, 140, 130), distance, 0.012)


def _golf(out: np.ndarray) -> np.ndarray:
    k = np.arange(300) + 0.5
    height, turn = 1 - 2 * k / 300, k * np.pi * (1 + 5**0.5)
    flat = np.sqrt(1 - height**2)
    centres = np.stack([flat * np.cos(turn), flat * np.sin(turn), height], axis=1)
    distance, _ = cKDTree(centres).query(out)
    return _mix(np.broadcast_to(np.array([246.0, 246.0, 244.0]), out.shape), (206, 206, 206), distance, 0.07)


def _mix(colour: np.ndarray, line, distance: np.ndarray, width: float) -> np.ndarray:
    """`line` where `distance` is under `width`."""
    return np.where((distance < width)[..., None], np.asarray(line, float), colour)


def _signed(vectors) -> np.ndarray:
    """All sign changes and cyclic permutations of vectors, unit, each once."""
    out = set()
    for vector in vectors:
        for signs in itertools.product((1, -1), repeat=3):
            signed = [s * v + 0.0 for s, v in zip(signs, vector, strict=True)]
            out |= {tuple(np.roll(signed, k)) for k in range(3)}
    array = np.array(sorted(out))
    return array / np.linalg.norm(array, axis=1, keepdims=True)
