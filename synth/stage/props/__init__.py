"""What the objects of a motion look like: one textured triangle mesh per kind, drawn with the person who handles them.

The meshes are made here from the measures in `synth.motion.objects`, in metres, each in its own frame (see there) and
symmetric about its plane y = 0. Parts too thin for a pixel (strings, a fiddle bow) are somewhat thicker than life.
"""

from __future__ import annotations

import functools

from synth.errors import find
from synth.stage.props import archery, balls, golf, ladder, violin
from synth.stage.props.solids import PropMesh

_MAKERS = {
    "bow": archery.bow,
    "bowstring": archery.bowstring,
    "arrow": archery.arrow,
    "golf_club": golf.club,
    "golf_ball": balls.golf_ball,
    "baseball": balls.baseball,
    "violin": violin.violin,
    "violin_bow": violin.bow,
    "ladder": ladder.ladder,
    "basketball": balls.basketball,
    "soccer_ball": balls.soccer_ball,
}

__all__ = ["PropMesh", "kinds", "load"]


def kinds() -> tuple[str, ...]:
    """The names of all objects."""
    return tuple(_MAKERS)


@functools.cache
def load(kind: str) -> PropMesh:
    """The mesh of a kind of object; raises UnknownName."""
    return find("object", kind, _MAKERS)().mesh(kind)
