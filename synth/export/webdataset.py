"""WebDataset's layout (Aizman, Maltby and Breuel 2019): shards of TAR files that are read from end to end.

    train-000000.tar                <id>.mp4  <id>.cls  <id>.json  and what else was asked for, as <id>.joints.npy
    classes.json                    the classes by label

Clips of a split lie in the order of their ids, which are hashes: shuffled, once and for all. Until its shard is written
a clip waits as a piece of TAR, and a shard is pieces put together.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from synth.clips import PASSES
from synth.errors import find
from synth.export.dataset import DataSet, Item, Sample
from synth.export.errors import ExportError
from synth.export.files import Files
from synth.export.formats import Format, whole

PIECES = "pieces"
_END = b"\0" * 1024  # two empty blocks end an archive


@dataclass(frozen=True, kw_only=True)
class WebDataset(Format):
    """clips_per_shard: at most. arrays: passes that go along as NPY files, of `synth.clips.PASSES`."""

    clips_per_shard: int = 256
    arrays: tuple[str, ...] = ("joints",)

    name = "webdataset"
    title = "WebDataset: shards of TAR files"

    def __post_init__(self):
        whole("options.webdataset.clips_per_shard", self.clips_per_shard, 1, 1_000_000)
        if not isinstance(self.arrays, list | tuple):
            raise ExportError(f"options.webdataset.arrays = {self.arrays!r}; expected a list of passes")
        object.__setattr__(self, "arrays", tuple(self.arrays))
        for name in self.arrays:
            find("pass", name, PASSES)

    @property
    def passes(self) -> tuple[str, ...]:
        """The frames, and what goes along."""
        return tuple(dict.fromkeys(("frames", *self.arrays)))

    @property
    def settings(self) -> dict:
        """The options, JSON-able."""
        return {"clips_per_shard": self.clips_per_shard, "arrays": list(self.arrays)}

    def add(self, sample: Sample, files: Files) -> dict:
        """The clip's piece of TAR."""
        item = sample.item
        members = {"mp4": sample.mp4, "cls": str(item.label).encode(), "json": json.dumps(item.facts).encode()}
        members |= {f"{name}.npy": _npy(sample.arrays[name]) for name in self.arrays}
        piece = b"".join(_member(f"{item.id}.{ending}", content) for ending, content in members.items())
        files.write(_piece(item), piece)
        return {"bytes": len(piece)}

    def finish(self, data: DataSet, notes: Mapping[str, Mapping], files: Files) -> None:
        """The shards that are not there yet, and the classes; pieces go when all shards are there."""
        for split in data.splits:
            members = sorted(data.of_split(split), key=lambda item: item.id)
            for number, start in enumerate(range(0, len(members), self.clips_per_shard)):
                name = f"{split}-{number:06d}.tar"
                part = members[start : start + self.clips_per_shard]
                if not files.path(name).exists():
                    _join(part, name, files)
                for item in part:
                    files.path(_piece(item)).unlink(missing_ok=True)
        for folder in sorted(files.path(PIECES).glob("*")):
            folder.rmdir()
        if files.path(PIECES).exists():
            files.path(PIECES).rmdir()
        files.write("classes.json", json.dumps(list(data.classes)) + "\n")


def _join(items: Sequence[Item], name: str, files: Files) -> None:
    with files.open(name) as shard:
        for item in items:
            try:
                shard.write(files.path(_piece(item)).read_bytes())
            except FileNotFoundError as error:
                raise ExportError(
                    f"the shard {files.path(name)} is gone, and so are the clips it was made of; delete the data set "
                    "and make it anew"
                ) from error
        shard.write(_END)


def _piece(item: Item) -> str:
    return f"{PIECES}/{item.id[:2]}/{item.id}"


def _member(name: str, content: bytes) -> bytes:
    """Header, content and padding of one file in a TAR; without times and owners, so that the same gives the same."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), 0o644
    return info.tobuf(tarfile.USTAR_FORMAT) + content + b"\0" * (-len(content) % tarfile.BLOCKSIZE)


def _npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(array), allow_pickle=False)
    return buffer.getvalue()
