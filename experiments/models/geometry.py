"""Where a model looks: resizing and crops of a picture, by the rules that the models' authors used.

OpenCV's bilinear (mmaction), Pillow's antialiased (Hugging Face), centre, three- and ten-crop (Krizhevsky et al. 2012,
§4.1; in steps of a whole half or quarter of what is cut off, as mmaction, so that up to three pixels at the right and
the lower edge are never seen). NumPy only, so that measuring what a model is shown needs no deep-learning library.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from experiments.models.input import InputError, InputSpec

_CV = {"linear": cv2.INTER_LINEAR, "cubic": cv2.INTER_CUBIC}
_PIL = {"pil_bilinear": Image.Resampling.BILINEAR, "pil_bicubic": Image.Resampling.BICUBIC}


@dataclass(frozen=True)
class Box:
    """A crop of a resized picture: top, left, height, width in pixels, and whether it is mirrored left to right."""

    top: int
    left: int
    height: int
    width: int
    mirrored: bool = False


def resized_size(spec: InputSpec, height: int, width: int) -> tuple[int, int]:
    """(height, width) of a picture after `spec.resize`."""
    if spec.resize == "none":
        return height, width
    if spec.resize.startswith("short"):
        side = int(spec.resize.split()[1])
        if spec.resize.endswith("floor"):
            return (side, side * width // height) if height <= width else (side * height // width, side)
        scale = side / min(height, width)
        return (side, int(width * scale + 0.5)) if height <= width else (int(height * scale + 0.5), side)
    return spec.source


def resize(frames: np.ndarray, spec: InputSpec) -> np.ndarray:
    """(N, H, W, K) -> (N, H', W', K), the same array where nothing is to be done."""
    size = resized_size(spec, *frames.shape[1:3])
    if size == frames.shape[1:3]:
        return frames
    return np.stack([_resize_one(frame, size, spec.interpolation) for frame in frames])


def _resize_one(frame: np.ndarray, size: tuple[int, int], kind: str) -> np.ndarray:
    height, width = size
    if kind in _PIL:
        if frame.dtype != np.uint8:
            raise InputError(f"interpolation {kind} takes uint8 pictures, got {frame.dtype}; use linear")
        return np.asarray(Image.fromarray(frame).resize((width, height), _PIL[kind]))
    if kind == "linear_float":
        exact = cv2.resize(frame.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
        return np.rint(exact).astype(np.uint8) if frame.dtype == np.uint8 else exact
    if kind == "area":
        kind = cv2.INTER_AREA if height < frame.shape[0] else cv2.INTER_LINEAR
    return cv2.resize(frame, (width, height), interpolation=_CV.get(kind, kind))


def boxes(spec: InputSpec, height: int, width: int) -> list[Box]:
    """The crops of a resized picture; raises InputError where the picture is smaller than the crop."""
    if spec.crop == "none":
        if (height, width) != (spec.height, spec.width):
            raise InputError(
                f"a picture of {height} x {width} after resizing was given, the model takes {spec.height} x "
                f"{spec.width}; declare a crop, or resize: stretch"
            )
        return [Box(0, 0, height, width)]
    free_y, free_x = height - spec.height, width - spec.width
    if free_y < 0 or free_x < 0:
        raise InputError(
            f"a picture of {height} x {width} after resizing is smaller than the crop of {spec.height} x {spec.width}; "
            "render larger clips, or resize: short N with N no smaller than the crop"
        )
    half_y, half_x, quarter_y, quarter_x = free_y // 2, free_x // 2, free_y // 4, free_x // 4
    at = {
        "centre": [(half_y, half_x)],
        "centre_rounded": [(round(free_y / 2), round(free_x / 2))],
        "three": [(k * half_y, k * half_x) for k in range(3)],
        "ten": [(y * quarter_y, x * quarter_x) for y, x in ((0, 0), (0, 4), (4, 0), (4, 4), (2, 2))],
    }[spec.crop]
    mirrored = (False, True) if spec.crop == "ten" else (False,)
    return [Box(top, left, spec.height, spec.width, flip) for top, left in at for flip in mirrored]


def cut(frames: np.ndarray, box: Box) -> np.ndarray:
    """(N, H, W, K) -> (N, box.height, box.width, K), a view of it."""
    part = frames[:, box.top : box.top + box.height, box.left : box.left + box.width]
    return part[:, :, ::-1] if box.mirrored else part


def share_in_view(mask: np.ndarray, spec: InputSpec) -> float:
    """The person's share of what the model is shown, mean over its crops; mask uint8 (T, H, W), nonzero = person."""
    height, width = mask.shape[1:]
    big = resized_size(spec, height, width)
    person = (mask > 0).mean(0)
    shares = []
    for box in boxes(spec, *big):
        rows = slice(*(round(v * height / big[0]) for v in (box.top, box.top + box.height)))
        columns = slice(*(round(v * width / big[1]) for v in (box.left, box.left + box.width)))
        shares.append(person[rows, columns].mean())
    return float(np.mean(shares))
