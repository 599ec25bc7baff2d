"""What a study sweeps: one factor and its values, read from the config and checked before anything is rendered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from experiments import settings
from experiments.settings import SettingError
from synth import axes
from synth.axes import Level
from synth.errors import UnknownName, find
from synth.factors import SWEEP_MODES, ClipSpec, MotionRef

PAPER_SIGNS = (0, -1, 1)
MOST_VALUES = 100_000


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """One factor of `synth.axes` moved over `values`: numbers in the factor's unit, true and false, or names; `mode`
    says how azimuth is swept (design §4)."""

    name: str
    factor: str
    mode: str = "orbit"
    values: tuple[Level, ...]

    @property
    def span(self) -> str:
        """The values for people: from where to where, or every name."""
        axis = axes.get(self.factor)
        if not axis.numeric:
            return ", ".join(map(str, self.values))
        return f"{min(self.values):g} to {max(self.values):g} {axis.unit}".strip()


def paper_sign(given) -> int:
    """0, or the sense in which the paper's azimuths count; raises SettingError."""
    if isinstance(given, bool) or given not in PAPER_SIGNS:
        raise SettingError(f"study.paper_sign = {given!r}; expected one of {PAPER_SIGNS}")
    return given


def ours(azimuth_deg: float, sign: int) -> float:
    """Our azimuth of one that is ours already (sign 0) or the paper's, whose 90 is the front."""
    return (90.0 + sign * azimuth_deg) % 360.0 if sign else azimuth_deg


def read_sweep(name: str, data: Mapping, sign: int) -> Sweep:
    """The sweep of one entry of `study.sweeps`; raises SettingError or UnknownName."""
    key = f"study.sweeps.{name}"
    settings.plain_name("study.sweeps: a sweep", name)
    settings.known_keys(key, data, Sweep)
    axis, mode = axes.get(str(data.get("factor", name))), str(data.get("mode", "orbit"))
    if mode not in SWEEP_MODES:
        raise UnknownName("sweep mode", mode, SWEEP_MODES)
    if "values" not in data:
        raise SettingError(f"{key} has no values; give a list{', or start, stop and step' if axis.numeric else ''}")
    values = _values(f"{key}.values", data["values"], axis)
    _check_different(f"{key}.values", values, axis)
    if axis.name == "azimuth":
        values = tuple(ours(value, sign) for value in values)
    return Sweep(name=name, factor=axis.name, mode=mode, values=values)


def _values(key: str, given, axis: axes.Axis) -> tuple[Level, ...]:
    """A list of levels of a factor; of a number also {start, stop, step} with the stop left out as in `range`."""
    if axis.numeric and isinstance(given, Mapping):
        if set(given) != {"start", "stop", "step"} or not settings.are_numbers(given.values()) or given["step"] == 0:
            raise SettingError(f"{key} = {dict(given)}; expected a list, or start, stop and a step that is not 0")
        if not (given["stop"] - given["start"]) / given["step"] <= MOST_VALUES:
            raise SettingError(f"{key} = {dict(given)}; that is more than {MOST_VALUES} values: take a larger step")
        given = np.arange(given["start"], given["stop"], given["step"]).round(9).tolist()
    if not isinstance(given, list | tuple) or (axis.numeric and not settings.are_numbers(given)):
        raise SettingError(f"{key} = {given!r}; expected a list of {'numbers' if axis.numeric else axis.expected}")
    try:
        values = tuple(axis.level(value) for value in given)
    except axes.AxisError as error:
        raise SettingError(f"{key}: {error}") from error
    if len(values) < 2 or len(set(values)) != len(values):
        raise SettingError(f"{key} = {list(values)}; a sweep needs at least two values, each once")
    return values


def _check_different(key: str, values: tuple[Level, ...], axis: axes.Axis) -> None:
    """Raises SettingError for two values that ask for the same clip, as 0 and 360 degrees do: it would count twice."""
    plain, seen = ClipSpec(motion=MotionRef(activity="any")), {}
    for level in values:
        recipe = axes.set_value(plain, axis, level).clip_id({})
        if recipe in seen:
            raise SettingError(f"{key} hold {seen[recipe]} and {level}, which are one {axis.name}; keep one of them")
        seen[recipe] = level


def read_mirrored(given, sweeps: Sequence[Sweep]) -> tuple[str, ...]:
    """Names of sweeps of the azimuth; raises SettingError or UnknownName."""
    if given in ([], ()):
        return ()
    known = {sweep.name: sweep for sweep in sweeps}
    for name in settings.names("study.mirrored", given):
        if find("sweep among study.sweeps", name, known).factor != "azimuth":
            raise SettingError(
                f"study.mirrored names {name!r}, which is no sweep of the azimuth; only those have pairs"
            )
    return tuple(given)
