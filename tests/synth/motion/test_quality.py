"""The bars of retargeting, over every CMU motion of the catalogue, and the measures themselves on toys."""

from __future__ import annotations

import numpy as np
import pytest

from synth.motion import catalogue, quality

CROPS = {f"{activity}/{name}": crop for activity, table in catalogue.crops().items() for name, crop in table.items()}


@pytest.fixture(scope="module")
def measured(body, assets_root) -> dict[str, quality.Quality]:
    return {name: quality.measure(crop, body, assets_root=assets_root) for name, crop in CROPS.items()}


def test_angles_known_by_hand():
    assert quality.angle_deg(np.array([1.0, 0, 0]), np.array([[1.0, 1, 0], [0, 2, 0], [-3, 0, 0]])) == pytest.approx(
        [45.0, 90.0, 180.0]
    )
    assert quality.angle_deg(np.array([1.0, 0, 0]), np.array([1.0, 1e-9, 0])) == pytest.approx(np.degrees(1e-9))


def test_limbs_point_as_the_subjects_do(measured):
    """After the feet are planted; design bar: 1 degree in the mean."""
    means = {name: q.limb_deg.mean() for name, q in measured.items()}
    assert np.mean(list(means.values())) < 0.7
    assert max(means.values()) < 1.2, max(means, key=means.get)
    for name, q in measured.items():
        assert np.percentile(q.limb_deg, 99) < 12.0, name
        assert q.limb_deg.max() < 15.0, name


@pytest.mark.parametrize("name", ["jumping_jack/22_16", "squat/13_29a", "walk/12_01", "box/86_01a", "wave/14_24a"])
def test_rotations_alone_copy_the_limbs_exactly(name, body, assets_root):
    q = quality.measure(CROPS[name], body, assets_root=assets_root, lock=False)
    assert q.limb_deg.mean() < 0.1
    assert q.limb_deg.max() < 1.0


def test_planted_feet_stand_better_than_the_subjects(measured):
    for name, q in measured.items():
        assert q.skate_m_s < 0.75 * q.source_skate_m_s, name
        assert q.skate_m_s < (0.06 if name.startswith("box") else 0.04), name


def test_nothing_is_under_the_floor_and_who_stands_touches_it(measured):
    for name, q in measured.items():
        assert q.lowest_m.min() > -0.001, name
        share = (q.lowest_m < 0.02).mean()
        assert share > (0.3 if name.startswith(("jumping", "box")) else 0.95), name


def test_the_catalogue_knows_the_fronts(measured):
    for name, q in measured.items():
        away = (q.front_deg - CROPS[name].facing_deg + 180.0) % 360.0 - 180.0
        assert abs(away) < 0.5, name


def test_the_table_has_a_row_for_every_motion(assets_root, capsys):
    quality.main(["--assets-root", str(assets_root), "--activity", "wave"])
    printed = capsys.readouterr().out
    assert all((name in printed) == name.startswith("wave/") for name in CROPS)
