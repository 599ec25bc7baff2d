"""What drawing will take, from what it took: known by hand."""

import dataclasses

import pytest

from synth.clips import ClipStore
from synth.cost import FIRST_GUESS, FIXED, RATES, Cost, describe, estimate, remember
from synth.factors import ClipSpec, MotionRef

BASE = ClipSpec(motion=MotionRef(activity="squat"), num_frames=2, width=112, height=112)


@pytest.fixture
def store(tmp_path):
    return ClipStore(tmp_path)


def test_the_estimate_grows_with_the_pixels(store):
    cost, fourfold = estimate([BASE], store), estimate([dataclasses.replace(BASE, width=224, height=224)], store)
    assert cost.engine_s == pytest.approx(2 * FIRST_GUESS["seconds_per_frame"])
    assert fourfold.engine_s == pytest.approx((FIXED + (1 - FIXED) * 4) * cost.engine_s)
    assert fourfold.gigabytes == pytest.approx(4 * cost.gigabytes) and fourfold.writing_s == cost.writing_s
    assert estimate([], store) == Cost(0, 0, 0)


def test_engines_share_the_drawing_and_not_the_writing():
    cost = Cost(engine_s=6400, writing_s=150, gigabytes=2)
    assert [cost.minutes(n) for n in (1, 8, 64)] == pytest.approx([6400 / 60, 800 / 60, 150 / 60])
    assert [cost.bound(n) for n in (1, 8, 64)] == [False, False, True]
    assert cost.price(8, 0.9) == pytest.approx(6400 / 3600 * 0.9)
    lines = describe(cost, 2, 0.9)
    assert lines[0] == "  expected: 53.3 minutes, 2.00 GB" and [line.split()[0] for line in lines[1:]] == [*"128", "64"]
    assert "this run" in lines[2] and "one process" in lines[4] and "1.60" in lines[1]


def test_what_the_last_rendering_took_is_what_the_next_is_expected_to(store):
    specs = [dataclasses.replace(BASE, num_frames=100, start_s=k) for k in range(5)]
    store.root.mkdir(exist_ok=True)
    remember(store, specs, [f"{k:020x}" for k in range(5)], workers=4, seconds=10, writing_s=1)
    found = estimate(specs, store)
    assert (found.minutes(4), found.writing_s) == pytest.approx((10 / 60, 1))


@pytest.mark.parametrize("content", ["", "[1]", '{"pixels": 5}', '{"pixels": null}'])
def test_a_damaged_record_of_the_last_rendering_is_no_obstacle(store, content):
    guess = estimate([BASE], store)
    (store.root / RATES).write_text(content)
    assert estimate([BASE], store) == guess


def test_a_clip_that_another_run_takes_away_meanwhile_is_no_obstacle(store, monkeypatch, caplog):
    def gone(self, pattern):
        yield self / "frames.avi"

    monkeypatch.setattr("pathlib.Path.glob", gone)
    specs = [dataclasses.replace(BASE, num_frames=500)]
    remember(store, specs, ["0" * 20], workers=1, seconds=1.0, writing_s=0.1)
    assert "the next plan's estimate is an older one" in caplog.text
