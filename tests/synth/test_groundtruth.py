"""Joints in the picture, visible or hidden: a toy whose answer is known by hand."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from synth import body, stage
from synth.frames import Camera, orbit
from synth.groundtruth import FLESH_M, OTHER_M, flesh_m, joints2d

ARM = ("upperarm", "lowerarm", "wrist", "metacarpal", "finger")
CAMERA = Camera(position_m=(0.0, 0.0, 0.0), fov_deg=90.0, width=100, height=50)  # looks along +X, 50 px focal


def seen(point, surface, name="wrist.L"):
    """x, y, visible of one joint before a wall at `surface` metres."""
    depth = np.full((1, 50, 100), surface, np.float32)
    return joints2d(np.array([[point]]), depth, CAMERA, [name])[0, 0].tolist()


def test_where_a_joint_is_in_the_picture():
    assert seen((2.0, 0.0, 0.0), np.inf) == [50.0, 25.0, 1.0]
    assert seen((2.0, 1.0, 0.5), np.inf) == [25.0, 12.5, 1.0], "left is +Y and up is +Z"


@pytest.mark.parametrize(("surface", "visible"), [(np.inf, 1), (2.5, 1), (2.0, 1), (1.93, 1), (1.92, 0), (0.5, 0)])
def test_a_joint_hides_behind_more_than_its_own_flesh(surface, visible):
    assert seen((2.0, 0.0, 0.0), surface)[2] == visible


def test_the_flesh_depends_on_the_joint():
    assert seen((2.0, 0.0, 0.0), 1.9, "finger2-1.L")[2] == 0 and seen((2.0, 0.0, 0.0), 1.9, "spine03")[2] == 1
    assert flesh_m(["finger1-2.R", "tail"]).tolist() == [0.05, OTHER_M]
    assert all(0.02 < depth <= 0.2 for _, depth in FLESH_M)


@pytest.mark.parametrize("point", [(2.0, 2.1, 0.0), (2.0, 0.0, -1.1), (2.0, -2.0, 0.0)])
def test_outside_the_picture_nothing_is_visible(point):
    x, y, visible = seen(point, np.inf)
    assert not visible and not (0 <= x < 100 and 0 <= y < 50)


def test_behind_the_camera_there_is_no_pixel():
    x, y, visible = seen((-2.0, 0.0, 0.0), np.inf)
    assert np.isnan(x) and np.isnan(y) and not visible


def test_every_frame_is_judged_by_its_own_depth():
    joints = np.tile([2.0, 0.0, 0.0], (3, 2, 1))
    depth = np.stack([np.full((50, 100), d, np.float32) for d in (1.0, 3.0, np.inf)])
    out = joints2d(joints, depth, CAMERA, ["wrist.L", "head"])
    assert out.shape == (3, 2, 3) and out.dtype == np.float32
    assert out[..., 2].tolist() == [[0, 0], [1, 1], [1, 1]]


@pytest.fixture(scope="module")
def ana():
    return body.load("ana")


@pytest.mark.parametrize(("azimuth_deg", "visible"), [(0.0, 1), (180.0, 0)], ids=["before", "behind"])
def test_an_arm_stretched_before_the_chest_is_hidden_from_behind(ana, azimuth_deg, visible):
    skeleton = ana.skeleton
    arm = [n for n, name in enumerate(skeleton.names) if name.endswith(".L") and name.startswith(ARM)]
    start, end = (skeleton.heads[skeleton.names.index(name)] for name in ("upperarm01.L", "wrist.L"))
    turn, _ = Rotation.align_vectors([[0.9, -0.43, 0.0]], [end - start])
    pose = np.tile(np.eye(3), (1, len(skeleton.names), 1, 1))
    pose[0, arm] = turn.as_matrix()
    root = skeleton.heads[:1]
    camera = orbit((0, 0, 1.2), azimuth_deg=azimuth_deg, elevation_deg=0, distance_m=3, fov_deg=45, width=96, height=96)
    depth = stage.render(ana, pose, root, [camera], passes=("depth",))["depth"][:, 0]
    found = dict(zip(skeleton.names, joints2d(skeleton.fk(pose, root), depth, camera, skeleton.names)[0], strict=True))
    assert found["wrist.L"][2] == found["lowerarm02.L"][2] == visible
    assert found["wrist.R"][2] == found["foot.L"][2] == 1, "what nothing covers is visible from both sides"


def test_at_rest_hardly_a_joint_is_hidden_from_the_front(ana):
    skeleton = ana.skeleton
    pose, root = np.tile(np.eye(3), (1, len(skeleton.names), 1, 1)), skeleton.heads[:1]
    camera = orbit((0, 0, 0.9), azimuth_deg=0, elevation_deg=0, distance_m=3, fov_deg=45, width=128, height=128)
    depth = stage.render(ana, pose, root, [camera], passes=("depth",))["depth"][:, 0]
    found = joints2d(skeleton.fk(pose, root), depth, camera, skeleton.names)[0]
    limbs = ("upperarm01", "lowerarm01", "wrist", "upperleg01", "lowerleg01", "foot", "eye")
    hidden = {name for name, row in zip(skeleton.names, found, strict=True) if not row[2]}
    assert not hidden & {f"{limb}.{side}" for limb in limbs for side in "LR"} and "head" not in hidden
    assert len(hidden) < 0.15 * len(skeleton.names), hidden
