"""The coverage of the clothes: measured on a small selection, and on faults planted by hand."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
import pytest

from synth.body import quality
from synth.body.appearance import FOLDER
from synth.body.character import vertex_normals
from synth.body.quality import BAR, Coverage, Fitting
from synth.factors import MotionRef

VIEWS = ((30, 10), (150, 10), (270, 30))


@functools.cache
def fitting(name: str) -> Fitting:
    return quality.fitting(name)


def coverage(what: Fitting, activity: str) -> Coverage:
    skeleton = what.character.skeleton
    rotations, root = quality.poses(MotionRef(activity=activity, variant="held-0"), skeleton, 3)
    return quality.measure(what, rotations, root, quality.around(skeleton, rotations, root, VIEWS))


def moved(what: Fitting, layers: tuple[str, ...], by_m: float) -> Fitting:
    """The layers pushed by_m along their normals."""
    c = what.character
    ids = np.unique(c.vertex[c.faces[np.isin(what.layer, layers)]])
    rest = c.rest.copy()
    rest[ids] += by_m * vertex_normals(c.rest.astype(np.float64), c.control_faces)[ids].astype(np.float32)
    return dataclasses.replace(what, character=dataclasses.replace(c, rest=rest))


@pytest.mark.parametrize(("name", "activity"), [("rosa", "squat"), ("ben", "push_up"), ("nia", "jumping_jack")])
def test_clothes_cover_the_body(name, activity):
    found = coverage(fitting(name), activity)
    assert min(found.garment.values()) > 300
    assert found.share < BAR and found.good


def test_a_garment_pushed_into_the_body_is_found():
    sunk = coverage(moved(fitting("ben"), ("top",), -0.03), "squat")
    assert sunk.share > 2 * BAR and sunk.holes > 0
    assert sunk.poke["top"] > 2 * coverage(fitting("ben"), "squat").poke["top"]


def test_skin_pushed_out_is_found_as_poke_through_of_its_garment():
    found = coverage(moved(fitting("ben"), ("under top",), 0.02), "squat")
    assert found.poke["top"] > 0.01 * found.garment["top"]
    assert found.poke["bottom"] < 0.01 * found.garment["bottom"]


def test_a_missing_garment_leaves_holes():
    what = fitting("ben")
    keep = what.layer != "top"
    c = what.character
    naked = dataclasses.replace(
        c, faces=c.faces[keep], material=c.material[keep], part=c.part[keep], control_faces=c.control_faces[keep]
    )
    found = coverage(dataclasses.replace(what, character=naked, layer=what.layer[keep]), "squat")
    assert found.holes > 0.2 * sum(found.garment.values())


def test_share_by_hand():
    found = Coverage({"top": 900, "shoes": 100}, {"top": 1, "shoes": 1}, holes=1)
    assert found.share == pytest.approx(0.003) and found.hole_share == pytest.approx(0.001)
    assert found.garment_shares["shoes"] == pytest.approx(0.01) and not found.good


def test_the_command_prints_a_table_and_fails_over_the_bar(capsys, monkeypatch):
    wanted = ["--appearances", "igor", "--motions", "wave", "--views", "0:10", "--poses", "1"]
    assert quality.main(wanted) == 0
    assert "igor" in (said := capsys.readouterr().out) and "wave" in said
    monkeypatch.setattr(quality, "BAR", -1.0)
    assert quality.main(wanted) == 1
    assert quality.main(["--appearances", "igot"]) == 2
    assert "did you mean 'igor'" in capsys.readouterr().err


def test_a_list_of_views_that_is_none_is_refused(capsys):
    with pytest.raises(SystemExit):
        quality.main(["--views", "front"])
    assert "write them like 0:10,90:60" in capsys.readouterr().err


def test_a_users_appearance_is_measured(capsys, tmp_path):
    (tmp_path / "appearances").mkdir()
    (tmp_path / "appearances/zoe.yaml").write_text((FOLDER / "igor.yaml").read_text(encoding="utf-8"))
    wanted = ["--motions", "wave", "--views", "0:10", "--poses", "1", "--appearances", "zoe"]
    assert quality.main([*wanted, "--assets-root", str(tmp_path)]) == 0
    assert "zoe" in capsys.readouterr().out
    assert quality.main(wanted) == 2


@pytest.mark.parametrize("poses", ["0", "-2"])
def test_no_poses_are_refused(poses, capsys):
    with pytest.raises(SystemExit):
        quality.main(["--poses", poses])
    assert "no whole number of 1 or more" in capsys.readouterr().err
