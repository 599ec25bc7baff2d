"""A randomised design over clips of all activities: what each factor is worth beside the motion itself.

Every factor is a group of coordinates of a unit cube, and SALib lays the clips out in it by Saltelli's scheme (Saltelli
et al. 2010, *Variance based sensitivity analysis of model output*, table 2, over Sobol' points): two clips A and B of a
row that share nothing, and for every factor a clip AB that is A with this one factor taken from B. A and AB are a
matched pair, so that the control proof holds here as it does in a sweep.

The motion is a factor like the others, and whatever belongs to one performance comes with it: the activity, the trial,
where it is begun and what the camera looks at. Every row has two trials of its own, so that how much trials differ
counts to the motion. Nothing else is drawn from the motion, and a nuisance seed belongs to the row.
"""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from SALib.sample import sobol

from experiments import settings
from experiments.planned import BY, EFFECTS, PlannedClip, level_text
from experiments.settings import SettingError
from synth import axes, lights
from synth.axes import Level
from synth.errors import UnknownName
from synth.factors import ClipSpec, MotionRef

MOTION, LIGHTING = "motion", "lighting"
BASE_A, BASE_B, FROM_B, FROM_A = "A", "B", "AB", "BA"
SIDES = ("front", "left", "back", "right")
PERFORMANCE = ("motion", "start_s", "look_at_m", "fps")  # of a recipe, what comes with the motion
_LIGHT_AXES = tuple(name for name, axis in axes.AXES.items() if axis.path.startswith("lighting."))
Perform = Callable[[str, int, int], tuple[ClipSpec, str]]


@dataclass(frozen=True, kw_only=True)
class Coordinate:
    """One axis of `synth.axes`, or "lighting", that is drawn: from `levels`, all alike, or uniformly from low to high,
    in the axis' unit. The levels of "lighting" are presets."""

    axis: str
    levels: tuple[Level, ...] = ()
    low: float = 0.0
    high: float = 0.0

    def at(self, share: float) -> Level:
        """The level at `share` in [0, 1) of the coordinate."""
        if self.levels:
            return self.levels[int(share * len(self.levels))]
        return round(self.low + share * (self.high - self.low), 3)

    def set(self, spec: ClipSpec, level: Level) -> ClipSpec:
        """The recipe at a level; its own where it stands there already."""
        if self.axis == LIGHTING:
            return dataclasses.replace(spec, lighting=lights.lighting(level))
        return axes.set_value(spec, self.axis, level)

    def told(self, spec: ClipSpec) -> str:
        """Where a recipe stands, in words: a level, or of a range the part of it (see `parts`)."""
        if self.axis == LIGHTING:
            return next((str(name) for name in self.levels if lights.lighting(name) == spec.lighting), "another")
        level = axes.value(spec, self.axis)
        if self.levels:
            return level_text(level)
        share = (level - self.low) % 360.0 if axes.get(self.axis).kind == axes.ANGLE else level - self.low
        if self._round_about:
            return self.parts[int((level + 45.0) % 360.0 // 90.0)]
        return self.parts[min(int(share / (self.high - self.low) * len(self.parts)), len(self.parts) - 1)]

    @property
    def parts(self) -> tuple[str, ...]:
        """The levels in words, or the parts that a range is told in: thirds of it; of the whole round the four sides,
        each 45 degrees to either side of it."""
        if self.levels:
            return tuple(map(level_text, self.levels))
        if self._round_about:
            return SIDES if self.axis == "azimuth" else tuple(f"{side:g} deg" for side in (0, 90, 180, 270))
        unit, edges = axes.get(self.axis).unit, [self.low + (self.high - self.low) * k / 3 for k in range(4)]
        return tuple(
            f"{low:g} to {high:g} {unit}".strip()
            for low, high in itertools.pairwise([round(edge, 2) for edge in edges])
        )

    @property
    def _round_about(self) -> bool:
        return not self.levels and axes.get(self.axis).kind == axes.ANGLE and self.high - self.low >= 360.0

    @property
    def span(self) -> str:
        """What is drawn from, for people."""
        if self.levels:
            return ", ".join(map(level_text, self.levels))
        return f"{self.low:g} to {self.high:g} {axes.get(self.axis).unit}".strip()


@dataclass(frozen=True, kw_only=True)
class Factor:
    """Coordinates that are moved together and ranked as one."""

    name: str
    coordinates: tuple[Coordinate, ...]

    @property
    def axes(self) -> tuple[str, ...]:
        """The axes of `synth.axes` that it moves."""
        return tuple(a for c in self.coordinates for a in (_LIGHT_AXES if c.axis == LIGHTING else (c.axis,)))

    @property
    def span(self) -> str:
        """What it is drawn from, for people."""
        return "; ".join(c.span if c.axis == self.name else f"{c.axis} {c.span}" for c in self.coordinates)


@dataclass(frozen=True, kw_only=True)
class Effects:
    """rows: of the design, a power of two. factors: beside the motion, in the order of the config. second_order: also
    the clips BA, B with one factor taken from A, which the shares of pairs of factors need."""

    rows: int = 128
    factors: tuple[Factor, ...] = ()
    second_order: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """All factors that are ranked, the motion first."""
        return (MOTION, *(factor.name for factor in self.factors))

    def levels(self, axis: str) -> list[Level]:
        """Every level that an axis may take, of a range its two ends."""
        own = [c for factor in self.factors for c in factor.coordinates if c.axis == axis]
        return [level for c in own for level in (c.levels or (c.low, c.high))]


def read_effects(given) -> Effects:
    """`study.effects` of a config; raises SettingError, UnknownName or FactorError.

    Its key `factors` names what is ranked. A factor is one axis (`appearance: [ana, ben]`, `azimuth: {low: 0, high:
    360}`), the presets of the light (`lighting: [noon, evening]`), or a table of axes under a name of its own
    (`viewpoint: {azimuth: {low: 0, high: 360}, distance: [2, 4]}`).
    """
    key = "study.effects"
    settings.known_keys(key, given, Effects)
    rows = settings.whole(f"{key}.rows", given.get("rows", Effects.rows), least=2)
    if rows & (rows - 1):
        raise SettingError(f"{key}.rows = {rows}; Sobol' points are balanced in powers of two: take 64, 128 or 256")
    named = settings.table(f"{key}.factors", given.get("factors", {}))
    factors = tuple(_factor(f"{key}.factors.{name}", name, value) for name, value in named.items())
    moved = [axis for factor in factors for axis in factor.axes]
    if not moved:
        raise SettingError(f"{key}.factors is empty; name at least one factor beside the motion")
    if twice := [axis for axis in moved if moved.count(axis) > 1]:
        raise SettingError(f"{key}.factors move {twice[0]} in two factors; leave it to one")
    second = settings.flag(f"{key}.second_order", given.get("second_order", False))
    return Effects(rows=rows, factors=factors, second_order=second)


def _factor(key: str, name: str, given) -> Factor:
    if name == MOTION:
        raise SettingError(f"{key}: the motion is a factor in every such design; leave it out")
    single = name == LIGHTING or name in axes.AXES
    if not single and not isinstance(given, Mapping):
        raise UnknownName("factor", name, [*axes.AXES, LIGHTING])
    if single:
        return Factor(name=name, coordinates=(_coordinate(key, name, given),))
    return Factor(name=name, coordinates=tuple(_coordinate(f"{key}.{axis}", axis, own) for axis, own in given.items()))


def _coordinate(key: str, name: str, given) -> Coordinate:
    if name == LIGHTING:
        levels = settings.names(key, given)
        for preset in levels:
            lights.lighting(preset)
        return _several(key, Coordinate(axis=name, levels=levels))
    axis = axes.get(name)
    if not isinstance(given, list | tuple | Mapping):
        raise SettingError(f"{key} = {given!r}; expected a list of levels{', or low and high' if axis.numeric else ''}")
    try:
        if isinstance(given, Mapping):
            return _range(key, axis, given)
        return _several(key, Coordinate(axis=name, levels=tuple(axis.level(level) for level in given)))
    except axes.AxisError as error:
        raise SettingError(f"{key}: {error}") from error


def _several(key: str, coordinate: Coordinate) -> Coordinate:
    if len(coordinate.levels) < 2 or len(set(coordinate.levels)) < len(coordinate.levels):
        raise SettingError(f"{key} = {list(coordinate.levels)}; a factor needs at least two levels, each once")
    return coordinate


def _range(key: str, axis: axes.Axis, given: Mapping) -> Coordinate:
    if not axis.numeric or set(given) != {"low", "high"} or not settings.are_numbers(given.values()):
        raise SettingError(f"{key} = {dict(given)}; expected {'low and high' if axis.numeric else 'a list of names'}")
    low, high = float(given["low"]), float(given["high"])
    if not low < high:
        raise SettingError(f"{key} = {dict(given)}; low must be under high")
    plain = ClipSpec(motion=MotionRef(activity="any"))
    for end in (low, high):
        axes.set_value(plain, axis, end)
    return Coordinate(axis=axis.name, low=low, high=high)


def randomised(effects: Effects, activities: Sequence[str], perform: Perform, *, seed: int) -> Iterator[PlannedClip]:
    """The clips, row by row: A, its AB of every factor, where asked for the BA, B.

    `level` of a clip is its part in the row, `value` the row's number, `sweep` the factor that was taken from the other
    base, `factor` the axes that it moves. perform: (activity, number of the trial, seed) -> a recipe at the reference
    of every factor, and its cluster.
    """
    moves = {MOTION: MOTION, "": ""} | {factor.name: BY.join(factor.axes) for factor in effects.factors}
    coordinates = [c for factor in effects.factors for c in factor.coordinates]
    groups = [MOTION, *(factor.name for factor in effects.factors for _ in factor.coordinates)]
    cube = {"num_vars": len(groups), "names": [f"x{k}" for k in range(len(groups))], "groups": groups}
    points = sobol.sample(
        {**cube, "bounds": [[0.0, 1.0]] * len(groups)}, effects.rows, calc_second_order=effects.second_order, seed=seed
    )
    parts = _parts(effects)
    for row, shares in enumerate(points.reshape(effects.rows, len(parts), len(groups))):
        performed = {}
        for side, name in enumerate((BASE_A, BASE_B)):
            activity = activities[int(shares[0 if name == BASE_A else -1, 0] * len(activities))]
            performed[name] = perform(activity, 2 * row + side, _seed(seed, row, name))
        for (part, factor), point in zip(parts, shares, strict=True):
            spec, cluster = performed[_whose_motion(part, factor)]
            spec = dataclasses.replace(spec, seed=_seed(seed, row, ""))
            for coordinate, share in zip(coordinates, point[1:], strict=True):
                spec = coordinate.set(spec, coordinate.at(share))
            yield PlannedClip(
                spec=spec,
                activity=spec.motion.activity,
                sweep=factor or EFFECTS,
                factor=moves[factor],
                value=float(row),
                level=part,
                block=f"{EFFECTS}#{row}",
                cluster=cluster,
                design=EFFECTS,
            )


def _parts(effects: Effects) -> list[tuple[str, str]]:
    """(part, factor taken from the other base) of a row's clips, in SALib's order."""
    others = [(part, name) for part in (FROM_B, FROM_A)[: 1 + effects.second_order] for name in effects.names]
    return [(BASE_A, ""), *others, (BASE_B, "")]


def _whose_motion(part: str, factor: str) -> str:
    """The base whose performance a clip shows."""
    own, other = (BASE_A, BASE_B) if part in (BASE_A, FROM_B) else (BASE_B, BASE_A)
    return other if factor == MOTION else own


def _seed(seed: int, row: int, base: str) -> int:
    return int(hashlib.sha256(f"{seed}:{EFFECTS}:{row}{base}".encode()).hexdigest()[:12], 16)


def pairs(clips: Sequence[PlannedClip]) -> Iterator[tuple[PlannedClip, PlannedClip]]:
    """The matched pairs of such a design: (A, AB) and (B, BA) of every row; `sweep` of the second names the factor."""
    bases = {(clip.block, clip.level): clip for clip in clips if clip.level in (BASE_A, BASE_B)}
    for clip in clips:
        if clip.level in (FROM_B, FROM_A):
            yield bases[clip.block, clip.level[0]], clip


def spans(effects: Effects) -> dict[str, str]:
    """Factor -> what it was drawn from, for people; without the motion."""
    return {factor.name: factor.span for factor in effects.factors}
