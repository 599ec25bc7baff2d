"""A video folder of Hugging Face's `datasets`: load_dataset("videofolder", data_dir=...), or the Hub as it is.

    README.md                       the card, with the Hub's front matter
    train/metadata.jsonl            {"file_name": "<id>.mp4", "label": "push_up", every factor ...}
    train/<id>.mp4

The split `val` is called validation, as the library calls it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from synth.export.card import hub_card
from synth.export.dataset import DataSet, Item, Sample
from synth.export.files import Files
from synth.export.formats import Format
from synth.export.tables import json_lines

_SPLITS = {"val": "validation"}


@dataclass(frozen=True, kw_only=True)
class HuggingFace(Format):
    """No options."""

    name = "hugging_face"
    title = "Hugging Face datasets: a video folder with metadata, ready for the Hub"

    def add(self, sample: Sample, files: Files) -> dict:
        """The video."""
        files.write(f"{folder(sample.item.split)}/{sample.item.id}.mp4", sample.mp4)
        return {}

    def finish(self, data: DataSet, notes: Mapping[str, Mapping], files: Files) -> None:
        """The metadata of each split, and the card."""
        for split in data.splits:
            rows = json_lines(_row(item) for item in data.of_split(split))
            files.write(f"{folder(split)}/metadata.jsonl", rows)
        files.write("README.md", hub_card(data, {split: folder(split) for split in data.splits}))


def folder(split: str) -> str:
    """The library's name of a split."""
    return _SPLITS.get(split, split)


def _row(item: Item) -> dict:
    """Columns without dots, which some of the library's back ends take for nesting."""
    facts = {name.replace(".", "_"): value for name, value in item.facts.items() if name not in ("split", "class")}
    return {"file_name": f"{item.id}.mp4", **facts, "label": item.class_name}
