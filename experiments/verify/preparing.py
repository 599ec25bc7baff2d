"""What is done to a recording before a model's own preprocessing, all of it declared in the result.

- crop. none: the whole picture, as the model's card resizes it. square: the largest square in the middle: rendered
  clips are square, and a card that stretches would make people of a wide picture thin. person: a square around the
  person, the same for all frames, from a segmenter's mask; where it reaches beyond the picture, the picture's edge is
  repeated, and its side is at most the picture's longer one. With the default margin the person fills as much of it as
  of a rendered clip at 3.5 m and 45 degrees.
- camera. any: taken as it is. still: recordings whose camera moves are left out and named, since rendered cameras
  stand still.

Nothing here looks at a score. Boxes and the camera's rest are judged on frames that models are shown.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field

import cv2
import numpy as np

from experiments import settings
from experiments.models.footage import Footage
from experiments.recordings.video import Decoding
from experiments.segmenters import Segmenter, SegmenterError
from experiments.settings import SettingError
from synth.errors import find

CROPS = {
    "none": "the whole picture",
    "square": "the largest square in the middle",
    "person": "a square around the person, the same for all frames",
}
CAMERAS = {
    "any": "taken as it is, still or moving",
    "still": "recordings whose camera moves are left out",
}
SEEN = 0.05  # share of frames in which a pixel must be the person's to count for the box
LEAST = 0.001  # of the picture: a person smaller than that was not found


@dataclass(frozen=True, kw_only=True)
class Preparing:
    """crop: see CROPS. margin: of the person's longer side, on each side of the box. segmenter: a name or the path of a
    card, for crop person; segmenter_options: what differs from the card's. camera: see CAMERAS. windows: the most of
    one recording; their scores are averaged. conceal: take damaged files as the codec mends them. flow: a folder with
    each recording's flow (`find_flow`), for models that are shown it; None: recordings have none."""

    crop: str = "none"
    margin: float = 0.35
    segmenter: str = "still_camera"
    segmenter_options: Mapping = field(default_factory=dict)
    camera: str = "any"
    windows: int = 4
    conceal: bool = False
    flow: str | None = None

    @classmethod
    def from_config(cls, given: Mapping) -> Preparing:
        """Raises SettingError and UnknownName."""
        given = {**settings.table("recordings.prepare", given)}
        given["segmenter_options"] = given.get("segmenter_options") or {}
        return settings.part("recordings.prepare", given, cls)

    def __post_init__(self):
        find("crop (recordings.prepare)", self.crop, CROPS)
        find("camera (recordings.prepare)", self.camera, CAMERAS)
        settings.flag("recordings.prepare.conceal", self.conceal)
        settings.whole("recordings.prepare.windows", self.windows, least=1)
        settings.table("recordings.prepare.segmenter_options", self.segmenter_options)
        if self.flow is not None:
            settings.folder("recordings.prepare.flow", self.flow)
        if not settings.are_numbers([self.margin]) or not 0 <= self.margin <= 2:
            raise SettingError(f"recordings.prepare.margin = {self.margin!r}; expected a number from 0 to 2")

    @property
    def decoding(self) -> Decoding:
        """How files are read: with square pixels, since rendered ones are."""
        return Decoding(square_pixels=True, conceal=self.conceal)

    def words(self) -> list[tuple[str, str]]:
        """All of it for people, as (what, how)."""
        crop = CROPS[self.crop]
        if self.crop == "person":
            options = "".join(f", {name} {value}" for name, value in self.segmenter_options.items())
            crop += f"; mask by {self.segmenter}{options}; margin {self.margin:g} of the longer side"
        mended = [("Damaged files", "taken as the codec mends them")] if self.conceal else []
        flow = [("Flow", "as it was given for the recordings; exact for rendered clips")] if self.flow else []
        return [("Crop", crop), ("Camera", CAMERAS[self.camera]), *flow, *mended]


@dataclass(frozen=True, kw_only=True)
class Box:
    """A part of a picture in pixels; may reach beyond it."""

    left: int
    top: int
    width: int
    height: int

    def padding(self, height: int, width: int) -> float:
        """The share of the box that lies beyond a picture, in [0, 1]."""
        across = max(0, min(self.left + self.width, width) - max(self.left, 0))
        down = max(0, min(self.top + self.height, height) - max(self.top, 0))
        return 1.0 - across * down / (self.width * self.height)

    def cut(self, frames: np.ndarray) -> np.ndarray:
        """(T, height, width, C) of frames or flow (T, H, W, C); beyond the picture its edge is repeated."""
        height, width = frames.shape[1:3]
        top, bottom = max(0, -self.top), max(0, self.top + self.height - height)
        left, right = max(0, -self.left), max(0, self.left + self.width - width)
        rows = slice(max(self.top, 0), min(self.top + self.height, height))
        columns = slice(max(self.left, 0), min(self.left + self.width, width))
        inside = frames[:, rows, columns]
        if not (top or bottom or left or right):
            return np.ascontiguousarray(inside)
        edges = (top, bottom, left, right)
        return np.stack([cv2.copyMakeBorder(frame, *edges, cv2.BORDER_REPLICATE) for frame in inside])


@dataclass(frozen=True, kw_only=True)
class Cut:
    """What is cut out of a recording. padding: the share of it beyond the picture. sureness: of the mask, in [0, 1];
    NaN without one. remarks: of the segmenter."""

    box: Box
    padding: float = 0.0
    sureness: float = float("nan")
    remarks: tuple[str, ...] = ()

    @property
    def facts(self) -> dict:
        """Columns of a table."""
        box = {f"crop_{name}": value for name, value in dataclasses.asdict(self.box).items()}
        return {**box, "padding": self.padding, "mask_sureness": self.sureness, "remarks": "; ".join(self.remarks)}


def choose_cut(frames: np.ndarray, preparing: Preparing, segmenter: Segmenter | None) -> Cut:
    """What is cut out of a recording, of frames of it that are shown, uint8 (T, H, W, 3).

    segmenter: needed for crop person. Raises SegmenterError where no person is found.
    """
    height, width = frames.shape[1:3]
    if preparing.crop == "none":
        return Cut(box=Box(left=0, top=0, width=width, height=height))
    if preparing.crop == "square":
        side = min(height, width)
        return Cut(box=Box(left=(width - side) // 2, top=(height - side) // 2, width=side, height=side))
    found = segmenter.segment(Footage(frames=frames))
    box = around(found.mask, preparing.margin)
    return Cut(
        box=box,
        padding=box.padding(height, width),
        sureness=float(found.confidence.mean()),
        remarks=found.remarks,
    )


def around(mask: np.ndarray, margin: float) -> Box:
    """The square around a person, mask uint8 (T, H, W), with a margin on each side. Raises SegmenterError."""
    seen = (mask > 0).mean(axis=0) >= SEEN
    if seen.mean() < LEAST:
        raise SegmenterError("no person was found; use recordings.prepare.crop=square, or another segmenter")
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    extents = [(int(found[0]), int(found[-1]) + 1) for found in (rows, columns)]
    side = min(round(max(high - low for low, high in extents) * (1 + 2 * margin)), max(seen.shape))
    top, left = (round((low + high - side) / 2) for low, high in extents)
    return Box(left=left, top=top, width=side, height=side)
