"""Decoding of recordings: PyAV alone, frame by frame from the start, what is damaged refused.

- Index. Frame i is the i-th that the decoder gives. Headers are not believed: of 60 recordings that were looked at,
  five (AVIs of UCF101, HMDB51 and others) name one frame more than there is, and Matroska files name none. Seeking in
  AVI lands where it likes; so decoding always starts at the first frame, and frames that nobody asked for are decoded
  but not converted.
- Colour. Limited and full range and the matrix (BT.601, BT.709, BT.2020) are taken from the frame. Where a file says
  nothing of its matrix it is BT.601, as in FFmpeg and OpenCV, through which the published models saw their data.
- Quarter turns and mirrors that the header asks for (telephones) are carried out, as a player would.
- Sample aspect. Published data sets are used with pixels as stored, whatever their aspect, and so are they here;
  `Decoding(square_pixels=True)` widens or narrows the picture instead. `VideoFacts.pixel_aspect` tells which need it.
- Damage. FFmpeg conceals what it cannot decode: half a frame from the one before is a confounder. The decoder is told
  to stop at errors, and frames marked corrupt and files that end before their header says so are refused, unless
  `Decoding(conceal=True)`.

OpenCV is not used: one of the recordings corrupts its heap.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.sidedata.sidedata import Type
from av.video.reformatter import Interpolation, VideoReformatter

from experiments.recordings.errors import FrameCountError, VideoError

SLACK = 3  # frames by which headers of sound files are off: delays of B frames, roundings of time bases
# What recordings come in. FFmpeg knows more, among them lists (concat, HLS, DASH) that have it open other files.
FORMATS = "asf,avi,flv,h264,hevc,m4v,matroska,webm,mjpeg,mov,mp4,mpeg,mpegts,mpegvideo,nut,ogg,wav"
ONE = 1 << 16  # of a display matrix, which is in 16.16 fixed point


@dataclass(frozen=True)
class Decoding:
    """square_pixels: make pixels square, by their width. conceal: take damaged files as the codec mends them."""

    square_pixels: bool = False
    conceal: bool = False


AS_STORED = Decoding()


@dataclass(frozen=True, kw_only=True)
class VideoFacts:
    """What decoding a whole file found. width, height: pixels as `read_video` gives them. fps: mean over the file.

    pixel_aspect: width of a stored pixel by its height; 1.0 where the file does not say. rotation_deg: how far the
    stored picture was turned, counter-clockwise.
    """

    num_frames: int
    fps: float
    width: int
    height: int
    codec: str
    pixel_aspect: float = 1.0
    rotation_deg: int = 0


def read_video(
    path: Path, indices: Sequence[int] | None = None, decoding: Decoding = AS_STORED
) -> tuple[np.ndarray, float]:
    """uint8 (T, H, W, 3) sRGB, and frames per second. indices: which frames, 0-based, in any order and repeated as you
    like; None for all.

    Raises VideoError for a file that is missing, damaged or without video; FrameCountError for an index beyond its end.
    """
    wanted = None if indices is None else _checked(path, indices)
    last = None if wanted is None else max(wanted, default=-1)
    keep = None if wanted is None else set(wanted)
    taken: dict[int, np.ndarray] = {}
    with _Video(path, decoding) as video:
        count = 0
        for count, frame in enumerate(video.frames(last), start=1):
            if keep is None or count - 1 in keep:
                taken[count - 1] = video.picture(frame)
        fps = video.fps
    if last is not None and last >= count:
        raise FrameCountError(f"{path} has {count} frames; frame {last} (from 0) was asked for")
    chosen = range(count) if wanted is None else wanted
    return np.stack([taken[i] for i in chosen]), fps


def probe_video(path: Path, decoding: Decoding = AS_STORED) -> VideoFacts:
    """Decodes the whole file and tells what it is; raises VideoError as `read_video` does."""
    with _Video(path, decoding) as video:
        frames = video.frames()
        first = next(frames)
        count = 1 + sum(1 for _ in frames)
        height, width = video.picture(first).shape[:2]
        return VideoFacts(
            num_frames=count,
            fps=video.fps,
            width=width,
            height=height,
            codec=video.stream.codec_context.name,
            pixel_aspect=video.pixel_aspect,
            rotation_deg=first.rotation,
        )


def _checked(path: Path, indices: Sequence[int]) -> list[int]:
    chosen = [int(i) for i in indices]
    if not chosen or min(chosen) < 0:
        raise FrameCountError(f"{path}: frames {chosen[:5]} were asked for; expected at least one, counted from 0")
    return chosen


class _Video:
    """An open file: its frames one by one, checked, and their pictures."""

    def __init__(self, path: Path, decoding: Decoding):
        self.path, self.decoding = path, decoding
        self._reformatter = VideoReformatter()  # one for all frames: its tables are made once (8 x faster)

    def __enter__(self) -> _Video:
        try:
            self.container = av.open(str(self.path), options={"format_whitelist": FORMATS})
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise VideoError(f"{self.path}: {_why(self.path, error)}") from error
        try:
            self._choose_stream()
        except VideoError:
            self.container.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.container.close()

    def _choose_stream(self) -> None:
        if not self.container.streams.video:
            raise VideoError(f"{self.path} holds no video stream; expected a video")
        self.stream = self.container.streams.video[0]
        if self.stream.codec_context is None:
            raise VideoError(f"{self.path}: FFmpeg knows no decoder for its video; encode it anew, e.g. as H.264")
        self.stream.codec_context.thread_count = 1  # clips are read side by side; and one order of errors
        if not self.decoding.conceal:
            self.stream.codec_context.options = {"err_detect": "explode"}
        rate = self.stream.average_rate or self.stream.guessed_rate
        if not rate:
            raise VideoError(f"{self.path} does not say how many frames it has per second; encode it anew")
        self.fps = float(rate)
        self.pixel_aspect = float(self.stream.sample_aspect_ratio or 1)

    def frames(self, last: int | None = None) -> Iterator[av.VideoFrame]:
        """Decoded frames up to number `last`, or all of them; then the file's end is checked too."""
        count, end_s, size = 0, None, None
        try:
            for frame in self._decoded():
                size = size or (frame.width, frame.height)
                self._check_frame(frame, count, size)
                yield frame
                count, end_s = count + 1, frame.time
                if count - 1 == last:
                    return
        except av.error.FFmpegError as error:
            raise VideoError(f"{self.path}: cannot be decoded after frame {count} ({error}); {_WAY_OUT}") from error
        if not count:
            raise VideoError(f"{self.path}: not one frame can be decoded; {_WAY_OUT}")
        if not self.decoding.conceal:
            self._check_end(count, end_s)

    def _decoded(self) -> Iterator[av.VideoFrame]:
        for packet in self.container.demux(self.stream):
            try:
                yield from packet.decode()
            except av.error.InvalidDataError:
                if not self.decoding.conceal:
                    raise

    def _check_frame(self, frame: av.VideoFrame, number: int, size: tuple[int, int]) -> None:
        if frame.is_corrupt and not self.decoding.conceal:
            raise VideoError(f"{self.path}: frame {number} is damaged; {_WAY_OUT}")
        if (frame.width, frame.height) != size:
            raise VideoError(
                f"{self.path}: its size changes at frame {number} from {size[0]}x{size[1]} to "
                f"{frame.width}x{frame.height}; encode it anew with one size"
            )

    def _check_end(self, count: int, end_s: float | None) -> None:
        """A file that was cut off: its frames end, in number and in time, before its header says."""
        if end_s is None:
            return
        start_s = float((self.stream.start_time or 0) * self.stream.time_base)
        span = (end_s - start_s) * self.fps + 1  # frames' worth of time; skipped frames leave gaps in it
        declared = self.stream.frames
        if count < declared - SLACK and span < declared - SLACK:
            raise VideoError(f"{self.path}: {count} of the {declared} frames of its header are there; {_WAY_OUT}")
        length_s = self._length_s()
        if length_s is not None and span < length_s * self.fps - SLACK:
            raise VideoError(
                f"{self.path}: its {count} frames end after {span / self.fps:.2f} s of {length_s:.2f} s; {_WAY_OUT}"
            )

    def _length_s(self) -> float | None:
        if self.stream.duration:
            return float(self.stream.duration * self.stream.time_base)
        if self.container.duration and len(self.container.streams) == 1:  # sound may be longer than the picture
            return self.container.duration / av.time_base
        return None

    def picture(self, frame: av.VideoFrame) -> np.ndarray:
        """uint8 (H, W, 3) sRGB, upright."""
        width = frame.width
        if self.decoding.square_pixels:
            width = max(1, round(width * self.pixel_aspect))
        rgb = self._reformatter.reformat(
            frame,
            width=width,
            height=frame.height,
            format="rgb24",
            interpolation=Interpolation.BICUBIC if width != frame.width else None,
            threads=1,
        ).to_ndarray()
        return _upright(self.path, rgb, frame)


def _upright(path: Path, rgb: np.ndarray, frame: av.VideoFrame) -> np.ndarray:
    """Turns a picture by the display matrix, which takes (x, y) to (a x + c y, b x + d y)."""
    found = [bytes(data) for data in frame.side_data if data.type is Type.DISPLAYMATRIX]
    if not found:
        return rgb
    a, b, _, c, d = np.frombuffer(found[0], np.int32, count=5) / ONE
    if {abs(a), abs(d)} == {1.0} and b == c == 0:
        return rgb[:: int(d), :: int(a)]
    if {abs(b), abs(c)} == {1.0} and a == d == 0:
        return rgb.swapaxes(0, 1)[:: int(b), :: int(c)]
    raise VideoError(f"{path} is to be shown turned by {frame.rotation} degrees, no quarter turn; encode it anew")


_WAY_OUT = "fetch it again, or say conceal=true to take it as the codec mends it"


def _why(path: Path, error: Exception) -> str:
    if not path.exists():
        return "is not there"
    if path.is_file() and path.stat().st_size == 0:
        return "is empty (0 bytes); fetch it again"
    return f"cannot be opened as a video ({error}); fetch it again"
