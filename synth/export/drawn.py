"""A data set drawn at random, for training: all factors free; motions, people and random places dealt to the splits.

Domain randomisation (`synth.randomise`; Tobin et al. 2017) of clips whose motion, person and place are of their split.
A person's or a place's random seed and an authored motion's style are names like any other, so that no two splits have
one in common; only a place with a name (lawn, street) is in all of them. People and places are a limited number, as
making one takes seconds and drawing a clip a fraction of one. Every clip draws from a generator of its own.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from synth import body
from synth.aim import Aim, aim
from synth.errors import UnknownName
from synth.export.errors import ExportError, SplitError
from synth.export.formats import whole
from synth.export.splits import dealt, dealt_by_activity
from synth.factors import Appearance, ClipSpec, MotionRef
from synth.motion import catalogue
from synth.randomise import NAMED, OWN, RANDOM, Ranges
from synth.randomise import draw as draw_factors

log = logging.getLogger("ceteris")


@dataclass(frozen=True, kw_only=True)
class DrawnDesign:
    """What is drawn.

    clips: of the whole data set, classes in turn. people: how many in all splits together; which, the weights
    `ranges.appearances` say: "random" ones, "named" ones, or single names. places: how many random ones, where
    `ranges.environments` asks for such. motions: how many of each activity, of `source` or, by activity, of `fallback`.
    clip: what every clip has in common, of ClipSpec's fields.
    """

    activities: tuple[str, ...]
    clips: int = 1200
    people: int = 40
    places: int = 24
    motions: int = 20
    source: str = "authored"
    fallback: Mapping[str, str] = field(default_factory=dict)
    clip: Mapping = field(default_factory=dict)
    ranges: Ranges = field(default_factory=Ranges)
    seed: int = 0

    def __post_init__(self):
        for name, least in (("clips", 1), ("people", 1), ("places", 1), ("motions", 1), ("seed", 0)):
            whole(f"drawn.{name}", getattr(self, name), least, 10_000_000)
        if not self.activities:
            raise ExportError("drawn.activities is empty; name at least one")
        for activity in self.activities:
            known = catalogue.activities(self.source_of(activity))
            if activity not in known:
                raise UnknownName(f"activity of source {self.source_of(activity)!r}", activity, known)

    def source_of(self, activity: str) -> str:
        """Where an activity's motions come from."""
        return self.fallback.get(activity, self.source)


def draw(
    design: DrawnDesign, shares: Mapping[str, float], *, assets_root: Path | None = None, kept_in: Path | None = None
) -> dict[str, list[ClipSpec]]:
    """The recipes of each split. kept_in: see `aim`. Raises SplitError where there are too few motions, people or clips
    for the splits."""
    people = _people(design, shares)
    motions = _motions(design, shares, assets_root, kept_in)
    places = _places(design, shares)
    parts = {}
    for number, (split, count) in enumerate(_counts(design, shares).items()):
        ranges = dataclasses.replace(design.ranges, appearances={OWN: 1.0}, environments=places[split])
        parts[split] = [
            _clip(design, ranges, people[split], motions[activity][split], turn, [design.seed, number, index])
            for index in range(count)
            for turn, activity in [_turn(design, index)]
        ]
    return parts


def _turn(design: DrawnDesign, index: int) -> tuple[int, str]:
    """The how-manieth of its activity a clip is, and the activity."""
    turn, place = divmod(index, len(design.activities))
    return turn, design.activities[place]


def _counts(design: DrawnDesign, shares: Mapping[str, float]) -> dict[str, int]:
    """Clips of each split."""
    ends = np.round(np.cumsum(list(shares.values())) * design.clips).astype(int)
    counts = dict(zip(shares, np.diff([0, *ends]).tolist(), strict=True))
    if short := [name for name, count in counts.items() if count < len(design.activities)]:
        raise SplitError(
            f"drawn.clips = {design.clips} leaves {counts[short[0]]} clips for the split {short[0]!r}, fewer than the "
            f"{len(design.activities)} activities; ask for more"
        )
    return counts


def _people(design: DrawnDesign, shares: Mapping[str, float]) -> dict[str, list[str]]:
    """Names of appearances of each split."""
    rng = np.random.default_rng([design.seed, 1])
    weights = {name: weight for name, weight in design.ranges.appearances.items() if weight > 0}
    singles = [name for name in weights if name not in (RANDOM, NAMED, OWN)]
    if OWN in weights:
        raise ExportError(f"randomise.appearances.{OWN} = {weights[OWN]:g}: a drawn clip has no person of its own")
    room = max(0, design.people - len(singles))
    share = weights.get(NAMED, 0.0) / ((weights.get(NAMED, 0.0) + weights.get(RANDOM, 0.0)) or 1.0)
    others = [name for name in body.appearance_names() if name not in singles]
    named = [others[k] for k in rng.permutation(len(others))[: round(share * room)]]
    wanted = room - len(named) if RANDOM in weights else 0
    names = [*singles, *named, *_random("drawn.people", wanted, design.ranges.appearance_seeds, rng)]
    return _by_split(dealt(names, shares, rng, "drawn.people"), shares)


def _places(design: DrawnDesign, shares: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """Weights of environments in each split: those of the ranges, with the split's own places for "random"."""
    weights = {name: weight for name, weight in design.ranges.environments.items() if weight > 0}
    if RANDOM not in weights:
        return dict.fromkeys(shares, weights)
    share, rng = weights.pop(RANDOM), np.random.default_rng([design.seed, 3])
    names = _random("drawn.places", design.places, design.ranges.environment_seeds, rng)
    own = _by_split(dealt(names, shares, rng, "drawn.places"), shares)
    return {split: {**weights, **{name: share / len(places) for name in places}} for split, places in own.items()}


def _random(key: str, count: int, seeds: tuple[int, int], rng: np.random.Generator) -> list[str]:
    """Different names of random people or places."""
    low, high = seeds
    if count > high - low + 1:
        raise SplitError(f"{key}: {count} random ones, of seeds from {low} to {high} only; widen the range of seeds")
    return [f"random-{low + int(k)}" for k in rng.choice(high - low + 1, count, replace=False)]


Known = dict[MotionRef, Aim]


def _motions(
    design: DrawnDesign, shares: Mapping[str, float], assets_root: Path | None, kept_in: Path | None
) -> dict[str, dict[str, list[tuple[MotionRef, Aim]]]]:
    """Activity -> split -> its motions, with what is known of them."""
    known = {activity: _long_enough(design, activity, assets_root, kept_in) for activity in design.activities}
    recordings = {a: list(dict.fromkeys(catalogue.cluster(ref) for ref in refs)) for a, refs in known.items()}
    homes = dealt_by_activity(recordings, shares, np.random.default_rng([design.seed, 2]))
    return {
        activity: {
            split: [(ref, seen) for ref, seen in refs.items() if homes[catalogue.cluster(ref)] == split]
            for split in shares
        }
        for activity, refs in known.items()
    }


def _long_enough(design: DrawnDesign, activity: str, assets_root: Path | None, kept_in: Path | None) -> Known:
    """The motions of an activity that last as long as a clip, and what is known of them."""
    found = _references(design, activity, assets_root)
    known = {ref: aim(ref, root=_base(design).root, assets_root=assets_root, kept_in=kept_in) for ref in found}
    long = {ref: seen for ref, seen in known.items() if _room_s(design, seen) >= 0}
    if short := len(known) - len(long):
        log.warning("%s: %d of %d motions are shorter than a clip and left out", activity, short, len(known))
    return long


def _references(design: DrawnDesign, activity: str, assets_root: Path | None) -> list[MotionRef]:
    """Motions of an activity; authored ones of the whole range of styles, and none of those that studies show."""
    source = design.source_of(activity)
    if source == "authored":
        return [MotionRef(activity=activity, variant=str(k)) for k in range(design.motions)]
    return catalogue.references(activity, source=source, n=design.motions, assets_root=assets_root)


def _by_split(homes: Mapping, shares: Mapping[str, float]) -> dict[str, list]:
    return {split: [thing for thing, home in homes.items() if home == split] for split in shares}


def _base(design: DrawnDesign) -> ClipSpec:
    return ClipSpec(motion=MotionRef(activity="any"), **design.clip)


def _room_s(design: DrawnDesign, seen: Aim) -> float:
    """How late a clip may begin; below 0 for a motion that is too short at the highest tempo."""
    base, fastest = _base(design), max(1.0, (design.ranges.tempo or (1.0, 1.0))[1])
    return seen.duration_s - (0.0 if seen.cyclic else fastest * (base.num_frames - 0.5) / base.fps)


def _clip(
    design: DrawnDesign,
    ranges: Ranges,
    people: Sequence[str],
    motions: Sequence[tuple[MotionRef, Aim]],
    turn: int,
    seed: Sequence[int],
) -> ClipSpec:
    """One recipe: motions in turn, and a person and all else by chance."""
    seeds = np.random.SeedSequence(seed)
    rng = np.random.default_rng(seeds)
    ref, seen = motions[turn % len(motions)]
    base = dataclasses.replace(
        _base(design),
        motion=ref,
        appearance=Appearance(name=people[int(rng.integers(len(people)))]),
        look_at_m=seen.look_at_m,
        start_s=round(float(_room_s(design, seen) * rng.random()), 4),
    )
    return draw_factors(base, ranges, int(seeds.generate_state(1, np.uint64)[0]))
