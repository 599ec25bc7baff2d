"""The passes of a clip, and what each is on the wire: its name there, what a pixel takes, how it is understood.

Ground truth is asked of whatever engine there is. One that sends 8-bit pictures where another sends numbers (the
normals of the UnrealCV plugin) is understood too, as exactly as its pictures are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from synth.engine import decode
from synth.engine.profile import Profile
from synth.errors import find


def _as_sent(array: np.ndarray, _: Profile) -> np.ndarray:
    return array


@dataclass(frozen=True)
class Pass:
    """wire: the picture's name on the wire, and the capability that a profile needs for it. pixel_bytes: what a pixel
    takes in a bulk reply. channels: of a pixel. understood: from what was sent to what a clip holds. pairs: one for
    every two consecutive moments, not for every moment."""

    wire: str
    pixel_bytes: int
    channels: int
    understood: Callable[[np.ndarray, Profile], np.ndarray] = _as_sent
    pairs: bool = False


PICTURES = {
    "frames": Pass("lit", 3, 3),
    "mask": Pass("object_mask", 3, 3, lambda array, profile: decode.mask(array, profile.mask_color)),
    "parts": Pass("parts", 1, 1),
    "depth": Pass("depth", 4, 1, lambda array, _: decode.depth(array)),
    "normal": Pass("normal", 12, 3, lambda array, _: decode.normal(array)),
    "flow": Pass("flow", 8, 2, pairs=True),
    "foreground": Pass("foreground", 4, 4),
    "background": Pass("background", 3, 3),
}
# What is no picture, and the passes that it is made from.
POINTS = {"joints": (), "joints2d": ("joints", "depth", "parts")}
PASSES = (*PICTURES, *POINTS)


def needed(passes: Iterable[str]) -> tuple[str, ...]:
    """The passes that an engine must be asked for, to have `passes`, each once; raises UnknownName."""
    out: dict[str, None] = {}
    for name in passes:
        find("pass", name, dict.fromkeys(PASSES))
        out.update(dict.fromkeys(POINTS.get(name) or (name,)))
    return tuple(out)


def pixel_bytes(passes: Iterable[str]) -> int:
    """What a pixel of a bulk reply takes."""
    return sum(PICTURES[name].pixel_bytes for name in needed(passes) if name in PICTURES)


def image(name: str, command: str, reply: str | bytes) -> np.ndarray:
    """The reply to a request for one picture, PNG or NPY, as (H, W) or (H, W, channels)."""
    array, channels = decode.image(command, reply), PICTURES[name].channels
    if array.ndim == 3 and channels == 1:
        array = array[..., 0]
    elif array.ndim == 3 and array.shape[2] > channels:
        array = array[..., :channels]
    return decode.shaped(command, array, channels)
