"""The lossless codec of the clip store: FFV1 in Matroska through PyAV, in an RGB pixel format, with alpha or without.

Compression must not become a confounder, so what is read is bit for bit what was written; and the same frames give
the same file, so that two runs can be compared by their bytes.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from synth.errors import CeterisError

# By channels: the 8-bit layouts that FFV1 keeps losslessly, and ours.
PIXEL_FORMATS = {3: ("bgr0", "rgb24"), 4: ("bgra", "rgba")}
# Their order becomes ours by OpenCV: PyAV's own conversion of what is read takes longer than the codec.
TO_OURS = {"bgr0": cv2.COLOR_BGRA2RGB, "bgra": cv2.COLOR_BGRA2RGBA}
BITEXACT = {"fflags": "+bitexact"}  # no random segment id, no encoder version


class ClipError(CeterisError):
    """Frames or a stored file that are not what a clip holds."""


def write_video(path: Path, frames: np.ndarray, fps: float) -> None:
    """Write uint8 (T, H, W, 3) sRGB frames, or (T, H, W, 4) with alpha; raises ClipError for others."""
    if frames.dtype != np.uint8 or frames.ndim != 4 or frames.shape[-1] not in PIXEL_FORMATS or not len(frames):
        raise ClipError(f"frames must be uint8 (T, H, W, 3 or 4) with T > 0, got {frames.dtype} {frames.shape}")
    stored, ours = PIXEL_FORMATS[frames.shape[-1]]
    with av.open(str(path), "w", format="matroska", options=BITEXACT) as container:
        stream = container.add_stream("ffv1", rate=Fraction(fps).limit_denominator(1000))
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = stored
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        stream.codec_context.thread_count = 1
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format=ours)))
        container.mux(stream.encode())


def _pixels(frame: av.VideoFrame) -> np.ndarray:
    """(H, W, 3 or 4) uint8 of a frame."""
    if frame.format.name not in TO_OURS:
        return frame.to_ndarray(format="rgb24")
    plane = frame.planes[0]
    rows = np.frombuffer(plane, np.uint8).reshape(frame.height, plane.line_size // 4, 4)  # may be longer than the width
    return cv2.cvtColor(rows[:, : frame.width], TO_OURS[frame.format.name])


def read_video(path: Path) -> np.ndarray:
    """uint8 (T, H, W, 3) sRGB frames, (T, H, W, 4) where they have alpha; raises ClipError for a file that cannot be
    decoded."""
    try:
        with av.open(str(path)) as container:
            container.streams.video[0].codec_context.thread_count = 1
            return np.stack([_pixels(frame) for frame in container.decode(video=0)])
    except (av.error.FFmpegError, IndexError, ValueError) as error:
        raise ClipError(f"{path}: cannot be decoded ({error}); delete the clip's folder and run again") from error
