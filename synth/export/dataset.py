"""A data set before it is drawn: every clip with its class, its split, and the numbers that layouts name it by.

What is in a data set follows from its recipes alone, so that a run that was stopped goes on with the same names.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from synth.export.splits import check_splits
from synth.export.video import Video
from synth.factors import ClipSpec
from synth.frames import Camera
from synth.motion import catalogue


@dataclass(frozen=True, kw_only=True)
class Item:
    """One clip of a data set.

    id: of the clip (`ClipSpec.clip_id`), its key in every layout. label: number of its class, from 0. index: its place
    in the data set, from 0. person: number of its appearance, from 1. group: number, within its class and from 1, of
    what it has motion and person in common with; number: its place in the group, from 1. take: its place among the
    clips of its class and person, from 1.
    """

    id: str
    spec: ClipSpec
    split: str
    label: int
    class_name: str
    index: int
    person: int
    group: int
    number: int
    take: int

    @property
    def facts(self) -> dict:
        """What is told of the clip beside its pixels: one level of names, plain values."""
        spec = self.spec.flat()
        del spec["seed"], spec["repeat"]
        return {"id": self.id, "split": self.split, "class": self.class_name, "label": self.label, **spec}


@dataclass(frozen=True, kw_only=True)
class DataSet:
    """items: in order. classes: by label. splits: by name, in order. video: how videos are compressed. made: what the
    card says of the design, JSON-able. dropped: clips of the design that would have leaked."""

    name: str
    items: tuple[Item, ...]
    classes: tuple[str, ...]
    splits: tuple[str, ...]
    video: Video = field(default_factory=Video)
    made: Mapping = field(default_factory=dict)
    dropped: int = 0

    def of_split(self, split: str) -> list[Item]:
        """The clips of a split, in order."""
        return [item for item in self.items if item.split == split]

    @cached_property
    def digest(self) -> str:
        """Of all that decides the bytes of the data set, formats apart: 16 hex digits."""
        rows = [[item.id, item.split, item.class_name] for item in self.items]
        text = json.dumps([rows, self.classes, self.splits, self.video.settings], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def data_set(name: str, parts: Mapping[str, Sequence[ClipSpec]], ids: Mapping[ClipSpec, str], **more) -> DataSet:
    """The data set of recipes by split. ids: by recipe. more: further fields of DataSet.

    Raises LeakedSplit where a motion or an appearance is in two splits.
    """
    check_splits(parts)
    every = [(split, spec) for split, specs in parts.items() for spec in dict.fromkeys(specs)]
    classes = tuple(dict.fromkeys(sorted(spec.motion.activity for _, spec in every)))
    people = _numbers(spec.appearance.name for _, spec in every)
    groups: dict[str, dict[tuple, int]] = {name: {} for name in classes}
    taken: Counter = Counter()
    items = []
    for index, (split, spec) in enumerate(every):
        activity = spec.motion.activity
        alike = (catalogue.cluster(spec.motion), spec.appearance.name)
        group = groups[activity].setdefault(alike, len(groups[activity]) + 1)
        for shared in (group, spec.appearance.name):
            taken[activity, shared] += 1
        items.append(
            Item(
                id=ids[spec],
                spec=spec,
                split=split,
                label=classes.index(activity),
                class_name=activity,
                index=index,
                person=people[spec.appearance.name],
                group=group,
                number=taken[activity, group],
                take=taken[activity, spec.appearance.name],
            )
        )
    return DataSet(name=name, items=tuple(items), classes=classes, splits=tuple(parts), **more)


def _numbers(names: Iterable[str]) -> dict[str, int]:
    return {name: number for number, name in enumerate(dict.fromkeys(names), 1)}


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A clip on its way into a data set: its passes (`synth.clips.PASSES`), and the camera that it was drawn with."""

    item: Item
    arrays: Mapping[str, np.ndarray]
    camera: Camera
    video: Video

    @cached_property
    def mp4(self) -> bytes:
        """The frames as MP4; made once, however many layouts hold it."""
        return self.video.encode(self.arrays["frames"], self.item.spec.fps, "mp4")
