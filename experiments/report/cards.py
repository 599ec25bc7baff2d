"""The models' cards as the page shows them: first what a model was trained on and what is planted in it, then numbers,
then all the rest folded away. A card may hold anything; what is not known here is shown under its own name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from experiments.report.facts import named, plain
from experiments.report.words import points, span

LEAD = ("summary", "description", "planted_bias", "trained_on")
FIRST = ("shown", "activities", "parameters", "trained_azimuth_deg", "precision_of_scores", "licence")
HIDDEN = ("name", "untrained", "classes", "family", "history", "accuracy", *LEAD, *FIRST)


def cards(models: Sequence[Mapping], names: Sequence[str]) -> list[dict]:
    """A card per name, in that order; a model without a card is shown by its name."""
    known = {card["name"]: card for card in models}
    return [_card(name, index, known.get(name, {})) for index, name in enumerate(names)]


def _card(name: str, index: int, card: Mapping) -> dict:
    return {
        "name": name,
        "index": index,
        "lead": [_minus(plain(card[key])) for key in LEAD if card.get(key)],
        "facts": [named(key, card[key]) for key in FIRST if key in card] + _accuracies(card.get("accuracy", {})),
        "more": [named(key, value) for key, value in card.items() if key not in HIDDEN],
    }


def _accuracies(measured: Mapping) -> list[tuple[str, str]]:
    """One row per set of clips that the model was measured on: accuracy, interval, number of clips."""
    if not isinstance(measured, Mapping):
        return [named("accuracy", measured)]
    out = []
    for title, parts in measured.items():
        row = parts.get("all") if isinstance(parts, Mapping) else None
        if not isinstance(row, Mapping):
            out.append((_minus(f"Accuracy: {title}"), plain(parts)))
            continue
        text = f"{points(row['accuracy'])} %"
        if "low" in row and "high" in row:
            text += f" ({span(row['low'], row['high'])})"
        out.append((_minus(f"Accuracy: {title}"), f"{text}, {row['clips']:,} clips" if "clips" in row else text))
    return out


def _minus(text: str) -> str:
    """With a minus before numbers below zero, not a hyphen."""
    return re.sub(r"(?<![\w.])-(?=\d)", "−", text)
