"""Clips in memory for training, and the changes made to them on the way into the network.

Clips stay uint8 as the store gives them (2,400 of 8 x 112 x 112 are 0.7 GB) and are turned into floats one batch at a
time. The changes keep the azimuth range: zoom, shift and a slight roll of the picture, light and colour, and a
left-right flip, which maps an azimuth to its negative (so a range must be symmetric about 0) and a motion to its
mirror image.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from tqdm import tqdm

from experiments.models.base import InputSpec
from synth.clips import ClipStore

READERS = 2


@dataclass(frozen=True)
class Clips:
    """frames: uint8 (N, T, H, W, 3) sRGB. labels: int64 (N,), columns of the class list."""

    frames: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, kw_only=True)
class Changes:
    """How far a clip is changed, each drawn uniformly per clip; all zero changes nothing but the flip.

    zoom: relative. shift: share of the picture's side. roll_deg: degrees. gain, tint: relative, of all channels and
    of each. lift: of the full range. grey: the probability of a clip without colour. flip: the probability.
    """

    zoom: float = 0.15
    shift: float = 0.08
    roll_deg: float = 5.0
    gain: float = 0.3
    tint: float = 0.12
    lift: float = 0.1
    grey: float = 0.15
    flip: float = 0.5


def read_clips(store: ClipStore, ids: Sequence[str], labels: Sequence[int], spec: InputSpec) -> Clips:
    """Read the frames of `ids` (clips at the model's rate and size) into one array."""
    frames = np.empty((len(ids), spec.frames, spec.height, spec.width, 3), np.uint8)

    def read(index: int) -> None:
        frames[index] = store.read(ids[index], ("frames",))["frames"]

    with ThreadPoolExecutor(READERS) as pool:
        for _ in tqdm(pool.map(read, range(len(ids))), total=len(ids), desc="read", unit="clip", disable=None):
            pass
    return Clips(frames, np.asarray(labels, np.int64))


def normalise(frames: np.ndarray, spec: InputSpec) -> torch.Tensor:
    """uint8 (B, T, H, W, 3) -> float32 (B, 3, T, H, W), channels last in memory."""
    tensor = torch.from_numpy(frames).permute(0, 4, 1, 2, 3).float().div_(255)
    mean, std = (torch.tensor(v).view(1, 3, 1, 1, 1) for v in (spec.mean, spec.std))
    return tensor.sub_(mean).div_(std).contiguous(memory_format=torch.channels_last_3d)


def change(frames: np.ndarray, changes: Changes, rng: np.random.Generator) -> np.ndarray:
    """uint8 (T, H, W, 3) -> the same, changed alike in all its frames."""
    height, width = frames.shape[1:3]
    matrix = cv2.getRotationMatrix2D(
        (width / 2, height / 2),
        changes.roll_deg * rng.uniform(-1, 1),
        float(np.exp(np.log1p(changes.zoom) * rng.uniform(-1, 1))),
    )
    matrix[:, 2] += changes.shift * rng.uniform(-1, 1, 2) * (width, height)
    if rng.random() < changes.flip:
        matrix[0] *= -1
        matrix[0, 2] += width - 1
    table, grey = _colour_table(changes, rng), rng.random() < changes.grey
    moved = np.empty_like(frames)
    for frame, target in zip(frames, moved, strict=True):
        cv2.warpAffine(frame, matrix, (width, height), dst=target, borderMode=cv2.BORDER_REFLECT_101)
        cv2.LUT(target, table, dst=target)
        if grey:
            target[:] = cv2.cvtColor(target, cv2.COLOR_RGB2GRAY)[..., None]
    return moved


def _colour_table(changes: Changes, rng: np.random.Generator) -> np.ndarray:
    """(1, 256, 3) uint8: the new value of every old value, per channel."""
    gain = (1 + changes.gain * rng.uniform(-1, 1)) * (1 + changes.tint * rng.uniform(-1, 1, (1, 1, 3)))
    level = np.arange(256.0)[None, :, None] - 128
    return np.clip(gain * level + 128 + 255 * changes.lift * rng.uniform(-1, 1), 0, 255).astype(np.uint8)


def batches(
    clips: Clips, spec: InputSpec, *, size: int, seed: Sequence[int], changes: Changes
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """One epoch in an order and with changes that `seed` alone decides; the last, smaller batch is left out."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(clips))
    for start in range(0, len(order) - size + 1, size):
        picked = order[start : start + size]
        frames = np.stack([change(clips.frames[i], changes, rng) for i in picked])
        yield normalise(frames, spec), torch.from_numpy(clips.labels[picked])
