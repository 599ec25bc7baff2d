"""How well the clothes cover the body in motion: skin that pokes through, and holes.

    python -m synth.body.quality                                   every appearance in every authored motion
    python -m synth.body.quality --appearances ana,rosa --motions squat,walk --views 0:10,90:10
    python -m synth.body.quality --appearances zoe --assets-root DIR   your own, DIR/appearances/zoe.yaml

Every pose is drawn from every view, layer by layer (bare skin, skin that lies under a garment, each garment, hair), and
once more without clothes; the layer with the least depth at a pixel's centre is the one that is seen. Counted are

* poke-through: pixels that show skin although it lies under a garment, i.e. although the body's faces there are, on
  the pattern, inside the cut of the garment that lies over them (the skin is cut along the garments' edges for this);
  socks and the shorts under a skirt are painted on the body and are no skin;
* holes: pixels in which the undressed body is, but nothing of the dressed one, so that the background shows through;
  and those where what is seen lies more than 2 cm behind the undressed body's surface, so that one looks through an
  opening into an empty garment.

Both are given as a share of the pixels that show a garment, over all poses and views of a motion. The bar is 0.5 % for
both together, and for the skin seen through each single garment against that garment's own pixels; the exit code is 1
where it is missed.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.spatial

from synth.arguments import folder, whole
from synth.body.appearance import appearance_names, read
from synth.body.assemble import dressed, joined, undressed
from synth.body.character import Character, Material
from synth.body.linen import linen
from synth.body.mesh import Piece, cut
from synth.body.pack import load_pack
from synth.body.pattern import load_pattern
from synth.body.skeleton import Skeleton
from synth.errors import CeterisError
from synth.factors import MotionRef
from synth.frames import Camera, orbit
from synth.motion import catalogue
from synth.stage.renderer import Renderer

BAR = 0.005
VIEWS = ((0, 10), (60, 10), (120, 10), (180, 10), (240, 10), (300, 10), (30, 60), (210, -20))
POSES = 8
_NO_GARMENT = ("skin", "linen", "hair")
_DEEPER_M = 0.02
_PIXELS = 192
_DISTANCE_M = 3.2
_FLAT = Material("flat", np.full((4, 4, 4), 255, np.uint8), 1.0, alpha_cut=False, double_sided=True)


@dataclass(frozen=True)
class Coverage:
    """Pixels of each garment by its key, pixels of skin seen through it, and of holes; over some poses and views."""

    garment: Mapping[str, int]
    poke: Mapping[str, int]
    holes: int

    @property
    def hole_share(self) -> float:
        """Holes as a share of the garments' pixels."""
        return self.holes / max(1, sum(self.garment.values()))

    @property
    def share(self) -> float:
        """Poke-through and holes as a share of the garments' pixels."""
        return self.hole_share + sum(self.poke.values()) / max(1, sum(self.garment.values()))

    @property
    def garment_shares(self) -> dict[str, float]:
        """Skin seen through each garment as a share of that garment's pixels."""
        return {key: pixels / max(1, self.garment.get(key, 0)) for key, pixels in self.poke.items()}

    @property
    def good(self) -> bool:
        """Whether neither the whole nor any garment misses the bar."""
        return max(self.share, *self.garment_shares.values(), 0.0) <= BAR


@dataclass(frozen=True)
class Fitting:
    """A character with its undressed body, and for each of its faces the layer it belongs to: "skin", "hair", a
    garment's key, "linen" for what is painted on the body, or "under <key>" for skin that lies under that garment."""

    character: Character
    bare: Character
    layer: np.ndarray


def fitting(name: str, assets_root: Path | str | None = None) -> Fitting:
    """The appearance `name` ready to be measured; raises what `synth.body.load` raises."""
    recipe, pictures = read(name, assets_root)
    figure, layers = dressed(name, recipe, pictures)
    skeleton = joined(name, figure, layers).skeleton
    skin = layers[0].piece
    ids = _pack_vertices(skin.pattern)
    painted = np.max([np.zeros(len(ids)), *(share for share, _ in linen(recipe, skin.pattern))], axis=0)
    depth = np.stack([depth[ids] for depth in figure.under.values()], axis=1)
    skin = dataclasses.replace(skin, fields=np.column_stack([depth, painted]))
    pieces = [cut(skin, side * depth.max(axis=1))[0] for side in (-1, 1)]
    layers[:1] = [dataclasses.replace(layers[0], piece=piece) for piece in pieces]
    character = dataclasses.replace(joined(name, figure, layers), skeleton=skeleton)
    label = np.array([material.name for material in character.materials], dtype=object)[character.material]
    label[: sum(len(piece.faces) for piece in pieces)] = np.concatenate(
        [_labels(piece, list(figure.under)) for piece in pieces]
    )
    bare = undressed(name, recipe)
    shift = (skeleton.heads[0] - bare.skeleton.heads[0]).astype(np.float32)
    return Fitting(character, dataclasses.replace(bare, rest=bare.rest + shift, skeleton=skeleton), label.astype(str))


def _labels(skin: Piece, keys: Sequence[str]) -> np.ndarray:
    """(F,) layers of the faces of skin whose fields are the depths (V, K) under the garments `keys`, and the share of
    linen."""
    fields = skin.fields[skin.control_faces].mean(axis=1)
    depth, painted = fields[:, :-1], fields[:, -1]
    under = np.array([f"under {key}" for key in keys], dtype=object)[depth.argmax(axis=1)]
    return np.where(painted > 0.5, "linen", np.where(depth.max(axis=1) > 0, under, "skin"))


def measure(what: Fitting, rotations: np.ndarray, root: np.ndarray, cameras: Sequence[Camera]) -> Coverage:
    """The coverage of P poses, rotations (P, J, 3, 3) and root (P, 3), seen by cameras."""
    names = list(np.unique(what.layer))
    renderer = Renderer()

    def depth(character: Character, faces: np.ndarray) -> np.ndarray:
        return _depth(renderer, _only(character, faces), rotations, root, cameras)

    layers = np.stack([depth(what.character, what.layer == name) for name in names])
    seen, nearest = layers.argmin(axis=0), layers.min(axis=0)
    bare = depth(what.bare, np.ones(len(what.bare.faces), bool))
    count = {name: int(((seen == k) & np.isfinite(nearest)).sum()) for k, name in enumerate(names)}
    return Coverage(
        garment={name: n for name, n in count.items() if name not in _NO_GARMENT and " " not in name},
        poke={name.split()[1]: n for name, n in count.items() if name.startswith("under ")},
        holes=int((np.isfinite(bare) & (nearest > bare + _DEEPER_M)).sum()),
    )


def _pack_vertices(points: np.ndarray) -> np.ndarray:
    """(n,) the pack's vertex at each point (n, 3) of the reference body's skin."""
    body = np.unique(load_pack().meshes["body"].faces)
    _, near = scipy.spatial.cKDTree(load_pattern().points[body]).query(points)
    return body[near]


def _only(character: Character, chosen: np.ndarray) -> Character:
    """The character with some of its faces (F,) bool, in one flat colour."""
    used, corner = np.unique(character.faces[chosen], return_inverse=True)
    faces = corner.reshape(-1, 3).astype(np.int32)
    return dataclasses.replace(
        character,
        vertex=character.vertex[used],
        offset_m=character.offset_m[used],
        uv=character.uv[used],
        faces=faces,
        control_faces=character.vertex[used][faces],
        material=np.zeros(len(faces), np.uint8),
        part=character.part[chosen],
        materials=(_FLAT,),
    )


def _depth(renderer: Renderer, character: Character, rotations, root, cameras) -> np.ndarray:
    """(P, C, H, W) depth of the character alone, inf where it is not."""
    if not len(character.faces):
        return np.full((len(root), len(cameras), cameras[0].height, cameras[0].width), np.inf, np.float32)
    found = renderer.render(
        character=renderer.add_character(character),
        rotations=rotations,
        root=root,
        placement=None,
        cameras=cameras,
        passes=("mask", "depth"),
    )
    return np.where(found["mask"] == 1, found["depth"], np.inf)


def poses(ref: MotionRef, skeleton: Skeleton, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Rotations (count, J, 3, 3) and roots (count, 3) spread over a motion."""
    motion = catalogue.load(ref, skeleton)
    return motion.sample(np.arange(count) / count * motion.duration_s)


def around(skeleton: Skeleton, rotations: np.ndarray, root: np.ndarray, views) -> list[Camera]:
    """Cameras that look at the middle of all poses from views, (azimuth, elevation) in degrees."""
    joints = skeleton.fk(rotations, root).reshape(-1, 3)
    middle = (joints.min(axis=0) + joints.max(axis=0)) / 2
    frame = {"distance_m": _DISTANCE_M, "fov_deg": 45.0, "width": _PIXELS, "height": _PIXELS}
    return [orbit(middle, azimuth_deg=azimuth, elevation_deg=elevation, **frame) for azimuth, elevation in views]


def table(
    names: Sequence[str], activities: Sequence[str], views, count: int, assets_root: Path | None = None
) -> dict[str, dict[str, Coverage]]:
    """Coverage by appearance and activity, of the first motion of each."""
    out = {}
    for name in names:
        what = fitting(name, assets_root)
        for activity in activities:
            ref = catalogue.references(activity, source="authored", n=1)[0]
            rotations, root = poses(ref, what.character.skeleton, count)
            cameras = around(what.character.skeleton, rotations, root, views)
            out.setdefault(name, {})[activity] = measure(what, rotations, root, cameras)
    return out


def _text(found: Mapping[str, Mapping[str, Coverage]]) -> str:
    """The table in per cent, and the garments through which most skin is seen."""
    activities = list(next(iter(found.values())))
    lines = ["poke-through + holes, % of the garments' pixels"]
    lines += [" " * 12 + "".join(f"{activity:>16}" for activity in activities)]
    for name, row in found.items():
        cells = (f"{100 * (c.share - c.hole_share):.2f} + {100 * c.hole_share:.2f}" for c in row.values())
        lines.append(f"{name:<12}" + "".join(f"{cell:>16}" for cell in cells))
    worst = sorted(
        (part, key, name, activity)
        for name, row in found.items()
        for activity, c in row.items()
        for key, part in c.garment_shares.items()
    )
    lines += [f"{100 * part:6.2f} % of {key}: {name}, {activity}" for part, key, name, activity in worst[:-6:-1]]
    return "\n".join(lines) + "\n"


def _views(text: str) -> list[tuple[float, float]]:
    try:
        pairs = [[float(angle) for angle in view.split(":")] for view in text.split(",")]
        return [(azimuth, elevation) for azimuth, elevation in pairs]
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no list of views; write them like 0:10,90:60") from error


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--appearances", help="names, with commas between (default: all)")
    parser.add_argument("--assets-root", type=folder, metavar="DIR", help="the folder with your own appearances/")
    parser.add_argument("--motions", default=",".join(catalogue.activities("authored")), help="activities, with commas")
    parser.add_argument("--views", type=_views, default=VIEWS, help="azimuth:elevation in degrees, with commas")
    parser.add_argument("--poses", type=whole(1), default=POSES, help=f"poses of each motion (default {POSES})")
    options = parser.parse_args(arguments)
    try:
        root = options.assets_root
        names = appearance_names(root) if options.appearances is None else options.appearances.split(",")
        found = table(names, options.motions.split(","), options.views, options.poses, root)
    except CeterisError as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 2
    sys.stdout.write(_text(found))
    return int(not all(c.good for row in found.values() for c in row.values()))


if __name__ == "__main__":
    sys.exit(main())
