"""Scores against numbers worked out by hand."""

import numpy as np
import pytest

from experiments.scoring.judge import judge

Z = np.log(np.array([[0.5, 0.3, 0.15, 0.05]], np.float32))


def test_one_class():
    got = judge(Z, [[1]])
    assert got["score"][0] == pytest.approx(0.3)
    assert got["logit"][0] == pytest.approx(np.log(0.3))
    assert got["margin"][0] == pytest.approx(np.log(0.3 / 0.5))
    assert (got["rank"][0], got["top1"][0]) == (2, False)


def test_several_classes_share_what_was_shown():
    got = judge(Z, [[1, 2]])
    assert got["score"][0] == pytest.approx(0.45)
    assert got["logit"][0] == pytest.approx(np.log(0.45))
    assert got["margin"][0] == pytest.approx(np.log(0.45 / 0.5))
    assert got["rank"][0] == 2  # that of the best of them
    assert judge(Z, [[0, 3]])["top1"][0]


def test_logits_may_be_shifted():
    first, second = judge(Z, [[2]]), judge(Z + 7, [[2]])
    assert first["score"] == pytest.approx(second["score"])
    assert first["margin"] == pytest.approx(second["margin"], abs=1e-5)


def test_top_five_is_left_out_under_twenty_classes():
    many = np.arange(20.0)[None]
    assert np.isnan(judge(Z, [[0]])["top5"][0])
    assert [judge(many, [[k]])["top5"][0] for k in (19, 15, 14)] == [1, 1, 0]


def test_no_clips():
    assert all(len(column) == 0 for column in judge(np.zeros((0, 3)), []).values())
