"""Disks that fill, refuse or forget, and a clock that goes backwards: named errors, and what was finished stays."""

import dataclasses
import errno
import json
import os
import subprocess

import numpy as np
import pytest

from synth.clips import ClipError, ClipStore
from synth.engine.capture import drawn
from synth.engine.faults import QUARANTINED, RETRIED, Fault
from synth.factors import ClipSpec, MotionRef, Viewpoint
from synth.frames import Camera
from synth.ledger import FILE, Ledger
from synth.render import identify, render_missing

BASE = ClipSpec(motion=MotionRef(activity="squat"), num_frames=2, width=8, height=8)
SPECS = [dataclasses.replace(BASE, viewpoint=Viewpoint(azimuth_deg=azimuth)) for azimuth in (0, 90, 180)]


class Pool:
    """Grey clips."""

    size = 1

    def identity(self):
        return {"engine": "fake", "build": "1", "backend": "cpu"}

    def digest(self, kind, name):
        return f"{kind}:{name}"

    def capture(self, specs, passes, tell=None, prepare=drawn):
        for spec in specs:
            yield spec, prepare(spec, {"frames": np.full((2, 8, 8, 3), 90, np.uint8)}), Camera(position_m=(0, 0, 0))


def draw(store):
    return render_missing(identify(SPECS, Pool()), store=store, pool=Pool(), passes=("frames",))


def fail_from(monkeypatch, number, after):
    """Renaming, which ends every write, fails from the `after`-th time on."""
    replace, count = os.replace, iter(range(1, 1 << 30))

    def failing(source, target):
        if next(count) > after:
            raise OSError(number, os.strerror(number), str(target))
        replace(source, target)

    monkeypatch.setattr(os, "replace", failing)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO, errno.EDQUOT])
@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_a_disk_that_takes_no_more_is_said_and_nothing_finished_is_lost(tmp_path, monkeypatch, number, after):
    store = ClipStore(tmp_path)
    fail_from(monkeypatch, number, after)
    with pytest.raises(ClipError, match="make room"):
        draw(store)
    monkeypatch.undo()
    assert len(list(store.ids())) == after // 2, "a clip is two files: frames and manifest"
    assert not list(tmp_path.rglob(".*.avi")), "half a file is left"
    assert draw(store) == 3 - after // 2
    assert all((store.read(clip_id)["frames"] == 90).all() for clip_id in store.ids())


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 256 kB, where mounting one is allowed."""
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", tmp_path], capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    yield tmp_path
    subprocess.run(["umount", tmp_path], check=True)


def test_a_disk_that_is_really_full(small_disk):
    store, rng = ClipStore(small_disk), np.random.default_rng(0)
    specs = [dataclasses.replace(BASE, width=64, height=64, seed=seed) for seed in range(40)]
    frames = rng.integers(0, 256, (2, 64, 64, 3), np.uint8)
    with pytest.raises(ClipError, match=r"No space left on device.*make room"):
        for spec in specs:
            store.write(spec.clip_id({}), spec, {"frames": frames}, digests={}, camera={})
    assert 1 < len(list(store.ids())) < 40
    assert all((store.read(clip_id)["frames"] == frames).all() for clip_id in store.ids())
    Ledger(small_disk, {}).note(Fault(reason="crash", text="x" * 5000, outcome=RETRIED))


def test_a_disk_that_is_really_read_only(small_disk):
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(ClipError, match=r"Read-only file system.*set store\.root"):
        ClipStore(small_disk).check_writable()
    with pytest.raises(ClipError, match="Read-only file system"):
        draw(ClipStore(small_disk))


def test_a_full_disk_when_a_file_is_half_written(tmp_path, monkeypatch):
    store = ClipStore(tmp_path)

    def half(path, content):
        with path.open("wb") as file:
            file.write(content[: len(content) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", half)
    with pytest.raises(ClipError, match="No space left on device"):
        draw(store)
    assert not list(store.ids()) and not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_store_that_cannot_be_written_is_said_before_anything_is_drawn(tmp_path, monkeypatch):
    def refuse(**_):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    with pytest.raises(ClipError, match=r"Read-only file system.*set store\.root"):
        ClipStore(tmp_path).check_writable()


def test_the_ledger_is_kept_line_by_line_and_a_full_disk_does_not_stop_a_run(tmp_path, caplog):
    ledger = Ledger(tmp_path, {spec: f"{k:020x}" for k, spec in enumerate(SPECS)})
    ledger.note(Fault(reason="crash", text="killed by SIGKILL\nlog", outcome=RETRIED, specs=tuple(SPECS)))
    ledger.note(Fault(reason="crash", text="again", outcome=QUARANTINED, specs=(SPECS[1],), attempt=3))
    first, second = (json.loads(line) for line in (tmp_path / FILE).read_text().splitlines())
    assert (first["reason"], first["outcome"], len(first["clips"])) == ("crash", RETRIED, 3)
    assert second["clips"] == [f"{1:020x}"] and second["attempt"] == 3
    said = ledger.end(drawn=2, from_store=5)
    assert said.startswith("2 drawn, 5 from the store, 3 tried again, 1 quarantined (1 by crash); see ")
    (tmp_path / FILE).unlink()
    (tmp_path / FILE).mkdir()
    ledger.note(Fault(reason="crash", text="", outcome=RETRIED))
    assert "cannot be written" in caplog.text


def test_a_clock_that_goes_backwards_changes_nothing(tmp_path, monkeypatch):
    store = ClipStore(tmp_path)
    draw(store)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    for path in before:
        os.utime(path, (4e9, 4e9))  # written, it seems, in the future
    monkeypatch.setattr("time.time", lambda: 0.0)
    assert draw(store) == 0
    assert {path: path.read_bytes() for path in before} == before


def test_two_writers_of_one_clip_lose_no_pass(tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    arrays = {
        "frames": np.zeros((2, 8, 8, 3), np.uint8),
        "mask": np.zeros((2, 8, 8), np.uint8),
        "parts": np.zeros((2, 8, 8), np.uint8),
        "depth": np.zeros((2, 8, 8), np.float32),
    }
    clip_id = BASE.clip_id({})

    def add(name):
        ClipStore(tmp_path).write(clip_id, BASE, {name: arrays[name]}, digests={}, camera={})

    for _ in range(5):
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(add, arrays))
        assert ClipStore(tmp_path).has(clip_id, arrays)
        ClipStore(tmp_path).discard(clip_id)
