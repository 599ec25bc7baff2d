"""`UnrealCv_API` of the published client, as it is, drives the stage and understands what it answers."""

import numpy as np
import pytest
import unrealcv
from unrealcv.api import UnrealCv_API


@pytest.fixture(scope="module")
def api(stage):
    api = UnrealCv_API(stage.port, "127.0.0.1", (64, 48))
    for line in ("size 64 48", "location 350 0 100", "rotation 0 180 0", "fov 45"):
        assert api.client.request(f"vset /camera/0/{line}") == "ok"
    for line in ("location 0 0 0", "rotation 0 0 0", "color 0 255 0", "show"):
        assert api.client.request(f"vset /object/Human/{line}") == "ok"
    api.client.request("vbp Stage set_appearance Human ana")
    api.client.request("vbp Stage set_motion Human authored/squat/0")
    yield api
    api.client.disconnect()


def test_it_finds_cameras_objects_and_their_colours(stage, api):
    assert len(api.cam) >= 2 and len(api.cam[0]["location"]) == 3
    assert list(api.obj_dict) == ["Human"] and len(api.obj_dict["Human"]) == 3


def test_it_knows_the_server(api):
    assert api.get_server_version() == "1.0.1" and not api.is_unrealcv_plus()
    assert api.supports_command("vget /camera/0/lit png") and not api.supports_command("vget /camera/0/lit_shared")


def test_pictures(api):
    png, bmp = (api.get_image(0, "lit", mode) for mode in ("png", "bmp"))
    assert png.shape == bmp.shape == (48, 64, 3) and np.array_equal(png, bmp)
    assert api.get_depth(0).shape == (48, 64, 1)
    assert api.get_image_multimodal(0, ["lit", "depth"], ["png", "npy"]).shape == (48, 64, 4)
    told = {0: {name: {"mode": "png", "inverse": False, "img": None} for name in ("lit", "normal", "object_mask")}}
    shown = api.get_img_batch(told)[0]
    assert {picture["img"].shape for picture in shown.values()} == {(48, 64, 3)}


def test_masks_by_colour(api):
    picture = api.get_image(0, "object_mask", "png")
    api.obj_dict = api.build_color_dict(["Human"])
    mask = api.get_mask(picture, "Human")
    assert (mask > 0).sum() == (picture[..., 1] == 255).sum() > 50


def test_poses_read_back(api):
    api.set_cam_location(1, [10, -20.5, 30])
    api.set_cam_rotation(1, [0, 45, -10])
    assert api.get_cam_location(1) == [10, -20.5, 30]
    assert sorted(api.get_cam_rotation(1)) == [-10, 0, 45]
    api.set_obj_location("Human", [5, 6, 0])
    assert api.get_obj_location("Human") == [5, 6, 0]
    api.set_obj_location("Human", [0, 0, 0])


def test_size_and_shape_of_the_person(api):
    low, high = np.split(np.array(api.get_obj_bounds("Human")), 2)
    assert 150 < (high - low)[2] < 185 and abs(low[2]) < 3 and (low < high).all()
    *vertices, after_the_last = api.get_vertex_locations("Human")  # the plugin's last line ends like the others
    assert after_the_last == []
    vertices = np.array(vertices)
    assert vertices.shape[1] == 3 and len(vertices) > 5000
    np.testing.assert_allclose([vertices.min(axis=0), vertices.max(axis=0)], [low, high], atol=0.02)
    assert api.get_obj_scale("Human") == [1, 1, 1] and api.get_obj_uclass("Human") == "CvCharacter"
    bones = api.get_obj_bones("Human")
    chosen = api.get_obj_bones("Human", ["head", "wrist.L"], space="world")
    assert [bone["name"] for bone in chosen] == ["head", "wrist.L"] and len(bones) > 50
    inside = np.array([list(bone["location"].values()) for bone in bones])
    assert (inside > low - 1).all() and (inside < high + 1).all()


def test_pause_and_map(api):
    api.set_pause()
    assert api.get_is_paused()
    api.set_resume()
    assert not api.get_is_paused()
    api.set_map("EmptyPlane")
    assert api.client.request("vget /level/name") == "plane"


@pytest.mark.filterwarnings("ignore:The connected UnrealCV server may not support")
def test_a_second_object_of_the_client_is_turned_away(stage, api):
    assert not unrealcv.Client(("127.0.0.1", stage.port)).connect()
    assert api.client.request("vget /unrealcv/echo first") == "first"
