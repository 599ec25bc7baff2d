"""Appearances by name: the files in `appearances/`, and random ones drawn from a seed (`random-17`)."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import re
from pathlib import Path

from synth.body.assemble import build
from synth.body.character import Character
from synth.body.pack import pack_digest
from synth.body.random_recipe import random_recipe
from synth.body.recipe import Recipe, parse
from synth.errors import UnknownName

FOLDER = Path(__file__).parent / "appearances"
# Modules that have no say in a character's bytes once its recipe and the pack are given.
_NOT_BAKING = ("__init__.py", "build_pack.py", "random_recipe.py", "simplify.py")
_RANDOM = re.compile(r"random-(\d+)\Z")


def appearance_names() -> list[str]:
    """The names of the appearance files; `random-<seed>` is accepted besides."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def recipe(name: str) -> Recipe:
    """The recipe of an appearance. Raises UnknownName, or AppearanceError for a faulty file."""
    drawn = _RANDOM.match(name)
    if drawn:
        return random_recipe(int(drawn.group(1)))
    if name not in appearance_names():
        raise UnknownName("appearance", name, appearance_names(), "Besides these there is random-<seed>.")
    path = FOLDER / f"{name}.yaml"
    return parse(path.read_text(encoding="utf-8"), path.name)


def load(name: str) -> Character:
    """The dressed character of an appearance, e.g. "ana" or "random-17"; a second or two of work.

    Raises UnknownName, or AppearanceError for a faulty file.
    """
    return build(name, recipe(name))


def digest(name: str) -> str:
    """SHA-256 (hex) of all that decides a character's bytes: its recipe, the pack, and the code that bakes it."""
    parts = [json.dumps(dataclasses.asdict(recipe(name)), sort_keys=True), pack_digest(), code_digest()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@functools.lru_cache(maxsize=1)
def code_digest() -> str:
    """SHA-256 (hex) of the source text of the baking modules, so that no change of theirs can go unnoticed."""
    out = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.name not in _NOT_BAKING:
            out.update(path.name.encode() + b"\0" + path.read_text(encoding="utf-8").encode())
    return out.hexdigest()
