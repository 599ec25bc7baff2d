"""What is on each sheet: recipes for people, places, motions, passes and random draws.

A motion is seen at its telling moment, the one in which its pose is furthest from a person who just stands: the bottom
of a squat, the open jumping jack, the drawn bow.
"""

from __future__ import annotations

import dataclasses
import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synth import body, randomise
from synth.aim import aim
from synth.axes import set_value
from synth.errors import find
from synth.factors import ClipSpec, Lighting, Manner, MotionRef, Viewpoint
from synth.gallery import colours
from synth.gallery.sheet import Cell, Sheet
from synth.lights import PRESETS
from synth.motion import catalogue
from synth.stage import place

AZIMUTHS_DEG = tuple(range(0, 360, 45))
VIEWS_DEG = (20, 110, 200)
PLACE_VIEWS_DEG = (0, 90, 180, 270)
LIGHTS = ("noon", "evening")
ACROSS, DRAWS_ACROSS = 8, 5
_ELEVATION_DEG, _DISTANCE_M = 10.0, 3.0
_STANDING = "wave"
_MANNERS = {
    "as it is": Manner(),
    "tempo 1.5": Manner(tempo=1.5),
    "phase 0.25": Manner(phase=0.25),
    "amplitude 0.5": Manner(amplitude=0.5),
    "amplitude 1.5": Manner(amplitude=1.5),
    "mirrored": Manner(mirror=True),
    "noise 10 deg": Manner(noise_deg=10.0),
    "left arm frozen": Manner(freeze="left_arm"),
    "legs frozen": Manner(freeze="left_leg+right_leg"),
}


@dataclass(frozen=True, kw_only=True)
class Options:
    """What a person may choose; the fields are the options of the command line."""

    activity: str | None = None
    source: str = "authored"
    assets_root: Path | None = None
    count: int = 1
    seed: int = 0
    appearance: str = "ana"
    environment: str = "lawn"
    lighting: Lighting = PRESETS["noon"]
    ranges: randomise.Ranges = dataclasses.field(default_factory=randomise.Ranges)
    size: int = 160

    def base(self, ref: MotionRef) -> ClipSpec:
        """A motion in the chosen appearance, place and light, looked at in its middle from half left."""
        spec = ClipSpec(
            motion=ref,
            lighting=self.lighting,
            look_at_m=aim(ref, root="in_place", assets_root=self.assets_root).look_at_m,
            viewpoint=Viewpoint(azimuth_deg=20.0, elevation_deg=_ELEVATION_DEG, distance_m=_DISTANCE_M),
            num_frames=1,
            width=self.size,
            height=self.size,
        )
        return set_value(set_value(spec, "appearance", self.appearance), "environment", self.environment)

    def activities(self) -> list[str]:
        """Those of the source, or the one that was named; UnknownName for another."""
        known = catalogue.activities(self.source)
        if self.activity is not None:
            find(f"activity of source {self.source!r}", self.activity, dict.fromkeys(known))
        return known if self.activity is None else [self.activity]

    def references(self, count: int = 1) -> list[MotionRef]:
        """`count` motions of every activity."""
        return [r for name in self.activities() for r in catalogue.references(name, source=self.source, n=count)]


def motions(options: Options) -> list[Sheet]:
    """A sheet per motion: eight azimuths down, eight times across."""
    sheets = []
    for ref in options.references(options.count):
        base = _over_a_cycle(options, ref)
        rows = {f"{azimuth} deg": set_value(base, "azimuth", azimuth) for azimuth in AZIMUTHS_DEG}
        sheets.append(_film_strips(ref.key.replace("/", "_"), ref.key, rows))
    return sheets


def manners(options: Options) -> list[Sheet]:
    """A sheet per motion: its manners down, eight times across."""
    sheets = []
    for ref in options.references(options.count):
        base = _over_a_cycle(options, ref)
        rows = {name: dataclasses.replace(base, manner=manner) for name, manner in _MANNERS.items()}
        if not aim(ref, root="in_place", assets_root=options.assets_root).cyclic:
            rows = {name: spec for name, spec in rows.items() if not spec.manner.phase and spec.manner.tempo <= 1.0}
        sheets.append(_film_strips(f"manners_{ref.key.replace('/', '_')}", ref.key, rows))
    return sheets


def _over_a_cycle(options: Options, ref: MotionRef) -> ClipSpec:
    """Eight frames over one cycle, or over two seconds where that is longer and there is so much."""
    seen = aim(ref, root="in_place", assets_root=options.assets_root)
    fps = ACROSS / min(seen.duration_s, max(seen.cycle_s, 2.0))
    return dataclasses.replace(options.base(ref), fps=fps, num_frames=ACROSS)


def _film_strips(name: str, title: str, rows: dict[str, ClipSpec]) -> Sheet:
    cells = [Cell(spec=spec, frame=k) for spec in rows.values() for k in range(spec.num_frames)]
    heads = [f"{k / spec.fps:.2f} s" for spec in [*rows.values()][:1] for k in range(spec.num_frames)]
    return _grid(name, title, cells, rows=rows, heads=heads, told=("title",))


def appearances(options: Options) -> list[Sheet]:
    """Every appearance and `count` random ones, from eight azimuths."""
    names = [*body.appearance_names(options.assets_root), *_random(options)]
    standing = options.base(MotionRef(activity=_STANDING, variant="held-0"))
    cells = [
        Cell(spec=set_value(set_value(standing, "appearance", name), "azimuth", azimuth))
        for name in names
        for azimuth in AZIMUTHS_DEG
    ]
    heads = tuple(f"{azimuth} deg" for azimuth in AZIMUTHS_DEG)
    return [_grid("appearances", "Appearances", cells, rows=names, heads=heads, told=("rows",))]


def environments(options: Options) -> list[Sheet]:
    """Every environment and `count` random ones, all around, by day and in the evening."""
    names = [*place.place_names(options.assets_root), *_random(options)]
    standing = options.base(MotionRef(activity=_STANDING, variant="held-0"))
    cells = [
        Cell(spec=dataclasses.replace(set_value(turned, "environment", name), lighting=PRESETS[light]))
        for name in names
        for light in LIGHTS
        for turned in (set_value(standing, "azimuth", azimuth) for azimuth in PLACE_VIEWS_DEG)
    ]
    heads = tuple(f"{light}, {azimuth} deg" for light in LIGHTS for azimuth in PLACE_VIEWS_DEG)
    return [_grid("environments", "Environments", cells, rows=names, heads=heads, told=("rows",))]


def draws(options: Options) -> list[Sheet]:
    """`count` random draws, activities in turn, with what was drawn under each."""
    refs, cells = options.references(), []
    for number in range(options.count):
        ref = refs[number % len(refs)]
        base = dataclasses.replace(options.base(ref), start_s=telling_s(ref, options.assets_root))
        spec = randomise.draw(base, options.ranges, options.seed + number)
        cells.append(Cell(spec=spec, caption=(f"seed {options.seed + number}: {ref.activity}", *_told(spec))))
    title = f"Random draws from seed {options.seed}"
    return [Sheet(name="draws", title=title, cells=tuple(cells), columns=min(DRAWS_ACROSS, len(cells)), told=())]


def passes(options: Options) -> list[Sheet]:
    """A sheet per activity: every pass in false colour down, four moments across, of the way to the telling one."""
    sheets = []
    for ref in options.references():
        start = telling_s(ref, options.assets_root)
        base = dataclasses.replace(options.base(ref), start_s=max(0.0, start - 0.48), num_frames=4, fps=10.0)
        cells = [Cell(spec=base, frame=k, shown=shown) for shown in colours.SHOWN for k in range(base.num_frames)]
        heads = tuple(f"{base.start_s + k / base.fps:.2f} s" for k in range(base.num_frames))
        sheets.append(_grid(f"passes_{ref.activity}", ref.key, cells, rows=colours.SHOWN, heads=heads, told=("title",)))
    return sheets


def people_x_motions(options: Options) -> list[Sheet]:
    """A sheet per view: people down, activities across, each at its telling moment."""
    names = body.appearance_names(options.assets_root)
    refs = options.references()
    bases = [dataclasses.replace(options.base(ref), start_s=telling_s(ref, options.assets_root)) for ref in refs]
    heads, sheets = tuple(ref.activity for ref in refs), []
    for view in VIEWS_DEG:
        cells = [
            Cell(spec=set_value(set_value(base, "appearance", name), "azimuth", view))
            for name in names
            for base in bases
        ]
        title = f"People and activities from {view} degrees"
        sheets.append(
            _grid(f"people_x_motions_{view:03d}", title, cells, rows=names, heads=heads, told=("rows", "heads"))
        )
    return sheets


CONTENTS = {
    "motions": motions,
    "manners": manners,
    "appearances": appearances,
    "environments": environments,
    "draws": draws,
    "passes": passes,
    "people-x-motions": people_x_motions,
}


def film(options: Options, ref: MotionRef, *, fps: float, longest_s: float) -> ClipSpec:
    """The clip of a video: whole cycles, as many as fit into `longest_s`, and at least one."""
    seen = aim(ref, root="in_place", assets_root=options.assets_root)
    seconds = min(seen.duration_s, max(1, int(longest_s / seen.cycle_s)) * seen.cycle_s)
    return dataclasses.replace(options.base(ref), fps=fps, num_frames=max(2, int(seconds * fps)))


@functools.lru_cache(maxsize=256)
def telling_s(ref: MotionRef, assets_root: Path | None) -> float:
    """When a motion's pose, seen from its pelvis, is furthest from the rest pose; seconds, to a hundredth."""
    skeleton = body.reference_skeleton()
    motion = catalogue.load(ref, skeleton, assets_root=assets_root)
    pose = skeleton.fk(motion.matrices(), motion.root * [0.0, 0.0, 1.0])
    away = np.linalg.norm(pose - skeleton.heads, axis=2).mean(axis=1)
    return int(away.argmax() / motion.fps * 100) / 100


def _told(spec: ClipSpec) -> list[str]:
    """What was drawn, in a few short lines; angles in degrees."""
    view, light, manner = spec.viewpoint, spec.lighting, spec.manner
    return [
        f"{spec.appearance.name}, {spec.environment.name}",
        f"azimuth {view.azimuth_deg:.0f}, elevation {view.elevation_deg:.0f}",
        f"{view.distance_m:.1f} m, field of view {spec.fov_deg:.0f}",
        f"sun {light.sun_azimuth_deg:.0f}/{light.sun_elevation_deg:.0f}, {light.temperature_k:.0f} K, "
        f"intensity {light.intensity:.2f}, ambient {light.ambient:.2f}",
        f"tempo {manner.tempo:.2f}, amplitude {manner.amplitude:.2f}{', mirrored' if manner.mirror else ''}",
    ]


def _random(options: Options) -> list[str]:
    return [f"random-{options.seed + k}" for k in range(options.count)]


def _grid(name: str, title: str, cells: list[Cell], *, rows, heads, told: tuple[str, ...]) -> Sheet:
    heads = tuple(heads)
    return Sheet(
        name=name, title=title, cells=tuple(cells), columns=len(heads), rows=tuple(rows), heads=heads, told=told
    )
