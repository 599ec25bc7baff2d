"""The errors of real data: each names the file, what was found, what was expected and the way out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from synth.errors import CeterisError

FIRST = 5


class RecordingsError(CeterisError):
    """A folder, a list or an option of a data set that is not what its reader needs."""


class ListError(RecordingsError):
    """A line of a data set's own list that cannot be read."""

    def __init__(self, path: Path, line: int, got: object, expected: str):
        super().__init__(f"{path}, line {line}: {str(got)[:120]!r}; expected {expected}")


class MissingRecordings(RecordingsError):
    """Files that a list names and that are not there: how many, the first of them, and where they were looked for."""

    def __init__(self, name: str, split: str, missing: Sequence[Path], listed: int, root: Path):
        self.missing = tuple(missing)
        first = ", ".join(str(p.relative_to(root) if p.is_relative_to(root) else p) for p in missing[:FIRST])
        more = ", ..." if len(missing) > FIRST else ""
        super().__init__(
            f"{name}, split {split}: {len(missing)} of {listed} files are missing below {root}: {first}{more}; put "
            "them there, or say allow_missing=true to go on with those that are there"
        )


class VideoError(RecordingsError):
    """A video that cannot be decoded, or only in part; names the file."""


class VideoCrash(VideoError):
    """A video whose decoding ended the process, or did not come to an end; names the file."""


class FrameCountError(RecordingsError):
    """A video, or a clip of one, with another number of frames than its list says, or than was asked for."""


class SkeletonError(RecordingsError):
    """A skeleton file that is damaged or holds no NTU skeleton; names the file and the frame."""
