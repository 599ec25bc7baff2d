"""A study with every section there is, without an engine and without a model: planned clips, and scores that are a
function of their recipes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from experiments.analysis.blocks import sweeps
from experiments.designs.flip import Flip, brackets, flips, halve
from experiments.designs.manifold import Manifold
from experiments.manifolds import _one_layer
from experiments.plan import plan
from experiments.planned import SWEEP, with_ids
from experiments.report import build
from experiments.score import _rows
from experiments.scoring.judge import judge
from experiments.study import Study
from experiments.sweeps import Sweep
from synth.factors import Viewpoint
from tests.experiments.report.pages import Store
from tests.experiments.report.randomised import asked_at_random

ROUND = tuple(float(v) for v in range(0, 360, 45))
WHOLE = Study(
    name="whole",
    title="Everything",
    question="Is every section there?",
    activities=("squat", "wave"),
    sweeps=(
        Sweep(name="orbit", factor="azimuth", values=ROUND),
        Sweep(name="elevation", factor="elevation", values=(0.0, 10.0, 40.0)),
        Sweep(name="place", factor="environment", values=("lawn", "street")),
    ),
    reference=Viewpoint(elevation_deg=10.0),
    replicates=2,
    everyone=True,
    appearances=("ana", "ben"),
    cross=(("orbit", "place"),),
    mirrored=("orbit",),
    manifold=Manifold(sweeps=("orbit",)),
    flip=Flip({"orbit": 5.0}),
)


class Card:
    """As much of a model's card as rows need."""

    def __init__(self, name: str, depth: float):
        self.name, self.depth, self.classes = name, depth, ["squat", "wave", "walk"]


CARDS = (Card("frontal", 5.0), Card("all-round", 0.3))


class Match:
    quality = "exact"


def logit(card: Card, spec) -> float:
    """The first class falls from the front to the flanks, and a little in the street; people and motions differ."""
    side = 1 - np.cos(np.deg2rad(2 * spec.viewpoint.azimuth_deg))
    luck = (spec.seed % 7) / 14 + len(spec.appearance.name + spec.motion.variant) / 20
    return 3.0 - card.depth * side / 2 - 0.4 * (spec.environment.name == "street") - 0.02 * spec.repeat + luck


def scored(card: Card, clips) -> pd.DataFrame:
    logits = np.zeros((len(clips), 3))
    truth = [card.classes.index(clip.activity) for clip in clips]
    logits[np.arange(len(clips)), truth] = [logit(card, clip.spec) for clip in clips]
    columns = judge(logits, [[k] for k in truth]) | {"person_in_view": np.full(len(clips), 0.05)}
    return _rows(clips, card, {name: Match for name in WHOLE.activities}, columns)


@pytest.fixture(scope="session")
def whole() -> dict:
    """Keyword arguments of `report.build` but for store and folder."""
    clips = plan(WHOLE)
    clips = with_ids(clips, {clip.spec: clip.spec.clip_id({}) for clip in clips})
    rows = pd.concat([scored(card, clips) for card in CARDS], ignore_index=True)
    on_orbit = rows["sweep"] == "orbit"
    rows["mirrored_score"] = np.where(on_orbit, np.clip(rows["score"] - 0.02, 0, 1), np.nan)
    return {"rows": rows, "study": _facts(), "models": [], "more": _more(rows, clips)}


@pytest.fixture(scope="session")
def whole_folder(whole, tmp_path_factory):
    """The report of it."""
    return build(**whole, store=Store(), out_dir=tmp_path_factory.mktemp("whole")).parent


def _facts() -> dict:
    return {
        "name": WHOLE.name,
        "title": WHOLE.title,
        "question": WHOLE.question,
        "reference": WHOLE.references,
        "levels": {"environment": {0.0: "lawn", 1.0: "street"}},
        "sweeps": [{"name": s.name, "factor": s.factor, "mode": s.mode} for s in WHOLE.sweeps],
        "held": {"fps": 6.25},
        "effects": {"viewpoint": "azimuth 0 to 360 deg", "environment": "lawn, street", "lighting": "noon, evening"},
    }


def _more(rows: pd.DataFrame, clips) -> dict[str, pd.DataFrame]:
    cards = {card.name: card for card in CARDS}
    swept = rows[rows["design"] == SWEEP]
    grid = brackets(swept, {(c.sweep, c.id): c for c in clips}, WHOLE.references, WHOLE.flip)
    lost = halve(grid, WHOLE.flip, lambda model, asked: scored(cards[model], asked)["top1"].astype(bool).tolist())
    tables = {"manifold": [], "manifold_points": [], "manifold_layers": []}
    for card in CARDS:
        parts = sweeps(swept[(swept["model"] == card.name) & (swept["sweep"] == "orbit")], WHOLE.references)
        for depth, layer in enumerate(("stem", "pool")):
            _one_layer(tables, parts, layer, depth, _features(clips, depth, 1), _features(clips, depth, -1), seed=0)
    return asked_at_random() | {"flips": flips(lost), **{name: pd.DataFrame(made) for name, made in tables.items()}}


def _features(clips, depth: int, side: int) -> dict[str, np.ndarray]:
    """A circle over the azimuth, the smaller the deeper, about a centre of the activity's own."""
    found = {}
    for clip in clips:
        angle = np.deg2rad(clip.spec.viewpoint.azimuth_deg)
        round_about = np.array([np.cos(angle), side * np.sin(angle), 0, 0]) / (1 + depth)
        found[clip.id] = round_about + (clip.activity == "wave") * np.array([0, 0, 1, 0]) + 0.01 * len(clip.block)
    return found
