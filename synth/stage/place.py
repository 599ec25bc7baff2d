"""Places: an environment file or a seed, baked into a mesh, textures and a map of the floor, as plain arrays."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from synth.body.character import Material
from synth.errors import UnknownName
from synth.stage import backdrop, grounds, noise, recipe, shapes, things
from synth.stage.recipe import PlaceError, Recipe
from synth.stage.textures import LINEAR

__all__ = ["MAP_EXTENT_M", "Place", "PlaceError", "bake", "digest", "load", "place_names"]

FOLDER = Path(__file__).parent / "places"
MAP_EXTENT_M = 64.0
_MAP_SIZE = 512
_RANDOM = re.compile(r"random-(\d{1,18})\Z")
_CUT = ("foliage",)
_ROUGHNESS = {"facade": 0.6, "paint": 0.5, "wood": 0.8}
# Whatever decides what a recipe looks like before it is lit.
_CODE = (backdrop, grounds, noise, recipe, shapes, things)


@dataclass(frozen=True)
class Place:
    """A baked environment. shape: everything that stands in it. materials: textures of the floor, its path, the map of
    the floor (red path, green brightness, blue light; MAP_EXTENT_M wide about the origin, y up), clouds, backdrop,
    and then those of the shape's faces, whose numbers are `material` (F,). floor_colour: mean linear albedo.
    foot: mean linear colour of the backdrop where it meets the floor; None without one."""

    name: str
    recipe: Recipe
    shape: shapes.Shape
    materials: tuple[Material, ...]
    material: np.ndarray
    floor_colour: np.ndarray
    foot: np.ndarray | None


def place_names() -> list[str]:
    """Environments there is a file for; besides them there is `random-<seed>` for every seed."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def read(name: str) -> Recipe:
    """The recipe of an environment; raises UnknownName, PlaceError."""
    seed = _RANDOM.match(name)
    if seed:
        return recipe.drawn(int(seed[1]))
    if name not in place_names():
        raise UnknownName("environment", name, [*place_names(), "random-0"], "random-<seed> draws one from a seed.")
    return recipe.parse((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), f"environment file {name}.yaml")


def load(name: str) -> Place:
    """The environment `name`, baked; raises UnknownName, PlaceError."""
    return bake(name, read(name))


def digest(name: str) -> str:
    """SHA-256 of the recipe and of the code that bakes it."""
    text = json.dumps(dataclasses.asdict(read(name)), sort_keys=True)
    parts = [text.encode(), *(Path(module.__file__).read_bytes() for module in _CODE), Path(__file__).read_bytes()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def bake(name: str, what: Recipe) -> Place:
    """Builds the mesh and paints the textures of a recipe."""
    rng = np.random.default_rng([what.seed, 1])
    parts = []
    for thing in what.things:
        shape = things.THINGS[thing.kind](np.random.default_rng(rng.integers(1 << 62)), **thing.measures)
        parts.append(shape.placed(thing.at, thing.yaw_deg))
    whole = shapes.join(parts)
    last = np.isin(whole.kind, _CUT)  # what leaf cards hide behind is drawn first, which spares their look-ups
    order = np.argsort(last, kind="stable")
    whole = dataclasses.replace(whole, faces=whole.faces[order], kind=whole.kind[order])
    kinds, number = np.unique(whole.kind, return_inverse=True)
    fixed = _fixed_textures(what, whole)
    textures = [*fixed, *(grounds.bake(str(kind), seed=what.seed) for kind in kinds)]
    names = ["floor", "path", "map", "clouds", "backdrop", *(str(kind) for kind in kinds)]
    return Place(
        name=name,
        recipe=what,
        shape=whole,
        materials=tuple(_material(n, t) for n, t in zip(names, textures, strict=True)),
        material=(number + len(fixed)).astype(np.uint8),
        floor_colour=_mean(fixed[0]),
        foot=_mean(fixed[4][-6:]) if what.backdrop.kind != "none" else None,
    )


def _mean(texture: np.ndarray) -> np.ndarray:
    """(3,) mean linear colour of a texture."""
    return LINEAR[texture[..., :3]].mean(axis=(0, 1))


def _material(name: str, texture: np.ndarray) -> Material:
    cut = name in _CUT
    return Material(name=name, texture=texture, roughness=_ROUGHNESS.get(name, 1.0), alpha_cut=cut, double_sided=cut)


def _fixed_textures(what: Recipe, whole: shapes.Shape) -> list[np.ndarray]:
    """Floor, path, map, clouds and backdrop; a single texel where the recipe has none."""
    floor, none = what.floor, np.zeros((1, 1, 4), np.uint8)
    far = what.backdrop.kind != "none"
    return [
        grounds.bake(floor.kind, seed=what.seed, tint=floor.tint),
        grounds.bake(floor.path_kind, seed=what.seed + 1, tint=floor.path_tint) if floor.path_m > 0 else none,
        _floor_map(what, whole),
        backdrop.clouds(what.sky.clouds, seed=what.seed) if what.sky.clouds > 0 else none,
        backdrop.strip(what.backdrop.kind, reach=0.9, seed=what.seed) if far else none,
    ]


def _floor_map(what: Recipe, whole: shapes.Shape) -> np.ndarray:
    """(n, n, 4) uint8: where the path runs, how bright the floor is, and how much sky light things leave it."""
    n, rng = _MAP_SIZE, np.random.default_rng([what.seed, 3])
    axis = ((np.arange(n) + 0.5) / n - 0.5) * MAP_EXTENT_M
    x, y = np.meshgrid(axis, -axis)
    path = np.zeros((n, n))
    if what.floor.path_m > 0:
        turn = np.radians(what.floor.path_yaw_deg)
        along, across = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
        bend = 1.4 * (np.sin(along * 0.16 + rng.uniform(0, 6.3)) - np.sin(rng.uniform(0, 6.3)) * 0.2)
        bend *= noise.smooth(np.abs(along), 1.0, 9.0)
        edge = what.floor.path_m / 2 + 0.12 * noise.field(n, rng, slope=1.0, low=20) - np.abs(across - bend)
        path = noise.smooth(edge, -0.35, 0.35)
    bright = 0.5 + what.floor.relief * 0.09 * noise.field(n, rng, slope=1.1, low=3, high=90)
    return noise.to_bytes(255.0 * np.stack([path, np.clip(bright, 0.2, 0.8), _footprints(whole)], axis=2))


def _footprints(whole: shapes.Shape) -> np.ndarray:
    """(n, n) share of sky light left on the floor by what stands low over it, blurred."""
    n, scale = _MAP_SIZE, _MAP_SIZE / MAP_EXTENT_M
    covered = np.zeros((n, n), np.float32)
    corners = whole.points[whole.faces]
    for low in corners[corners[..., 2].max(axis=1) < 2.6] if len(corners) else []:
        pixels = np.stack([low[:, 0] * scale + n / 2, n / 2 - low[:, 1] * scale], axis=1)
        cv2.fillConvexPoly(covered, np.round(pixels).astype(np.int32), 1.0)
    wide = cv2.GaussianBlur(covered, (0, 0), 5.0)
    return 1.0 - 0.6 * np.maximum(wide, cv2.GaussianBlur(covered, (0, 0), 1.5) * 0.9)
