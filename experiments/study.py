"""A study as plain data: which factor is swept over which values, what is held, and the replicates (design §3).

Read from `conf/conf/<name>.yaml`. Everything that a user may misspell is checked here, before anything is rendered,
and answered with the nearest names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from experiments import settings
from experiments.settings import SettingError
from synth.errors import UnknownName, find
from synth.factors import SWEEP_MODES, ClipSpec, Lighting, MotionRef, Viewpoint

FACTORS = {"azimuth": "azimuth_deg", "elevation": "elevation_deg", "distance": "distance_m"}


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """One factor moved over `values` (degrees or metres); `mode` says how azimuth is swept (design §4)."""

    name: str
    factor: str
    mode: str = "orbit"
    values: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class ClipShape:
    """What every clip of the study shares; raises FactorError for what no clip can have."""

    fps: float = 6.25
    num_frames: int = 8
    root: str = "in_place"
    width: int = 112
    height: int = 112
    fov_deg: float = 45.0

    def __post_init__(self):
        ClipSpec(motion=MotionRef(activity="any"), **vars(self))


@dataclass(frozen=True, kw_only=True)
class Study:
    """A study: see the module. `source` and `fallback` come from the group `motion`.

    replicates: blocks per activity, each a motion, an appearance and a start phase of its own. floor_repeats: clips
    per block under changes that nobody calls a nuisance. fallback: activity -> source where `source` has no motion.
    """

    name: str
    title: str
    question: str
    activities: tuple[str, ...]
    sweeps: tuple[Sweep, ...]
    reference: Viewpoint
    replicates: int = 6
    appearances: tuple[str, ...]
    environment: str = "lawn"
    lighting: Lighting = field(default_factory=Lighting)
    clip: ClipShape = field(default_factory=ClipShape)
    floor_repeats: int = 2
    seed: int = 0
    source: str = "authored"
    fallback: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_config(cls, study: Mapping, motion: Mapping) -> Study:
        """The study of a composed config; raises SettingError, UnknownName or FactorError."""
        data = {**study, **motion}
        settings.known_keys("study", data, cls)
        try:
            return cls(
                **{
                    **data,
                    "activities": settings.names("study.activities", data["activities"]),
                    "appearances": settings.names("study.appearances", data["appearances"]),
                    "fallback": dict(settings.table("motion.fallback", data.get("fallback", {}))),
                    "sweeps": tuple(_sweep(*item) for item in settings.table("study.sweeps", data["sweeps"]).items()),
                    "reference": settings.part("study.reference", data["reference"], Viewpoint),
                    "lighting": settings.part("study.lighting", data.get("lighting", {}), Lighting),
                    "clip": settings.part("study.clip", data.get("clip", {}), ClipShape),
                }
            )
        except KeyError as error:
            raise SettingError(f"study {data.get('name', '?')!r} lacks the key {error.args[0]!r}") from error

    def __post_init__(self):
        if not self.sweeps:
            raise SettingError("study.sweeps is empty; name at least one")
        for name, least in (("replicates", 1), ("floor_repeats", 0), ("seed", 0)):
            settings.whole(f"study.{name}", getattr(self, name), least=least)


def _sweep(name: str, data: Mapping) -> Sweep:
    key = f"study.sweeps.{name}"
    settings.known_keys(key, data, Sweep)
    factor, mode = str(data.get("factor", name)), str(data.get("mode", "orbit"))
    find("factor", factor, FACTORS)
    if mode not in SWEEP_MODES:
        raise UnknownName("sweep mode", mode, SWEEP_MODES)
    if "values" not in data:
        raise SettingError(f"{key} has no values; give a list, or start, stop and step")
    return Sweep(name=name, factor=factor, mode=mode, values=_values(f"{key}.values", data["values"]))


def _values(key: str, given) -> tuple[float, ...]:
    """A list of numbers, or {start, stop, step} with the stop left out as in `range`."""
    if isinstance(given, Mapping):
        if set(given) != {"start", "stop", "step"} or not settings.are_numbers(given.values()) or given["step"] == 0:
            raise SettingError(f"{key} = {dict(given)}; expected a list, or start, stop and a step that is not 0")
        given = np.arange(given["start"], given["stop"], given["step"]).tolist()
    if not isinstance(given, list | tuple) or not settings.are_numbers(given):
        raise SettingError(f"{key} = {given!r}; expected a list of numbers")
    values = tuple(float(v) for v in given)
    if len(values) < 2 or len(set(values)) != len(values):
        raise SettingError(f"{key} = {list(values)}; a sweep needs at least two values, each once")
    return values
