"""What lies on a place's floor: the map of its path, its brightness and what light things leave it; painted lines."""

from __future__ import annotations

import cv2
import numpy as np

from synth.stage import noise
from synth.stage.recipe import Floor, Mark, Recipe
from synth.stage.shapes import Shape, grid_faces, make
from synth.stage.solids import facet

_SIZE, _FINE_SIZE = 512, 1024  # texels a side; the finer where there are marks or a room's corners
_SHIFT = 4  # bits of a texel's fraction that drawing takes
_LOW_M, _FLAT_M = 2.6, 0.13  # what shades the floor about it is lower than this, and no flat thing
_PAINT_M = 0.004


def paint(what: Recipe, whole: Shape) -> np.ndarray:
    """(n, n, 4) uint8, floor.map_m wide about the origin, y up: red path, green brightness, blue the share of sky
    light that things leave."""
    fine = what.room.height > 0 or any(mark.layer == "path" for mark in what.floor.marks)
    n, rng = _FINE_SIZE if fine else _SIZE, np.random.default_rng([what.seed, 3])
    path = _path(what.floor, n, rng)
    for mark in (mark for mark in what.floor.marks if mark.layer == "path"):
        np.maximum(path, _drawn(mark, n, what.floor.map_m), out=path)
    bright = 0.5 + what.floor.relief * 0.09 * noise.field(n, rng, slope=1.1, low=3, high=90)
    shade = _footprints(whole, n, what.floor.map_m)
    return noise.to_bytes(255.0 * np.stack([path, np.clip(bright, 0.2, 0.8), shade], axis=2))


def _path(floor: Floor, n: int, rng: np.random.Generator) -> np.ndarray:
    """(n, n) 1 on a path that winds through the origin."""
    if floor.path_m <= 0:
        return np.zeros((n, n))
    axis = ((np.arange(n) + 0.5) / n - 0.5) * floor.map_m
    x, y = np.meshgrid(axis, -axis)
    turn = np.radians(floor.path_yaw_deg)
    along, across = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    bend = 1.4 * (np.sin(along * 0.16 + rng.uniform(0, 6.3)) - np.sin(rng.uniform(0, 6.3)) * 0.2)
    bend *= noise.smooth(np.abs(along), 1.0, 9.0)
    edge = floor.path_m / 2 + 0.12 * noise.field(n, rng, slope=1.0, low=20) - np.abs(across - bend)
    return noise.smooth(edge, -0.35, 0.35)


def _outline(mark: Mark) -> np.ndarray:
    """(N, 2) metres about the mark's middle; its last point joins the first where the shape is closed."""
    if mark.shape == "circle":
        turn = np.radians(np.linspace(mark.from_deg, mark.to_deg, 65))
        return mark.radius * np.stack([np.cos(turn), np.sin(turn)], 1)
    half = np.array(mark.size) / 2
    if mark.shape == "line":
        return np.array([(-half[0], 0.0), (half[0], 0.0)])
    return np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]) * half


def _turned(mark: Mark, points: np.ndarray) -> np.ndarray:
    turn = np.radians(mark.yaw_deg)
    return points @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]) + np.array(mark.at)


def _drawn(mark: Mark, n: int, map_m: float) -> np.ndarray:
    """(n, n) 0..1: the mark, its edges smooth."""
    points = _turned(mark, _outline(mark)) * n / map_m
    pixels = np.stack([points[:, 0] + n / 2 - 0.5, n / 2 - 0.5 - points[:, 1]], 1)
    pixels = np.round(pixels * (1 << _SHIFT)).astype(np.int32)
    canvas = np.zeros((n, n), np.uint8)
    if mark.width > 0:
        thick = max(1, round(mark.width * n / map_m))
        cv2.polylines(canvas, [pixels], False, 255, thick, cv2.LINE_AA, _SHIFT)
    else:
        cv2.fillPoly(canvas, [pixels], 255, cv2.LINE_AA, _SHIFT)
    return canvas.astype(np.float32) / 255.0


def lines(floor: Floor) -> list[Shape]:
    """The marks of paint, so thin that a shoe hides them."""
    return [_line(mark, floor.lines_tint) for mark in floor.marks if mark.layer == "line"]


def _line(mark: Mark, tint) -> Shape:
    """A strip of mark.width along the outline, mitred at its corners; or the outline filled."""
    points = _outline(mark)
    if mark.width <= 0:
        corners = np.concatenate([_turned(mark, points[:-1]), np.full((len(points) - 1, 1), _PAINT_M)], axis=1)
        return facet(corners, "paint", tint=tint)
    step = np.diff(points, axis=0)
    step /= np.linalg.norm(step, axis=1, keepdims=True)
    closed = np.allclose(points[0], points[-1])
    before = np.concatenate([step[-1:] if closed else step[:1], step])
    after = np.concatenate([step, step[:1] if closed else step[-1:]])
    across = np.stack([-(before + after)[:, 1], (before + after)[:, 0]], 1)
    across /= (across * np.stack([-before[:, 1], before[:, 0]], 1)).sum(axis=1, keepdims=True)
    sides = [_turned(mark, points + side * 0.5 * mark.width * across) for side in (-1.0, 1.0)]
    flat = np.concatenate(sides)
    up = np.concatenate([flat, np.full((len(flat), 1), _PAINT_M)], axis=1)
    normals = np.tile([0.0, 0.0, 1.0], (len(up), 1))
    return make(up, normals, flat, grid_faces(1, len(points) - 1), "paint", tint)


def _footprints(whole: Shape, n: int, map_m: float) -> np.ndarray:
    """(n, n) share of sky light left on the floor by what stands low over it, blurred."""
    scale = n / map_m
    covered = np.zeros((n, n), np.float32)
    corners = whole.points[whole.faces]
    top = corners[..., 2].max(axis=1) if len(corners) else np.zeros(0)
    for low in corners[(top < _LOW_M) & (top > _FLAT_M)]:
        pixels = np.stack([low[:, 0] * scale + n / 2, n / 2 - low[:, 1] * scale], axis=1)
        cv2.fillConvexPoly(covered, np.round(pixels).astype(np.int32), 1.0)
    wide = cv2.GaussianBlur(covered, (0, 0), 0.625 * scale)
    return 1.0 - 0.6 * np.maximum(wide, cv2.GaussianBlur(covered, (0, 0), 0.1875 * scale) * 0.9)
