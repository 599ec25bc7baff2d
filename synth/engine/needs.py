"""What a study needs of an engine, against what the engine's profile has commands for: all that is missing, at once.

Said before an engine is started, so that nobody waits an hour to read that the last pass cannot be had.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence

from synth.engine.errors import EngineLacks
from synth.engine.passes import PICTURES, needed
from synth.engine.profile import Profile
from synth.factors import ClipSpec, Manner

PLAIN = Manner()
# What every clip needs. Several capabilities of one line are needed together.
_ALWAYS: dict[str, tuple[str, ...]] = {
    "say which engine it is, which a clip's id is made of": ("identity",),
    "tell the digest of an asset, which a clip's id is made of": ("digest",),
    "choose the motion": ("set_motion",),
    "keep or take away a motion's travel": ("set_root",),
    "choose the appearance": ("set_appearance",),
    "choose the environment": ("set_background",),
    "set the light": ("set_sun",),
    "place the person": ("show_human", "set_human_location", "set_human_rotation"),
    "colour the person in the mask": ("set_human_color",),
}
_BULK = ("capture", "capture_time", "capture_camera")
_SINGLE: dict[str, tuple[str, ...]] = {
    "show an exact time": ("set_time",),
    "place a camera": ("cameras", "spawn_camera", "set_camera_location", "set_camera_rotation"),
    "set the lens": ("set_camera_fov", "set_camera_size"),
}


def require(profile: Profile, specs: Sequence[ClipSpec], passes: Iterable[str]) -> None:
    """Raises EngineLacks with everything that `specs` and `passes` need and the profile has no command for, and
    UnknownName for a pass that there is not."""
    rows = [*_of_passes(passes), *_of_every_clip(profile, passes), *_of_recipes(specs)]
    if lacking := {what: absent for what, all_of in rows if (absent := _absent(profile, all_of))}:
        raise EngineLacks(lacking, profile=profile.name, where=profile.where)


def _absent(profile: Profile, capabilities: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in capabilities if not profile.can(name))


def _of_every_clip(profile: Profile, passes: Iterable[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield from _ALWAYS.items()
    if not profile.can(*_BULK):
        yield from _SINGLE.items()


def _of_passes(passes: Iterable[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name in passes:
        for part in needed([name]):
            what = f"give the pass {name!r}" + (f" (it needs {part!r})" if part != name else "")
            yield what, (PICTURES[part].wire if part in PICTURES else part,)


def _of_recipes(specs: Sequence[ClipSpec]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Props, and a manner, other than the default; the tempo is in the times and needs nothing."""
    for props in dict.fromkeys(spec.props for spec in specs):
        if props != "own":
            yield f"show props = {props!r}", ("set_props",)
    for manner in dict.fromkeys(dataclasses.replace(spec.manner, tempo=1.0) for spec in specs):
        for name, value in vars(manner).items():
            if value != getattr(PLAIN, name):
                yield f"perform with manner.{name} = {value!r}", ("set_manner",)
