"""How sure a mask is that was cut out of a clip of a camera that stands, frame by frame, in [0, 1].

It is meant as the intersection over union with the truth that is to be expected: the lesser of two,

- borne out: what comes of it if a pixel is person with a probability that rises with its distance from the known place
  (even odds at the distance that counts), and one in the mask whose place was never seen with one of `UNSEEN`;
- settled: the intersection over union with the mask of the round before;

times two shares, where they are below 1: of the frame's area in the median of the clip's, since parts of a body that
stand still drop out of single frames; and of that median in `SMALL` of the picture, since what is smaller may be a
limb. It cannot know of a body part that never moved.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from experiments.segmenters.base import LOW

UNSEEN = 0.8  # probability of person, of a pixel in the mask whose place was never seen
SHADED = 0.5  # the most, of a pixel that may be a shadow
RISE = (0.5, 1.5)  # of the distance that counts: from where to where the probability rises from 0 to 1
SMALL = 0.02  # of the picture
DOUBTED = 0.25  # the most for a clip whose camera moves


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """distance, shade: (T, H, W) from the plate. bar: the distance that counts. known: bool (H, W), where the plate is
    the place. before: bool (T, H, W), the masks of the round before the last."""

    distance: np.ndarray
    bar: float
    known: np.ndarray
    shade: np.ndarray
    before: np.ndarray


def sureness(masks: np.ndarray, evidence: Evidence, *, doubted: bool) -> tuple[np.ndarray, tuple[str, ...]]:
    """float32 (T,), and what should be said of it. masks: bool (T, H, W). doubted: the camera moves."""
    areas = masks.sum(axis=(1, 2))
    if not areas.any():
        return np.zeros(len(masks), np.float32), ("nothing moves that could be a person",)
    usual = float(np.median(areas[areas > 0]))
    share = usual / masks[0].size
    sure = np.array([_of_frame(t, mask, evidence) for t, mask in enumerate(masks)])
    sure = sure * np.minimum(1.0, areas / usual) * min(1.0, share / SMALL)
    if doubted:
        sure = np.minimum(sure, DOUBTED)
    remarks = []
    if share < SMALL / 2:
        remarks.append(f"what moves covers {share:.1%} of the picture: a limb, or a person far away")
    if float(np.median(sure)) < LOW:
        remarks.append("low confidence: look at the masks, or give the empty place as the hint background")
    return sure.clip(0, 1).astype(np.float32), tuple(remarks)


def _of_frame(t: int, mask: np.ndarray, evidence: Evidence) -> float:
    """The lesser of borne out and settled; 0 for an empty mask."""
    if not mask.any():
        return 0.0
    low, high = RISE
    person = ((evidence.distance[t] / evidence.bar - low) / (high - low)).clip(0, 1)
    person = np.where(evidence.shade[t], np.minimum(person, SHADED), person)
    person = np.where(evidence.known, person, UNSEEN * mask)
    borne_out = person[mask].sum() / (mask.sum() + person[~mask].sum())
    before = evidence.before[t]
    settled = (mask & before).sum() / (mask | before).sum()
    return float(min(borne_out, settled))
