"""The contract of real data: what a data set holds, split by split, and how one clip of it is read.

A reader is made of a folder and the data set's own lists. Nothing is skipped in silence: `listed` is what the lists
say, `missing` what of that is not on disk, `clips` what can be used (and it raises MissingRecordings unless the user
allowed gaps); `remarks` tells whatever else a person should know, such as files that no list names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np

from experiments.labels import labels
from experiments.recordings.errors import FrameCountError, MissingRecordings
from experiments.recordings.index import VideoIndex
from experiments.recordings.probe import Prober
from experiments.recordings.tree import Tree
from experiments.recordings.video import Decoding, VideoFacts, read_video
from synth.errors import UnknownName, find


@dataclass(frozen=True, kw_only=True)
class Recording:
    """One labelled clip.

    name: unique in its data set. label: index into the reader's classes, with its name; None where the data set keeps
    it to itself. group: clips of one group (person, source video) are no independent samples. frames: first and last
    frame of the file, from 0, both included; None for all. num_frames, fps: as the data set says, None where it does
    not. meta: whatever else is known, e.g. azimuth_deg in [0, 360).
    """

    name: str
    path: Path
    split: str
    label: int | None
    class_name: str | None
    group: str
    frames: tuple[int, int] | None = None
    num_frames: int | None = None
    fps: float | None = None
    meta: Mapping[str, Any] = field(default_factory=dict, hash=False)


class Recordings(Protocol):
    """A data set of recordings."""

    name: str
    title: str
    labels: str | None  # the set in conf/labels that `classes` is
    classes: Sequence[str]
    splits: Sequence[str]
    modality: str  # "rgb" | "skeleton"
    root: Path

    def listed(self, split: str) -> list[Recording]:
        """Every clip of a split, there or not. Raises UnknownName."""

    def missing(self, split: str) -> list[Recording]:
        """The clips whose file is not there."""

    def clips(self, split: str) -> list[Recording]:
        """The clips that can be read. Raises MissingRecordings where some are not there and that was not allowed."""

    def read(self, recording: Recording, indices: Sequence[int] | None = None) -> tuple[np.ndarray, float]:
        """rgb: uint8 (T, H, W, 3) sRGB; skeleton: float32 (T, 2, 25, 3) metres; and frames per second.

        indices: frames of the clip (0 is its first), in any order; None for all.
        """

    def facts(self, recording: Recording) -> VideoFacts:
        """What the recording's whole file holds; videos only."""

    def remarks(self) -> list[str]:
        """What a person should know of the folder beside the files that are missing."""


class Reader:
    """What readers share: splits, missing files. A subclass lists its clips in `_list(split)`."""

    name: ClassVar[str]
    title: ClassVar[str]
    modality: ClassVar[str] = "rgb"

    def __init__(self, root: Path | str, *, allow_missing: bool = False):
        self.root = Path(root)
        self.tree = Tree(self.root)
        self.allow_missing = allow_missing
        self.labels: str | None = None
        self._take_classes(())
        self.splits: tuple[str, ...] = ()
        self._listed: dict[str, list[Recording]] = {}

    def _list(self, split: str) -> list[Recording]:
        raise TypeError(f"{type(self).__name__} has no _list()")

    def listed(self, split: str) -> list[Recording]:
        """Every clip of a split, in the order of its list, there or not. Raises UnknownName."""
        if split not in self.splits:
            raise UnknownName(
                "split", split, self.splits, f"They are the lists that {self.name} has below {self.root}."
            )
        if split not in self._listed:
            self._listed[split] = self._list(split)
        return list(self._listed[split])

    def missing(self, split: str) -> list[Recording]:
        """The clips of a split whose file is not there."""
        return [clip for clip in self.listed(split) if not self.tree.has(clip.path)]

    def clips(self, split: str) -> list[Recording]:
        """The clips of a split whose file is there. Raises MissingRecordings unless `allow_missing`."""
        listed, missing = self.listed(split), self.missing(split)
        files = list(dict.fromkeys(clip.path for clip in missing))
        if missing and not self.allow_missing:
            raise MissingRecordings(self.name, split, files, len({c.path for c in listed}), self.root)
        gone = set(files)
        return [clip for clip in listed if clip.path not in gone]

    def remarks(self) -> list[str]:
        """What a person should know of the folder beside the files that are missing."""
        return []

    def _label(self, class_name: str, hint: str = "") -> int:
        """Index of a class; raises UnknownName with the nearest."""
        return find("class", class_name, self._column, hint)

    def _take_classes(self, classes: Iterable[str]) -> None:
        self.classes = tuple(classes)
        self._column = {name: index for index, name in enumerate(self.classes)}

    def _published(self, name: str) -> None:
        """Take the classes of a published set of conf/labels."""
        self.labels = name
        self._take_classes(labels(name).classes)


class VideoReader(Reader):
    """A reader of videos. Options of all of them:

    Args:
        root: the data set's folder.
        allow_missing: go on with the files that are there.
        square_pixels, conceal: see `video.Decoding`.
        index: file in which facts of the videos are kept; in `root` where None.
    """

    def __init__(
        self,
        root: Path | str,
        *,
        allow_missing: bool = False,
        square_pixels: bool = False,
        conceal: bool = False,
        index: Path | str | None = None,
    ):
        super().__init__(root, allow_missing=allow_missing)
        self.decoding = Decoding(square_pixels=square_pixels, conceal=conceal)
        self.index = VideoIndex(self.root, Path(index) if index else None, Prober(self.decoding))

    def facts(self, recording: Recording) -> VideoFacts:
        """What the recording's whole file holds, decoded once in a child process and remembered.

        Raises VideoError for a damaged file, VideoCrash for one that ends the child, FrameCountError where it has
        fewer frames than the list says.
        """
        facts = self.index.facts(recording.path)
        _check_count(recording, facts.num_frames)
        return facts

    def close(self) -> None:
        """Writes what `facts` has found and ends its child process; what was not written is only found again."""
        self.index.close()

    def read(self, recording: Recording, indices: Sequence[int] | None = None) -> tuple[np.ndarray, float]:
        """uint8 (T, H, W, 3) sRGB frames of the clip, and frames per second of its file.

        indices: frames of the clip, from 0, in any order and repeated as you like; None for all. Raises VideoError and
        FrameCountError.
        """
        first, last = recording.frames or (0, None)
        whole = None if last is None else range(first, last + 1)
        chosen = whole if indices is None else _within(recording, indices)
        frames, fps = read_video(recording.path, chosen, self.decoding)
        if chosen is None:
            _check_count(recording, len(frames))
        return frames, fps


def _within(recording: Recording, indices: Sequence[int]) -> list[int]:
    first, last = recording.frames or (0, None)
    beyond = [i for i in indices if i < 0 or (last is not None and first + i > last)]
    if beyond:
        count = "" if last is None else f" of {last - first + 1} frames"
        raise FrameCountError(f"{recording.name}: frame {beyond[0]} was asked for, of a clip{count} counted from 0")
    return [first + i for i in indices]


def _check_count(recording: Recording, found: int) -> None:
    """Raises FrameCountError where a whole file has another number of frames than its list says."""
    if recording.frames is not None and recording.frames[1] >= found:
        raise FrameCountError(
            f"{recording.path} has {found} frames; the list says that {recording.name} ends at frame "
            f"{recording.frames[1] + 1} (from 1): the file is another, or was cut off"
        )
    if recording.frames is None and recording.num_frames not in (None, found):
        raise FrameCountError(
            f"{recording.path} has {found} frames; the list says {recording.num_frames}: the file is another, or the "
            "list is wrong"
        )
