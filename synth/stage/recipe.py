"""What an environment is made of, as plain data; `environment_file` reads it from YAML, `random_place` draws it.

An environment is data: a floor, a sky or a picture, a backdrop, a room, things and where they stand (metres, degrees).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from synth.errors import CeterisError


class PlaceError(CeterisError):
    """An environment file that cannot be used: says where, what was got and what is expected."""


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Something painted on the floor: a line of `width` metres along a shape, or the shape filled where width is 0.

    shape: rect (size: length and width, turned by yaw_deg), circle (radius, from from_deg to to_deg) or line (length
    size[0]). layer: "line" is paint of Floor.lines_tint, "path" shows the floor's path texture.
    """

    shape: str = "rect"
    layer: str = "line"
    at: tuple[float, ...] = (0.0, 0.0)
    size: tuple[float, ...] = (1.0, 1.0)
    radius: float = 1.0
    width: float = 0.0
    yaw_deg: float = 0.0
    from_deg: float = 0.0
    to_deg: float = 360.0


@dataclass(frozen=True, kw_only=True)
class Floor:
    """kind and path_kind: `grounds.KINDS`; kind may also be "none", or "shadow", which shows the picture behind it and
    the person's shadow on that. A path, path_m wide (0: none), passes through the origin along path_yaw_deg; relief
    0..1 is how much brightness varies from patch to patch. map_m: how wide the map of path, marks and relief is."""

    kind: str = "plain"
    tile_m: float = 2.4
    tint: tuple[float, ...] = (1.0, 1.0, 1.0)
    path_kind: str = "gravel"
    path_tile_m: float = 1.6
    path_tint: tuple[float, ...] = (1.0, 1.0, 1.0)
    path_m: float = 0.0
    path_yaw_deg: float = 0.0
    relief: float = 0.3
    map_m: float = 64.0
    lines_tint: tuple[float, ...] = (0.85, 0.85, 0.85)
    marks: tuple[Mark, ...] = ()


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
class Picture:
    """The user's own picture instead of a sky: file (PNG or JPEG, beside the environment file); projection:
    equirectangular (all directions, 2:1) or plain (fills the frame whatever the camera does); bearing_deg: the azimuth
    at which the middle of an equirectangular picture lies."""

    file: str = ""
    projection: str = "equirectangular"
    bearing_deg: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A window or a doorway: in which wall, `at` how many metres along it (x in the north and south, y in the east and
    west), and how large; sill 0 reaches down to the floor."""

    wall: str = "north"
    at: float = 0.0
    width: float = 1.4
    height: float = 1.3
    sill: float = 0.9


@dataclass(frozen=True, kw_only=True)
class Room:
    """Four walls, seen from inside alone, and a ceiling; size (x, y) and height of 0: no room. North is +y, east +x.
    outside: `grounds.KINDS`, what lies beyond the windows."""

    size: tuple[float, ...] = (6.0, 6.0)
    height: float = 0.0
    at: tuple[float, ...] = (0.0, 0.0)
    wall: str = "plaster"
    wall_tile_m: float = 2.5
    wall_tint: tuple[float, ...] = (1.0, 1.0, 1.0)
    ceiling_tint: tuple[float, ...] = (1.0, 1.0, 1.0)
    skirting_m: float = 0.09
    skirting_tint: tuple[float, ...] = (1.0, 1.0, 1.0)
    outside: str = "grass"
    openings: tuple[Opening, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Light:
    """sun: which share of the sun's light comes in; ambient: linear radiance of what is around instead of the sky's,
    (0, 0, 0) for the sky's; reach_m: where direct light has fallen to a half, 0 where it does not fall."""

    sun: float = 1.0
    ambient: tuple[float, ...] = (0.0, 0.0, 0.0)
    reach_m: float = 0.0


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
    picture: Picture = Picture()
    room: Room = Room()
    light: Light = Light()
    things: tuple[Thing, ...] = ()
