"""Optical flow as models are shown it: where it comes from, which fields go with which frame, and its levels.

Where from (`InputSpec.flow_from`): "given", the clip's own (rendered ground truth, or what a reader read), or
estimated from its frames by TV-L1 (Zach, Pock and Bischof 2007), as all the models' authors did, or by DIS (Kroeger et
al. 2016), which the plain OpenCV wheel has. Files: `experiments.models.flow_files`.

Levels (`InputSpec.flow_levels`), after clipping at +-`flow_bound` pixels (20 in both):
- "unit": divided by the bound, of I3D (Carreira and Zisserman 2017).
- "bytes": rounded to 0..255 as in a JPEG, minus 128, of the two-stream networks: round(255 (v + 20) / 40), the rule of
  their authors' program for the GPU. No motion is 127.5, which rounds to 128. The rounding lets gradients through.
- "mmaction": the same bytes, u turned (255 - u, which mmaction v0's data set does to every picture, mirrored or not),
  minus 128, divided by 128; needs the axes (..., u and v in turn, T, H, W).

A vector is as long as the picture it is of is large, and as the time it spans: it is scaled with the picture, and from
the clip's frame rate to `flow_fps`, the one that the model was trained at. Mirroring a picture turns its u.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import torch

from experiments.models import preprocess
from experiments.models.adapter import TorchAdapter
from experiments.models.errors import FlowError
from experiments.models.footage import Footage
from experiments.models.geometry import boxes, cut, resize, resized_size
from experiments.models.input import InputSpec
from synth.errors import find

# What a JPEG's zero is taken to be: the program's average image of flow.
BYTE_ZERO = 128.0


def tvl1() -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """(grey, grey) uint8 -> float32 (H, W, 2); raises FlowError without OpenCV's contributed modules."""
    if not hasattr(cv2, "optflow"):
        raise FlowError(
            "TV-L1 flow needs OpenCV's contributed modules, which the plain wheel lacks: pip uninstall -y "
            f"opencv-python-headless && pip install 'opencv-contrib-python-headless=={cv2.__version__}.*' (one of the "
            "two, never both), or take input.flow_from: dis"
        )
    method = cv2.optflow.DualTVL1OpticalFlow_create()
    return lambda a, b: method.calc(a, b, None)


def dis() -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """(grey, grey) uint8 -> float32 (H, W, 2), by OpenCV's medium preset."""
    method = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    return lambda a, b: method.calc(a, b, None)


METHODS = {"tvl1": tvl1, "dis": dis}


def estimate(frames: np.ndarray, method: str, pairs: np.ndarray | None = None) -> np.ndarray:
    """float32 (N, H, W, 2) pixels from frame k to k + 1, for the k of `pairs` (all by default).

    frames: uint8 (T, H, W, 3) RGB. Raises UnknownName for a method that there is not, FlowError.
    """
    flow_between = find("method of flow", method, METHODS)()
    pairs = np.arange(len(frames) - 1) if pairs is None else pairs
    grey = {int(k): cv2.cvtColor(frames[k], cv2.COLOR_RGB2GRAY) for k in np.union1d(pairs, pairs + 1)}
    return np.stack([flow_between(grey[int(k)], grey[int(k) + 1]) for k in pairs]).astype(np.float32)


def field_indices(footage: Footage, spec: InputSpec) -> np.ndarray:
    """(clips, frames, flow_stack) which fields of the clip go with each frame that the model is shown.

    A stack of n is centred: fields t - n/2 .. t + n/2 - 1 of the model's own rate. Beyond an end of the clip its first
    or last field stands in; a loop goes round, its missing last field being that before.
    """
    picks = spec.indices(len(footage), footage.fps, loop=footage.loop)
    offsets = np.arange(spec.flow_stack) - spec.flow_stack // 2
    at = picks[..., None] + np.rint(offsets * footage.fps / spec.flow_fps).astype(int)
    return np.clip(at % len(footage) if footage.loop else at, 0, len(footage) - 2)


def fields(footage: Footage, spec: InputSpec) -> torch.Tensor:
    """float32 (views, 2 flow_stack, T, height, width): u, v of each field in turn, pixels of the model's picture per
    1 / flow_fps second; views as those of the pictures."""
    indices = field_indices(footage, spec)
    used, where = np.unique(indices, return_inverse=True)
    flow = _resized_flow(footage, spec, used) * np.float32(footage.fps / spec.flow_fps)
    views = []
    for rows in where.reshape(indices.shape):
        for box in boxes(spec, *flow.shape[1:3]):
            part = cut(flow, box) * np.array([-1 if box.mirrored else 1, 1], np.float32)
            views.append(part[rows].transpose(1, 4, 0, 2, 3).reshape(-1, len(rows), box.height, box.width))
    return torch.from_numpy(np.stack(views))


def _resized_flow(footage: Footage, spec: InputSpec, used: np.ndarray) -> np.ndarray:
    """float32 (N, H', W', 2) the fields `used`, in pixels of the resized picture."""
    if spec.flow_from != "given":
        first, last = used.min(), used.max() + 2
        return estimate(resize(footage.frames[first:last], spec), spec.flow_from, used - first)
    flow = footage.flow[used]
    height, width = flow.shape[1:3]
    high, wide = resized_size(spec, height, width)
    return resize(flow, spec) * np.array([wide / width, high / height], np.float32)


def levels(flow: torch.Tensor, spec: InputSpec) -> torch.Tensor:
    """Pixels -> what the network reads, any shape; see the module's text. Differentiable within the bound."""
    unit = flow.clamp(-spec.flow_bound, spec.flow_bound) / spec.flow_bound
    if spec.flow_levels == "unit":
        return unit
    byte = (unit + 1) * 127.5
    byte = byte + (byte.round() - byte).detach()
    if spec.flow_levels == "bytes":
        return byte - BYTE_ZERO
    u, v = byte.unflatten(-4, (-1, 2)).unbind(-4)
    return (torch.stack([255 - u, v], -4).flatten(-5, -4) - BYTE_ZERO) / BYTE_ZERO


class FlowAdapter(TorchAdapter):
    """What adapters of networks that are shown flow share, alone or after the picture; RGB ones are as ever."""

    def prepare(self, footage: Footage) -> torch.Tensor:
        """A clip -> (views, depth, T, H, W): RGB in 0..255 first, then u, v of each field in pixels; float32 where
        there is flow. Raises InputError, ClipTooShort, FlowError."""
        modality = self.input.modality
        if modality == "rgb":
            return super().prepare(footage)
        footage.require(self.name, self.input)
        flow = fields(footage, self.input)
        if modality == "flow":
            return flow
        return torch.cat([preprocess.pictures(footage, self.input).float(), flow], 1)

    def normalise(self, batch: torch.Tensor) -> torch.Tensor:
        """(..., depth, T, H, W) as `prepare` gives it -> what the network reads."""
        modality = self.input.modality
        if modality == "rgb":
            return super().normalise(batch)
        if modality == "flow":
            return levels(batch.float(), self.input)
        rgb, flow = batch.float().split([3, batch.shape[-4] - 3], -4)
        return torch.cat([preprocess.normalise(rgb, self.input), levels(flow, self.input)], -4)
