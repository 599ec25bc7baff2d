"""`python -m experiments.run conf=verify recordings=DIR`: real recordings on the synthetic curve.

    table -> windows, boxes -> the study of its activities -> score both -> agreement -> report

*Identity Preserve Transform* (Lyu et al. 2019), §4.2.4 and Fig. 8. The synthetic side is a study like any other, of one
sweep of the azimuth all round, for the activities of the table, at the table's median elevation and distance where it
says them. The recordings are looked at before anything is rendered: a row that cannot be used costs no time.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from experiments import report, settings
from experiments.chosen_models import chosen_models, model_facts
from experiments.labels import require
from experiments.models.base import ModelCard, check_device
from experiments.pipeline import ask, study_facts
from experiments.report.thumbnails import sprite
from experiments.segmenters import Segmenter, load_segmenter
from experiments.settings import SettingError, assets_root, clip_store, folder
from experiments.study import Study
from experiments.verify.footage import Prepared, Shape, Taken, prepare
from experiments.verify.preparing import Preparing
from experiments.verify.scoring import by_recording, check_models, score_recordings
from experiments.verify.table import Table, read_table
from synth.errors import UnknownName
from synth.motion import catalogue

log = logging.getLogger("ceteris")
KEYS = ("root", "table", "activities", "azimuth_error_deg", "prepare")
MEDIANS = ("elevation_deg", "distance_m")


def run_verification(config: Mapping, out: Path) -> Path | None:
    """Run the verification of a composed config into `out`; returns the report's path (None for plan_only)."""
    check_device(config["device"])
    cards = chosen_models(config)
    preparing = Preparing.from_config(config["recordings"]["prepare"])
    check_models(cards, flow=preparing.flow is not None)
    table = _table(config)
    study = verified_study(config, table, cards)
    for card in cards:
        require(study.activities, card.classes, model=card.name)
    shape = Shape(num_frames=study.clip.num_frames, fps=study.clip.fps)
    store = clip_store(config)
    prepared = prepare(table, shape, preparing, _segmenter(config, preparing))
    log.info(describe(table, prepared, shape))
    answered = ask(study, cards, config, store)
    if answered is None:
        return None
    windows = score_recordings(prepared.taken, cards, store, shape)
    page = report.build(
        answered.rows,
        study=study_facts(study, config, answered.facts) | {"verification": facts(table, prepared, preparing, shape)},
        models=[model_facts(card, study.activities) for card in cards],
        store=store,
        out_dir=out / "report",
        more={**answered.more, "recordings": by_recording(prepared.taken, windows), "windows": windows},
    )
    log.info("\nReport: %s", page.resolve())
    return page


def verified_study(config: Mapping, table: Table, cards: Sequence[ModelCard]) -> Study:
    """The synthetic side: the config's study of the table's activities, at its median elevation and distance."""
    given = dict(settings.table("study", config["study"]))
    if given.get("activities"):
        raise SettingError(
            "study.activities are those of the recordings here; choose among them: recordings.activities"
        )
    medians = {name: value for name in MEDIANS if (value := table.median(name)) is not None}
    given["activities"] = list(table.activities)
    given["reference"] = {**settings.table("study.reference", given["reference"]), **medians}
    study = Study.from_config(given, config["motion"], [card.input for card in cards])
    _check_ring(study)
    return study


def _check_ring(study: Study) -> None:
    """The curve must be known all round, at even steps, of clips that are no loops."""
    first = study.sweeps[0]
    if first.factor != "azimuth":
        raise SettingError(
            f"study.sweeps begins with {first.factor}; recordings are held against azimuth: put it first"
        )
    steps = np.diff(np.sort(first.values), append=min(first.values) + 360.0)
    if not np.allclose(steps, steps[0]) or 0.0 not in first.values:
        raise SettingError(
            f"study.sweeps.{first.name}.values do not go round from 0 in even steps; say "
            "{start: 0, stop: 360, step: 15}"
        )
    if study.clip.loop:
        raise SettingError("study.clip.loop shows one whole cycle, which no recording does: set it to false")


def _table(config: Mapping) -> Table:
    given = settings.table("recordings", config["recordings"])
    for name in given:
        if name not in KEYS:
            raise UnknownName("key of recordings", name, KEYS)
    if given["root"] is None:
        raise SettingError("recordings.root is not given; name the folder with the videos: recordings=DIR")
    error = given["azimuth_error_deg"]
    if not settings.are_numbers([error]) or not 0 <= error <= 180:
        raise SettingError(f"recordings.azimuth_error_deg = {error!r}; expected degrees from 0 to 180")
    motion = config["motion"]
    known = {*catalogue.activities(motion["source"], assets_root(config)), *motion.get("fallback", {})}
    return read_table(
        folder("recordings.root", given["root"]),
        str(given["table"]),
        known=sorted(known),
        only=settings.names("recordings.activities", given["activities"]) if given["activities"] else (),
        azimuth_error_deg=float(error),
    )


def _segmenter(config: Mapping, preparing: Preparing) -> Segmenter | None:
    if preparing.crop != "person":
        return None
    how = {"device": config["device"], "assets_root": assets_root(config), "options": preparing.segmenter_options}
    return load_segmenter(preparing.segmenter, **how)


def describe(table: Table, prepared: Prepared, shape: Shape) -> str:
    """What was found, for people, before anything is rendered."""
    lines = [f"Recordings: {len(prepared.taken)} of {table.path}"]
    for activity in table.activities:
        own = [one for one in prepared.taken if one.clip.activity == activity]
        people = len({one.clip.person for one in own})
        lines.append(
            f"  {activity:<13} {len(own)} recordings, {people} people, {sum(len(o.windows) for o in own)} windows"
        )
    lines.append(f"  each window {shape.num_frames} frames at {shape.fps:g} per second, as the rendered clips")
    if table.left_out:
        lines.append(f"  {table.left_out} rows of other activities are left out")
    if prepared.moving:
        lines.append(f"  left out, because the camera moves: {', '.join(prepared.moving)}")
    return "\n".join(lines)


def facts(table: Table, prepared: Prepared, preparing: Preparing, shape: Shape) -> dict:
    """What the report says of the recordings beside their scores."""
    return {
        "table": table.path.name,
        "left_out": table.left_out,
        "moving": list(prepared.moving),
        "prepared": preparing.words(),
        "window": dataclasses.asdict(shape),
        "medians": {name: value for name in MEDIANS if (value := table.median(name)) is not None},
        "pictures": {one.clip.file: dataclasses.asdict(_picture(one, shape)) for one in prepared.taken},
    }


def _picture(one: Taken, shape: Shape):
    """The middle window, as it is shown to models before they resize it."""
    return sprite(one.footage(len(one.windows) // 2, shape.fps).frames)
