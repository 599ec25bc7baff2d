"""Clips that are kept somewhere else as well: copied, fetched, and never believed unread."""

import fsspec
import numpy as np
import pytest

from synth.clips import ClipError, ClipStore, SpillingStore
from synth.clips.__main__ import main
from synth.clips.store import MANIFEST, written
from synth.factors import ClipSpec, MotionRef

SPECS = [ClipSpec(motion=MotionRef(activity="squat"), num_frames=2, width=8, height=8, seed=seed) for seed in range(3)]
IDS = [spec.clip_id({}) for spec in SPECS]


@pytest.fixture
def url(request):
    there = f"memory://{request.node.originalname}"
    yield there
    fsspec.filesystem("memory").store.clear()


def filled(root, url):
    store = SpillingStore(root, url)
    for number, (clip_id, spec) in enumerate(zip(IDS, SPECS, strict=True)):
        frames = np.full((2, 8, 8, 3), number, np.uint8)
        store.write(clip_id, spec, {"frames": frames, "mask": frames[..., 0]}, digests={}, camera={"fov_deg": 45})
    store.settle()
    return store


def test_another_machine_has_the_same_clips_bit_for_bit(tmp_path, url):
    filled(tmp_path / "a", url)
    other = SpillingStore(tmp_path / "b", url)
    for number, clip_id in enumerate(IDS):
        assert other.lacking(clip_id, ("frames", "mask", "depth")) == ("depth",)
        assert (other.read(clip_id)["frames"] == number).all()
    for path in (tmp_path / "a").rglob("clips/*/*/*"):
        assert (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes() == path.read_bytes()


def test_a_pass_that_is_added_later_is_shared_too(tmp_path, url):
    filled(tmp_path / "a", url)
    other = SpillingStore(tmp_path / "b", url)
    assert other.lacking(IDS[0], ("depth",)) == ("depth",)
    other.write(IDS[0], SPECS[0], {"depth": np.ones((2, 8, 8), np.float32)}, digests={}, camera={})
    other.settle()
    assert set(SpillingStore(tmp_path / "c", url).read(IDS[0])) == {"frames", "mask", "depth"}


def test_what_is_broken_there_is_not_taken(tmp_path, url, caplog):
    filled(tmp_path / "a", url)
    memory = fsspec.filesystem("memory")
    frames, manifest, foreign = (memory.glob(f"{url}/clips/*/{clip_id}/*") for clip_id in IDS)
    memory.pipe_file(next(p for p in frames if p.endswith(".avi")), b"not it")
    memory.pipe_file(next(p for p in manifest if p.endswith("manifest.json")), b"{")
    path = next(p for p in foreign if p.endswith("manifest.json"))
    memory.pipe_file(path, memory.cat_file(path).replace(b'"mask.npz"', b'"../../../mask.npz"'))
    other = SpillingStore(tmp_path / "b", url)
    assert [other.lacking(clip_id) for clip_id in IDS] == [("frames",)] * 3
    assert "is drawn again" in caplog.text and not list((tmp_path / "b").rglob("*.npz"))


def test_what_was_discarded_does_not_come_back(tmp_path, url):
    store = filled(tmp_path / "a", url)
    store.discard(IDS[0])
    assert store.manifest(IDS[0]) is None and SpillingStore(tmp_path / "b", url).manifest(IDS[0]) is None


def test_a_place_that_fails_is_said_with_where_the_clip_is(tmp_path, url, monkeypatch):
    store = SpillingStore(tmp_path / "a", url)
    monkeypatch.setattr(store, "_there", None)
    store.write(IDS[0], SPECS[0], {"mask": np.zeros((2, 8, 8), np.uint8)}, digests={}, camera={})
    with pytest.raises(ClipError, match=r"could not be copied.*synth\.clips spill"):
        store.settle()
    assert ClipStore(tmp_path / "a").has(IDS[0], ("mask",))


@pytest.mark.parametrize("url", ["nosuch://bucket", "file:///proc/nowhere", "memory://clips[old]"])
def test_a_place_that_there_is_not_is_said_at_once(tmp_path, url):
    with pytest.raises(ClipError, match=r"store\.spill = "):
        SpillingStore(tmp_path / "a", url).check_writable()


def test_a_store_is_copied_by_hand(tmp_path, url, caplog, capsys):
    caplog.set_level("INFO")
    filled(tmp_path / "a", f"{url}-other")
    assert main(["spill", "--store", str(tmp_path / "a"), "--to", f"file://{tmp_path}/share"]) == 0
    assert "3 clips were copied" in caplog.text
    assert len(list(ClipStore(tmp_path / "share").ids())) == 3
    assert main(["spill", "--store", str(tmp_path / "a")]) == 2


def test_a_pass_that_another_machine_added_is_not_lost(tmp_path, url):
    own = filled(tmp_path / "a", url)
    other = SpillingStore(tmp_path / "b", url)
    assert other.has(IDS[0])
    for store, name in ((own, "depth"), (other, "parts")):
        dtype = np.float32 if name == "depth" else np.uint8
        store.write(IDS[0], SPECS[0], {name: np.ones((2, 8, 8), dtype)}, digests={}, camera={})
        store.settle()
    assert set(SpillingStore(tmp_path / "c", url).read(IDS[0])) == {"frames", "mask", "depth", "parts"}


def test_what_is_broken_here_does_not_replace_what_is_sound_there(tmp_path, url):
    store = filled(tmp_path / "a", url)
    (store.folder(IDS[0]) / "mask.npz").write_bytes(b"a flipped bit")
    store.write(IDS[0], SPECS[0], {"depth": np.ones((2, 8, 8), np.float32)}, digests={}, camera={})
    with pytest.raises(ClipError, match=r"could not be copied.*mask\.npz"):
        store.settle()
    assert (SpillingStore(tmp_path / "b", url).read(IDS[0])["mask"] == 0).all()


@pytest.mark.parametrize("change", [{"file": "../../../../secret"}, {"shape": [10**12, 8, 8]}, {"dtype": "object"}])
def test_a_forged_manifest_neither_sends_nor_fetches_what_is_no_clip(tmp_path, url, change):
    (tmp_path / "a" / "secret").parent.mkdir()
    (tmp_path / "a" / "secret").write_text("not for others")
    store = filled(tmp_path / "a", f"{url}-own")
    manifest = store.manifest(IDS[0])
    manifest["passes"]["mask"] |= change
    (store.folder(IDS[0]) / MANIFEST).write_bytes(written(manifest))
    memory = fsspec.filesystem("memory")
    memory.pipe_file(f"{url}/clips/{IDS[0][:2]}/{IDS[0]}/{MANIFEST}", written(manifest))
    assert SpillingStore(tmp_path / "b", url).manifest(IDS[0]) is None
    if "file" in change:
        with pytest.raises(ClipError, match="names files that are no passes"):
            SpillingStore(tmp_path / "a", f"{url}-else").share_all()
        assert not [path for path in memory.store if "secret" in path]


def test_a_clip_that_another_machine_took_away_first_is_no_fault(tmp_path, url):
    store = filled(tmp_path / "a", url)
    SpillingStore(tmp_path / "b", url).discard(IDS[0])
    store.discard(IDS[0])
    assert store.manifest(IDS[0]) is None
