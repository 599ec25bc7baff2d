"""The pictures that the stage gives, by their names on the wire: what each is made from, its size and its formats.

Where the UnrealCV plugin has a picture of that name its format is kept (`normal` as colours, `depth` in centimetres);
what the plugin does not have, and exact numbers beside its colours, are ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synth.frames import CM_PER_M, swap_handedness


@dataclass(frozen=True)
class Picture:
    """source: what the renderer calls it. pixel_bytes: as numbers. forms: of a single picture, the usual one first."""

    source: str
    pixel_bytes: int
    forms: tuple[str, ...]


PASSES = {
    "lit": Picture("lit", 3, ("png", "bmp")),
    "object_mask": Picture("mask", 3, ("png", "bmp")),
    "parts": Picture("parts", 1, ("png", "bmp", "npy")),
    "depth": Picture("depth", 4, ("npy",)),
    "normal": Picture("normal", 12, ("png", "bmp", "npy")),
    "flow": Picture("flow", 8, ("npy",)),
    "foreground": Picture("foreground", 4, ("png",)),
    "background": Picture("background", 3, ("png", "bmp")),
}


def sources(names: Sequence[str]) -> list[str]:
    """What the renderer must draw for the pictures `names`, each once."""
    return sorted({PASSES[name].source for name in names})


def reply_bytes(names: Sequence[str], *, frames: int, width: int, height: int) -> int:
    """How large the numbers of so many frames are."""
    return frames * width * height * sum(PASSES[name].pixel_bytes for name in names)


def on_wire(name: str, drawn: np.ndarray, *, color: tuple[int, int, int]) -> np.ndarray:
    """The renderer's array as the wire has it: depth in cm, normals in Unreal's axes, the mask in the person's
    `color` on black; all else as it is."""
    if name == "object_mask":
        return drawn[..., None] * np.array(color, dtype=np.uint8)
    if name == "depth":
        return drawn * np.float32(CM_PER_M)
    return swap_handedness(drawn) if name == "normal" else drawn


def as_colors(name: str, array: np.ndarray) -> np.ndarray:
    """A picture of 8 bits (H, W, 3 or 4) from the numbers of `name`: unit normals n as n / 2 + 1 / 2, so that mid-grey
    is where nothing is; a label of `parts` as the grey of its number."""
    if name == "normal":
        return np.round(array * 127.5 + 127.5).astype(np.uint8)
    return np.repeat(array[..., None], 3, axis=-1) if name == "parts" else array
