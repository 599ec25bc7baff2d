"""Characters, places and motions that the stage has loaded, the most recently used kept; and their digests.

A motion belongs to one body (it is retargeted to its skeleton), so motions are kept per motion and appearance.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from synth import body
from synth.body import Character
from synth.errors import find
from synth.factors import MotionRef
from synth.motion import catalogue
from synth.motion.motion import Motion
from synth.stage import place

MAX_CHARACTERS = 6  # below what the renderer keeps on the device, so that a handle given out stays valid
MAX_MOTIONS = 64
MAX_PLACES = 8
_SYNTH = Path(__file__).resolve().parents[1]
# What decides a pixel besides the assets, which have digests of their own.
_CODE = ("stage", "body", "motion", "frames.py", "factors.py")
_LIBRARIES = ("numpy", "scipy", "warp-lang")


class Recent:
    """A table that makes what it lacks and forgets what was used longest ago."""

    def __init__(self, capacity: int):
        self._capacity = capacity
        self._entries: OrderedDict = OrderedDict()

    def get(self, key, make: Callable):
        """The value of `key`; made by `make()` where it is not there."""
        if key not in self._entries:
            self._entries[key] = make()
        self._entries.move_to_end(key)
        while len(self._entries) > self._capacity:
            self._entries.popitem(last=False)
        return self._entries[key]


class Library:
    """assets_root: where downloaded motions lie; None where there are none."""

    def __init__(self, assets_root: Path | None = None):
        self.assets_root = assets_root
        self._characters = Recent(MAX_CHARACTERS)
        self._motions = Recent(MAX_MOTIONS)
        self._places = Recent(MAX_PLACES)

    def character(self, name: str) -> Character:
        """The appearance `name`; raises UnknownName."""
        return self._characters.get(name, lambda: body.load(name))

    def place(self, name: str) -> place.Place:
        """The environment `name`; raises UnknownName."""
        return self._places.get(name, lambda: place.load(name))

    def motion(self, key: str, appearance: str) -> Motion:
        """The motion `key` (source/activity/variant) on the body of an appearance; raises UnknownName, FactorError."""
        ref, skeleton = MotionRef.parse(key), self.character(appearance).skeleton
        return self._motions.get((key, appearance), lambda: catalogue.load(ref, skeleton, assets_root=self.assets_root))

    def digest(self, kind: str, name: str) -> str:
        """SHA-256 hex of a motion, an appearance or an environment; cheap. Raises UnknownName."""
        digests = {
            "motion": lambda: catalogue.digest(MotionRef.parse(name), self.assets_root),
            "appearance": lambda: body.digest(name),
            "environment": lambda: place.digest(name),
        }
        return find("kind of digest", kind, digests)()


def build() -> str:
    """16 hex digits of the code and data that decide the pixels, and of the libraries that compute them."""
    total = hashlib.sha256()
    for name in _LIBRARIES:
        total.update(f"{name}={version(name)}\n".encode())
    for path in sorted(path for part in _CODE for path in _files(_SYNTH / part)):
        total.update(path.relative_to(_SYNTH).as_posix().encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:16]


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return [inner for inner in path.rglob("*") if inner.is_file() and "__pycache__" not in inner.parts]
