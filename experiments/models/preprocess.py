"""From a clip to a model's input: pick, resize, crop; and the normalisation, which happens on the model's device.

Pixels stay uint8 until they are on the device, as decoded: a clip that has the model's size already is a view of the
decoder's array, in the memory order that `channels_last_3d` kernels want.
"""

from __future__ import annotations

import numpy as np
import torch

from experiments.models.footage import Footage
from experiments.models.geometry import boxes, cut, resize
from experiments.models.input import InputSpec


def pictures(footage: Footage, spec: InputSpec) -> torch.Tensor:
    """uint8 (views, 3, T, height, width), RGB in 0..255: what an RGB model is shown of a clip."""
    picks = spec.indices(len(footage), footage.fps, loop=footage.loop)
    used, where = np.unique(picks, return_inverse=True)
    frames = footage.frames
    if len(used) < len(frames) or picks.shape[0] > 1:
        frames = frames[used]
        picks = where.reshape(picks.shape)
    small = resize(frames, spec)
    crops = boxes(spec, *small.shape[1:3])
    views = [_pick(cut(small, box), row) for row in picks for box in crops]
    array = views[0][None] if len(views) == 1 else np.stack(views)
    if min(array.strides) < 0:
        array = np.ascontiguousarray(array)
    return torch.from_numpy(array).permute(0, 4, 1, 2, 3)


def _pick(frames: np.ndarray, row: np.ndarray) -> np.ndarray:
    """The frames of one view; the array itself where it is they."""
    return frames if np.array_equal(row, np.arange(len(frames))) else frames[row]


def normalise(pixels: torch.Tensor, spec: InputSpec) -> torch.Tensor:
    """(..., 3, T, H, W) RGB in 0..255, uint8 or float -> float32 as the network was trained; differentiable."""
    x = (pixels.flip(-4) if spec.channels == "BGR" else pixels).div(spec.scale)
    rows, mean, std = x, *(x.new_tensor(v).view(3, 1, 1, 1) for v in (spec.mean, spec.std))
    if x.stride(-4) == 1 and x.stride(-1) == 3:  # channels last: whole rows at a time, not three numbers
        rows = x.movedim(-4, -1).flatten(-2)
        mean, std = (v.flatten().repeat(x.shape[-1]) for v in (mean, std))
    rows.sub_(mean).div_(std)
    return x


def collate(inputs: list[torch.Tensor]) -> torch.Tensor:
    """(B, *shape) from B inputs; pictures keep the decoder's order of memory, channels last, and are copied once."""
    if inputs[0].ndim != 5:
        return torch.stack(inputs)
    return torch.stack([x.permute(0, 2, 3, 4, 1) for x in inputs]).permute(0, 1, 5, 2, 3, 4)
