"""A recording as models are shown it: windows as long as the rendered clips, at the same rate, cut alike.

A window has as many frames as a rendered clip of the study, as far apart in time, so that each model picks from it what
it picks from those. Windows do not overlap; as many as fit are spread over the recording, up to a most. They are nested
in the recording, whose score is their mean: statistics count recordings.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from tqdm import tqdm

from experiments.models.errors import FlowError
from experiments.models.flow_files import between, find_flow, read_flow
from experiments.models.footage import Footage
from experiments.recordings.errors import RecordingsError
from experiments.recordings.probe import Prober
from experiments.recordings.video import Decoding, VideoFacts, read_video
from experiments.segmenters import Segmenter, SegmenterError
from experiments.segmenters.camera import CameraFacts, camera_facts
from experiments.verify.errors import RowError, TableError
from experiments.verify.preparing import Cut, Preparing, choose_cut
from experiments.verify.table import RealClip, Table

JUDGED = 9  # frames of each window, at most, on which box and camera are judged
NEARLY = 0.9  # of the wanted rate: a recording that is that near is taken frame by frame


@dataclass(frozen=True, kw_only=True)
class Shape:
    """Of the study's clips: frames, and frames per second."""

    num_frames: int
    fps: float


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A recording that can be shown. decoding: how it is read. windows: the frames of each, from 0. camera: of the
    window in which it is least still. paced: their rate over the study's; 1 unless the recording has too few frames per
    second. flow: where its flow lies, if it has any; flow_sum: SHA-256 of that."""

    clip: RealClip
    video: VideoFacts
    camera: CameraFacts
    cut: Cut
    decoding: Decoding
    windows: tuple[np.ndarray, ...]
    paced: float = 1.0
    flow: Path | None = None
    flow_sum: str = ""

    def footage(self, number: int, fps: float) -> Footage:
        """One window at the study's rate."""
        picks, box = self.windows[number], self.cut.box
        frames, _ = read_video(self.clip.path, picks.tolist(), self.decoding)
        flow = None if self.flow is None else box.cut(between(read_flow(self.flow), picks))
        return Footage(frames=box.cut(frames), flow=flow, fps=fps)

    @property
    def facts(self) -> dict:
        """Columns of a table."""
        row = {name: getattr(self.clip, name) for name in _OF_CLIP}
        row |= {name: getattr(self.video, name) for name in ("num_frames", "fps", "width", "height", "codec")}
        row |= {"camera_moves": self.camera.moves, "camera_shift_px": self.camera.shift_px, **self.cut.facts}
        return row | {"windows": len(self.windows), "paced": self.paced}


_OF_CLIP = ("file", "line", "activity", "person", "azimuth_deg", "azimuth_error_deg", "elevation_deg", "distance_m")


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """taken: in the order of the table. moving: files that were left out because their camera moves."""

    taken: tuple[Taken, ...]
    moving: tuple[str, ...] = field(default=())


def prepare(table: Table, shape: Shape, preparing: Preparing, segmenter: Segmenter | None = None) -> Prepared:
    """Decodes every recording once, in a child process, and finds its windows, box and camera.

    Raises RowError for one that cannot be decoded, is too short or too coarse in time, or in which no person was found;
    TableError where none is left.
    """
    taken, moving = [], []
    with Prober(preparing.decoding) as prober:
        for clip in tqdm(table.clips, desc="look at recordings", unit="file", disable=None):
            found = _take(table.path, clip, shape, preparing, segmenter, prober)
            if found is None:
                moving.append(clip.file)
            else:
                taken.append(found)
    if not taken:
        raise TableError(f"{table.path}: the cameras of all {len(moving)} recordings move; use camera=any")
    return Prepared(taken=tuple(taken), moving=tuple(moving))


def _take(
    table: Path, clip: RealClip, shape: Shape, preparing: Preparing, segmenter: Segmenter | None, prober: Prober
) -> Taken | None:
    """None where its camera moves and must not."""
    try:
        video = prober.facts(clip.path)
        found = windows(video.num_frames, video.fps, shape, preparing.windows)
        shown = _shown(clip.path, found, preparing.decoding)
        camera = min((camera_facts(frames) for frames in shown), key=lambda facts: (not facts.moves, facts.still))
        if camera.moves and preparing.camera == "still":
            return None
        cut = choose_cut(np.concatenate(shown), preparing, segmenter)
        flow, flow_sum = _flow(clip, video, shown[0].shape[1:3], preparing)
    except (RecordingsError, SegmenterError, FlowError) as error:
        raise RowError(table, clip.line, str(error)) from error
    paced = min(1.0, video.fps / shape.fps)
    how = {"decoding": preparing.decoding, "windows": tuple(found), "paced": paced, "flow": flow, "flow_sum": flow_sum}
    return Taken(clip=clip, video=video, camera=camera, cut=cut, **how)


def _flow(clip: RealClip, video: VideoFacts, size: tuple[int, int], preparing: Preparing) -> tuple[Path | None, str]:
    """Where a recording's flow lies, and its SHA-256; raises FlowError for one that is not the recording's."""
    if preparing.flow is None:
        return None, ""
    path = find_flow(Path(preparing.flow), Path(clip.file).with_suffix("").as_posix())
    flow = read_flow(path)
    if len(flow) not in (video.num_frames - 1, video.num_frames) or flow.shape[1:3] != size:
        raise FlowError(
            f"{path} holds {len(flow)} fields of {flow.shape[2]} x {flow.shape[1]}; expected {video.num_frames - 1} of "
            f"{size[1]} x {size[0]}, one from each frame of the recording to the next"
        )
    return path, hashlib.sha256(flow).hexdigest()


def _shown(path: Path, found: Sequence[np.ndarray], decoding: Decoding) -> list[np.ndarray]:
    """Of each window up to JUDGED frames, uint8 (T, H, W, 3): nothing else of a recording is shown to models, and a
    camera that was moved in between does no harm."""
    picks = [row[np.unique(np.linspace(0, len(row) - 1, JUDGED).round().astype(int))] for row in found]
    frames, _ = read_video(path, np.concatenate(picks).tolist(), decoding)
    return np.split(frames, np.cumsum([len(row) for row in picks])[:-1])


def windows(num_frames: int, fps: float, shape: Shape, most: int) -> list[np.ndarray]:
    """The frames of each window of a recording: as many as fit without overlapping, at most `most`, spread evenly; a
    single one lies in the middle. Raises RecordingsError for a recording that is too short or too coarse."""
    step = fps / shape.fps
    if step < NEARLY:
        raise RecordingsError(
            f"it has {fps:g} frames per second, and the models are shown {shape.fps:g}; film it faster, or set "
            f"study.clip.fps={fps:g} if the models allow it"
        )
    picks = np.rint(np.arange(shape.num_frames) * max(step, 1.0)).astype(int)
    length = int(picks[-1]) + 1
    if num_frames < length:
        raise RecordingsError(
            f"it has {num_frames} frames ({num_frames / fps:.1f} s), and the models are shown {length} ("
            f"{length / fps:.1f} s); film it longer, or ask models that are shown less"
        )
    count = min(most, num_frames // length)
    spare = num_frames - length
    starts = [spare // 2] if count == 1 else np.linspace(0, spare, count).round().astype(int)
    return [start + picks for start in starts]


def keys(taken: Sequence[Taken], shape: Shape) -> Iterator[tuple[Taken, list[str]]]:
    """Each recording with a key for each of its windows: equal keys mean equal pixels."""
    for one in taken:
        with one.clip.path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        yield one, [hashlib.sha256(_text(content, one, row, shape).encode()).hexdigest()[:20] for row in one.windows]


def _text(content: str, one: Taken, window: np.ndarray, shape: Shape) -> str:
    flow = f" {one.flow_sum}" if one.flow_sum else ""
    return f"{content} {window.tolist()} {one.cut.box} {one.decoding} {shape.fps}{flow}"
