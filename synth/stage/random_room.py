"""Rooms drawn from a seed: their size, floor, walls and windows, and what stands against and hangs on the walls."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from synth.stage import backdrop
from synth.stage.recipe import Backdrop, Floor, Light, Opening, Recipe, Room, Sky, Thing
from synth.stage.things import measures

_FLOORS = ("parquet", "parquet", "hardwood", "carpet", "tiles", "wood", "rubber", "concrete", "foam", "court", "stone")
_WALLS = (
    "wallpaper",
    "plaster",
    "plaster",
    "brick",
    "painted",
    "concrete",
    "white",
    "tiles",
    "fabric",
    "wood",
    "stone",
)
# Kinds that stand or hang against a wall, with how much of it they take, metres.
_AGAINST = {
    "sofa": 2.2, "armchair": 1.0, "shelf": 1.8, "cabinet": 1.8, "television": 1.5, "picture": 1.1, "door": 1.2,
    "radiator": 1.4, "wall_bars": 2.0, "rack": 2.2, "barbell": 2.0, "ball_rack": 1.6, "mirror": 3.0,
    "punching_bag": 0.9,
}  # fmt: skip
_STANDING = {
    "plant": 0.9,
    "floor_lamp": 0.7,
    "mats": 2.2,
    "table": 1.6,
    "weight_bench": 1.0,
    "chair": 0.8,
    "crate": 0.8,
}
_WAYS = {"north": 0.0, "east": 270.0, "south": 180.0, "west": 90.0}


def furnished(rng: np.random.Generator, seed: int, strewn: Sequence[Thing]) -> Recipe:
    """A room of an environment `random-<seed>` with the things `strewn` on its floor."""
    size, height = tuple(float(v) for v in rng.uniform([5.8, 5.8], [10.0, 9.0])), float(rng.uniform(2.6, 4.2))
    openings, things = [], list(strewn)
    for name in _WAYS:
        for at, wide in _slots(rng, size[0] if name in ("north", "south") else size[1]):
            use = rng.random()
            if use < 0.25:
                openings.append(_opening(rng, name, at, wide, height))
            elif use < 0.9:
                things += _against(rng, name, at, wide, size)
    if rng.random() < 0.4:
        things.append(Thing(kind="rug", at=(0.0, 0.0), yaw_deg=float(rng.uniform(0, 180)), measures={"length": 2.8}))
    ambient = rng.uniform(0.4, 0.68) * rng.uniform(0.92, 1.08, 3)
    return Recipe(
        seed=seed,
        floor=_floor(rng, size),
        sky=Sky(clouds=float(rng.uniform(0, 0.8))),
        backdrop=Backdrop(kind=str(rng.choice(backdrop.KINDS)), height_deg=float(rng.uniform(4, 10))),
        room=_room(rng, size, height, openings),
        light=Light(sun=float(rng.uniform(0.4, 0.75)), ambient=_plain(ambient), reach_m=float(rng.uniform(4, 10))),
        things=tuple(things),
    )


def _plain(values) -> tuple[float, ...]:
    return tuple(float(v) for v in values)


def _floor(rng: np.random.Generator, size: Sequence[float]) -> Floor:
    tint = rng.uniform(0.6, 1.15) * rng.uniform(0.85, 1.15, 3)
    kind = str(rng.choice(_FLOORS))
    return Floor(kind=kind, tile_m=float(rng.uniform(1.2, 2.4)), tint=_plain(tint), relief=0.1, map_m=max(size) + 8.0)


def _room(rng: np.random.Generator, size, height: float, openings: Sequence[Opening]) -> Room:
    return Room(
        size=size,
        height=height,
        wall=str(rng.choice(_WALLS)),
        wall_tile_m=float(rng.uniform(1.2, 2.6)),
        wall_tint=_plain(rng.uniform(0.55, 1.1) * rng.uniform(0.75, 1.15, 3)),
        ceiling_tint=_plain(rng.uniform(0.7, 1.0) * rng.uniform(0.95, 1.05, 3)),
        skirting_m=float(rng.choice([0.0, 0.08, 0.14])),
        skirting_tint=_plain(rng.choice([0.2, 0.6, 1.0]) * np.ones(3)),
        outside=str(rng.choice(["grass", "grass", "asphalt", "paving", "gravel"])),
        openings=tuple(openings),
    )


def _slots(rng: np.random.Generator, length: float) -> list[tuple[float, float]]:
    """A wall of `length` cut into places of 1.6 to 2.8 m: their middles and widths; its corners stay free."""
    count = max(1, int((length - 1.6) / rng.uniform(1.6, 2.8)))
    wide = (length - 1.6) / count
    return [(-length / 2 + 0.8 + wide * (k + 0.5), wide) for k in range(count)]


def _opening(rng: np.random.Generator, wall: str, at: float, wide: float, height: float) -> Opening:
    low = rng.random() < 0.2
    sill = 0.0 if low else float(rng.uniform(0.7, 1.1))
    top = min(height - 0.3, float(rng.uniform(2.0, 2.6)))
    return Opening(wall=wall, at=at, width=wide * float(rng.uniform(0.5, 0.85)), sill=sill, height=top - sill)


def _against(rng: np.random.Generator, wall: str, at: float, wide: float, size) -> list[Thing]:
    """A thing against a wall at a place `wide` metres wide, or two where both fit in; none that is too wide."""
    kinds = [kind for kind, takes in {**_AGAINST, **_STANDING}.items() if takes <= wide + 0.1]
    if not kinds:
        return []
    kind = str(rng.choice(kinds))
    free = 0.0 if kind in _AGAINST else float(rng.uniform(0.55, 0.75))
    out = [_on_wall(wall, at, free, size, kind, _coloured(rng, kind))]
    if kind in ("cabinet", "sofa", "radiator") and rng.random() < 0.6:
        sill = 1.35 if kind == "sofa" else 1.2
        out.append(_on_wall(wall, at, 0.0, size, "picture", {"sill": sill, "width": float(rng.uniform(0.5, 1.1))}))
    return out


def _coloured(rng: np.random.Generator, kind: str) -> dict[str, object]:
    if "tint" not in measures(kind):
        return {}
    return {"tint": _plain(rng.uniform(0.15, 1.0) * rng.uniform(0.6, 1.0, 3))}


def _on_wall(wall: str, at: float, free: float, size, kind: str, values: dict[str, object]) -> Thing:
    """A thing whose back is `free` metres before a wall, `at` along it."""
    x, y = size[0] / 2 - 0.01 - free, size[1] / 2 - 0.01 - free
    place = {"north": (at, y), "south": (at, -y), "east": (x, at), "west": (-x, at)}[wall]
    return Thing(kind=kind, at=place, yaw_deg=_WAYS[wall], measures=values)
