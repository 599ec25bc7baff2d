"""What a model of ours is trained and tested on: a draw of recipes in which every factor but one is free.

Every nuisance factor is drawn independently of the activity and over more than the range that the studies sweep, so
that none of them tells the classes apart (`synth.randomise` draws). That goes for the camera's height, too: a study
looks at the middle of the person, which is low in a push-up and high in a jumping jack, and a model could read the
class off the horizon; here the camera looks at a point whose height is drawn, over where the person is, whatever is
done there. Azimuth alone is confined to a range: it is the planted bias, and a model's twin differs in that range and
in nothing else. Each factor of each clip draws from a generator of its own, so that the clips of a model and of its
twin are matched one to one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

import numpy as np

from experiments import settings
from synth import body, randomise
from synth.aim import aim
from synth.errors import CeterisError, UnknownName
from synth.factors import Appearance, ClipSpec, MotionRef
from synth.motion import catalogue

# The seeds of random appearances and places of the two halves never meet.
HELD_FROM = 100_000
SPLITS = {"train": 0, "held": 1, "cmu": 2}


class DesignError(CeterisError):
    """A training design that cannot be drawn: the key, what was got and what is expected."""


@dataclass(frozen=True, kw_only=True)
class Ranges:
    """Uniform ranges of the nuisance factors, [low, high]; degrees, metres, kelvin. aim_m: how far the camera's aim
    strays, along each axis, from the vertical through the motion's middle. aim_height_m: how high it lies over the
    floor, before it strays."""

    elevation_deg: tuple[float, float] = (-5.0, 63.0)
    distance_m: tuple[float, float] = (1.9, 6.3)
    sun_azimuth_deg: tuple[float, float] = (0.0, 360.0)
    sun_elevation_deg: tuple[float, float] = (20.0, 75.0)
    intensity: tuple[float, float] = (0.6, 1.4)
    temperature_k: tuple[float, float] = (4000.0, 8000.0)
    ambient: tuple[float, float] = (0.7, 1.3)
    aim_m: tuple[float, float] = (-0.12, 0.12)
    aim_height_m: tuple[float, float] = (0.3, 1.2)

    def __post_init__(self):
        try:
            checked = randomise.Ranges(**vars(self))
        except randomise.RangeError as error:
            raise DesignError(f"train.draw.{error}") from error
        for item in fields(self):
            object.__setattr__(self, item.name, getattr(checked, item.name))


@dataclass(frozen=True, kw_only=True)
class TrainingDesign:
    """The draw: see the module.

    appearances: random appearances in the training half (`random-0` ...). styles: motions per appearance and
    activity. places: weights of the environments; "random" stands for `environments` random ones.
    """

    activities: tuple[str, ...]
    clips: int = 2400
    appearances: int = 32
    styles: int = 3
    environments: int = 16
    places: Mapping[str, float] = field(default_factory=lambda: {"lawn": 0.35, "plane": 0.15, "random": 0.5})
    ranges: Ranges = field(default_factory=Ranges)
    fps: float = 6.25
    num_frames: int = 8
    size: int = 112
    seed: int = 0

    def __post_init__(self):
        object.__setattr__(self, "activities", settings.names("train.design.activities", self.activities))
        if len(self.activities) < 2:
            raise DesignError(f"train.design.activities = {list(self.activities)}; a model needs two to tell apart")
        for name in ("clips", "appearances", "styles", "environments"):
            settings.whole(f"train.design.{name}", getattr(self, name), least=1)
        known = catalogue.activities("authored")
        for activity in self.activities:
            if activity not in known:
                raise UnknownName("activity of source 'authored'", activity, known)


def draw(
    design: TrainingDesign,
    split: str,
    azimuth_deg: Sequence[float],
    *,
    clips: int | None = None,
    assets_root: Path | None = None,
) -> list[ClipSpec]:
    """`clips` recipes of one split, activities in turn, sorted so that an appearance comes once.

    split: "train" (the central half of every style range), "held" (the outer quarters; the named appearances and
    random ones that training never saw), "cmu" (real trials under `assets_root`, held-out appearances; activities
    that CMU lacks are left out). Azimuth is uniform in `azimuth_deg`; everything else depends on the design alone.
    """
    if split not in SPLITS:
        raise UnknownName("split", split, SPLITS)
    activities = [a for a in design.activities if split != "cmu" or a in catalogue.activities("cmu")]
    if not activities:
        raise DesignError(f"CMU has none of {', '.join(design.activities)}; train others too, or leave out assets.root")
    trials = {a: catalogue.references(a, source="cmu", n=64) for a in activities} if split == "cmu" else {}
    performances = []
    for index in range(design.clips if clips is None else clips):
        activity, turn = activities[index % len(activities)], index // len(activities)
        performances.append((*_performance(design, split, activity, turn, trials), index))
    ranges, specs = _ranges(design, split, azimuth_deg), []
    # By motion, so that each is made once: there are more of them than are held in memory.
    for name, ref, index in sorted(performances, key=lambda performance: performance[1].key):
        seeds = np.random.SeedSequence([design.seed, SPLITS[split], index])
        base = _base(design, ref, name, np.random.default_rng(seeds), assets_root)
        specs.append(randomise.draw(base, ranges, int(seeds.generate_state(1, np.uint64)[0])))
    # By person, and each person's clips by place: both are made once and held, and there are more motions than either.
    return sorted(specs, key=lambda s: (s.appearance.name, s.environment.name, s.motion.key, s.start_s))


def appearances(design: TrainingDesign, split: str) -> list[str]:
    """The appearances of a split; no two splits but "held" and "cmu" share one."""
    if split == "train":
        return [f"random-{k}" for k in range(design.appearances)]
    return [*body.appearance_names(), *(f"random-{HELD_FROM + k}" for k in range(max(2, design.appearances // 6)))]


def _performance(
    design: TrainingDesign, split: str, activity: str, turn: int, trials: Mapping[str, list[MotionRef]]
) -> tuple[str, MotionRef]:
    """Who performs what: appearances in turn, and `styles` motions for each of them."""
    pool = appearances(design, split)
    who, take = turn % len(pool), turn // len(pool)
    if trials:
        return pool[who], trials[activity][turn % len(trials[activity])]
    variant = who * design.styles + take % design.styles
    return pool[who], MotionRef(activity=activity, variant=f"{split}-{variant}")


def _ranges(design: TrainingDesign, split: str, azimuth_deg: Sequence[float]) -> randomise.Ranges:
    """What is drawn: all that `design.ranges` names, the place and the azimuth; nothing of the motion itself."""
    first = 0 if split == "train" else HELD_FROM
    return randomise.Ranges(
        appearances={randomise.OWN: 1.0},
        environments=design.places,
        environment_seeds=(first, first + design.environments - 1),
        azimuth_deg=tuple(azimuth_deg),
        fov_deg=None,
        tempo=None,
        amplitude=None,
        mirror=0.0,
        **vars(design.ranges),
    )


def _base(
    design: TrainingDesign, ref: MotionRef, appearance: str, rng: np.random.Generator, assets_root: Path | None
) -> ClipSpec:
    """One performance, begun anywhere in the motion; the pelvis is over the origin in the mean, so the camera looks
    there."""
    seen = aim(ref, root="in_place", assets_root=assets_root)
    room = seen.duration_s - (0.0 if seen.cyclic else (design.num_frames - 0.5) / design.fps)
    return ClipSpec(
        motion=ref,
        appearance=Appearance(name=appearance),
        look_at_m=(0.0, 0.0, 0.0),
        fps=design.fps,
        num_frames=design.num_frames,
        start_s=round(float(max(room, 0.0) * rng.random()), 4),
        width=design.size,
        height=design.size,
    )
