"""Places: an environment file or a seed, baked into a mesh, textures and a map of the floor, as plain arrays."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synth.body.character import Material
from synth.errors import UnknownName
from synth.stage import (
    backdrop,
    backgrounds,
    environment_file,
    facades,
    floor_map,
    furniture,
    grounds,
    guards,
    interiors,
    noise,
    random_place,
    recipe,
    rooms,
    shapes,
    shores,
    solids,
    sports,
    streets,
    things,
)  # fmt: skip
from synth.stage.recipe import Picture, PlaceError, Recipe
from synth.stage.textures import LINEAR

__all__ = ["Place", "PlaceError", "bake", "digest", "load", "place_names"]

FOLDER = Path(__file__).parent / "places"
MAX_THINGS = 250
VARIANTS = 16  # of each texture: random places share them, so that most need not be painted anew
_RANDOM = re.compile(r"random-(\d{1,18})\Z")
_UNSEEN = 128  # grey that a floor which only catches a shadow sends back
_ROUGHNESS = {
    "facade": 0.6, "paint": 0.5, "wood": 0.8, "gloss": 0.3, "glass": 0.15, "metal": 0.4, "water": 0.3, "shops": 0.5,
    "flats": 0.7, "painting": 0.6, "parquet": 0.6, "hardwood": 0.5, "tiles": 0.35,
}  # fmt: skip
# Whatever decides what a recipe looks like before it is lit.
_CODE = (
    backdrop, backgrounds, facades, floor_map, furniture, grounds, guards, interiors, noise, recipe, rooms, shapes,
    shores, solids, sports, streets, things,
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A baked environment. shape: everything that stands in it. materials: textures of the floor, its path, the map of
    the floor (`floor_map.paint`), clouds, backdrop or picture, and then those of the shape's faces, whose numbers are
    `material` (F,). guards (G, 4): planes; `guard` (F,) uint8 which of them a face has, guards.UNGUARDED for none: it
    is drawn for cameras at n . x >= d alone. casts (F,) bool: what casts a shadow. floor_colour: mean linear albedo.
    foot: mean linear colour of the backdrop where it meets the floor; None without one."""

    name: str
    recipe: Recipe
    shape: shapes.Shape
    materials: tuple[Material, ...]
    material: np.ndarray
    guards: np.ndarray
    guard: np.ndarray
    casts: np.ndarray
    floor_colour: np.ndarray
    foot: np.ndarray | None


def place_names(assets_root: Path | None = None) -> list[str]:
    """Environments there is a file for, the user's in `<assets_root>/environments` among them; besides them there is
    `random-<seed>` for every seed. Raises PlaceError where a user's file takes one of these names."""
    return sorted(_files(assets_root))


def _files(assets_root: Path | None) -> dict[str, Path]:
    """Name -> file of every environment. Raises PlaceError where a user's file takes a name of the package's."""
    out = {path.stem: path for path in FOLDER.glob("*.yaml")}
    for path in Path(assets_root).glob("environments/*.yaml") if assets_root is not None else ():
        if path.stem in out or _RANDOM.match(path.stem):
            raise PlaceError(f"{path}: Ceteris has an environment named {path.stem!r} of its own; rename the file")
        out[path.stem] = path
    return out


def _file_of(name: str, assets_root: Path | None) -> Path:
    """The file of an environment; raises UnknownName, PlaceError."""
    files = _files(assets_root)
    if name not in files:
        raise UnknownName("environment", name, [*files, "random-0"], "random-<seed> draws one from a seed.")
    return files[name]


def read(name: str, assets_root: Path | None = None) -> Recipe:
    """The recipe of an environment; raises UnknownName, PlaceError."""
    seed = _RANDOM.match(name)
    if seed:
        _files(assets_root)  # refuses a user's file of that name
        return random_place.drawn(int(seed[1]))
    path = _file_of(name, assets_root)
    return environment_file.parse(_text(path), f"environment file {path.name}")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise PlaceError(f"environment file {path.name} is no UTF-8 text ({error}); save it as UTF-8") from error


def load(name: str, assets_root: Path | None = None) -> Place:
    """The environment `name`, baked; raises UnknownName, PlaceError."""
    what = read(name, assets_root)
    path = FOLDER if _RANDOM.match(name) else _file_of(name, assets_root)
    return bake(name, what, folder=path.parent, source=f"environment file {path.name}" if path.is_file() else "")


def digest(name: str, assets_root: Path | None = None) -> str:
    """SHA-256 of the recipe, of the code that bakes it, and of its picture where it has one; raises what `load` raises
    for a picture that cannot be used."""
    what = read(name, assets_root)
    text = json.dumps(dataclasses.asdict(what), sort_keys=True)
    parts = [text.encode(), *(Path(module.__file__).read_bytes() for module in _CODE), Path(__file__).read_bytes()]
    if what.picture.file:
        path = _file_of(name, assets_root)
        source = f"environment file {path.name}"
        picture = backgrounds.path_of(what.picture, path.parent, source).read_bytes()
        _check_picture(what.picture, path.parent, source, hashlib.sha256(picture).digest())
        parts.append(picture)
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


@functools.lru_cache(maxsize=64)
def _check_picture(picture: Picture, folder: Path, source: str, content: bytes) -> None:
    """Reads a picture once for each `content`, its checksum; raises PlaceError."""
    backgrounds.read(picture, folder, source)


def bake(name: str, what: Recipe, *, folder: Path = FOLDER, source: str = "") -> Place:
    """Builds the mesh and paints the textures of a recipe, whose picture lies in `folder`; raises PlaceError, naming
    `source`, for a thing that would stand in the person and for a picture that cannot be used."""
    source = source or f"environment {name}"
    parts = _parts(what, source)
    whole = shapes.join([shape for shape, _, _ in parts])
    planes, guard = _guards([plane for _, plane, _ in parts], source)
    sizes = [len(shape.faces) for shape, _, _ in parts]
    last = np.isin(whole.kind, list(grounds.CUT))  # what leaf cards hide behind is drawn first: that spares look-ups
    order = np.argsort(last, kind="stable")
    whole = dataclasses.replace(whole, faces=whole.faces[order], kind=whole.kind[order])
    kinds, number = np.unique(whole.kind, return_inverse=True)
    fixed = _fixed_textures(what, whole, folder, source)
    textures = [*fixed, *(grounds.bake(str(kind), seed=what.seed % VARIANTS) for kind in kinds)]
    names = ["floor", "path", "map", "clouds", "backdrop", *(str(kind) for kind in kinds)]
    return Place(
        name=name,
        recipe=what,
        shape=whole,
        materials=tuple(_material(n, t) for n, t in zip(names, textures, strict=True)),
        material=(number + len(fixed)).astype(np.uint8),
        guards=planes,
        guard=np.repeat(guard, sizes)[order],
        casts=np.repeat(np.array([casts for _, _, casts in parts], bool), sizes)[order],
        floor_colour=_mean(fixed[0]),
        foot=_mean(fixed[4][-6:]) if what.backdrop.kind != "none" else None,
    )


def _parts(what: Recipe, source: str) -> list[tuple[shapes.Shape, np.ndarray | None, bool]]:
    """Everything that stands in a place: its shape, its guard, and whether it casts a shadow."""
    parts = [(shape, guards.guard(shape, f"{source}: the room"), False) for shape in rooms.build(what.room)]
    parts += [(shape, None, False) for shape in floor_map.lines(what.floor)]
    rng = np.random.default_rng([what.seed, 1])
    for k, thing in enumerate(what.things):
        shape = things.THINGS[thing.kind](np.random.default_rng(rng.integers(1 << 62)), **thing.measures)
        shape, around = shape.placed(thing.at, thing.yaw_deg), thing.kind in things.AROUND
        plane = None if around else guards.guard(shape, f"{source}: things[{k}] ({thing.kind})")
        parts.append((shape, plane, not around))
    return parts


def _guards(planes: list[np.ndarray | None], source: str) -> tuple[np.ndarray, np.ndarray]:
    """The planes (G, 4), and for each part the number of its own, UNGUARDED where it has none."""
    number = np.full(len(planes), guards.UNGUARDED, np.uint8)
    there = [k for k, plane in enumerate(planes) if plane is not None]
    if len(there) > MAX_THINGS:
        raise PlaceError(f"{source}: {len(there)} things that are not low; expected at most {MAX_THINGS}")
    number[there] = np.arange(len(there))
    return np.array([planes[k] for k in there]).reshape(-1, 4), number


def _mean(texture: np.ndarray) -> np.ndarray:
    """(3,) mean linear colour of a texture."""
    return LINEAR[texture[..., :3]].mean(axis=(0, 1))


def _material(name: str, texture: np.ndarray) -> Material:
    cut = name in grounds.CUT
    return Material(name=name, texture=texture, roughness=_ROUGHNESS.get(name, 1.0), alpha_cut=cut, double_sided=cut)


def _fixed_textures(what: Recipe, whole: shapes.Shape, folder: Path, source: str) -> list[np.ndarray]:
    """Floor, path, map, clouds and backdrop, in whose stead a picture may be; a texel where the recipe has none."""
    floor, none = what.floor, np.zeros((1, 1, 4), np.uint8)
    pathway = floor.path_m > 0 or any(mark.layer == "path" for mark in floor.marks)
    seen, far = floor.kind in grounds.KINDS, what.backdrop.kind != "none"
    behind = backdrop.strip(what.backdrop.kind, reach=0.9, seed=what.seed) if far else none
    return [
        grounds.bake(floor.kind, seed=what.seed % VARIANTS, tint=floor.tint)
        if seen
        else np.full((1, 1, 4), _UNSEEN, np.uint8),
        grounds.bake(floor.path_kind, seed=what.seed % VARIANTS + 1, tint=floor.path_tint)
        if seen and pathway
        else none,
        floor_map.paint(what, whole),
        backdrop.clouds(what.sky.clouds, seed=what.seed) if what.sky.clouds > 0 else none,
        backgrounds.read(what.picture, folder, source) if what.picture.file else behind,
    ]
