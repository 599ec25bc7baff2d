"""Whether a camera stands still, from corners that are tracked in every part of the picture.

A moving camera moves whatever has texture, everywhere; a person moves a part of it. So the picture is cut into cells,
up to four corners (Shi and Tomasi 1994) of each that has some are followed by Lucas and Kanade's method from the first
frame into others, and the camera moves if hardly a cell stays where it was. On 33 clips that were looked at, at most
5 % of the cells of moving cameras stayed, at least 29 % of those of cameras that stood. Where few cells have texture (a
white wall) nothing can be said, and little depends on it: a wall that is the same everywhere may move unseen.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

CELLS, CORNERS = 8, 4  # cells a side; corners a cell
SIDE = 256  # pixels of the long side, at which corners are followed
FOLLOWED = 8  # frames into which they are
TEXTURE = 2e-4  # smallest eigenvalue of a corner, of OpenCV's cornerMinEigenVal on 8-bit pictures
STAYED_PX = 1.0  # at SIDE
ENOUGH, STILL = 0.5, 0.2  # share of cells that must have texture, and of those that must stay


@dataclass(frozen=True, kw_only=True)
class CameraFacts:
    """textured: share of the picture's cells with corners. still: share of those whose corners stay, over time.
    shift_px: median shift of the cells, in pixels of the clip."""

    textured: float
    still: float
    shift_px: float

    @property
    def judged(self) -> bool:
        """Whether there is texture enough to tell."""
        return self.textured >= ENOUGH

    @property
    def moves(self) -> bool:
        """Whether the camera moves, as far as can be told."""
        return self.judged and self.still < STILL


def camera_facts(frames: np.ndarray) -> CameraFacts:
    """frames: uint8 (T, H, W, 3)."""
    scale = min(1.0, SIDE / max(frames.shape[1:3]))
    chosen = np.unique(np.linspace(0, len(frames) - 1, FOLLOWED + 1).astype(int))
    first, *others = (_grey(frames[index], scale) for index in chosen)
    cells, corners = _corners(first)
    if not others or not len(corners):
        return CameraFacts(textured=len(set(cells)) / CELLS**2, still=1.0, shift_px=0.0)
    shifts = np.array([_shifts(first, other, corners) for other in others])
    of_cell = np.array([np.median(shifts[:, cells == cell].min(axis=1)) for cell in np.unique(cells)])
    return CameraFacts(
        textured=len(of_cell) / CELLS**2,
        still=float((of_cell < STAYED_PX).mean()),
        shift_px=float(np.median(of_cell) / scale),
    )


def _grey(frame: np.ndarray, scale: float) -> np.ndarray:
    grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
    return grey if scale == 1.0 else cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def _corners(grey: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The cell of each corner, and the corners as (N, 1, 2) x, y."""
    rows, columns = (np.linspace(0, size, CELLS + 1).astype(int) for size in grey.shape)
    strength = cv2.cornerMinEigenVal(grey, 5)
    cells, found = [], []
    for index in range(CELLS**2):
        row, column = divmod(index, CELLS)
        part = (slice(*rows[row : row + 2]), slice(*columns[column : column + 2]))
        if not strength[part].size or strength[part].max() < TEXTURE:
            continue
        within = np.zeros_like(grey)
        within[part] = 255
        points = cv2.goodFeaturesToTrack(grey, CORNERS, 0.05, 3, mask=within)
        for point in () if points is None else points.reshape(-1, 2):
            cells.append(index)
            found.append(point)
    return np.array(cells, int), np.array(found, np.float32).reshape(-1, 1, 2)


def _shifts(first: np.ndarray, other: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Pixels from each corner to where it is found; far, where it is lost."""
    there, _, _ = cv2.calcOpticalFlowPyrLK(first, other, corners, None, winSize=(13, 13), maxLevel=2)
    return np.linalg.norm((there - corners).reshape(-1, 2), axis=1)
