"""The contract of a character, over every appearance and a few random ones."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from synth import body
from synth.errors import UnknownName

NAMES = [*body.appearance_names(), "random-0", "random-1", "random-7"]
TRIANGLES_AT_MOST = 20_000


@functools.cache
def character(name: str) -> body.Character:
    return body.load(name)


def still(skeleton: body.Skeleton, frames: int = 1) -> tuple[np.ndarray, np.ndarray]:
    return np.tile(np.eye(3), (frames, len(skeleton.names), 1, 1)), np.tile(skeleton.heads[0], (frames, 1))


def turn_y(angle_deg: float) -> np.ndarray:
    c, s = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])


@pytest.mark.parametrize("name", NAMES)
def test_arrays_fit_together(name):
    c = character(name)
    v, n, f = len(c.rest), len(c.vertex), len(c.faces)
    assert c.rest.shape == (v, 3) and c.rest.dtype == np.float32
    assert c.bones.shape == c.weights.shape and c.bones.shape[1] <= 8
    assert c.bones.min() >= 0 and c.bones.max() < len(c.skeleton.names)
    assert np.allclose(c.weights.sum(axis=1), 1.0, atol=1e-5) and c.weights.min() >= 0
    assert c.vertex.shape == c.offset_m.shape == (n,) and 0 <= c.vertex.min() and c.vertex.max() < v
    assert c.uv.shape == (n, 2) and c.uv.min() >= 0 and c.uv.max() <= 1
    assert c.faces.shape == (f, 3) and 0 <= c.faces.min() and c.faces.max() < n
    assert c.control_faces.max() < v
    assert c.material.shape == c.part.shape == (f,)
    assert c.material.max() < len(c.materials) and 0 < c.part.min() and c.part.max() < len(body.PARTS)
    assert f <= TRIANGLES_AT_MOST


@pytest.mark.parametrize("name", NAMES)
def test_materials_are_whole_pictures(name):
    for material in character(name).materials:
        h, w, channels = material.texture.shape
        assert channels == 4 and h == w >= 256 and material.texture.dtype == np.uint8
        assert (material.texture[..., 3] == 255).all()
        assert 0 <= material.roughness <= 1


@pytest.mark.parametrize("name", NAMES)
def test_no_face_without_area(name):
    c = character(name)
    corners = c.rest[c.vertex][c.faces].astype(np.float64)
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1) / 2
    assert (area < 1e-10).mean() < 0.002


@pytest.mark.parametrize("name", NAMES)
def test_identity_pose_is_the_rest_pose(name):
    c = character(name)
    vertices, normals = c.pose(*still(c.skeleton))
    assert np.abs(vertices[0] - c.rest[c.vertex]).max() < 1e-5
    length = np.linalg.norm(normals[0], axis=1)
    assert np.abs(length - 1).max() < 1e-3


@pytest.mark.parametrize("name", NAMES)
def test_faces_look_outwards(name):
    c = character(name)
    corners = c.rest[c.vertex][c.faces[c.material == 0]].astype(np.float64)
    centre, across = corners.mean(axis=1), np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    head = centre[:, 2] > c.skeleton.heads[c.skeleton.index("head"), 2] + 0.02
    away = centre[head] - centre[head].mean(axis=0)
    assert ((across[head] * away).sum(axis=1) > 0).mean() > 0.8


@pytest.mark.parametrize("name", NAMES)
def test_stands_on_its_soles_and_faces_x(name):
    c = character(name)
    assert abs(c.rest[:, 2].min()) < 1e-6
    heads, index = c.skeleton.heads, c.skeleton.index
    assert np.abs(heads[0, :2]).max() < 0.02
    assert heads[index("wrist.L"), 1] > 0.2 > -0.2 > heads[index("wrist.R"), 1]
    assert heads[index("toe1-1.L"), 0] > heads[index("foot.L"), 0] + 0.05
    assert c.skeleton.lowest(*still(c.skeleton))[0] == pytest.approx(0.0, abs=2e-3)


@pytest.mark.parametrize("name", NAMES)
def test_every_body_part_is_there(name):
    seen = {body.PARTS[k] for k in np.unique(character(name).part)}
    limbs = {
        f"{part}_{side}"
        for part in ("upper_arm", "forearm", "hand", "thigh", "shin", "foot")
        for side in ("left", "right")
    }
    assert seen >= limbs - {"shin_left", "shin_right"} | {"head"} and seen & {"torso"}


@pytest.mark.parametrize("name", NAMES)
def test_the_left_hand_is_labelled_left(name):
    c = character(name)
    y = c.rest[c.vertex][c.faces].mean(axis=1)[:, 1]
    assert (y[c.part == body.PARTS.index("hand_left")] > 0).all()
    assert (y[c.part == body.PARTS.index("hand_right")] < 0).all()


def test_skinning_follows_forward_kinematics():
    c = character("ana")
    rotations, root = still(c.skeleton)
    arm = [
        k
        for k, n in enumerate(c.skeleton.names)
        if n.endswith(".L") and n.startswith(("upperarm", "lowerarm", "wrist", "finger", "metacarpal"))
    ]
    rotations[0, arm] = turn_y(-70)
    joints = c.skeleton.fk(rotations, root)[0]
    posed, _ = c.pose(rotations, root)
    tip = (c.weights[:, 0] > 0.99) & (c.bones[:, 0] == c.skeleton.index("finger3-3.L"))
    at = c.rest[tip] - c.skeleton.heads[c.skeleton.index("finger3-3.L")]
    expected = at @ turn_y(-70).T + joints[c.skeleton.index("finger3-3.L")]
    render = np.flatnonzero(tip[c.vertex])
    order = np.searchsorted(np.flatnonzero(tip), c.vertex[render])
    assert len(render) > 0 and np.abs(posed[0, render] - expected[order]).max() < 1e-4


def test_turning_the_whole_body_turns_every_vertex():
    c = character("tom")
    rotations, root = still(c.skeleton, 2)
    rotations[1] = turn_y(90)
    vertices, normals = c.pose(rotations, root)
    turned = (vertices[0] - root[0]) @ turn_y(90).T + root[0]
    assert np.abs(vertices[1] - turned).max() < 1e-4
    assert np.abs(normals[1] - normals[0] @ turn_y(90).T).max() < 1e-3


def test_appearances_differ():
    shades = [np.concatenate([m.texture[..., :3].mean(axis=(0, 1)) for m in character(n).materials[:4]]) for n in NAMES]
    heights = [character(n).rest[:, 2].max() for n in NAMES]
    for i in range(len(NAMES)):
        for j in range(i):
            assert np.abs(shades[i] - shades[j]).max() > 10
    assert max(heights) - min(heights) > 0.1


def test_loading_twice_gives_the_same_bytes():
    again = body.load("random-7")
    first = character("random-7")
    assert np.array_equal(again.rest, first.rest) and np.array_equal(again.faces, first.faces)
    for a, b in zip(again.materials, first.materials, strict=True):
        assert np.array_equal(a.texture, b.texture)


def test_unknown_appearance_names_the_nearest():
    with pytest.raises(UnknownName, match="did you mean 'ana'"):
        body.load("anna")
