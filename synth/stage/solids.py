"""More solids for the things of a place: panels, discs, balls, tapering boxes, extruded outlines, and how to tilt them.

A thing's front looks towards -y; panels are seen from their front alone, which is what makes dolls' houses possible.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from synth.stage.shapes import Shape, cylinder, grid_faces, join, make

WHITE = (1.0, 1.0, 1.0)


def panel(
    width: float,
    height: float,
    kind: str,
    *,
    columns: int = 1,
    rows: int = 1,
    repeat_m: float = 0.0,
    tint=WHITE,
    lift_m: float = 0.0,
    shade: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None,
) -> Shape:
    """An upright rectangle over the origin that faces -y. repeat_m: metres a texture tile spans, 0 where one tile
    fills the panel; shade(x, z): brightness at points of the panel, metres."""
    x, z = np.meshgrid(np.linspace(-width / 2, width / 2, columns + 1), np.linspace(0, height, rows + 1))
    x, z = x.ravel(), z.ravel()
    uv = np.stack([x / width + 0.5, z / height], 1) if repeat_m == 0 else np.stack([x, z], 1) / repeat_m
    bright = np.ones(len(x)) if shade is None else shade(x, z)
    points = np.stack([x, 0 * x, z + lift_m], 1)
    normals = np.tile([0.0, -1.0, 0.0], (len(x), 1))
    return make(points, normals, uv, grid_faces(rows, columns), kind, np.asarray(tint) * bright[:, None])


def sheet(length: float, width: float, kind: str, *, lift_m: float, repeat_m: float = 0.0, tint=WHITE) -> Shape:
    """A level rectangle seen from above."""
    flat = panel(length, width, kind, repeat_m=repeat_m, tint=tint)
    return tilted(flat, -90.0).placed((0.0, -width / 2, lift_m))


def tilted(shape: Shape, angle_deg: float, *, axis: str = "x") -> Shape:
    """Turned about the x or y axis through the origin, counter-clockwise seen from the axis' end."""
    c, s = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    about = {"x": [[1, 0, 0], [0, c, -s], [0, s, c]], "y": [[c, 0, s], [0, 1, 0], [-s, 0, c]]}
    turn = np.array(about[axis], float)
    return Shape(shape.points @ turn.T, shape.normals @ turn.T, shape.uv, shape.tint, shape.faces, shape.kind)


def disc(radius: float, kind: str, *, sides: int = 12, lift_m: float = 0.0, tint=WHITE) -> Shape:
    """A level disc seen from above."""
    turn = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    rim = np.stack([np.cos(turn), np.sin(turn), 0 * turn], 1)
    points = np.concatenate([[[0.0, 0.0, 0.0]], rim]) * radius + [0, 0, lift_m]
    k = np.arange(sides)
    faces = np.stack([0 * k, k + 1, (k + 1) % sides + 1], 1)
    uv = np.concatenate([[[0.5, 0.5]], 0.5 + 0.5 * rim[:, :2]])
    return make(points, np.tile([0.0, 0.0, 1.0], (len(points), 1)), uv, faces, kind, tint)


def drum(radius: float, height: float, kind: str, *, sides: int = 12, lift_m: float = 0.0, tint=WHITE) -> Shape:
    """An upright cylinder with a lid on top."""
    side = cylinder(radius, radius, height, kind, sides=sides, tint=tint)
    return join([side, disc(radius, kind, sides=sides, lift_m=height, tint=tint)]).placed((0, 0, lift_m))


def rod(a: Sequence[float], b: Sequence[float], radius: float, kind: str, *, sides: int = 6, tint=WHITE) -> Shape:
    """A round bar from a to b, open at its ends."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    along = b - a
    length = float(np.linalg.norm(along))
    w = along / length
    u = np.cross(w, [0.0, 0.0, 1.0] if abs(w[2]) < 0.9 else [1.0, 0.0, 0.0])
    u /= np.linalg.norm(u)
    turn = np.stack([u, np.cross(w, u), w], 1)
    bar = cylinder(radius, radius, length, kind, sides=sides, tint=tint)
    return Shape(bar.points @ turn.T + a, bar.normals @ turn.T, bar.uv, bar.tint, bar.faces, bar.kind)


def ball(radius: float, kind: str, *, rows: int = 7, columns: int = 12, tint=WHITE) -> Shape:
    """A smooth ball about the origin, darker below."""
    polar, turn = np.meshgrid(np.linspace(np.pi, 0, rows + 1), np.linspace(0, 2 * np.pi, columns + 1), indexing="ij")
    unit = np.stack([np.sin(polar) * np.cos(turn), np.sin(polar) * np.sin(turn), np.cos(polar)], -1).reshape(-1, 3)
    uv = np.stack([turn.ravel() / np.pi, 1 - polar.ravel() / np.pi], 1)
    dark = (0.75 + 0.25 * np.clip(unit[:, 2] + 0.6, 0, 1))[:, None]
    return make(unit * radius, unit, uv, grid_faces(rows, columns), kind, np.asarray(tint) * dark)


def frustum(
    bottom: Sequence[float],
    top: Sequence[float],
    height: float,
    kind: str,
    *,
    shift: Sequence[float] = (0.0, 0.0),
    repeat_m: float = 1.0,
    lift_m: float = 0.0,
    tint=WHITE,
) -> Shape:
    """A box whose top (length, width) differs from its bottom and is moved by `shift`; it has no underside."""
    signs = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    low = np.concatenate([signs * np.asarray(bottom) / 2, np.full((4, 1), lift_m)], 1)
    high = np.concatenate([signs * np.asarray(top) / 2 + np.asarray(shift), np.full((4, 1), lift_m + height)], 1)
    sides = [np.stack([low[k], low[(k + 1) % 4], high[(k + 1) % 4], high[k]]) for k in range(4)]
    parts = [facet(corners, kind, repeat_m=repeat_m, tint=tint) for corners in (*sides, high)]
    return join(parts)


def facet(corners: np.ndarray, kind: str, *, repeat_m: float = 1.0, tint=WHITE) -> Shape:
    """A flat convex polygon (N, 3), counter-clockwise seen from its front; texture by metres along its first edge."""
    corners = np.asarray(corners, float)
    spread = corners - corners[0]
    cross = np.cross(spread[1:-1], spread[2:])
    normal = cross[np.argmax((cross**2).sum(axis=1))]
    normal = normal / np.linalg.norm(normal)
    u = np.cross([0.0, 0.0, 1.0], normal) if abs(normal[2]) < 0.9 else np.array([1.0, 0.0, 0.0])
    u = u / np.linalg.norm(u)
    uv = np.stack([corners @ u, corners @ np.cross(normal, u)], 1) / repeat_m
    k = np.arange(1, len(corners) - 1)
    faces = np.stack([0 * k, k, k + 1], 1)
    return make(corners, np.tile(normal, (len(corners), 1)), uv, faces, kind, tint)


def prism(outline: np.ndarray, width: float, kind: str, *, repeat_m: float = 1.0, tint=WHITE) -> Shape:
    """A convex outline (N, 2) of x and z, counter-clockwise seen from -y, drawn out over `width` along y."""
    outline = np.asarray(outline, float)
    front = np.stack([outline[:, 0], 0 * outline[:, 0] - width / 2, outline[:, 1]], 1)
    back = front + np.array([0.0, width, 0.0])
    parts = [facet(front, kind, repeat_m=repeat_m, tint=tint), facet(back[::-1], kind, repeat_m=repeat_m, tint=tint)]
    for k in range(len(outline)):
        j = (k + 1) % len(outline)
        corners = np.stack([front[j], front[k], back[k], back[j]])
        parts.append(facet(corners, kind, repeat_m=repeat_m, tint=tint))
    return join(parts)
