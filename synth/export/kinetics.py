"""Kinetics' layout (Kay et al. 2017): a CSV for each split, and MP4 files in class folders.

    train.csv                               label,youtube_id,time_start,time_end,split
    train/push up/<id>_000000_000002.mp4

The columns are those of the published lists, and the files are named as the usual downloaders name them; youtube_id is
the clip's id here, which no video of YouTube has, and the times are whole seconds that hold the clip. Kinetics writes
its classes with blanks. factors.csv says what each clip shows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from synth.export.dataset import DataSet, Item, Sample
from synth.export.files import Files
from synth.export.formats import Format
from synth.export.tables import csv_table


@dataclass(frozen=True, kw_only=True)
class Kinetics(Format):
    """No options."""

    name = "kinetics"
    title = "Kinetics: CSV lists, and MP4 files in class folders"

    def add(self, sample: Sample, files: Files) -> dict:
        """The video."""
        files.write(place(sample.item), sample.mp4)
        return {}

    def finish(self, data: DataSet, notes: Mapping[str, Mapping], files: Files) -> None:
        """A list for each split, and factors.csv."""
        for split in data.splits:
            files.write(f"{split}.csv", csv_table(_row(item) for item in data.of_split(split)))
        files.write("factors.csv", csv_table({"file": place(item), **item.facts} for item in data.items))


def place(item: Item) -> str:
    """Where a clip lies."""
    return f"{item.split}/{_label(item)}/{item.id}_{0:06d}_{_seconds(item):06d}.mp4"


def _label(item: Item) -> str:
    return item.class_name.replace("_", " ")


def _seconds(item: Item) -> int:
    return math.ceil(item.spec.num_frames / item.spec.fps)


def _row(item: Item) -> dict:
    return {
        "label": _label(item),
        "youtube_id": item.id,
        "time_start": 0,
        "time_end": _seconds(item),
        "split": item.split,
    }
