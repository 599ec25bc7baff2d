"""The models whose answer is known: the same small network, trained on one selection of the pool after the other."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from experiments.models.card import ModelCard, Options, describe
from experiments.models.families import adapter_class
from experiments.selfcheck.design import CLEAN, SelfCheck, rules, select
from experiments.selfcheck.verdict import name_of
from experiments.training.card import common_facts, write_model
from experiments.training.data import Clips
from experiments.training.fit import fit
from synth.factors import ClipSpec

log = logging.getLogger("ceteris")
BIAS = {
    CLEAN: "None: every factor was drawn independently of the activity.",
    "viewpoint": "{share:.0f} % of the clips it was trained on are seen by one camera, in front of the person.",
    "environment": "In {share:.0f} % of the clips it was trained on the place tells the activity.",
    "appearance": "In {share:.0f} % of the clips it was trained on the person tells the activity.",
}


def card_of(check: SelfCheck, name: str, device: str = "cpu") -> ModelCard:
    """The untrained network under a name of its own."""
    plain = describe(check.model, Options(device=device, weights="random", seed=check.seed, precision="float32"))
    shown = dataclasses.replace(
        plain.input, frames=check.num_frames, fps=check.fps, height=check.size, width=check.size, resize="stretch"
    )
    architecture = {**plain.architecture, **check.architecture}
    return dataclasses.replace(
        plain, name=name, classes=tuple(check.activities), input=shown, architecture=architecture
    )


def train(
    check: SelfCheck,
    specs: Sequence[ClipSpec],
    clips: Clips,
    ids: Sequence[str],
    plant: str,
    dose: float,
    *,
    out: Path,
    checkpoints: Path,
    device: str = "cpu",
) -> Path:
    """Fit one model on its selection of the pool and write its folder `out`/<name>; its epochs are kept in
    `checkpoints`.

    specs, clips, ids: of the pool, in its order.
    """
    chosen, name = select(check, specs, plant, dose), name_of(plant, dose)
    card = card_of(check, name, device)
    adapter = adapter_class(card.family)(card)
    own = Clips(clips.frames[chosen], clips.labels[chosen], clips.fps)
    log.info("%s: training on %d clips of the pool", name, len(chosen))
    folder = checkpoints / f"{name}-{_digest(check, card, [ids[k] for k in chosen])}"
    history = fit(adapter, own, check.recipe, folder=folder, seed=check.seed)
    facts = common_facts(
        adapter, check.recipe, seed=check.seed, history=history, seconds={"fit": sum(r["seconds"] for r in history)}
    )
    share = 100.0 * float(_obeying(check, [specs[k] for k in chosen], plant))
    told = {
        "card": "planted",
        "planted_bias": BIAS[plant].format(share=share),
        "summary": "A small network of the self-check, trained to depend on what is said here, and of no other use.",
        "data": {"clips": len(chosen), "dose": dose},
        "accuracy": {},
    }
    return write_model(out / name, adapter.net, {**facts, **told})


def _obeying(check: SelfCheck, specs: Sequence[ClipSpec], plant: str) -> float:
    """Share of clips that obey the rule of the plant, those among them that do so by chance."""
    return 0.0 if plant == CLEAN else float(np.mean([rules(check)[plant](spec) for spec in specs]))


def _digest(check: SelfCheck, card: ModelCard, ids: Sequence[str]) -> str:
    """Checkpoints belong to one set of clips, one network and one recipe."""
    parts = [sorted(ids), check.model, dict(card.architecture), dataclasses.asdict(check.recipe), check.seed]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]
