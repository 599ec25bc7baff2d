"""`python -m experiments.run conf=export`: a data set for training, of a study's clips or of clips drawn at random.

What a data set is, how it is split and written is `synth.export`'s; this reads the config and plans the clips.
"""

from __future__ import annotations

import logging
import platform
import shlex
import sys
from collections import Counter
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from omegaconf import OmegaConf

from experiments import settings
from experiments.plan import plan
from experiments.planned import CROSS, EFFECTS, SWEEP
from experiments.settings import SettingError, assets_root, clip_store, engine_for, flag, folder, part, table, whole
from experiments.study import Study
from synth.clips import ClipStore
from synth.cost import estimate
from synth.engine import open_engine
from synth.errors import UnknownName
from synth.export import Format, Job, Video, data_set, export, open_format, split
from synth.export.drawn import DrawnDesign, draw
from synth.export.splits import checked_shares
from synth.factors import ClipSpec
from synth.randomise import Ranges
from synth.render import identify

log = logging.getLogger("ceteris")
STUDIES = Path(__file__).resolve().parents[1] / "conf" / "conf"
LIBRARIES = ("numpy", "warp-lang", "av")
DESIGNS = (SWEEP, CROSS, EFFECTS)
_KEYS = (
    "name", "out", "study", "designs", "splits", "formats", "options", "video", "clip", "drawn", "seed", "randomise",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Planned:
    """The recipes of each split, how many were left out, and what the card says of the design."""

    parts: Mapping[str, list[ClipSpec]]
    dropped: int
    design: str
    summary: str


def run_export(config: Mapping, out: Path) -> Path | None:
    """Make the data set of a composed config; returns its folder (None for plan_only)."""
    given = table("export", config["export"])
    for name in given:
        if name not in _KEYS:
            raise UnknownName("key of export", name, _KEYS)
    shares = checked_shares(given["splits"], "export.splits")
    seed = whole("export.seed", given["seed"], least=0)
    formats, video = _formats(given), part("export.video", given["video"], Video)
    root, store = folder("export.out", given["out"]), clip_store(config)
    planned = _of_study(config, shares, seed, store) if given["study"] else _drawn(config, shares, seed, store)
    specs = [spec for specs in planned.parts.values() for spec in specs]
    more = {"video": video, "dropped": planned.dropped, "made": _made(planned, seed)}

    def job(ids: Mapping[ClipSpec, str]) -> Job:
        data = data_set(str(given["name"]), planned.parts, ids, **more)
        return Job(data=data, formats=formats, root=root, store=store)

    job(dict.fromkeys(specs, "")).check()  # what cannot be is said before an engine is started, which knows the ids
    passes = dict.fromkeys(name for form in formats for name in form.passes)
    with open_engine(**engine_for(config, specs, passes)) as pool:
        known = job(identify(specs, pool).ids)
        log.info(describe(known, store, pool.size))
        if flag("plan_only", config["plan_only"]):
            return None
        export(known, pool)
    log.info("\nData set: %s", root.resolve())
    return root


def _formats(given: Mapping) -> list[Format]:
    names = settings.names("export.formats", given["formats"])
    options = table("export.options", given["options"] or {})
    for name in options:
        if name not in names:
            raise SettingError(f"export.options.{name} is of a format that export.formats does not name")
    return [open_format(name, table(f"export.options.{name}", options.get(name, {}))) for name in names]


def _shape(given: Mapping) -> dict:
    """What of a clip's shape is set; null leaves the study's own, or the recipe's."""
    return {key: value for key, value in table("export.clip", given["clip"] or {}).items() if value is not None}


def _drawn(config: Mapping, shares: Mapping[str, float], seed: int, store: ClipStore) -> Planned:
    given, motion = config["export"], table("motion", config["motion"])
    drawn = table("export.drawn", given["drawn"])
    design = part(
        "export.drawn",
        {
            **drawn,
            **motion,
            "activities": settings.names("export.drawn.activities", drawn["activities"]),
            "clip": _shape(given),
            "ranges": Ranges.from_config(given["randomise"], key="export.randomise"),
            "seed": seed,
        },
        DrawnDesign,
    )
    parts = draw(design, shares, assets_root=assets_root(config), kept_in=store.root / "aims")
    return Planned(
        parts=parts,
        dropped=0,
        design=f"{design.clips} clips drawn at random: {design.people} people, {design.motions} motions an activity",
        summary="Person, place, light, camera and manner of every clip were drawn independently of the activity.",
    )


def _of_study(config: Mapping, shares: Mapping[str, float], seed: int, store: ClipStore) -> Planned:
    name = str(config["export"]["study"])
    known = [path.stem for path in STUDIES.glob("*.yaml") if OmegaConf.load(path).get("study")]
    if name not in known:
        raise UnknownName("study", name, known)
    designs = _designs(config["export"]["designs"])
    own = OmegaConf.to_container(OmegaConf.merge(_composed(name), config.get("study") or {}))
    shown = {**own, "clip": {**own.get("clip", {}), **_shape(config["export"])}}
    for other in {CROSS, EFFECTS} - set(designs):
        shown.pop(other, None)  # so that no motion is measured for it
    study = Study.from_config(shown, config["motion"])
    clips = plan(study, assets_root=assets_root(config), kept_in=store.root / "aims")
    specs = list(dict.fromkeys(clip.spec for clip in clips if clip.spec.repeat == 0 and clip.design in designs))
    parts, dropped = split(specs, shares, seed=seed)
    modes = {s.name: f" ({s.mode})" if s.factor == "azimuth" else "" for s in study.sweeps}
    swept = ", ".join(f"{s.factor}{modes[s.name]} at {len(s.values)} values" for s in study.sweeps)
    crossed = "".join(f", {first} by {second}" for first, second in study.cross)
    moved = "One factor or a pair of them at a time was" if study.cross else "One factor at a time was"
    randomised = "; beside that, clips drawn at random" if study.effects else ""
    return Planned(
        parts=parts,
        dropped=dropped,
        design=f"the study {name!r}: {swept}{crossed}; {study.replicates} replicates of each activity",
        summary=f"{moved} moved over its values while all else was held{randomised}.",
    )


def _composed(name: str) -> dict:
    """The study of a file of conf/conf, which may build upon another."""
    running = GlobalHydra.instance().is_initialized()  # under experiments.run; not where Python calls run_export
    with nullcontext() if running else initialize_config_dir(str(STUDIES.parent), version_base="1.3"):
        return OmegaConf.to_container(compose("config", overrides=[f"conf={name}"])["study"])


def _designs(given) -> tuple[str, ...]:
    """Which of a study's designs are exported."""
    chosen = settings.names("export.designs", given)
    for name in chosen:
        if name not in DESIGNS:
            raise UnknownName("design of a study", name, DESIGNS)
    return chosen


def _made(planned: Planned, seed: int) -> dict:
    return {
        "summary": planned.summary,
        "design": planned.design,
        "command": shlex.join(["python", "-m", "experiments.run", *sys.argv[1:]]),
        "seed": seed,
        "versions": {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}},
    }


def describe(job: Job, store: ClipStore, workers: int) -> str:
    """The plan for people: splits, layouts, what is lost, what it will cost with so many engines."""
    data = job.data
    lines = [f"Data set {data.name!r}: {data.made['design']}"]
    for name in data.splits:
        items = data.of_split(name)
        people, motions = len({i.spec.appearance for i in items}), len({i.spec.motion for i in items})
        lines.append(f"  {name:<12} {len(items)} clips, {motions} motions, {people} people")
        counts = Counter(item.class_name for item in items)
        if absent := [c for c in data.classes if not counts[c]]:
            lines.append(f"  {'':<12} NO clip of {', '.join(absent)}: give that split a larger share, or ask for more")
    if data.dropped:
        lines.append(f"  {data.dropped} clips would show one split's person in another's motion and are left out")
    for form in job.formats:
        lines.append(f"  {form.name:<12} {form.title}")
    if any(form.videos for form in job.formats):
        kept = f"with loss (crf {data.video.crf})" if data.video.lossy else "without loss"
        lines.append(f"  videos by {data.video.codec}, {kept}")
    passes = {name for form in job.formats for name in form.passes}
    absent = [item.spec for item in data.items if not store.has(item.id, passes)]
    minutes, frames = estimate(absent, store).minutes(workers), sum(item.spec.num_frames for item in data.items)
    count, there = len(data.items), len(data.items) - len(absent)
    lines.append(f"  {count} clips, {frames} frames; {there} clips are in {store.root}")
    lines.append(f"  drawing the others takes about {minutes:.1f} minutes, and a few seconds for each person and place")
    return "\n".join(lines)
