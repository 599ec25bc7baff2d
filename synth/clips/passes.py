"""The passes of a clip: type, shape and kind of file of each (design §3, Clip)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synth.clips.codec import ClipError
from synth.errors import find
from synth.factors import ClipSpec

VIDEO_SUFFIX, ARRAY_SUFFIX = ".avi", ".npz"


@dataclass(frozen=True)
class Form:
    """dtype: of the array. pixel: the axes of one pixel, () for one number; None for what is no picture, (T, J, 3).
    video: whether it is kept as one. pairs: one for every two consecutive frames."""

    dtype: type
    pixel: tuple[int, ...] | None
    video: bool = False
    pairs: bool = False

    @property
    def suffix(self) -> str:
        """How the file's name ends."""
        return VIDEO_SUFFIX if self.video else ARRAY_SUFFIX


PASSES = {
    "frames": Form(np.uint8, (3,), video=True),
    "mask": Form(np.uint8, ()),
    "parts": Form(np.uint8, ()),
    "depth": Form(np.float32, ()),
    "normal": Form(np.float32, (3,)),
    "flow": Form(np.float32, (2,), pairs=True),
    "joints": Form(np.float32, None),
    "joints2d": Form(np.float32, None),
    "foreground": Form(np.uint8, (4,), video=True),
    "background": Form(np.uint8, (3,), video=True),
}


def check(spec: ClipSpec, name: str, array: np.ndarray) -> None:
    """Raises UnknownName for a pass that there is not, ClipError for an array that is not this pass of this recipe."""
    form = find("pass", name, PASSES)
    frames = spec.num_frames - form.pairs
    if len(array) != frames:
        raise ClipError(f"pass {name!r} has {len(array)} frames, the recipe asks for {frames}")
    if form.pixel is None:
        fits = array.ndim == 3 and array.shape[2] == 3
        shape = f"({frames}, J, 3)"
    else:
        wanted = (frames, spec.height, spec.width, *form.pixel)
        fits, shape = array.shape == wanted, str(wanted)
    if not fits or array.dtype != form.dtype:
        raise ClipError(f"pass {name!r} must be {np.dtype(form.dtype)} {shape}, got {array.dtype} {array.shape}")
