"""The things that stand in a place: low in triangles, in full texture; each a function of its measures and a seed.

`THINGS` names them with their measures and defaults (metres, degrees), which is what an environment file may say.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature

import numpy as np

from synth.stage import furniture, shores, sports, streets
from synth.stage.shapes import Shape, blob, box, cards, cylinder, join


def tree(rng: np.random.Generator, *, height: float = 6.0, crown: float = 1.9, tint=(1.0, 1.0, 1.0)) -> Shape:
    """A broad-leaved tree: a dark core of foliage under a skin of leaf cards."""
    stem = 0.36 * height
    radii = np.array([crown, crown, (height - stem) * 0.56])
    middle = (0.0, 0.0, height - radii[2])
    trunk = cylinder(0.035 * height, 0.022 * height, middle[2], "bark")
    core = blob(radii * 0.84, "hedge", rng, rough=0.16, repeat_m=1.6, tint=np.asarray(tint) * 0.9)
    skin = cards(radii, "foliage", rng, count=int(26 + 14 * crown), size_m=1.05 * crown**0.5, tint=tint)
    return join([trunk, core.placed(middle), skin.placed(middle)])


def conifer(rng: np.random.Generator, *, height: float = 7.0, crown: float = 1.5, tint=(0.72, 0.86, 0.82)) -> Shape:
    """A fir: a trunk and four skirts of leaf cards, narrower upwards."""
    parts = [cylinder(0.03 * height, 0.008 * height, 0.95 * height, "bark")]
    for k in range(5):
        wide, z = crown * (1.0 - 0.19 * k), height * (0.12 + 0.16 * k)
        parts.append(
            cylinder(wide * 0.85, 0.12 * wide, 0.26 * height, "hedge", tint=np.asarray(tint) * 0.7).placed((0, 0, z))
        )
        ring = cards((wide, wide, 0.05 * height), "foliage", rng, count=16, size_m=0.75 * wide**0.5, tint=tint)
        parts.append(ring.placed((0, 0, z + 0.05 * height)))
    return join(parts)


def bush(rng: np.random.Generator, *, height: float = 1.2, width: float = 1.6, tint=(1.0, 1.0, 1.0)) -> Shape:
    """A rounded shrub."""
    radii = np.array([width / 2, width / 2, height * 0.6])
    core = blob(radii * 0.9, "hedge", rng, rough=0.14, repeat_m=1.0, tint=np.asarray(tint) * 0.95)
    skin = cards(radii, "foliage", rng, count=22, size_m=0.62 * width**0.5, tint=tint)
    return join([core.placed((0, 0, height * 0.42)), skin.placed((0, 0, height * 0.42))])


def hedge(
    rng: np.random.Generator, *, length: float = 8.0, height: float = 1.5, width: float = 0.8, tint=(1.0, 1.0, 1.0)
) -> Shape:
    """A clipped hedge along x."""
    body = box((length, width, height), "hedge", repeat_m=1.3, tint=tint)
    dark = np.where(body.points[:, 2] < 0.01, 0.55, 1.0)[:, None]
    body = Shape(body.points, body.normals, body.uv, body.tint * dark, body.faces, body.kind)
    tufts = [
        cards((0.3, width * 0.5, 0.16), "foliage", rng, count=7, size_m=0.5, tint=tint).placed((x, 0.0, height - 0.04))
        for x in np.arange(-length / 2 + 0.25, length / 2, 0.5)
    ]
    return join([body, *tufts])


def wall(
    rng: np.random.Generator,
    *,
    length: float = 6.0,
    height: float = 1.0,
    width: float = 0.3,
    material: str = "brick",
    tint=(1.0, 1.0, 1.0),
) -> Shape:
    """A low wall along x with a stone cap."""
    del rng
    body = box((length, width, height), material, repeat_m=1.3, tint=tint)
    cap = box((length + 0.06, width + 0.1, 0.08), "concrete", repeat_m=1.5, lift_m=height)
    return join([body, cap])


def fence(
    rng: np.random.Generator, *, length: float = 8.0, height: float = 1.1, material: str = "wood", tint=(1.0, 1.0, 1.0)
) -> Shape:
    """Posts and pales on two rails, along x."""
    parts = [box((length, 0.05, 0.09), material, tint=tint, lift_m=z) for z in (0.28 * height, 0.78 * height)]
    for x in np.arange(-length / 2 + 0.1, length / 2, 0.26):
        tall = height * float(rng.uniform(0.96, 1.02))
        shade = np.asarray(tint) * rng.uniform(0.88, 1.08)
        parts.append(box((0.13, 0.03, tall - 0.08), material, tint=shade, lift_m=0.08).placed((x, -0.04)))
    return join(parts)


def bench(rng: np.random.Generator, *, length: float = 1.7, back: float = 0.0, tint=(1.0, 1.0, 1.0)) -> Shape:
    """A park bench along x, facing -y; `back` is the height of its backrest above the seat, 0 for none."""
    del rng
    slats = [box((length, 0.11, 0.04), "wood", tint=tint, lift_m=0.41).placed((0, y)) for y in (-0.16, -0.03, 0.10)]
    legs = [box((0.09, 0.4, 0.41), "concrete").placed((x, -0.03)) for x in (-0.38 * length, 0.38 * length)]
    rest = [
        box((length, 0.03, 0.1), "wood", tint=tint, lift_m=z).placed((0, 0.2)) for z in (0.52, 0.68) if z < back + 0.45
    ]
    return join([*slats, *legs, *rest])


def house(
    rng: np.random.Generator,
    *,
    length: float = 12.0,
    width: float = 8.0,
    storeys: int = 2,
    material: str = "facade",
    tint=(1.0, 1.0, 1.0),
) -> Shape:
    """A house with windows and a flat roof whose eaves stand out."""
    del rng
    height = 2.9 * storeys
    body = box((length, width, height), material, repeat_m=5.8, tint=tint)
    roof = box((length + 0.7, width + 0.7, 0.35), "concrete", repeat_m=3.0, tint=(0.5, 0.46, 0.44), lift_m=height)
    plinth = box((length + 0.08, width + 0.08, 0.5), "stone", repeat_m=2.0)
    return join([body, roof, plinth])


def lamp(rng: np.random.Generator, *, height: float = 3.6, tint=(0.16, 0.18, 0.18)) -> Shape:
    """A street lamp."""
    del rng
    pole = cylinder(0.06, 0.045, height, "paint", tint=tint)
    return join([pole, box((0.3, 0.3, 0.36), "paint", tint=np.asarray(tint) * 1.6, lift_m=height)])


def rock(rng: np.random.Generator, *, size: float = 0.6, tint=(1.0, 1.0, 1.0)) -> Shape:
    """A boulder, a third of it in the ground."""
    radii = size * np.array([0.6, 0.45, 0.4])
    lump = blob(radii, "concrete", rng, rough=0.16, repeat_m=0.8, tint=np.asarray(tint) * 0.8, rows=7, columns=11)
    return lump.placed((0, 0, radii[2] * 0.3))


def planter(rng: np.random.Generator, *, length: float = 1.4, height: float = 0.3, tint=(1.0, 1.0, 1.0)) -> Shape:
    """A low trough of flowers."""
    trough = box((length, 0.5, height), "stone", repeat_m=1.2)
    green = cards((length / 2, 0.24, 0.09), "foliage", rng, count=20, size_m=0.22, tint=tint).placed((0, 0, height))
    return join([trough, green])


THINGS: dict[str, Callable[..., Shape]] = {
    f.__name__: f for f in (tree, conifer, bush, hedge, wall, fence, bench, house, lamp, rock, planter)
}
THINGS |= furniture.THINGS | sports.THINGS | streets.THINGS | shores.THINGS
AROUND = frozenset({"cyclorama"})  # surround the person, and are seen from inside alone


def measures(kind: str) -> dict[str, object]:
    """The measures a kind of thing takes, with their defaults."""
    parameters = signature(THINGS[kind]).parameters.values()
    return {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}
