"""UCF101: 13,320 clips of 101 actions, in three splits by group (Soomro, Zamir and Shah, arXiv 1212.0402).

    UCF-101/<Class>/v_<Class>_gNN_cNN.avi
    ucfTrainTestlist/{classInd,trainlist01,testlist01,...}.txt

Traps: the lists' lines end with CR LF; class numbers count from 1; the class HandstandPushups has files named
v_HandStandPushups_*, and copies of the data set exist that spell them like the class: a file is found in either
spelling. Clips of one group are cut from one video, so groups are the clusters; a number means another group in each
class.
"""

from __future__ import annotations

import re
from pathlib import Path

from experiments.recordings import lists
from experiments.recordings.base import Recording, VideoReader
from experiments.recordings.errors import ListError, RecordingsError
from experiments.recordings.tree import VIDEO_SUFFIXES
from synth.errors import UnknownName

_LIST = re.compile(r"(train|test)list(\d\d)\.txt")
_ENTRY = re.compile(r"(?P<folder>[^/]+)/(?P<file>v_[^/]+_(?P<group>g\d+)_(?P<clip>c\d+)\.avi)(?:\s+(?P<number>\d+))?")
_FORM = "CLASS/v_CLASS_gNN_cNN.avi, and in training lists the class's number"


class UCF101(VideoReader):
    """Splits train01, test01 and so on, for each list that is there. Options: see VideoReader."""

    name = "ucf101"
    title = "UCF101"

    def __init__(self, root: Path | str, **options):
        super().__init__(root, **options)
        self.videos = self.tree.folder(("UCF-101", "."), "the folder UCF-101 of class folders")
        self.list_folder = self.tree.folder(("ucfTrainTestlist", "."), "the folder ucfTrainTestlist of the lists")
        self._published("ucf101")
        self._check_numbers(self.list_folder / "classInd.txt")
        found = [_LIST.fullmatch(path.name) for path in self.tree.files(self.list_folder)]
        self.splits = tuple(f"{m[1]}{m[2]}" for m in sorted(filter(None, found), key=lambda m: (m[2], m[1] == "test")))
        if not self.splits:
            raise RecordingsError(f"{self.list_folder} has no trainlistNN.txt or testlistNN.txt")

    def _check_numbers(self, path: Path) -> None:
        """The data set's own numbers must be the published ones."""
        for line, entry in lists.lines(path):
            number, _, name = entry.partition(" ")
            if name not in self.classes:
                raise UnknownName("class of UCF101", name, self.classes, f"It is named in {path}, line {line}.")
            if number != str(self.classes.index(name) + 1):
                raise ListError(path, line, entry, f"'{self.classes.index(name) + 1} {name}', as published")

    def _list(self, split: str) -> list[Recording]:
        path = self.list_folder / f"{split[:-2]}list{split[-2:]}.txt"
        clips = [self._entry(path, line, entry, split) for line, entry in lists.lines(path)]
        lists.refuse_twice(path, [clip.name for clip in clips])
        return clips

    def _entry(self, path: Path, line: int, entry: str, split: str) -> Recording:
        match = _ENTRY.fullmatch(entry)
        if match is None:
            raise ListError(path, line, entry, _FORM)
        label = self._label(match["folder"], f"It is named in {path}, line {line}.")
        if match["number"] not in (None, str(label + 1)):
            raise ListError(path, line, entry, f"number {label + 1}, which is {match['folder']} in classInd.txt")
        return Recording(
            name=f"{match['folder']}/{Path(match['file']).stem}",
            path=self.tree.nearest(self.videos / match["folder"] / match["file"]),
            split=split,
            label=label,
            class_name=match["folder"],
            group=f"{match['folder']}/{match['group']}",
        )

    def remarks(self) -> list[str]:
        """Videos that no list names."""
        named = {clip.path for split in self.splits for clip in self.listed(split)}
        folders = self.tree.folders(self.videos)
        found = [path for folder in folders for path in self.tree.files(folder, VIDEO_SUFFIXES)]
        return lists.left_out(found, named, self.root, "no list names")
