"""Environments drawn from a seed, for domain randomisation: outdoors, in rooms, and before plain walls.

Floor, colours, sky, surroundings, textures and things are drawn, and small things are strewn about the person. What
stands near is guarded as everywhere (`guards`), so no draw hides the person.
"""

from __future__ import annotations

import math

import numpy as np

from synth.stage import backdrop
from synth.stage.random_room import furnished
from synth.stage.recipe import Backdrop, Floor, Light, Mark, Recipe, Sky, Thing
from synth.stage.things import measures

CLEAR_M = 8.5
_NEAR_M = 3.6
_FLOORS = (
    "grass", "grass", "gravel", "sand", "asphalt", "concrete", "paving", "wood", "stone", "court", "brick", "tiles",
)  # fmt: skip
_TALL = (
    "tree", "tree", "tree", "conifer", "bush", "hedge", "wall", "fence", "house", "lamp", "bench", "palm", "car",
    "flats", "shop_front", "sign", "awning_stall", "court_fence", "hoop", "boat", "dune", "lifeguard",
)  # fmt: skip
_NEAR = (
    "bush", "bench", "planter", "rock", "bin", "bollard", "hydrant", "sign", "car", "sunshade", "lounger", "crate",
    "table", "chair", "lamp", "awning_stall", "fence", "wall", "mats", "weight_bench",
)  # fmt: skip
_STREWN = ("sports_ball", "dumbbells", "towel", "beach_ball", "rock", "rug", "crate", "planter", "sports_ball")
_MATERIALS = {
    "wall": ("brick", "stone", "plaster", "concrete"),
    "house": ("facade", "brick"),
    "fence": ("wood", "paint"),
}
_FAR = ("house", "flats", "shop_front", "lifeguard")  # too large to stand as near as the others


def drawn(seed: int) -> Recipe:
    """The environment `random-<seed>`."""
    rng = np.random.default_rng([seed, 2026])
    way = rng.random()
    if way < 0.62:
        return _outdoors(rng, seed)
    return furnished(rng, seed, strewn(rng)) if way < 0.92 else _sweep(rng, seed)


def _tint(rng: np.random.Generator, low: float = 0.8, high: float = 1.15) -> tuple[float, ...]:
    return tuple(float(v) for v in rng.uniform(low, high) * rng.uniform(0.9, 1.1, 3))


def _outdoors(rng: np.random.Generator, seed: int) -> Recipe:
    floor = Floor(
        kind=str(rng.choice(_FLOORS)),
        tile_m=float(rng.uniform(1.8, 3.2)),
        tint=_tint(rng),
        path_kind=str(rng.choice(_FLOORS)),
        path_tile_m=float(rng.uniform(1.4, 2.6)),
        path_tint=_tint(rng),
        path_m=float(rng.choice([0.0, rng.uniform(2.0, 4.5)])),
        path_yaw_deg=float(rng.uniform(0, 180)),
        relief=float(rng.uniform(0.1, 0.6)),
        lines_tint=tuple(float(v) for v in rng.uniform(0.5, 0.95, 3)),
        marks=tuple(_mark(rng) for _ in range(int(rng.choice([0, 0, 0, 3, 6])))),
    )
    count, near = int(rng.integers(8, 19)), int(rng.integers(2, 7))
    around = [
        _thing(rng, str(rng.choice(_TALL)), 360.0 * (k + rng.uniform(0, 0.8)) / count, CLEAR_M) for k in range(count)
    ]
    close = [
        _thing(rng, str(rng.choice(_NEAR)), 360.0 * (k + rng.uniform(0, 0.9)) / near, _NEAR_M) for k in range(near)
    ]
    far = Backdrop(kind=str(rng.choice([*backdrop.KINDS, "none"])), height_deg=float(rng.uniform(3, 9)))
    return Recipe(seed=seed, floor=floor, sky=_sky(rng), backdrop=far, things=(*around, *close, *strewn(rng)))


def _sky(rng: np.random.Generator) -> Sky:
    grey = rng.uniform(0.0, 0.75)
    zenith = (1 - grey) * np.array([0.14, 0.30, 0.66]) + grey * np.array([0.46, 0.50, 0.56])
    horizon = np.array([0.56, 0.66, 0.76]) * rng.uniform(0.85, 1.15) * np.array([rng.uniform(0.95, 1.15), 1.0, 1.0])
    return Sky(
        zenith=tuple(float(v) for v in zenith * rng.uniform(0.8, 1.2)),
        horizon=tuple(float(v) for v in horizon),
        clouds=float(rng.uniform(0.0, 0.8)),
        haze=float(rng.uniform(0.002, 0.010)),
    )


def _mark(rng: np.random.Generator) -> Mark:
    """A painted line, ring or box somewhere on the floor."""
    return Mark(
        shape=str(rng.choice(["rect", "circle", "line"])),
        at=tuple(float(v) for v in rng.normal(0, 3.5, 2)),
        size=tuple(float(v) for v in rng.uniform(1.0, 9.0, 2)),
        radius=float(rng.uniform(0.6, 5.0)),
        width=float(rng.uniform(0.04, 0.14)),
        yaw_deg=float(rng.uniform(0, 180)),
    )


def _sweep(rng: np.random.Generator, seed: int) -> Recipe:
    """A wall of one colour that runs into a floor of the same."""
    tone = rng.uniform(0.25, 1.0) * rng.uniform(0.75, 1.0, 3)
    tint, room = tuple(float(v) for v in tone), tuple(float(v) for v in 0.8 * tone**0.5)
    round_ = Thing(kind="cyclorama", at=(0.0, 0.0), measures={"radius": float(rng.uniform(4.6, 7.0)), "tint": tint})
    lamps = [_thing(rng, "softbox", float(rng.uniform(0, 360)), 3.0) for _ in range(int(rng.integers(0, 4)))]
    return Recipe(
        seed=seed,
        floor=Floor(kind="white", tile_m=2.0, tint=tint, relief=0.0, map_m=24.0),
        sky=Sky(zenith=room, horizon=room, clouds=0.0, haze=0.0),
        light=Light(sun=float(rng.uniform(0.4, 0.8)), ambient=room, reach_m=float(rng.uniform(6, 12))),
        things=(round_, *lamps, *strewn(rng)),
    )


def strewn(rng: np.random.Generator) -> tuple[Thing, ...]:
    """Some small things on the floor, or none, about the person."""
    kinds = rng.choice(_STREWN, int(rng.integers(0, 5)))
    return tuple(_thing(rng, str(kind), float(rng.uniform(0, 360)), 1.7) for kind in kinds)


def varied(rng: np.random.Generator, kind: str) -> dict[str, object]:
    """Measures of a thing of this kind about their defaults."""
    values: dict[str, object] = {}
    for name, like in measures(kind).items():
        if isinstance(like, float) and like > 0.0:
            values[name] = float(like * rng.uniform(0.75, 1.3))
        elif isinstance(like, tuple):
            strong = kind in ("car", "sunshade", "sports_ball", "towel", "crate", "sofa", "armchair", "lounger", "mats")
            spread = rng.uniform(0.1, 1.0, 3) if strong else np.array(like) * rng.uniform(0.75, 1.2, 3)
            values[name] = tuple(float(v) for v in spread)
    if kind in _MATERIALS:
        values["material"] = str(rng.choice(_MATERIALS[kind]))
    return values


def _thing(rng: np.random.Generator, kind: str, bearing_deg: float, clear_m: float) -> Thing:
    """A thing outside the disc of radius clear_m, its length more or less across the line of sight."""
    values = varied(rng, kind)
    reach = max((float(v) for k, v in values.items() if k in ("length", "width", "crown", "radius")), default=0.5) / 2
    reach = min(reach, 4.0) if kind not in ("rug", "car", "crate") else 1.1 * reach
    away = clear_m + reach + float(rng.uniform(0.1, 0.25 if clear_m < 2 else 1.0)) * clear_m + 5.0 * (kind in _FAR)
    turn = math.radians(bearing_deg)
    yaw = bearing_deg + 270.0 + float(rng.uniform(-25, 25))
    return Thing(kind=kind, at=(away * math.cos(turn), away * math.sin(turn)), yaw_deg=yaw % 360.0, measures=values)
