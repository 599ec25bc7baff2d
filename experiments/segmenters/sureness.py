"""How sure a mask is that was cut out of a clip of a camera that stands, frame by frame, in [0, 1].

Three doubts, each a share in [0, 1] that would be 1 for a mask beyond doubt; a frame's confidence is the least of them:

- borne out: the intersection over union that is to be expected if a pixel that differs from the known place is person
  with a probability that rises with its distance, and one whose place was never seen is as likely person as not;
- settled: the intersection over union with the mask of the round before;
- steady: the frame's area against the median of the clip's where it is smaller, since parts of a body that stand
  still drop out of single frames first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from experiments.segmenters.base import LOW

UNSEEN = 0.5  # probability of person, of a pixel in the mask whose place was never seen
SHADED = 0.3  # of a pixel that may be a shadow
SLOPE = 4.0  # how many bars from even odds to certainty, inverted
DOUBTED = 0.25  # the most for a clip whose camera moves
TINY = 0.01  # of the picture: a mask that is smaller may be a limb, or no person


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
    """float32 (T,), and what should be said of it. masks: bool (T, H, W)."""
    areas = masks.sum(axis=(1, 2))
    usual = float(np.median(areas[areas > 0])) if areas.any() else 0.0
    sure = np.array([_of_frame(t, mask, evidence) for t, mask in enumerate(masks)], np.float32)
    sure *= np.minimum(1.0, areas / max(usual, 1.0)).astype(np.float32)
    remarks = []
    if usual < TINY * masks[0].size:
        sure *= LOW
        remarks.append(f"what moves covers {usual / masks[0].size:.1%} of the picture: a limb, or a person far away")
    if doubted:
        sure = np.minimum(sure, np.float32(DOUBTED))
    if float(np.median(sure)) < LOW:
        remarks.append("low confidence: look at the masks, or give the empty place as the hint background")
    return sure.clip(0, 1).astype(np.float32), tuple(remarks)


def _of_frame(t: int, mask: np.ndarray, evidence: Evidence) -> float:
    """The lesser of borne out and settled."""
    if not mask.any():
        return 0.0
    odds = np.clip(SLOPE * (evidence.distance[t] / evidence.bar - 1), -30, 30)
    person = 1 / (1 + np.exp(-odds))
    person = np.where(evidence.shade[t], np.minimum(person, SHADED), person)
    person = np.where(evidence.known, person, UNSEEN * mask)
    borne_out = person[mask].sum() / (mask.sum() + person[~mask].sum())
    before = evidence.before[t]
    settled = (mask & before).sum() / (mask | before).sum()
    return float(min(borne_out, settled))
