"""The factors of a clip as plain frozen data: the whole recipe of what is rendered (design §3).

Imports nothing of the project. A factor value is always written with its unit in the name. A clip's id is the
SHA-256 of its canonical JSON together with the digests of what it refers to, so that equal recipes have one id on
every machine and a changed asset changes the id.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

SWEEP_MODES = ("orbit", "orbit_lit", "turntable")
ROOTS = ("world", "in_place")
FREEZABLE = ("left_arm", "right_arm", "left_leg", "right_leg", "trunk", "head")
MOST = 10**300  # a whole number beyond has no float
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*\Z")


class FactorError(ValueError):
    """A factor value outside its range: says the factor, what was got and what is allowed."""


def _coerce(part) -> None:
    """Numbers from YAML or a command line become the type of their field, so that 3 and 3.0 are one recipe."""
    for name, kind in _numbers(type(part)):
        value = getattr(part, name)
        broken = kind is int and isinstance(value, float) and not value.is_integer()
        huge = isinstance(value, int) and not -MOST <= value <= MOST
        if isinstance(value, bool) or not isinstance(value, int | float) or broken or huge:
            raise FactorError(f"{name} = {value!r} is not a number of type {kind.__name__}")
        object.__setattr__(part, name, _rounded(kind(value)))


@functools.cache
def _numbers(kind: type) -> tuple[tuple[str, type], ...]:
    """The fields of a part that are numbers, and their types."""
    kinds = {"float": float, "int": int}
    return tuple((field.name, kinds[field.type]) for field in dataclasses.fields(kind) if field.type in kinds)


def _rounded(value: float | int) -> float | int:
    """Floats to 1e-6, finer than the wire: a recipe is equal to the one that is read back from its canonical form."""
    return round(value, 6) + 0.0 if isinstance(value, float) and math.isfinite(value) else value


def _within(factor: str, value: float, low: float, high: float, why: str = "", *, open_ends: bool = False) -> None:
    inside = low < value < high if open_ends else low <= value <= high
    if not (math.isfinite(value) and inside):
        span = f"({low:g}, {high:g})" if open_ends else f"[{low:g}, {high:g}]"
        raise FactorError(f"{factor} = {value!r} is outside {span}{': ' + why if why else ''}")


def _is_number(value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -MOST <= value <= MOST


def _point(factor: str, value) -> tuple[float, float, float]:
    numbers = isinstance(value, tuple | list) and all(_is_number(v) for v in value)
    if not numbers or len(value) != 3:
        raise FactorError(f"{factor} = {value!r} is not a point (x, y, z) in metres")
    return tuple(_rounded(float(v)) for v in value)


def _one_of(factor: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise FactorError(f"{factor} = {value!r} is not one of {', '.join(known)}")


def _plain_name(factor: str, value: str) -> None:
    if not (isinstance(value, str) and _NAME.match(value)):
        raise FactorError(f"{factor} = {value!r} is no plain name (letters, digits, '_', '-', '.')")


@dataclass(frozen=True, kw_only=True)
class Viewpoint:
    """Where the clip is seen from; `sweep` says what moves when the azimuth does (design §4).

    azimuth_deg in [0, 360), 0 = the person's front, 90 = the person's left; elevation_deg in [-89, 89];
    distance_m from the camera to `look_at_m`. orbit: the camera moves. orbit_lit: the sun turns with it.
    turntable: the person turns by -azimuth and the camera stands still. All three show the same side of the body.
    """

    azimuth_deg: float = 0.0
    elevation_deg: float = 0.0
    distance_m: float = 3.5
    sweep: str = "orbit"

    def __post_init__(self):
        _coerce(self)
        if not math.isfinite(self.azimuth_deg):
            raise FactorError(f"azimuth_deg = {self.azimuth_deg!r} is not a finite angle")
        object.__setattr__(self, "azimuth_deg", _rounded(self.azimuth_deg % 360.0) % 360.0)
        _within("elevation_deg", self.elevation_deg, -89.0, 89.0)
        _within("distance_m", self.distance_m, 0.8, 100.0, "nearer than 0.8 m the camera would be inside the body")
        _one_of("sweep", self.sweep, SWEEP_MODES)


@dataclass(frozen=True, kw_only=True)
class Appearance:
    """Who is seen: the name of an appearance file, or `random-<seed>`."""

    name: str = "ana"

    def __post_init__(self):
        _plain_name("appearance", self.name)


@dataclass(frozen=True, kw_only=True)
class Environment:
    """Where: the name of an environment file, or `random-<seed>`."""

    name: str = "lawn"

    def __post_init__(self):
        _plain_name("environment", self.name)


@dataclass(frozen=True, kw_only=True)
class Lighting:
    """Sun and sky. sun_azimuth_deg is counter-clockwise from +X seen from above, fixed to the world.

    intensity scales the sun (1 = a clear noon), temperature_k is the sun's colour, ambient the share of sky light
    (1 = the environment's own).
    """

    sun_azimuth_deg: float = 40.0
    sun_elevation_deg: float = 50.0
    intensity: float = 1.0
    temperature_k: float = 5600.0
    ambient: float = 1.0

    def __post_init__(self):
        _coerce(self)
        if not math.isfinite(self.sun_azimuth_deg):
            raise FactorError(f"sun_azimuth_deg = {self.sun_azimuth_deg!r} is not a finite angle")
        object.__setattr__(self, "sun_azimuth_deg", _rounded(self.sun_azimuth_deg % 360.0) % 360.0)
        _within("sun_elevation_deg", self.sun_elevation_deg, 5.0, 90.0)
        _within("intensity", self.intensity, 0.0, 4.0)
        _within("temperature_k", self.temperature_k, 1500.0, 15000.0)
        _within("ambient", self.ambient, 0.0, 4.0)


@dataclass(frozen=True, kw_only=True)
class MotionRef:
    """The essential factor: which motion is performed.

    source: "authored" (ships with Ceteris) or "cmu". activity: e.g. "squat". variant: for authored motions a seed,
    optionally of one band of the style ranges ("7", "train-7", "held-7"); for CMU the trial and crop ("14_14").
    """

    activity: str
    source: str = "authored"
    variant: str = "0"

    def __post_init__(self):
        for field in ("activity", "source", "variant"):
            _plain_name(f"motion {field}", getattr(self, field))

    @property
    def key(self) -> str:
        """`source/activity/variant`: the name of the motion on the wire."""
        return f"{self.source}/{self.activity}/{self.variant}"

    @classmethod
    def parse(cls, key: str) -> MotionRef:
        """The reference that `key` names; raises FactorError unless it has three parts."""
        parts = key.split("/")
        if len(parts) != 3:
            raise FactorError(f"motion {key!r} is not of the form source/activity/variant")
        return cls(source=parts[0], activity=parts[1], variant=parts[2])


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How a motion is performed: changes of the motion itself, each a factor of its own. The default changes nothing.

    tempo: times as fast, [0.25, 4]; the pose at start_s stays. phase: share of the cycle by which a cyclic motion is
    begun later, [0, 1). amplitude: how far every joint strays from its mean over the motion, times as far, [0, 2].
    mirror: left and right exchanged. noise_deg: standard deviation of a slow wavering of every joint, [0, 45], drawn
    from noise_seed. freeze: joints that keep their mean, names of FREEZABLE joined by "+" in their order, or "none".
    """

    tempo: float = 1.0
    phase: float = 0.0
    amplitude: float = 1.0
    mirror: bool = False
    noise_deg: float = 0.0
    noise_seed: int = 0
    freeze: str = "none"

    def __post_init__(self):
        if not (_is_number(self.phase) and 0.0 <= self.phase < 1.0):
            raise FactorError(f"phase = {self.phase!r} is outside [0, 1): a share of the motion's cycle")
        _coerce(self)
        _within("tempo", self.tempo, 0.25, 4.0)
        object.__setattr__(self, "phase", self.phase % 1.0)
        _within("amplitude", self.amplitude, 0.0, 2.0)
        _within("noise_deg", self.noise_deg, 0.0, 45.0)
        _within("noise_seed", self.noise_seed, 0, 2**63)
        if not isinstance(self.mirror, bool):
            raise FactorError(f"mirror = {self.mirror!r} is neither true nor false")
        named = [] if self.freeze == "none" else str(self.freeze).split("+")
        for name in named:
            _one_of("freeze", name, FREEZABLE)
        if len(set(named)) != len(named):
            raise FactorError(f"freeze = {self.freeze!r} names a joint group twice")
        object.__setattr__(self, "freeze", "+".join(n for n in FREEZABLE if n in named) or "none")

    @property
    def frozen(self) -> tuple[str, ...]:
        """The names in `freeze`."""
        return () if self.freeze == "none" else tuple(self.freeze.split("+"))


@dataclass(frozen=True, kw_only=True)
class ClipSpec:
    """The complete recipe of one clip.

    start_s: motion time of the first frame; frame k shows start_s + tempo k / fps. props: "own" for the objects that
    belong to the activity, "none", or the kind of one to be held instead. root: "world" keeps the motion's travel,
    "in_place" removes its horizontal part. look_at_m: the point the camera looks at, world metres. fov_deg is
    horizontal. loop: the frames are one whole cycle of the motion, so that whoever needs more begins them again.
    repeat > 0 asks for the harmless changes of the floor (design §3), drawn from `seed`.
    """

    motion: MotionRef
    manner: Manner = Manner()
    props: str = "own"
    appearance: Appearance = Appearance()
    environment: Environment = Environment()
    lighting: Lighting = Lighting()
    viewpoint: Viewpoint = Viewpoint()
    look_at_m: tuple[float, float, float] = (0.0, 0.0, 0.9)
    fps: float = 25.0
    num_frames: int = 16
    start_s: float = 0.0
    root: str = "in_place"
    width: int = 112
    height: int = 112
    fov_deg: float = 45.0
    loop: bool = False
    repeat: int = 0
    seed: int = 0

    def __post_init__(self):
        _coerce(self)
        object.__setattr__(self, "look_at_m", _point("look_at_m", self.look_at_m))
        _plain_name("props", self.props)
        _one_of("root", self.root, ROOTS)
        if not isinstance(self.loop, bool):
            raise FactorError(f"loop = {self.loop!r} is neither true nor false")
        _within("fps", self.fps, 0.0, 1000.0, open_ends=True)
        _within("num_frames", self.num_frames, 1, 100_000)
        _within("start_s", self.start_s, 0.0, 1e5)
        _within("width", self.width, 8, 4096)
        _within("height", self.height, 8, 4096)
        _within("fov_deg", self.fov_deg, 1.0, 170.0, "horizontal field of view")
        _within("repeat", self.repeat, 0, 1_000_000)
        _within("seed", self.seed, 0, 2**63)

    def canonical(self) -> dict:
        """Plain nested dictionaries of numbers and strings, as stored in a clip's manifest."""
        return _plain(self)

    def clip_id(self, digests: Mapping[str, str]) -> str:
        """First 20 hex digits of SHA-256 over the canonical JSON of the spec and of `digests` (what it refers to:
        motion, appearance, environment, engine, build, backend)."""
        text = json.dumps({"spec": self.canonical(), "digests": dict(digests)}, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:20]

    @classmethod
    def from_canonical(cls, data: Mapping) -> ClipSpec:
        """The inverse of `canonical`."""
        parts = {
            "motion": MotionRef,
            "manner": Manner,
            "appearance": Appearance,
            "environment": Environment,
            "lighting": Lighting,
            "viewpoint": Viewpoint,
        }
        return cls(**{key: parts[key](**value) if key in parts else value for key, value in data.items()})

    def flat(self, fields: Iterable[str] | None = None) -> dict[str, float | int | str]:
        """One level of names, as columns of a table: `viewpoint.azimuth_deg` and so on. fields: of these alone."""
        out: dict[str, float | int | str] = {}
        for key in _names(ClipSpec) if fields is None else fields:
            value = _plain(getattr(self, key))
            if isinstance(value, dict):
                out.update({f"{key}.{inner}": item for inner, item in value.items()})
            elif isinstance(value, list):
                out.update({f"{key}.{axis}": item for axis, item in zip("xyz", value, strict=True)})
            else:
                out[key] = value
        return out


def _plain(value):
    """Floats rounded to 1e-6 (finer than the wire), tuples as lists, parts as tables, so that canonical JSON is stable.

    A study of 10,000 clips asks this 40,000 times: `dataclasses.asdict`, which copies all, took half of a re-run.
    """
    if isinstance(value, float):
        return _rounded(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    names = _names(type(value))
    return value if names is None else {name: _plain(getattr(value, name)) for name in names}


@functools.cache
def _names(kind: type) -> tuple[str, ...] | None:
    """The fields of a part; None for what is none."""
    return tuple(field.name for field in dataclasses.fields(kind)) if dataclasses.is_dataclass(kind) else None
