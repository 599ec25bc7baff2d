"""The clip store: bit-exact, atomic, passes added later."""

import errno
import json
import os
from pathlib import Path

import numpy as np
import pytest

from synth.clips import PASSES, BrokenClip, ClipError, ClipStore
from synth.clips.store import written
from synth.engine import passes as engine_passes
from synth.errors import UnknownName
from synth.factors import ClipSpec, MotionRef

SPEC = ClipSpec(motion=MotionRef(activity="squat"), num_frames=5, width=24, height=16)
ID = SPEC.clip_id({})


def arrays(seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {
        "frames": rng.integers(0, 256, (5, 16, 24, 3), dtype=np.uint8),
        "mask": rng.integers(0, 2, (5, 16, 24), dtype=np.uint8),
    }


def every_pass(seed: int = 0) -> dict[str, np.ndarray]:
    """Noise of every type, alpha 0 over colours and infinite depth among it."""
    rng = np.random.default_rng(seed)
    out = {}
    for name, form in PASSES.items():
        shape = (5 - form.pairs, *((7, 3) if form.pixel is None else (16, 24, *form.pixel)))
        numbers = rng.normal(size=shape).astype(np.float32)
        out[name] = rng.integers(0, 256, shape, dtype=np.uint8) if form.dtype is np.uint8 else numbers
    out["depth"][0, 0, :5] = np.inf
    out["joints2d"][0, 0] = np.nan
    out["foreground"][..., 3] *= out["foreground"][..., 3] > 100
    return out


def write(store: ClipStore, content: dict) -> None:
    store.write(ID, SPEC, content, digests={"engine": "toy"}, camera={"fov_deg": 45.0})


def test_what_is_read_is_what_was_written_bit_for_bit(tmp_path):
    store = ClipStore(tmp_path)
    write(store, arrays())
    read = store.read(ID)
    assert all(np.array_equal(read[name], array) for name, array in arrays().items())
    assert store.manifest(ID)["spec"] == SPEC.canonical()


def test_every_pass_comes_back_bit_for_bit(tmp_path):
    store = ClipStore(tmp_path)
    write(store, every_pass())
    read = store.read(ID)
    assert set(read) == set(PASSES)
    for name, array in every_pass().items():
        assert read[name].dtype == array.dtype and read[name].shape == array.shape, name
        assert read[name].tobytes() == array.tobytes(), name


def test_one_pass_is_read_without_the_others(tmp_path):
    store = ClipStore(tmp_path)
    write(store, every_pass())
    for name in PASSES:
        if name != "depth":
            (store.folder(ID) / f"{name}{PASSES[name].suffix}").unlink()
    assert list(store.read(ID, ["depth"])) == ["depth"]


def test_a_place_that_stands_still_is_kept_once(tmp_path):
    store, still = ClipStore(tmp_path), np.repeat(every_pass()["background"][:1], 5, axis=0)
    write(store, {"background": still, "frames": arrays()["frames"]})
    assert np.array_equal(store.read(ID)["background"], still)
    size = {name: (store.folder(ID) / f"{name}.avi").stat().st_size for name in ("background", "frames")}
    assert size["background"] < 0.6 * size["frames"]  # 5 kB of either are the container's


def test_a_clip_of_one_frame_has_no_flow(tmp_path):
    store, still = ClipStore(tmp_path), ClipSpec(motion=MotionRef(activity="squat"), num_frames=1, width=24, height=16)
    none = {"flow": np.zeros((0, 16, 24, 2), np.float32)}
    store.write(ID, still, none, digests={}, camera={})
    assert store.read(ID)["flow"].shape == (0, 16, 24, 2)


def test_the_store_keeps_what_engines_give():
    assert set(PASSES) == set(engine_passes.PASSES)
    assert {n: p.pairs for n, p in engine_passes.PICTURES.items()} == {
        n: PASSES[n].pairs for n in engine_passes.PICTURES
    }


def test_two_runs_leave_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        write(ClipStore(tmp_path / name), arrays())
    one, two = (sorted(p for p in (tmp_path / name).rglob("*") if p.is_file()) for name in ("one", "two"))
    assert [p.read_bytes() for p in one] == [p.read_bytes() for p in two] and len(one) == 3


def test_a_folder_without_a_manifest_is_not_a_clip(tmp_path):
    store = ClipStore(tmp_path)
    folder = store.folder(ID)
    folder.mkdir(parents=True)
    (folder / "frames.avi").write_bytes(b"half a file")
    assert not store.has(ID) and list(store.ids()) == []
    write(store, arrays())
    assert store.has(ID, ("frames", "mask")) and list(store.ids()) == [ID]


def test_a_pass_added_later_leaves_the_others_alone(tmp_path):
    store = ClipStore(tmp_path)
    write(store, {"frames": arrays()["frames"]})
    before = (store.folder(ID) / "frames.avi").stat().st_mtime_ns
    assert not store.has(ID, ("mask",))
    write(store, {"mask": arrays()["mask"]})
    assert store.has(ID, ("frames", "mask"))
    assert (store.folder(ID) / "frames.avi").stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"frames": arrays()["frames"][:3]}, "3 frames, the recipe asks for 5"),
        ({"smell": np.zeros(5)}, "no pass named 'smell'"),
        ({"frames": arrays()["frames"].astype(np.float32)}, "must be uint8"),
        ({"foreground": arrays()["frames"]}, r"'foreground' must be uint8 \(5, 16, 24, 4\)"),
        ({"mask": arrays()["mask"][:, 1:]}, r"must be uint8 \(5, 16, 24\), got uint8 \(5, 15, 24\)"),
        ({"flow": np.zeros((5, 16, 24, 2), np.float32)}, "5 frames, the recipe asks for 4"),
        ({"joints": np.zeros((5, 7, 2), np.float32)}, r"float32 \(5, J, 3\)"),
    ],
)
def test_what_is_no_clip_is_refused_and_leaves_no_manifest(tmp_path, content, says):
    store = ClipStore(tmp_path)
    with pytest.raises((ClipError, UnknownName), match=says):
        write(store, content)
    assert not store.has(ID)


def test_broken_files_are_named(tmp_path):
    store = ClipStore(tmp_path)
    write(store, arrays())
    (store.folder(ID) / "frames.avi").write_bytes(b"no video")
    (store.folder(ID) / "mask.npz").write_bytes(b"no archive")
    for name in ("frames", "mask"):
        with pytest.raises(ClipError, match=name):
            store.read(ID, [name])
    write(ClipStore(tmp_path / "other"), arrays())
    whole = (ClipStore(tmp_path / "other").folder(ID) / "mask.npz").read_bytes()
    for broken in (whole[:-40], whole[:60] + b"\xff" * 20 + whole[80:]):
        (store.folder(ID) / "mask.npz").write_bytes(broken)
        with pytest.raises(ClipError, match="mask"):
            store.read(ID, ["mask"])
    (store.folder(ID) / "manifest.json").write_text(json.dumps({})[:1])
    with pytest.raises(ClipError, match="not a manifest"):
        store.has(ID)


def test_a_root_that_cannot_hold_clips_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ClipError, match=r"file \(.*set store.root"):
        ClipStore(tmp_path / "file").check_writable()
    ClipStore(tmp_path / "new" / "store").check_writable()


def test_an_id_never_becomes_a_path_unchecked(tmp_path):
    with pytest.raises(ClipError, match="no clip id"):
        ClipStore(tmp_path).folder("../../etc/passwd")


def test_a_clip_that_is_drawn_twice_leaves_the_file_that_a_reader_is_about_to_read(tmp_path):
    store = ClipStore(tmp_path)
    write(store, arrays(0))
    entry = store.manifest(ID)["passes"]["frames"]  # a reader
    write(store, arrays(1))  # another run, on an engine that is not exact to the bit
    store.content(ID, entry)
    assert np.array_equal(store.read(ID)["frames"], arrays(0)["frames"])
    (store.folder(ID) / "frames.avi").write_bytes(b"broken")
    write(store, arrays(1))
    assert np.array_equal(store.read(ID)["frames"], arrays(1)["frames"])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda m: m | {"id": "0" * 20}, "the manifest of the clip '0{20}'"),
        (lambda m: m["passes"]["mask"].update(file="../../../secret"), "names files"),
        (lambda m: m["passes"]["mask"].update(file="/etc/passwd"), "names files"),
        (lambda m: m["passes"].update({"../mask": {"file": "../mask.npz"}}), "names files"),
        (lambda m: m["passes"].update(mask="mask.npz"), "names files"),
        (lambda m: m | {"passes": ["mask"]}, "names files"),
    ],
)
def test_a_manifest_of_another_clip_or_of_files_elsewhere_is_broken_whatever_its_sum(tmp_path, change, says):
    store = ClipStore(tmp_path)
    write(store, arrays())
    manifest = store.manifest(ID)
    (store.folder(ID) / "manifest.json").write_bytes(written(change(manifest) or manifest))
    with pytest.raises(BrokenClip, match=says):
        store.read(ID)


def test_what_others_lay_into_the_store_is_left_alone(tmp_path):
    store = ClipStore(tmp_path / "a = b %20 ü [x]")
    write(store, arrays())
    for name in (".ipynb_checkpoints", "@eaDir"):
        (store.folder(ID) / name).mkdir()
    (store.folder(ID) / ".nfs000000000012").write_text("held open elsewhere")
    copy = store.folder(ID).with_name(f"{ID} (copy)")
    copy.mkdir()
    (copy / "manifest.json").write_text("{}")
    (store.folder(ID) / f".{'0' * 12}.mask.npz").write_text("left by a writer that was killed")
    write(store, {"parts": arrays()["mask"]})
    assert list(store.ids()) == [ID] and store.has(ID, ("frames", "mask", "parts"))
    store.discard(ID)
    left = {path.name for path in store.folder(ID).iterdir()}
    assert left == {".ipynb_checkpoints", "@eaDir", ".nfs000000000012"} and not list(store.ids())


def test_a_clip_that_cannot_be_taken_away_is_named(tmp_path, monkeypatch):
    def refuse(self, **_):
        raise PermissionError(13, "Permission denied", str(self))

    store = ClipStore(tmp_path)
    write(store, arrays())
    monkeypatch.setattr("pathlib.Path.unlink", refuse)
    with pytest.raises(ClipError, match=r"cannot be taken away.*Permission denied.*delete "):
        store.discard(ID)


@pytest.mark.parametrize("number", [errno.EMFILE, errno.EACCES, errno.ESTALE, errno.ETIMEDOUT])
@pytest.mark.parametrize("name", ["manifest.json", "mask.npz"])
def test_a_sound_clip_that_cannot_be_read_for_now_is_not_taken_for_a_broken_one(tmp_path, monkeypatch, number, name):
    store, read = ClipStore(tmp_path), Path.read_bytes
    write(store, arrays())

    def fail(self):
        if self.name == name:
            raise OSError(number, os.strerror(number), str(self))
        return read(self)

    monkeypatch.setattr("pathlib.Path.read_bytes", fail)
    with pytest.raises(ClipError, match="is left as it is") as caught:
        store.read(ID)
    assert not isinstance(caught.value, BrokenClip)
