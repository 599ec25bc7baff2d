"""A run whose processes are killed at random moments ends with the tables of one that was not, and draws nothing twice.

CETERIS_KILLS says how many moments (20 by default; 200 before a release).
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
KILLS = int(os.environ.get("CETERIS_KILLS", "20"))
SMALL = [
    "models=[frontal]", "study.activities=[squat,wave]", "study.replicates=1", "study.sweeps.orbit.values=[0,90,180]",
    "study.sweeps.turntable.values=[0,90]", "study.sweeps.elevation.values=[10,40]",
    "study.sweeps.distance.values=[2.5,3.5]", "study.floor_repeats=0", "~study.effects", "engine.workers=1",
    "engine.backoff_s=0", "engine.attempts=50",
]  # fmt: skip


def start(store: Path, out: str = "run") -> subprocess.Popen:
    line = [sys.executable, "-m", "experiments.run", "conf=viewpoint", *SMALL, f"store.root={store}"]
    with open(store / "log.txt", "ab") as log:
        return subprocess.Popen([*line, f"hydra.run.dir={store}/{out}"], cwd=ROOT, stdout=log, stderr=log)


def finish(store: Path) -> None:
    run = start(store)
    assert run.wait(300) == 0, (store / "log.txt").read_text()[-3000:]


def tables(store: Path, out: str = "run") -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (store / out / "report" / "tables").glob("*.csv")}


def files(store: Path) -> dict[str, bytes]:
    folders = [path.parent for path in store.glob("clips/??/*/manifest.json")]
    return {str(p.relative_to(store)): p.read_bytes() for f in folders for p in f.glob("[!.]*")}


def made(store: Path) -> dict[Path, int]:
    """When the manifest of each finished clip was written."""
    return {path: path.stat().st_mtime_ns for path in store.glob("clips/??/*/manifest.json")}


def engines(run: subprocess.Popen) -> list[int]:
    """The processes that the run has started."""
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(run.pid)], capture_output=True, text=True)
    return [int(pid) for pid in found.stdout.split()]


def kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> Path:
    store = tmp_path_factory.mktemp("undisturbed")
    begin = time.monotonic()
    finish(store)
    (store / "seconds").write_text(str(time.monotonic() - begin))
    return store


def test_killed_at_random_moments_it_ends_as_if_nothing_had_been(undisturbed, tmp_path):
    dice, longest_s = random.Random(KILLS), float((undisturbed / "seconds").read_text())
    kept: dict[Path, int] = {}
    run = None
    for _ in range(KILLS):
        if run is None or run.poll() is not None:
            run = start(tmp_path)
        time.sleep(dice.uniform(0.0, longest_s))
        victims = engines(run)
        if victims and dice.random() < 0.5:
            kill(dice.choice(victims))
        else:
            kill(run.pid)
            run.wait()
        now = made(tmp_path)
        assert kept.items() <= now.items(), "a finished clip was lost, or drawn again"
        kept = now
    if run.poll() is None:
        run.wait(300)
    finish(tmp_path)
    assert kept.items() <= made(tmp_path).items()
    assert files(tmp_path) == files(undisturbed)
    assert tables(tmp_path) == tables(undisturbed)


def test_two_runs_on_one_store_at_a_time_end_alike(undisturbed, tmp_path):
    both = [start(tmp_path, "one"), start(tmp_path, "two")]
    assert [run.wait(300) for run in both] == [0, 0], (tmp_path / "log.txt").read_text()[-3000:]
    assert files(tmp_path) == files(undisturbed)
    assert tables(tmp_path, "one") == tables(tmp_path, "two") == tables(undisturbed)


def test_a_broken_clip_is_met_said_and_drawn_again(undisturbed):
    before, clip = files(undisturbed), next(undisturbed.glob("clips/??/*/frames.avi"))
    content = bytearray(clip.read_bytes())
    content[len(content) // 2] ^= 1
    clip.write_bytes(content)
    for path in undisturbed.glob("scores/*/*.npz"):
        path.unlink()  # so that the clip is read
    finish(undisturbed)
    assert files(undisturbed) == before
    assert "is broken, is taken away and drawn again" in (undisturbed / "log.txt").read_text()
