"""NTU RGB+D's skeletons: 56,880 recordings of 60 actions by 40 people from three cameras (Shahroudy et al., CVPR 2016).

    nturgb+d_skeletons/SsssCcccPpppRrrrAaaa.skeleton        setup, camera, person, repetition, action

Splits, as published: cross_subject_* trains on 20 of the people, cross_view_* on cameras 2 and 3. 302 recordings have
no usable skeleton; their names are in a list of the data set's authors (samples_with_missing_skeletons.txt), which
`exclude` takes.

Parity with Res-TCN (Kim and Reiter, CVPRW 2017): the authors' code took the *setup* for the person, so that its
"cross subject" (74.3 %) is another split, of which 33,094 clips train and 23,185 test instead of 39,889 and 16,390.
`subject_from="S"` reproduces it; `bodies="res_tcn"` its arrangement of bodies, and `drop_crowded=True` that recordings
are left out whose last frame has more than two.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from experiments.recordings import lists
from experiments.recordings.base import Reader, Recording
from experiments.recordings.errors import FrameCountError, ListError, RecordingsError
from experiments.recordings.skeleton_file import ACTORS, FPS, arrangement, read_skeleton
from synth.errors import UnknownName

TRAINING_SUBJECTS = frozenset({1, 2, 4, 5, 8, 9, 13, 14, 15, 16, 17, 18, 19, 25, 27, 28, 31, 34, 35, 38})
TRAINING_CAMERAS = frozenset({2, 3})
ACTIONS = 60
PUBLISHED = 56_880
SPLITS = ("cross_subject_train", "cross_subject_test", "cross_view_train", "cross_view_test")
_NAME = re.compile(r"S(?P<S>\d{3})C(?P<C>\d{3})P(?P<P>\d{3})R(?P<R>\d{3})A(?P<A>\d{3})")


class NTUSkeletons(Reader):
    """
    Args:
        root: the folder of the .skeleton files, or the one above it.
        subject_from: "P", the person, as published; "S", the setup, as Res-TCN's code had it.
        bodies: "file_order", "tracked" or "res_tcn"; see `skeleton_file`.
        drop_crowded: leave out recordings whose last frame has more than two bodies; reads every file to know.
        exclude: file with names of recordings to leave out, one a line.
        allow_missing: is there for the sake of one form; this data set has no list that files could be missing from.
    """

    name = "ntu60"
    title = "NTU RGB+D skeletons"
    modality = "skeleton"

    def __init__(
        self,
        root: Path | str,
        *,
        subject_from: str = "P",
        bodies: str = "file_order",
        drop_crowded: bool = False,
        exclude: Path | str | None = None,
        allow_missing: bool = False,
    ):
        super().__init__(root, allow_missing=allow_missing)
        if subject_from not in ("P", "S"):
            raise UnknownName("source of the subject", subject_from, ("P", "S"), "P: person, S: setup.")
        self.subject_from, self.drop_crowded = subject_from, drop_crowded
        self._arranged = arrangement(bodies)
        self._published("ntu60")
        self.splits = SPLITS
        self.folder = self.tree.folder(("nturgb+d_skeletons", "."), "the folder of .skeleton files")
        self.excluded = _names(Path(exclude)) if exclude else frozenset()
        self._others: list[Path] = []
        self._left_out: dict[str, list[str]] = {}
        self._everything = [self._clip(path, match) for path, match in self._usable()]

    def _usable(self) -> list[tuple[Path, re.Match]]:
        found = self.tree.files(self.folder, frozenset({".skeleton"}))
        if not found:
            raise RecordingsError(f"{self.folder} holds no .skeleton file; expected SsssCcccPpppRrrrAaaa.skeleton")
        matches = [(path, _NAME.fullmatch(path.stem)) for path in found]
        odd = [path for path, match in matches if match is None]
        if odd:
            raise RecordingsError(f"{odd[0]} is not named SsssCcccPpppRrrrAaaa.skeleton, as are {len(odd)} files")
        self._others = [path for path, match in matches if not 1 <= int(match["A"]) <= ACTIONS]
        gone = set(self._others)
        return [(path, match) for path, match in matches if path not in gone and path.stem not in self.excluded]

    def _clip(self, path: Path, match: re.Match) -> Recording:
        label, number = int(match["A"]) - 1, {key: int(match[key]) for key in "SCPR"}
        return Recording(
            name=path.stem,
            path=path,
            split="",
            label=label,
            class_name=self.classes[label],
            group=f"P{match['P']}",
            fps=FPS,
            meta={"setup": number["S"], "camera": number["C"], "person": number["P"], "repetition": number["R"]},
        )

    def _list(self, split: str) -> list[Recording]:
        by, _, part = split.rpartition("_")
        if by == "cross_view":
            known, key = TRAINING_CAMERAS, "camera"
        else:
            known, key = TRAINING_SUBJECTS, {"P": "person", "S": "setup"}[self.subject_from]
        inside = part == "train"
        clips = [replace(c, split=split) for c in self._everything if (c.meta[key] in known) == inside]
        if self.drop_crowded:
            crowded = [clip.name for clip in clips if len(read_skeleton(clip.path)[-1]) > ACTORS]
            self._left_out[split] = crowded
            clips = [clip for clip in clips if clip.name not in set(crowded)]
        return clips

    def read(self, recording: Recording, indices: Sequence[int] | None = None) -> tuple[np.ndarray, float]:
        """float32 (T, 2, 25, 3) metres in the sensor's frame (x to its left, y up, z away), and 30 frames per second.

        indices: frames, from 0, in any order; None for all. Absent bodies are zeros. Raises SkeletonError and
        FrameCountError.
        """
        joints = self._arranged(read_skeleton(recording.path))
        if indices is None:
            return joints, FPS
        chosen = [int(i) for i in indices]
        if not chosen or min(chosen) < 0 or max(chosen) >= len(joints):
            raise FrameCountError(f"{recording.path} has {len(joints)} frames, from 0; asked for were {chosen[:5]}")
        return joints[chosen], FPS

    def remarks(self) -> list[str]:
        """Recordings that are not there, or are left out."""
        said = []
        if len(self._everything) + len(self.excluded) < PUBLISHED:
            there = len(self._everything)
            said.append(f"{there} recordings are there; {PUBLISHED} were published, 302 of them unusable")
        if self.excluded:
            said.append(f"{len(self.excluded)} recordings are excluded by name")
        if self._others:
            said.append(f"{len(self._others)} recordings of actions beyond {ACTIONS} (NTU RGB+D 120) are not used")
        if self.subject_from == "S":
            said.append("cross_subject takes the setup for the person, as Res-TCN's code did: not the published split")
        for split, names in self._left_out.items():
            said.append(f"{split}: {len(names)} recordings end with more than two bodies and are left out")
        return said


def _names(path: Path) -> frozenset[str]:
    """Names of a list; lines before the first name are its heading (the published list has three)."""
    entries = lists.lines(path)
    names = [(line, entry.removesuffix(".skeleton")) for line, entry in entries]
    first = next((at for at, (_, name) in enumerate(names) if _NAME.fullmatch(name)), None)
    if first is None:
        raise RecordingsError(f"{path} names no recording; expected names such as S001C002P005R002A008, one a line")
    for line, name in names[first:]:
        if not _NAME.fullmatch(name):
            raise ListError(path, line, name, "a name such as S001C002P005R002A008")
    return frozenset(name for _, name in names[first:])
