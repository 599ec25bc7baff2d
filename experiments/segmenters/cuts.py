"""Regions: cut along edges and colours (GrabCut, Rother, Kolmogorov and Blake 2004), filled, and freed of crumbs."""

from __future__ import annotations

import cv2
import numpy as np
from scipy.ndimage import uniform_filter

PLACE, PERSON, MAYBE_PLACE, MAYBE_PERSON = cv2.GC_BGD, cv2.GC_FGD, cv2.GC_PR_BGD, cv2.GC_PR_FGD
MARGIN = 0.5  # of the longer side, around what may be the person: the place's colours are learnt there too
LEVELS = 16  # bins of a channel, for colours that are counted
RARE = 0.005  # of the place's pixels: a colour that is rarer with its neighbours is foreign to it
FEWEST = 30  # pixels of each side, for mixtures of five colours


def disc(size: int) -> np.ndarray:
    """A round structuring element of an odd size."""
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size | 1, size | 1))


def cut(frame: np.ndarray, labels: np.ndarray, rounds: int) -> np.ndarray:
    """bool (H, W): the person, where labels (H, W) leave it open decided by colours and edges.

    frame: uint8 (H, W, 3). labels: PLACE, PERSON, MAYBE_PLACE, MAYBE_PERSON. Labels themselves where there is too
    little of either side to learn its colours.
    """
    out = np.isin(labels, (PERSON, MAYBE_PERSON))
    part = _around(labels != PLACE)
    if part is None:
        return out
    within = labels[part].copy()
    inside = int(out[part].sum())
    if min(inside, within.size - inside) < FEWEST:
        return out
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)  # its mixtures begin at random
    picture = np.ascontiguousarray(frame[part])
    cv2.grabCut(picture, within, None, *models, rounds, cv2.GC_INIT_WITH_MASK)
    out[part] = np.isin(within, (PERSON, MAYBE_PERSON))
    return out


def _around(region: np.ndarray) -> tuple[slice, slice] | None:
    """The box of a region with a margin; None for an empty one."""
    rows, columns = np.flatnonzero(region.any(axis=1)), np.flatnonzero(region.any(axis=0))
    if not len(rows):
        return None
    margin = max(4, round(MARGIN * max(region.shape)))
    return (
        slice(max(rows[0] - margin, 0), rows[-1] + 1 + margin),
        slice(max(columns[0] - margin, 0), columns[-1] + 1 + margin),
    )


def filled(region: np.ndarray) -> np.ndarray:
    """bool (H, W): the region and its holes."""
    padded = np.pad(region.astype(np.uint8), 1)
    outside = padded.copy()
    cv2.floodFill(outside, None, (0, 0), 1)
    return (padded | (1 - outside))[1:-1, 1:-1] > 0


def closed(region: np.ndarray, size: int) -> np.ndarray:
    """bool (H, W): gaps up to `size` closed, holes filled."""
    return filled(cv2.morphologyEx(region.astype(np.uint8), cv2.MORPH_CLOSE, disc(size)))


def opened(region: np.ndarray, size: int = 3) -> np.ndarray:
    """bool (H, W): without what is thinner than `size`."""
    return cv2.morphologyEx(region.astype(np.uint8), cv2.MORPH_OPEN, disc(size)) > 0


def grown(region: np.ndarray, size: int) -> np.ndarray:
    """bool (H, W): half of `size` wider on every side."""
    return cv2.dilate(region.astype(np.uint8), disc(size)) > 0


def shrunk(region: np.ndarray, size: int) -> np.ndarray:
    """bool (H, W): half of `size` narrower on every side."""
    return cv2.erode(region.astype(np.uint8), disc(size)) > 0


def hull(region: np.ndarray) -> np.ndarray:
    """bool (H, W): the convex hull of all of a region."""
    out = np.zeros(region.shape, np.uint8)
    points = np.argwhere(region)[:, ::-1].astype(np.int32)
    if len(points):
        cv2.fillConvexPoly(out, cv2.convexHull(points), 1)
    return out > 0


def large_parts(region: np.ndarray, share: float) -> np.ndarray:
    """bool (H, W): the connected parts that have at least `share` of the largest one's pixels."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(region.astype(np.uint8), connectivity=8)
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    return (areas >= max(1.0, share * areas.max()))[labels]


def foreign(picture: np.ndarray, place: np.ndarray) -> np.ndarray:
    """bool (H, W): where a picture, uint8 (H, W, 3), has colours that hardly occur within `place`, bool (H, W)."""
    red, green, blue = np.moveaxis(picture // (256 // LEVELS), -1, 0).astype(np.int64)
    bins = (red * LEVELS + green) * LEVELS + blue
    counts = np.bincount(bins[place], minlength=LEVELS**3).reshape(LEVELS, LEVELS, LEVELS)
    around = uniform_filter(counts.astype(np.float32), 3, mode="constant") * 27
    return around.ravel()[bins] < RARE * place.sum()
