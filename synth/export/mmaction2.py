"""mmaction2's layout (OpenMMLab): annotation files of `VideoDataset`, a path and a label a line.

    train_list.txt                  train/<id>.mp4 3
    classes.txt                     the class of label 0, of label 1 ...
    train/<id>.mp4

In a config of mmaction2: type="VideoDataset", ann_file=".../train_list.txt", data_prefix=dict(video="...").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from synth.export.dataset import DataSet, Item, Sample
from synth.export.files import Files
from synth.export.formats import Format
from synth.export.tables import csv_table


@dataclass(frozen=True, kw_only=True)
class MMAction2(Format):
    """No options."""

    name = "mmaction2"
    title = "mmaction2: annotation files of VideoDataset, and MP4 files"

    def add(self, sample: Sample, files: Files) -> dict:
        """The video."""
        files.write(place(sample.item), sample.mp4)
        return {}

    def finish(self, data: DataSet, notes: Mapping[str, Mapping], files: Files) -> None:
        """A list for each split, the classes, factors.csv."""
        for split in data.splits:
            rows = (f"{place(item)} {item.label}\n" for item in data.of_split(split))
            files.write(f"{split}_list.txt", "".join(rows))
        files.write("classes.txt", "".join(f"{name}\n" for name in data.classes))
        files.write("factors.csv", csv_table({"file": place(item), **item.facts} for item in data.items))


def place(item: Item) -> str:
    """Where a clip lies."""
    return f"{item.split}/{item.id}.mp4"
