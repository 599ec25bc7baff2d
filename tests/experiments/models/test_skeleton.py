"""Our bodies in NTU RGB+D's layout, held against what the data set's own files are like."""

import numpy as np
import pytest

from experiments.models.footage import Footage
from experiments.models.input import InputError
from experiments.models.skeleton import actors, skeletons
from synth.body import reference_skeleton
from synth.errors import UnknownName
from synth.frames import Camera, orbit
from synth.ntu import JOINTS, NTU_JOINTS, as_seen, ntu_joints, ntu_matrix, resampled

AT = {name: index for index, name in enumerate(NTU_JOINTS)}
# Pairs of joints and how far apart they are taken to be, metres: the ranges of the module's text, and their reason.
APART = {
    ("hip.L", "hip.R"): (0.09, 0.15),
    ("shoulder.L", "shoulder.R"): (0.20, 0.33),
    ("spine_base", "spine_mid"): (0.23, 0.30),
    ("spine_mid", "spine_shoulder"): (0.18, 0.23),
    ("spine_shoulder", "neck"): (0.06, 0.08),
    ("neck", "head"): (0.10, 0.15),
    ("wrist.L", "hand.L"): (0.05, 0.075),
    ("hand.L", "hand_tip.L"): (0.03, 0.06),
    ("wrist.L", "thumb.L"): (0.07, 0.10),
    ("ankle.L", "foot.L"): (0.08, 0.14),
}


@pytest.fixture(scope="module")
def body():
    return reference_skeleton()


def facing(body, azimuth_deg=0.0):
    """The reference body as a camera 3 m away at that azimuth sees it, (1, 25, 3)."""
    camera = orbit((0, 0, 1), azimuth_deg=azimuth_deg, elevation_deg=0, distance_m=3, fov_deg=50, width=64, height=64)
    return as_seen(ntu_joints(body.heads[None], body.names), camera)[0]


def test_the_order_is_the_data_sets():
    assert len(NTU_JOINTS) == 25
    assert [NTU_JOINTS[k - 1] for k in (1, 2, 3, 4)] == ["spine_base", "spine_mid", "neck", "head"]
    assert [NTU_JOINTS[k - 1] for k in (5, 8, 9, 12)] == ["shoulder.L", "hand.L", "shoulder.R", "hand.R"]
    assert [NTU_JOINTS[k - 1] for k in (13, 16, 17, 20)] == ["hip.L", "foot.L", "hip.R", "foot.R"]
    assert NTU_JOINTS[20:] == ("spine_shoulder", "hand_tip.L", "thumb.L", "hand_tip.R", "thumb.R")


def test_every_joint_is_a_mean_of_bones(body):
    assert np.allclose(ntu_matrix(body.names).sum(1), 1.0)
    with pytest.raises(UnknownName, match="root"):
        ntu_matrix(["roots", "pelvis.L"])


def test_our_body_has_kinects_proportions(body):
    points = facing(body)
    for (a, b), (least, most) in APART.items():
        assert least <= np.linalg.norm(points[AT[a]] - points[AT[b]]) <= most, (a, b)


def test_a_person_who_faces_the_sensor(body):
    points = facing(body)
    assert points[AT["shoulder.L"], 0] < 0 < points[AT["shoulder.R"], 0]  # x grows to the sensor's left
    assert points[AT["head"], 1] > points[AT["spine_base"], 1]
    assert 2.5 < points[AT["spine_base"], 2] < 3.5
    assert points[AT["foot.L"], 2] < points[AT["ankle.L"], 2]
    behind = facing(body, 180.0)
    assert behind[AT["shoulder.L"], 0] > 0 and behind[AT["foot.L"], 2] > behind[AT["ankle.L"], 2]


def recorded(path):
    """(frames, 25, 7) of the first body in a .skeleton file: x, y, z, depth x, y, colour x, y."""
    lines = iter(path.read_text().split("\n"))
    frames = []
    for _ in range(int(next(lines))):
        for body in range(int(next(lines))):
            next(lines)
            joints = [next(lines).split()[:7] for _ in range(int(next(lines)))]
            if body == 0:
                frames.append(np.array(joints, dtype=float))
    return np.stack(frames)


def test_what_the_text_says_of_the_data_set_holds_of_its_files(shared):
    apart = []
    for path in sorted((shared / "data" / "recordings" / "ntu").glob("*.skeleton")):
        points = recorded(path)
        x, y, z = points[..., 0], points[..., 1], points[..., 2]
        assert np.corrcoef((x / z).ravel(), points[..., 5].ravel())[0, 1] > 0.99
        assert np.corrcoef((y / z).ravel(), points[..., 6].ravel())[0, 1] < -0.99
        towards = (z[:, AT["foot.L"]] - z[:, AT["ankle.L"]]).mean() < 0
        assert towards and (x[:, AT["shoulder.L"]] - x[:, AT["shoulder.R"]]).mean() < 0
        apart.append([np.linalg.norm(points[:, AT[a], :3] - points[:, AT[b], :3], axis=1).mean() for a, b in APART])
    assert len(apart) == 6
    for (low, high), got in zip(APART.values(), np.mean(apart, axis=0), strict=True):
        assert low <= got <= high


def test_a_point_in_the_sensors_frame_by_hand():
    """A camera at the origin that looks along +X: left is +Y, up is +Z."""
    seen = as_seen(np.array([[4.0, 1.0, 2.0]]), Camera(position_m=(0, 0, 0)))
    assert np.allclose(seen, [[1.0, 2.0, 4.0]])


def test_resampling_is_linear_and_keeps_the_ends():
    ramp = np.arange(6.0)[:, None, None] * np.ones((1, 2, 3))
    out = resampled(ramp, 25.0, 30.0)
    assert np.allclose(out[:, 0, 0], np.arange(7) * 25 / 30)
    assert resampled(ramp, 30.0, 30.0) is ramp
    assert np.allclose(resampled(ramp, 60.0, 30.0)[:, 0, 0], [0, 2, 4])
    assert len(resampled(ramp[:1], 25.0, 30.0)) == 1


def test_a_clip_of_ours_needs_its_camera(body):
    joints = np.repeat(body.heads[None], 3, 0).astype(np.float32)
    with pytest.raises(InputError, match="camera"):
        skeletons(Footage(joints=joints), 30.0)
    with pytest.raises(InputError, match="7 joints"):
        skeletons(Footage(joints=joints[:, :7]), 30.0)
    camera = Camera(position_m=(3, 0, 1), yaw_deg=180)
    assert skeletons(Footage(joints=joints, camera=camera, fps=25.0), 30.0).shape == (3, 25, 3)


def test_a_short_loop_is_shown_more_than_once():
    joints = np.random.default_rng(0).normal(size=(30, 25, 3)).astype(np.float32)
    shown = skeletons(Footage(joints=joints, fps=30.0, loop=True), 30.0)
    assert len(shown) == 90 and np.array_equal(shown[60:], shown[:30])
    assert len(skeletons(Footage(joints=joints, fps=30.0), 30.0)) == 30


def test_the_data_sets_own_joints_stay_as_they_are():
    joints = np.random.default_rng(0).normal(size=(4, 50, 3)).astype(np.float32)
    assert np.allclose(skeletons(Footage(joints=joints, fps=30.0), 30.0), joints)


def test_two_actors_and_padding():
    points = np.arange(2 * 25 * 3, dtype=float).reshape(2, 25, 3) + 1
    out = actors(points, 4)
    assert out.shape == (4, 150) and out.dtype == np.float32
    assert np.array_equal(out[:2, :75], points.reshape(2, 75))
    assert not out[:2, 75:].any() and not out[2:].any()
    assert np.array_equal(actors(np.concatenate([points, points], 1), 1)[0], np.tile(points[0].ravel(), 2))
    assert len(JOINTS) == 25
