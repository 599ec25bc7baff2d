"""The lossless codec of the clip store: UT Video in AVI through PyAV, RGB with alpha or without.

Compression must not become a confounder, so what is read is bit for bit what was written; and the same frames give
the same file, so that two runs can be compared by their bytes. UT Video is read four times and written three times as
fast as FFV1, which would make files 15 % smaller: a small network waits for its clips, nobody for the disk.
"""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from synth.errors import CeterisError

# By channels: the 8-bit layout in the file, one plane per channel.
PIXEL_FORMATS = {3: "gbrp", 4: "gbrap"}
# The planes in the order of our channels. OpenCV puts them together: PyAV's own conversion takes longer than the codec.
PLANES = {"gbrp": (2, 0, 1), "gbrap": (2, 0, 1, 3)}
BITEXACT = {"fflags": "+bitexact"}  # no random segment id, no encoder version


class ClipError(CeterisError):
    """Frames or a stored file that are not what a clip holds."""


def encode_video(frames: np.ndarray, fps: float) -> bytes:
    """The file of uint8 (T, H, W, 3) sRGB frames, or (T, H, W, 4) with alpha; raises ClipError for others."""
    if frames.dtype != np.uint8 or frames.ndim != 4 or frames.shape[-1] not in PIXEL_FORMATS or not len(frames):
        raise ClipError(f"frames must be uint8 (T, H, W, 3 or 4) with T > 0, got {frames.dtype} {frames.shape}")
    stored = PIXEL_FORMATS[frames.shape[-1]]
    content = io.BytesIO()
    with av.open(content, "w", format="avi", options=BITEXACT) as container:
        stream = container.add_stream("utvideo", rate=Fraction(fps).limit_denominator(1000))
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = stored
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        stream.codec_context.thread_count = 1
        for frame in frames:
            container.mux(stream.encode(_frame(frame, stored)))
        container.mux(stream.encode())
    return content.getvalue()


def _frame(pixels: np.ndarray, stored: str) -> av.VideoFrame:
    frame = av.VideoFrame(pixels.shape[1], pixels.shape[0], stored)
    for number, channel in zip(PLANES[stored], cv2.split(pixels), strict=True):
        _plane(frame, number)[:] = channel
    return frame


def _plane(frame: av.VideoFrame, number: int) -> np.ndarray:
    """(H, W) uint8: a channel of a frame, whose lines may be longer than the picture is wide."""
    plane = frame.planes[number]
    return np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: frame.height, : frame.width]


def _pixels(frame: av.VideoFrame) -> np.ndarray:
    """(H, W, 3 or 4) uint8 of a frame."""
    return cv2.merge([_plane(frame, number) for number in PLANES[frame.format.name]])


def read_video(content: bytes, path: Path) -> np.ndarray:
    """uint8 (T, H, W, 3) sRGB frames of a file's bytes, (T, H, W, 4) where they have alpha.

    path: the file, for words. Raises ClipError for bytes that cannot be decoded.
    """
    try:
        with av.open(io.BytesIO(content)) as container:
            container.streams.video[0].codec_context.thread_count = 1
            return np.stack([_pixels(frame) for frame in container.decode(video=0)])
    except (av.error.FFmpegError, IndexError, KeyError, ValueError) as error:
        raise ClipError(
            f"{path}: cannot be decoded ({error}); `python -m synth.clips verify` takes broken clips away"
        ) from error
