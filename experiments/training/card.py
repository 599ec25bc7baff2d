"""The model's folder: weights, a card for machines (`card.json`) and the same card for people (`README.md`).

After Mitchell et al., *Model Cards for Model Reporting* (FAT* 2019): what it is for, what it saw, what it cannot do,
how well it does it and where it was measured. The planted bias is said first.
"""

from __future__ import annotations

import dataclasses
import json
import os
import platform
import shlex
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
import torch
from torch import nn

from experiments.models.adapter import TorchAdapter
from experiments.models.card import CARD, WEIGHTS
from experiments.models.r2plus1d import save
from experiments.training.design import appearances
from experiments.training.fit import resolve_precision
from experiments.training.recipe import Recipe
from synth.factors import ClipSpec
from synth.whole import whole

if TYPE_CHECKING:
    from experiments.training.generated import Training

LICENCE = "Apache-2.0"
TEMPLATES = Path(__file__).parent / "templates"


def common_facts(
    adapter: TorchAdapter,
    recipe: Recipe,
    *,
    seed: int,
    history: Sequence[Mapping],
    seconds: Mapping[str, float],
) -> dict:
    """What every card says, in plain numbers, strings, lists and dictionaries; history: one record per epoch."""
    return {
        "name": adapter.name,
        "family": adapter.card.family,
        "architecture": dict(adapter.card.architecture),
        "classes": adapter.classes,
        "input": dataclasses.asdict(adapter.input),
        "parameters": sum(p.numel() for p in adapter.net.parameters()),
        "command": shlex.join(["python", "-m", "experiments.run", *sys.argv[1:]]),
        "seed": seed,
        "precision": resolve_precision(recipe.precision, adapter.device),
        "recipe": dataclasses.asdict(recipe),
        "machine": f"{platform.machine()}, {len(os.sched_getaffinity(0))} cores, "
        f"torch {version('torch')} with {torch.get_num_threads()} threads, {adapter.device}",
        "seconds": {name: round(value, 1) for name, value in seconds.items()},
        "history": [{k: round(float(v), 6) for k, v in record.items()} for record in history],
    }


def generated_facts(training: Training, specs: Sequence[ClipSpec], drawn: int) -> dict:
    """What the card of a model says that was trained on rendered clips: which, and what is planted in it.

    specs: the clips trained on. drawn: how many of all clips were rendered for it."""
    low, high = training.azimuth_deg
    design = training.design
    return {
        "card": "generated",
        "licence": LICENCE,
        "summary": "A small video network trained by Ceteris on clips that Ceteris rendered.",
        "trained_azimuth_deg": [low, high],
        "planted_bias": _bias(low, high),
        "data": {
            "clips": len(specs),
            "drawn": drawn,
            "appearances": len(appearances(design, "train")),
            "motions": len({spec.motion for spec in specs}),
            "places": ", ".join(f"{name} {share:g}" for name, share in design.places.items()),
            "ranges": {
                "azimuth_deg": [low, high],
                **{k: list(v) for k, v in dataclasses.asdict(design.ranges).items()},
            },
        },
    }


def _bias(low: float, high: float) -> str:
    if high - low >= 360.0:
        return (
            "None that we know of: azimuth, like every other factor, was drawn over its whole range and "
            "independently of the activity. It is the control of the model that saw people from the front only."
        )
    return (
        f"It was trained only at azimuths from {low:g} to {high:g} degrees, that is on people seen from the front. "
        "Every other factor was drawn over its whole range and independently of the activity. Azimuth is the one "
        "planted bias: where the score falls with azimuth, that is why."
    )


def write_model(folder: Path, net: nn.Module, facts: Mapping) -> Path:
    """Write weights, card and README into `folder`, the card last: a folder with a card is whole."""
    folder.mkdir(parents=True, exist_ok=True)
    save(net, folder / WEIGHTS)
    _write(folder / "README.md", readme(facts))
    _write(folder / CARD, json.dumps(facts, indent=1) + "\n")
    return folder


def readme(facts: Mapping) -> str:
    """The card as Markdown, from the template that `facts["card"]` names."""
    loader = jinja2.FileSystemLoader(TEMPLATES)
    environment = jinja2.Environment(loader=loader, undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    template = environment.get_template(f"{facts['card']}.md.j2")
    return template.render(**facts, has_cmu=any("CMU" in title for title in facts["accuracy"]))


def _write(path: Path, text: str) -> None:
    with whole(path) as partial:
        partial.write_text(text, encoding="utf-8")
