"""Places: what stands around the person. Minimal."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from synth.errors import UnknownName


@dataclass(frozen=True)
class Place:
    name: str
    zenith: tuple
    horizon: tuple
    haze: float


def place_names() -> list[str]:
    return ["park", "plane"]


def load(name: str) -> Place:
    if name not in place_names() and not name.startswith("random-"):
        raise UnknownName("environment", name, place_names(), "or random-<seed>")
    return Place(name=name, zenith=(0.2, 0.38, 0.75), horizon=(0.62, 0.74, 0.88), haze=0.01)


def digest(name: str) -> str:
    load(name)
    return hashlib.sha256(name.encode()).hexdigest()
