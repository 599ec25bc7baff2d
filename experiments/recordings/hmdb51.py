"""HMDB51: 6,766 clips of 51 actions from films and the web (Kuehne et al., ICCV 2011).

    <class>/<video>_<class>_<body>_<camera>_np<N>_<view>_<quality>_<number>.avi
    testTrainMulti_7030_splits/<class>_test_split<1|2|3>.txt        file, and 1 (training), 2 (test) or 0 (neither)

A clip's name codes what can be seen: body h(ead) u(pper) f(ull) l(ower), camera cm (moves) or nm, people, view fr(ont)
ba(ck) le(ft) ri(ght), quality. Front and back are given as azimuths 0 and 180 too; of left and right the paper does not
say whose left is meant. Clips of one film have one beginning of their names: it is the group.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from experiments.recordings import lists
from experiments.recordings.base import Recording, VideoReader
from experiments.recordings.errors import ListError, RecordingsError
from experiments.recordings.tree import VIDEO_SUFFIXES

_LIST = re.compile(r"(?P<class>.+)_test_split(?P<number>\d)\.txt")
_FILE = re.compile(
    r"(?P<video>.+)_(?P<body>[hufl])_(?P<camera>cm|nm)_np(?P<people>\d+)_(?P<view>fr|ba|le|ri)_"
    r"(?P<quality>bad|med|goo)_(?P<number>\d+)\.avi"
)
_VIEWS = {"fr": "front", "ba": "back", "le": "left", "ri": "right"}
_AZIMUTH_DEG = {"fr": 0.0, "ba": 180.0}
_BODY = {"h": "head", "u": "upper", "f": "full", "l": "lower"}
_SPLIT_OF = {"train": "1", "test": "2"}
ALL = "all"


class HMDB51(VideoReader):
    """Splits train1, test1 and so on where the split files are there, and all: every clip on disk."""

    name = "hmdb51"
    title = "HMDB51"

    def __init__(self, root: Path | str, **options):
        super().__init__(root, **options)
        self.videos = self.tree.folder(("hmdb51_org", "videos", "."), "class folders")
        self.list_folder = self.tree.folder(("testTrainMulti_7030_splits", "splits", "."), "the split files")
        self._published("hmdb51")
        self._lists = {
            (match["number"], match["class"]): path
            for path in self.tree.files(self.list_folder)
            if (match := _LIST.fullmatch(path.name))
        }
        numbers = sorted({number for number, _ in self._lists})
        for number in numbers:
            self._check_lists(number)
        self.splits = (*(f"{part}{number}" for number in numbers for part in _SPLIT_OF), ALL)

    def _check_lists(self, number: str) -> None:
        for _, name in self._lists:
            self._label(name, f"It is named by a split file in {self.list_folder}.")
        without = [name for name in self.classes if (number, name) not in self._lists]
        if without:
            raise RecordingsError(
                f"{self.list_folder}: split {number} lacks the files of {len(without)} of {len(self.classes)} classes "
                f"({', '.join(without[:5])}); fetch the split files again"
            )

    def _list(self, split: str) -> list[Recording]:
        if split == ALL:
            return [self._clip(path, ALL) for path in self._on_disk()]
        part, number, clips = split[:-1], split[-1], []
        for name in self.classes:
            path = self._lists[number, name]
            entries = [self._entry(path, line, entry) for line, entry in lists.lines(path)]
            lists.refuse_twice(path, [file for file, _ in entries])
            wanted = [file for file, use in entries if use == _SPLIT_OF[part]]
            clips += [self._clip(self.videos / name / file, split) for file in wanted]
        return clips

    def _entry(self, path: Path, line: int, entry: str) -> tuple[str, str]:
        file, _, use = entry.rpartition(" ")
        if use not in ("0", "1", "2") or not file.strip():
            raise ListError(path, line, entry, "FILE.avi and 0, 1 or 2")
        return file.strip(), use

    def _clip(self, path: Path, split: str) -> Recording:
        name = path.parent.name
        label = self._label(name, f"It is a folder of {self.videos}.")
        coded = _FILE.fullmatch(path.name)
        return Recording(
            name=f"{name}/{path.stem}",
            path=path,
            split=split,
            label=label,
            class_name=name,
            group=coded["video"].removesuffix(f"_{name}") if coded else path.stem,
            meta=_meta(coded) if coded else {},
        )

    def _on_disk(self) -> list[Path]:
        found = [path for folder in self._class_folders() for path in self.tree.files(folder, VIDEO_SUFFIXES)]
        if not found:
            raise RecordingsError(f"{self.videos} has no class folder with videos; expected <class>/<clip>.avi")
        return found

    def _class_folders(self) -> list[Path]:
        return [folder for folder in self.tree.folders(self.videos) if folder != self.list_folder]

    def remarks(self) -> list[str]:
        """Missing split files, videos that no list names, names that do not code a view."""
        found = self._on_disk()
        plain = [path for path in found if _FILE.fullmatch(path.name) is None]
        said = [] if self._lists else [f"no *_test_splitN.txt in {self.list_folder}: the only split is {ALL}"]
        if self._lists:  # both parts name fewer than all: 0 stands for neither
            named = {self.videos / name / self._entry(path, *entry)[0] for (_, name), path in self._lists.items()
                     for entry in lists.lines(path)}  # fmt: skip
            said += lists.left_out(found, named, self.root, "no split file names")
        return said + lists.left_out(plain, frozenset(), self.root, "code no view in their names")


def _meta(coded: re.Match) -> dict[str, Any]:
    view = coded["view"]
    return {
        "view": _VIEWS[view],
        "body": _BODY[coded["body"]],
        "static_camera": coded["camera"] == "nm",
        "people": int(coded["people"]),
        "quality": {"bad": "bad", "med": "medium", "goo": "good"}[coded["quality"]],
        **({"azimuth_deg": _AZIMUTH_DEG[view]} if view in _AZIMUTH_DEG else {}),
    }
