"""Toy characters of known shape for the renderer, and one renderer for all its tests."""

from __future__ import annotations

import functools
import types

import numpy as np
import pytest

from synth.body.character import Character, Material
from synth.stage import place
from synth.stage.props import PropMesh
from synth.stage.renderer import Renderer

GREY = 0.5


def material(*, colour=(188, 188, 188), texture=None, cut: bool = False, double_sided: bool = False) -> Material:
    """A matt material of one colour, or of a texture."""
    image = np.full((4, 4, 4), (*colour, 255), np.uint8) if texture is None else texture
    return Material(name="toy", texture=image, roughness=1.0, alpha_cut=cut, double_sided=double_sided)


def character(points, faces, *, uv=None, materials=None, number=None, heads=None, bones=None) -> Character:
    """A mesh on a skeleton: all its vertices move with the root unless `bones` (N,) says otherwise."""
    points, faces = np.asarray(points, np.float32), np.asarray(faces, np.int32)
    heads = np.zeros((1, 3)) if heads is None else np.asarray(heads, np.float64)
    owner = np.zeros(len(points), np.int32) if bones is None else np.asarray(bones, np.int32)
    skeleton = types.SimpleNamespace(
        names=tuple(f"bone{k}" for k in range(len(heads))), parents=np.arange(-1, len(heads) - 1), heads=heads
    )
    return Character(
        name="toy",
        skeleton=skeleton,
        rest=points,
        bones=owner[:, None],
        weights=np.ones((len(points), 1), np.float32),
        control_faces=faces,
        vertex=np.arange(len(points), dtype=np.int32),
        offset_m=np.zeros(len(points), np.float32),
        uv=np.zeros((len(points), 2), np.float32) if uv is None else np.asarray(uv, np.float32),
        faces=faces,
        material=np.zeros(len(faces), np.uint8) if number is None else np.asarray(number, np.uint8),
        part=np.ones(len(faces), np.uint8),
        materials=materials or (material(),),
    )


def quad(centre, width: float, height: float, **kwargs) -> Character:
    """An upright rectangle that faces +X."""
    x, y, z = centre
    corners = [(x, y + i * width / 2, z + j * height / 2) for i, j in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    return character(corners, [(0, 1, 2), (0, 2, 3)], uv=[(0, 0), (1, 0), (1, 1), (0, 1)], **kwargs)


def sphere(centre, radius: float, *, rings: int = 48) -> Character:
    """A ball."""
    polar, turn = np.meshgrid(np.linspace(np.pi, 0, rings), np.linspace(0, 2 * np.pi, 2 * rings), indexing="ij")
    unit = np.stack([np.sin(polar) * np.cos(turn), np.sin(polar) * np.sin(turn), np.cos(polar)], -1).reshape(-1, 3)
    i, j = np.meshgrid(np.arange(rings - 1), np.arange(2 * rings - 1), indexing="ij")
    a = (i * 2 * rings + j).ravel()
    faces = np.concatenate(
        [np.stack([a, a + 1, a + 2 * rings + 1], 1), np.stack([a, a + 2 * rings + 1, a + 2 * rings], 1)]
    )
    return character(np.asarray(centre) + radius * unit, faces)


def ball(radius: float, *, materials=None) -> PropMesh:
    """An object: a ball about its origin."""
    mesh = sphere((0.0, 0.0, 0.0), radius, rings=24)
    return PropMesh(
        kind="toy",
        points=mesh.rest,
        normals=mesh.rest / radius,
        uv=mesh.uv,
        faces=mesh.faces,
        material=mesh.material,
        materials=materials or (material(colour=(200, 90, 60)),),
    )


@pytest.fixture(scope="session")
def toys() -> types.SimpleNamespace:
    """Makers of toy characters: `character`, `quad`, `sphere`, `ball`, `material`."""
    return types.SimpleNamespace(character=character, quad=quad, sphere=sphere, ball=ball, material=material)


@pytest.fixture(scope="session")
def renderer() -> Renderer:
    """One renderer: its kernels compile once."""
    return Renderer()


@pytest.fixture
def draw(renderer):
    """draw(character, cameras, **changes): one pose at rest; passes without the pose axis."""

    def run(who, cameras, *, passes=("lit", "mask", "depth"), root=(0.0, 0.0, 0.0), placement=None):
        handle = None if who is None else renderer.add_character(who)
        bones = 0 if who is None else len(who.skeleton.heads)
        shown = renderer.render(
            character=handle,
            rotations=np.tile(np.eye(3), (1, bones, 1, 1)),
            root=np.array([root]),
            placement=placement,
            cameras=cameras,
            passes=passes,
        )
        return {name: frames[0] for name, frames in shown.items()}

    return run


@pytest.fixture(scope="session")
def load_place():
    """load_place(name): an environment, baked once for all tests."""
    return functools.lru_cache(maxsize=None)(place.load)
