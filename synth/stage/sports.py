"""What stands in gyms and on courts. Everything faces -y; what stands against a wall has its back at y = 0."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from synth.stage.shapes import Shape, box, cylinder, join
from synth.stage.solids import ball, disc, drum, panel, rod, sheet, tilted

_STEEL, _BLACK = (0.62, 0.63, 0.65), (0.1, 0.1, 0.11)


def _at(shape: Shape, x: float, y: float, z: float = 0.0) -> Shape:
    return shape.placed((x, y, z))


def wall_bars(rng: np.random.Generator, *, length: float = 1.8, height: float = 2.5) -> Shape:
    """Gymnasts' ladder on a wall at y = 0."""
    del rng
    wood = (0.95, 0.82, 0.66)
    posts = [_at(box((0.05, 0.12, height), "hardwood", tint=wood), x, -0.06) for x in (-length / 2, 0.0, length / 2)]
    bars = [
        rod((-length / 2, -0.1, z), (length / 2, -0.1, z), 0.018, "hardwood", sides=5, tint=wood)
        for z in np.arange(0.15, height, 0.16)
    ]
    return join([*posts, *bars])


def _dumbbell(size: float, tint) -> Shape:
    """A dumbbell along x on the floor."""
    radius = 0.05 * size
    grip = rod((-0.09, 0, radius), (0.09, 0, radius), 0.016, "metal", sides=5, tint=_STEEL)
    heads = [
        tilted(drum(radius, 0.055, "paint", sides=7, tint=tint), 90, axis="y").placed((x, 0, radius))
        for x in (0.06, -0.115)
    ]
    back = [
        tilted(disc(radius, "paint", sides=7, tint=tint), -90, axis="y").placed((x, 0, radius)) for x in (0.06, -0.115)
    ]
    return join([grip, *heads, *back])


def dumbbells(rng: np.random.Generator, *, tint=(0.13, 0.13, 0.14)) -> Shape:
    """Two dumbbells on the floor."""
    return join([_dumbbell(1.0, tint).placed((0, 0.12 * k), float(rng.uniform(-30, 30))) for k in (-1, 1)])


def rack(rng: np.random.Generator, *, length: float = 2.0) -> Shape:
    """Dumbbells on two slanting trays, its back at y = 0."""
    del rng
    parts = []
    for x in (-length / 2 + 0.05, length / 2 - 0.05):
        parts.append(_at(box((0.06, 0.07, 1.0), "metal", tint=_BLACK), x, -0.1))
        parts.append(_at(box((0.06, 0.5, 0.06), "metal", tint=_BLACK), x, -0.3))
    for z, y in ((0.36, -0.38), (0.78, -0.24)):
        parts.append(_at(box((length, 0.26, 0.03), "metal", tint=(0.25, 0.25, 0.27), lift_m=z), 0, y))
        for k, x in enumerate(np.arange(-length / 2 + 0.18, length / 2 - 0.1, 0.26)):
            parts.append(_at(_dumbbell(1.0 + 0.12 * (k % 4), _BLACK).placed((0, 0), 90), x, y, z + 0.03))
    return join(parts)


def weight_bench(rng: np.random.Generator, *, tint=(0.14, 0.14, 0.15)) -> Shape:
    """A padded bench along y, centred."""
    del rng
    pad = box((0.3, 1.2, 0.08), "fabric", tint=tint, lift_m=0.4)
    legs = [_at(box((0.42, 0.06, 0.05), "metal", tint=_STEEL), 0, y) for y in (-0.45, 0.45)]
    posts = [_at(box((0.06, 0.06, 0.4), "metal", tint=_STEEL), 0, y) for y in (-0.45, 0.45)]
    return join([pad, *legs, *posts])


def barbell(rng: np.random.Generator, *, length: float = 1.8, height: float = 1.3, tint=(0.5, 0.08, 0.08)) -> Shape:
    """A loaded bar on two uprights, its back at y = 0."""
    del rng
    y, parts = -0.5, []
    for x in (-0.55, 0.55):
        parts.append(_at(box((0.08, 0.08, height + 0.5), "metal", tint=(0.7, 0.1, 0.08)), x, y + 0.08))
        parts.append(_at(box((0.08, 0.9, 0.06), "metal", tint=(0.7, 0.1, 0.08)), x, y))
    parts.append(_at(box((1.1, 0.06, 0.06), "metal", tint=(0.7, 0.1, 0.08), lift_m=height + 0.44), 0, y + 0.08))
    parts.append(rod((-length / 2, y, height), (length / 2, y, height), 0.015, "metal", tint=_STEEL))
    for side in (-1, 1):
        for k, radius in enumerate((0.22, 0.17)):
            plate = tilted(drum(radius, 0.05, "paint", sides=16, tint=tint if k == 0 else _BLACK), 90 * side, axis="y")
            parts.append(plate.placed((side * (0.68 + 0.07 * k), y, height)))
    return join(parts)


def ball_rack(rng: np.random.Generator, *, length: float = 1.5) -> Shape:
    """Exercise balls on a low stand, its back at y = 0."""
    del rng
    colours = ((0.75, 0.16, 0.14), (0.14, 0.36, 0.72), (0.2, 0.55, 0.3), (0.85, 0.6, 0.12))
    parts = [_at(box((length, 0.4, 0.05), "metal", tint=_STEEL, lift_m=z), 0, -0.22) for z in (0.12, 0.66)]
    parts += [_at(box((0.05, 0.4, 1.1), "metal", tint=_STEEL), x, -0.22) for x in (-length / 2, length / 2)]
    for row, z in enumerate((0.17, 0.71)):
        for k, x in enumerate(np.arange(-length / 2 + 0.25, length / 2 - 0.1, 0.4)):
            parts.append(_at(ball(0.17, "paint", tint=colours[(k + row) % 4], columns=12), x, -0.22, z + 0.17))
    return join(parts)


def sports_ball(rng: np.random.Generator, *, radius: float = 0.12, tint=(0.85, 0.42, 0.14)) -> Shape:
    """A ball on the floor."""
    del rng
    return _at(ball(radius, "paint", tint=tint), 0, 0, radius)


def mirror(rng: np.random.Generator, *, length: float = 3.0, height: float = 2.0) -> Shape:
    """A wall of mirror panels, painted as what such a wall shows: a pale, blurred room; on a wall at y = 0."""
    del rng
    parts, count = [], max(1, round(length / 1.0))
    for k in range(count):
        x = -length / 2 + length / count * (k + 0.5)
        parts.append(_at(panel(length / count - 0.02, height, "glass", tint=(3.4, 3.0, 2.7), lift_m=0.25), x, -0.02))
    edge = [
        _at(box((length + 0.06, 0.03, 0.03), "metal", tint=_STEEL, lift_m=z), 0, -0.015) for z in (0.22, 0.25 + height)
    ]
    return join([*parts, *edge])


def punching_bag(rng: np.random.Generator, *, height: float = 2.6, tint=(0.2, 0.06, 0.06)) -> Shape:
    """A heavy bag on a chain from a bracket on a wall at y = 0."""
    del rng
    bag = drum(0.18, 1.1, "paint", sides=14, lift_m=0.75, tint=tint)
    bands = [
        cylinder(0.183, 0.183, 0.05, "paint", sides=14, tint=(0.8, 0.8, 0.78)).placed((0, 0, z)) for z in (0.95, 1.6)
    ]
    chain = cylinder(0.02, 0.02, height - 1.85, "metal", sides=5, tint=_STEEL).placed((0, 0, 1.85))
    arm = box((0.08, 0.75, 0.08), "metal", tint=_BLACK, lift_m=height).placed((0, 0.35))
    return join([bag, *bands, chain, arm]).placed((0, -0.72))


def treadmill(rng: np.random.Generator) -> Shape:
    """A treadmill along y whose runner faces -y, centred."""
    del rng
    deck = box((0.75, 1.7, 0.18), "paint", tint=(0.2, 0.2, 0.22))
    belt = sheet(0.5, 1.5, "rubber", lift_m=0.185, repeat_m=1.0, tint=(0.5, 0.5, 0.5))
    posts = [rod((x, -0.6, 0.15), (x, -0.75, 1.2), 0.03, "metal", tint=_STEEL) for x in (-0.36, 0.36)]
    rails = [rod((x, -0.72, 0.95), (x, -0.1, 0.95), 0.022, "paint", tint=_BLACK) for x in (-0.36, 0.36)]
    console = tilted(box((0.76, 0.08, 0.34), "paint", tint=_BLACK), -25).placed((0, -0.72, 1.08))
    return join([deck, belt, *posts, *rails, console])


def mats(rng: np.random.Generator, *, count: int = 6, tint=(0.16, 0.3, 0.62)) -> Shape:
    """A stack of gymnastics mats, centred."""
    parts = []
    for k in range(count):
        shift = rng.uniform(-0.03, 0.03, 2)
        mat = box(
            (2.0, 1.0, 0.09), "foam", repeat_m=2.0, tint=np.asarray(tint) * rng.uniform(0.9, 1.08), lift_m=0.095 * k
        )
        parts.append(_at(mat, float(shift[0]), float(shift[1])))
    return join(parts)


def hoop(rng: np.random.Generator, *, height: float = 3.05, reach: float = 1.2) -> Shape:
    """A basketball hoop: the pole at the origin, board and ring reaching out towards -y."""
    del rng
    pole = cylinder(0.09, 0.08, height + 0.2, "paint", sides=8, tint=(0.18, 0.22, 0.32))
    arm = rod((0, 0, height), (0, -reach, height + 0.25), 0.05, "paint", tint=(0.18, 0.22, 0.32))
    board = box((1.8, 0.04, 1.05), "white", lift_m=height - 0.15).placed((0, -reach))
    square = [
        box((w, 0.01, h), "paint", tint=(0.75, 0.12, 0.1), lift_m=z).placed((x, -reach - 0.025))
        for x, z, w, h in (
            (0, height + 0.1, 0.6, 0.05),
            (0, height + 0.5, 0.6, 0.05),
            (-0.28, height + 0.1, 0.05, 0.45),
            (0.28, height + 0.1, 0.05, 0.45),
        )
    ]
    middle = np.array([0.0, -reach - 0.4, height])
    turn = np.linspace(0, 2 * np.pi, 13)
    ring = [middle + 0.23 * np.array([np.cos(t), np.sin(t), 0]) for t in turn]
    rim = [rod(a, b, 0.014, "paint", sides=5, tint=(0.85, 0.25, 0.08)) for a, b in pairwise(ring)]
    cord = cylinder(0.14, 0.23, 0.42, "net", sides=12).placed((0, -reach - 0.4, height - 0.42))
    return join([pole, arm, board, *square, *rim, cord])


def tennis_net(rng: np.random.Generator, *, length: float = 11.0, height: float = 0.95) -> Shape:
    """A net along x with its posts and white band."""
    del rng
    posts = [
        _at(cylinder(0.05, 0.05, height + 0.1, "metal", tint=(0.2, 0.28, 0.2)), x, 0) for x in (-length / 2, length / 2)
    ]
    net = panel(length, height - 0.06, "net", repeat_m=0.35, tint=(0.12, 0.12, 0.12), lift_m=0.03)
    band = box((length, 0.03, 0.07), "white", lift_m=height - 0.06)
    return join([*posts, net, band])


def court_fence(
    rng: np.random.Generator, *, length: float = 12.0, height: float = 3.2, tint=(0.2, 0.34, 0.26)
) -> Shape:
    """Chain-link between posts, along x."""
    del rng
    xs = np.linspace(-length / 2, length / 2, max(2, round(length / 2.4)) + 1)
    posts = [_at(cylinder(0.035, 0.035, height, "metal", sides=6, tint=tint), float(x), 0) for x in xs]
    rails = [rod((-length / 2, 0, z), (length / 2, 0, z), 0.025, "metal", tint=tint) for z in (0.1, height / 2, height)]
    return join([*posts, *rails, panel(length, height, "mesh", repeat_m=0.9, tint=np.asarray(tint) * 2.0)])


THINGS = {
    f.__name__: f
    for f in (
        wall_bars, dumbbells, rack, weight_bench, barbell, ball_rack, sports_ball, mirror, punching_bag, treadmill,
        mats, hoop, tennis_net, court_fence,
    )
}  # fmt: skip
