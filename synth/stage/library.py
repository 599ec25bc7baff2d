"""Characters, places and motions that the stage has loaded, the most recently used kept; and their digests.

A motion belongs to one body (it is retargeted to its skeleton), so motions are kept per motion and appearance.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np

from synth import body
from synth.body import Character
from synth.body.skeleton import Skeleton
from synth.errors import find
from synth.factors import Manner, MotionRef
from synth.motion import catalogue, holding
from synth.motion.manner import apply as perform
from synth.motion.motion import Motion
from synth.motion.trials import MissingMotion
from synth.stage import place

MAX_CHARACTERS = 9  # the eight of the package, and one more
MAX_MOTIONS = 64
MAX_PLACES = 24  # of about 16 MB: the eight of the package, and those drawn at random for a training set
AS_IS = Manner()
REST = "rest"  # the key of the pose at rest, which no motion has: it lacks the slashes
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
    """assets_root: where downloaded motions, and the user's own appearances and environments, lie; None for none.
    edition: counts how often a file was found changed, and all was loaded anew."""

    def __init__(self, assets_root: Path | None = None):
        self.assets_root = assets_root
        self._characters = Recent(MAX_CHARACTERS)
        self._motions = Recent(MAX_MOTIONS)
        self._places = Recent(MAX_PLACES)
        self._digests: dict[tuple[str, str], str] = {}
        self.edition = 0

    def character(self, name: str) -> Character:
        """The appearance `name`; raises UnknownName."""
        return self._characters.get(name, lambda: body.load(name, self.assets_root))

    def place(self, name: str) -> place.Place:
        """The environment `name`; raises UnknownName."""
        return self._places.get(name, lambda: place.load(name, self.assets_root))

    def motion(self, key: str, appearance: str, manner: Manner = AS_IS, props: str = "own") -> Motion:
        """The motion `key` (source/activity/variant, or REST) on the body of an appearance, performed in a manner (its
        tempo apart) with `props` ("own", "none", or a kind); raises UnknownName, FactorError, PropError."""
        skeleton, manner = self.character(appearance).skeleton, dataclasses.replace(manner, tempo=1.0)
        plain = self._motions.get((key, appearance), lambda: self._load(key, skeleton))
        if manner == AS_IS and props == "own":
            return plain
        return self._motions.get((key, appearance, manner, props), lambda: _performed(plain, manner, props, skeleton))

    def _load(self, key: str, skeleton: Skeleton) -> Motion:
        if key != REST:
            return self._recorded(lambda: catalogue.load(MotionRef.parse(key), skeleton, assets_root=self.assets_root))
        still = np.tile([1.0, 0.0, 0.0, 0.0], (1, len(skeleton.names), 1))
        root = skeleton.heads[:1]
        return Motion(names=skeleton.names, rotations=still, root=root, fps=1.0, label=REST, cyclic=True)

    def digest(self, kind: str, name: str) -> str:
        """SHA-256 hex of a motion, an appearance or an environment; cheap. Raises UnknownName."""
        digests = {
            "motion": lambda: self._recorded(lambda: catalogue.digest(MotionRef.parse(name), self.assets_root)),
            "appearance": lambda: body.digest(name, self.assets_root),
            "environment": lambda: place.digest(name, self.assets_root),
        }
        found = find("kind of digest", kind, digests)()
        if self._digests.setdefault((kind, name), found) != found:
            self._forget()
            self._digests[kind, name] = found
        return found

    def _forget(self) -> None:
        """Drop all that was loaded: a file has changed, and what is drawn must be what the digest says."""
        self._characters, self._motions = Recent(MAX_CHARACTERS), Recent(MAX_MOTIONS)
        self._places, self.edition = Recent(MAX_PLACES), self.edition + 1

    def _recorded(self, read: Callable):
        """`read()`; where a recording is missed because there is no assets root, this process's own option is named."""
        try:
            return read()
        except MissingMotion as error:
            if self.assets_root is not None:
                raise
            raise MissingMotion(f"{error}; a stage that runs by itself is told with --assets-root DIR") from error


def _performed(motion: Motion, manner: Manner, props: str, skeleton: Skeleton) -> Motion:
    """Mirrored last, so that a chosen object changes hands as well."""
    motion = perform(motion, dataclasses.replace(manner, mirror=False), skeleton)
    motion = dataclasses.replace(motion, props=holding.chosen(motion, props, skeleton))
    return motion.mirrored() if manner.mirror else motion


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
