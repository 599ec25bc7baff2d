"""Reads environment files: YAML checked against `recipe`, with the line of whatever is wrong."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, fields

import numpy as np
import yaml

from synth.stage import backdrop, grounds
from synth.stage.recipe import Backdrop, Floor, Light, Mark, Opening, Picture, PlaceError, Recipe, Room, Sky, Thing
from synth.stage.things import THINGS, measures
from synth.unique_keys import UniqueKeys

_LINE = "__line__"
_LISTS = {"marks": Mark, "openings": Opening}
_COLOURS = ("tint", "zenith", "horizon", "ambient")
_WALLS = ("north", "south", "east", "west")
_CHOICES = {
    (Floor, "kind"): (*grounds.KINDS, "none", "shadow"),
    (Floor, "path_kind"): tuple(grounds.KINDS),
    (Backdrop, "kind"): (*backdrop.KINDS, "none"),
    (Mark, "shape"): ("rect", "circle", "line"),
    (Mark, "layer"): ("line", "path"),
    (Picture, "projection"): ("equirectangular", "plain"),
    (Room, "wall"): tuple(grounds.KINDS),
    (Room, "outside"): tuple(grounds.KINDS),
    (Opening, "wall"): _WALLS,
}
_RANGES = {
    "tile_m": (0.1, 100.0), "path_tile_m": (0.1, 100.0), "wall_tile_m": (0.1, 100.0), "path_m": (0.0, 60.0),
    "relief": (0.0, 1.0), "clouds": (0.0, 1.0), "haze": (0.0, 1.0), "height_deg": (0.5, 60.0), "map_m": (4.0, 200.0),
    "size": (0.01, 200.0), "radius": (0.01, 100.0), "width": (0.0, 100.0), "height": (0.0, 30.0), "sill": (0.0, 20.0),
    "skirting_m": (0.0, 1.0), "sun": (0.0, 1.0), "reach_m": (0.0, 100.0),
}  # fmt: skip


class _Lines(UniqueKeys):
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
        raise PlaceError(f"{source}: expected a mapping with the keys {', '.join(_keys(Recipe))}, got {data!r:.80}")
    _known(data, _keys(Recipe), source)
    parts = {"floor": Floor, "sky": Sky, "backdrop": Backdrop, "picture": Picture, "room": Room, "light": Light}
    out = Recipe(
        seed=_seed(data.get("seed", 0), source),
        things=tuple(_thing(item, source, f"things[{k}]") for k, item in enumerate(_list(data, "things", source))),
        **{key: _part(kind, data.get(key, {}), source, key) for key, kind in parts.items()},
    )
    _check_openings(out.room, data, source)
    if out.floor.kind == "shadow" and not out.picture.file:
        raise PlaceError(
            f"{source}: floor.kind = 'shadow' shows a picture; expected `picture: {{file: ...}}` beside it"
        )
    if "picture" in data and not out.picture.file:
        raise PlaceError(f"{source}: picture.file is missing; expected the name of a PNG or JPEG beside this file")
    return out


def _seed(got, source: str) -> int:
    if isinstance(got, bool) or not isinstance(got, int) or got < 0:
        raise PlaceError(f"{source}: seed = {got!r}; expected a whole number of 0 or more{_hint(got)}")
    return got


def _check_openings(room: Room, data: Mapping, source: str) -> None:
    """Refuses an opening that reaches beyond its wall, whose middle is at 0, or above the room."""
    for k, hole in enumerate(room.openings if room.height > 0 else ()):
        where = f"{source}, line {data['room']['openings'][k].get(_LINE)}: openings[{k}]"
        length = room.size[0 if hole.wall in ("north", "south") else 1]
        if abs(hole.at) + hole.width / 2 > length / 2:
            raise PlaceError(
                f"{where}: at = {hole.at:g} and width = {hole.width:g} reach beyond the {hole.wall} wall, which is "
                f"{length:g} m long; expected within {-length / 2:g} to {length / 2:g}"
            )
        if hole.sill + hole.height > room.height:
            raise PlaceError(
                f"{where}: sill = {hole.sill:g} and height = {hole.height:g} reach above the room; expected at most "
                f"{room.height:g} m together"
            )


def _list(data: Mapping, key: str, where: str) -> list:
    got = data.get(key) or []
    if not isinstance(got, list):
        raise PlaceError(f"{where}, line {data.get(_LINE, 1)}: {key} = {got!r}; expected a list")
    return got


def _keys(kind: type) -> list[str]:
    return [f.name for f in fields(kind)]


def _known(data: Mapping, allowed: list[str], where: str) -> None:
    for key in data:
        if key != _LINE and key not in allowed:
            raise PlaceError(f"{where}, line {data.get(_LINE, 1)}: unknown key {key!r}; expected {', '.join(allowed)}")


def _is_number(got) -> bool:
    return isinstance(got, int | float) and not isinstance(got, bool) and math.isfinite(got)


def _hint(got) -> str:
    """How to write a number that YAML 1.1 reads as text, such as 1e3 or one in quotes; "" for anything else."""
    try:
        number = float(got) if isinstance(got, str) else math.nan
    except ValueError:
        return ""
    plain = np.format_float_positional(number, trim="-")
    return f"; YAML reads this as text: write {plain}" if math.isfinite(number) else ""


def _value(name: str, got, like, where: str):
    """`got` as the type of the default `like`."""
    if isinstance(like, tuple):
        if isinstance(got, list) and len(got) == len(like) and all(_is_number(v) for v in got):
            return tuple(float(v) for v in got)
        hints = [_hint(v) for v in got] if isinstance(got, list) else []
        raise PlaceError(f"{where}: {name} = {got!r}; expected {len(like)} numbers{max(hints, default='')}")
    if isinstance(like, str):
        if isinstance(got, str):
            return got
        raise PlaceError(f"{where}: {name} = {got!r}; expected a name")
    if not _is_number(got):
        raise PlaceError(f"{where}: {name} = {got!r}; expected a number{_hint(got)}")
    return type(like)(got)


def _choice(name: str, got: str, known, where: str) -> None:
    if got not in known:
        raise PlaceError(f"{where}: {name} = {got!r}; expected one of {', '.join(known)}")


def _in_range(name: str, got, where: str, within: tuple[float, float] | None = None) -> None:
    """Refuses what lies outside `within`, or outside the range of that name: lengths, shares, colours."""
    anything = (0.0, math.inf) if name.endswith(_COLOURS) else (-math.inf, math.inf)
    low, high = within or _RANGES.get(name, anything)
    values = got if isinstance(got, tuple) else (got,)
    if any(isinstance(v, int | float) and not low <= v <= high for v in values):
        raise PlaceError(f"{where}: {name} = {got!r}; expected {low:g} to {high:g}")


def _part(kind: type, data: Mapping, source: str, name: str):
    """A part of the recipe; name: its key, which is said where no line is known."""
    if not isinstance(data, dict):
        raise PlaceError(f"{source}: {name}: expected a mapping with the keys {', '.join(_keys(kind))}, got {data!r}")
    where = f"{source}, line {data.get(_LINE, 1)}"
    _known(data, _keys(kind), source)
    defaults = {f.name: f.default for f in fields(kind) if f.default is not MISSING}
    values = {}
    for key in (key for key in data if key != _LINE):
        if key in _LISTS:
            items = enumerate(_list(data, key, source))
            values[key] = tuple(_part(_LISTS[key], item, source, f"{name}.{key}[{k}]") for k, item in items)
            continue
        values[key] = _value(key, data[key], defaults[key], where)
        _in_range(key, values[key], where)
        if (kind, key) in _CHOICES:
            _choice(key, values[key], _CHOICES[kind, key], where)
    return kind(**values)


def _thing(data: Mapping, source: str, name: str) -> Thing:
    if not isinstance(data, dict):
        raise PlaceError(f"{source}: {name}: a thing needs `kind` and `at`, got {data!r}")
    where = f"{source}, line {data.get(_LINE, 1)}"
    if not {"kind", "at"} <= set(data):
        got = ", ".join(str(key) for key in data if key != _LINE)
        raise PlaceError(f"{where}: a thing needs `kind` and `at`, got {got or 'nothing'}")
    kind = _value("kind", data["kind"], "", where)
    _choice("kind", kind, THINGS, where)
    defaults = measures(kind)
    _known(data, ["kind", "at", "yaw_deg", *defaults], source)
    values = {key: _value(key, data[key], like, where) for key, like in defaults.items() if key in data}
    for key, value in values.items():
        _in_range(key, value, where, (0.0, math.inf) if key == "tint" else (0.0, 1000.0))
    if "material" in values:
        _choice("material", values["material"], grounds.KINDS, where)
    at = data["at"]
    at = _value("at", at, (0.0,) * (3 if isinstance(at, list) and len(at) == 3 else 2), where)
    return Thing(kind=kind, at=at, yaw_deg=_value("yaw_deg", data.get("yaw_deg", 0.0), 0.0, where), measures=values)
