"""Pooled features: pooling by hand, rows in the order asked for, shards on disk."""

import numpy as np
import pytest
import torch

from experiments.scoring.cache import CacheError
from experiments.scoring.features import FeatureStore, pool
from synth.errors import UnknownName


def test_poolings_by_hand():
    x = torch.arange(16.0).reshape(1, 2, 2, 2, 2)  # (B, channels, T, H, W)
    assert pool(x, "mean").tolist() == [[3.5, 11.5]]
    assert pool(x, "max").tolist() == [[7.0, 15.0]]
    assert pool(x, "space").tolist() == [[1.5, 5.5, 9.5, 13.5]]
    assert pool(x, "none").tolist() == [list(range(16))]
    flat = torch.ones(2, 3)
    assert all(pool(flat, name).shape == (2, 3) for name in ("mean", "max", "space", "none"))


def test_rows_are_read_in_the_order_asked_for(tmp_path):
    store = FeatureStore(tmp_path, "pool", "mean")
    store.add({"b": np.full(3, 2.0), "a": np.full(3, 1.0)})
    store.add({"c": np.full(3, 3.0)})
    again = FeatureStore(tmp_path, "pool", "mean")
    assert again.read(["c", "a", "b", "a"])[:, 0].tolist() == [3, 1, 2, 1]
    assert "a" in again and "d" not in again and "a" not in FeatureStore(tmp_path, "pool", "max")


def test_what_is_not_there_is_named(tmp_path):
    store = FeatureStore(tmp_path, "pool", "mean")
    with pytest.raises(CacheError, match="nowhere"):
        store.read(["nowhere"])
    with pytest.raises(UnknownName, match="'mean'"):
        FeatureStore(tmp_path, "pool", "men")


def test_a_damaged_shard_is_named(tmp_path):
    store = FeatureStore(tmp_path, "pool", "mean")
    store.add({"a": np.ones(2)})
    (shard,) = store.root.glob("*.npy")
    flipped = bytearray(shard.read_bytes())
    flipped[-1] ^= 1
    for content in (b"", bytes(flipped)):
        shard.write_bytes(content)
        with pytest.raises(CacheError, match=shard.name):
            store.read(["a"])
