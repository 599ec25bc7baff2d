"""From a study to its clips: matched blocks, the floor's repeats, and the control proof (design §3).

A block is one motion, one appearance and one start phase, seen at every value of every sweep. Two clips of a block
differ in the swept factor alone, and every nuisance seed derives from the identity of the block and never from the
swept value: a difference between the two is the factor's doing.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from experiments.settings import SettingError
from experiments.study import FACTORS, Study
from synth import body
from synth.aim import Aim, aim
from synth.errors import CeterisError, UnknownName
from synth.factors import Appearance, ClipSpec, Environment, MotionRef
from synth.motion import catalogue
from synth.resolve import resolve

TOLERANCE = 1e-3  # metres and degrees: the wire carries four decimals of centimetres


class ControlError(CeterisError):
    """Two clips that were to be compared differ in more than the swept factor."""


@dataclass(frozen=True, kw_only=True)
class PlannedClip:
    """A clip and its place in the design. `id` is empty until an engine was asked for its digests.

    sweep: the name of the sweep. factor: what is swept. value: where it stands. block: the identity of the replicate;
    clips of one block and sweep are matched. cluster: what motions share a performer's recording. A clip whose
    recipe has repeat > 0 belongs to the floor.
    """

    spec: ClipSpec
    activity: str
    sweep: str
    factor: str
    value: float
    block: str
    cluster: str
    id: str = ""


def plan(study: Study, *, assets_root: Path | None = None, kept_in: Path | None = None) -> list[PlannedClip]:
    """All clips of a study, block by block; a clip that two sweeps share is listed in both and has one recipe.

    assets_root: where recorded motions lie. kept_in: a folder that remembers what was measured of motions.
    """
    _check_names(study)
    _check_references(study)
    return [clip for reference in blocks(study, assets_root, kept_in) for clip in _sweep_block(study, *reference)]


def blocks(
    study: Study, assets_root: Path | None = None, kept_in: Path | None = None
) -> Iterator[tuple[str, str, ClipSpec]]:
    """(block, cluster, recipe at the reference viewpoint) of every replicate of every activity."""
    for activity in study.activities:
        source = study.fallback.get(activity, study.source)
        refs = catalogue.references(activity, source=source, n=study.replicates)
        for number in range(study.replicates):
            ref = refs[number % len(refs)]
            block = f"{ref.key}#{number}"
            seed = int(hashlib.sha256(f"{study.seed}:{block}".encode()).hexdigest()[:12], 16)
            seen = aim(ref, root=study.clip.root, assets_root=assets_root, kept_in=kept_in)
            yield block, catalogue.cluster(ref), _reference_spec(study, ref, number, seed, seen)


def _reference_spec(study: Study, ref: MotionRef, number: int, seed: int, seen: Aim) -> ClipSpec:
    shape = study.clip
    margin_s = 0.5 / shape.fps  # how far the floor may move the start
    latest_s = seen.duration_s - (0 if seen.cyclic else (shape.num_frames - 1) / shape.fps + margin_s)
    if latest_s < margin_s:
        raise SettingError(
            f"the motion {ref.key} lasts {seen.duration_s:.2f} s, too short for study.clip.num_frames = "
            f"{shape.num_frames} at study.clip.fps = {shape.fps:g}; ask for fewer frames or for more per second"
        )
    start = np.random.default_rng(seed).uniform(margin_s, latest_s)
    return ClipSpec(
        motion=ref,
        appearance=Appearance(name=study.appearances[number % len(study.appearances)]),
        environment=Environment(name=study.environment),
        lighting=study.lighting,
        viewpoint=study.reference,
        look_at_m=seen.look_at_m,
        start_s=round(float(start), 4),
        seed=seed,
        **dataclasses.asdict(shape),
    )


def _sweep_block(study: Study, block: str, cluster: str, reference: ClipSpec) -> Iterator[PlannedClip]:
    common = {"activity": reference.motion.activity, "block": block, "cluster": cluster}
    for sweep in study.sweeps:
        for value in sweep.values:
            moved = {FACTORS[sweep.factor]: value, "sweep": sweep.mode}
            view = dataclasses.replace(reference.viewpoint, **moved)
            spec = dataclasses.replace(reference, viewpoint=view)
            clip = PlannedClip(spec=spec, sweep=sweep.name, factor=sweep.factor, value=value, **common)
            yield clip
            if sweep == study.sweeps[0] and value == getattr(reference.viewpoint, FACTORS[sweep.factor]):
                yield from _floor(clip, study.floor_repeats)


def _floor(clip: PlannedClip, repeats: int) -> Iterator[PlannedClip]:
    """The clip at the reference viewpoint again, under changes that nobody calls a nuisance."""
    for repeat in range(1, repeats + 1):
        yield dataclasses.replace(clip, spec=dataclasses.replace(clip.spec, repeat=repeat))


def _check_references(study: Study) -> None:
    """Effects are measured from the reference value of each factor, and so is the floor."""
    for sweep in study.sweeps:
        reference = getattr(study.reference, FACTORS[sweep.factor])
        if reference not in sweep.values:
            raise SettingError(
                f"study.sweeps.{sweep.name}.values do not hold the reference {sweep.factor}, {reference:g}; add it to "
                f"the values, or set study.reference.{FACTORS[sweep.factor]} to one of them"
            )


def _check_names(study: Study) -> None:
    """Misspelt activities and appearances are found before anything is loaded."""
    for activity in study.activities:
        source = study.fallback.get(activity, study.source)
        known = catalogue.activities(source)
        if activity not in known:
            raise UnknownName(f"activity of source {source!r}", activity, known)
    for name in study.appearances:
        if not name.startswith("random-") and name not in body.appearance_names():
            raise UnknownName("appearance", name, body.appearance_names())


def with_ids(clips: Iterable[PlannedClip], ids: Mapping[ClipSpec, str]) -> list[PlannedClip]:
    """The clips with the ids that an engine's digests give them."""
    return [dataclasses.replace(clip, id=ids[clip.spec]) for clip in clips]


def control_proof(specs: Sequence[ClipSpec], factor: str) -> list[str]:
    """The fields, apart from the swept factor, in which the recipes differ; an empty list is the proof.

    What an engine is told is compared as well: frame times and the parts of the camera that `factor` may not move.
    """
    allowed = {f"viewpoint.{FACTORS[factor]}"} if factor in FACTORS else {factor}
    flat = [spec.flat() for spec in specs]
    moved = [name for name in flat[0] if name not in allowed and len({row[name] for row in flat}) > 1]
    return moved + _moved_in_resolved([resolve(spec) for spec in specs], factor, {s.viewpoint.sweep for s in specs})


def _moved_in_resolved(shown: list, factor: str, modes: set[str]) -> list[str]:
    turntable = modes == {"turntable"}
    held = {
        "times_s": [r.times_s for r in shown],
        "camera.fov_deg": [r.camera.fov_deg for r in shown],
        "camera.height_m": [r.camera.position_m[2] for r in shown] if factor == "azimuth" else [0.0],
        "camera.yaw_deg": [r.camera.yaw_deg for r in shown] if factor != "azimuth" or turntable else [0.0],
        "camera.pitch_deg": [r.camera.pitch_deg for r in shown] if factor != "elevation" else [0.0],
        "human_yaw_deg": [r.human_yaw_deg for r in shown] if not turntable else [0.0],
        "human_position_m": [r.human_position_m for r in shown] if not turntable else [0.0],
        "lighting": [dataclasses.astuple(r.lighting) for r in shown] if modes != {"orbit_lit"} else [0.0],
    }
    return [name for name, values in held.items() if np.ptp(np.array(values), axis=0).max() > TOLERANCE]


def check_control(clips: Iterable[PlannedClip], manifests: Mapping[str, Mapping]) -> int:
    """Prove for every block and sweep that only the swept factor moved, from the recipes and from what was recorded
    at rendering (`manifests` by clip id): the camera that the engine was told, and the digests of engine, build,
    backend and assets; those of the floor's clips too. Returns the number of comparisons; raises ControlError naming
    what moved."""
    groups: dict[tuple[str, str], list[PlannedClip]] = {}
    for clip in clips:
        groups.setdefault((clip.block, clip.sweep), []).append(clip)
    for (block, sweep), members in groups.items():
        moved = control_proof([clip.spec for clip in members if clip.spec.repeat == 0], members[0].factor)
        moved += _recorded_differences(members, manifests)
        if moved:
            raise ControlError(
                f"block {block}, sweep {sweep}: besides {members[0].factor}, {', '.join(moved)} moved; "
                "these clips must not be compared. Render the study anew into an empty store"
            )
    return len(groups)


def _recorded_differences(members: Sequence[PlannedClip], manifests: Mapping[str, Mapping]) -> list[str]:
    """Digests that differ within a group, and cameras that are not the ones that the recipe asks for."""
    digests = [manifests[clip.id]["digests"] for clip in members]
    moved = [f"digest of {name}" for name in digests[0] if len({d[name] for d in digests}) > 1]
    for clip in members:
        asked, used = resolve(clip.spec).camera, manifests[clip.id]["camera"]
        pairs = [*zip(asked.position_m, used["position_m"], strict=True), (asked.fov_deg, used["fov_deg"])]
        turns = [(asked.yaw_deg, used["yaw_deg"]), (asked.pitch_deg, used["pitch_deg"])]
        off = [abs(a - b) for a, b in pairs] + [abs((a - b + 180) % 360 - 180) for a, b in turns]
        if max(off) > TOLERANCE:
            moved.append(f"the camera told at {clip.factor} = {clip.value:g}")
    return moved
