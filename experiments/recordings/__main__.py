"""The command line of real data.

    python -m experiments.recordings                                      the data sets that can be read
    python -m experiments.recordings list ucf101 root=DIR                 classes, clips per split, missing files
    python -m experiments.recordings list folders root=DIR labels=ucf101  with an option of the reader
    python -m experiments.recordings probe ucf101 root=DIR                decode every file, in a child process

`probe` names damaged files and fills the index of frames. Exit code: 0; 1 where files are missing or damaged; 2 for a
mistake.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from experiments.recordings.base import Recordings
from experiments.recordings.errors import FIRST, FrameCountError, RecordingsError, VideoError
from experiments.recordings.sources import SOURCES, open_recordings, options, reader
from synth.errors import CeterisError, find

_VALUES = {"true": True, "false": False}


def _list(data: Recordings) -> int:
    listed = {split: data.listed(split) for split in data.splits}
    missing = {split: data.missing(split) for split in data.splits}
    counts = {split: Counter(clip.class_name for clip in clips) for split, clips in listed.items()}
    gone = {split: Counter(clip.class_name for clip in clips) for split, clips in missing.items()}
    labels = f", labels {data.labels}" if data.labels else ""
    _say(f"{data.name}: {data.title}, {len(data.classes)} classes{labels}, in {data.root}")
    names = [*data.classes, *[None] * any(None in counts[split] for split in data.splits)]
    width = max(len(str(name)) for name in names) + 2
    _say("clips there of clips listed")
    columns = {split: max(14, len(split) + 2) for split in data.splits}
    _say("class".ljust(width) + "".join(split.rjust(columns[split]) for split in data.splits))
    for name in names:
        _say(_row(name or "(no label)", width, columns, {s: (counts[s][name], gone[s][name]) for s in columns}))
    _say(_row("all", width, columns, {s: (len(listed[s]), len(missing[s])) for s in columns}))
    for split, clips in missing.items():
        files = list(dict.fromkeys(_below(data.root, clip.path) for clip in clips))
        if files:
            first = ", ".join(files[:FIRST]) + (", ..." if len(files) > FIRST else "")
            _say(f"missing in {split}: {len(files)} files, expected below {data.root}: {first}")
    for remark in data.remarks():
        _say(f"remark: {remark}")
    return 1 if any(missing.values()) else 0


def _below(root: Path, path: Path) -> str:
    return str(path.relative_to(root) if path.is_relative_to(root) else path)


def _row(name: str, width: int, columns: dict[str, int], cells: dict[str, tuple[int, int]]) -> str:
    shown = {split: f"{total - gone} of {total}" for split, (total, gone) in cells.items()}
    return name.ljust(width) + "".join(shown[split].rjust(columns[split]) for split in columns)


def _probe(data: Recordings) -> int:
    if data.modality != "rgb":
        raise RecordingsError(f"{data.name} holds no videos; probe decodes videos")
    gone = {clip.path for split in data.splits for clip in data.missing(split)}
    there = [clip for split in data.splits for clip in data.listed(split) if clip.path not in gone]
    clips = {clip.path: clip for clip in sorted(there, key=lambda clip: clip.frames or (0, 0))}  # the last of each file
    bad, frames = 0, 0
    try:
        for clip in tqdm(clips.values(), desc="probe", unit="file", disable=None):
            try:
                frames += data.facts(clip).num_frames
            except (VideoError, FrameCountError) as error:
                bad += 1
                _say(f"{type(error).__name__}: {error}")
    finally:
        data.close()
    _say(f"{len(clips)} files, {bad} of them damaged; {frames} frames in the others")
    return 1 if bad else 0


COMMANDS = {"list": _list, "probe": _probe}


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def _usage() -> None:
    _say(__doc__.strip())
    for name in SOURCES:
        _say(f"  {name:22s} {reader(name).title}; options: {', '.join(options(name))}")


def _run(arguments: Sequence[str]) -> int:
    words = [part for part in arguments if "=" not in part]
    given = dict(part.split("=", 1) for part in arguments if "=" in part)
    if len(words) != 2 or "root" not in given:
        _usage()
        return 2 if arguments else 0
    command = find("command", words[0], COMMANDS)
    root = given.pop("root")
    return command(open_recordings(words[1], root, **{key: _VALUES.get(v, v) for key, v in given.items()}))


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    try:
        return _run(sys.argv[1:] if arguments is None else arguments)
    except CeterisError as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
