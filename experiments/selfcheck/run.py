"""`python -m experiments.run conf=selfcheck`: the instrument on models whose answer is known.

    pool -> train planted models and a clean one -> ask them all with one randomised design -> judge -> report

The same design, scoring and analysis that answer for anybody's model answer here for small networks that were made to
depend on one thing. What does not come out as it was planted ends the run with SelfCheckFailed, after the page is
written.
"""

from __future__ import annotations

import logging
import shlex
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.asking import Asker
from experiments.control import check_control
from experiments.effects import CLIPS, SHARES, outcomes, tables
from experiments.models.base import check_device
from experiments.models.card import describe
from experiments.planned import PlannedClip
from experiments.selfcheck.design import SelfCheck, asking, pool
from experiments.selfcheck.models import card_of, train
from experiments.selfcheck.page import write
from experiments.selfcheck.verdict import Verdict, judge
from experiments.settings import clip_store, engine_for, flag
from experiments.training.data import Clips, read_clips
from synth.clips import ClipStore
from synth.cost import estimate
from synth.engine import EnginePool, open_engine
from synth.factors import ClipSpec
from synth.render import DEFAULT_PASSES, Identified, identify, render_missing

log = logging.getLogger("ceteris")


def run_selfcheck(config: Mapping, out: Path) -> Verdict | None:
    """Run the self-check of a composed config into `out`; returns the verdict (None for plan_only).

    Raises SelfCheckFailed, once `out`/report is written, where a criterion is not met.
    """
    start = time.perf_counter()
    check, device = SelfCheck.from_config(config["selfcheck"]), check_device(config["device"])
    store = clip_store(config)
    specs, asked = pool(check, store.root / "aims"), asking(check, store.root / "aims")
    with open_engine(**engine_for(config, specs, ("frames",))) as engine:
        known = identify(specs, engine)
        _log_plan(check, known, asked, store, engine)
        if flag("plan_only", config["plan_only"]):
            return None
        render_missing(known, store=store, pool=engine, passes=("frames",), label="render the pool")
        folders = _models(check, specs, known, store, out=out / "models", device=device)
        found = _answers(check, folders, asked, store, engine)
    made = tables(found, check.effects, seed=check.seed)
    verdict = judge(check, made[SHARES])
    facts = {
        "command": shlex.join(["python", "-m", "experiments.run", *sys.argv[1:]]),
        "minutes": (time.perf_counter() - start) / 60,
    }
    page = write(check, verdict, {CLIPS: found, **made}, facts, out / "report")
    log.info("\nReport: %s", page.resolve())
    verdict.require()
    return verdict


def _log_plan(
    check: SelfCheck, known: Identified, asked: Sequence[PlannedClip], store: ClipStore, engine: EnginePool
) -> None:
    todo = known.missing(store, ("frames",))
    minutes = estimate(todo, store).minutes(engine.size)
    log.info(
        "Self-check: %d models, each trained on %d clips of a pool of %d", len(check.models), check.clips, check.pool
    )
    log.info(
        "  %d of the pool are to be drawn, about %.1f minutes; %d clips to ask with", len(todo), minutes, len(asked)
    )


def _models(
    check: SelfCheck, specs: Sequence[ClipSpec], known: Identified, store: ClipStore, *, out: Path, device: str
) -> list[Path]:
    """The folders of all models, trained on the pool that is in the store."""
    ids = [known.ids[spec] for spec in specs]
    labels = np.array([check.activities.index(spec.motion.activity) for spec in specs])
    clips: Clips = read_clips(store, ids, labels, card_of(check, "pool").input, check.fps)
    common = {"out": out, "checkpoints": store.root / "training", "device": device}
    return [train(check, specs, clips, ids, plant, dose, **common) for plant, dose in check.models]


def _answers(
    check: SelfCheck, folders: Sequence[Path], asked: Sequence[PlannedClip], store: ClipStore, engine: EnginePool
) -> pd.DataFrame:
    """What every model says of every clip of the randomised design; see `experiments.effects.outcomes`."""
    cards = [describe(str(folder)) for folder in folders]
    asker = Asker(store=store, pool=engine, cards=cards, passes=DEFAULT_PASSES)
    clips, _ = asker.draw(asked)
    check_control(clips, {clip.id: store.require(clip.id, ()) for clip in clips})
    said = [outcomes(asker.score(clips, card), clips, check.effects, check.activities) for card in cards]
    return pd.concat(said, ignore_index=True)
