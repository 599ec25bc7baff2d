"""What a person looks like, as plain frozen data, and the strict reader of the appearance files.

An appearance is a YAML file in `appearances/`; every key is written out, a misspelt one is answered with the nearest.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import yaml

from synth.body.fabrics import FABRICS
from synth.errors import CeterisError
from synth.unique_keys import UniqueKeys

TOPS = ("t_shirt", "long_sleeve", "tank_top", "singlet", "polo", "shirt", "jumper", "hoodie", "track_top", "dress")
BOTTOMS = (
    "trousers", "jeans", "joggers", "leggings", "shorts", "running_shorts", "skirt", "mini_skirt", "long_skirt",
)  # fmt: skip
OUTERS = ("jacket", "track_top")
SHOES = ("trainers", "canvas", "boots", "flats")
# Fabrics that show a picture file: repeated over the cloth, or once on the chest.
PICTURED = ("picture", "print")
HAIRSTYLES = ("bald", "buzz", "short", "quiff", "curly", "afro", "bob", "long", "ponytail", "bun")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}\Z")


class AppearanceError(CeterisError):
    """A fault in an appearance: names the file, the key, what was got and what is allowed."""


@dataclass(frozen=True, kw_only=True)
class Body:
    """Shape: gender 0 (male) to 1 (female), age 0 (young adult) to 1 (old); muscle, weight, proportions, cupsize 0 to
    1 in anny's sense; height_m barefoot, 1.45 to 2.05; ancestry: relative shares, any not all zero."""

    height_m: float
    gender: float
    age: float = 0.2
    muscle: float = 0.5
    weight: float = 0.5
    proportions: float = 0.6
    cupsize: float = 0.5
    african: float = 0.33
    asian: float = 0.33
    caucasian: float = 0.34


@dataclass(frozen=True, kw_only=True)
class Skin:
    """tone: colour of the cheek in even light; ruddy: 0 to 1 redness of cheeks, nose and knuckles; lips: their colour,
    null for the skin's own; freckles: 0 to 1."""

    tone: str
    ruddy: float = 0.4
    lips: str | None = None
    freckles: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Hair:
    """style: one of HAIRSTYLES; brows: 0 (faint) to 1 (heavy); beard: 0 (shaven), 0.4 (stubble), 1 (full)."""

    style: str
    colour: str
    brows: float = 0.6
    beard: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Garment:
    """kind; fabric: one of FABRICS; colours: as many as the fabric wants; scale_m: size of its pattern, 0 for the
    usual one; tucked: a top worn inside the bottom; file: a picture beside the appearance file, for the fabrics
    PICTURED."""

    kind: str
    fabric: str
    colours: tuple[str, ...]
    scale_m: float = 0.0
    tucked: bool = False
    file: str | None = None


@dataclass(frozen=True, kw_only=True)
class Shoes:
    """kind; colours of the upper, the sole and the details; socks: their colour, null for none to be seen."""

    kind: str
    upper: str
    sole: str
    detail: str
    socks: str | None = None


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A whole appearance. bottom: null only under a dress; outer: a jacket over the top, null for none; seed: of the
    noise in textures and folds."""

    body: Body
    skin: Skin
    eyes: str
    hair: Hair
    top: Garment
    shoes: Shoes
    bottom: Garment | None = None
    outer: Garment | None = None
    seed: int = 0

    def garments(self) -> dict[str, Garment]:
        """The garments worn, by key."""
        worn = {"top": self.top, "bottom": self.bottom, "outer": self.outer}
        return {key: garment for key, garment in worn.items() if garment is not None}


def parse(text: str, file: str) -> Recipe:
    """The recipe in a YAML text; `file` is named in errors. Raises AppearanceError."""
    try:
        data = yaml.load(text, Loader=UniqueKeys)
    except yaml.YAMLError as error:
        raise AppearanceError(f"{file}: is no valid YAML: {error}") from error
    recipe = _build(Recipe, data, file, "")
    check(recipe, file)
    return recipe


def check(recipe: Recipe, file: str) -> None:
    """Raises AppearanceError for names and numbers that parse but mean nothing."""
    if recipe.seed < 0:
        raise AppearanceError(f"{file}: seed = {recipe.seed}; expected a whole number of 0 or more")
    _known(recipe.hair.style, HAIRSTYLES, file, "hair.style")
    _known(recipe.shoes.kind, SHOES, file, "shoes.kind")
    for key, garment in recipe.garments().items():
        _check_garment(garment, {"top": TOPS, "bottom": BOTTOMS, "outer": OUTERS}[key], file, key)
    if recipe.bottom is None and recipe.top.kind != "dress":
        raise AppearanceError(f"{file}: bottom is missing, and only a dress goes without; add it, e.g. kind: trousers")
    for field in dataclasses.fields(Body):
        low, high = (1.45, 2.05) if field.name == "height_m" else (0.0, 1.0)
        _within(getattr(recipe.body, field.name), low, high, file, f"body.{field.name}")
    for key in ("skin.ruddy", "skin.freckles", "hair.brows", "hair.beard"):
        part, field = key.split(".")
        _within(getattr(getattr(recipe, part), field), 0.0, 1.0, file, key)
    if recipe.body.african + recipe.body.asian + recipe.body.caucasian <= 0:
        raise AppearanceError(
            f"{file}: body: african, asian and caucasian are all 0; give at least one of them a share"
        )


def _check_garment(garment: Garment, kinds: tuple[str, ...], file: str, key: str) -> None:
    _known(garment.kind, kinds, file, f"{key}.kind")
    _known(garment.fabric, FABRICS, file, f"{key}.fabric")
    need, got = FABRICS[garment.fabric][1], len(garment.colours)
    if got < need:
        raise AppearanceError(f"{file}: {key}.colours: {garment.fabric} wants at least {need} colours, got {got}")
    _within(garment.scale_m, 0.0, 0.5, file, f"{key}.scale_m")
    if garment.fabric == "picture" and garment.file is None:
        raise AppearanceError(f"{file}: {key}.file is missing: the fabric 'picture' wants a picture file beside {file}")
    if garment.file is not None and garment.fabric not in PICTURED:
        raise AppearanceError(
            f"{file}: {key}.file = {garment.file!r} is not used by the fabric {garment.fabric!r}, only by "
            f"{' and '.join(PICTURED)}; change the fabric or leave the key out"
        )


def _build(kind: type, data, file: str, path: str):
    where = path or "the file"
    if not isinstance(data, Mapping):
        raise AppearanceError(f"{file}: {where} should hold the keys of {kind.__name__}, got {data!r}")
    fields = {field.name: field for field in dataclasses.fields(kind)}
    for key in data:
        if key not in fields:
            raise AppearanceError(f"{file}: {where} has no key {key!r}; {_nearest(str(key), fields)}")
    for name, field in fields.items():
        if field.default is dataclasses.MISSING and name not in data:
            raise AppearanceError(f"{file}: {where} lacks the key {name!r}; add it ({kind.__name__} in recipe.py)")
    types_of = typing.get_type_hints(kind)
    prefix = f"{path}." if path else ""
    return kind(**{str(k): _value(types_of[k], v, file, f"{prefix}{k}") for k, v in data.items()})


def _value(kind, value, file: str, path: str):
    if dataclasses.is_dataclass(kind):
        return _build(kind, value, file, path)
    if isinstance(kind, types.UnionType):
        inner = next(arm for arm in typing.get_args(kind) if arm is not types.NoneType)
        return None if value is None else _value(inner, value, file, path)
    if kind == tuple[str, ...]:
        if not isinstance(value, list):
            raise AppearanceError(f"{file}: {path} = {value!r} should be a list of colours")
        return tuple(_colour(item, file, f"{path}[{k}]") for k, item in enumerate(value))
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if kind in (int, bool) and type(value) is kind:
        return value
    if kind is str and isinstance(value, str):
        last = path.rsplit(".", 1)[-1]
        return value if last in ("kind", "style", "fabric", "file") else _colour(value, file, path)
    raise AppearanceError(f"{file}: {path} = {value!r} should be of type {kind.__name__}")


def _colour(value, file: str, path: str) -> str:
    if not isinstance(value, str) or not _COLOUR.match(value):
        raise AppearanceError(f"{file}: {path} = {value!r} is no colour; write it as '#rrggbb' in quotes")
    return value


def _known(value: str, known: Iterable[str], file: str, path: str) -> None:
    if value not in known:
        raise AppearanceError(f"{file}: {path} = {value!r} is not known; {_nearest(value, known)}")


def _nearest(value: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(value, list(known), n=3, cutoff=0.5)
    return f"did you mean {' or '.join(map(repr, near))}?" if near else f"known: {', '.join(known)}"


def _within(value: float, low: float, high: float, file: str, path: str) -> None:
    if not low <= value <= high:
        raise AppearanceError(f"{file}: {path} = {value!r} is outside {low:g} to {high:g}")
