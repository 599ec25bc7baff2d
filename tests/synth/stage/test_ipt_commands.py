"""The commands of the published push-up sweeps' generator, answered by the stage with its own people and motions."""

import io
import json

import cv2
import numpy as np
import pytest
import unrealcv


@pytest.fixture(scope="module")
def client(stage):
    client = unrealcv.Client(("127.0.0.1", stage.port))
    assert client.connect()
    for line in (
        "vset /human/Human/mesh ana",
        "vset /action/game/level EmptyPlane",
        "vset /camera/0/size 64 48",
        "vset /camera/0/fov 45",
        "vset /object/Human/location 0 0 0",
        "vset /object/Human/rotation 0 0 0",
        "vset /object/Human/color 0 255 0",
        "vset /object/Human/show",
    ):
        assert client.request(line) == "ok"
    yield client
    client.request("vbp Stage set_sun -40 50 1 5600 1")
    client.disconnect()


def mask(client):
    picture = cv2.imdecode(np.frombuffer(client.request("vget /animal/Human/seg"), np.uint8), cv2.IMREAD_COLOR)
    return picture.any(axis=-1)


def test_a_ratio_is_a_share_of_the_motion(client):
    motion = "authored/squat/0"
    seconds = float(json.loads(client.request(f"vbp Stage set_motion Human {motion}"))["Seconds"])
    assert client.request(f"vget /human/Human/animation/frames {motion}") == str(round(30 * seconds))
    client.request(f"vbp Stage set_time Human {0.25 * seconds:.6f}")
    by_time = client.request("vget /camera/0/lit png")
    assert client.request(f"vset /human/Human/animation/ratio {motion} 0.25") == "ok"
    assert client.request("vget /animal/Human/image") == by_time
    assert client.request(f"vset /human/Human/animation/ratio {motion} 0.0") == "ok"
    assert client.request("vget /animal/Human/image") != by_time


@pytest.mark.parametrize(("azimuth", "elevation"), [(0, 0), (90, 0), (180, 30), (330, -20)])
def test_the_camera_looks_at_the_person_from_where_it_was_told(client, azimuth, elevation):
    assert client.request(f"vset /animal/Human/camera 400 {azimuth} {elevation}") == "ok"
    rows, columns = np.nonzero(mask(client))
    assert abs(columns.mean() - 32) < 4 and abs(rows.mean() - 24) < 4
    depth = np.load(io.BytesIO(client.request("vget /animal/Human/depth")))
    assert 320 < depth[mask(client)].min() < 400
    places = np.array(list(json.loads(client.request("vget /human/Human/3d_keypoint")).values()))
    away = np.array(client.request("vget /camera/0/location").split(), float) - (places.min(0) + places.max(0)) / 2
    angle = np.radians([azimuth, elevation])
    expected = (np.cos(angle[1]) * np.cos(angle[0]), np.cos(angle[1]) * np.sin(angle[0]), np.sin(angle[1]))
    np.testing.assert_allclose(away, 400 * np.array(expected), atol=0.01)


def test_keypoints_are_the_bones_and_where_they_are_seen(client):
    client.request("vset /animal/Human/camera 400 20 10")
    bones = {bone["name"]: list(bone["location"].values()) for bone in json.loads(bones_of(client))}
    told = json.loads(client.request("vget /human/Human/3d_keypoint"))
    assert list(told) == list(bones)
    np.testing.assert_allclose(list(told.values()), list(bones.values()), atol=1e-3)
    column, row = np.floor(list(json.loads(client.request("vget /human/Human/keypoint")).values())).astype(int).T
    near = cv2.dilate(mask(client).astype(np.uint8), np.ones((3, 3)))
    assert near[row, column].mean() > 0.97


def bones_of(client):
    return client.request("vget /object/Human/bones world")


def test_lights_are_drawn_one_after_the_other(client):
    seen = set()
    for _ in range(3):
        assert client.request("vset /env/light/random") == "ok"
        seen.add(client.request("vget /animal/Human/image"))
    assert len(seen) == 3


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("vset /human/Human/animation/ratio authored/squat/0 1", "outside [0, 1)"),
        ("vset /human/Human/animation/ratio authored/sqat/0 0.5", "did you mean 'squat'"),
        ("vset /human/Human/mesh anna", "did you mean 'ana'"),
        ("vset /human/Nobody/mesh ana", "Cannot find object"),
        ("vget /animal/Nobody/image", "Cannot find object"),
        ("vset /action/game/level laun", "did you mean 'lawn'"),
    ],
)
def test_what_cannot_be_done_is_said(client, line, says):
    assert says in client.request(line)
