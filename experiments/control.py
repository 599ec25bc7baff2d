"""The control proof: clips that are compared differ in the swept factor and in nothing else (design §3).

Compared are the recipes, what an engine is told for them, and what was recorded when they were drawn: the camera that
it was told, and the digests of engine, build, backend and assets.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from experiments.designs.effects import MOTION, PERFORMANCE, pairs
from experiments.planned import EFFECTS, PlannedClip
from synth import axes
from synth.errors import CeterisError
from synth.factors import ClipSpec
from synth.resolve import Resolved, resolve

Told = Mapping[str, np.ndarray]

TOLERANCE = 1e-3  # metres and degrees: the wire carries four decimals of centimetres
# What a factor may move of what an engine is told. Azimuth depends on how it is swept (see `_movable`).
_MOVES = {
    "elevation": {"camera.position_m", "camera.height_m", "camera.pitch_deg"},
    "distance": {"camera.position_m", "camera.height_m"},
    "fov": {"camera.fov_deg"},
    "tempo": {"times_s"},
    "sun_azimuth": {"lighting.sun_azimuth_deg"},
    "sun_elevation": {"lighting.sun_elevation_deg"},
    "intensity": {"lighting.intensity"},
    "temperature": {"lighting.temperature_k"},
    "ambient": {"lighting.ambient"},
}
# The digest that a sweep of this factor may change, since it is what is swept. No other may differ in any sweep.
_SWEPT_DIGESTS = {"appearance": "appearance", "environment": "environment", MOTION: "motion"}


class ControlError(CeterisError):
    """Two clips that were to be compared differ in more than the swept factor."""


def control_proof(specs: Sequence[ClipSpec], *factors: str) -> list[str]:
    """The fields, apart from the swept factors, in which the recipes differ; an empty list is the proof.

    factors: of `synth.axes`; UnknownName otherwise. What an engine is told is compared as well: frame times, light
    and camera, apart from what the factors move of them.
    """
    return _proof(specs, factors, _told_of)


def _proof(specs: Sequence[ClipSpec], factors: Sequence[str], told: Callable[[ClipSpec], Told]) -> list[str]:
    allowed = {axes.get(factor).path for factor in factors}
    fields = [field.name for field in dataclasses.fields(ClipSpec)]
    unlike = [name for name in fields if any(getattr(spec, name) != getattr(specs[0], name) for spec in specs)]
    flat = [spec.flat(unlike) for spec in specs]
    moved = [name for name in flat[0] if name not in allowed and len({row[name] for row in flat}) > 1]
    return moved + _moved_in_resolved([told(spec) for spec in specs], factors, {s.viewpoint.sweep for s in specs})


def _movable(factor: str, modes: set[str]) -> set[str]:
    """What a factor may move of what an engine is told."""
    if factor != "azimuth":
        return _MOVES.get(factor, set())
    if modes == {"turntable"}:
        return {"human_yaw_deg", "human_position_m"}
    camera = {"camera.position_m", "camera.yaw_deg"}
    return camera | {"lighting.sun_azimuth_deg"} if modes == {"orbit_lit"} else camera


def _told_of(spec: ClipSpec) -> Told:
    """What an engine is told for a recipe."""
    return _told(resolve(spec))


def _moved_in_resolved(told: Sequence[Told], factors: Sequence[str], modes: set[str]) -> list[str]:
    movable = set().union(*(_movable(factor, modes) for factor in factors))
    held = [name for name in told[0] if name not in movable]
    return [name for name in held if np.ptp([row[name] for row in told], axis=0).max() > TOLERANCE]


def _told(resolved: Resolved) -> Told:
    camera, light = resolved.camera, dataclasses.asdict(resolved.lighting)
    told = {
        "start_s": resolved.times_s[0],
        "times_s": resolved.times_s,
        "camera.fov_deg": camera.fov_deg,
        "camera.position_m": camera.position_m,
        "camera.height_m": camera.position_m[2],
        "camera.yaw_deg": camera.yaw_deg,
        "camera.pitch_deg": camera.pitch_deg,
        "human_yaw_deg": resolved.human_yaw_deg,
        "human_position_m": resolved.human_position_m,
        **{f"lighting.{name}": value for name, value in light.items()},
    }
    return {name: np.atleast_1d(np.asarray(value, dtype=float)) for name, value in told.items()}


def check_control(clips: Iterable[PlannedClip], manifests: Mapping[str, Mapping]) -> int:
    """Prove for every block and sweep, and for every matched pair of a randomised design, that only the swept factor
    moved, from the recipes and from what was recorded at rendering (`manifests` by clip id): the camera that the engine
    was told, and the digests of engine, build, backend and assets; those of the floor's clips too. The digest of the
    appearance, of the environment or of the motion may differ only where that is what moves. Returns the number of
    comparisons; raises ControlError naming what moved."""
    groups: dict[tuple[str, str], list[PlannedClip]] = {}
    randomised = []
    for clip in clips:
        if clip.design == EFFECTS:
            randomised.append(clip)
        else:
            groups.setdefault((clip.block, clip.sweep), []).append(clip)
    compared, told = [*groups.values(), *map(list, pairs(randomised))], functools.cache(_told_of)
    for members in compared:
        last = members[-1]
        moved = _moved([clip.spec for clip in members if clip.spec.repeat == 0], last.factors, told)
        moved += _recorded_differences(members, manifests, told)
        if moved:
            raise ControlError(
                f"block {last.block}, sweep {last.sweep}: besides {last.factor}, {', '.join(moved)} moved; "
                "these clips must not be compared. Render the study anew into an empty store"
            )
    return len(compared)


def _moved(specs: Sequence[ClipSpec], factors: Sequence[str], told: Callable[[ClipSpec], Told]) -> list[str]:
    """`control_proof`; where the motion is what moves, of the recipes with one performance."""
    if MOTION not in factors:
        return _proof(specs, factors, told)
    performance = {name: getattr(specs[0], name) for name in PERFORMANCE}
    return control_proof([dataclasses.replace(spec, **performance) for spec in specs])


def _recorded_differences(
    members: Sequence[PlannedClip], manifests: Mapping[str, Mapping], told: Callable[[ClipSpec], Told]
) -> list[str]:
    """Digests that differ within a group, and cameras that are not the ones that the recipe asks for."""
    digests = [manifests[clip.id]["digests"] for clip in members]
    swept = [_SWEPT_DIGESTS[factor] for factor in members[-1].factors if factor in _SWEPT_DIGESTS]
    moved = [f"digest of {name}" for name in digests[0] if name not in swept and len({d[name] for d in digests}) > 1]
    seen = {(clip.level, *map(own.get, swept)) for clip, own in zip(members, digests, strict=True)}
    if len(seen) > len({clip.level for clip in members}):
        moved.append(f"digest of {' or '.join(swept)} at one and the same {members[-1].factor}")
    for clip in members:
        asked, used = told(clip.spec), manifests[clip.id]["camera"]
        lengths = [*zip(asked["camera.position_m"], used["position_m"], strict=True)]
        lengths += [(asked["camera.fov_deg"][0], used["fov_deg"])]
        turns = [(asked[f"camera.{name}"][0], used[name]) for name in ("yaw_deg", "pitch_deg")]
        off = [abs(a - b) for a, b in lengths] + [abs((a - b + 180) % 360 - 180) for a, b in turns]
        if max(off) > TOLERANCE:
            moved.append(f"the camera told at {clip.factor} = {clip.level}")
    return moved
