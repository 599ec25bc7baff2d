"""Furniture and what hangs on walls. Everything faces -y; what stands or hangs against a wall has its back at y = 0."""

from __future__ import annotations

import numpy as np

from synth.stage.shapes import Shape, blob, box, cards, cylinder, join
from synth.stage.solids import ball, disc, drum, frustum, panel, rod, sheet, tilted

_DARK = (0.12, 0.12, 0.13)


def _at(shape: Shape, x: float, y: float, z: float = 0.0) -> Shape:
    return shape.placed((x, y, z))


def _legs(length: float, width: float, height: float, tint, *, thick: float = 0.05) -> list[Shape]:
    """Four legs at the corners of a rectangle centred on the origin."""
    x, y = length / 2 - thick, width / 2 - thick
    return [_at(box((thick, thick, height), "paint", tint=tint), i * x, j * y) for i in (-1, 1) for j in (-1, 1)]


def sofa(rng: np.random.Generator, *, length: float = 2.1, tint=(0.42, 0.5, 0.56)) -> Shape:
    """A sofa with cushions, its back at y = 0."""
    soft, tint = "fabric", np.asarray(tint)
    parts = [_at(box((length, 0.88, 0.34), soft, tint=tint * 0.9, lift_m=0.08), 0, -0.47)]
    parts.append(
        frustum((length, 0.26), (length - 0.06, 0.16), 0.44, soft, shift=(0, 0.05), lift_m=0.42, tint=tint).placed(
            (0, -0.15)
        )
    )
    for side in (-1, 1):
        parts.append(_at(box((0.2, 0.9, 0.22), soft, tint=tint * 0.96, lift_m=0.42), side * (length / 2 - 0.1), -0.46))
    seats = max(2, round((length - 0.4) / 0.8))
    wide = (length - 0.42) / seats
    for k in range(seats):
        x = -length / 2 + 0.21 + wide * (k + 0.5)
        parts.append(
            _at(frustum((wide - 0.02, 0.6), (wide - 0.06, 0.56), 0.15, soft, tint=tint * 1.06, lift_m=0.42), x, -0.6)
        )
        back = tilted(frustum((wide - 0.03, 0.16), (wide - 0.1, 0.1), 0.38, soft, tint=tint * 1.02), -10)
        parts.append(_at(back, x, -0.3, 0.55))
    for x, colour in ((-length * 0.3, (0.85, 0.62, 0.25)), (length * 0.31, (0.86, 0.84, 0.78))):
        pillow = tilted(frustum((0.42, 0.14), (0.36, 0.1), 0.38, soft, tint=colour), -18)
        parts.append(_at(pillow.placed((0, 0), float(rng.uniform(-14, 14))), x, -0.46, 0.57))
    feet = [
        _at(box((0.06, 0.06, 0.08), "paint", tint=_DARK), i * (length / 2 - 0.1), y)
        for i in (-1, 1)
        for y in (-0.1, -0.84)
    ]
    return join([*parts, *feet])


def armchair(rng: np.random.Generator, *, tint=(0.72, 0.5, 0.3)) -> Shape:
    """A wide chair with arms, its back at y = 0."""
    del rng
    tint = np.asarray(tint)
    seat = box((0.78, 0.78, 0.2), "fabric", tint=tint * 0.9, lift_m=0.2)
    cushion = frustum((0.56, 0.6), (0.52, 0.56), 0.12, "fabric", tint=tint * 1.06, lift_m=0.4)
    back = tilted(frustum((0.74, 0.18), (0.66, 0.12), 0.52, "fabric", tint=tint), -8)
    arms = [_at(box((0.12, 0.72, 0.22), "fabric", tint=tint, lift_m=0.4), x, -0.43) for x in (-0.34, 0.34)]
    legs = [_at(leg, 0, -0.42) for leg in _legs(0.7, 0.7, 0.2, (0.4, 0.28, 0.18), thick=0.045)]
    return join([_at(seat, 0, -0.42), _at(cushion, 0, -0.46), _at(back, 0, -0.12, 0.4), *arms, *legs])


def table(
    rng: np.random.Generator, *, length: float = 1.4, width: float = 0.8, height: float = 0.74, material: str = "wood",
    tint=(0.9, 0.8, 0.7),
) -> Shape:  # fmt: skip
    """A table on four legs, centred."""
    del rng
    top = box((length, width, 0.04), material, tint=tint, lift_m=height - 0.04)
    apron = box((length - 0.12, width - 0.12, 0.08), material, tint=np.asarray(tint) * 0.8, lift_m=height - 0.12)
    return join([top, apron, *_legs(length - 0.06, width - 0.06, height - 0.04, np.asarray(tint) * 0.5)])


def chair(rng: np.random.Generator, *, tint=(0.78, 0.62, 0.46)) -> Shape:
    """A dining chair that faces -y, centred."""
    del rng
    tint = np.asarray(tint)
    seat = box((0.44, 0.44, 0.04), "paint", tint=tint, lift_m=0.44)
    posts = [_at(box((0.04, 0.04, 0.46), "paint", tint=tint * 0.85, lift_m=0.48), x, 0.2) for x in (-0.19, 0.19)]
    slats = [_at(box((0.36, 0.02, 0.07), "paint", tint=tint * 0.95, lift_m=z), 0, 0.2) for z in (0.62, 0.74, 0.86)]
    return join([seat, *posts, *slats, *_legs(0.44, 0.44, 0.44, tint * 0.8, thick=0.04)])


def shelf(rng: np.random.Generator, *, length: float = 1.6, height: float = 1.9, tint=(0.5, 0.38, 0.28)) -> Shape:
    """A bookcase with books and oddments, its back at y = 0."""
    deep, rows = 0.3, max(2, round(height / 0.38))
    wood, step = "wood", (height - 0.08) / rows
    parts = [_at(box((0.03, deep, height), wood, tint=tint), x, -deep / 2) for x in (-length / 2, 0.0, length / 2)]
    parts.append(_at(panel(length, height, wood, repeat_m=1.0, tint=np.asarray(tint) * 0.6), 0, -0.01))
    for k in range(rows + 1):
        parts.append(_at(box((length, deep, 0.03), wood, tint=tint, lift_m=0.05 + k * step - 0.015), 0, -deep / 2))
    for k in range(rows):
        for x in (-length / 4, length / 4):
            parts.append(_at(_filling(rng, length / 2 - 0.06, step - 0.05), x, -0.2, 0.065 + k * step))
    return join(parts)


def _filling(rng: np.random.Generator, wide: float, tall: float) -> Shape:
    """What stands in one compartment."""
    if rng.random() < 0.68:
        share = float(rng.uniform(0.6, 1.0))
        row = panel(wide * share, tall * 0.95, "books", tint=np.full(3, rng.uniform(0.85, 1.1)))
        return _at(row, -wide * (1 - share) / 2, 0)
    colour = rng.uniform(0.25, 0.95, 3)
    if rng.random() < 0.5:
        return box((wide * 0.5, 0.18, tall * 0.6), "fabric", tint=colour)
    return join(
        [
            cylinder(0.05, 0.09, tall * 0.5, "paint", tint=colour),
            _at(ball(0.08, "paint", tint=colour, rows=5, columns=8), 0, 0, 0.06),
        ]
    )


def cabinet(rng: np.random.Generator, *, length: float = 1.6, height: float = 0.55, tint=(0.86, 0.84, 0.8)) -> Shape:
    """A sideboard with doors, its back at y = 0."""
    del rng
    tint = np.asarray(tint)
    body = _at(box((length, 0.42, height - 0.1), "gloss", tint=tint * 0.8, lift_m=0.1), 0, -0.21)
    top = _at(box((length + 0.02, 0.44, 0.03), "wood", tint=tint * 0.8, lift_m=height), 0, -0.22)
    doors, count = [], max(2, round(length / 0.5))
    for k in range(count):
        x = -length / 2 + length / count * (k + 0.5)
        doors.append(_at(box((length / count - 0.02, 0.02, height - 0.14), "gloss", tint=tint, lift_m=0.12), x, -0.43))
        doors.append(_at(box((0.02, 0.02, 0.1), "gloss", tint=_DARK, lift_m=height - 0.2), x + 0.14, -0.45))
    return join([body, top, *doors, *(_at(leg, 0, -0.21) for leg in _legs(length, 0.4, 0.1, _DARK))])


def television(rng: np.random.Generator, *, width: float = 1.2, height: float = 0.55) -> Shape:
    """A flat screen on its foot; `height` is that of its lower edge."""
    del rng
    screen = box((width, 0.05, width * 0.56), "paint", tint=(0.05, 0.05, 0.06), lift_m=height)
    picture = panel(width - 0.05, width * 0.56 - 0.05, "glass", tint=(0.35, 0.4, 0.5), lift_m=height + 0.025)
    return join(
        [
            _at(screen, 0, -0.2),
            _at(picture, 0, -0.23),
            _at(box((0.3, 0.2, height), "paint", tint=(0.08, 0.08, 0.08)), 0, -0.2),
        ]
    )


def floor_lamp(rng: np.random.Generator, *, height: float = 1.6, tint=(0.95, 0.86, 0.7)) -> Shape:
    """A standing lamp with a shade."""
    del rng
    pole = cylinder(0.015, 0.015, height - 0.2, "metal", sides=6, tint=(0.3, 0.28, 0.25))
    shade = cylinder(0.24, 0.16, 0.34, "fabric", sides=14, tint=np.asarray(tint) * 1.25)
    return join([drum(0.16, 0.03, "metal", tint=(0.3, 0.28, 0.25)), pole, _at(shade, 0, 0, height - 0.34)])


def hanging_lamp(rng: np.random.Generator, *, height: float = 2.4, drop: float = 0.4, tint=(0.95, 0.9, 0.8)) -> Shape:
    """A lampshade whose lower rim is at `height`, on a cord of `drop`."""
    del rng
    shade = cylinder(0.26, 0.1, 0.2, "paint", sides=14, tint=tint)
    cord = cylinder(0.008, 0.008, drop, "paint", sides=4, tint=_DARK)
    return join([_at(shade, 0, 0, height), _at(cord, 0, 0, height + 0.2)])


def picture(rng: np.random.Generator, *, width: float = 0.9, height: float = 0.7, sill: float = 1.35) -> Shape:
    """A framed painting on a wall at y = 0; `sill` is the height of its lower edge."""
    tone = rng.uniform(0.85, 1.1, 3)
    flat = panel(width, height, "painting", tint=tone, lift_m=sill)
    return join(
        [_at(box((width, 0.03, height), "paint", tint=(0.2, 0.15, 0.1), lift_m=sill), 0, -0.015), _at(flat, 0, -0.032)]
    )


def curtains(rng: np.random.Generator, *, width: float = 1.8, height: float = 2.3, tint=(0.8, 0.74, 0.62)) -> Shape:
    """Two drawn-back curtains and their rod, before a window at y = 0."""
    del rng
    wide = 0.22 * width
    parts = [
        rod((-width / 2 - 0.1, -0.1, height), (width / 2 + 0.1, -0.1, height), 0.014, "metal", tint=(0.35, 0.3, 0.26))
    ]
    for side in (-1, 1):
        x = side * (width / 2 - wide / 2 + 0.05)
        parts.append(_at(box((wide, 0.1, height - 0.05), "curtain", repeat_m=wide, tint=tint, lift_m=0.03), x, -0.1))
    return join(parts)


def door(rng: np.random.Generator, *, width: float = 0.9, height: float = 2.05, tint=(0.9, 0.88, 0.84)) -> Shape:
    """A panelled door in its frame, on a wall at y = 0."""
    del rng
    tint = np.asarray(tint)
    parts = [_at(box((width, 0.03, height), "gloss", tint=tint * 0.94), 0, -0.015)]
    for x in (-width / 2 - 0.04, width / 2 + 0.04):
        parts.append(_at(box((0.09, 0.05, height + 0.08), "gloss", tint=tint), x, -0.025))
    parts.append(_at(box((width, 0.05, 0.08), "gloss", tint=tint, lift_m=height), 0, -0.025))
    for z, tall in ((0.15, 0.75), (1.05, 0.85)):
        parts.append(_at(box((width - 0.28, 0.02, tall), "gloss", tint=tint * 1.03, lift_m=z), 0, -0.04))
    return join([*parts, _at(ball(0.035, "metal", tint=(0.7, 0.62, 0.4), rows=5, columns=8), width * 0.4, -0.07, 1.02)])


def radiator(rng: np.random.Generator, *, length: float = 1.2, height: float = 0.55) -> Shape:
    """A ribbed heater on a wall at y = 0."""
    del rng
    ribs = [
        _at(box((0.07, 0.09, height), "paint", tint=(0.95, 0.95, 0.93), lift_m=0.12), x, -0.09)
        for x in np.arange(-length / 2 + 0.05, length / 2, 0.11)
    ]
    return join(ribs)


def rug(rng: np.random.Generator, *, length: float = 2.4, width: float = 1.7, tint=(1.0, 1.0, 1.0)) -> Shape:
    """A patterned rug, flat on the floor, centred; thin enough to stand on."""
    del rng
    return sheet(length, width, "rug", lift_m=0.004, tint=tint)


def plant(rng: np.random.Generator, *, height: float = 1.2, tint=(0.9, 1.0, 0.85)) -> Shape:
    """A pot plant."""
    pot = frustum((0.26, 0.26), (0.36, 0.36), 0.3, "paint", tint=(0.75, 0.45, 0.3))
    soil = sheet(0.34, 0.34, "sand", lift_m=0.302, tint=(0.3, 0.25, 0.2))
    radii = (0.3 * height**0.5, 0.3 * height**0.5, (height - 0.3) / 2)
    core = blob(np.array(radii) * 0.55, "hedge", rng, rows=5, columns=8, tint=np.asarray(tint) * 0.7)
    leaves = cards(radii, "foliage", rng, count=26, size_m=0.36, tint=tint)
    middle = (0.0, 0.0, 0.3 + radii[2])
    return join([pot, soil, core.placed(middle), leaves.placed(middle)])


def clock(rng: np.random.Generator, *, height: float = 2.2, radius: float = 0.16) -> Shape:
    """A round clock on a wall at y = 0, its middle at `height`."""
    del rng
    face = join(
        [disc(radius, "paint", sides=18, tint=(0.15, 0.15, 0.15)), disc(radius * 0.88, "white", sides=18, lift_m=0.006)]
    )
    hands = [
        box((0.012, radius * r, 0.006), "paint", tint=_DARK, lift_m=0.008).placed((0, 0.3 * radius), a)
        for r, a in ((0.55, 20), (0.75, 100))
    ]
    return _at(tilted(join([face, *hands]), 90), 0, -0.02, height)


THINGS = {
    f.__name__: f
    for f in (
        sofa, armchair, table, chair, shelf, cabinet, television, floor_lamp, hanging_lamp, picture, curtains, door,
        radiator, rug, plant, clock,
    )
}  # fmt: skip
