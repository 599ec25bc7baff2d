"""KTH: six actions by 25 people in four settings, grey, 160 x 120, 25 fps (Schuldt, Laptev and Caputo, ICPR 2004).

    <action>/personNN_<action>_dN_uncomp.avi        (or all in one folder)
    00sequences.txt                                 where in each video the action is performed

A clip is one performance: a range of frames of 00sequences.txt, which counts from 1 and includes the last: 2,391.
Traps of that file: CR LF, one or two tabs, stray spaces, blank lines, ranges out of their order or that share a frame,
and one sequence that it calls *missing* itself.
Setting d1 is outdoors, d2 with changes of distance, d3 in other clothes, d4 indoors.

Splits: train and test are subjects 1 to 16 and 17 to 25, as in "Interpreting Video Features" (Mänttäri et al., ACCV
2020); official_train, official_validation and official_test those of the data set's authors.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from pathlib import Path

from experiments.recordings import lists
from experiments.recordings.base import Recording, VideoReader
from experiments.recordings.errors import FIRST, ListError
from experiments.recordings.tree import VIDEO_SUFFIXES

FPS = 25.0
SEQUENCES = "00sequences.txt"
SUBJECTS = {
    "train": frozenset(range(1, 17)),
    "test": frozenset(range(17, 26)),
    "official_train": frozenset(range(11, 19)),
    "official_validation": frozenset({1, 4, 19, 20, 21, 23, 24, 25}),
    "official_test": frozenset({2, 3, 5, 6, 7, 8, 9, 10, 22}),
}
SETTINGS = {"d1": "outdoors", "d2": "outdoors, scale varies", "d3": "outdoors, other clothes", "d4": "indoors"}
_LINE = re.compile(r"(?P<name>person(?P<person>\d\d)_(?P<action>[a-z]+)_(?P<setting>d[1-4]))\s+(?P<rest>.*)")
_RANGES = re.compile(r"frames\s+(\d+-\d+(?:\s*,\s*\d+-\d+)*)")
_FORM = "personNN_ACTION_dN, 'frames' and ranges such as 1-95, 96-185"


class KTH(VideoReader):
    """Options: see VideoReader."""

    name = "kth"
    title = "KTH actions"

    def __init__(self, root: Path | str, **options):
        super().__init__(root, **options)
        self._published("kth")
        self.splits = tuple(SUBJECTS)
        self._not_recorded: list[str] = []
        self._everything = self._sequences(self.root / SEQUENCES)

    def _sequences(self, path: Path) -> list[tuple[int, Recording]]:
        """(subject, clip) of all clips."""
        found, names = [], []
        for line, entry in lists.lines(path):
            match = _LINE.fullmatch(entry)
            if match is None:
                raise ListError(path, line, entry, _FORM)
            names.append(match["name"])
            if match["rest"] == "*missing*":
                self._not_recorded.append(match["name"])
                continue
            found += [(int(match["person"]), clip) for clip in self._clips_of(path, line, match)]
        lists.refuse_twice(path, names)
        return found

    def _clips_of(self, path: Path, line: int, match: re.Match) -> list[Recording]:
        label = self._label(match["action"], f"It is named in {path}, line {line}.")
        return [
            Recording(
                name=f"{match['name']}#{number}",
                path=self._file(match["action"], match["name"]),
                split="",
                label=label,
                class_name=match["action"],
                group=f"person{match['person']}",
                frames=frames,
                num_frames=frames[1] - frames[0] + 1,
                fps=FPS,
                meta={"setting": SETTINGS[match["setting"]], "performance": number},
            )
            for number, frames in enumerate(_ranges(path, line, match["rest"]), start=1)
        ]

    def _file(self, action: str, name: str) -> Path:
        flat = self.root / f"{name}_uncomp.avi"
        return flat if self.tree.has(flat) else self.root / action / flat.name

    def _list(self, split: str) -> list[Recording]:
        return [replace(clip, split=split) for person, clip in self._everything if person in SUBJECTS[split]]

    def remarks(self) -> list[str]:
        """Sequences that the data set itself lacks, and videos that are not in its list."""
        named = {clip.path for _, clip in self._everything}
        folders = [self.root, *self.tree.folders(self.root)]
        found = [path for folder in folders for path in self.tree.files(folder, VIDEO_SUFFIXES)]
        said = [f"{SEQUENCES} itself calls {name} missing" for name in self._not_recorded]
        pairs = itertools.pairwise(sorted((clip for _, clip in self._everything), key=lambda c: (c.path, c.frames)))
        shared = [b.name for a, b in pairs if a.path == b.path and b.frames[0] <= a.frames[1]]
        if shared:
            said.append(f"{len(shared)} clips share frames with the one before: {', '.join(shared[:FIRST])}, ...")
        return said + lists.left_out(found, named, self.root, f"{SEQUENCES} does not name")


def _ranges(path: Path, line: int, text: str) -> list[tuple[int, int]]:
    """First and last frame of each performance, from 0, both included."""
    match = _RANGES.fullmatch(text.strip())
    if match is None:
        raise ListError(path, line, text, _FORM)
    ranges = [tuple(int(n) for n in part.split("-")) for part in match[1].replace(" ", "").split(",")]
    if any(not 0 < first <= last for first, last in ranges):
        raise ListError(path, line, text, "ranges from a frame, counted from 1, to a later one")
    return [(first - 1, last - 1) for first, last in ranges]
