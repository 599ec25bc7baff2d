"""From a study to its clips: matched blocks, what each is seen in, and the floor's repeats (design §3).

A block is one motion, one appearance and one start phase, seen at every value of every sweep. Two clips of a block
differ in the swept factor alone, and every nuisance seed derives from the identity of the block and never from the
swept value: a difference between the two is the factor's doing.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from experiments.designs.cross import crossed
from experiments.designs.effects import Perform, randomised
from experiments.planned import PlannedClip, level_text, with_ids
from experiments.settings import SettingError
from experiments.study import Study
from synth import axes, body
from synth.aim import Aim, aim
from synth.errors import UnknownName
from synth.factors import Appearance, ClipSpec, MotionRef
from synth.motion import catalogue, holding
from synth.stage import place

# Where the reference value of a factor stands in a study.
_REFERENCES = {
    "viewpoint": "study.reference",
    "appearance": "the first of study.appearances",
    "environment": "study.environment",
    "lighting": "study.lighting",
    "manner": "study.manner",
    "props": "study.props",
    "fov_deg": "study.clip.fov_deg",
}

_RANDOM = re.compile(r"random-[0-9]{1,18}")


def plan(study: Study, *, assets_root: Path | None = None, kept_in: Path | None = None) -> list[PlannedClip]:
    """All clips of a study, block by block; a clip that two sweeps share is listed in both and has one recipe.

    assets_root: where recorded motions lie. kept_in: a folder that remembers what was measured of motions.
    """
    _check_names(study, assets_root)
    _check_references(study)
    clips = [clip for reference in blocks(study, assets_root, kept_in) for clip in _block(study, *reference)]
    if study.effects:
        perform = _performer(study, assets_root, kept_in)
        clips += randomised(study.effects, study.activities, perform, seed=study.seed)
    return clips


def _performer(study: Study, assets_root: Path | None, kept_in: Path | None) -> Perform:
    """Any trial of any activity at the reference of every factor, with its cluster; more trials than a source has
    come round again, begun elsewhere."""

    def perform(activity: str, number: int, seed: int) -> tuple[ClipSpec, str]:
        source = study.fallback.get(activity, study.source)
        refs = catalogue.references(activity, source=source, n=number + 1)
        ref = refs[number % len(refs)]
        seen = aim(ref, root=study.clip.root, assets_root=assets_root, kept_in=kept_in)
        return _reference_spec(study, ref, 0, seed, seen), catalogue.cluster(ref)

    return perform


def blocks(
    study: Study, assets_root: Path | None = None, kept_in: Path | None = None
) -> Iterator[tuple[str, str, ClipSpec]]:
    """(block, cluster, recipe at the reference viewpoint) of every replicate of every activity."""
    for activity in study.activities:
        source = study.fallback.get(activity, study.source)
        refs = catalogue.references(activity, source=source, n=study.motions or study.replicates)
        for number in range(study.replicates):
            ref = refs[number % len(refs)]
            block = f"{ref.key}#{number}"
            seed = int(hashlib.sha256(f"{study.seed}:{block}".encode()).hexdigest()[:12], 16)
            seen = aim(ref, root=study.clip.root, assets_root=assets_root, kept_in=kept_in)
            spec = _reference_spec(study, ref, number, seed, seen)
            if not study.everyone:
                yield block, catalogue.cluster(ref), spec
                continue
            for name in study.appearances:  # the same motion from the same moment, whoever does it
                yield f"{block}@{name}", catalogue.cluster(ref), axes.set_value(spec, "appearance", name)


def _reference_spec(study: Study, ref: MotionRef, number: int, seed: int, seen: Aim) -> ClipSpec:
    base = study.spec(ref)
    if base.loop:
        base = dataclasses.replace(base, fps=round(base.num_frames / _cycle_s(study, ref, seen), 6))
    _check_repeats(study, ref, seen)
    margin_s = 0.5 / base.fps  # how far the floor may move the start
    length_s = _fastest(study) * (base.num_frames - 1) / base.fps
    latest_s = seen.duration_s - (0 if seen.cyclic else length_s + margin_s)
    if latest_s < margin_s:
        raise SettingError(
            f"the motion {ref.key} lasts {seen.duration_s:.2f} s, too short for study.clip.num_frames = "
            f"{base.num_frames} at study.clip.fps = {base.fps:g} and a tempo of {_fastest(study):g}; ask for fewer "
            "frames, for more per second, or for a lower tempo"
        )
    # A loop shows the whole cycle wherever it begins, so that all of a motion begin at one place and share its poses.
    start_s = margin_s if base.loop else np.random.default_rng(seed).uniform(margin_s, latest_s)
    return dataclasses.replace(
        base,
        appearance=Appearance(name=study.appearances[number % len(study.appearances)]),
        look_at_m=seen.look_at_m,
        start_s=round(float(start_s), 4),
        seed=seed,
    )


def _swept(study: Study, factor: str) -> list:
    """Every level that a factor takes in a study: the one held and all that are swept or drawn."""
    swept = [v for s in study.sweeps if s.factor == factor for v in s.values]
    return [study.reference_level(factor), *swept, *(study.effects.levels(factor) if study.effects else ())]


def _fastest(study: Study) -> float:
    return max(_swept(study, "tempo"))


def _cycle_s(study: Study, ref: MotionRef, seen: Aim) -> float:
    """How long the frames of a loop take together."""
    if not seen.cyclic:
        raise SettingError(
            f"the motion {ref.key} does not repeat, so that no loop can be made of it; set study.clip.loop to false, "
            "or take motion=authored"
        )
    if set(_swept(study, "tempo")) != {1.0}:
        raise SettingError("study.clip.loop shows one whole cycle; a tempo other than 1 would not: set loop to false")
    if set(_swept(study, "noise")) != {0.0}:
        # The wavering repeats with the motion, which may hold several cycles: a loop of one would jump where it closes.
        raise SettingError("study.clip.loop shows one cycle, after which noise does not repeat: set loop to false")
    return seen.cycle_s


def _check_repeats(study: Study, ref: MotionRef, seen: Aim) -> None:
    if not seen.cyclic and set(_swept(study, "phase")) != {0.0}:
        raise SettingError(
            f"the motion {ref.key} does not repeat, so that it has no phase; leave study.manner.phase at 0 and phase "
            "unswept, or take motion=authored"
        )


def _block(study: Study, block: str, cluster: str, reference: ClipSpec) -> Iterator[PlannedClip]:
    """Everything that one replicate is seen in."""
    common = {"activity": reference.motion.activity, "block": block, "cluster": cluster}
    yield from _swept_clips(study, reference, common)
    named = {sweep.name: sweep for sweep in study.sweeps}
    for first, second in study.cross:
        yield from crossed((named[first], named[second]), reference, common)


def _swept_clips(study: Study, reference: ClipSpec, common: Mapping[str, str]) -> Iterator[PlannedClip]:
    for sweep in study.sweeps:
        view = dataclasses.replace(reference.viewpoint, sweep=sweep.mode)
        held = dataclasses.replace(reference, viewpoint=view)
        at = study.reference_level(sweep.factor) if sweep == study.sweeps[0] else None
        for level in sweep.values:
            value = study.position(sweep.factor, level)
            spec = axes.set_value(held, sweep.factor, level)
            clip = PlannedClip(
                spec=spec, sweep=sweep.name, factor=sweep.factor, value=value, level=level_text(level), **common
            )
            yield clip
            if level == at:
                yield from _floor(clip, study.floor_repeats)


def _floor(clip: PlannedClip, repeats: int) -> Iterator[PlannedClip]:
    """The clip at the reference viewpoint again, under changes that nobody calls a nuisance."""
    for repeat in range(1, repeats + 1):
        yield dataclasses.replace(clip, spec=dataclasses.replace(clip.spec, repeat=repeat))


def _check_references(study: Study) -> None:
    """Effects are measured from the reference value of each factor, and so is the floor."""
    for sweep in study.sweeps:
        reference = study.reference_level(sweep.factor)
        if reference not in sweep.values:
            path = axes.get(sweep.factor).path.split(".")
            where = _REFERENCES[path[0]]
            if path[0] in ("viewpoint", "lighting", "manner"):
                where = f"{where}.{path[1]}"
            raise SettingError(
                f"study.sweeps.{sweep.name}.values do not hold the reference {sweep.factor}, {level_text(reference)}; "
                f"add it to the values, or set {where} to one of them"
            )


def _check_names(study: Study, assets_root: Path | None) -> None:
    """Misspelt activities, appearances, environments and objects are found before anything is loaded."""
    for activity in study.activities:
        source = study.fallback.get(activity, study.source)
        known = catalogue.activities(source)
        if activity not in known:
            raise UnknownName(f"activity of source {source!r}", activity, known)
    levels = {factor: _swept(study, factor) for factor in ("environment", "props")}
    levels["appearance"] = [*study.appearances, *_swept(study, "appearance")]
    known = {
        "appearance": body.appearance_names(assets_root),
        "environment": place.place_names(assets_root),
        "props": ["own", "none", *holding.KINDS],
    }
    for factor, names in levels.items():
        for name in names:
            if name not in known[factor] and (factor == "props" or not _RANDOM.fullmatch(name)):
                raise UnknownName(factor, name, known[factor])


__all__ = ["PlannedClip", "blocks", "plan", "with_ids"]
