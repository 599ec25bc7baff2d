"""Runs whose processes are killed at random moments end as one that was not, and draw nothing twice.

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
RENDER = """
import dataclasses, logging, sys
from synth.clips import ClipStore
from synth.engine import open_engine
from synth.factors import ClipSpec, Environment, MotionRef, Viewpoint
from synth.render import identify, render_missing

logging.basicConfig(level=logging.INFO)
base = ClipSpec(motion=MotionRef(activity="squat"), environment=Environment(name="plane"), num_frames=8)
specs = [
    dataclasses.replace(base, motion=MotionRef(activity=name), viewpoint=Viewpoint(azimuth_deg=azimuth))
    for name in ("squat", "wave", "walk", "box") for azimuth in range(0, 360, 45)
]
with open_engine(workers=1, backoff_s=0, attempts=1000) as pool:
    render_missing(identify(specs, pool), store=ClipStore(sys.argv[1]), pool=pool)
"""
STUDY = [
    "conf=viewpoint", "models=[frontal]", "study.activities=[squat,wave]", "study.replicates=1",
    "study.sweeps.orbit.values=[0,90,180]", "~study.sweeps.orbit_lit", "study.sweeps.turntable.values=[0,90]",
    "study.sweeps.elevation.values=[10,40]", "study.sweeps.distance.values=[2.5,3.5]", "study.floor_repeats=0",
    "~study.effects", "workers=1", "engine.backoff_s=0", "engine.attempts=50",
]  # fmt: skip


def launch(store: Path, *line: str) -> subprocess.Popen:
    store.mkdir(exist_ok=True)
    with open(store / "log.txt", "ab") as log:
        return subprocess.Popen([sys.executable, *line], cwd=ROOT, stdout=log, stderr=log)


def render(store: Path) -> subprocess.Popen:
    return launch(store, "-c", RENDER, str(store))


def study(store: Path, out: str = "run") -> subprocess.Popen:
    return launch(store, "-m", "experiments.run", *STUDY, f"store.root={store}", f"hydra.run.dir={store}/{out}")


def finish(run: subprocess.Popen, store: Path) -> None:
    assert run.wait(300) == 0, (store / "log.txt").read_text()[-3000:]


def tables(store: Path, out: str = "run") -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (store / out / "report" / "tables").glob("*.csv")}


def files(store: Path) -> dict[str, bytes]:
    """Every file of every finished clip."""
    folders = [path.parent for path in store.glob("clips/??/*/manifest.json")]
    return {str(p.relative_to(store)): p.read_bytes() for f in folders for p in f.glob("[!.]*")}


def made(store: Path) -> dict[Path, int]:
    """When the manifest of each finished clip was written."""
    return {path: path.stat().st_mtime_ns for path in store.glob("clips/??/*/manifest.json")}


def kill_something(run: subprocess.Popen, dice: random.Random) -> None:
    """One of its engines, or itself."""
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(run.pid)], capture_output=True, text=True).stdout
    victims = [int(pid) for pid in listed.split()]
    if victims and dice.random() < 0.5:
        try:
            os.kill(dice.choice(victims), signal.SIGKILL)
        except ProcessLookupError:
            return
    else:
        run.kill()
        run.wait()


def test_killed_at_random_moments_nothing_is_lost_or_drawn_twice(tmp_path):
    begin, whole = time.monotonic(), tmp_path / "whole"
    finish(render(whole), whole)
    dice, longest_s = random.Random(KILLS), time.monotonic() - begin
    number, kept, run = 0, {}, None
    for _ in range(KILLS):
        store = tmp_path / str(number)
        if run is None or run.poll() is not None:
            run = render(store)
        time.sleep(dice.uniform(0.0, longest_s))
        kill_something(run, dice)
        assert kept.items() <= made(store).items(), "a finished clip was lost, or drawn again"
        kept = made(store)
        if run.poll() == 0:
            assert files(store) == files(whole)
            number, kept = number + 1, {}
    store = tmp_path / str(number)
    run.wait(300)  # which may have lost its engine before that was ready
    finish(render(store), store)
    assert kept.items() <= made(store).items() and files(store) == files(whole)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> Path:
    store = tmp_path_factory.mktemp("undisturbed")
    finish(study(store), store)
    return store


def test_a_study_that_is_killed_and_two_at_a_time_end_in_the_same_tables(undisturbed, tmp_path):
    dice, run = random.Random(1), study(tmp_path, "one")
    while not list(tmp_path.glob("clips/??/*/manifest.json")):
        assert run.poll() is None
        time.sleep(0.05)
    kill_something(run, dice)
    run.kill()
    run.wait()
    kept, both = made(tmp_path), [study(tmp_path, "one"), study(tmp_path, "two")]
    for run in both:
        finish(run, tmp_path)
    assert kept.items() <= made(tmp_path).items()
    assert files(tmp_path) == files(undisturbed)
    assert tables(tmp_path, "one") == tables(tmp_path, "two") == tables(undisturbed)


def test_a_broken_clip_is_met_said_and_drawn_again(undisturbed):
    before, clip = files(undisturbed), next(undisturbed.glob("clips/??/*/frames.avi"))
    content = bytearray(clip.read_bytes())
    content[len(content) // 2] ^= 1
    clip.write_bytes(content)
    for path in undisturbed.glob("scores/*/*.npz"):
        path.unlink()  # so that the clip is read
    finish(study(undisturbed), undisturbed)
    assert files(undisturbed) == before
    assert "is broken, is taken away and drawn again" in (undisturbed / "log.txt").read_text()
