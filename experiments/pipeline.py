"""A study from plan to report: the stages in order, each reading what the one before wrote (design §1)."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import platform
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from experiments import models, report
from experiments.asking import Asker, found
from experiments.chosen_models import chosen_models, model_facts
from experiments.control import check_control
from experiments.designs.effects import spans
from experiments.labels import require
from experiments.models.base import check_device
from experiments.plan import PlannedClip, plan
from experiments.settings import (
    SettingError,
    are_numbers,
    assets_root,
    clip_store,
    engine_for,
    flag,
    part,
    table,
    whole,
)
from experiments.study import Study
from synth import axes
from synth.clips import ClipStore
from synth.cluster import Executor
from synth.cost import describe, estimate
from synth.engine import EnginePool, open_engine
from synth.factors import ClipSpec, Manner
from synth.render import DEFAULT_PASSES, Identified, identify

if TYPE_CHECKING:
    from experiments.scoring.distant import Scorers

log = logging.getLogger("ceteris")
VIEWPOINT = ("azimuth", "elevation", "distance")
LIBRARIES = ("numpy", "torch", "warp-lang", "unrealcv")


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What models said of a study's clips. rows: score rows. more: tables of what the study asks beside its curves.
    facts: how many clips were drawn, and how many comparisons were proven to be controlled."""

    rows: pd.DataFrame
    more: Mapping[str, pd.DataFrame]
    facts: Mapping[str, int]


def run_study(config: Mapping, out: Path) -> Path | None:
    """Run the study of a composed config into the folder `out`; returns the report's path (None for plan_only)."""
    if config["device"] != "cpu":
        check_device(config["device"])  # imports torch, which a run on a CPU with all its scores can do without
    cards = chosen_models(config)
    study = Study.from_config(config["study"], config["motion"], [card.input for card in cards])
    store = clip_store(config)
    answered = ask(study, cards, config, store)
    if answered is None:
        return None
    page = report.build(
        answered.rows,
        study=study_facts(study, config, answered.facts),
        models=[model_facts(card, study.activities) for card in cards],
        store=store,
        out_dir=out / "report",
        more=answered.more,
    )
    log.info("\nReport: %s", page.resolve())
    return page


def ask(study: Study, cards: Sequence[models.ModelCard], config: Mapping, store: ClipStore) -> Answered | None:
    """Plan, draw, prove and score a study; None for plan_only."""
    for card in cards:
        require(study.activities, card.classes, model=card.name)
    log.info("Study %r: %s", study.name, study.question)
    clips = plan(study, assets_root=assets_root(config), kept_in=store.root / "aims")
    _check_inputs(clips, cards)
    passes, specs = _passes(cards), [clip.spec for clip in clips]
    with open_engine(**engine_for(config, specs, passes)) as pool, _scorers(config) as scorers:
        known = identify(specs, pool)
        held = known.held(store, passes)
        todo = [spec for spec, clip_id in known.ids.items() if clip_id not in held]
        log.info(
            "%s", "\n".join([*describe_plan(study, clips, known, store, todo), *_expected(config, todo, store, pool)])
        )
        if flag("plan_only", config["plan_only"]):
            return None
        asker = Asker(store=store, pool=pool, cards=cards, passes=passes, scorers=scorers, **_how(config))
        clips, drawn = asker.draw(clips, known, todo)
        held |= {known.ids[spec]: store.require(known.ids[spec], passes) for spec in todo}
        compared = check_control(clips, held)
        log.info("control: in all %d comparisons nothing but the swept factor moved", compared)
        rows = asker.rows(clips, mirrored=study.mirrored)
        more = found(asker, study, clips, rows)
    return Answered(rows=rows, more=more, facts={"drawn": drawn, "comparisons": compared})


def _passes(cards: Sequence[models.ModelCard]) -> tuple[str, ...]:
    """What is rendered: the default passes, and those that a model is made of."""
    return tuple(dict.fromkeys([*DEFAULT_PASSES, *(name for card in cards for name in card.input.passes)]))


def _check_inputs(clips: Sequence[PlannedClip], cards: Sequence[models.ModelCard]) -> None:
    """Before anything is drawn: the clips are long and dense enough for every model."""
    for num_frames, fps, loop in {(clip.spec.num_frames, clip.spec.fps, clip.spec.loop) for clip in clips}:
        for card in cards:
            card.input.indices(num_frames, fps, loop=loop)


def describe_plan(
    study: Study, clips: Sequence[PlannedClip], known: Identified, store: ClipStore, todo: Sequence[ClipSpec]
) -> list[str]:
    """The plan for people: what is swept, how many clips, and what is there already. todo: what is not."""
    frames = sum(spec.num_frames for spec in known.ids)
    lines = [f"Plan: {len(study.activities)} activities x {study.replicates} replicates"]
    for sweep in study.sweeps:
        mode = f" ({sweep.mode})" if sweep.factor == "azimuth" else ""
        lines.append(f"  {sweep.name:<13} {sweep.factor}{mode}, {len(sweep.values)} values, {sweep.span}")
    for pair in study.cross:
        lines.append(f"  {'crossed':<13} {pair[0]} by {pair[1]}")
    if study.flip:
        lines.append(f"  {'flip':<13} the smallest change that loses the class; its clips are drawn as it is found")
    if study.effects:
        lines.append(f"  {'effects':<13} {study.effects.rows} rows, exchanging {', '.join(study.effects.names)}")
    lines.append(f"  {'floor':<13} {study.floor_repeats} harmless repeats of every block at the reference viewpoint")
    lines.append(f"  {len(clips)} planned, {len(known.ids)} different clips, {frames} frames {_size(study)}")
    lines.append(f"  {len(known.ids) - len(todo)} clips are in {store.root}, {len(todo)} are to be drawn")
    return lines


def _expected(config: Mapping, todo: Sequence[ClipSpec], store: ClipStore, pool: EnginePool) -> list[str]:
    """What the rest will take, with as many engines as there are and with others."""
    per_hour = config["price_per_hour"]
    if per_hour is not None and not (are_numbers([per_hour]) and per_hour >= 0):
        raise SettingError(f"price_per_hour = {per_hour!r}; expected what an hour of one engine costs, or null")
    return describe(estimate(todo, store), pool.size, per_hour)


def _size(study: Study) -> str:
    return f"of {study.clip.width} x {study.clip.height}"


def _how(config: Mapping) -> dict:
    """How models are shown the clips: clips at a time, whether decoded frames are kept, and whether the first clips are
    scored while the last are drawn; by default where models and engines do not share a processor."""
    given = table("scoring", config["scoring"])
    batch = None if given["batch"] == "auto" else whole("scoring.batch", given["batch"], least=1)
    apart = config["device"] != "cpu" or _elsewhere(config) is not None
    overlap = apart if given["overlap"] == "auto" else flag("scoring.overlap", given["overlap"])
    return {"batch": batch, "raw": flag("scoring.raw_frames", given["raw_frames"]), "overlap": overlap}


def _elsewhere(config: Mapping) -> Executor | None:
    """Where models run, if not in this process."""
    executor = part("executor", config["executor"], Executor)
    return executor if executor.distant and executor.scorers else None


@contextlib.contextmanager
def _scorers(config: Mapping) -> Iterator[Scorers | None]:
    """The models' actors of a study on a cluster that has any, ended on leaving."""
    if (executor := _elsewhere(config)) is None:
        yield None
        return
    if config["scoring"]["raw_frames"]:
        raise SettingError(
            "scoring.raw_frames = true keeps frames beside models of this process; set executor.scorers=0"
        )
    from experiments.scoring.distant import Scorers

    with contextlib.closing(Scorers(executor)) as scorers:
        yield scorers


def study_facts(study: Study, config: Mapping, facts: Mapping) -> dict:
    """What the page says of the study: factors, what is held, the command that makes it again, versions."""
    held = {f"lighting.{name}": value for name, value in dataclasses.asdict(study.lighting).items()}
    held |= {"environment": study.environment, "props": study.props, **dataclasses.asdict(study.clip)}
    if study.manner != Manner():
        held |= {f"manner.{name}": value for name, value in dataclasses.asdict(study.manner).items()}
    return {
        **facts,
        "name": study.name,
        "title": study.title,
        "question": study.question,
        "activities": list(study.activities),
        "appearances": list(study.appearances),
        "sweeps": [dataclasses.asdict(sweep) for sweep in study.sweeps],
        "reference": {f: float(study.reference_level(f)) for f in VIEWPOINT} | study.references,
        "levels": {
            sweep.factor: {study.position(sweep.factor, level): str(level) for level in sweep.values}
            for sweep in study.sweeps
            if axes.get(sweep.factor).kind == axes.NAME
        },
        "effects": spans(study.effects) if study.effects else {},
        "paper_sign": study.paper_sign,
        "held": held,
        "replicates": study.replicates,
        "seed": study.seed,
        "source": study.source,
        "fallback": dict(study.fallback),
        "command": shlex.join(["python", "-m", "experiments.run", *sys.argv[1:]]),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}},
    }
