"""Rooms: four walls with windows, skirting and a ceiling, all seen from inside alone: a camera outside looks in.

Corners are darkened as the light of a room leaves them. What lies outside is a lawn or a yard before the windows.
"""

from __future__ import annotations

import numpy as np

from synth.stage.recipe import Opening, Room
from synth.stage.shapes import Shape, box, grid_faces, join, make
from synth.stage.solids import panel, sheet, tilted

_FRAME = (0.94, 0.94, 0.92)
_REVEAL_M = 0.16
_OUTSIDE_M = 120.0
# Each wall: how it is turned, and the sign of what runs along it.
_WALLS = {"north": (0.0, 1.0), "east": (270.0, -1.0), "south": (180.0, -1.0), "west": (90.0, 1.0)}


def build(room: Room) -> list[Shape]:
    """The four walls, each with its windows and what lies before them, and the ceiling; nothing without a height."""
    if room.height <= 0:
        return []
    parts = []
    for name, (yaw, sign) in _WALLS.items():
        across = name in ("north", "south")
        length, away = (room.size if across else room.size[::-1])[0], room.size[1 if across else 0] / 2
        holes = [o for o in room.openings if o.wall == name]
        wall = _wall(room, length, [(sign * o.at, o) for o in holes])
        parts.append(wall.placed((0.0, away, 0.0)).placed((0.0, 0.0), yaw).placed(room.at))
    return [*parts, _ceiling(room)]


def _wall(room: Room, length: float, holes: list[tuple[float, Opening]]) -> Shape:
    """One wall over the origin facing -y, with its windows at their places along x."""
    rects = [(x - o.width / 2, x + o.width / 2, o.sill, o.sill + o.height) for x, o in holes]
    parts = [_holed(room, length, rects)]
    low = sorted((a, b) for a, b, z, _ in rects if z < 0.2)
    edges = [-length / 2, *(v for pair in low for v in pair), length / 2]
    for a, b in zip(edges[::2], edges[1::2], strict=True):
        board = box((b - a, 0.018, room.skirting_m), "paint", tint=room.skirting_tint)
        if room.skirting_m > 0:
            parts.append(board.placed(((a + b) / 2, -0.009)))
    parts += [_window(o).placed((x, 0.0, 0.0)) for x, o in holes]
    if holes:
        ground = sheet(_OUTSIDE_M, _OUTSIDE_M / 2, room.outside, lift_m=0.02, repeat_m=2.6)
        parts.append(ground.placed((0.0, _OUTSIDE_M / 4 + 0.02, 0.0)))
    return join(parts)


def _breaks(length: float, cuts: list[float]) -> np.ndarray:
    """Where a side of `length` from 0 is divided: close to its ends, at `cuts`, and every 1.5 m."""
    near = [v for v in (0.0, 0.15, 0.45, 1.0) if v <= length / 2]
    middle = np.arange(2.0, length - 2.0, 1.5)
    return np.unique(np.round([*near, *(length - v for v in near), *middle, *cuts], 4))


def _dusk(distance: np.ndarray, depth: float) -> np.ndarray:
    return 1.0 - depth * np.exp(-distance / 0.3)


def _holed(room: Room, length: float, rects: list[tuple[float, float, float, float]]) -> Shape:
    """The wall's face without its openings."""
    across = _breaks(length, [v + length / 2 for r in rects for v in r[:2]]) - length / 2
    up = _breaks(room.height, [v for r in rects for v in r[2:]])
    x, z = (a.ravel() for a in np.meshgrid(across, up))
    bright = _dusk(length / 2 - np.abs(x), 0.16) * _dusk(z, 0.2) * _dusk(room.height - z, 0.12)
    faces = grid_faces(len(up) - 1, len(across) - 1)
    middle = np.stack([x, z], 1)[faces].mean(axis=1)
    inside = np.zeros(len(faces), bool)
    for a, b, low, high in rects:
        inside |= (middle[:, 0] > a) & (middle[:, 0] < b) & (middle[:, 1] > low) & (middle[:, 1] < high)
    points = np.stack([x, 0 * x, z], 1)
    uv = np.stack([x, z], 1) / room.wall_tile_m
    normals = np.tile([0.0, -1.0, 0.0], (len(x), 1))
    return make(points, normals, uv, faces[~inside], room.wall, np.asarray(room.wall_tint) * bright[:, None])


def _window(what: Opening) -> Shape:
    """Reveal, frame with a mullion, and a sill board, for an opening at x = 0 of a wall at y = 0."""
    w, h, low = what.width, what.height, what.sill
    jambs = [panel(_REVEAL_M, h, "paint", tint=(0.8, 0.8, 0.78), lift_m=low).placed((0, 0), yaw) for yaw in (90, 270)]
    parts = [j.placed((x, _REVEAL_M / 2)) for j, x in zip(jambs, (-w / 2, w / 2), strict=True)]
    head = tilted(sheet(w, _REVEAL_M, "paint", lift_m=0.0, tint=(0.66, 0.66, 0.64)), 180.0)
    foot = sheet(w, _REVEAL_M, "paint", lift_m=0.0, tint=(0.9, 0.9, 0.88))
    parts += [head.placed((0, _REVEAL_M / 2, low + h)), foot.placed((0, _REVEAL_M / 2, low))]
    y, bar = _REVEAL_M - 0.03, 0.06
    for x in (-w / 2 + bar / 2, 0.0, w / 2 - bar / 2):
        parts.append(box((bar, 0.05, h), "paint", tint=_FRAME, lift_m=low).placed((x, y)))
    for z in (low, low + h - bar):
        parts.append(box((w, 0.05, bar), "paint", tint=_FRAME, lift_m=z).placed((0, y)))
    if low > 0.2:
        parts.append(box((w + 0.16, 0.2, 0.035), "paint", tint=_FRAME, lift_m=low - 0.035).placed((0, -0.05)))
    return join(parts)


def _ceiling(room: Room) -> Shape:
    """Seen from below."""
    x, y = (a.ravel() for a in np.meshgrid(*(_breaks(v, []) - v / 2 for v in room.size)))
    bright = _dusk(room.size[0] / 2 - np.abs(x), 0.14) * _dusk(room.size[1] / 2 - np.abs(y), 0.14)
    columns, rows = (len(_breaks(v, [])) - 1 for v in room.size)
    points = np.stack([x, y, np.full(len(x), room.height)], 1)
    tint = np.asarray(room.ceiling_tint) * bright[:, None]
    normals = np.tile([0.0, 0.0, -1.0], (len(x), 1))
    shape = make(points, normals, points[:, :2] / 3.0, grid_faces(rows, columns)[:, ::-1], "white", tint)
    return shape.placed(room.at)
