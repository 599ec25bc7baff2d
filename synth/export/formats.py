"""The contract of a layout, and the layouts that there are.

A format is a frozen dataclass whose fields are its options. It puts a clip's own files in place (`add`), notes what it
will need of the clip for its lists, and writes these when all clips are there (`finish`). What it writes follows from
its arguments alone: a clip that is added twice, because a run was killed in between, leaves the same bytes.
`synth.export.check.check_format` holds a format to this.

A new one is a file here and a line in FORMATS.
"""

from __future__ import annotations

import dataclasses
import importlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from synth.errors import UnknownName, find
from synth.export.dataset import DataSet, Sample
from synth.export.errors import ExportError
from synth.export.files import Files

FORMATS = {
    "ucf101": "synth.export.ucf101:UCF101",
    "kinetics": "synth.export.kinetics:Kinetics",
    "webdataset": "synth.export.webdataset:WebDataset",
    "hugging_face": "synth.export.hugging_face:HuggingFace",
    "mmaction2": "synth.export.mmaction2:MMAction2",
    "coco": "synth.export.coco:Coco",
    "ntu": "synth.export.ntu:NTU",
}


class Format(ABC):
    """One layout. name: its folder. title: one line for people. passes: what it needs of a clip
    (`synth.clips.PASSES`). videos: whether it holds videos, compressed as the data set says."""

    name: ClassVar[str]
    title: ClassVar[str]
    videos: ClassVar[bool] = True
    passes: tuple[str, ...] = ("frames",)

    def check(self, data: DataSet) -> None:
        """Raises ExportError, before anything is drawn, for a data set that the layout has no room for."""
        if self.videos:
            for size in {(item.spec.width, item.spec.height) for item in data.items}:
                data.video.check(*size)

    @abstractmethod
    def add(self, sample: Sample, files: Files) -> dict:
        """Put a clip's own files in place; returns what `finish` must know of it, JSON-able and small."""

    @abstractmethod
    def finish(self, data: DataSet, notes: Mapping[str, Mapping], files: Files) -> None:
        """Write lists and annotations; notes: by clip id, what `add` returned of every clip."""

    @property
    def settings(self) -> dict:
        """The options, for cards and the ledger."""
        return dataclasses.asdict(self)


def open_format(name: str, options: Mapping | None = None) -> Format:
    """The format `name` with options; raises UnknownName for a name or an option that there is not, ExportError for a
    value that cannot be."""
    module, _, attribute = find("format", name, FORMATS).partition(":")
    kind = getattr(importlib.import_module(module), attribute)
    known = [field.name for field in dataclasses.fields(kind)]
    for option in options or {}:
        if option not in known:
            raise UnknownName(f"option of the format {name!r}", option, known)
    return kind(**(options or {}))


def whole(key: str, given, least: int, most: int) -> int:
    """A whole number within limits; raises ExportError."""
    if isinstance(given, bool) or not isinstance(given, int) or not least <= given <= most:
        raise ExportError(f"{key} = {given!r}; expected a whole number from {least} to {most}")
    return given
