"""Surfaces whose parts are known by hand."""

import numpy as np
import pytest

from experiments.analysis.crossed import Cross, cells, interaction, interactions, shares

KEYS = {"model": "m", "activity": "squat", "factor": "azimuth x elevation", "sweep": "orbit x elevation"}
ROW, COLUMN = np.array([-0.2, 0.0, 0.2])[:, None], np.array([-0.1, 0.1])[None]


def cross(surface, blocks=8, noise=0.02, seed=0):
    rng = np.random.default_rng(seed)
    score = surface + rng.normal(0, noise, (blocks, *surface.shape)) + rng.normal(0, 0.05, (blocks, 1, 1))
    names = np.array([f"m{k}" for k in range(blocks)])
    levels = (list(range(surface.shape[0])), list(range(surface.shape[1])))
    return Cross(keys=KEYS, levels=levels, score=score, top1=(score > 0.5) * 1.0, motions=names, appearances=names)


def test_the_shares_of_a_surface_are_known():
    surface = 0.5 + ROW + COLUMN
    power = np.array([(ROW**2).mean(), (COLUMN**2).mean()])
    assert shares(surface) == pytest.approx([*(power / power.sum()), 0.0])
    assert shares(ROW * COLUMN * 10) == pytest.approx([0, 0, 1])
    assert np.isnan(shares(np.full((3, 2), 0.5))).all()


def test_an_interaction_is_found_and_none_is_not():
    added = interaction(cross(0.5 + ROW + COLUMN), draws=300, permutations=299, seed=0)
    assert added["p"] > 0.05 and added["interaction"] < 0.05
    assert added["first_low"] < added["first"] < added["first_high"]
    both = interaction(cross(0.5 + ROW + 8 * ROW * COLUMN), draws=300, permutations=299, seed=0)
    assert both["p"] < 0.01 and both["interaction_low"] > 0.1


def test_noise_alone_is_seldom_called_an_interaction():
    ps = [interaction(cross(0.5 + ROW, noise=0.1, seed=s), draws=20, permutations=99, seed=s)["p"] for s in range(30)]
    assert np.mean(np.array(ps) < 0.05) <= 0.15


def test_one_replicate_has_no_p_and_cells_are_means():
    one = cross(0.5 + ROW + COLUMN, blocks=1)
    assert np.isnan(interaction(one, draws=20, permutations=9, seed=0)["p"])
    table = cells(cross(0.5 + ROW + COLUMN))
    assert len(table) == 6 and list(table["second"][:2]) == ["0", "1"] and (table["blocks"] == 8).all()
    assert "p_holm" in interactions([cross(0.5 + ROW + COLUMN)], draws=20, permutations=19, seed=0)
