"""The bars of retargeting on motions of every class, and the measures themselves on toys."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from synth.motion import catalogue, fidelity, quality

ALL = {f"{activity}/{name}": crop for activity, table in catalogue.crops().items() for name, crop in table.items()}
# One of every kind, and those that were hard; all of them: `python -m synth.motion.quality`.
CHOSEN = [
    "jumping_jack/22_16",
    "squat/14_14b",
    "walk/12_01",
    "walk/35_01",
    "box/17_10c",
    "wave/14_24a",
    "golf_swing/64_01",
    "soccer_kick/11_01",
    "climb_ladder/14_33a",
    "run/02_03",
    "cartwheel/49_08a",
]


@pytest.fixture(scope="module")
def measured(body, assets_root) -> dict[str, fidelity.Fidelity]:
    return {name: fidelity.measure(ALL[name], body, assets_root=assets_root) for name in CHOSEN}


def test_angles_known_by_hand():
    there = np.array([[1.0, 1, 0], [0, 2, 0], [-3, 0, 0]])
    assert fidelity.angle_deg(np.array([1.0, 0, 0]), there) == pytest.approx([45.0, 90.0, 180.0])
    assert fidelity.angle_deg(np.array([1.0, 0, 0]), np.array([1.0, 1e-9, 0])) == pytest.approx(np.degrees(1e-9))


def test_the_best_similarity_undoes_a_turn_and_a_size():
    points = np.random.default_rng(3).normal(size=(2, 7, 3))
    points -= points.mean(axis=1, keepdims=True)
    turn = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    assert fidelity._best_similarity(1.7 * points @ turn, points) == pytest.approx(points)
    mirrored = fidelity._best_similarity(points * [1.0, 1.0, -1.0], points)
    assert np.abs(mirrored - points).max() > 0.1


def test_every_class_keeps_its_bars(measured):
    for name, found in measured.items():
        assert quality.crossed(name.partition("/")[0], quality.numbers(found)) == [], name


def test_who_stands_touches_the_floor(measured):
    for name in ("squat/14_14b", "wave/14_24a", "golf_swing/64_01"):
        assert (measured[name].lowest_m < 0.02).mean() > 0.95, name


def test_the_catalogue_knows_the_fronts(measured):
    for name, found in measured.items():
        away = (found.front_deg - ALL[name].facing_deg + 180.0) % 360.0 - 180.0
        assert abs(away) < 2.0, name


def test_a_bar_is_crossed_where_it_shows():
    row = {column.name: 0.0 for column in quality.COLUMNS}
    assert quality.crossed("walk", row) == []
    assert quality.crossed("walk", {**row, "limb_p99_deg": 7.04}) == []
    assert quality.crossed("walk", {**row, "limb_p99_deg": 7.06, "skate_cm_s": 4.2}) == ["limb_p99_deg", "skate_cm_s"]
    assert quality.crossed("run", {**row, "skate_cm_s": 9.0, "skate_ratio": 0.9}) == []


def test_every_file_at_hand_is_measured_or_refused(assets_root, cmu):
    folder = cmu
    files = {crop.find_files(folder)[1] for crop in quality.motions(assets_root).values()}
    assert files == {*folder.glob("asfamc/*.amc"), *folder.glob("bvh/*.bvh")}


def test_the_table_and_its_file(assets_root, capsys, tmp_path):
    path = tmp_path / "quality.csv"
    assert quality.main(["--root", str(assets_root), "--activity", "drink", "--csv", str(path)]) == 0
    printed = capsys.readouterr().out
    assert "drink/14_37" in printed
    assert "1 motions: 1 pass all bars" in printed
    rows = list(csv.DictReader(path.open()))
    assert [row["motion"] for row in rows] == ["drink/14_37"]
    assert float(rows[0]["limb_deg"]) < 1.0
    assert not list(tmp_path.glob(".*"))


def test_mistakes_of_the_command_line(capsys, assets_root):
    assert quality.main(["--root", str(assets_root), "--activity", "squatt"]) == 2
    assert "squat" in capsys.readouterr().err


def test_what_cannot_be_used_is_refused_before_anything_is_measured(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(quality, "report", None)
    for wrong in (["--root", "nowhere"], ["--root", str(tmp_path), "--csv", str(tmp_path / "no/x.csv")]):
        with pytest.raises(SystemExit) as caught:
            quality.main(wrong)
        assert caught.value.code == 2
        assert "there is no folder" in capsys.readouterr().err


def test_nothing_measured_is_no_success(capsys, tmp_path):
    assert quality.main(["--root", str(tmp_path), "--activity", "drink"]) == 2
    assert "nothing was measured" in capsys.readouterr().err
