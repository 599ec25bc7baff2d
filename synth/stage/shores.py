"""What belongs to beaches and to studios: sea, palms, sunshades, loungers; the white sweep and its lamps."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from synth.stage.shapes import Shape, blob, box, cylinder, grid_faces, join, make
from synth.stage.solids import ball, disc, facet, frustum, panel, rod, sheet, tilted

_BLACK = (0.08, 0.08, 0.09)


def _at(shape: Shape, x: float, y: float, z: float = 0.0) -> Shape:
    return shape.placed((x, y, z))


def sea(
    rng: np.random.Generator, *, length: float = 400.0, width: float = 300.0, swell: float = 0.10, tint=(1.0, 1.0, 1.0)
) -> Shape:
    """Water along x, its shore at y = 0, that reaches back `width`; swell: height of its waves. Two lines of surf."""
    away = np.concatenate([np.linspace(0, 24, 33), 24 + np.cumsum(np.geomspace(1.0, width / 6, 15))])
    side = np.sinh(np.linspace(-3.4, 3.4, 41)) / np.sinh(3.4) * length / 2
    x, y = (a.ravel() for a in np.meshgrid(side, away))
    phase = rng.uniform(0, 6.3, 4)
    lean = 0.5 * np.sin(x / 11.0 + phase[0])
    crest = np.sin(y * 1.5 + lean + phase[1]) + 0.5 * np.sin(y * 0.83 - 0.7 * lean + phase[2])
    calm = np.clip(y / 4.0, 0.0, 1.0) * np.exp(-y / 60.0)
    edge = 0.6 * np.sin(x / 5.0 + phase[3]) + 0.35 * np.sin(x / 2.1)
    y = y + np.where(y == 0, edge, 0.0)
    z = 0.02 + swell * (0.55 + 0.45 * crest) * calm
    slope = (
        swell * 0.45 * calm * (1.5 * np.cos(y * 1.5 + lean + phase[1]) + 0.4 * np.cos(y * 0.83 - 0.7 * lean + phase[2]))
    )
    normals = np.stack([0 * x, -1.6 * slope, np.ones(len(x))], 1)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    shallow = np.exp(-np.maximum(y, 0) / 7.0)[:, None]
    colour = np.asarray(tint) * ((1 - shallow) * np.array([0.8, 0.9, 1.0]) + shallow * np.array([1.7, 1.45, 1.15]))
    points = np.stack([x, y, z], 1)
    uv = np.stack([x / 7.0, y / 5.0], 1)
    water = make(points, normals, uv, grid_faces(len(away) - 1, len(side) - 1), "water", colour)
    return join([water, *(_foam(rng, edge, side, away) for away in (0.0, 3.4, 7.5))])


def _foam(rng: np.random.Generator, edge: np.ndarray, side: np.ndarray, away: float) -> Shape:
    """A ragged line of foam along the shore, `away` from it."""
    x = np.linspace(-45.0, 45.0, 121)
    middle = away + np.interp(x, side, edge[: len(side)]) * (1.0 if away == 0 else 0.5)
    thick = np.interp(x, np.linspace(-45, 45, 31), rng.uniform(0.0, 0.6, 31)) + rng.uniform(0.0, 0.16, 121)
    thick = thick + 0.12 if away == 0 else np.maximum(thick - 0.22, 0.0)
    low, high = middle - thick, middle + 0.6 * thick
    lift = 0.05 + 0.012 * away
    points = np.concatenate([np.stack([x, y, 0 * x + z], 1) for y, z in ((low, lift - 0.02), (high, lift + 0.03))])
    normals = np.tile([0.0, -0.3, 0.954], (len(points), 1))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return make(points, normals, points[:, :2], grid_faces(1, len(x) - 1), "white", (0.95, 0.98, 1.0))


def palm(rng: np.random.Generator, *, height: float = 6.0, tint=(1.0, 1.0, 1.0)) -> Shape:
    """A palm whose trunk leans a little."""
    lean = rng.uniform(-0.12, 0.12, 2) * height
    steps = [np.array([*(lean * (t**1.6)), height * t]) for t in np.linspace(0, 1, 5)]
    trunk = [
        rod(a, b, 0.14 - 0.02 * k, "bark", sides=7, tint=(1.2, 1.1, 0.95)) for k, (a, b) in enumerate(pairwise(steps))
    ]
    fronds = []
    for k in range(15):
        turn, droop = 360.0 * k / 15 + rng.uniform(-9, 9), float(rng.uniform(-12, 34))
        tone = np.asarray(tint) * rng.uniform(0.8, 1.15)
        fronds.append(_frond(2.2 + 0.05 * height, droop, tone).placed((0, 0), turn))
    nuts = blob((0.22, 0.22, 0.2), "bark", rng, rows=4, columns=7, tint=(0.8, 0.6, 0.4))
    return join([*trunk, *(f.placed(steps[-1]) for f in fronds), nuts.placed(steps[-1] - [0, 0, 0.15])])


def _frond(length: float, droop_deg: float, tint) -> Shape:
    """A leaf along x from the origin, bending down, its halves folded like a roof."""
    t = np.linspace(0, 1, 5)
    fall = np.radians(droop_deg) * t + 0.9 * t**2
    step = np.concatenate([[0.0], np.diff(t)]) * length
    x, z = np.cumsum(step * np.cos(fall)), 0.25 - np.cumsum(step * np.sin(fall))
    wide = 0.36 * length / 2.2
    rows = [np.stack([x, 0 * x + side * wide, z - 0.35 * wide * abs(side)], 1) for side in (-1, 0, 1)]
    points = np.concatenate(rows)
    uv = np.concatenate([np.stack([t, 0 * t + v], 1) for v in (0.02, 0.5, 0.98)])
    normals = np.tile([0.0, 0.0, 1.0], (len(points), 1))
    return make(points, normals, uv, grid_faces(2, 4), "palm", tint)


def sunshade(rng: np.random.Generator, *, height: float = 2.3, radius: float = 1.3, tint=(0.95, 0.45, 0.35)) -> Shape:
    """A beach umbrella in two colours."""
    turn = np.linspace(0, 2 * np.pi, 9) + rng.uniform(0, 1)
    rim = np.stack([radius * np.cos(turn), radius * np.sin(turn), 0 * turn + height - 0.45], 1)
    top = np.array([0.0, 0.0, height])
    parts = []
    for k in range(8):
        colour = np.asarray(tint) if k % 2 else np.array([1.05, 1.03, 0.98])
        parts.append(facet(np.stack([rim[k], rim[k + 1], top]), "fabric", tint=colour))
        parts.append(facet(np.stack([rim[k + 1], rim[k], top]), "fabric", tint=colour * 0.6))
    return join([*parts, cylinder(0.025, 0.025, height, "paint", sides=6, tint=(0.9, 0.9, 0.9))])


def lounger(rng: np.random.Generator, *, tint=(0.3, 0.55, 0.75)) -> Shape:
    """A beach lounger along y, its head towards +y, centred."""
    del rng
    bed = box((0.62, 1.2, 0.06), "stripes", repeat_m=0.62, tint=tint, lift_m=0.28).placed((0, -0.35))
    head = tilted(box((0.62, 0.06, 0.75), "stripes", repeat_m=0.62, tint=tint), -52).placed((0, 0.22, 0.3))
    legs = [_at(box((0.05, 0.05, 0.28), "wood"), x, y) for x in (-0.28, 0.28) for y in (-0.85, 0.15)]
    rails = [_at(box((0.05, 1.25, 0.06), "wood", lift_m=0.24), x, -0.35) for x in (-0.31, 0.31)]
    return join([bed, head, *legs, *rails])


def towel(rng: np.random.Generator, *, length: float = 1.8, width: float = 0.9, tint=(0.9, 0.55, 0.4)) -> Shape:
    """A striped towel, flat."""
    del rng
    return sheet(length, width, "stripes", lift_m=0.01, repeat_m=0.7, tint=tint)


def boat(rng: np.random.Generator, *, length: float = 4.5, tint=(0.9, 0.9, 0.86)) -> Shape:
    """A rowing boat drawn up on land, along x."""
    del rng
    hull = frustum((length * 0.62, 0.7), (length, 1.5), 0.6, "wood", tint=tint, lift_m=0.05)
    inner = _at(sheet(length * 0.93, 1.36, "wood", lift_m=0.656, tint=(0.35, 0.28, 0.22)), 0, 0)
    seats = [_at(box((0.25, 1.4, 0.04), "wood", lift_m=0.66, tint=(0.9, 0.75, 0.6)), x, 0) for x in (-0.9, 0.5)]
    rim = [_at(box((length, 0.06, 0.07), "paint", tint=(0.2, 0.35, 0.55), lift_m=0.62), 0, y) for y in (-0.74, 0.74)]
    return join([hull, inner, *seats, *rim])


def lifeguard(rng: np.random.Generator, *, height: float = 2.2) -> Shape:
    """A lifeguard's tower, facing -y, centred."""
    del rng
    posts = [rod((1.0 * i, 0.9 * j, 0), (0.75 * i, 0.7 * j, height), 0.07, "wood") for i in (-1, 1) for j in (-1, 1)]
    deck = box((1.8, 1.7, 0.1), "wood", lift_m=height, tint=(1.0, 0.9, 0.8))
    hut = box((1.5, 1.1, 1.5), "paint", lift_m=height + 0.1, tint=(0.85, 0.3, 0.2)).placed((0, 0.25))
    window = panel(0.9, 0.6, "glass", lift_m=height + 0.7).placed((0, -0.31))
    roof = frustum((2.1, 1.9), (1.2, 0.3), 0.45, "paint", lift_m=height + 1.6, tint=(0.95, 0.95, 0.92))
    ramp = facet(np.array([(-0.5, -2.6, 0.02), (0.5, -2.6, 0.02), (0.5, -0.85, height), (-0.5, -0.85, height)]), "wood")
    return join([*posts, deck, hut, window, roof, ramp])


def dune(rng: np.random.Generator, *, length: float = 12.0, height: float = 1.4, tint=(1.2, 1.16, 1.08)) -> Shape:
    """A low hill of sand along x that runs out into the floor."""
    half = np.array([length / 2, length / 3])
    u, v = np.meshgrid(np.linspace(-1, 1, 17), np.linspace(-1, 1, 13))
    wave, phase = rng.normal(0, 2.0, (4, 2)), rng.uniform(0, 6.3, 4)

    def rise(u, v):
        lumps = np.sin(u[..., None] * wave[:, 0] + v[..., None] * wave[:, 1] + phase).mean(axis=-1)
        return height * np.clip(1 - u * u, 0, 1) ** 2 * np.clip(1 - v * v, 0, 1) ** 2 * (1 + 0.35 * lumps)

    d = 1e-3
    slope = np.stack([(rise(u + d, v) - rise(u - d, v)) / half[0], (rise(u, v + d) - rise(u, v - d)) / half[1]], -1)
    normals = np.concatenate([-slope / (2 * d), np.ones((*u.shape, 1))], -1).reshape(-1, 3)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    points = np.stack([u * half[0], v * half[1], rise(u, v)], -1).reshape(-1, 3)
    return make(points, normals, points[:, :2] / 3.2, grid_faces(12, 16), "sand", tint)


def cyclorama(rng: np.random.Generator, *, radius: float = 5.2, height: float = 5.0, tint=(1.0, 1.0, 1.0)) -> Shape:
    """A white wall all round whose foot runs into the floor in a curve; seen from inside alone."""
    del rng
    bend = 1.3
    turn = np.linspace(0, np.pi / 2, 9)
    r = np.concatenate([radius - bend + bend * np.sin(turn), [radius, radius]])
    z = np.concatenate([bend * (1 - np.cos(turn)), [(bend + height) / 2, height]]) + 0.002
    nr, nz = np.concatenate([-np.sin(turn), [-1, -1]]), np.concatenate([np.cos(turn), [0, 0]])
    around = np.linspace(0, 2 * np.pi, 49)
    points = np.stack([np.outer(r, np.cos(around)), np.outer(r, np.sin(around)), np.outer(z, 0 * around + 1)], -1)
    normals = np.stack([np.outer(nr, np.cos(around)), np.outer(nr, np.sin(around)), np.outer(nz, 0 * around + 1)], -1)
    uv = np.stack([np.outer(0 * z + 1, around), np.outer(z + radius - r, 0 * around + 1)], -1) / 2.0
    faces = grid_faces(len(z) - 1, 48)[:, ::-1]
    return make(points.reshape(-1, 3), normals.reshape(-1, 3), uv.reshape(-1, 2), faces, "white", tint)


def softbox(rng: np.random.Generator, *, height: float = 2.0, size: float = 1.0) -> Shape:
    """A studio lamp behind a white cloth, on a tripod, facing -y."""
    legs = [
        rod((0.5 * np.cos(a), 0.5 * np.sin(a), 0), (0, 0, 0.6), 0.014, "paint", sides=5, tint=_BLACK)
        for a in (0.5, 2.6, 4.7)
    ]
    pole = cylinder(0.018, 0.018, height, "paint", sides=6, tint=_BLACK)
    cloth = panel(size, size, "white", tint=(1.5, 1.5, 1.48)).placed((0, -0.42, -size / 2))
    hood = tilted(frustum((size + 0.04, size + 0.04), (0.2, 0.2), 0.4, "paint", tint=_BLACK), -90).placed((0, -0.4, 0))
    head = tilted(join([cloth, hood]), float(rng.uniform(4, 12)))
    return join([*legs, pole, head.placed((0, 0, height))])


def crate(rng: np.random.Generator, *, size: float = 0.5, height: float = 0.3, tint=(1.0, 0.9, 0.75)) -> Shape:
    """A wooden box."""
    del rng
    lid = disc(size * 0.06, "paint", sides=10, lift_m=height + 0.002, tint=_BLACK)
    return join([box((size, size * 0.7, height), "wood", repeat_m=0.8, tint=tint), lid])


def beach_ball(rng: np.random.Generator, *, radius: float = 0.2) -> Shape:
    """A ball of coloured gores."""
    del rng
    whole = ball(radius, "paint", rows=8, columns=12)
    colours = np.array(
        [[0.9, 0.9, 0.9], [0.85, 0.15, 0.12], [0.9, 0.9, 0.9], [0.15, 0.35, 0.8], [0.9, 0.9, 0.9], [0.95, 0.75, 0.1]]
    )
    gore = np.arange(len(whole.points)) % 13 // 2 % 6
    return _at(Shape(whole.points, whole.normals, whole.uv, colours[gore], whole.faces, whole.kind), 0, 0, radius)


THINGS = {
    f.__name__: f
    for f in (
        sea, palm, sunshade, lounger, towel, boat, lifeguard, dune, cyclorama, softbox, crate, beach_ball,
    )
}  # fmt: skip
