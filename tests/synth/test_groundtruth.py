"""Joints in the picture, visible or hidden: toys whose answer is known by hand, and people judged by rays."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from synth import body, stage
from synth.body import PARTS
from synth.frames import Camera, orbit
from synth.groundtruth import FLESH, OTHER_M, flesh, joints2d
from synth.stage import props
from synth.stage.library import Library
from synth.stage.meshes import PROP

ARM = ("upperarm", "lowerarm", "wrist", "metacarpal", "finger")
CAMERA = Camera(position_m=(0.0, 0.0, 0.0), fov_deg=90.0, width=100, height=50)  # looks along +X, 50 px focal
HAND = PARTS.index("hand_left")


def wall(surface, part):
    """Depth and part labels of a picture that one thing fills."""
    return np.full((1, 50, 100), surface, np.float32), np.full((1, 50, 100), part, np.uint8)


def seen(point, surface, name="wrist.L", part=HAND):
    """x, y, visible of one joint where a wall of `part` stands at `surface` metres."""
    return joints2d(np.array([[point]]), *wall(surface, part), CAMERA, [name])[0, 0].tolist()


def test_where_a_joint_is_in_the_picture():
    assert seen((2.0, 0.0, 0.0), 1.95) == [50.0, 25.0, 1.0]
    assert seen((2.0, 1.0, 0.5), 1.95) == [25.0, 12.5, 1.0], "left is +Y and up is +Z"


@pytest.mark.parametrize(("surface", "visible"), [(2.5, 1), (2.0, 1), (1.926, 1), (1.92, 0), (0.5, 0), (np.inf, 1)])
def test_a_joint_hides_behind_more_than_its_own_flesh(surface, visible):
    assert seen((2.0, 0.0, 0.0), surface)[2] == visible


def test_flesh_is_measured_along_the_ray():
    """45 degrees off the axis a wall 6 cm nearer in planar depth is 8.5 cm nearer."""
    ahead, aside = (seen((2.0, y, 0.0), 1.94)[2] for y in (0.0, 1.99))
    assert (ahead, aside) == (1, 0)


@pytest.mark.parametrize(
    ("name", "part", "visible"),
    [
        ("wrist.L", "hand_left", 1), ("wrist.L", "forearm_left", 1), ("wrist.L", "hand_right", 0),
        ("wrist.R", "hand_right", 1), ("wrist.L", "torso", 0), ("lowerleg01.R", "skirt", 1), ("root", "thigh_left", 1),
        ("eye.L", "hair", 0), ("head", "hair", 1), ("spine03", "upper_arm_left", 0), ("spine03", "torso", 1),
        ("tail", "foot_right", 1), ("tail", "background", 0),
    ],
)  # fmt: skip
def test_only_the_parts_that_meet_at_a_joint_show_it(name, part, visible):
    assert seen((2.0, 0.0, 0.0), 1.97, name, PARTS.index(part))[2] == visible


def test_an_object_hides_a_joint_however_near_it_is():
    assert seen((2.0, 0.0, 0.0), 1.999, part=PROP)[2] == 0


@pytest.mark.parametrize(
    ("column", "behind", "visible"), [(50, 2.5, 1), (49, 2.5, 1), (49, np.inf, 1), (51, 2.5, 0), (49, 1.99, 0)]
)
def test_a_finger_narrower_than_a_pixel_is_seen_beside_its_joint(column, behind, visible):
    """The joint lies in pixel 50, left of its centre; the finger shows in one column, and what is behind elsewhere."""
    depth, parts = wall(behind, PARTS.index("torso"))
    depth[..., column], parts[..., column] = 1.995, HAND
    finger = np.array([[[2.0, -0.008, 0.0]]])
    x, _, found = joints2d(finger, depth, parts, CAMERA, ["finger2-2.L"])[0, 0]
    assert (x, found) == (pytest.approx(50.2), visible)


def test_the_flesh_depends_on_the_joint():
    reach_m, own = flesh(("finger1-2.R", "tail", "wrist.L", "root"))
    assert reach_m.tolist() == [0.04, OTHER_M, 0.075, 0.25] and own.shape == (4, 256)
    shown = [[PARTS[n] for n in np.flatnonzero(row)] for row in own]
    assert shown[0] == ["hand_right"] and shown[1] == list(PARTS[1:])
    assert shown[2] == ["forearm_left", "hand_left"] and shown[3] == ["torso", "thigh_left", "thigh_right", "skirt"]
    assert all(0.02 < reach <= 0.25 for _, reach, _ in FLESH)


def test_every_bone_of_the_body_has_its_own_flesh(ana):
    _, own = flesh(ana.skeleton.names)
    assert own[:, 1:].any(axis=1).all() and own.sum(axis=1).max() < 5 and not own[:, [0, PROP]].any()


@pytest.mark.parametrize("point", [(2.0, 2.1, 0.0), (2.0, 0.0, -1.1), (2.0, -2.0, 0.0)])
def test_outside_the_picture_nothing_is_visible(point):
    x, y, visible = seen(point, 1.99)
    assert not visible and not (0 <= x < 100 and 0 <= y < 50)


def test_behind_the_camera_there_is_no_pixel():
    x, y, visible = seen((-2.0, 0.0, 0.0), 1.99)
    assert np.isnan(x) and np.isnan(y) and not visible


def test_every_frame_is_judged_by_its_own_depth():
    joints = np.tile([2.0, 0.0, 0.0], (3, 2, 1))
    depth = np.stack([np.full((50, 100), d, np.float32) for d in (1.0, 1.95, 3.0)])
    parts = np.full(depth.shape, HAND, np.uint8)
    out = joints2d(joints, depth, parts, CAMERA, ["wrist.L", "head"])
    assert out.shape == (3, 2, 3) and out.dtype == np.float32
    assert out[..., 2].tolist() == [[0, 0], [1, 0], [1, 0]]


@pytest.fixture(scope="module")
def ana():
    return body.load("ana")


def shown(person, pose, root, camera, **objects):
    """(J, 3) joints2d of one pose, and the parts in the picture."""
    passes = stage.render(person, pose, root, [camera], passes=("depth", "parts"), **objects)
    depth, parts = (passes[name][:, 0] for name in ("depth", "parts"))
    names = person.skeleton.names
    return joints2d(person.skeleton.fk(pose, root), depth, parts, camera, names)[0], parts[0]


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
    found = dict(zip(skeleton.names, shown(ana, pose, root, camera)[0], strict=True))
    assert found["wrist.L"][2] == found["lowerarm02.L"][2] == visible
    assert found["wrist.R"][2] == found["foot.L"][2] == 1, "what nothing covers is visible from both sides"


def test_at_rest_hardly_a_joint_is_hidden_from_the_front(ana):
    skeleton = ana.skeleton
    pose, root = np.tile(np.eye(3), (1, len(skeleton.names), 1, 1)), skeleton.heads[:1]
    camera = orbit((0, 0, 0.9), azimuth_deg=0, elevation_deg=0, distance_m=3, fov_deg=45, width=128, height=128)
    found, _ = shown(ana, pose, root, camera)
    limbs = ("upperarm01", "lowerarm01", "wrist", "upperleg01", "lowerleg01", "foot", "eye")
    hidden = {name for name, row in zip(skeleton.names, found, strict=True) if not row[2]}
    assert not hidden & {f"{limb}.{side}" for limb in limbs for side in "LR"} and "head" not in hidden
    assert len(hidden) < 0.15 * len(skeleton.names), hidden


def crossings(joint, camera, corners):
    """Metres from a joint to where the ray from it to the camera crosses triangles (F, 3, 3), whether it comes out of
    each, and their numbers, the nearest to the joint first (Moeller and Trumbore, 1997)."""
    ray = camera.position_m - joint
    away = np.linalg.norm(ray)
    a, e1, e2 = corners[:, 0], corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    across = np.cross(ray / away, e2)
    volume = (e1 * across).sum(axis=1)
    hit = np.flatnonzero(np.abs(volume) > 1e-14)
    scale, start = 1 / volume[hit], joint - a[hit]
    side = np.cross(start, e1[hit])
    u, v, t = (start * across[hit]).sum(1) * scale, side @ (ray / away) * scale, (e2[hit] * side).sum(1) * scale
    inside = (u >= 0) & (v >= 0) & (u + v <= 1) & (t > 0) & (t < away)
    order = np.argsort(t[inside], kind="stable")
    return t[inside][order], (volume[hit] < 0)[inside][order], hit[inside][order]


def judged(distance, out, part, own, reach_m):
    """What a ray says of a joint: hidden by another thing (that begins after a centimetre of air, or is no person), or
    seen: nothing does so and its outermost surface is the joint's own flesh."""
    within, end = 1, 0.0
    near = len(distance) > 0 and own[part[-1]] and distance[-1] <= reach_m
    for t, leaves, label in zip(distance, out, part, strict=True):
        if label == PROP or (not leaves and within == 0 and t - end > 0.01 and not (near and own[label])):
            return "hidden"
        within = max(0, within - 1) if leaves else within + 1
        end = t if leaves and within == 0 else end
    return "seen" if near else "too deep"


@pytest.mark.parametrize(
    ("name", "activity", "azimuth_deg", "elevation_deg"),
    [("mei", "archery", 120, 10), ("omar", "walk", 75, 0), ("rosa", "squat", 200, 30), ("tom", "golf_swing", 10, 10)],
)
def test_people_are_judged_as_rays_judge_them(name, activity, azimuth_deg, elevation_deg):
    """Both ways: of the joints called visible few are behind another thing, of those called hidden few can be seen.
    What is left are edges of limbs within a pixel, and fingers in front of fingers."""
    library = Library()
    person, motion = library.character(name), library.motion(f"authored/{activity}/0", name)
    objects = [props.load(prop.kind) for prop in motion.props]
    reach_m, own = flesh(person.skeleton.names)
    votes = []
    for time_s in motion.duration_s * np.array([0.2, 0.7]):
        (rotations, root), poses = motion.sample([time_s]), motion.sample_props([time_s])
        joints = person.skeleton.fk(rotations, root)[0]
        angles = {"azimuth_deg": azimuth_deg, "elevation_deg": elevation_deg, "fov_deg": 45}
        camera = orbit(joints.mean(axis=0), **angles, distance_m=2.5, width=256, height=256)
        found, parts = shown(person, rotations, root, camera, props=objects, prop_poses=poses)
        corners = [person.pose(rotations, root)[0][0].astype(float)[person.faces]]
        corners += [(o.points @ m[:, :3].T + m[:, 3])[o.faces] for o, m in zip(objects, poses[0], strict=True)]
        label = np.concatenate([person.part, *(np.full(len(o.faces), PROP) for o in objects)])
        for j, (x, y, visible) in enumerate(found):
            distance, out, face = crossings(joints[j], camera, np.concatenate(corners))
            at = parts[int(y), int(x)]
            votes.append((visible, judged(distance, out, label[face], own[j], reach_m[j]), at and not own[j, at]))
    called_visible, called_hidden = ([v[1:] for v in votes if v[0] == answer] for answer in (1, 0))
    assert min(len(called_visible), len(called_hidden)) > 40
    assert np.mean([other for _, other in called_visible]) <= 0.01, "the pixel shows another part"
    assert np.mean([ray == "hidden" for ray, _ in called_visible]) <= 0.04
    assert np.mean([ray == "seen" for ray, _ in called_hidden]) <= 0.07
