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

from experiments.models.base import CARD, WEIGHTS
from experiments.models.r2plus1d import save
from experiments.training.design import appearances
from experiments.training.fit import resolve_precision
from synth.factors import ClipSpec

if TYPE_CHECKING:
    from experiments.train import Training

LICENCE = "Apache-2.0"

TEMPLATE = """\
# {{ name }}

{{ summary }}

**What is planted in it.** {{ planted_bias }}

| | |
|---|---|
| Network | R(2+1)D, {{ "{:,}".format(parameters) }} parameters (`experiments/models/r2plus1d.py`) |
| Input | {{ input.frames }} frames at {{ input.fps }} per second, {{ input.height }} x {{ input.width }}, RGB |
| Classes | {{ classes | join(", ") }} |
| Licence | {{ licence }} |
| Made by | `{{ command }}` |
| Seed | {{ seed }} |
| Machine | {{ machine }} |
| Time | rendering {{ data.drawn }} clips {{ "%.0f" | format(seconds.render) }} s, \
reading {{ "%.0f" | format(seconds.read) }} s, \
training {{ "%.0f" | format(seconds.fit) }} s, measuring {{ "%.0f" | format(seconds.measure) }} s |

## What it saw

{{ data.clips }} clips that Ceteris rendered: {{ data.appearances }} random people, {{ data.motions }} authored motions
(central half of every style range), places {{ data.places }}, every start phase, and

{% for factor, range in data.ranges.items() -%}
- {{ factor }}: {{ range[0] }} to {{ range[1] }}
{% endfor %}
On the way in a clip is zoomed, shifted, rolled, tinted and flipped left to right.

## How well it does

Held-out clips show the four named appearances and random people that training never saw, styles from the outer quarters
of every range, and random places that training never saw.

| clips | accuracy | 95 % interval | number |
|---|---|---|---|
{% for title, rows in accuracy.items() -%}
| {{ title }} | {{ "%.1f" | format(100 * rows.all.accuracy) }} % | {{ "%.1f" | format(100 * rows.all.low) }} to \
{{ "%.1f" | format(100 * rows.all.high) }} % | {{ rows.all.clips }} |
{% endfor %}
{% if not has_cmu %}Real CMU trials were not measured: no `assets.root` was given.

{% endif -%}
### Per viewpoint and activity

{% for title, rows in accuracy.items() %}{% for part in ("activity", "azimuth_deg", "elevation_deg", "distance_m") -%}
- {{ title }}, {{ part }}: \
{% for value, row in rows[part].items() %}{{ value }} **{{ "%.0f" | format(100 * row.accuracy) }} %** ({{ row.clips }})\
{{ "" if loop.last else "; " }}{% endfor %}
{% endfor %}{% endfor %}
## What it is not

A model for use. It knows six activities of one rendered person and exists to be examined: its failures are known
beforehand, so that what Ceteris reports about it can be checked. The last epoch is shipped; no epoch was selected
on the held-out clips.{% if selection is defined %}

{{ selection }}{% endif %}
"""


def card_facts(
    training: Training,
    specs: Sequence[ClipSpec],
    net: nn.Module,
    *,
    history: Sequence[Mapping],
    seconds: Mapping[str, float],
    accuracy: Mapping[str, Mapping],
    device: str,
) -> dict:
    """All that a card says, in plain numbers, strings, lists and dictionaries.

    specs: the clips trained on. history: one record per epoch. accuracy: `measure.measure` of each set, by its title.
    """
    low, high = training.azimuth_deg
    design = training.design
    return {
        "name": training.name,
        "family": "r2plus1d",
        "architecture": dict(training.architecture),
        "classes": list(design.activities),
        "input": dataclasses.asdict(training.input),
        "licence": LICENCE,
        "summary": "A small video network trained by Ceteris on clips that Ceteris rendered.",
        "trained_azimuth_deg": [low, high],
        "planted_bias": _bias(low, high),
        "parameters": sum(p.numel() for p in net.parameters()),
        "command": shlex.join(["python", "-m", "experiments.run", *sys.argv[1:]]),
        "seed": design.seed,
        "precision": resolve_precision(training.recipe.precision, device),
        "recipe": dataclasses.asdict(training.recipe),
        "machine": f"{platform.machine()}, {len(os.sched_getaffinity(0))} cores, "
        f"torch {version('torch')} with {torch.get_num_threads()} threads, {device}",
        "seconds": {name: round(value, 1) for name, value in seconds.items()},
        "data": {
            "clips": len(specs),
            "appearances": len(appearances(design, "train")),
            "motions": len({spec.motion for spec in specs}),
            "places": ", ".join(f"{name} {share:g}" for name, share in design.places.items()),
            "ranges": {
                "azimuth_deg": [low, high],
                **{k: list(v) for k, v in dataclasses.asdict(design.ranges).items()},
            },
        },
        "accuracy": dict(accuracy),
        "history": [{k: round(float(v), 6) for k, v in record.items()} for record in history],
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
    _replace(folder / "README.md", readme(facts))
    _replace(folder / CARD, json.dumps(facts, indent=1) + "\n")
    return folder


def readme(facts: Mapping) -> str:
    """The card as Markdown."""
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    return environment.from_string(TEMPLATE).render(**facts, has_cmu=any("CMU" in t for t in facts["accuracy"]))


def _replace(path: Path, text: str) -> None:
    partial = path.with_name(f".{os.getpid()}.{path.name}")
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, path)
