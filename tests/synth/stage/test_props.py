"""Contracts of every object's mesh: arrays that fit, closed outside, the right size, its own mirror image."""

import numpy as np
import pytest

from synth.errors import UnknownName
from synth.motion import objects
from synth.stage import props
from synth.stage.props import finish
from synth.stage.props.solids import ball, box, ellipsoid, tube

every_kind = pytest.mark.parametrize("kind", props.kinds())
SIZES = {  # metres along x, y and z
    "bow": (0.2, 0.045, 1.56),
    "bowstring": (0.006, 0.006, 1.0),
    "arrow": (0.75, 0.04, 0.04),
    "golf_club": (0.13, 0.12, 1.01),
    "golf_ball": (0.0426,) * 3,
    "baseball": (0.074,) * 3,
    "violin": (0.59, 0.206, 0.085),
    "violin_bow": (0.72, 0.012, 0.033),
    "ladder": (0.08, 0.45, 3.3),
    "basketball": (0.24,) * 3,
    "soccer_ball": (0.22,) * 3,
}


def volume(points, faces):
    corners = points[faces].astype(np.float64)
    return np.einsum("fi,fi->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) / 6


@every_kind
def test_arrays_fit_together_and_cannot_be_written(kind):
    mesh = props.load(kind)
    count, faces = len(mesh.points), len(mesh.faces)
    assert (mesh.kind, mesh.points.shape, mesh.normals.shape, mesh.uv.shape) == (
        kind,
        (count, 3),
        (count, 3),
        (count, 2),
    )
    assert (mesh.points.dtype, mesh.faces.dtype, mesh.material.dtype) == (np.float32, np.int32, np.uint8)
    assert mesh.material.shape == (faces,) and mesh.material.max() == len(mesh.materials) - 1
    assert mesh.faces.min() == 0 and mesh.faces.max() == count - 1
    assert np.isfinite(mesh.points).all() and np.isfinite(mesh.uv).all()
    np.testing.assert_allclose(np.linalg.norm(mesh.normals, axis=1), 1.0, atol=1e-5)
    with pytest.raises(ValueError, match="read-only"):
        mesh.points[0] = 0
    assert props.load(kind) is mesh


@every_kind
def test_triangles_face_outwards_and_are_few(kind):
    mesh = props.load(kind)
    corners = mesh.points[mesh.faces].astype(np.float64)
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert (np.linalg.norm(across, axis=1) > 0).all()
    assert (np.einsum("fi,fi->f", across, mesh.normals[mesh.faces].sum(axis=1)) > 0).all()
    assert volume(mesh.points, mesh.faces) > 0
    assert 50 <= len(mesh.faces) <= 1600


@every_kind
def test_is_as_large_as_the_real_thing(kind):
    size = np.ptp(props.load(kind).points, axis=0)
    np.testing.assert_allclose(size, SIZES[kind], rtol=0.12, atol=0.004)


@every_kind
def test_is_its_own_mirror_image(kind):
    points = props.load(kind).points
    mirrored = points * np.array([1, -1, 1], np.float32)
    nearest = np.abs(points[:, None] - mirrored[None]).max(axis=2).min(axis=1)
    assert nearest.max() < 2e-3


@every_kind
def test_every_material_is_a_painted_opaque_texture(kind):
    for material in props.load(kind).materials:
        assert material.texture.dtype == np.uint8 and material.texture.shape[2] == 4
        assert (material.texture[..., 3] == 255).all() and not material.alpha_cut
        assert 0.0 <= material.roughness <= 1.0


def test_an_unknown_object_is_answered_with_the_nearest():
    with pytest.raises(UnknownName, match="did you mean 'violin'"):
        props.load("viola")


def test_solids_have_the_volume_of_their_formulas():
    skin = finish.plain("grey", (128, 128, 128))
    shapes = {
        0.006: box((0.1, 0.2, 0.3), skin),
        4 / 3 * np.pi * 0.1**3: ball(0.1, skin, rows=24, columns=48),
        4 / 3 * np.pi * 0.1 * 0.2 * 0.3: ellipsoid((0.1, 0.2, 0.3), skin, rows=24, columns=48),
        np.pi * 0.1**2: tube(np.array([[0, 0, 0], [0, 0, 0.5], [0, 0, 1.0]]), np.full(3, 0.1), skin, sides=48),
    }
    for expected, solid in shapes.items():
        assert volume(solid.points, solid.faces) == pytest.approx(expected, rel=0.02)
    moved = shapes[0.006].moved((1.0, 2.0, 3.0))
    assert volume(moved.points, moved.faces) == pytest.approx(0.006)


def test_the_bow_carries_its_string_and_the_ladder_its_rungs():
    tip_x, tip_z = objects.BOW_TIP_M
    bow = props.load("bow").points
    for sign in (-1, 1):
        assert np.linalg.norm(bow - [tip_x, 0.0, sign * tip_z], axis=1).min() < 0.025
    ladder = props.load("ladder")
    names = [m.name for m in ladder.materials]
    metal = ladder.points[np.unique(ladder.faces[ladder.material == names.index("aluminium")])]
    lowest, apart, count = objects.LADDER_RUNGS_M
    heights = np.unique(np.round((metal[:, 2] - lowest) / apart).astype(int))
    assert list(heights) == list(range(count))


def test_soccer_ball_is_mostly_white_and_basketball_orange():
    soccer = props.load("soccer_ball").materials[0].texture[..., :3].astype(float)
    latitude = np.cos(np.pi * (0.5 - (np.arange(len(soccer)) + 0.5) / len(soccer)))
    dark = ((soccer.mean(axis=2) < 60).mean(axis=1) * latitude).sum() / latitude.sum()
    assert dark == pytest.approx(0.28, abs=0.06)  # twelve pentagons of a truncated icosahedron, swollen to the sphere
    red, green, blue = props.load("basketball").materials[0].texture[..., :3].mean(axis=(0, 1))
    assert red > 1.6 * green > 2.0 * blue
