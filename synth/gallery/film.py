"""Videos for people: VP9 in WebM or MP4, or an animated WebP. Studies keep their frames losslessly, elsewhere."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

from synth.whole import whole

FORMATS = ("webm", "mp4", "webp")
_VP9 = {"crf": "24", "b": "0", "row-mt": "1", "cpu-used": "4"}


def write(path: Path, frames: np.ndarray, fps: float) -> None:
    """frames uint8 (T, H, W, 3) as the video that the ending of `path` names, one of FORMATS; height and width even.

    Written beside and renamed, so that a video is whole or not there.
    """
    with whole(path) as partial:
        if path.suffix == ".webp":
            first, *rest = (Image.fromarray(frame) for frame in frames)
            first.save(partial, save_all=True, append_images=rest, duration=round(1000 / fps), loop=0, quality=80)
        else:
            _encode(partial, frames, fps)


def _encode(path: Path, frames: np.ndarray, fps: float) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libvpx-vp9", rate=Fraction(fps).limit_denominator(1000), options=_VP9)
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "yuv420p"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")))
        container.mux(stream.encode())
