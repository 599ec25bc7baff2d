"""UCF101's layout (Soomro, Zamir and Shah 2012): class folders of AVI files, and lists of splits.

    UCF-101/PushUp/v_PushUp_g01_c01.avi
    ucfTrainTestlist/classInd.txt           1 Box
    ucfTrainTestlist/trainlist01.txt        PushUp/v_PushUp_g01_c01.avi 3
    ucfTrainTestlist/testlist01.txt         PushUp/v_PushUp_g02_c01.avi

As there, clips of one group (gNN) are not independent: they show one motion of one person. A split beside train and
test gets a list of its own (vallist01.txt), which UCF101 does not have. factors.csv beside the lists says what each
clip shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from synth.export.dataset import DataSet, Item, Sample
from synth.export.files import Files
from synth.export.formats import Format
from synth.export.tables import csv_table

LISTS = "ucfTrainTestlist"


@dataclass(frozen=True, kw_only=True)
class UCF101(Format):
    """No options."""

    name = "ucf101"
    title = "UCF101: class folders of AVI files, and split lists"

    def add(self, sample: Sample, files: Files) -> dict:
        """The video."""
        video = sample.video.encode(sample.arrays["frames"], sample.item.spec.fps, "avi")
        files.write(f"UCF-101/{place(sample.item)}", video)
        return {}

    def finish(self, data: DataSet, notes: Mapping[str, Mapping], files: Files) -> None:
        """classInd.txt, a list for each split, factors.csv."""
        index = [f"{label} {camel(name)}" for label, name in enumerate(data.classes, 1)]
        files.write(f"{LISTS}/classInd.txt", _lines(index))
        for split in data.splits:
            numbered = split == "train"
            rows = [f"{place(i)} {i.label + 1}" if numbered else place(i) for i in data.of_split(split)]
            files.write(f"{LISTS}/{split}list01.txt", _lines(sorted(rows)))
        files.write(f"{LISTS}/factors.csv", csv_table({"file": place(item), **item.facts} for item in data.items))


def camel(name: str) -> str:
    """A class as UCF101 writes it: push_up -> PushUp."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def place(item: Item) -> str:
    """Where a clip lies in the folder of videos."""
    name = camel(item.class_name)
    return f"{name}/v_{name}_g{item.group:02d}_c{item.number:02d}.avi"


def _lines(rows: list[str]) -> str:
    return "".join(f"{row}\n" for row in rows)
