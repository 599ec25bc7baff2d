"""A user's own picture as a background: read, checked, and brought to the size the stage draws it at."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from synth.body.pictures import decoded
from synth.stage.recipe import Picture, PlaceError

_ASPECT_SLACK = 0.02
_SPHERE = (2048, 1024)  # finer than a frame of 45 degrees and 256 pixels shows
_PLAIN_SIDE = 1600
_KINDS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


def path_of(what: Picture, folder: Path, source: str) -> Path:
    """Where the picture lies; raises PlaceError where it does not, or lies outside the environment file's folder."""
    path = folder / what.file
    if not path.resolve().is_relative_to(folder.resolve()):
        raise PlaceError(f"{_key(what, source)} leads out of {folder}; expected a picture beside the environment file")
    if not path.is_file():
        raise PlaceError(f"{_key(what, source)}: there is no such file in {folder}; put the picture there")
    return path


def _key(what: Picture, source: str) -> str:
    return f"{source}: picture.file = {what.file!r}"


def read(what: Picture, folder: Path, source: str) -> np.ndarray:
    """(H, W, 4) uint8 sRGB, an equirectangular one turned so that its middle lies at what.bearing_deg.

    Raises PlaceError, naming file and key, for what is missing, no PNG or JPEG, broken, too large, or, where all
    directions are asked for, not twice as wide as high.
    """
    path, key = path_of(what, folder, source), _key(what, source)
    image = _decoded(path, key)
    height, width = image.shape[:2]
    if what.projection == "equirectangular":
        if abs(width / height - 2.0) > _ASPECT_SLACK:
            raise PlaceError(
                f"{key} is {width} x {height}; an equirectangular picture is twice as wide as high: "
                "crop it, or write projection: plain"
            )
        image = _resized(image, _SPHERE)
        image = np.roll(image, -round(what.bearing_deg / 360.0 * _SPHERE[0]), axis=1)
    elif max(width, height) > _PLAIN_SIDE:
        scale = _PLAIN_SIDE / max(width, height)
        image = _resized(image, (max(1, round(width * scale)), max(1, round(height * scale))))
    return np.ascontiguousarray(np.concatenate([image, np.full((*image.shape[:2], 1), 255, np.uint8)], axis=2))


def _decoded(path: Path, key: str) -> np.ndarray:
    """(H, W, 3) uint8 RGB."""
    with path.open("rb") as file:
        if not file.read(8).startswith(_KINDS):
            raise PlaceError(f"{key} is no PNG or JPEG picture; save it anew as one of these")
    try:
        return cv2.cvtColor(decoded(path, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    except ValueError as error:
        raise PlaceError(f"{key} {error}; expected a PNG or JPEG picture") from error


def _resized(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    shrinks = size[0] < image.shape[1]
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
