"""A study as plain data: which factor is swept over which values, what is held, and the replicates (design §3).

Read from `conf/conf/<name>.yaml`. Everything that a user may misspell is checked here, before anything is rendered,
and answered with the nearest names.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from experiments import settings
from experiments.designs.cross import read_crosses
from experiments.designs.effects import Effects, read_effects
from experiments.designs.flip import Flip, read_flip
from experiments.designs.manifold import Manifold, read_manifold
from experiments.models.input import InputSpec, common_length, common_rate, common_size
from experiments.settings import SettingError
from experiments.sweeps import Sweep, ours, paper_sign, read_mirrored, read_sweep
from synth import axes, lights
from synth.axes import Level
from synth.factors import Appearance, ClipSpec, Environment, Lighting, Manner, MotionRef, Viewpoint

AUTO = "auto"  # of a clip's shape: as the models need it


@dataclass(frozen=True, kw_only=True)
class ClipShape:
    """What every clip of the study shares; raises FactorError for what no clip can have.

    loop: the frames are spread over one whole cycle of the motion, whatever it lasts, and `fps` is not looked at.
    """

    fps: float = 6.25
    num_frames: int = 8
    root: str = "in_place"
    width: int = 112
    height: int = 112
    fov_deg: float = 45.0
    loop: bool = False

    def __post_init__(self):
        ClipSpec(motion=MotionRef(activity="any"), **vars(self))


@dataclass(frozen=True, kw_only=True)
class Study:
    """A study: see the module. `source` and `fallback` come from the group `motion`.

    replicates: blocks per activity, each a motion, an appearance and a start phase of its own. motions: how many
    different motions they share, 0 for one each. paper_sign: 0, or the sense (1, -1) in which the azimuths of this
    config count in the angles of Lyu et al. 2019 (design §4); they become ours here. floor_repeats: clips per block
    under changes that nobody calls a nuisance. everyone: every replicate is done by each of the appearances in turn,
    all else alike, instead of by one. cross: pairs of sweeps that are crossed. mirrored: sweeps of the azimuth whose
    clips are scored as a mirror shows them too. manifold: layers whose features are followed. flip: how finely the
    change that loses the class is looked for. effects: a randomised design beside the sweeps. fallback: activity ->
    source where `source` has no motion. props, manner: held, as in ClipSpec. In the config, lighting may be the name of
    a preset (`synth.lights`), or a table with the key `preset`.
    """

    name: str
    title: str
    question: str
    activities: tuple[str, ...]
    sweeps: tuple[Sweep, ...]
    reference: Viewpoint
    replicates: int = 6
    motions: int = 0
    paper_sign: int = 0
    appearances: tuple[str, ...]
    environment: str = "lawn"
    lighting: Lighting = field(default_factory=Lighting)
    props: str = "own"
    manner: Manner = field(default_factory=Manner)
    clip: ClipShape = field(default_factory=ClipShape)
    floor_repeats: int = 2
    everyone: bool = False
    cross: tuple[tuple[str, str], ...] = ()
    mirrored: tuple[str, ...] = ()
    manifold: Manifold | None = None
    flip: Flip | None = None
    effects: Effects | None = None
    seed: int = 0
    source: str = "authored"
    fallback: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_config(cls, study: Mapping, motion: Mapping, inputs: Sequence[InputSpec] = (InputSpec(),)) -> Study:
        """The study of a composed config, for models with these inputs. Raises SettingError, UnknownName or
        FactorError."""
        data = {**settings.table("study", study), **settings.table("motion", motion)}
        settings.known_keys("study", data, cls)
        sign = paper_sign(data.get("paper_sign", 0))
        try:
            wanted = {k: v for k, v in settings.table("study.sweeps", data["sweeps"]).items() if v is not None}
            sweeps = tuple(read_sweep(*item, sign) for item in wanted.items())
            return cls(
                **{
                    **data,
                    "activities": settings.names("study.activities", data["activities"]),
                    "appearances": settings.names("study.appearances", data["appearances"]),
                    "fallback": dict(settings.table("motion.fallback", data.get("fallback", {}))),
                    "sweeps": sweeps,
                    "cross": read_crosses(data.get("cross", []), sweeps),
                    "mirrored": read_mirrored(data.get("mirrored", []), sweeps),
                    "manifold": read_manifold(data["manifold"], sweeps) if data.get("manifold") else None,
                    "flip": read_flip(data["flip"], sweeps) if data.get("flip") else None,
                    "effects": read_effects(data["effects"]) if data.get("effects") else None,
                    "reference": _reference(settings.part("study.reference", data["reference"], Viewpoint), sign),
                    "lighting": lights.lighting(data.get("lighting", {})),
                    "manner": settings.part("study.manner", data.get("manner", {}), Manner),
                    "clip": settings.part("study.clip", _fitted(data.get("clip", {}), inputs), ClipShape),
                }
            )
        except KeyError as error:
            raise SettingError(f"study {data.get('name', '?')!r} lacks the key {error.args[0]!r}") from error

    def __post_init__(self):
        if not self.sweeps:
            raise SettingError("study.sweeps is empty; name at least one")
        for name, least in (("replicates", 1), ("motions", 0), ("floor_repeats", 0), ("seed", 0)):
            settings.whole(f"study.{name}", getattr(self, name), least=least)
        settings.flag("study.everyone", self.everyone)
        paper_sign(self.paper_sign)

    def spec(self, motion: MotionRef) -> ClipSpec:
        """What is held, as the recipe of a motion in the first appearance, at the reference of every factor."""
        return ClipSpec(
            motion=motion,
            manner=self.manner,
            props=self.props,
            appearance=Appearance(name=self.appearances[0]),
            environment=Environment(name=self.environment),
            lighting=self.lighting,
            viewpoint=self.reference,
            **dataclasses.asdict(self.clip),
        )

    def reference_level(self, factor: str) -> Level:
        """Where a factor stands while another is swept; of the appearance, the first of the study's. An angle is
        written as the sweep writes it: -90, where that is swept, and not 270."""
        held = axes.value(self.spec(MotionRef(activity="any")), factor)
        if axes.get(factor).kind != axes.ANGLE:
            return held
        swept = [value for sweep in self.sweeps if sweep.factor == factor for value in sweep.values]
        return next((value for value in swept if (value - held) % 360.0 == 0.0), held)

    def position(self, factor: str, level: Level) -> float:
        """A level as a number: its value; of a name its place among all the levels swept, from 0; true is 1."""
        if axes.get(factor).kind != axes.NAME:
            return float(level)
        swept = [value for sweep in self.sweeps if sweep.factor == factor for value in sweep.values]
        return float(list(dict.fromkeys(swept)).index(level))

    @property
    def references(self) -> dict[str, float]:
        """Every swept factor -> the position of its reference, from which effects are measured."""
        return {s.factor: self.position(s.factor, self.reference_level(s.factor)) for s in self.sweeps}


def _fitted(clip, inputs: Sequence[InputSpec]):
    """The clips' shape with every `auto` settled. Clips are rendered once for all models of a study, and each model
    picks frames and resizes as its card says: fps, num_frames, width and height are such that none finds them too
    coarse, too short or too small."""
    clip = dict(settings.table("study.clip", clip))
    if clip.get("fps") == AUTO:
        clip["fps"] = common_rate(inputs)
    if clip.get("num_frames") == AUTO:
        clip["num_frames"] = common_length(inputs, clip.get("fps", ClipShape.fps))
    for name, side in zip(("height", "width"), common_size(inputs), strict=True):
        if clip.get(name) == AUTO:
            clip[name] = side
    return clip


def _reference(view: Viewpoint, sign: int) -> Viewpoint:
    return dataclasses.replace(view, azimuth_deg=ours(view.azimuth_deg, sign))
