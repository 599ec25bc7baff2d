"""The passes that can be asked for, and the arrays that hold them: on the device, or as NumPy sees them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import warp as wp


@dataclass(frozen=True)
class Pass:
    """dtype: of one pixel on the device. pairs: one picture for each pair of consecutive poses."""

    dtype: Any
    pairs: bool = False


PASSES = {
    "lit": Pass(wp.vec3ub),
    "mask": Pass(wp.uint8),
    "depth": Pass(wp.float32),
    "parts": Pass(wp.uint8),
    "normal": Pass(wp.vec3),
    "flow": Pass(wp.vec2, pairs=True),
    "foreground": Pass(wp.vec4ub),
    "background": Pass(wp.vec3ub),
}
SAMPLED = {"lit", "foreground", "background"}  # what is drawn from several samples a pixel
LIT = {"lit", "foreground"}  # what shows the person under the sun


class Outputs:
    """One array for each pass of P poses by C cameras, flat, frame after frame; `none` stands for one not asked for."""

    def __init__(self, passes: Sequence[str], *, poses: int, cameras: Sequence[Any], device: wp.Device):
        width, height = cameras[0].width, cameras[0].height
        self._shapes = {
            name: (max(0, poses - PASSES[name].pairs), len(cameras), height, width) for name in dict.fromkeys(passes)
        }
        self._held = {
            name: wp.empty(int(np.prod(shape)), dtype=PASSES[name].dtype, device=device)
            for name, shape in self._shapes.items()
        }
        self._device = device

    def __contains__(self, name: str) -> bool:
        return name in self._held

    def names(self) -> list[str]:
        """The passes asked for."""
        return list(self._held)

    def __getitem__(self, name: str) -> wp.array:
        """The flat array of a pass; one of length 0 where it was not asked for."""
        if name in self._held:
            return self._held[name]
        return wp.empty(0, dtype=PASSES[name].dtype, device=self._device)

    def on_device(self) -> dict[str, wp.array]:
        """(P, C, H, W) arrays of bytes, floats or vectors."""
        return {name: array.reshape(self._shapes[name]) for name, array in self._held.items()}

    def on_host(self) -> dict[str, np.ndarray]:
        """(P, C, H, W) or (P, C, H, W, channels) arrays; on a CPU the same memory."""
        flat = {name: array.numpy() for name, array in self._held.items()}
        return {name: values.reshape(*self._shapes[name], *values.shape[1:]) for name, values in flat.items()}


def as_tensors(shown: Mapping[str, wp.array]) -> dict[str, Any]:
    """PyTorch tensors that share the memory of what `render(on_device=True)` gave: (P, C, H, W[, channels]), on the
    CPU or the GPU that drew them."""
    return {name: wp.to_torch(array, requires_grad=False) for name, array in shown.items()}
