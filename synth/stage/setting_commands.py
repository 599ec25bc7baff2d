"""Settings of a camera that only say what the stage does anyway.

An Unreal camera adapts its exposure, blurs what moves and gathers light over time, and a session turns that off before
it takes a picture. The stage does none of it. So it answers `ok` to whoever turns it off, and refuses to turn it on:
an `ok` to that would be a lie that shows in no reply.
"""

from __future__ import annotations

from collections.abc import Iterator

from synth.stage.commands import lens
from synth.stage.dispatcher import Command, CommandError
from synth.stage.world import World

# Command: the values that hold.
_HOLDING: dict[str, tuple] = {
    "exposure_method [str]": ("manual",),
    "exposure_bias [float]": (0.0,),
    "motion_blur [float] [float] [float] [uint]": (0.0, 0.0, 0.0, 0),
    "lit_source [str]": ("ldr",),
    "reflection [str]": ("none",),
    "illumination [str]": ("none",),
    "projection_type [str]": ("perspective",),
}


def setting_commands(world: World) -> Iterator[Command]:
    """`vset /camera/[uint]/[setting]`: ok where it holds anyway."""
    for form, holding in _HOLDING.items():
        said = " ".join(f"{value:g}" if isinstance(value, float) else str(value) for value in holding)
        yield Command(
            f"vset /camera/[uint]/{form}",
            lambda i, *given, holding=holding, said=said: _set(world, i, given, holding, said),
            f"{said} alone, which holds anyway",
        )


def _set(world: World, number: int, given: tuple, holding: tuple, said: str) -> None:
    lens(world, number)
    if given != holding:
        raise CommandError(f"Not Implemented: the stage has {said} alone")
