"""Picture files that lie beside an appearance file and are shown on its garments."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from synth.body.recipe import AppearanceError, Recipe

# A garment's texture has 512 texels a side; more detail than this cannot be seen.
_LARGEST = 512
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
    image = cv2.imdecode(np.frombuffer(path.read_bytes() or b"\0", np.uint8), cv2.IMREAD_UNCHANGED)
    if image is None:
        raise AppearanceError(f"{where} is no picture that can be read; expected a PNG, JPEG, WebP or TIFF file")
    return _rgba(image, where)


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
