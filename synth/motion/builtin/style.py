"""How one activity is done: the ranges of its style, and the draw that a variant's name stands for.

A variant is a seed with an optional band: "7" draws every parameter over its whole range, "train-7" from the
central half, "held-7" from the two outer quarters. What is learnt on the one band can so be tested on styles that
were never seen. Choices (which hand, which arms) are drawn from all their values in every band.
"""

from __future__ import annotations

import difflib
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from synth.errors import CeterisError

BANDS = ("full", "train", "held")
_VARIANT = re.compile(r"(?:(train|held)-)?(0|[1-9][0-9]{0,8})\Z")


class VariantError(CeterisError):
    """A variant that is no seed and no band with a seed."""

    def __init__(self, activity: str, variant: str):
        self.activity, self.variant = activity, variant
        band, _, seed = str(variant).rpartition("-")
        near = difflib.get_close_matches(band, BANDS[1:], n=1, cutoff=0.4)
        tip = f"did you mean '{near[0]}-{seed}'? " if near and _VARIANT.match(seed) else ""
        super().__init__(
            f"{variant!r} is no variant of {activity!r}; {tip}a variant is a whole number such as '7' (the full style "
            "range), 'train-7' (its central half) or 'held-7' (its outer quarters)."
        )


@dataclass(frozen=True)
class Style:
    """ranges: {parameter: (low, high)}, the unit in the parameter's name; choices: {parameter: values}."""

    ranges: Mapping[str, tuple[float, float]]
    choices: Mapping[str, tuple] = field(default_factory=dict)

    def draw(self, rng: np.random.Generator, band: str) -> dict:
        """One value per parameter and choice, the parameters from `band` of their range."""
        shares = _shares(rng, len(self.ranges), band)
        drawn = {
            k: float(low + (high - low) * s) for (k, (low, high)), s in zip(self.ranges.items(), shares, strict=True)
        }
        return drawn | {k: values[rng.integers(len(values))] for k, values in self.choices.items()}


def _shares(rng: np.random.Generator, count: int, band: str) -> np.ndarray:
    shares = rng.uniform(0.0, 1.0, count)
    if band == "train":
        return 0.25 + 0.5 * shares
    if band == "held":
        return np.where(shares < 0.5, shares / 2, 0.5 + shares / 2)
    return shares


def parse(activity: str, variant: str) -> tuple[str, int]:
    """(band, seed) of a variant's name; `VariantError` if it is none."""
    match = _VARIANT.match(variant) if isinstance(variant, str) else None
    if match is None:
        raise VariantError(activity, variant)
    return match[1] or "full", int(match[2])


def generator(activity: str, variant: str) -> np.random.Generator:
    """The random stream of one variant: the same on every machine, another for every activity and band."""
    band, seed = parse(activity, variant)
    return np.random.default_rng([seed, BANDS.index(band), zlib.crc32(activity.encode())])
