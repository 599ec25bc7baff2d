"""`python -m synth.clips verify`: a flipped bit anywhere in a clip is found, and the clip taken away."""

import json
import os

import numpy as np
import pytest

from synth.clips import ClipStore
from synth.clips.__main__ import main
from synth.factors import ClipSpec, MotionRef, Viewpoint

SPECS = [
    ClipSpec(
        motion=MotionRef(activity="squat"), num_frames=2, width=16, height=8, viewpoint=Viewpoint(azimuth_deg=angle)
    )
    for angle in (0, 90)
]
IDS = [spec.clip_id({"engine": "toy"}) for spec in SPECS]


@pytest.fixture
def store(tmp_path):
    store, rng = ClipStore(tmp_path), np.random.default_rng(0)
    for clip_id, spec in zip(IDS, SPECS, strict=True):
        arrays = {
            "frames": rng.integers(0, 256, (2, 8, 16, 3), np.uint8),
            "joints": rng.normal(size=(2, 5, 3)).astype(np.float32),
        }
        store.write(clip_id, spec, arrays, digests={"engine": "toy"}, camera={"fov_deg": 45.0})
    return store


def verify(store, *more):
    return main(["verify", "--store", str(store.root), *more])


def flip(path, bit):
    content = bytearray(path.read_bytes())
    content[bit // 8 % len(content)] ^= 1 << bit % 8
    path.write_bytes(content)


def test_a_sound_store_is_left_alone(store):
    assert verify(store) == 0 and sorted(store.ids()) == sorted(IDS)


@pytest.mark.parametrize("name", ["frames.avi", "joints.npz", "manifest.json"])
def test_any_flipped_bit_is_found_and_the_clip_taken_away(store, name):
    path = store.folder(IDS[0]) / name
    whole = path.read_bytes()
    for bit in np.random.default_rng(1).integers(0, 8 * len(whole), 40):
        path.write_bytes(whole)
        flip(path, int(bit))
        assert verify(store, "--keep") == 1, f"bit {bit} of {name}"
    assert verify(store) == 1
    assert list(store.ids()) == [IDS[1]] and not store.has(IDS[0])
    assert verify(store) == 0


def test_a_missing_file_and_another_clips_folder_are_found(store):
    (store.folder(IDS[0]) / "joints.npz").unlink()
    (store.folder(IDS[1]) / "manifest.json").write_text(
        json.dumps(store.manifest(IDS[0]) | {"sha256": "0" * 64}), encoding="utf-8"
    )
    assert verify(store) == 1 and list(store.ids()) == []


def test_a_recipe_that_has_another_id_is_found(store):
    from synth.clips.store import digest_of

    manifest = store.manifest(IDS[0])
    manifest["spec"]["start_s"] = 0.5
    (store.folder(IDS[0]) / "manifest.json").write_text(json.dumps(manifest | {"sha256": digest_of(manifest)}))
    assert verify(store, "--keep") == 1


def test_a_folder_that_is_no_store_is_said(tmp_path):
    assert verify(ClipStore(tmp_path / "none")) == 2


def test_a_broken_clip_that_cannot_be_taken_away_is_said(store, monkeypatch, caplog):
    def refuse(self, **_):
        raise PermissionError(13, "Permission denied", str(self))

    flip(store.folder(IDS[0]) / "frames.avi", 80)
    monkeypatch.setattr("pathlib.Path.unlink", refuse)
    assert verify(store) == 2 and "cannot be taken away" in caplog.text


def test_a_recipe_that_no_float_holds_is_found(store):
    from synth.clips.store import written

    manifest = store.manifest(IDS[0])
    manifest["spec"]["start_s"] = 10**400
    (store.folder(IDS[0]) / "manifest.json").write_bytes(written(manifest))
    assert verify(store) == 1 and list(store.ids()) == [IDS[1]]


def test_what_killed_runs_left_is_taken_away_but_not_what_is_being_written(store, caplog):
    (store.root / "scores" / "toy").mkdir(parents=True)
    left, now, other = (store.root / "scores" / "toy" / name for name in (".0123456789ab.x", ".ba9876543210.x", ".x"))
    for path in (left, now, other):
        path.write_bytes(b"half")
        os.utime(path, (0, 0) if path is not now else None)
    assert verify(store, "--keep") == 0 and left.exists()
    assert verify(store) == 0 and not left.exists() and now.exists() and other.exists()
