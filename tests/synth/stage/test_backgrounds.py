"""A user's own environments and pictures: where they lie, how they look, and what is refused."""

import struct
import zlib

import cv2
import numpy as np
import pytest

from synth.errors import UnknownName
from synth.factors import Lighting
from synth.frames import Camera, orbit
from synth.stage import place
from synth.stage.recipe import PlaceError

ROUND, PLAIN = "floor: {kind: none}\npicture: {file: p.png}\n", "projection: plain}\n"


@pytest.fixture
def user(tmp_path):
    """user(name, text, image): writes an environment and its picture; returns the assets' root."""

    def write(name="mine", text=ROUND, image=None, file="p.png"):
        folder = tmp_path / "environments"
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
        if image is not None:
            cv2.imwrite(str(folder / file), image[..., ::-1])
        return tmp_path

    return write


def quarters():
    """(64, 128, 3): four bands of azimuth in four colours; column 0 looks back, to the left of it is ahead."""
    image = np.zeros((64, 128, 3), np.uint8)
    for k, colour in enumerate(((200, 30, 30), (30, 200, 30), (30, 30, 200), (200, 200, 30))):
        image[:, 32 * k : 32 * (k + 1)] = colour
    return image


def test_a_users_environment_is_found_listed_and_told_apart_by_its_picture(user):
    root = user(image=quarters())
    assert "mine" in place.place_names(root) and "mine" not in place.place_names()
    before = place.digest("mine", root)
    user(image=quarters()[:, ::-1])
    assert place.digest("mine", root) != before
    with pytest.raises(UnknownName, match="mine"):
        place.load("nine", root)


def test_a_users_environment_may_not_take_a_name_of_ours(user):
    with pytest.raises(PlaceError, match=r"lawn.yaml: Ceteris has an environment named 'lawn'"):
        place.load("lawn", user("lawn", ROUND, quarters()))


def test_nor_one_that_is_drawn_from_a_seed(user):
    root = user("random-5", "floor: {kind: grass}\n")
    for ask in (place.place_names, lambda root: place.read("random-5", root)):
        with pytest.raises(PlaceError, match=r"random-5.yaml: Ceteris has an environment named 'random-5'"):
            ask(root)


def test_an_environment_file_that_is_no_text_is_named(user):
    root = user()
    (root / "environments" / "mine.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PlaceError, match=r"mine.yaml is no UTF-8 text"):
        place.read("mine", root)


@pytest.mark.parametrize(("bearing", "yaw"), [(0.0, 45.0), (90.0, 135.0)])
def test_an_equirectangular_picture_stands_all_round_at_infinity(user, draw, renderer, bearing, yaw):
    text = f"floor: {{kind: none}}\npicture: {{file: p.png, bearing_deg: {bearing}}}\n"
    renderer.set_place(place.load("mine", user(text=text, image=quarters())))
    wide = {"fov_deg": 20.0, "width": 16, "height": 16}
    cameras = [Camera(position_m=(x, 1.0, 2.0), yaw_deg=yaw - 90.0 * k, **wide) for k in range(4) for x in (0.0, 5.0)]
    shown = draw(None, cameras, passes=("lit", "depth"))
    # the picture's middle lies at the bearing and azimuth falls to its right: 45 degrees to the left is its second band
    for k, band in enumerate((1, 2, 3, 0)):
        for lit in shown["lit"][2 * k : 2 * k + 2]:
            np.testing.assert_allclose(lit, np.broadcast_to(quarters()[0, 32 * band + 16], lit.shape), atol=3)
    assert np.isinf(shown["depth"]).all()


def test_a_plain_picture_fills_the_frame_whatever_the_camera_does(user, draw, renderer):
    image = np.zeros((60, 100, 3), np.uint8)
    image[:30], image[30:] = (220, 60, 40), (40, 60, 220)
    image[:, :20] = 255
    root = user(text="floor: {kind: none}\npicture: {file: p.png, " + PLAIN, image=image)
    renderer.set_place(place.load("mine", root))
    look = {"elevation_deg": 20.0, "fov_deg": 50.0, "width": 40, "height": 40}
    cameras = [orbit((0, 0, 1), azimuth_deg=a, distance_m=d, **look) for a, d in ((0.0, 3.0), (140.0, 5.0))]
    one, other = draw(None, cameras, passes=("lit",))["lit"]
    np.testing.assert_allclose(one.astype(int), other, atol=1)
    np.testing.assert_allclose(one[10, 20], (220, 60, 40), atol=3)
    np.testing.assert_allclose(one[30, 20], (40, 60, 220), atol=3)
    assert one[:, 0].max() < 230  # a square frame of a wide picture: the sides, the white among them, are cut off


def test_a_floor_that_catches_the_shadow_darkens_the_picture_there_alone(user, draw, renderer, toys):
    root = user(
        text="floor: {kind: shadow}\npicture: {file: p.png, " + PLAIN, image=np.full((40, 40, 3), 150, np.uint8)
    )
    renderer.set_place(place.load("mine", root))
    renderer.set_lighting(Lighting(sun_elevation_deg=60.0))
    camera = orbit((0, 0, 0.5), azimuth_deg=0, elevation_deg=40, distance_m=4, fov_deg=50, width=64, height=64)
    alone = draw(None, [camera], passes=("lit",))["lit"][0].astype(int)
    shown = draw(toys.sphere((0, 0, 1.0), 0.4, rings=16), [camera])
    near = cv2.dilate(shown["mask"][0], np.ones((3, 3), np.uint8)) > 0  # its edge is mixed with the picture
    floor = ~near & np.isfinite(shown["depth"][0])
    fall = (alone - shown["lit"][0])[floor]
    np.testing.assert_allclose(alone, 150, atol=2)
    assert fall.max() > 25 and fall.min() >= -1 and (fall.max(axis=1) < 3).mean() > 0.5


def test_light_comes_from_the_picture(user):
    from synth.stage.lighting import light

    image = np.zeros((64, 128, 3), np.uint8)
    image[:32], image[32:] = (90, 120, 220), (200, 140, 60)
    fit = light(place.load("mine", user(image=image)), Lighting()).fit
    up, down = fit[0] + fit[3], fit[0] - fit[3]
    assert up[2] > up[0] and down[0] > down[2]


def bomb(width: int) -> bytes:
    """The first bytes of a PNG that would take gigabytes."""
    head = struct.pack(">II5B", width, width // 2, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", len(head)) + b"IHDR" + head + struct.pack(">I", zlib.crc32(b"IHDR" + head))
    return b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))


@pytest.mark.parametrize(
    ("text", "spoil", "message"),
    [
        (ROUND, None, r"mine.yaml: picture.file = 'p.png': there is no such file"),
        (ROUND, b"GIF89a...", r"picture.file = 'p.png' is no PNG or JPEG"),
        (ROUND, b"\x89PNG\r\n\x1a\nbroken", r"picture.file = 'p.png' is no picture that can be read"),
        (ROUND, bomb(60_000), r"has far too many pixels: scale it down to 16384"),
        (ROUND, (40, 60), r"is 60 x 40; an equirectangular picture is twice as wide as high.*projection: plain"),
        (ROUND, (1, 20000), r"is 20000 x 1, more than 16384"),
        (ROUND.replace("p.png", "../../p.png"), None, r"leads out of"),
    ],
)
def test_a_picture_that_cannot_be_used_is_refused_by_file_and_key(user, text, spoil, message):
    shape = spoil if isinstance(spoil, tuple) else None
    root = user(text=text, image=None if shape is None else np.zeros((*shape, 3), np.uint8))
    if isinstance(spoil, bytes):
        (root / "environments" / "p.png").write_bytes(spoil)
    for use in (place.load, place.digest):
        with pytest.raises(PlaceError, match=message):
            use("mine", root)
