"""COCO's keypoints on our bodies, held against their meshes; run lengths and boxes against COCO's own library."""

import numpy as np
import pytest
from pycocotools import mask as theirs

from synth import body, coco
from synth.body import PARTS
from synth.errors import UnknownName
from synth.frames import orbit

FAR = dict(elevation_deg=0.0, distance_m=4.0, fov_deg=45.0, width=256, height=256)


def at(name):
    return coco.KEYPOINTS.index(name)


@pytest.fixture(scope="module")
def person():
    return body.load("tom")


def posed(person):
    """Keypoints (17, 3) at rest, and the corners (N, 3) of the skin of the head."""
    skeleton = person.skeleton
    head = np.unique(person.faces[person.part == PARTS.index("head")])
    return coco.points(skeleton.heads[None], skeleton.names)[0], person.rest[person.vertex[head]].astype(float)


def test_nose_and_ears_are_on_the_skin_where_they_should_be(person):
    points, skin = posed(person)
    for name in ("nose", "left_ear", "right_ear"):
        assert np.linalg.norm(skin - points[at(name)], axis=1).min() < 0.012
    eyes = points[[at("left_eye"), at("right_eye")]].mean(axis=0)
    forward = skin[np.abs(skin[:, 2] - points[at("nose"), 2]) < 0.02, 0].max()
    assert points[at("nose"), 0] > forward - 0.015 and points[at("nose"), 2] < eyes[2] - 0.02
    outermost = skin[np.abs(skin[:, 2] - eyes[2]) < 0.04, 1].max()
    assert (
        points[at("left_ear"), 1] == pytest.approx(outermost, abs=0.006) and points[at("left_ear"), 0] < eyes[0] - 0.05
    )


def test_left_is_the_persons_left_and_the_body_hangs_together(person):
    points, _ = posed(person)
    for part in ("eye", "ear", "shoulder", "elbow", "wrist", "hip", "knee", "ankle"):
        left, right = points[at(f"left_{part}")], points[at(f"right_{part}")]
        assert left[1] > 0 > right[1] and np.allclose(left * [1, -1, 1], right, atol=1e-3)
    heights = [points[at(f"left_{part}"), 2] for part in ("ankle", "knee", "hip", "shoulder", "ear")]
    assert heights == sorted(heights)


def test_nose_and_ears_go_with_the_head(person):
    skeleton = person.skeleton
    turn = np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]])
    rotations = np.broadcast_to(np.eye(3), (1, len(skeleton.names), 3, 3)).copy()
    rotations[0, [skeleton.index(name) for name in ("head", "eye.L", "eye.R")]] = turn
    turned = coco.points(skeleton.fk(rotations, skeleton.heads[None, 0]), skeleton.names)[0]
    rest, pivot = posed(person)[0], skeleton.heads[skeleton.index("head")]
    for name in ("nose", "left_ear", "right_ear", "left_eye"):
        assert np.allclose(turned[at(name)] - pivot, turn @ (rest[at(name)] - pivot), atol=1e-9)


def test_seen_hidden_and_outside():
    skeleton = body.reference_skeleton()
    camera = orbit((0, 0, 1.0), azimuth_deg=0.0, **FAR)
    depth = np.full((1, 256, 256), np.float32(np.inf))
    parts = np.zeros((1, 256, 256), np.uint8)
    joints = skeleton.heads[None].astype(np.float32)
    x, y, z = camera.project(coco.points(joints, skeleton.names)[0, at("nose")])
    depth[0, int(y), int(x)], parts[0, int(y), int(x)] = z - 0.01, PARTS.index("head")
    found = coco.keypoints(joints, depth, parts, camera, skeleton.names)[0]
    assert found[at("nose"), 2] == coco.VISIBLE and found[at("left_ankle"), 2] == coco.HIDDEN
    assert found[at("nose"), :2] == pytest.approx([x - 0.5, y - 0.5], abs=0.006)
    near = orbit((0, 0, 1.6), azimuth_deg=0.0, **{**FAR, "distance_m": 1.0})
    assert coco.keypoints(joints, depth, parts, near, skeleton.names)[0, at("left_ankle")].tolist() == [0, 0, 0]


def test_a_bone_that_is_missing_is_named():
    with pytest.raises(UnknownName, match="bone named 'head'"):
        coco.points(np.zeros((1, 2, 3)), ["root", "head1"])


@pytest.mark.parametrize("seed", range(30))
def test_run_lengths_and_boxes_are_those_of_coco(seed):
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(1, 70, 2))
    mask = np.kron(rng.random((7, 7)) < rng.random(), np.ones((11, 11)))[: shape[0], : shape[1]].astype(np.uint8)
    coded = {"size": list(shape), "counts": coco.run_lengths(mask)}
    assert coded["counts"].encode() == theirs.encode(np.asfortranarray(mask))["counts"]
    assert np.array_equal(theirs.decode(coded), mask) and theirs.area(coded) == mask.sum()
    if mask.any():
        assert coco.box(mask) == theirs.toBbox(coded).tolist()


@pytest.mark.parametrize("full", [0, 1])
def test_run_lengths_of_nothing_and_of_everything(full):
    mask = np.full((300, 200), full, np.uint8)
    assert coco.run_lengths(mask).encode() == theirs.encode(np.asfortranarray(mask))["counts"]
