"""Picture files that lie beside an appearance file and are shown on its garments."""

from __future__ import annotations

import warnings
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from synth.body.recipe import AppearanceError, Recipe

# A garment's texture has 512 texels a side; more detail than this cannot be seen.
_LARGEST = 512
MAX_SIDE = 16384
MAX_BYTES = 100 << 20
_TO_RGBA = {1: cv2.COLOR_GRAY2RGBA, 3: cv2.COLOR_BGR2RGBA, 4: cv2.COLOR_BGRA2RGBA}


def read_pictures(recipe: Recipe, folder: Path, file: str) -> dict[str, np.ndarray]:
    """The pictures of a recipe's garments, (H, W, 4) uint8 sRGB and alpha, by the garment's key.

    Args:
        folder: where the appearance file `file` lies. Raises AppearanceError, naming file and key.
    """
    wanted = {key: garment.file for key, garment in recipe.garments().items() if garment.file is not None}
    return {key: _read(folder, name, f"{file}: {key}.file = {name!r}") for key, name in wanted.items()}


def _read(folder: Path, name: str, where: str) -> np.ndarray:
    if Path(name).name != name:
        raise AppearanceError(f"{where} should be the plain name of a picture in {folder}, without folders")
    path = folder / name
    if not path.is_file():
        raise AppearanceError(f"{where} does not exist; put the picture into {folder}")
    try:
        return _rgba(decoded(path, cv2.IMREAD_UNCHANGED), where)
    except ValueError as error:
        raise AppearanceError(f"{where} {error}; expected a PNG, JPEG, WebP or TIFF file") from error


def decoded(path: Path, flags: int) -> np.ndarray:
    """What OpenCV reads of a picture file; raises ValueError, to be said of the file, for one that is broken or too
    large, which its first bytes tell before any memory is taken."""
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(f"holds {path.stat().st_size >> 20} MiB, more than {MAX_BYTES >> 20}: scale it down")
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(path) as header:
            size = header.size
    except Image.DecompressionBombError as error:
        raise ValueError(f"has far too many pixels: scale it down to {MAX_SIDE} a side") from error
    except (OSError, ValueError, SyntaxError) as error:
        raise ValueError("is no picture that can be read") from error
    if max(size) > MAX_SIDE:
        raise ValueError(f"is {size[0]} x {size[1]}, more than {MAX_SIDE} pixels a side: scale it down")
    try:
        image = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), flags)
    except cv2.error as error:
        raise ValueError(f"cannot be read ({error.err})") from error
    if image is None:
        raise ValueError("is no picture that can be read, or it is broken")
    return image


def _rgba(image: np.ndarray, where: str) -> np.ndarray:
    if image.dtype != np.uint8:
        raise AppearanceError(f"{where} has pixels of type {image.dtype}; expected 8 bits a channel")
    largest = max(image.shape[:2])
    if largest > _LARGEST:
        size = [max(1, round(side * _LARGEST / largest)) for side in image.shape[1::-1]]
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    channels = 1 if image.ndim == 2 else image.shape[2]
    if channels not in _TO_RGBA:
        raise AppearanceError(f"{where} has {channels} channels; expected grey, RGB or RGBA")
    return cv2.cvtColor(image, _TO_RGBA[channels])
