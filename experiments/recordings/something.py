"""Something-Something-V2: 220,847 clips of 174 actions with everyday objects (Goyal et al., ICCV 2017), at 12 fps.

    20bn-something-something-v2/<id>.webm           any folder of .webm
    labels/{labels,train,validation,test}.json      also with the prefix something-something-v2-

Traps: labels.json maps a class to its number *as text*; an entry's `template` marks placeholders with brackets
("Putting [something] on a surface"), the classes do not; entries of the test set have an id and no label. Who filmed a
clip is not told, so every clip is a group of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.recordings import lists
from experiments.recordings.base import Recording, VideoReader
from experiments.recordings.errors import RecordingsError
from synth.errors import UnknownName

SPLITS = ("train", "validation", "test")
PREFIX = "something-something-v2-"
_FOLDER = "20bn-something-something-v2"


class SomethingV2(VideoReader):
    """Splits train, validation and test, for each list that is there. Other options: see VideoReader.

    Args:
        videos: the folder of the videos, below `root`; found where it is the only one that holds any.
    """

    name = "something_something_v2"
    title = "Something-Something-V2"

    def __init__(self, root: Path | str, *, videos: str | None = None, **options):
        super().__init__(root, **options)
        self.list_folder = self.tree.folder(("labels", "."), "the folder labels of the lists")
        self._published("something_something_v2")
        self._check_numbers()
        self.splits = tuple(split for split in SPLITS if self.tree.has(self._file(split)))
        if not self.splits:
            raise RecordingsError(f"{self.list_folder} has none of {', '.join(f'{name}.json' for name in SPLITS)}")
        self.videos = self.root / videos if videos else self._find_videos()

    def _file(self, name: str) -> Path:
        plain = self.list_folder / f"{name}.json"
        return plain if self.tree.has(plain) else self.list_folder / f"{PREFIX}{name}.json"

    def _check_numbers(self) -> None:
        """The data set's own numbers must be the published ones."""
        path = self._file("labels")
        for name, number in lists.document(path, dict).items():
            label = self._label(name, f"It is named in {path}.")
            if str(number) != str(label):
                raise RecordingsError(f"{path} numbers {name!r} {number!r}; expected {label}, as published")

    def _find_videos(self) -> Path:
        places = [self.root, *self.tree.folders(self.root)]
        found = [folder for folder in places if self.tree.files(folder, frozenset({".webm"}))]
        if len(found) > 1:
            names = ", ".join(folder.name for folder in found)
            raise RecordingsError(f"{self.root}: several folders hold .webm files ({names}); say videos=NAME")
        return found[0] if found else self.root / _FOLDER

    def _list(self, split: str) -> list[Recording]:
        path = self._file(split)
        clips = [self._clip(path, number, entry, split) for number, entry in enumerate(lists.document(path, list))]
        lists.refuse_twice(path, [clip.name for clip in clips])
        return clips

    def _clip(self, path: Path, number: int, entry: Any, split: str) -> Recording:
        if not isinstance(entry, Mapping) or not str(entry.get("id", "")).isdigit():
            raise RecordingsError(f"{path}, entry {number}: {str(entry)[:120]}; expected an object with an id")
        template = entry.get("template")
        if template is None and split != "test":
            raise RecordingsError(f"{path}, entry {number} (id {entry['id']}) has no template; only the test set may")
        name = None if template is None else template.replace("[", "").replace("]", "")
        try:
            label = None if name is None else self._label(name)
        except UnknownName as error:
            raise RecordingsError(f"{path}, entry {number} (id {entry['id']}): {error}") from error
        told = {"label": "sentence", "placeholders": "placeholders"}
        return Recording(
            name=str(entry["id"]),
            path=self.videos / f"{entry['id']}.webm",
            split=split,
            label=label,
            class_name=name,
            group=str(entry["id"]),
            meta={ours: entry[theirs] for theirs, ours in told.items() if theirs in entry},
        )

    def remarks(self) -> list[str]:
        """Videos that no list names, and splits without a list."""
        named = {clip.path for split in self.splits for clip in self.listed(split)}
        found = self.tree.files(self.videos, frozenset({".webm"}))
        absent = [f"{name}.json is not in {self.list_folder}" for name in SPLITS if name not in self.splits]
        return absent + lists.left_out(found, named, self.root, "no list names")
