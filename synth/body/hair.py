"""Hair: a shell over the scalp, and what hangs or is tied from it (a curtain of hair, a tail, a bun).

The hairline is drawn on the reference head as the lowest height of hair at each x (front to back), and the scalp's mesh
is cut along it. Hanging hair is a grid around the head's vertical axis whose radius keeps what it reached higher up and
stays clear of the clothes, so that it lies on the back instead of in it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from synth.body.bake import smoothstep, value_noise
from synth.body.figure import Figure
from synth.body.mesh import Piece, cut

# Lowest hair (z) at each x on the reference head: nape, behind the ear, over it, sideburn, temple, forehead.
_LINE_X = (-0.062, -0.030, 0.000, 0.014, 0.022, 0.050, 0.058, 0.068, 0.082, 0.105, 0.135)
_LINE_Z = (1.545, 1.553, 1.572, 1.600, 1.646, 1.646, 1.622, 1.630, 1.664, 1.690, 1.701)
_AXIS_X = 0.030
_HEAD_CENTRE = np.array([0.030, 0.0, 1.655])
# Where the streaks of hair start or meet: directions from the head's centre.
_WHORL = (-0.37, 0.0, 0.93)
_KNOT = (-0.87, 0.0, 0.49)
# How much shorter long hair is at its sides than in the middle, as a share of its length.
_ROUND = 0.22


@dataclass(frozen=True)
class Style:
    """top_m and side_m: thickness of the shell; ramp_m: how fast it thickens from the hairline; rough: lumpiness 0 to
    1; end_z: where a curtain of hair ends on the reference body; tie: "tail" or "bun"."""

    top_m: float
    side_m: float
    ramp_m: float = 0.025
    rough: float = 0.3
    front_m: float = 0.0
    end_z: float | None = None
    tie: str | None = None


STYLES = {
    "buzz": Style(0.004, 0.003, 0.02, 0.1),
    "short": Style(0.016, 0.008, 0.028, 0.5),
    "quiff": Style(0.021, 0.007, 0.022, 0.45, front_m=0.012),
    "curly": Style(0.034, 0.026, 0.026, 1.0),
    "afro": Style(0.062, 0.058, 0.040, 0.35),
    "bob": Style(0.018, 0.016, 0.022, 0.2, end_z=1.548),
    "long": Style(0.017, 0.015, 0.022, 0.2, end_z=1.335),
    "ponytail": Style(0.011, 0.009, 0.022, 0.15, tie="tail"),
    "bun": Style(0.012, 0.010, 0.022, 0.15, tie="bun"),
}


def hairline(points: np.ndarray) -> np.ndarray:
    """(n,) metres inside the hair of points (n, 3) on the reference body; negative on face, ears, neck and below."""
    x, y, z = points[:, 0], points[:, 1], points[:, 2]
    # Rounder than the line alone: higher in the middle of the forehead, a little further back at the temples.
    round_ = 0.008 * smoothstep(0.05, 0.0, np.abs(y)) * smoothstep(0.08, 0.1, x) + 0.005 * smoothstep(
        0.028, 0.042, np.abs(y)
    ) * smoothstep(0.075, 0.09, x)
    field = (z - np.interp(x, _LINE_X, _LINE_Z) - round_) * 0.75
    return np.where(z > 1.5, field, -0.2)


def head_map(fig: Figure) -> Callable[[np.ndarray], np.ndarray]:
    """A function from points (n, 3) on the reference head to this body's: the affine fit of the scalp's vertices."""
    body = np.unique(fig.pack.meshes["body"].faces)
    ids = body[fig.pattern.points[body, 2] > 1.56]
    known = np.column_stack([fig.pattern.points[ids], np.ones(len(ids))])
    matrix, *_ = np.linalg.lstsq(known, fig.rest[ids], rcond=None)
    return lambda points: np.column_stack([points, np.ones(len(points))]) @ matrix


def shell(fig: Figure, style: Style, seed: int) -> Piece:
    """The scalp's faces above the hairline, pushed outwards."""
    field = hairline(fig.pattern.points)
    faces = fig.pack.meshes["body"].faces
    whole = fig.piece(
        "body", fig.rest, field[:, None], (field[faces] > -0.05).all(axis=1) | (field[faces] > 0).any(axis=1)
    )
    part, _ = cut(whole, whole.fields[:, 0])
    x, z = part.pattern[:, 0], part.pattern[:, 2]
    high = smoothstep(1.64, 1.73, z)
    thick = style.side_m + (style.top_m - style.side_m) * high
    thick = thick + style.front_m * smoothstep(0.03, 0.10, x) * high
    lumps = value_noise(part.pattern, 30 if style.rough > 0.6 else 45, seed, 2) - 0.5
    ramp = style.ramp_m * (1 + 0.9 * smoothstep(0.05, 0.09, x))
    thick = thick * (1 + style.rough * 1.2 * lumps) * smoothstep(-0.004, 1.0, part.fields[:, 0] / ramp) + 0.0012
    out = part.rest + thick[:, None] * part.normals()
    return Piece(out, part.pattern, part.weights, part.fields, part.vertex, part.uv, part.faces)


def _grid_faces(rows: int, columns: int, closed: bool) -> np.ndarray:
    """(F, 3) triangles of a grid of rows x columns vertices, column-wise closed or open, seen from outside."""
    last = columns if closed else columns - 1
    r, c = np.meshgrid(np.arange(rows - 1), np.arange(last), indexing="ij")
    a, b = (r * columns + c).ravel(), (r * columns + (c + 1) % columns).ravel()
    d, e = a + columns, b + columns
    return np.concatenate([np.stack([a, d, b], axis=1), np.stack([b, d, e], axis=1)])


def _grid_piece(rest, pattern, weights, faces, uv) -> Piece:
    return Piece(rest, pattern, weights, np.zeros((len(rest), 1)), np.arange(len(rest)), uv, faces)


def _skinning(fig: Figure, pattern: np.ndarray) -> np.ndarray:
    """(n, J) weights of hanging hair: the head's, passing to the upper spine below the chin."""
    names = fig.pack.bone_names
    loose = smoothstep(1.56, 1.38, pattern[:, 2])
    out = np.zeros((len(pattern), len(names)), np.float32)
    out[:, names.index("head")] = 1 - loose
    out[:, names.index("spine01")] = loose
    return out


def curtain(fig: Figure, cap: Piece, style: Style) -> Piece:
    """Hair hanging from the sides and the back of the head down to style.end_z; its edges turn in towards the neck, so
    that it looks full from the side."""
    rows, columns = 15, 33
    z = np.linspace(1.690, style.end_z, rows)[:, None]
    # Open in front; the further down, the more it falls behind the shoulders.
    start = np.radians(np.interp(z, [1.34, 1.40, 1.44, 1.48, 1.56, 1.62, 1.69], [120, 104, 90, 76, 66, 60, 58]))
    turn = np.linspace(0, 1, columns)
    angle = start + (2 * np.pi - 2 * start) * turn
    # Points of this body as on the reference body, near its head.
    ones = np.ones(len(cap.rest))
    back = np.linalg.lstsq(np.column_stack([cap.rest, ones]), cap.pattern, rcond=None)[0]
    radius = _hanging_radius(fig, np.column_stack([cap.rest, ones]) @ back, z[:, 0], angle)
    x, y = _AXIS_X + radius * np.cos(angle), radius * np.sin(angle)
    y = y * np.minimum(
        1.0, np.interp(z, [1.34, 1.46, 1.54], [0.085, 0.110, 0.125]) / np.abs(y).max(axis=1, keepdims=True)
    )
    z = np.broadcast_to(z, y.shape)
    x = np.minimum(x, _behind(fig, back, y, z))
    # The ends are cut round: longest in the middle of the back.
    lift = (1.690 - z) * _ROUND * np.abs(2 * turn - 1) ** 3 * (style.end_z < 1.5)
    pattern = np.stack([x, y, z + lift], axis=-1)
    pattern = np.concatenate([_turned_in(pattern[:, :1]), pattern, _turned_in(pattern[:, -1:])], axis=1)
    across = np.linspace(0, 1, columns + 2)
    uv = np.stack(np.broadcast_arrays(across, np.linspace(1, 0, rows)[:, None]), axis=-1).reshape(-1, 2)
    faces, pattern = _grid_faces(rows, columns + 2, False), pattern.reshape(-1, 3)
    return _grid_piece(head_map(fig)(pattern), pattern, _skinning(fig, pattern), faces, 0.01 + 0.98 * uv)


def _turned_in(edge: np.ndarray) -> np.ndarray:
    """The points (rows, 1, 3) of a curtain's edge moved inwards, into the neck."""
    return edge * [1.0, 0.2, 1.0] + np.array([0.030, 0.0, 0.0]) * smoothstep(1.44, 1.54, edge[..., 2:])


def _hanging_radius(fig: Figure, cap: np.ndarray, z: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """(rows, columns) radius around the head's axis: outside the shell and the ears, and hardly less further down."""
    points = fig.pattern.points[np.unique(fig.pack.meshes["body"].faces)]
    ears = points[(points[:, 2] > 1.55) & (np.abs(points[:, 0] - 0.02) < 0.05)]
    shape = np.concatenate([cap, ears])
    out = np.empty_like(angle)
    for row, height in enumerate(z):
        hair = _reach(shape, angle[row], height, 0.0, 1.0) + 0.004
        out[row] = hair if height > 1.62 or row == 0 else np.maximum(hair, out[row - 1] - 0.001)
    return out


def _behind(fig: Figure, back: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """x just behind neck, shoulders and back at each (y, z), on the reference body; inf where none of them is near."""
    ids = np.unique(fig.pack.meshes["tights"].faces)
    ids = ids[(fig.pattern.level[ids] > 0.70) & (fig.pattern.points[ids, 0] < 0.03)]
    cloth = np.column_stack([fig.surface[ids], np.ones(len(ids))]) @ back
    above = cloth[:, 2] - z[..., None]
    near = (np.abs(cloth[:, 1] - y[..., None]) < 0.03) & (above > -0.016) & (above < 0.035)
    return np.where(near & (z[..., None] < 1.535), cloth[:, 0], np.inf).min(axis=-1) - 0.021


def _reach(points: np.ndarray, angle: np.ndarray, height: float, below: float, above: float) -> np.ndarray:
    """(columns,) largest radius around the head's axis of the points near each angle, from height - below to height +
    above."""
    near = points[(points[:, 2] > height - below) & (points[:, 2] < height + above)]
    x, y = near[:, 0] - _AXIS_X, near[:, 1]
    turn = np.abs((np.arctan2(y, x) - angle[:, None] + np.pi) % (2 * np.pi) - np.pi)
    return np.where(turn < 0.22, np.hypot(x, y), 0.0).max(axis=1, initial=0.0)


def tail(fig: Figure) -> Piece:
    """A ponytail: a tapering tube from the back of the head."""
    path = np.array(
        [[-0.045, 1.690], [-0.072, 1.702], [-0.098, 1.692], [-0.115, 1.660], [-0.120, 1.615], [-0.116, 1.565],
         [-0.108, 1.515], [-0.102, 1.470]]
    )  # fmt: skip
    radius = np.array([0.014, 0.015, 0.022, 0.028, 0.030, 0.027, 0.019, 0.004])
    return _tube(fig, path, radius, 12)


def bun(fig: Figure) -> Piece:
    """A knot of hair at the back of the crown."""
    t = np.linspace(0.0, np.pi, 8)
    centre, size, lean = np.array([-0.068, 1.712]), 0.040, np.array([-0.80, 0.60])
    path = centre - np.outer(np.cos(t), lean) * size * 0.8
    return _tube(fig, path, np.maximum(size * np.sin(t), 0.002), 14)


def _tube(fig: Figure, path: np.ndarray, radius: np.ndarray, sides: int) -> Piece:
    """Rings of the given radii around a path (n, 2) of x and z in the middle plane of the reference head."""
    run = np.gradient(path, axis=0)
    run /= np.linalg.norm(run, axis=1, keepdims=True)
    turn = np.linspace(0, 2 * np.pi, sides + 1)
    ring = radius[:, None] * np.cos(turn)
    pattern = np.stack(
        [path[:, :1] + ring * run[:, 1:], radius[:, None] * np.sin(turn), path[:, 1:] - ring * run[:, :1]], axis=-1
    ).reshape(-1, 3)
    uv = np.stack(np.broadcast_arrays(turn / turn[-1], np.linspace(1, 0, len(path))[:, None]), axis=-1).reshape(-1, 2)
    faces = _grid_faces(len(path), sides + 1, False)
    return _grid_piece(head_map(fig)(pattern), pattern, _skinning(fig, pattern), faces, 0.01 + 0.98 * uv)


def strands(points: np.ndarray, colour: np.ndarray, style: Style, seed: int) -> np.ndarray:
    """(n, 3) sRGB of hair at points (n, 3) on the reference body: streaks that run away from the crown, or towards the
    knot where the hair is tied."""
    pole = np.array(_KNOT if style.tie else _WHORL)
    side = np.array([0.0, 1.0, 0.0])
    spoke = points - _HEAD_CENTRE
    along, a, b = spoke @ pole, spoke @ side, spoke @ np.cross(pole, side)
    angle = np.arctan2(a, b)
    flow = np.stack([np.cos(angle) * 0.09, np.sin(angle) * 0.09, along], axis=1)
    streak = value_noise(flow, (190.0, 190.0, 12.0), seed, 3)
    clump = value_noise(points, 55 if style.rough < 0.6 else 90, seed + 1, 2)
    sheen = np.exp(-(((points[:, 2] - 1.700) / 0.020) ** 2)) * (0.28 - 0.2 * min(style.rough, 1.0))
    light = 0.62 + 0.55 * streak + (0.25 + 0.4 * style.rough) * (clump - 0.5) + sheen * streak
    # Roots and the ends lie in shadow.
    light = light * (0.72 + 0.28 * smoothstep(0.0, 0.03, np.where(points[:, 2] > 1.55, hairline(points), 1.0)))
    return np.clip(colour * light[:, None] + 14 * sheen[:, None], 4, 215)
