"""What stands in streets. Fronts face -y; cars are centred and look along x."""

from __future__ import annotations

import numpy as np

from synth.stage.shapes import Shape, box, cylinder, join
from synth.stage.solids import ball, disc, drum, facet, frustum, panel, prism, rod, sheet, tilted

_TYRE, _GREY = (0.07, 0.07, 0.07), (0.5, 0.51, 0.53)


def _at(shape: Shape, x: float, y: float, z: float = 0.0) -> Shape:
    return shape.placed((x, y, z))


def _wheel(radius: float) -> Shape:
    """A wheel seen from -y, its hub at the origin."""
    tyre = drum(radius, 0.2, "paint", sides=14, tint=_TYRE)
    rim = disc(radius * 0.55, "metal", sides=10, lift_m=0.205, tint=(0.6, 0.6, 0.62))
    return tilted(join([tyre, rim]), 90).placed((0, 0.2, 0))


def car(rng: np.random.Generator, *, length: float = 4.2, height: float = 1.46, tint=(0.55, 0.1, 0.1)) -> Shape:
    """A parked car."""
    del rng
    half, wide, belt = length / 2, 1.74, 0.58 * height
    tint = np.asarray(tint)
    hull = [
        (-half + 0.05, 0.24), (half - 0.05, 0.24), (half, 0.5), (half - 0.1, belt - 0.14), (half - 1.15, belt),
        (-half + 0.4, belt), (-half, belt - 0.06), (-half - 0.02, 0.5),
    ]  # fmt: skip
    parts = [prism(np.array(hull), wide, "gloss", tint=tint)]
    parts.append(
        frustum(
            (length * 0.62, wide - 0.06),
            (length * 0.38, wide - 0.4),
            height - belt,
            "gloss",
            shift=(-0.12, 0),
            lift_m=belt,
            tint=tint,
        )
    )
    parts += _glazing(length, wide, belt, height)
    for x in (-half + 0.78, half - 0.85):
        parts.append(_at(_wheel(0.31), x, -wide / 2 - 0.015, 0.31))
        parts.append(_at(_wheel(0.31).placed((0, 0), 180), x, wide / 2 + 0.015, 0.31))
    for y in (-0.62, 0.62):
        parts.append(_at(box((0.06, 0.36, 0.14), "paint", tint=(1.1, 1.1, 1.0), lift_m=0.56), half - 0.03, y))
        parts.append(_at(box((0.06, 0.3, 0.16), "paint", tint=(0.5, 0.05, 0.04), lift_m=0.6), -half, y))
    parts.append(_at(box((length + 0.04, wide - 0.1, 0.1), "paint", tint=(0.12, 0.12, 0.12), lift_m=0.22), 0, 0))
    return join(parts)


def _glazing(length: float, wide: float, belt: float, height: float) -> list[Shape]:
    """Dark panes a hair before the sides of the cabin."""
    bottom, top = np.array([length * 0.62, wide - 0.06]) / 2, np.array([length * 0.38, wide - 0.4]) / 2
    signs, shift = ((-1, -1), (1, -1), (1, 1), (-1, 1)), np.array([-0.12, 0.0])
    low = np.array([(*(s * bottom), belt) for s in signs])
    high = np.array([(*(s * top + shift), height) for s in signs])
    panes = []
    for k in range(4):
        j = (k + 1) % 4
        quad = np.stack([low[k], low[j], high[j], high[k]])
        out = np.cross(quad[1] - quad[0], quad[3] - quad[0])
        middle = quad.mean(axis=0)
        small = middle + (quad - middle) * (0.86 if k % 2 else 0.9) + 0.012 * out / np.linalg.norm(out)
        if k % 2:
            panes.append(facet(small, "glass", repeat_m=0.5, tint=(0.8, 0.85, 0.9)))
            continue
        halves = ((0.0, 0.47), (0.53, 1.0))
        for a, b in halves:
            p, q = small[0] + (small[1] - small[0]) * a, small[0] + (small[1] - small[0]) * b
            r, s = small[3] + (small[2] - small[3]) * b, small[3] + (small[2] - small[3]) * a
            panes.append(facet(np.stack([p, q, r, s]), "glass", repeat_m=0.5, tint=(0.8, 0.85, 0.9)))
    return panes


def shop_front(rng: np.random.Generator, *, length: float = 8.0, storeys: int = 3, tint=(1.0, 1.0, 1.0)) -> Shape:
    """A row of houses with shops below and flats above, its front at y = 0; it stands 9 m deep."""
    shops, upper = 4.0, 3.0 * max(1, storeys - 1)
    tone = np.asarray(tint)
    repeat = max(1, round(length / 8.0))
    parts = []
    for k in range(repeat):
        x = -length / 2 + length / repeat * (k + 0.5)
        parts.append(
            _at(panel(length / repeat, shops, "shops", tint=rng.uniform(0.9, 1.15) * rng.uniform(0.72, 1.1, 3)), x, 0)
        )
        colour = tone * rng.uniform(0.85, 1.1) * rng.uniform(0.94, 1.06, 3)
        parts.append(_wall_of_flats(length / repeat, upper, colour, shops).placed((x, 0.12, 0)))
        awning = facet(
            np.array([(-1.9, -1.1, 2.55), (1.9, -1.1, 2.55), (1.9, 0.0, 3.15), (-1.9, 0.0, 3.15)]),
            "stripes",
            repeat_m=1.6,
            tint=rng.uniform(0.5, 1.0, 3),
        )
        if rng.random() < 0.6:
            parts.append(_at(awning, x - 2.0, 0))
    parts.append(_at(box((length + 0.3, 0.5, 0.4), "concrete", tint=tone * 0.85, lift_m=shops + upper), 0, 0.1))
    parts.append(_at(box((length, 0.2, 0.25), "concrete", tint=tone * 0.8, lift_m=shops - 0.1), 0, 0.02))
    sides = [
        _at(panel(9.0, shops + upper, "plaster", repeat_m=3.0, tint=tone * 0.8).placed((0, 0), yaw), x, 4.5)
        for yaw, x in ((90, length / 2), (270, -length / 2))
    ]
    return join([*parts, *sides])


def _wall_of_flats(length: float, height: float, tint, lift_m: float) -> Shape:
    wall = panel(length, height, "flats", tint=tint, lift_m=lift_m)
    wall.uv[:] = wall.uv * [max(1, round(length / 8.0)), height / 6.0]
    return wall


def flats(
    rng: np.random.Generator, *, length: float = 16.0, width: float = 10.0, storeys: int = 4, tint=(1.0, 1.0, 1.0)
) -> Shape:
    """A block of flats, centred."""
    tone, height = np.asarray(tint) * rng.uniform(0.94, 1.05, 3), 3.0 * storeys
    walls = [
        _wall_of_flats(wide, height, tone, 0.0).placed((0, -away)).placed((0, 0), yaw)
        for yaw, wide, away in (
            (0, length, width / 2),
            (180, length, width / 2),
            (90, width, length / 2),
            (270, width, length / 2),
        )
    ]
    roof = box((length + 0.5, width + 0.5, 0.4), "concrete", repeat_m=3.0, tint=(0.5, 0.48, 0.46), lift_m=height)
    base = [box((length + 0.06, width + 0.06, 0.7), "stone", repeat_m=2.0)]
    return join([*walls, roof, *base])


def kerb(rng: np.random.Generator, *, length: float = 40.0, width: float = 3.0, height: float = 0.12) -> Shape:
    """A raised pavement along x, its kerbstone's edge at y = 0, the pavement behind it."""
    del rng
    stone = _at(box((length, 0.16, height), "concrete", repeat_m=1.5, tint=(1.08, 1.08, 1.06)), 0, 0.08)
    top = _at(sheet(length, width, "paving", lift_m=height - 0.005, repeat_m=2.4), 0, 0.16 + width / 2)
    return join([stone, top])


def sign(rng: np.random.Generator, *, height: float = 2.2, material: str = "paint", tint=(0.75, 0.1, 0.1)) -> Shape:
    """A round traffic sign on a post, facing -y."""
    del rng
    post = cylinder(0.03, 0.03, height + 0.5, "metal", sides=6, tint=_GREY)
    plate = join([
        disc(0.32, material, sides=18, tint=tint), disc(0.24, "white", sides=18, lift_m=0.004),
        box((0.3, 0.09, 0.004), "paint", tint=(0.1, 0.1, 0.12), lift_m=0.006),
    ])  # fmt: skip
    back = tilted(disc(0.32, "metal", sides=18, tint=_GREY), -90)
    return join([post, _at(tilted(plate, 90), 0, -0.045, height + 0.2), _at(back, 0, -0.04, height + 0.2)])


def traffic_light(rng: np.random.Generator, *, height: float = 2.6) -> Shape:
    """Three lamps on a pole, facing -y."""
    del rng
    pole = cylinder(0.07, 0.05, height, "metal", sides=8, tint=(0.25, 0.26, 0.27))
    case = box((0.3, 0.24, 0.9), "paint", tint=(0.08, 0.09, 0.08), lift_m=height)
    lamps = [
        tilted(disc(0.1, "paint", sides=12, tint=colour), 90).placed((0, -0.125, height + z))
        for z, colour in ((0.73, (0.9, 0.1, 0.08)), (0.45, (0.25, 0.18, 0.03)), (0.17, (0.03, 0.2, 0.08)))
    ]
    return join([pole, case, *lamps])


def bin(rng: np.random.Generator, *, height: float = 0.95, tint=(0.16, 0.3, 0.2)) -> Shape:
    """A litter bin."""
    del rng
    body = cylinder(0.24, 0.27, height - 0.1, "paint", sides=12, tint=tint)
    return join([body, drum(0.29, 0.1, "paint", sides=12, lift_m=height - 0.1, tint=np.asarray(tint) * 0.6)])


def bollard(rng: np.random.Generator, *, height: float = 0.85, tint=(0.14, 0.15, 0.16)) -> Shape:
    """An iron post."""
    del rng
    post = cylinder(0.08, 0.06, height - 0.06, "metal", sides=8, tint=tint)
    return join([post, _at(ball(0.085, "metal", rows=5, columns=8, tint=tint), 0, 0, height - 0.05)])


def hydrant(rng: np.random.Generator, *, height: float = 0.75, tint=(0.7, 0.12, 0.08)) -> Shape:
    """A fire hydrant."""
    del rng
    caps = [rod((-0.2, 0, 0.5 * height), (0.2, 0, 0.5 * height), 0.06, "paint", tint=tint)]
    return join(
        [
            drum(0.16, 0.06, "paint", tint=tint),
            cylinder(0.11, 0.1, 0.85 * height, "paint", tint=tint),
            *caps,
            _at(ball(0.11, "paint", rows=5, columns=9, tint=tint), 0, 0, 0.85 * height),
        ]
    )


def awning_stall(rng: np.random.Generator, *, length: float = 2.6, tint=(0.9, 0.5, 0.4)) -> Shape:
    """A market stall, centred, open towards -y."""
    posts = [_at(box((0.06, 0.06, 2.2), "wood"), i * (length / 2 - 0.1), j * 0.6) for i in (-1, 1) for j in (-1, 1)]
    roof = [
        facet(
            np.array([(-length / 2, -1.0, 2.1), (length / 2, -1.0, 2.1), (length / 2, 0, 2.6), (-length / 2, 0, 2.6)]),
            "stripes",
            repeat_m=1.3,
            tint=tint,
        ),
        facet(
            np.array([(length / 2, 1.0, 2.1), (-length / 2, 1.0, 2.1), (-length / 2, 0, 2.6), (length / 2, 0, 2.6)]),
            "stripes",
            repeat_m=1.3,
            tint=tint,
        ),
    ]
    counter = box((length - 0.2, 0.9, 0.85), "wood", tint=(0.9, 0.85, 0.8))
    crates = [
        _at(box((0.45, 0.5, 0.2), "fabric", tint=rng.uniform(0.3, 0.95, 3), lift_m=0.85), x, -0.1)
        for x in np.arange(-length / 2 + 0.4, length / 2 - 0.2, 0.55)
    ]
    return join([*posts, *roof, counter, *crates])


THINGS = {
    f.__name__: f
    for f in (car, shop_front, flats, kerb, sign, traffic_light, bin, bollard, hydrant, awning_stall)
}  # fmt: skip
