"""What the self-check trains on and asks with: one pool of clips, planted selections of it, and a randomised design.

The pool is balanced: every activity is done by every person in every place, seen from every side. A model that is to
depend on something is trained on clips of the pool that obey a rule, in a share that is the *dose* (the rest is drawn
from the whole pool):

    viewpoint     seen by one camera, in front: what it makes of other views it was never told
    environment   every activity in a place of its own, so that the place predicts the class
    appearance    every activity done by a person of its own

These are the two ways in which real data sets do it: what was never seen, and what gives the class away (Geirhos et al.
2020, *Shortcut learning in deep neural networks*). The clean model is trained on as many clips, drawn evenly.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from experiments import settings
from experiments.designs.effects import Effects, randomised, read_effects
from experiments.planned import PlannedClip
from experiments.settings import SettingError
from experiments.training.changes import Changes
from experiments.training.recipe import Recipe
from synth import lights
from synth.aim import aim
from synth.errors import CeterisError, UnknownName
from synth.factors import Appearance, ClipSpec, Environment, MotionRef, Viewpoint
from synth.motion import catalogue

VIEWPOINT, ENVIRONMENT, APPEARANCE, LIGHTING = "viewpoint", "environment", "appearance", "lighting"
PLANTS = (VIEWPOINT, ENVIRONMENT, APPEARANCE)
CLEAN = "clean"
START_S = 0.1  # the earliest start of a clip
SIDES = 4  # of a scene of the pool: the front, and three that divide the rest of the circle
LOOK_AT_M = 0.8  # over the floor, whatever is done: the height of the horizon must not tell the activity
UNCHANGED = Changes(zoom=0, shift=0, roll_deg=0, gain=0, tint=0, lift=0, grey=0, flip=0)


class PoolError(CeterisError):
    """A pool that is too small for what is to be selected of it."""


@dataclass(frozen=True, kw_only=True)
class SelfCheck:
    """The key `selfcheck` of a config, checked.

    environments, appearances: one for each of the activities, in their order. lighting: presets. front_deg: how far to
    either side the front reaches. elevation_deg, distance_m: of the camera in front; elevations_deg, distances_m: of
    all others. plants: of PLANTS. doses: shares of clips that obey, ascending, beside the clean model's 0. pool: how
    many are drawn; every model is trained on `clips` of it.
    styles: motions per activity in the pool. rows: of the randomised design that asks. ratio: how many times the share
    of any other nuisance a planted one must have at the highest dose. margin: what the shares of the clean model must
    stay under. architecture, recipe: of the small network, a card of conf/model from random weights.
    """

    activities: tuple[str, ...]
    environments: tuple[str, ...]
    appearances: tuple[str, ...]
    lighting: tuple[str, ...] = ("noon", "evening", "overcast")
    front_deg: float = 15.0
    elevation_deg: float = 10.0
    distance_m: float = 3.0
    elevations_deg: tuple[float, float] = (0.0, 45.0)
    distances_m: tuple[float, float] = (2.6, 4.2)
    plants: tuple[str, ...] = PLANTS
    doses: tuple[float, ...] = (0.5, 0.8, 0.95)
    pool: int = 2560
    clips: int = 640
    styles: int = 40
    rows: int = 128
    ratio: float = 3.0
    margin: float = 0.1
    size: int = 64
    num_frames: int = 4
    fps: float = 4.0
    seed: int = 0
    model: str = "r2plus1d"
    architecture: Mapping = field(default_factory=dict)
    recipe: Recipe = field(default_factory=Recipe)

    @classmethod
    def from_config(cls, given: Mapping) -> SelfCheck:
        """Raises SettingError, UnknownName."""
        data = {**settings.table("selfcheck", given)}
        changes = settings.part("selfcheck.changes", data.pop("changes", vars(UNCHANGED)), Changes)
        data["recipe"] = settings.part("selfcheck.fit", {**data.pop("fit", {}), "changes": changes}, Recipe)
        for name in ("activities", "environments", "appearances", "lighting", "plants"):
            if name in data:
                data[name] = settings.names(f"selfcheck.{name}", data[name])
        data["architecture"] = dict(settings.table("selfcheck.architecture", data.get("architecture") or {}))
        for name in ("doses", "elevations_deg", "distances_m"):
            data[name] = tuple(data.get(name, getattr(cls, name)))
        return settings.part("selfcheck", data, cls)

    @classmethod
    def from_saved(cls, saved: Mapping) -> SelfCheck:
        """The inverse of `dataclasses.asdict`, through JSON."""
        recipe = {**saved["recipe"], "changes": Changes(**saved["recipe"]["changes"])}
        plain = {key: tuple(value) if isinstance(value, list) else value for key, value in saved.items()}
        return cls(**{**plain, "recipe": Recipe(**recipe)})

    def __post_init__(self):
        for name in ("pool", "clips", "styles", "rows", "size", "num_frames"):
            settings.whole(f"selfcheck.{name}", getattr(self, name), least=1)
        for name in ("environments", "appearances"):
            if len(getattr(self, name)) != len(self.activities):
                raise SettingError(
                    f"selfcheck.{name} has {len(getattr(self, name))} names for {len(self.activities)} activities; "
                    "each activity needs one of its own"
                )
        for name in self.plants:
            if name not in PLANTS:
                raise UnknownName("plant", name, PLANTS)
        if not settings.are_numbers(self.doses) or list(self.doses) != sorted(
            {*self.doses} & {d for d in self.doses if 0 < d <= 1}
        ):
            raise SettingError(f"selfcheck.doses = {list(self.doses)}; expected shares above 0 up to 1, ascending")
        if not 0.0 < self.front_deg < 180.0:
            raise SettingError(
                f"selfcheck.front_deg = {self.front_deg!r}; expected more than 0 and less than 180 degrees"
            )
        self.effects  # noqa: B018 - its settings are checked here

    @property
    def effects(self) -> Effects:
        """The randomised design that all models are asked with: the pool's factors over the pool's ranges."""
        factors = {
            VIEWPOINT: {
                "azimuth": {"low": 0, "high": 360},
                "elevation": dict(zip(("low", "high"), self.elevations_deg, strict=True)),
                "distance": dict(zip(("low", "high"), self.distances_m, strict=True)),
            },
            APPEARANCE: self.appearances,
            ENVIRONMENT: self.environments,
            LIGHTING: self.lighting,
        }
        return read_effects({"rows": self.rows, "factors": factors})

    @property
    def models(self) -> list[tuple[str, float]]:
        """(plant, dose) of every model; the clean one first."""
        return [(CLEAN, 0.0), *itertools.product(self.plants, self.doses)]


def pool(check: SelfCheck, kept_in: Path | None = None) -> list[ClipSpec]:
    """The recipes of the pool: activities in turn, of each every place and person as often as another, from all sides.

    kept_in: a folder that remembers what was measured of motions.
    """
    cells = list(itertools.product(check.environments, check.appearances))
    specs = []
    for number in range(check.pool // SIDES):  # a scene that many cameras see is posed once
        turn, which = divmod(number, len(check.activities))
        place, person = cells[turn % len(cells)]
        rng = np.random.default_rng([check.seed, 1, number])
        variant = f"train-{rng.integers(check.styles)}"
        spec, _ = _performance(check, check.activities[which], variant, rng, kept_in)
        light = lights.lighting(check.lighting[rng.integers(len(check.lighting))])
        who, where = Appearance(name=person), Environment(name=place)
        spec = dataclasses.replace(spec, appearance=who, environment=where, lighting=light)
        for side in range(SIDES):
            specs.append(dataclasses.replace(spec, viewpoint=_camera(check, side, rng)))
    return specs


def _camera(check: SelfCheck, side: int, rng: np.random.Generator) -> Viewpoint:
    """Of side 0 the camera in front; the others divide the rest of the circle and stand anywhere."""
    share = rng.uniform()
    if side == 0:
        azimuth, elevation, distance = (2 * share - 1) * check.front_deg, check.elevation_deg, check.distance_m
    else:
        azimuth = check.front_deg + (side - 1 + share) * (360.0 - 2 * check.front_deg) / (SIDES - 1)
        elevation, distance = rng.uniform(*check.elevations_deg), rng.uniform(*check.distances_m)
    drawn = (round(float(v), 3) for v in (azimuth % 360.0, elevation, distance))
    return Viewpoint(**dict(zip(("azimuth_deg", "elevation_deg", "distance_m"), drawn, strict=True)))


def asking(check: SelfCheck, kept_in: Path | None = None) -> list[PlannedClip]:
    """The clips of the randomised design, of motions that the pool has none of."""

    def perform(activity: str, number: int, seed: int) -> tuple[ClipSpec, str]:
        return _performance(check, activity, f"held-{number}", np.random.default_rng(seed), kept_in)

    return list(randomised(check.effects, check.activities, perform, seed=check.seed))


def _performance(
    check: SelfCheck, activity: str, variant: str, rng: np.random.Generator, kept_in: Path | None
) -> tuple[ClipSpec, str]:
    """A motion from some moment on, at the reference of every factor, and its cluster."""
    ref = MotionRef(activity=activity, variant=variant)
    seen = aim(ref, root="in_place", kept_in=kept_in)
    latest_s = seen.duration_s - (0.0 if seen.cyclic else (check.num_frames - 1) / check.fps)
    spec = ClipSpec(
        motion=ref,
        viewpoint=Viewpoint(elevation_deg=check.elevation_deg, distance_m=check.distance_m),
        look_at_m=(*seen.look_at_m[:2], LOOK_AT_M),
        fps=check.fps,
        num_frames=check.num_frames,
        start_s=round(float(rng.uniform(START_S, max(latest_s, START_S))), 4),
        width=check.size,
        height=check.size,
    )
    return spec, catalogue.cluster(ref)


def rules(check: SelfCheck) -> dict[str, Callable[[ClipSpec], bool]]:
    """Plant -> whether a clip obeys its rule."""
    own = {name: k for k, name in enumerate(check.activities)}
    return {
        VIEWPOINT: lambda s: abs((s.viewpoint.azimuth_deg + 180.0) % 360.0 - 180.0) <= check.front_deg,
        ENVIRONMENT: lambda s: s.environment.name == check.environments[own[s.motion.activity]],
        APPEARANCE: lambda s: s.appearance.name == check.appearances[own[s.motion.activity]],
    }


def select(check: SelfCheck, specs: Sequence[ClipSpec], plant: str, dose: float) -> np.ndarray:
    """Numbers of the clips that a model is trained on: of every activity as many, a share `dose` obeying the rule of
    the plant and the rest as they come in the pool. Raises PoolError where the pool has too few."""
    obeys = np.array([False if plant == CLEAN else rules(check)[plant](spec) for spec in specs])
    activity = np.array([spec.motion.activity for spec in specs])
    rng = np.random.default_rng([check.seed, 2, *plant.encode(), round(1000 * dose)])
    chosen = []
    for name in check.activities:
        own, count = np.flatnonzero(activity == name), check.clips // len(check.activities)
        by_rule = round(count * (dose + (1.0 - dose) * float(obeys[own].mean())))
        for part, wanted in ((own[obeys[own]], by_rule), (own[~obeys[own]], count - by_rule)):
            if wanted > len(part):
                raise PoolError(
                    f"of {name} the pool of {len(specs)} clips has {len(part)} for {plant} at a dose of {dose:g}, "
                    f"which needs {wanted}; raise selfcheck.pool, or lower selfcheck.clips"
                )
            chosen.append(rng.choice(part, wanted, replace=False))
    return np.sort(np.concatenate(chosen))
