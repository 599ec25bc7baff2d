"""The person in a recording of a camera that stands still, without any learnt weights.

A person who moves uncovers the place bit by bit, so that it can be learnt (`plate.py`) and what differs from it cut out
along colours and edges (`cuts.py`). Three things go wrong with a median alone, and are met so:

- Who stays on the spot hides the place most of the time; then the median shows the person. A pixel that mostly lies
  within the silhouette of what changes is left to the cut, and the plate is learnt anew from the frames in which the
  cut leaves a pixel free, `rounds` times.
- A pixel that never changes shows the same all the time, be it place or person: it is taken for the person if its
  colour hardly occurs around, and what the cuts say of it over all frames is put to the vote.
- Shadows change the place; where the colour is only dimmed, the cut decides.

What cannot be seen so: a body part that never moves (all but the arm of someone who waves), unless the hint
`background` gives the empty place. Things that move without being a person (balls, pets, curtains) are taken for one.
`confidence` is the intersection over union that is to be expected (`sureness.py`). Cameras that move are refused
(`camera.py`).

Against the truth of 20 rendered clips of 20 to 32 frames the intersection over union is 0.27 to 0.94, 0.74 on average:
0.79 of the ten by which the constants were chosen (192 x 144), 0.78 of six others (224 x 168), 0.58 of four smaller
ones (144 x 108). A sensor's noise of 4 levels does not change it for those ten, one of 8 levels takes 0.06 (frames are
calmed first). Of three clips of people who wave, of whom only an arm moves, it is 0.02 to 0.05. It takes about 0.1 s a
frame on one core.
"""

from __future__ import annotations

import cv2
import numpy as np

from experiments.models.footage import Footage
from experiments.segmenters.base import NO_HINTS, Hints, Segmentation, frames_of
from experiments.segmenters.camera import camera_facts
from experiments.segmenters.cards import Carded, SegmenterCard
from experiments.segmenters.cuts import (
    MAYBE_PERSON,
    MAYBE_PLACE,
    PERSON,
    PLACE,
    closed,
    cut,
    filled,
    foreign,
    grown,
    hull,
    large_parts,
    opened,
    shrunk,
)
from experiments.segmenters.errors import CameraMoves, ClipUnfit, SegmenterError
from experiments.segmenters.plate import Plate, calmed, levelled, median_of, plate_of, sigma_of, uncovered
from experiments.segmenters.sureness import Evidence, sureness
from synth.errors import UnknownName

FEWEST = 8  # frames, for a median to mean something
CHANGED = 4.0  # distance from the plate, in noise, at which a pixel has changed; more where the clip is restless
RESTLESS = (75.0, 2.5)  # the percentile of all distances that counts as rest, and how far above it a change must be
MOSTLY, RARELY = 0.35, 0.03  # share of frames within the silhouette
REACH = 0.07  # of the longer side: how far apart the changes of one silhouette may lie
WORTH = 0.002  # of the picture: changes that are smaller all together are none
CRUMBS = 0.15  # of the largest part: smaller ones are dropped
UNCOVERED = 0.08  # share of frames in which the place must be seen
AS_PERSON = 0.3  # share of votes for a pixel that never changes; cuts rather leave a body out than take a place in
MOVING = ("refuse", "warn")


class StillCamera(Carded):
    """side: pixels of the long side at which is cut; the mask is enlarged. rounds: how often the plate is learnt anew.
    moving: what is done about a camera that moves, "refuse" it or "warn"."""

    def __init__(self, card: SegmenterCard, side: int = 256, rounds: int = 2, moving: str = "refuse"):
        if moving not in MOVING:
            raise UnknownName("option moving", moving, MOVING)
        super().__init__(card)
        self.side, self.rounds, self.moving = side, rounds, moving

    def segment(self, footage: Footage, hints: Hints = NO_HINTS) -> Segmentation:
        """See the module. Raises ClipUnfit for a clip that is too short, CameraMoves."""
        shown = frames_of(footage)
        small = calmed(_scaled(shown, self.side))
        remarks = self._camera(small, shown.shape[2] / small.shape[2])
        given = hints.background
        if given is None and len(shown) < FEWEST:
            raise ClipUnfit(
                f"{self.name} was given {len(shown)} frames; it learns the place from at least {FEWEST}, or is told it "
                "by the hint background"
            )
        if given is None:
            masks, evidence = _learnt(small, self.rounds)
        else:
            masks, evidence = _told(small, _as_plate(given, shown, small))
        sure, more = sureness(masks, evidence, doubted=bool(remarks))
        return Segmentation(mask=_enlarged(masks, shown.shape[1:3]), confidence=sure, remarks=(*remarks, *more))

    def _camera(self, frames: np.ndarray, scale: float) -> tuple[str, ...]:
        """Remarks on the camera of frames that are `scale` times smaller than the clip's; raises CameraMoves."""
        facts = camera_facts(frames)
        if not facts.moves:
            return ()
        told = f"the camera moves: by {scale * facts.shift_px:.1f} pixels, and {facts.still:.0%} of the picture stays"
        if self.moving == "refuse":
            way_out = "use a segmenter with weights, or the option moving=warn"
            raise CameraMoves(f"{told}; {self.name} is for cameras that stand still: {way_out}")
        return (told,)


def _scaled(frames: np.ndarray, side: int) -> np.ndarray:
    """The frames, at most `side` pixels long."""
    scale = side / max(frames.shape[1:3])
    if scale >= 1:
        return frames
    size = (max(1, round(frames.shape[2] * scale)), max(1, round(frames.shape[1] * scale)))
    return np.stack([cv2.resize(frame, size, interpolation=cv2.INTER_AREA) for frame in frames])


def _enlarged(masks: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """uint8 (T, *size)."""
    if masks.shape[1:] == size:
        return masks.astype(np.uint8)
    full = [cv2.resize(mask.astype(np.float32), size[::-1], interpolation=cv2.INTER_LINEAR) for mask in masks]
    return (np.stack(full) > 0.5).astype(np.uint8)


def _as_plate(given: np.ndarray, frames: np.ndarray, small: np.ndarray) -> np.ndarray:
    """The hint `background` at the size that is worked at; raises SegmenterError."""
    if np.shape(given) != frames.shape[1:]:
        raise SegmenterError(f"the hint background is {np.shape(given)}; expected {frames.shape[1:]}, as the frames")
    size = small.shape[2:0:-1]
    return cv2.resize(np.asarray(given, np.float32), size, interpolation=cv2.INTER_AREA)


def _learnt(frames: np.ndarray, rounds: int) -> tuple[np.ndarray, Evidence]:
    """bool (T, H, W), and what speaks for it, of a place that is not known."""
    sigma, colour = sigma_of(frames), median_of(frames)
    level = levelled(frames, colour)
    first = _Changes(level, plate_of(colour, sigma))
    masks = np.stack([cut(frame, labels, 2) for frame, labels in zip(frames, first.labels(sigma), strict=True)])
    before, known = masks, np.ones(masks.shape[1:], bool)
    for _ in range(rounds):
        masks, before = first.voted(masks), masks
        colour, known = _relearnt(level, masks, first)
        now = _Changes(level, plate_of(colour, sigma), least=first.bar)
        labels = [now.refined(t, masks[t], known, first.region) for t in range(len(frames))]
        masks = np.stack([cut(frame, label, 1) for frame, label in zip(frames, labels, strict=True)])
    masks = np.stack([large_parts(filled(mask), CRUMBS) for mask in masks])
    evidence = now if rounds else first
    return masks, Evidence(
        distance=evidence.distance, bar=evidence.bar, known=known, shade=evidence.shade, before=before
    )


def _told(frames: np.ndarray, colour: np.ndarray) -> tuple[np.ndarray, Evidence]:
    """As `_learnt`, of a place that is known."""
    sigma = sigma_of(frames)
    changes = _Changes(levelled(frames, colour), plate_of(colour, sigma))
    known = np.ones(colour.shape[:2], bool)
    region = np.stack([grown(c, changes.reach) for c in changes.changed]).any(axis=0)
    start = [c & ~s for c, s in zip(changes.changed, changes.shade, strict=True)]
    labels = [changes.refined(t, start[t], known, region) for t in range(len(frames))]
    masks = np.stack([cut(frame, label, 2) for frame, label in zip(frames, labels, strict=True)])
    masks = np.stack([large_parts(filled(mask), CRUMBS) for mask in masks])
    return masks, Evidence(distance=changes.distance, bar=changes.bar, known=known, shade=changes.shade, before=masks)


def _relearnt(level: np.ndarray, masks: np.ndarray, first: _Changes) -> tuple[np.ndarray, np.ndarray]:
    """The plate of the frames in which the masks leave a pixel free, and where it is known to show the place: not where
    nothing ever changes within reach of the person."""
    near = np.stack([grown(mask, 5) for mask in masks])
    colour, seen = uncovered(level, near, max(3, round(UNCOVERED * len(masks))))
    return colour, seen & ~(first.still & shrunk(first.region, first.reach))


class _Changes:
    """How far each frame, float32 (T, H, W, 3), is from a plate. bar: the distance at which a pixel has changed."""

    def __init__(self, level: np.ndarray, plate: Plate, least: float = CHANGED):
        self.level, self.plate = level, plate
        self.distance = np.stack([plate.distance(frame) for frame in level])
        self.shade = np.stack([plate.shadow(frame) for frame in level])
        percentile, times = RESTLESS
        self.bar = max(least, times * float(np.percentile(self.distance, percentile)))
        self.changed = np.stack([opened(distance > self.bar) for distance in self.distance])
        self.reach = round(REACH * max(level.shape[1:3])) | 1
        self.still = ~self.changed.any(axis=0)
        self.region = self._region()

    def _region(self) -> np.ndarray:
        """bool (H, W): the hull of all within reach of a change that is worth it."""
        wide = grown(~self.still, self.reach)
        _, labels = cv2.connectedComponents(wide.astype(np.uint8))
        sizes = np.bincount(labels[~self.still], minlength=labels.max() + 1)
        worth = sizes >= WORTH * labels.size
        worth[0] = False
        return hull(worth[labels])

    def labels(self, sigma: np.ndarray) -> list[np.ndarray]:
        """Of each frame, before anything is known but the median."""
        within = np.stack([closed(changed, self.reach) for changed in self.changed])
        cover = within.mean(axis=0)
        moving = self._moving(sigma)
        shown = self.plate.colour.clip(0, 255).astype(np.uint8)
        body = self.region & self.still & foreign(shown, ~self.region)
        out = []
        for t, changed in enumerate(self.changed):
            label = np.where(self.region, MAYBE_PLACE, PLACE).astype(np.uint8)
            label[self.region & np.where(cover > MOSTLY, within[t], changed)] = MAYBE_PERSON
            label[(self.distance[t] < self.bar / 2) & (cover < RARELY)] = PLACE
            label[body] = MAYBE_PERSON
            label[self.region & shrunk(moving[t] > self.bar, 3)] = PERSON
            out.append(label)
        return out

    def _moving(self, sigma: np.ndarray) -> np.ndarray:
        """float32 (T, H, W): how far a frame is both from one before and from one after: what moves is there now."""
        count = len(self.level)
        step = max(1, round(count / 24))
        out = np.empty_like(self.distance)
        for t, frame in enumerate(self.level):
            before = t - step if t >= step else min(t + 2 * step, count - 1)
            after = t + step if t + step < count else max(t - 2 * step, 0)
            others = (plate_of(self.level[other], sigma) for other in (before, after))
            out[t] = np.minimum(*(other.distance(frame) for other in others))
        return out

    def voted(self, masks: np.ndarray) -> np.ndarray:
        """The masks, where a frame shows the plate all alike: person or place, by the majority of such frames."""
        alike = self.distance < self.bar / 2
        votes = (masks & alike).sum(axis=0) / np.maximum(alike.sum(axis=0), 1)
        return np.where(alike & self.region, votes > AS_PERSON, masks)

    def refined(self, t: int, mask: np.ndarray, known: np.ndarray, region: np.ndarray) -> np.ndarray:
        """Labels of frame t, of a plate that is `known` (H, W) and a mask of the round before."""
        far = self.distance[t] > self.bar
        sure = known & (self.distance[t] > 2 * self.bar) & ~self.shade[t]
        label = np.where(mask, MAYBE_PERSON, MAYBE_PLACE).astype(np.uint8)
        label[known & far & ~self.shade[t]] = MAYBE_PERSON
        label[known & (self.distance[t] < self.bar / 2)] = PLACE
        label[shrunk(sure, 3) & mask] = PERSON
        label[~region] = PLACE
        return label
