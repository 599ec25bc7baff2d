"""Asking the models of a study about clips, whichever part of it wants to know: draw what is missing, and score."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from experiments.designs.flip import brackets, flips, halve
from experiments.effects import effects
from experiments.manifolds import manifolds
from experiments.models.base import ModelAdapter, ModelCard, load
from experiments.planned import SWEEP, PlannedClip, with_ids
from experiments.score import Scores, fill, score
from experiments.scoring.overlap import Overlap
from experiments.study import Study
from synth.clips import ClipStore
from synth.engine import EnginePool
from synth.factors import ClipSpec
from synth.render import Identified, identify, render_missing

if TYPE_CHECKING:
    from experiments.scoring.distant import Scorers


@dataclass(frozen=True, kw_only=True)
class Asker:
    """cards: of the models, in order. passes: that are rendered. batch, raw, scorers: see `score`. overlap: score clips
    while others are drawn."""

    store: ClipStore
    pool: EnginePool
    cards: Sequence[ModelCard]
    passes: Sequence[str]
    batch: int | None = None
    raw: bool = False
    scorers: Scorers | None = None
    overlap: bool = False

    def draw(
        self,
        clips: Sequence[PlannedClip],
        known: Identified | None = None,
        missing: Sequence[ClipSpec] | None = None,
    ) -> tuple[list[PlannedClip], int]:
        """The clips with their ids, all of them in the store, and how many were drawn for it. known, missing: where
        that was found out already."""
        known = known or identify([clip.spec for clip in clips], self.pool)
        missing = known.missing(self.store, self.passes) if missing is None else missing
        how = {"store": self.store, "pool": self.pool, "passes": self.passes, "missing": missing}
        if not self.overlap or not missing:
            return with_ids(clips, known.ids), render_missing(known, **how)
        with Overlap(self._scoring(known)) as meanwhile:
            drawn = render_missing(known, **how, done=meanwhile.done)
        return with_ids(clips, known.ids), drawn

    def _scoring(self, known: Identified) -> Callable[[Sequence[ClipSpec]], None]:
        """Asks all models about recipes that are drawn; those in this process are loaded once."""
        models = list(self.cards) if self.scorers is not None else []

        def ask(specs: Sequence[ClipSpec]) -> None:
            models.extend(load(card) for card in self.cards[len(models) :])
            for model in models:
                own = {known.ids[spec]: spec for spec in specs}
                fill(model, self.store, own, batch=self.batch, raw=self.raw, scorers=self.scorers)

        return ask

    def score(self, clips: Sequence[PlannedClip], model: ModelCard | ModelAdapter, **how) -> Scores:
        """What one model says of clips that are in the store; `how` as in `score`."""
        return score(clips, self.store, model, batch=self.batch, raw=self.raw, scorers=self.scorers, **how)

    def rows(self, clips: Sequence[PlannedClip], *, mirrored: Sequence[str] = ()) -> pd.DataFrame:
        """The score rows of all models. mirrored: sweeps whose rows have the score of the flipped clip in the column
        mirrored_score; NaN elsewhere, and no such column where there are none."""
        out = []
        round_about = [k for k, clip in enumerate(clips) if clip.design == SWEEP and clip.sweep in mirrored]
        for card in self.cards:
            rows = self.score(clips, card).rows
            if mirrored:
                twin = self.score([clips[k] for k in round_about], card, flipped=True).rows
                rows["mirrored_score"] = np.nan
                rows.loc[round_about, "mirrored_score"] = twin["score"].to_numpy()
            out.append(rows)
        return pd.concat(out, ignore_index=True)


def found(asker: Asker, study: Study, clips: Sequence[PlannedClip], rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The tables of what a study asks beside its curves: manifold, manifold_points, manifold_layers, flips, and
    those of `effects`; only those that it asks for."""
    tables: dict[str, pd.DataFrame] = {}
    swept = rows[rows["design"] == SWEEP]
    if study.manifold:
        tables |= manifolds(asker, study, clips, swept)
    if study.flip:
        tables["flips"] = _flips(asker, study, clips, swept)
    if study.effects:
        tables |= effects(asker, study, clips)
    return tables


def _flips(asker: Asker, study: Study, clips: Sequence[PlannedClip], rows: pd.DataFrame) -> pd.DataFrame:
    cards = {card.name: card for card in asker.cards}

    def ask(model: str, wanted: Sequence[PlannedClip]) -> list[bool]:
        drawn, _ = asker.draw(wanted)
        return asker.score(drawn, cards[model]).rows["top1"].astype(bool).tolist()

    grid = brackets(rows, {(clip.sweep, clip.id): clip for clip in clips}, study.references, study.flip)
    return flips(halve(grid, study.flip, ask))
