"""Data sets for training: clips of any design, in the layouts that people train with, split without leakage.

    from synth.export import Job, data_set, export, open_format, split

    parts, dropped = split(specs, {"train": 0.8, "test": 0.2}, seed=0)
    with open_engine() as pool:
        data = data_set("squats", parts, identify(specs, pool).ids, dropped=dropped, made=made)
        export(Job(data=data, formats=[open_format("coco")], root=Path("data/squats")), pool)

`made` is what the card says of the design: summary, design, command, seed, versions. `python -m experiments.run
conf=export` does it from a config.
"""

from synth.export.dataset import DataSet, Item, Sample, data_set
from synth.export.errors import ExportError, FormatError, LeakedSplit, SplitError, VideoError
from synth.export.formats import FORMATS, Format, open_format
from synth.export.run import Job, export
from synth.export.splits import check_splits, split
from synth.export.video import Video

__all__ = [
    "FORMATS",
    "DataSet",
    "ExportError",
    "Format",
    "FormatError",
    "Item",
    "Job",
    "LeakedSplit",
    "Sample",
    "SplitError",
    "Video",
    "VideoError",
    "check_splits",
    "data_set",
    "export",
    "open_format",
    "split",
]
