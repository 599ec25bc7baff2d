"""The stage as the unmodified client from PyPI sees it, over a real socket."""

import io
import json
import re

import numpy as np
import PIL.Image
import pytest
import unrealcv

DECODER = unrealcv.api.MsgDecoder()


@pytest.fixture
def client(stage):
    client = unrealcv.Client(("127.0.0.1", stage.port))
    assert client.connect()
    for line in (
        "vset /camera/0/location 350 0 100",
        "vset /camera/0/rotation 0 180 0",
        "vset /camera/0/fov 45",
        "vset /camera/0/size 64 48",
        "vset /object/Human/rotation 0 0 0",
        "vset /object/Human/color 0 255 0",
        "vset /object/Human/show",
    ):
        assert client.request(line) == "ok"
    for line in ("set_appearance Human ana", "set_motion Human authored/squat/0", "set_manner Human 0 1 0 0 0 none"):
        assert client.request(f"vbp Stage {line}").startswith("{")
    yield client
    client.disconnect()


@pytest.mark.filterwarnings("error")
def test_the_client_finds_every_command_it_asks_about(client):
    assert client._command_capabilities_available
    assert client.request("vget /unrealcv/version") == "1.0.1"


def test_status_help_and_commands(client, stage):
    status = client.request("vget /unrealcv/status")
    assert f"Port: {stage.port}\nWidth: 640\nHeight: 480\nFOV: " in status
    commands = client.request("vget /unrealcv/commands").splitlines()
    assert commands == sorted(commands)
    help_lines = client.request("vget /unrealcv/help").splitlines()
    assert sorted(help_lines[::2]) == commands and all(help_lines[1::2])


def test_a_png_is_rgba_and_opaque(client):
    image = np.asarray(PIL.Image.open(io.BytesIO(client.request("vget /camera/0/lit png"))))
    assert image.shape == (48, 64, 4) and image.dtype == np.uint8
    assert (image[..., 3] == 255).all() and image[..., :3].std() > 5
    decoded = DECODER.decode_png(client.request("vget /camera/0/lit png"))
    assert (decoded == image[..., 2::-1]).all()


def test_a_bmp_holds_the_same_picture(client):
    png = DECODER.decode_png(client.request("vget /camera/0/lit png"))
    assert (DECODER.decode_bmp(client.request("vget /camera/0/lit bmp"))[..., :3] == png).all()


def test_depth_is_planar_and_in_centimetres(client):
    depth = np.load(io.BytesIO(client.request("vget /camera/0/depth npy")))
    assert depth.shape == (48, 64) and depth.dtype == np.float32
    assert 310 < depth[24, 32] < 360  # the person stands at the origin, 350 cm away
    assert DECODER.decode_npy(client.request("vget /camera/0/depth npy")).shape == (48, 64, 1)


def test_the_object_mask_has_the_colour_that_was_set(client):
    assert client.request("vset /object/Human/color 10 20 30") == "ok"
    assert client.request("vget /object/Human/color") == "(R=10,G=20,B=30,A=255)"
    image = np.asarray(PIL.Image.open(io.BytesIO(client.request("vget /camera/0/object_mask png"))))[..., :3]
    colours = {tuple(colour) for colour in image.reshape(-1, 3).tolist()}
    assert colours == {(0, 0, 0), (10, 20, 30)}


def test_a_hidden_person_is_in_no_picture(client):
    assert client.request("vset /object/Human/hide") == "ok"
    mask = np.asarray(PIL.Image.open(io.BytesIO(client.request("vget /camera/0/object_mask png"))))[..., :3]
    assert not mask.any()


@pytest.mark.parametrize("name", ["location", "rotation"])
@pytest.mark.parametrize("one", ["camera/0", "object/Human"])
def test_places_read_back_as_written(client, one, name):
    assert client.request(f"vset /{one}/{name} 1.5 -20.25 30") == "ok"
    assert client.request(f"vget /{one}/{name}") == "1.500 -20.250 30.000"
    assert client.request(f"vset /{one}/{name} 0 0 0") == "ok"


def test_lens_and_new_cameras(client):
    before = client.request("vget /cameras")
    assert before.startswith("PawnSensor") and before.endswith(" ")
    number = len(before.split())
    assert client.request("vset /cameras/spawn").startswith("FusionCameraActor")
    assert client.request(f"vset /camera/{number}/fov 60") == "ok"
    assert client.request(f"vget /camera/{number}/fov") == "60.000000"
    assert client.request(f"vset /camera/{number}/size 32 16") == "ok"
    assert client.request(f"vget /camera/{number}/size") == "32 16"
    assert np.load(io.BytesIO(client.request(f"vget /camera/{number}/depth npy"))).shape == (16, 32)


def test_a_batch_is_answered_in_order(client):
    lines = [f"vget /unrealcv/echo {number}" for number in range(2000)]
    assert client.request(lines) == [str(number) for number in range(2000)]


def test_objects_pause_and_view_mode(client):
    assert client.request("vget /objects") == "Human"
    for line, value in (("pause", "true"), ("resume", "false")):
        assert client.request(f"vset /action/game/{line}") == "ok"
        assert client.request("vget /action/game/is_paused") == value
    assert client.request("vset /viewmode depth") == "ok"
    assert client.request("vget /viewmode") == "depth"


def test_bones_are_a_list_of_names_and_places(client):
    bones = json.loads(client.request("vget /object/Human/bones world"))
    heads = {bone["name"]: bone["location"] for bone in bones}
    assert len(heads) == len(bones) > 50
    assert 140 < heads["head"]["z"] < 180
    assert client.request("vset /object/Human/location 0 100 0") == "ok"
    moved = {bone["name"]: bone["location"] for bone in json.loads(client.request("vget /object/Human/bones world"))}
    assert moved["head"]["y"] == pytest.approx(heads["head"]["y"] + 100, abs=1e-3)
    own = {bone["name"]: bone["location"] for bone in json.loads(client.request("vget /object/Human/bones component"))}
    assert own["head"] == pytest.approx(heads["head"], abs=1e-3)
    assert client.request("vset /object/Human/location 0 0 0") == "ok"


def test_pictures_go_to_files_beside_the_configuration(client):
    folder = re.search(r"Config file: (.+)/unrealcv.ini\n", client.request("vget /unrealcv/status"))[1]
    assert client.request("vget /camera/0/lit test.png") == "test.png"
    assert PIL.Image.open(f"{folder}/test.png").size == (64, 48)
    name = client.request("vget /camera/0/depth")
    assert np.load(f"{folder}/{name}").shape == (48, 64)


@pytest.mark.filterwarnings("ignore:The connected UnrealCV server may not support")
@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("vget /camera/99/location", "Invalid sensor id"),
        ("vget /camera/99/lit png", "Invalid sensor id"),
        ("vget /camera/99/fov", "Argument Invalid"),
        ("vget /camera/0/lit exr", "Invalid filename type, filename exr"),
        ("vget /camera/0/lit npy", "Invalid filename type, filename npy"),
        ("vget /camera/0/depth png", "Invalid filename type, filename png"),
        ("vget /camera/0/lit ../x.png", "Invalid filename type, filename ../x.png"),
        ("vget /object/Nobody/location", "Cannot find object"),
        ("vset /viewmode wireframe", "Can not set ViewMode to wireframe"),
        ("vget /unrealcv/nothing", "Can not find a handler for URI 'vget /unrealcv/nothing'"),
        ("vbp Nobody identity", "Can not find actor with id 'Nobody'"),
        ("vbp Stage nothing", "Argument Invalid"),
        ("vbp Stage set_time Human", "Argument Invalid"),
        ("vbp Stage set_motion Human authored/sqat/0", "did you mean 'squat'"),
        ("vbp Stage set_motion Human squat", "is not of the form source/activity/variant"),
        ("vbp Stage set_motion Human cmu/squat/14_14a", "assets.root"),
        ("vbp Stage set_appearance Human anna", "did you mean 'ana'"),
        ("vbp Stage set_background laun", "did you mean 'lawn'"),
        ("vbp Stage set_root Human nowhere", "is not one of world, in_place"),
        ("vbp Stage set_sun 0 200 1 5600 1", "sun_elevation_deg"),
        ("vbp Stage digest colour red", "there is no kind of digest named 'colour'"),
        ("vget /stage/capture lit Human 0 1,2,3 8 8", "a camera is x,y,z,pitch,yaw,roll,fov"),
        ("vget /stage/capture lti Human 0 350,0,100,0,180,0,45 8 8", "there is no pass 'lti'"),
        ("vget /stage/capture lit Human 0 350,0,100,0,180,0,45 0 8", "0 x 8 pixels"),
        ("vget /stage/capture lit Human 0 350,0,100,0,180,0,200 8 8", "field of view of 200"),
        ("vget /camera/0/flow npy", "Can not find a handler"),
        ("vget /camera/0/flow png 0.04", "Invalid filename type, filename png"),
        ("vget /camera/0/foreground bmp", "Invalid filename type, filename bmp"),
        ("vbp Stage set_manner Human 0.25", "Argument Invalid"),
        ("vbp Stage set_manner Human 1.0 1 0 0 0 none", "phase = 1.0 is outside [0, 1)"),
        ("vbp Stage set_manner Human 0 1 yes 0 0 none", "'yes' is not one of 0, 1"),
        ("vbp Stage set_manner Human 0 1 0 0 1.5 none", "'1.5' is no whole number"),
        ("vbp Stage set_manner Human 0 1 0 0 0 tail", "freeze = 'tail' is not one of left_arm"),
        ("vbp Stage set_manner Nobody 0 1 0 0 0 none", "Cannot find object"),
        ("vbp Stage set_props Human golfclub", "golf_club"),
        ("vbp Stage set_props Nobody none", "Cannot find object"),
        ("vget /stage/capture lit Human x 350,0,100,0,180,0,45 8 8", "'x' is no number"),
    ],
)
def test_what_cannot_be_done_is_said(client, line, text):
    reply = client.request(line)
    assert reply.startswith("error ") and text in reply


def test_setters_answer_what_they_applied(client):
    assert client.request("vbp Stage set_time Human 0.25") == '{\n\t"Result": "ok",\n\t"Time": "0.250000"\n}'
    told = json.loads(client.request("vbp Stage set_sun -40 50 1 5600 1"))
    assert told == {"Result": "ok", "Yaw": "-40.0000", "Elevation": "50.0000"}
    motion = json.loads(client.request("vbp Stage set_motion Human authored/squat/0"))
    assert motion["Motion"] == "authored/squat/0" and float(motion["Seconds"]) > 1
    assert motion["Cyclic"] == "true" and float(motion["Travel"]) == 0
    assert float(json.loads(client.request("vbp Stage set_motion Human authored/walk/0"))["Travel"]) > 20
    assert set(json.loads(client.request("vbp Stage identity"))) == {"Engine", "Build", "Backend"}


def test_manner_and_props_are_answered_as_applied(client):
    assert client.request("vbp Stage set_motion Human authored/squat/0").startswith("{")
    manner = json.loads(client.request("vbp Stage set_manner Human 0.25 1.5 1 2.0 9223372036854775807 head+left_arm"))
    assert manner == {
        "Result": "ok", "Phase": "0.250000", "Amplitude": "1.5000", "Mirror": "1", "NoiseDeg": "2.0000",
        "NoiseSeed": "9223372036854775807", "Freeze": "left_arm+head",
    }  # fmt: skip
    kinds = json.loads(client.request("vbp Stage list_props"))["Result"].split(";")
    assert {"golf_club", "ladder", "basketball"} <= set(kinds)
    for props, shown in (("golf_club", "golf_club"), ("none", ""), ("own", "")):
        told = json.loads(client.request(f"vbp Stage set_props Human {props}"))
        assert told == {"Result": "ok", "Props": props, "Shown": shown}
    assert client.request("vbp Stage set_manner Human 0 1 0 0 0 none").startswith("{")


def test_every_kind_of_prop_can_be_shown(client):
    client.request("vbp Stage set_motion Human authored/squat/0")
    for kind in json.loads(client.request("vbp Stage list_props"))["Result"].split(";"):
        assert client.request(f"vbp Stage set_props Human {kind}").startswith("{")
        assert client.request("vget /camera/0/parts npy").startswith(b"\x93NUMPY"), kind
    client.request("vbp Stage set_props Human own")


def npy(reply):
    return np.load(io.BytesIO(reply))


def rgba(reply):
    return np.asarray(PIL.Image.open(io.BytesIO(reply)))


def test_ground_truth_pictures(client):
    parts = npy(client.request("vget /camera/0/parts npy"))
    assert parts.dtype == np.uint8 and np.array_equal(rgba(client.request("vget /camera/0/parts png"))[..., 0], parts)
    normals, colours = (
        npy(client.request("vget /camera/0/normal npy")),
        rgba(client.request("vget /camera/0/normal png")),
    )
    assert normals.dtype == np.float32 and normals.shape == (48, 64, 3)
    assert np.abs(colours[..., :3] / 127.5 - 1 - normals).max() < 0.005
    assert (normals[parts > 0] @ (1, 0, 0)).mean() > 0.5, "the camera stands at +x and sees what faces it"
    foreground, background = (
        rgba(client.request(f"vget /camera/0/{name} png")) for name in ("foreground", "background")
    )
    assert (foreground[parts > 0, 3] > 0).all() and foreground[0, 0, 3] == 0 and (background[..., 3] == 255).all()
    lit = rgba(client.request("vget /camera/0/lit png")).astype(int)
    inside = foreground[..., 3] == 255
    assert inside.any() and np.abs(lit - foreground)[inside].max() <= 1


def test_flow_looks_as_far_ahead_as_it_is_asked(client):
    client.request("vbp Stage set_motion Human authored/squat/0")
    client.request("vbp Stage set_time Human 0.5")
    parts = npy(client.request("vget /camera/0/parts npy"))
    near, far = (npy(client.request(f"vget /camera/0/flow npy {seconds}")) for seconds in ("0.04", "0.4"))
    assert near.shape == (48, 64, 2) and near.dtype == np.float32
    assert 0 < np.abs(near[parts > 0]).max() < np.abs(far[parts > 0]).max()
    assert not far[parts == 0].any()
    assert np.abs(npy(client.request("vget /camera/0/flow npy 0"))).max() < 1e-3


def test_digests_are_sha256_and_differ(client):
    names = ["motion authored/squat/0", "motion authored/squat/1", "appearance ana", "environment lawn"]
    found = [json.loads(client.request(f"vbp Stage digest {name}"))["Result"] for name in names]
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in found)
    assert len(set(found)) == len(found)
