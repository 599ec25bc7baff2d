"""One clip as models are given it, whatever it came from: the clip store, a recording, an array in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.models.input import InputError, InputSpec


@dataclass(frozen=True, kw_only=True)
class Footage:
    """frames: uint8 (T, H, W, 3) sRGB. fps: frames per second. loop: the first frame follows the last.

    flow: float32 (T - 1, H, W, 2), pixels to the next frame. joints: float32 (T, J, 3), world metres. camera: what
    `synth.resolve.resolve(spec).camera` gives. mask: uint8 (T, H, W), 1 = person, as rendered. None where
    it is not asked for, or not known.
    """

    frames: np.ndarray | None = None
    fps: float = 25.0
    loop: bool = False
    flow: np.ndarray | None = None
    joints: np.ndarray | None = None
    camera: Any = None
    mask: np.ndarray | None = None

    def __len__(self) -> int:
        """Frames of the clip."""
        for array, more in ((self.frames, 0), (self.joints, 0), (self.flow, 1)):
            if array is not None:
                return len(array) + more
        return 0

    def require(self, model: str, spec: InputSpec) -> None:
        """Raises InputError for a pass that `model` is made of and that is not there, or is no such array."""
        for name in spec.passes:
            array = getattr(self, name)
            if array is None:
                raise InputError(f"{model} is shown {' and '.join(spec.passes)}; this clip has no {name}")
            dtype, last = (np.uint8, 3) if name == "frames" else (np.float32, 2 if name == "flow" else 3)
            ndim = 3 if name == "joints" else 4
            if array.dtype != dtype or array.ndim != ndim or array.shape[-1] != last or not len(array):
                raise InputError(
                    f"{model} was given {name} as {array.dtype} {array.shape}; it takes {np.dtype(dtype)} "
                    f"({'T, J' if ndim == 3 else 'T, H, W'}, {last}): keep the store's bytes"
                )
