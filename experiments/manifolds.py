"""Following the features of a model's layers along the sweeps of a study; measured by `analysis.manifold`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from experiments.analysis import manifold, shapes
from experiments.analysis.blocks import Sweep, sweeps
from experiments.models.base import ModelCard, load
from experiments.planned import SWEEP, PlannedClip
from experiments.study import Study

if TYPE_CHECKING:
    from experiments.asking import Asker

DRAWS = 1000


def manifolds(asker: Asker, study: Study, clips: Sequence[PlannedClip], rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The tables manifold (a row per model, layer, activity and sweep), manifold_points (a row per value of these:
    where it stands in the first three principal components, and the score there) and manifold_layers (a row per model,
    layer and sweep); see `analysis.manifold`. depth: number of the layer among those followed, from the input on.

    rows: score rows of the study's sweeps.
    """
    wanted, tables = study.manifold, {"manifold": [], "manifold_points": [], "manifold_layers": []}
    own = [clip for clip in clips if clip.sweep in wanted.sweeps and clip.spec.repeat == 0 and clip.design == SWEEP]
    for card in asker.cards:
        features, flipped = _features(asker, study, card, own)
        parts = sweeps(rows[(rows["model"] == card.name) & rows["sweep"].isin(wanted.sweeps)], study.references)
        for depth, layer in enumerate(features):
            _one_layer(tables, parts, layer, depth, features[layer], flipped.get(layer, {}), study.seed)
    return {name: pd.DataFrame(made) for name, made in tables.items()}


def _features(
    asker: Asker, study: Study, card: ModelCard, clips: Sequence[PlannedClip]
) -> tuple[dict[str, dict[str, np.ndarray]], dict[str, dict[str, np.ndarray]]]:
    """Layer -> clip id -> features, of the clips, and of the flipped ones of those sweeps that have mirrored pairs."""
    adapter = load(card)
    wanted, pairs = study.manifold, [clip for clip in clips if clip.sweep in study.mirrored]
    layers = dict.fromkeys(wanted.of(adapter.name, adapter.layers()), wanted.pooling)
    model = adapter if asker.scorers is None else card  # elsewhere it is loaded once as well
    plain = asker.score(clips, model, layers=layers).features
    twins = asker.score(pairs, model, layers=layers, flipped=True).features if pairs else {}
    return _by_id(clips, plain), _by_id(pairs, twins)


def _by_id(clips: Sequence[PlannedClip], tapped: Mapping[str, np.ndarray]) -> dict[str, dict[str, np.ndarray]]:
    return {layer: dict(zip([clip.id for clip in clips], rows, strict=True)) for layer, rows in tapped.items()}


def _one_layer(
    tables: Mapping[str, list],
    parts: Sequence[Sweep],
    layer: str,
    depth: int,
    features: Mapping[str, np.ndarray],
    flipped: Mapping[str, np.ndarray],
    seed: int,
) -> None:
    """The rows of one layer, added to `tables`."""
    paths: dict[tuple[str, str], dict[str, manifold.Path]] = {}
    for part in parts:
        path = _path(part, features, flipped)
        keys = {**part.keys, "layer": layer, "depth": depth}
        tables["manifold"].append({**keys, **manifold.measures(path, draws=DRAWS, seed=seed)})
        points, shares = manifold.project(path)
        for k, value in enumerate(part.values):
            place = dict(zip(("x", "y", "z"), points[k].tolist(), strict=True))
            explained = dict(zip(("x_share", "y_share", "z_share"), shares.tolist(), strict=True))
            score = float(part.score[:, k].mean())
            tables["manifold_points"].append({**keys, "value": float(value), "score": score, **place, **explained})
        paths.setdefault((part.factor, part.sweep), {})[part.activity] = path
    for (factor, sweep), of in paths.items():
        keys = {"model": parts[0].model, "factor": factor, "sweep": sweep, "layer": layer, "depth": depth}
        tables["manifold_layers"].append({**keys, **manifold.invariance(of)})


def _path(part: Sweep, features: Mapping[str, np.ndarray], flipped: Mapping[str, np.ndarray]) -> manifold.Path:
    def of(table: Mapping[str, np.ndarray]) -> np.ndarray:
        return np.stack([[table[clip_id] for clip_id in block] for block in part.clip_ids])

    return manifold.Path(
        values=part.values,
        features=of(features),
        mirrored=of(flipped) if part.clip_ids[0, 0] in flipped else None,
        motions=part.motions,
        appearances=part.appearances,
        closed=shapes.closed(part),
    )
