"""A bit that flips anywhere in a file of kept rows: the rows as they were, or a named error; never others."""

import numpy as np
import pytest

from experiments.scoring.cache import CacheError, RowCache
from experiments.scoring.features import FeatureStore
from experiments.scoring.raw import RawFrames

ROWS = {f"{k:020x}": np.arange(3, dtype=np.float32) + k for k in range(2)}
FRAMES = np.random.default_rng(0).integers(0, 256, (2, 4, 4, 3), np.uint8)


class Clips:
    """A store of one clip."""

    def __init__(self, root):
        self.root = root

    def read(self, clip_id, passes):
        return {"frames": FRAMES}


def scores(root):
    cache = RowCache(root, 3)
    cache.add({} if ROWS.keys() <= cache._rows.keys() else ROWS)
    return np.stack([cache[clip_id] for clip_id in ROWS])


def features(root):
    store = FeatureStore(root, "pool", "mean")
    store.add({} if all(clip_id in store for clip_id in ROWS) else ROWS)
    return store.read(list(ROWS))


def raw(root):
    return RawFrames(Clips(root)).read("a" * 20)


@pytest.mark.filterwarnings("ignore:Reading .npy:UserWarning")
@pytest.mark.parametrize(("read", "ending"), [(scores, "npz"), (features, "npy"), (features, "ids"), (raw, "npy")])
def test_a_flipped_bit_never_gives_other_numbers_nor_an_error_without_a_name(tmp_path, read, ending):
    wanted = read(tmp_path)
    (path,) = tmp_path.rglob(f"*.{ending}")
    whole = path.read_bytes()
    for bit in range(0, 8 * len(whole), 7):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        try:
            found = read(tmp_path)
        except CacheError as error:
            assert path.stem in str(error), bit
        else:
            assert found.dtype == wanted.dtype and np.array_equal(found, wanted), bit
        for other in [other for other in tmp_path.rglob("*.*") if other.is_file() and other.stem != path.stem]:
            other.unlink()  # a shard that was added for an id that changed


@pytest.mark.parametrize("moment", ["before", "after"])
def test_two_runs_whose_devices_differ_in_the_last_bit_do_not_break_each_others_features(tmp_path, monkeypatch, moment):
    """One run is between its two files while the other writes both of its own."""
    from experiments.scoring import features as module

    ours, theirs = ROWS, {clip_id: np.nextafter(row, np.float32(9)) for clip_id, row in ROWS.items()}
    first, second, written = FeatureStore(tmp_path, "pool", "mean"), FeatureStore(tmp_path, "pool", "mean"), []
    whole = module.whole

    def meddled(path):
        if not written and path.suffix == (".npy" if moment == "before" else ".ids"):
            written.append(path)
            second.add(theirs)
        return whole(path)

    monkeypatch.setattr(module, "whole", meddled)
    first.add(ours)
    found = FeatureStore(tmp_path, "pool", "mean").read(list(ROWS))
    assert any(np.array_equal(found, np.stack(list(rows.values()))) for rows in (ours, theirs))


@pytest.mark.parametrize("read", [scores, features])
def test_what_another_run_is_writing_or_left_when_it_was_killed_is_not_read(tmp_path, read):
    wanted = read(tmp_path)
    for path in [path for path in tmp_path.rglob("*.*") if path.is_file()]:
        path.with_name(f".0123456789ab.{path.name}").write_bytes(path.read_bytes()[:20])
    assert np.array_equal(read(tmp_path), wanted)
