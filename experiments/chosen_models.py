"""The models of a run: their cards as the config asks for them, and what the report says of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

from experiments.labels import require
from experiments.models.card import ModelCard, Options, describe
from experiments.settings import SettingError, assets_root, flag, names, table
from synth.errors import UnknownName


def chosen_models(config: Mapping) -> list[ModelCard]:
    """The cards of `models`, with the weights, device and precision that the config names.

    `weights` is a table model -> path or "random", or one word for all. Raises UnknownName, WeightsError, AssetError.
    """
    chosen, scoring = names("models", config["models"]), table("scoring", config["scoring"])
    options = Options(
        device=config["device"],
        precision=scoring["precision"],
        compile=flag("scoring.compile", scoring["compile"]),
        assets_root=assets_root(config),
    )
    weights = _weights(config["weights"], chosen)
    cards = [describe(name, dataclasses.replace(options, weights=weights.get(name))) for name in chosen]
    names("models", [card.name for card in cards])  # two paths may end in one name
    for card in cards:
        card.fingerprint  # noqa: B018 - weights that are not there are missed before anything is rendered
    return cards


def _weights(given, chosen: Sequence[str]) -> dict[str, str]:
    """Model -> weights; a single word counts for all."""
    if given is None or isinstance(given, str):
        return dict.fromkeys(chosen, given) if given else {}
    for name, value in table("weights", given).items():
        if name not in chosen and name not in [Path(path).stem for path in chosen]:
            raise UnknownName("model among models of this run", name, chosen)
        if not isinstance(value, str):
            raise SettingError(f"weights.{name} = {value!r}; expected a path, a name of the manifest, or random")
    return {name: given.get(name, given.get(Path(name).stem)) for name in chosen}


def model_facts(card: ModelCard, activities: Sequence[str]) -> dict:
    """What the report says of a model: its card, how it is shown the clips, which of its classes count as each
    activity, and whether it was ever trained."""
    hidden = ("classes", "labels", "input", "untrained", "weights")
    facts = {key: value for key, value in card.facts.items() if key not in hidden}
    if card.random:
        facts["untrained"] = True
        facts["planted_bias"] = (
            f"Random weights (seed {card.options.seed}): it has learnt nothing, and its scores say nothing."
        )
        for learnt in ("accuracy", "history", "summary"):
            facts.pop(learnt, None)
    matches = require(activities, card.classes, model=card.name)
    found = [
        f"{name}: {' or '.join(match.classes)} ({match.quality})"
        for name, match in matches.items()
        if match.classes != (name,)
    ]
    return {
        **facts,
        "name": card.name,
        "shown": card.input.words(),
        "activities": "; ".join(found) or "its classes of the same names",
        "precision_of_scores": card.precision,
    }
