"""A user's own appearance files: found beside the package's, with pictures; every fault names file and key."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
import pytest

from synth import body
from synth.body import figure
from synth.body.appearance import FOLDER
from synth.body.pack import PATH, PackError, _raw, decoded, load_pack
from synth.body.recipe import AppearanceError
from synth.errors import UnknownName

ANA = (FOLDER / "ana.yaml").read_text(encoding="utf-8")
STRIPED = 'fabric: stripes, colours: ["#c9483f", "#dcd5c8"], scale_m: 0.075'
PICTURED = 'fabric: picture, colours: ["#c9483f"], file: leaf.png'


@pytest.fixture
def root(tmp_path):
    (tmp_path / "appearances").mkdir()
    return tmp_path


def put(root, text: str, name: str = "eva") -> None:
    (root / "appearances" / f"{name}.yaml").write_text(text, encoding="utf-8")


def draw(root, colour, name: str = "leaf.png") -> None:
    cv2.imwrite(str(root / "appearances" / name), np.full((40, 30, 3), colour, np.uint8))


def test_a_new_appearance_is_one_file(root):
    put(root, ANA)
    assert body.appearance_names(root) == sorted([*body.appearance_names(), "eva"])
    assert np.array_equal(body.load("eva", root).rest, body.load("ana").rest)
    assert body.digest("eva", root) == body.digest("ana") == body.digest("ana", root)
    with pytest.raises(UnknownName, match="eva"):
        body.load("eva")


def test_a_name_of_the_package_cannot_be_taken(root):
    put(root, ANA, "ana")
    with pytest.raises(AppearanceError, match=r"ana.yaml: the name 'ana' is taken"):
        body.load("ana", root)


def test_a_picture_is_shown_on_the_cloth_and_counts_in_the_digest(root):
    put(root, ANA.replace(STRIPED, PICTURED))
    draw(root, (30, 200, 30))
    top = next(m for m in body.load("eva", root).materials if m.name == "top")
    assert np.abs(top.texture[..., :3].reshape(-1, 3).mean(axis=0) - [30, 200, 30]).max() < 25
    before = body.digest("eva", root)
    draw(root, (30, 201, 30))
    assert body.digest("eva", root) != before


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (PICTURED, "eva.yaml: top.file = 'leaf.png' does not exist"),
        (PICTURED.replace("leaf.png", "eva.yaml"), "eva.yaml: top.file = 'eva.yaml' is no picture"),
        (PICTURED.replace("leaf.png", "empty.png"), "eva.yaml: top.file = 'empty.png' is no picture"),
        (PICTURED.replace("leaf.png", "deep.png"), "deep.png' has pixels of type uint16"),
        (PICTURED.replace("leaf.png", "../leaf.png"), "should be the plain name of a picture"),
        (PICTURED.replace(", file: leaf.png", ""), "eva.yaml: top.file is missing"),
        (STRIPED + ", file: leaf.png", "top.file = 'leaf.png' is not used by the fabric 'stripes'"),
    ],
)
def test_faulty_pictures_are_named(root, new, said):
    put(root, ANA.replace(STRIPED, new))
    (root / "appearances" / "empty.png").write_bytes(b"")
    cv2.imwrite(str(root / "appearances" / "deep.png"), np.zeros((4, 4), np.uint16))
    with pytest.raises(AppearanceError) as caught:
        body.digest("eva", root)
    assert said in str(caught.value)


def test_a_file_that_is_no_text_is_named(root):
    (root / "appearances" / "eva.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(AppearanceError, match=r"eva.yaml: is no UTF-8 text"):
        body.load("eva", root)


def test_only_a_dress_goes_without_a_bottom(root):
    put(root, "\n".join(line for line in ANA.splitlines() if not line.startswith("bottom")))
    with pytest.raises(AppearanceError, match=r"eva.yaml: bottom is missing, and only a dress"):
        body.load("eva", root)


def test_a_garment_that_the_mesh_cannot_carry_is_named(monkeypatch):
    whole = load_pack()
    lacking = dataclasses.replace(whole, meshes={k: m for k, m in whole.meshes.items() if k != "skirt"})
    monkeypatch.setattr(figure, "load_pack", lambda: lacking)
    with pytest.raises(AppearanceError, match=r"mei: bottom.kind = 'skirt' does not fit the body: .*no mesh 'skirt'"):
        body.load("mei")


def test_a_broken_pack_is_named(tmp_path):
    path = tmp_path / "pack.npz"
    path.write_bytes(b"no archive")
    with pytest.raises(PackError, match=r"pack.npz: cannot be read"):
        _raw(path)
    np.savez(path, template=np.zeros((3, 3)))
    with pytest.raises(PackError, match=r"pack.npz: lacks 'basis_step'"):
        _raw(path)


def test_a_pack_may_lack_the_skirt():
    raw = _raw(PATH)
    assert "skirt" not in decoded({k: v for k, v in raw.items() if not k.endswith("_skirt")}).meshes
