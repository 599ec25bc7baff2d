"""Appearances by name: the files in `appearances/`, and random ones drawn from a seed (`random-17`)."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import re
from pathlib import Path

import numpy as np

from synth.body.assemble import build
from synth.body.character import Character
from synth.body.pack import pack_digest
from synth.body.pictures import read_pictures
from synth.body.random_recipe import random_recipe
from synth.body.recipe import AppearanceError, Recipe, parse
from synth.errors import find

FOLDER = Path(__file__).parent / "appearances"
# Modules that have no say in a character's bytes once its recipe and the pack are given.
_NOT_BAKING = ("__init__.py", "build_pack.py", "random_recipe.py", "simplify.py", "quality.py")
_RANDOM = re.compile(r"random-(\d+)\Z")


def appearance_names(assets_root: Path | str | None = None) -> list[str]:
    """The names of the appearance files, the package's and those in `<assets_root>/appearances`; `random-<seed>` is
    accepted besides."""
    return sorted(_files(assets_root))


def recipe(name: str, assets_root: Path | str | None = None) -> Recipe:
    """The recipe of an appearance. Raises UnknownName, or AppearanceError for a faulty file."""
    return read(name, assets_root)[0]


def load(name: str, assets_root: Path | str | None = None) -> Character:
    """The dressed character of an appearance, e.g. "ana" or "random-17"; a second or two of work.

    Args:
        assets_root: a folder whose subfolder `appearances` may hold further appearance files; None for none.

    Raises UnknownName, or AppearanceError for a faulty file, for a picture that is missing or is none, and for a
    garment that does not fit the body's mesh.
    """
    return build(name, *read(name, assets_root))


def digest(name: str, assets_root: Path | str | None = None) -> str:
    """SHA-256 (hex) of all that decides a character's bytes: its recipe with the pictures, the pack, and the code that
    bakes it."""
    what, pictures = read(name, assets_root)
    out = hashlib.sha256(json.dumps(dataclasses.asdict(what), sort_keys=True).encode())
    for key, picture in sorted(pictures.items()):
        out.update(f"\n{key} {picture.shape}\n".encode() + picture.tobytes())
    out.update(f"\n{pack_digest()}\n{code_digest()}".encode())
    return out.hexdigest()


def read(name: str, assets_root: Path | str | None) -> tuple[Recipe, dict[str, np.ndarray]]:
    """The recipe of an appearance and the pictures on its garments."""
    drawn = _RANDOM.match(name)
    if drawn:
        return random_recipe(int(drawn.group(1))), {}
    path = find("appearance", name, _files(assets_root), "Besides these there is random-<seed>.")
    what = parse(_text(path), path.name)
    return what, read_pictures(what, path.parent, path.name)


def _files(assets_root: Path | str | None) -> dict[str, Path]:
    """Name -> file of every appearance. Raises AppearanceError where a user's file takes a name of the package's."""
    out = {path.stem: path for path in FOLDER.glob("*.yaml")}
    for path in Path(assets_root).glob("appearances/*.yaml") if assets_root is not None else ():
        if path.stem in out or _RANDOM.match(path.stem):
            raise AppearanceError(f"{path}: the name {path.stem!r} is taken by the package; rename the file")
        out[path.stem] = path
    return out


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise AppearanceError(f"{path.name}: is no UTF-8 text ({error}); save it as UTF-8") from error


@functools.lru_cache(maxsize=1)
def code_digest() -> str:
    """SHA-256 (hex) of the source text of the baking modules, so that no change of theirs can go unnoticed."""
    out = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.name not in _NOT_BAKING:
            out.update(path.name.encode() + b"\0" + path.read_text(encoding="utf-8").encode())
    return out.hexdigest()
