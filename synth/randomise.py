"""Domain randomisation: from one seed a recipe in which who, where, light, camera and manner are drawn.

Tobin et al. 2017, "Domain randomization for transferring deep neural networks from simulation to the real world", in
the terms of our factors. The result is a ClipSpec like any other, so that what was drawn is recorded by being the
recipe; textures and distracting objects come with a random environment, shape, garments and hair with a random
appearance. Every factor draws from a generator of its own, named by the seed and the factor: a range that is added,
widened or taken away does not shift what the others draw.
"""

from __future__ import annotations

import dataclasses
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

import numpy as np
import yaml

from synth import axes, body
from synth.errors import CeterisError, UnknownName
from synth.factors import Appearance, ClipSpec, Environment
from synth.stage import place
from synth.unique_keys import UniqueKeys

Range = tuple[float, float]
# The keys that are a range, the factor whose limits they keep, and where it stands.
_FACTORS = {
    "azimuth_deg": "azimuth",
    "elevation_deg": "elevation",
    "distance_m": "distance",
    "fov_deg": "fov",
    "sun_azimuth_deg": "sun_azimuth",
    "sun_elevation_deg": "sun_elevation",
    "intensity": "intensity",
    "temperature_k": "temperature",
    "ambient": "ambient",
    "tempo": "tempo",
    "amplitude": "amplitude",
    "noise_deg": "noise",
}
_RANGES = (*_FACTORS, "aim_m", "aim_height_m")
_SEEDS = ("appearance_seeds", "environment_seeds")
_CHOICES = ("appearances", "environments")
RANDOM, NAMED, OWN = "random", "named", "own"
_SEEDED = re.compile(r"random-[0-9]{1,18}")
DIGITS = 3  # a drawn number has no more decimals, so that the recipe reads well


class RangeError(CeterisError):
    """Ranges that nothing can be drawn from: the key (and the file), what was got, what is expected."""


@dataclass(frozen=True, kw_only=True)
class Ranges:
    """What is drawn from where. A range is [low, high] and drawn uniformly; None leaves what the recipe has.

    appearances, environments: weights of "random" (random-<n>, n of `..._seeds`, both ends included), "named" (any of
    the package's own files), "own" (what the recipe has), or of single names. aim_height_m: the height over the floor
    of the point looked at, instead of the recipe's; aim_m: how far, along each axis, the aim strays from there.
    mirror: the probability that left and right are exchanged. Raises RangeError, UnknownName.
    """

    appearances: Mapping[str, float] = field(default_factory=lambda: {RANDOM: 0.8, NAMED: 0.2})
    environments: Mapping[str, float] = field(default_factory=lambda: {RANDOM: 0.6, NAMED: 0.4})
    appearance_seeds: tuple[int, int] = (0, 9999)
    environment_seeds: tuple[int, int] = (0, 9999)
    azimuth_deg: Range | None = (-180.0, 180.0)
    elevation_deg: Range | None = (-5.0, 45.0)
    distance_m: Range | None = (2.4, 5.5)
    aim_m: Range | None = (-0.15, 0.15)
    aim_height_m: Range | None = None
    fov_deg: Range | None = (38.0, 52.0)
    sun_azimuth_deg: Range | None = (0.0, 360.0)
    sun_elevation_deg: Range | None = (15.0, 80.0)
    intensity: Range | None = (0.4, 1.4)
    temperature_k: Range | None = (3000.0, 8000.0)
    ambient: Range | None = (0.6, 1.4)
    tempo: Range | None = (0.85, 1.2)
    amplitude: Range | None = (0.85, 1.15)
    noise_deg: Range | None = None
    mirror: float = 0.5

    def __post_init__(self):
        for key in _RANGES:
            given = getattr(self, key)
            object.__setattr__(self, key, given if given is None else checked_range(key, given, *_limits(key)))
        for key in _SEEDS:
            low, high = checked_range(key, getattr(self, key), 0, 2**53)
            if low != int(low) or high != int(high):
                raise RangeError(f"{key} = [{low:g}, {high:g}]; expected two whole numbers")
            object.__setattr__(self, key, (int(low), int(high)))
        for key in _CHOICES:
            object.__setattr__(self, key, _weights(key, getattr(self, key)))
        if not _is_number(self.mirror) or not 0.0 <= self.mirror <= 1.0:
            raise RangeError(f"mirror = {self.mirror!r}; expected a probability, 0 to 1")

    @classmethod
    def from_config(cls, given: Mapping, *, key: str = "randomise") -> Ranges:
        """From a table of the fields; what it does not name is as above. Errors begin with `key`."""
        if not isinstance(given, Mapping):
            raise RangeError(f"{key} = {given!r}; expected a table of keys and values")
        known = [item.name for item in fields(cls)]
        for name in given:
            if name not in known:
                raise UnknownName(f"key of {key}", str(name), known)
        try:
            return cls(**given)
        except RangeError as error:
            raise RangeError(f"{key}.{error}") from error

    @classmethod
    def from_file(cls, path: Path) -> Ranges:
        """From a YAML file such as conf/randomise/default.yaml."""
        try:
            given = yaml.load(path.read_text(encoding="utf-8"), Loader=UniqueKeys)
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise RangeError(f"{path} cannot be read as YAML: {error}") from error
        return cls.from_config({} if given is None else given, key=str(path))


def draw(base: ClipSpec, ranges: Ranges, seed: int) -> ClipSpec:
    """`base` with everything drawn that `ranges` has a range for; equal seeds give equal recipes.

    The recipe's motion, size, frame rate and start stay. A tempo above 1 takes more of the motion: of a recording
    there must be enough left (start_s + tempo (num_frames - 1) / fps).
    """
    spec = dataclasses.replace(
        base,
        appearance=Appearance(name=_name(ranges, "appearances", seed, base.appearance.name)),
        environment=Environment(name=_name(ranges, "environments", seed, base.environment.name)),
        look_at_m=_aim(base, ranges, seed),
    )
    for key, factor in _FACTORS.items():
        if getattr(ranges, key) is not None:
            spec = axes.set_value(spec, factor, _uniform(getattr(ranges, key), _own(seed, key)))
    if _own(seed, "mirror").random() < ranges.mirror:
        spec = axes.set_value(spec, "mirror", not spec.manner.mirror)
    if ranges.noise_deg is not None:
        noise_seed = int(_own(seed, "noise_seed").integers(2**31))
        spec = dataclasses.replace(spec, manner=dataclasses.replace(spec.manner, noise_seed=noise_seed))
    return spec


def checked_range(key: str, given, low: float, high: float) -> Range:
    """`given` as [first, last] of numbers within [low, high]; raises RangeError that names the key."""
    if not isinstance(given, list | tuple) or len(given) != 2 or not all(_is_number(v) for v in given):
        raise RangeError(f"{key} = {given!r}; expected [low, high], two numbers")
    first, last = (float(v) for v in given)
    if first > last:
        raise RangeError(f"{key} = [{first:g}, {last:g}] runs backwards; low comes first")
    if first < low or last > high:
        raise RangeError(f"{key} = [{first:g}, {last:g}] leaves [{low:g}, {high:g}], in which a clip can be drawn")
    return first, last


def _is_number(value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and np.isfinite(value)


def _limits(key: str) -> Range:
    axis = axes.AXES.get(_FACTORS.get(key, ""))
    if axis is None:
        return -5.0, 5.0
    return (-360.0, 360.0) if axis.kind == axes.ANGLE else (axis.low, axis.high)


def _weights(key: str, given) -> dict[str, float]:
    if not isinstance(given, Mapping) or not given:
        raise RangeError(f"{key} = {given!r}; expected weights by name, as {{{RANDOM}: 0.8, {NAMED}: 0.2}}")
    known = (RANDOM, NAMED, OWN, *_files(key))
    for name, weight in given.items():
        if name not in known and not _SEEDED.fullmatch(str(name)):
            raise UnknownName(f"name in {key}", str(name), known)
        if not _is_number(weight) or weight < 0:
            raise RangeError(f"{key}.{name} = {weight!r}; expected a weight, 0 or more")
    if not sum(given.values()) > 0:
        raise RangeError(f"{key} = {dict(given)}; expected a weight above 0 for at least one")
    return {str(name): float(weight) for name, weight in given.items()}


def _files(key: str) -> list[str]:
    return body.appearance_names() if key == "appearances" else place.place_names()


def _name(ranges: Ranges, key: str, seed: int, own: str) -> str:
    weights = getattr(ranges, key)
    share = np.cumsum(list(weights.values()))
    kind = list(weights)[int(np.searchsorted(share / share[-1], _own(seed, key).random(), side="right"))]
    if kind == OWN:
        return own
    rng = _own(seed, f"{key}.{kind}")
    if kind == RANDOM:
        low, high = getattr(ranges, f"{key[:-1]}_seeds")
        return f"random-{int(rng.integers(low, high, endpoint=True))}"
    return str(rng.choice(_files(key))) if kind == NAMED else kind


def _aim(base: ClipSpec, ranges: Ranges, seed: int) -> tuple[float, ...]:
    look = np.array(base.look_at_m)
    if ranges.aim_height_m is not None:
        look[2] = _own(seed, "aim_height_m").uniform(*ranges.aim_height_m)
    if ranges.aim_m is not None:
        look = look + _own(seed, "aim_m").uniform(*ranges.aim_m, 3)
    return tuple(float(v) for v in np.round(look, DIGITS))


def _uniform(span: Range, rng: np.random.Generator) -> float:
    return round(float(rng.uniform(*span)), DIGITS)


def _own(seed: int, key: str) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(key.encode())])
