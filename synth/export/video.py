"""Videos of data sets: H.264 in MP4, MPEG-4 in AVI, or without loss, through PyAV.

Studies keep their frames losslessly; data sets are kept as people train on them, small and with loss, unless they ask
for none. What loses what:

    h264      8-bit 4:2:0, BT.601, limited range, and said so in the file; crf 0 is the best and still 4:2:0
    vp9       the same, by VP9; free of patents, slower
    lossless  H.264's RGB profile, bit for bit; large, and not every hardware decoder takes it

AVI, which UCF101 comes in, holds MPEG-4 part 2 as the original does (or, without loss, FFV1). The same frames give the
same bytes.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np

from synth.errors import find
from synth.export.errors import VideoError

BT601, LIMITED, SRGB_PRIMARIES = 6, 1, 1  # numbers of ISO/IEC 23001-8


@dataclass(frozen=True)
class Codec:
    """encoder: FFmpeg's name. stored: pixel format. settings: of the encoder. quality: what our crf is to it."""

    encoder: str
    stored: str
    settings: tuple[tuple[str, str], ...] = ()
    quality: str = "crf"
    lossy: bool = True


CODECS = {
    "h264": Codec("libx264", "yuv420p", (("preset", "veryfast"),)),
    "vp9": Codec("libvpx-vp9", "yuv420p", (("b", "0"), ("cpu-used", "4"), ("deadline", "good"))),
    "lossless": Codec("libx264rgb", "rgb24", (("preset", "veryfast"), ("qp", "0")), lossy=False),
}
AVI = {
    True: Codec("mpeg4", "yuv420p", (), quality="quantiser"),
    False: Codec("ffv1", "bgr0", (), lossy=False),
}


@dataclass(frozen=True, kw_only=True)
class Video:
    """codec: one of CODECS. crf: 0 (best) to 51, of what is lossy. Raises UnknownName, VideoError."""

    codec: str = "h264"
    crf: int = 18

    def __post_init__(self):
        find("codec", self.codec, CODECS)
        if isinstance(self.crf, bool) or not isinstance(self.crf, int) or not 0 <= self.crf <= 51:
            raise VideoError(f"video.crf = {self.crf!r}; expected a whole number from 0 (best) to 51")

    @property
    def lossy(self) -> bool:
        """Whether pixels change."""
        return CODECS[self.codec].lossy

    @property
    def settings(self) -> dict:
        """For cards and digests."""
        return {"codec": self.codec, "lossy": self.lossy} | ({"crf": self.crf} if self.lossy else {})

    def check(self, width: int, height: int) -> None:
        """Raises VideoError for a size that the codec cannot take."""
        if self.lossy and (width % 2 or height % 2):
            raise VideoError(
                f"pictures of {width} x {height} pixels: {self.codec} halves the colours' width and height, which must "
                "be even; change the size, or set video.codec to lossless"
            )

    def encode(self, frames: np.ndarray, fps: float, container: str) -> bytes:
        """A file of (T, H, W, 3) uint8 sRGB frames. container: "mp4" or "avi"."""
        self.check(frames.shape[2], frames.shape[1])
        codec = AVI[self.lossy] if container == "avi" else CODECS[self.codec]
        buffer = io.BytesIO()
        with av.open(buffer, "w", format=container, options={"fflags": "+bitexact"}) as file:
            stream = file.add_stream(codec.encoder, rate=Fraction(fps).limit_denominator(1000))
            self._set_up(stream, codec, frames.shape)
            for frame in frames:
                file.mux(stream.encode(_picture(frame, codec.stored)))
            file.mux(stream.encode())
        return buffer.getvalue()

    def _set_up(self, stream, codec: Codec, shape: tuple[int, ...]) -> None:
        context = stream.codec_context
        stream.height, stream.width = shape[1:3]
        stream.pix_fmt = codec.stored
        context.flags |= av.codec.context.Flags.bitexact
        context.thread_count = 1  # the bytes of x264 depend on it
        settings = dict(codec.settings)
        if codec.quality == "crf" and codec.lossy:
            settings["crf"] = str(self.crf)
        elif codec.lossy:
            settings |= dict.fromkeys(("qmin", "qmax"), str(max(1, round(self.crf / 6))))  # 1 to 31, here to 8
        if codec.stored == "yuv420p":
            context.colorspace, context.color_range, context.color_primaries = BT601, LIMITED, SRGB_PRIMARIES
        context.options = settings


def _picture(frame: np.ndarray, stored: str) -> av.VideoFrame:
    picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")
    if stored != "yuv420p":
        return picture.reformat(format=stored)
    return picture.reformat(format=stored, dst_colorspace=BT601, dst_color_range=LIMITED)
