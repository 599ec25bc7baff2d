"""Scoring while others are drawn: everything once, errors arrive, nothing after a stop."""

import threading

import pytest

from experiments.scoring.overlap import Overlap


def test_everything_is_scored_once_and_the_first_before_the_last_is_drawn():
    scored, begun = [], threading.Event()

    def score(specs):
        scored.append(list(specs))
        begun.set()

    with Overlap(score, least=4) as overlap:
        for spec in range(10):
            overlap.done(spec)
            if spec == 8:
                assert begun.wait(10), "nothing was scored while clips were drawn"
    assert sorted(spec for part in scored for spec in part) == list(range(10))
    assert all(len(part) == 4 for part in scored[:-1])


def test_an_error_of_the_model_arrives_where_drawing_ends():
    def score(specs):
        raise ValueError("no such layer")

    with pytest.raises(ValueError, match="no such layer"), Overlap(score, least=1) as overlap:
        for spec in range(3):
            overlap.done(spec)


def test_what_stopped_the_drawing_is_what_is_raised_and_nothing_more_is_scored():
    scored = []
    with pytest.raises(OSError, match="full"), Overlap(scored.append, least=100) as overlap:
        overlap.done(0)
        raise OSError("full")
    assert not scored
