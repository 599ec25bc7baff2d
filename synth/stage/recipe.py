"""What an environment file may say, checked; and environments drawn from a seed.

An environment is data: a floor, a sky, a backdrop, things and where they stand (metres, degrees). Things higher than
half a metre keep out of the disc in which cameras move, so that nothing comes between a camera and the person.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields

import numpy as np
import yaml

from synth.errors import CeterisError
from synth.stage import backdrop, grounds
from synth.stage.things import THINGS, measures

CLEAR_M = 8.5
LOW_M = 0.5
_LINE = "__line__"


class PlaceError(CeterisError):
    """An environment file that cannot be used: says where, what was got and what is expected."""


@dataclass(frozen=True, kw_only=True)
class Floor:
    """kind and path_kind: `grounds.KINDS`. A path, path_m wide (0: none), passes through the origin along
    path_yaw_deg; relief 0..1 is how much brightness varies from patch to patch."""

    kind: str = "plain"
    tile_m: float = 2.4
    tint: tuple[float, ...] = (1.0, 1.0, 1.0)
    path_kind: str = "gravel"
    path_tile_m: float = 1.6
    path_tint: tuple[float, ...] = (1.0, 1.0, 1.0)
    path_m: float = 0.0
    path_yaw_deg: float = 0.0
    relief: float = 0.3


@dataclass(frozen=True, kw_only=True)
class Sky:
    """zenith and horizon: linear radiance; clouds: share of the sky, 0..1; haze: per metre."""

    zenith: tuple[float, ...] = (0.16, 0.32, 0.66)
    horizon: tuple[float, ...] = (0.56, 0.68, 0.80)
    clouds: float = 0.0
    haze: float = 0.004


@dataclass(frozen=True, kw_only=True)
class Backdrop:
    """kind: trees, hills, houses or none; height_deg: how far it reaches above the horizon."""

    kind: str = "none"
    height_deg: float = 7.0


@dataclass(frozen=True, kw_only=True)
class Thing:
    """One thing: its kind, where it stands, how it is turned, and its measures."""

    kind: str
    at: tuple[float, ...]
    yaw_deg: float = 0.0
    measures: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A whole environment."""

    seed: int = 0
    floor: Floor = Floor()
    sky: Sky = Sky()
    backdrop: Backdrop = Backdrop()
    things: tuple[Thing, ...] = ()


class _Lines(yaml.SafeLoader):
    """Notes at every mapping the line it begins on."""

    def construct_mapping(self, node, deep=False):
        return {**super().construct_mapping(node, deep=deep), _LINE: node.start_mark.line + 1}


def parse(text: str, source: str) -> Recipe:
    """The recipe that YAML `text` describes; raises PlaceError naming `source` and the line."""
    try:
        data = yaml.load(text, Loader=_Lines)
    except yaml.YAMLError as error:
        raise PlaceError(f"{source} is not YAML: {error}") from error
    if not isinstance(data, dict):
        raise PlaceError(f"{source}: expected a mapping with the keys {', '.join(_keys(Recipe))}")
    _known(data, _keys(Recipe), source)
    return Recipe(
        seed=int(data.get("seed", 0)),
        floor=_part(Floor, data.get("floor", {}), source),
        sky=_part(Sky, data.get("sky", {}), source),
        backdrop=_part(Backdrop, data.get("backdrop", {}), source),
        things=tuple(_thing(item, source) for item in data.get("things") or ()),
    )


def _keys(kind: type) -> list[str]:
    return [f.name for f in fields(kind)]


def _known(data: Mapping, allowed: list[str], where: str) -> None:
    for key in data:
        if key != _LINE and key not in allowed:
            raise PlaceError(f"{where}, line {data.get(_LINE, 1)}: unknown key {key!r}; expected {', '.join(allowed)}")


def _value(name: str, got, like, where: str):
    """`got` as the type of the default `like`."""
    if isinstance(like, tuple):
        if isinstance(got, list) and len(got) == len(like) and all(isinstance(v, int | float) for v in got):
            return tuple(float(v) for v in got)
        raise PlaceError(f"{where}: {name} = {got!r}; expected {len(like)} numbers")
    if isinstance(like, str):
        if isinstance(got, str):
            return got
        raise PlaceError(f"{where}: {name} = {got!r}; expected a name")
    if isinstance(got, bool) or not isinstance(got, int | float) or not math.isfinite(got):
        raise PlaceError(f"{where}: {name} = {got!r}; expected a number")
    return type(like)(got)


def _choice(name: str, got: str, known, where: str) -> None:
    if got not in known:
        raise PlaceError(f"{where}: {name} = {got!r}; expected one of {', '.join(known)}")


def _part(kind: type, data: Mapping, source: str):
    where = f"{source}, line {data.get(_LINE, 1)}" if isinstance(data, dict) else source
    if not isinstance(data, dict):
        raise PlaceError(f"{where}: expected a mapping with the keys {', '.join(_keys(kind))}, got {data!r}")
    _known(data, _keys(kind), source)
    defaults = {f.name: f.default for f in fields(kind) if f.default is not MISSING}
    values = {key: _value(key, got, defaults[key], where) for key, got in data.items() if key != _LINE}
    known = {"kind": [*backdrop.KINDS, "none"] if kind is Backdrop else grounds.KINDS, "path_kind": grounds.KINDS}
    for key in set(known) & set(values):
        _choice(key, values[key], known[key], where)
    return kind(**values)


def _thing(data: Mapping, source: str) -> Thing:
    where = f"{source}, line {data.get(_LINE, 1)}" if isinstance(data, dict) else source
    if not isinstance(data, dict) or not {"kind", "at"} <= set(data):
        raise PlaceError(f"{where}: a thing needs `kind` and `at`, got {data!r}")
    _choice("kind", data["kind"], THINGS, where)
    defaults = measures(data["kind"])
    _known(data, ["kind", "at", "yaw_deg", *defaults], source)
    values = {key: _value(key, data[key], like, where) for key, like in defaults.items() if key in data}
    if "material" in values:
        _choice("material", values["material"], grounds.KINDS, where)
    at = _value("at", data["at"], (0.0, 0.0), where)
    return Thing(
        kind=data["kind"], at=at, yaw_deg=_value("yaw_deg", data.get("yaw_deg", 0.0), 0.0, where), measures=values
    )


_FLOORS = ("grass", "grass", "gravel", "sand", "asphalt", "concrete", "paving", "wood", "stone")
_TALL = ("tree", "tree", "tree", "conifer", "bush", "bush", "hedge", "wall", "fence", "house", "lamp", "bench")


def drawn(seed: int) -> Recipe:
    """The environment `random-<seed>`: floor, colours, sky and surroundings drawn from the seed."""
    rng = np.random.default_rng([seed, 2026])
    floor = Floor(
        kind=str(rng.choice(_FLOORS)),
        tile_m=float(rng.uniform(1.8, 3.2)),
        tint=tuple(float(v) for v in rng.uniform(0.8, 1.15) * rng.uniform(0.9, 1.1, 3)),
        path_kind=str(rng.choice(_FLOORS)),
        path_tile_m=float(rng.uniform(1.4, 2.6)),
        path_m=float(rng.choice([0.0, rng.uniform(2.0, 4.5)])),
        path_yaw_deg=float(rng.uniform(0, 180)),
        relief=float(rng.uniform(0.1, 0.6)),
    )
    grey = rng.uniform(0.0, 0.75)
    zenith = (1 - grey) * np.array([0.14, 0.30, 0.66]) + grey * np.array([0.46, 0.50, 0.56])
    horizon = np.array([0.56, 0.66, 0.76]) * rng.uniform(0.85, 1.15) * np.array([rng.uniform(0.95, 1.15), 1.0, 1.0])
    sky = Sky(
        zenith=tuple(float(v) for v in zenith * rng.uniform(0.8, 1.2)),
        horizon=tuple(float(v) for v in horizon),
        clouds=float(rng.uniform(0.0, 0.8)),
        haze=float(rng.uniform(0.002, 0.010)),
    )
    far = Backdrop(kind=str(rng.choice([*backdrop.KINDS, "none"])), height_deg=float(rng.uniform(3, 9)))
    count = int(rng.integers(8, 19))
    things = tuple(_drawn_thing(rng, 360.0 * (k + rng.uniform(0, 0.8)) / count) for k in range(count))
    return Recipe(seed=seed, floor=floor, sky=sky, backdrop=far, things=things)


def _drawn_thing(rng: np.random.Generator, bearing_deg: float) -> Thing:
    """A thing of random kind and measures in the ring about the clear disc, its length across the line of sight."""
    kind = str(rng.choice(_TALL))
    defaults = measures(kind)
    values: dict[str, object] = {}
    for name, like in defaults.items():
        if isinstance(like, float) and like > 0.0:
            values[name] = float(like * rng.uniform(0.75, 1.35))
        elif isinstance(like, tuple):
            values[name] = tuple(float(v * w) for v, w in zip(like, rng.uniform(0.75, 1.2, 3), strict=True))
    if kind in ("wall", "house"):
        values["material"] = str(
            rng.choice(["brick", "stone", "plaster", "concrete"] if kind == "wall" else ["facade", "brick"])
        )
    reach = max((float(v) for k, v in values.items() if k in ("length", "width", "crown")), default=0.5) / 2
    away = CLEAR_M + min(reach, 4.0) + float(rng.uniform(0.5, 11.0)) + (5.0 if kind == "house" else 0.0)
    turn = math.radians(bearing_deg)
    yaw = bearing_deg + 90.0 + float(rng.uniform(-25, 25))
    return Thing(kind=kind, at=(away * math.cos(turn), away * math.sin(turn)), yaw_deg=yaw % 360.0, measures=values)
