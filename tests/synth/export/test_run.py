"""Making data sets: what is done is not done again, whatever ends a run, and folders are not mixed up."""

import dataclasses
import json
import multiprocessing
import os
import shutil
import signal

import pytest

from synth.clips import ClipStore
from synth.engine import ClipsQuarantined, EngineDied
from synth.export import FORMATS, ExportError, Job, LeakedSplit, Video, export, open_format
from synth.export.check import toy_arrays, toy_data
from synth.export.files import Files, Ledger
from synth.resolve import resolve


def job(data, root, names=tuple(FORMATS), **more):
    return Job(data=data, formats=[open_format(name) for name in names], root=root, **more)


def tree(root):
    """Every file of a data set but the ledger's lock."""
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file() and p.name != "lock"}


def test_a_second_run_draws_nothing_and_changes_nothing(toy, pool, tmp_path):
    assert export(job(toy, tmp_path, ["kinetics", "webdataset"]), pool) == len(toy.items) == len(pool.drawn)
    before = tree(tmp_path)
    pool.drawn.clear()
    assert export(job(toy, tmp_path, ["kinetics", "webdataset"]), pool) == 0 and not pool.drawn
    assert tree(tmp_path) == before


def test_what_was_finished_before_an_engine_died_stays(toy, make_pool, exported, tmp_path):
    with pytest.raises(EngineDied):
        export(job(toy, tmp_path), make_pool(dies_at=5))
    rest = make_pool()
    export(job(toy, tmp_path), rest)
    assert len(rest.drawn) == len(toy.items) - 5
    assert tree(tmp_path) == tree(exported)


def _killed(root, data, pool, renames):
    """Export, and be killed at the n-th rename."""
    real, count = os.replace, iter(range(renames))

    def replace(*paths):
        if next(count, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)
        real(*paths)

    os.replace = replace
    export(job(data, root), pool)


@pytest.mark.parametrize("renames", [0, 1, 13, 37, 90, 118])
def test_killed_at_any_moment_the_same_command_ends_with_the_same_bytes(toy, make_pool, exported, tmp_path, renames):
    process = multiprocessing.get_context("fork").Process(target=_killed, args=(tmp_path, toy, make_pool(), renames))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    export(job(toy, tmp_path), make_pool())
    assert tree(tmp_path) == tree(exported)


def test_a_layout_can_be_added_and_only_its_passes_are_drawn(toy, make_pool, exported, tmp_path):
    export(job(toy, tmp_path, ["kinetics"]), make_pool())
    more = make_pool()
    export(job(toy, tmp_path, ["kinetics", "ntu"]), more)
    assert {passes for _, passes in more.drawn} == {("joints",)} and len(more.drawn) == len(toy.items)
    assert "| layouts | kinetics, ntu |" in (tmp_path / "README.md").read_text()
    same = {name: content for name, content in tree(exported).items() if name.startswith(("kinetics/", "ntu/"))}
    assert same.items() <= tree(tmp_path).items()


def test_clips_that_cannot_be_drawn_are_said_after_all_others_and_tried_again(toy, make_pool, exported, tmp_path):
    """Also those of layouts that need other passes."""
    lost = [toy.items[0].spec, toy.items[-1].spec]
    given = job(toy, tmp_path)
    with pytest.raises(ClipsQuarantined, match="2 clips could not be drawn"):
        export(given, make_pool(refused=lost))
    told = (tmp_path / ".ceteris" / "faults.jsonl").read_text().splitlines()
    assert len(told) == 3 and json.loads(told[-1])["end"]["drawn"] == len(toy.items) - 2
    rest = make_pool()
    export(given, rest)
    assert {spec for spec, _ in rest.drawn} == set(lost)
    (tmp_path / ".ceteris" / "faults.jsonl").unlink()
    assert tree(tmp_path) == tree(exported)


def with_the_first_three(toy, root):
    """A store of the first three clips, frames and joints."""
    store = ClipStore(root)
    for item in toy.items[:3]:
        arrays = {name: array for name, array in toy_arrays(item.spec).items() if name in ("frames", "joints")}
        camera = dataclasses.asdict(resolve(item.spec).camera)
        store.write(item.id, item.spec, arrays, digests={}, camera=camera)
    return store


def test_a_broken_clip_of_the_store_is_drawn_instead(toy, pool, exported, tmp_path):
    store = with_the_first_three(toy, tmp_path / "store")
    first, second, _ = (store.folder(item.id) for item in toy.items[:3])
    (first / "manifest.json").write_text("{")
    (second / "frames.avi").write_bytes(b"")
    export(job(toy, tmp_path / "out", ["webdataset"], store=store), pool)
    assert [spec for spec, _ in pool.drawn] == [item.spec for item in [*toy.items[:2], *toy.items[3:]]]


def test_clips_of_the_store_are_not_drawn(toy, pool, exported, tmp_path):
    store = with_the_first_three(toy, tmp_path / "store")
    export(job(toy, tmp_path / "out", ["webdataset", "ntu"], store=store), pool)
    assert [spec for spec, _ in pool.drawn] == [item.spec for item in toy.items[3:]]
    same = {name: content for name, content in tree(exported).items() if name.startswith(("webdataset/", "ntu/"))}
    assert same.items() <= tree(tmp_path / "out").items()


def test_a_folder_of_another_data_set_or_of_other_settings_is_refused(toy, pool, tmp_path):
    export(job(toy, tmp_path, ["kinetics", "coco"]), pool)
    for other in (toy_data(("squat", "wave")), toy_data(video=Video(crf=30))):
        with pytest.raises(ExportError, match="holds another data set"):
            export(job(other, tmp_path, ["kinetics"]), pool)
    with pytest.raises(ExportError, match=r"was made with .*'quality': 95.* not .*'quality': 50"):
        export(Job(data=toy, formats=[open_format("coco", {"quality": 50})], root=tmp_path), pool)


def test_a_layout_that_was_deleted_is_made_again_also_with_other_settings(toy, make_pool, exported, tmp_path):
    export(job(toy, tmp_path, ["kinetics", "coco"]), make_pool())
    shutil.rmtree(tmp_path / "coco")
    again = make_pool()
    export(job(toy, tmp_path, ["kinetics", "coco"]), again)
    assert len(again.drawn) == len(toy.items)
    for name, content in tree(tmp_path).items():
        assert not name.startswith(("coco/", "kinetics/")) or content == tree(exported)[name]
    shutil.rmtree(tmp_path / "coco")
    export(Job(data=toy, formats=[open_format("coco", {"picture": "png"})], root=tmp_path), make_pool())
    assert not list(tmp_path.glob("coco/*/*.jpg")) and list(tmp_path.glob("coco/*/*.png"))
    assert "| layouts | coco, kinetics |" in (tmp_path / "README.md").read_text()


def test_a_leak_is_found_before_anything_is_drawn(toy, pool, tmp_path):
    moved = (dataclasses.replace(toy.items[0], split="test"), *toy.items[1:])
    with pytest.raises(LeakedSplit, match="motion 'authored/squat/train-0'"):
        export(job(dataclasses.replace(toy, items=moved), tmp_path), pool)
    assert not pool.drawn and not list(tmp_path.iterdir())


def test_two_runs_do_not_write_to_one_folder(toy, pool, tmp_path):
    with Ledger(tmp_path), pytest.raises(ExportError, match="another run is writing"):
        export(job(toy, tmp_path), pool)


def test_a_failing_disk_is_told(toy, pool, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Files, "write", full)
    with pytest.raises(ExportError, match="No space left"):
        export(job(toy, tmp_path), pool)


def test_a_folder_that_cannot_be_written_and_a_damaged_ledger_are_named(toy, pool, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match="cannot be written to"):
        export(job(toy, tmp_path / "file"), pool)
    export(job(toy, tmp_path, ["ntu"]), pool)
    entry = next((tmp_path / ".ceteris" / "done").glob("*/*.json"))
    entry.write_text("{")
    with pytest.raises(ExportError, match=f"{entry.name} is damaged"):
        export(job(toy, tmp_path, ["ntu"]), pool)


def test_shards_that_are_gone_are_missed(toy, pool, tmp_path):
    export(job(toy, tmp_path, ["webdataset"]), pool)
    (tmp_path / "webdataset" / "train-000000.tar").unlink()
    with pytest.raises(ExportError, match=r"train-000000\.tar is gone"):
        export(job(toy, tmp_path, ["webdataset"]), pool)


def test_files_stay_in_their_folder(tmp_path):
    (tmp_path / "work").mkdir()
    with pytest.raises(ExportError, match="lies outside"):
        Files(tmp_path / "root", tmp_path / "work").write("../else", b"")
