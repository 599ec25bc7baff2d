"""Ground truth: every pass against answers known by other means, and against the other passes of the same request."""

import dataclasses

import cv2
import numpy as np
import pytest
import torch

from synth import body
from synth.factors import Lighting
from synth.frames import Camera, orbit, rotation_z
from synth.stage import place
from synth.stage.meshes import PROP, UNGUARDED
from synth.stage.outputs import PASSES, as_tensors

ALL = tuple(PASSES)
SINGLE = tuple(name for name in ALL if name != "flow")


@pytest.fixture(scope="module")
def ana():
    return body.load("ana")


@pytest.fixture(scope="module")
def lawn():
    return place.load("lawn")


@pytest.fixture(autouse=True)
def outdoors(renderer, lawn):
    renderer.set_place(lawn)
    renderer.set_lighting(Lighting())


def two_poses(character):
    """Rest, and a twist of the spine with a raised arm two degrees and a hand's breadth on."""
    bones, skeleton = len(character.skeleton.heads), character.skeleton
    rotations = np.tile(np.eye(3), (2, bones, 1, 1))
    rotations[1] = rotation_z(6.0)
    for name in ("lowerarm01.L", "lowerarm02.L", "wrist.L"):
        rotations[1, skeleton.index(name)] = rotation_z(25.0)
    return rotations, skeleton.heads[0] + np.array([[0.0, 0.0, 0.0], [0.02, 0.04, 0.01]])


@pytest.fixture(scope="module")
def shot(renderer, lawn, ana, toys):
    """Two poses of a person with a ball beside the head, every pass, from two sides."""
    renderer.set_place(lawn)
    renderer.set_lighting(Lighting())
    cameras = [orbit((0, 0, 1.0), azimuth_deg=a, elevation_deg=8, distance_m=2.6, fov_deg=48, width=160, height=160)
               for a in (10.0, 130.0)]  # fmt: skip
    rotations, root = two_poses(ana)
    ball = toys.ball(0.14)
    poses = np.zeros((2, 1, 3, 4))
    poses[0, 0], poses[1, 0] = np.c_[np.eye(3), [0.1, 0.45, 1.5]], np.c_[rotation_z(20.0), [0.12, 0.42, 1.46]]
    handle = renderer.add_character(ana, [ball])
    shown = renderer.render(
        character=handle, rotations=rotations, root=root, placement=None, cameras=cameras, passes=ALL, prop_poses=poses
    )
    return {"cameras": cameras, "rotations": rotations, "root": root, "ball": ball, "poses": poses, **shown}


def test_every_pass_has_its_shape_and_type(shot):
    expected = {"lit": ((2, 2, 160, 160, 3), np.uint8), "mask": ((2, 2, 160, 160), np.uint8)}
    expected |= {"depth": ((2, 2, 160, 160), np.float32), "parts": expected["mask"], "background": expected["lit"]}
    expected |= {"normal": ((2, 2, 160, 160, 3), np.float32), "flow": ((1, 2, 160, 160, 2), np.float32)}
    expected |= {"foreground": ((2, 2, 160, 160, 4), np.uint8)}
    assert {name: (shot[name].shape, shot[name].dtype) for name in ALL} == expected


def test_the_passes_tell_one_story(shot):
    person, prop = shot["mask"] == 1, shot["parts"] == PROP
    assert person.any() and prop.any()
    np.testing.assert_array_equal(person, (shot["parts"] > 0) & ~prop)
    np.testing.assert_array_equal(np.isfinite(shot["depth"]), np.linalg.norm(shot["normal"], axis=-1) > 0)
    assert np.isfinite(shot["depth"][person | prop]).all()
    assert (shot["foreground"][..., 3][person | prop] > 0).all()
    assert not shot["flow"][~(person | prop)[:1]].any()
    assert (np.abs(shot["flow"]).sum(axis=-1)[(person | prop)[:1]] > 0).mean() > 0.999


def reprojected(camera, before, after, depth, own):
    """(n, 2) pixels of the surface points that are seen well inside a silhouette, and those where they are next."""
    at = camera.project(before)
    x, y = np.floor(at[:, :2]).astype(int).T
    inside = (x > 0) & (y > 0) & (x < camera.width - 1) & (y < camera.height - 1)
    at, x, y, after = at[inside], x[inside], y[inside], after[inside]
    seen = own[y, x] & (np.abs(depth[y, x] - at[:, 2]) < 0.004)
    solid = cv2.erode(own.astype(np.uint8), np.ones((3, 3), np.uint8)) == 1
    seen &= solid[y, x]
    return at[seen, :2], camera.project(after[seen])[:, :2]


def end_point_errors(flow, start, end):
    """Distance between flow, read bilinearly at `start`, and the way from there to `end`."""
    got = cv2.remap(flow, *(start - 0.5).astype(np.float32).T, cv2.INTER_LINEAR).reshape(-1, 2)
    return np.linalg.norm(got - (end - start), axis=1)


def surface_points(points, faces, rng, count=20000):
    """The same random points of a mesh in each of its poses (P, N, 3)."""
    corners = points[0][faces]
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    face = rng.choice(len(faces), count, p=area / area.sum())
    w = rng.dirichlet((1, 1, 1), count)
    return np.einsum("nc,pncx->pnx", w, points[:, faces[face]])


def test_flow_carries_surface_points_to_where_they_are_next(shot, ana):
    rng = np.random.default_rng(0)
    person = surface_points(ana.pose(shot["rotations"], shot["root"])[0].astype(np.float64), ana.faces, rng)
    moved = np.einsum("pab,nb->pna", shot["poses"][:, 0, :, :3], shot["ball"].points) + shot["poses"][:, 0, None, :, 3]
    prop = surface_points(moved, shot["ball"].faces, rng)
    for c, camera in enumerate(shot["cameras"]):
        depth = shot["depth"][0, c]
        for points, own in ((person, shot["mask"][0, c] == 1), (prop, shot["parts"][0, c] == PROP)):
            start, end = reprojected(camera, points[0], points[1], depth, own)
            assert len(start) > 300
            errors = end_point_errors(shot["flow"][0, c], start, end)
            assert np.median(errors) < 0.01
            assert np.quantile(errors, 0.95) < 0.2


def test_normals_are_unit_towards_the_camera_and_those_of_the_shape(shot):
    length = np.linalg.norm(shot["normal"], axis=-1)
    np.testing.assert_allclose(length[length > 0], 1.0, atol=1e-5)
    for c, camera in enumerate(shot["cameras"]):
        normal, depth, parts = shot["normal"][0, c], shot["depth"][0, c], shot["parts"][0, c]
        y, x = np.mgrid[:160, :160] + 0.5
        k = camera.intrinsics()
        rays = np.stack([(x - k[0, 2]) / k[0, 0], (y - k[1, 2]) / k[1, 1], np.ones_like(x)], -1) @ camera.axes()
        assert ((normal * rays).sum(axis=-1) < 1e-5).all()
        points = camera.position_m + rays * np.where(np.isfinite(depth), depth, 0)[..., None]
        ball = parts == PROP
        outward = (points[ball] - shot["poses"][0, 0, :, 3]) / 0.14
        assert ((normal[ball] * outward).sum(axis=-1) > 0.995).mean() > 0.97
        floor = (parts == 0) & (np.abs(points[..., 2]) < 1e-3) & np.isfinite(depth)
        assert (normal[floor] == (0, 0, 1)).all(axis=1).mean() > 0.999  # the rest is where a thing meets the floor


def test_the_foreground_is_the_person_as_the_picture_shows_it(shot):
    front, lit = shot["foreground"], shot["lit"]
    whole, none = front[..., 3] == 255, front[..., 3] == 0
    assert whole.sum() > 3000
    np.testing.assert_array_equal(front[whole][:, :3], lit[whole])
    assert not front[none].any()
    assert set(np.unique(front[..., 3])) == {0, 51, 102, 153, 204, 255}


def test_the_background_is_the_place_without_the_person(renderer, shot):
    bare = renderer.render(
        character=None, rotations=np.zeros((1, 0, 3, 3)), root=np.zeros((1, 3)), placement=None,
        cameras=shot["cameras"], passes=("lit",),
    )["lit"][0]  # fmt: skip
    for frames in shot["background"]:
        np.testing.assert_array_equal(frames, bare)
    shadow = (shot["foreground"][..., 3] == 0) & (np.abs(shot["lit"].astype(int) - shot["background"]).max(axis=-1) > 8)
    assert shadow.sum() > 200  # which the picture has and the background has not


def wall(bare, *, x, z):
    """The place `bare` with an upright square of half a metre at x that faces +X."""
    y = np.array([-0.25, 0.25, 0.25, -0.25])
    shape = dataclasses.replace(
        bare.shape,
        points=np.stack([np.full(4, x), y, z + np.array([-0.25, -0.25, 0.25, 0.25])], axis=1),
        normals=np.tile([1.0, 0.0, 0.0], (4, 1)),
        uv=np.zeros((4, 2)),
        tint=np.ones((4, 3)),
        faces=np.array([(0, 1, 2), (0, 2, 3)]),
        kind=np.array(["plain", "plain"]),
    )
    none = np.full(2, UNGUARDED, np.uint8)
    material = np.zeros(2, np.uint8)
    return dataclasses.replace(bare, shape=shape, material=material, guard=none, casts=np.zeros(2, bool))


def test_things_before_the_person_hide_it_from_the_picture_and_not_from_the_foreground(renderer, draw, toys):
    bare = place.load("plane")
    camera = Camera(position_m=(4.0, 0.0, 1.0), yaw_deg=180.0, fov_deg=40.0, width=64, height=64)
    renderer.set_place(bare)
    free = draw(toys.sphere((0, 0, 1), 0.3), [camera], passes=SINGLE)
    renderer.set_place(wall(bare, x=1.0, z=1.2))
    shown = draw(toys.sphere((0, 0, 1), 0.3), [camera], passes=SINGLE)
    hidden = (free["mask"] == 1) & (shown["mask"] == 0)
    assert 0.2 < hidden.sum() / free["mask"].sum() < 0.8
    np.testing.assert_allclose(shown["depth"][hidden], 3.0, rtol=1e-5)
    np.testing.assert_allclose(shown["normal"][hidden], np.tile([1.0, 0, 0], (hidden.sum(), 1)), atol=1e-5)
    assert not shown["parts"][hidden].any()
    np.testing.assert_array_equal(shown["foreground"][..., 3], free["foreground"][..., 3])


def test_a_pass_alone_is_the_pass_among_others(renderer, ana, shot):
    request = {"rotations": shot["rotations"], "root": shot["root"], "placement": None, "cameras": shot["cameras"]}
    handle = renderer.add_character(ana, [shot["ball"]])
    for name in ALL:
        alone = renderer.render(character=handle, passes=(name,), prop_poses=shot["poses"], **request)
        assert list(alone) == [name]
        assert alone[name].tobytes() == shot[name].tobytes(), name


def test_every_frame_is_the_same_alone_and_in_a_batch(renderer, ana, shot):
    """Alone nothing is taken from the picture of the empty place, in a batch most of it is."""
    handle = renderer.add_character(ana, [shot["ball"]])
    for c, camera in enumerate(shot["cameras"]):
        moved = dataclasses.replace(camera, fov_deg=camera.fov_deg + 1)
        for p in range(2):
            for seen_by in (moved, camera):  # so that no call finds the views of the last
                one = renderer.render(
                    character=handle, rotations=shot["rotations"][[p]], root=shot["root"][[p]], placement=None,
                    cameras=[seen_by], passes=SINGLE,
                    prop_poses=shot["poses"][[p]],
                )  # fmt: skip
            for name, values in one.items():
                assert values[0, 0].tobytes() == shot[name][p, c].tobytes(), (name, p, c)


def test_flow_of_one_pose_is_empty_and_of_a_still_person_zero(draw, renderer, toys):
    camera = Camera(position_m=(3.0, 0, 1.0), yaw_deg=180.0, width=48, height=48)
    assert draw_poses(renderer, toys.sphere((0, 0, 1), 0.4), 1, [camera], ("flow",))["flow"].shape == (0, 1, 48, 48, 2)
    still = draw_poses(renderer, toys.sphere((0, 0, 1), 0.4), 11, [camera], ("flow",))["flow"]
    assert still.shape == (10, 1, 48, 48, 2)
    assert np.abs(still).max() < 1e-3


def draw_poses(renderer, who, poses, cameras, passes, **kwargs):
    """The same pose several times."""
    return renderer.render(
        character=renderer.add_character(who), rotations=np.tile(np.eye(3), (poses, 1, 1, 1)),
        root=np.zeros((poses, 3)), placement=None, cameras=cameras, passes=passes, **kwargs,
    )  # fmt: skip


def test_passes_stay_on_the_device_and_are_shared_with_torch(renderer, toys):
    camera = Camera(position_m=(3.0, 0, 1.0), yaw_deg=180.0, width=40, height=32)
    who = toys.sphere((0, 0, 1), 0.4)
    host = draw_poses(renderer, who, 3, [camera], ALL)
    left = draw_poses(renderer, who, 3, [camera], ALL, on_device=True)
    again = draw_poses(renderer, who, 3, [camera], ALL, on_device=True)
    tensors = as_tensors(left)
    for name, tensor in tensors.items():
        assert isinstance(tensor, torch.Tensor) and tensor.data_ptr() == left[name].ptr
        np.testing.assert_array_equal(tensor.numpy(), host[name])
        assert left[name].ptr != again[name].ptr


def test_every_face_of_a_body_has_a_part(ana):
    assert ana.part.min() > 0 and ana.part.max() < len(body.PARTS) < PROP
