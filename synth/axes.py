"""The factors of a clip one by one: what each is called, where it stands in a recipe, its unit and its range.

A study sweeps any of them, a random draw takes any of them, a command line sets any of them; the ranges are those that
`synth.factors` checks, said here so that people and programs can list them.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

from synth.errors import CeterisError, find
from synth.factors import FREEZABLE, ClipSpec, FactorError

ANGLE, NUMBER, FLAG, NAME = "angle", "number", "flag", "name"
Level = float | bool | str


class AxisError(CeterisError):
    """A value that a factor cannot have: the factor, what was got, what is expected."""


@dataclass(frozen=True, kw_only=True)
class Axis:
    """One factor. path: where it stands in a ClipSpec ("viewpoint.azimuth_deg"). unit: "" for what has none.

    kind: "number"; "angle", which comes round after 360; "flag", true or false; "name". low, high: the range, both
    included; None for flags and names.
    """

    name: str
    path: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    kind: str = NUMBER

    @property
    def numeric(self) -> bool:
        """Whether its values are numbers on a scale."""
        return self.kind in (NUMBER, ANGLE)

    @property
    def expected(self) -> str:
        """For messages: what its values are."""
        if self.kind == FLAG:
            return "true or false"
        if self.kind == NAME:
            return "a name"
        return f"a number from {self.low:g} to {self.high:g}{' ' + self.unit if self.unit else ''}"

    def level(self, value) -> Level:
        """`value` as this factor's own type; raises AxisError for what it cannot be."""
        if self.kind == FLAG and isinstance(value, bool):
            return value
        if self.kind == NAME and isinstance(value, str) and value:
            return value
        number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if self.numeric and number and (self.kind == ANGLE or self.low <= value <= self.high):
            return float(value)
        raise AxisError(f"{self.name} = {value!r}; expected {self.expected}")


_NUMBERS = (
    ("elevation", "viewpoint.elevation_deg", "deg", -89.0, 89.0),
    ("distance", "viewpoint.distance_m", "m", 0.8, 100.0),
    ("sun_elevation", "lighting.sun_elevation_deg", "deg", 5.0, 90.0),
    ("intensity", "lighting.intensity", "", 0.0, 4.0),
    ("temperature", "lighting.temperature_k", "K", 1500.0, 15000.0),
    ("ambient", "lighting.ambient", "", 0.0, 4.0),
    ("fov", "fov_deg", "deg", 1.0, 170.0),
    ("tempo", "manner.tempo", "", 0.25, 4.0),
    ("phase", "manner.phase", "", 0.0, 0.999999),
    ("amplitude", "manner.amplitude", "", 0.0, 2.0),
    ("noise", "manner.noise_deg", "deg", 0.0, 45.0),
)
_ANGLES = (("azimuth", "viewpoint.azimuth_deg"), ("sun_azimuth", "lighting.sun_azimuth_deg"))
_NAMES = (
    ("appearance", "appearance.name"),
    ("environment", "environment.name"),
    ("freeze", "manner.freeze"),
    ("props", "props"),
)
_ALL = (
    *(Axis(name=name, path=path, unit="deg", low=0.0, high=360.0, kind=ANGLE) for name, path in _ANGLES),
    *(Axis(name=name, path=path, unit=unit, low=low, high=high) for name, path, unit, low, high in _NUMBERS),
    *(Axis(name=name, path=path, kind=NAME) for name, path in _NAMES),
    Axis(name="mirror", path="manner.mirror", kind=FLAG),
)
AXES: dict[str, Axis] = {axis.name: axis for axis in _ALL}


def get(name: str) -> Axis:
    """The factor `name`; raises UnknownName with the nearest ones."""
    return find("factor", name, AXES)


def value(spec: ClipSpec, axis: str | Axis) -> Level:
    """Where the recipe stands on a factor."""
    part = spec
    for field in _axis(axis).path.split("."):
        part = getattr(part, field)
    return part


def set_value(spec: ClipSpec, axis: str | Axis, level: Level) -> ClipSpec:
    """The recipe with one factor moved and all else as it was.

    Raises UnknownName for a factor, AxisError or FactorError for a value that it cannot have.
    """
    axis = _axis(axis)
    *outer, field = axis.path.split(".")
    try:
        if not outer:
            return dataclasses.replace(spec, **{field: axis.level(level)})
        part = dataclasses.replace(getattr(spec, outer[0]), **{field: axis.level(level)})
    except FactorError as error:
        extra = f" (joint groups: {', '.join(FREEZABLE)}, joined by '+')" if axis.name == "freeze" else ""
        raise AxisError(f"{axis.name} = {level!r}: {error}{extra}") from error
    return dataclasses.replace(spec, **{outer[0]: part})


def _axis(axis: str | Axis) -> Axis:
    return axis if isinstance(axis, Axis) else get(axis)
