"""The forward passes: memory that runs out, taps, decoded frames kept, shards, batches of a suitable size."""

import logging

import numpy as np
import pytest
import torch

from experiments.models.base import Output
from experiments.models.input import InputSpec
from experiments.models.loader import batches
from experiments.models.preprocess import pictures
from experiments.scoring import forward as forwards
from experiments.scoring.cache import RowCache
from experiments.scoring.errors import ScoreError
from experiments.scoring.features import FeatureStore
from experiments.scoring.forward import Kept, batch_size, forward
from experiments.scoring.raw import RawFrames
from synth.clips import ClipStore
from synth.factors import ClipSpec, MotionRef

SPEC = InputSpec(frames=2, fps=25.0, height=8, width=8)


class Mean:
    """Logits are mean colours; a device that holds `room` clips."""

    name, classes, input, device = "mean", ["r", "g", "b"], SPEC, "cpu"

    def __init__(self, room=100):
        self.room, self.batches = room, []

    def prepare(self, footage):
        return pictures(footage, self.input)

    def run(self, batch, layers=()):
        if len(batch) > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate much")
        self.batches.append(len(batch))
        mean = batch[:, 0].float()
        return Output(mean.mean((2, 3, 4)), dict.fromkeys(layers, mean))


@pytest.fixture
def clips(tmp_path):
    """A store with five clips of one colour each, and their recipes."""
    store, specs = ClipStore(tmp_path / "store"), {}
    for number in range(5):
        spec = ClipSpec(motion=MotionRef(activity="squat"), width=8, height=8, fps=25.0, num_frames=2)
        frames = np.full((2, 8, 8, 3), 10 * number, np.uint8)
        specs[f"{number:020x}"] = spec
        store.write(f"{number:020x}", spec, {"frames": frames}, digests={}, camera={})
    return store, specs


def test_a_device_that_runs_out_of_memory_is_asked_for_half_which_is_said_once(clips, tmp_path, caplog):
    model, cache = Mean(room=1), RowCache(tmp_path / "rows", 3)
    with caplog.at_level(logging.WARNING):
        forward(model, *clips, Kept(cache), batch=4)
    assert model.batches == [1] * 5
    assert [cache[i][0] for i in clips[1]] == [0, 10, 20, 30, 40]
    assert [r.getMessage() for r in caplog.records] == [
        "mean ran out of memory; from now on 2 clips at a time",
        "mean ran out of memory; from now on 1 clips at a time",
    ]


def test_a_single_clip_that_does_not_fit_is_refused(clips, tmp_path):
    with pytest.raises(ScoreError, match="single clip"):
        forward(Mean(room=0), *clips, Kept(RowCache(tmp_path / "rows", 3)))


def test_one_pass_gives_scores_and_taps(clips, tmp_path):
    model, cache = Mean(), RowCache(tmp_path / "rows", 3)
    taps = [FeatureStore(tmp_path, "colour", "mean"), FeatureStore(tmp_path, "colour", "none")]
    forward(model, *clips, Kept(cache, taps), batch=2)
    assert model.batches == [2, 2, 1]
    ids = list(clips[1])
    assert taps[0].read(ids).tolist() == [[10.0 * k] * 3 for k in range(5)]
    assert taps[1].read(ids).shape == (5, 3 * 2 * 8 * 8)


def test_shards_are_written_on_the_way(clips, tmp_path, monkeypatch):
    monkeypatch.setattr(forwards, "SHARD", 2)
    forward(Mean(), *clips, Kept(RowCache(tmp_path / "rows", 3)), batch=1)
    assert len(list((tmp_path / "rows").glob("*.npz"))) == 3


def test_decoded_frames_are_kept_and_give_the_same_scores(clips, tmp_path):
    store, specs = clips
    plain, kept = RowCache(tmp_path / "a", 3), RowCache(tmp_path / "b", 3)
    forward(Mean(), store, specs, Kept(plain))
    for _ in range(2):
        forward(Mean(), store, specs, Kept(kept), raw=RawFrames(store))
    assert all(np.array_equal(plain[i], kept[i]) for i in specs)
    assert len(list((store.root / "raw").rglob("*.npy"))) == 5
    damaged = next((store.root / "raw").rglob("*.npy"))
    frames, whole = RawFrames(store).read(damaged.stem).copy(), damaged.read_bytes()
    flipped = bytearray(whole)
    flipped[-20] ^= 1
    for content in (b"", whole[:-1], whole[: len(whole) // 2], bytes(flipped)):
        damaged.write_bytes(content)
        assert np.array_equal(RawFrames(store).read(damaged.stem), frames)
        assert damaged.read_bytes() == whole


def test_batches_suit_the_input():
    assert batch_size(InputSpec(frames=4, height=32, width=32), "cpu") == 32
    assert batch_size(InputSpec(), "cpu") == 9
    assert batch_size(InputSpec(frames=64, height=224, width=224), "cpu") == 1
    assert batch_size(InputSpec(frames=64, height=224, width=224), "cuda:0") == 25


def test_the_loader_keeps_the_order_and_works_ahead_by_no_more_than_it_may():
    under_way, most = set(), []

    def prepare(number):
        under_way.add(number)
        most.append(len(under_way))
        return torch.full((1, 1), number)

    seen = []
    for ids, inputs in batches(range(20), prepare, lambda: 2):
        assert inputs[:, 0, 0].tolist() == ids
        seen += ids
        under_way -= set(ids)
    assert seen == list(range(20)) and max(most) <= 6


def test_an_error_in_a_thread_is_the_callers():
    def prepare(number):
        if number == 3:
            raise ScoreError("three")
        return torch.zeros(1, 1)

    with pytest.raises(ScoreError, match="three"):
        list(batches(range(100), prepare, lambda: 2))
