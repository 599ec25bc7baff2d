"""The main job as a user runs it, small: twice, killed in the middle, and with mistakes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SMALL = [
    "study.activities=[squat,wave]",
    "study.replicates=2",
    "study.sweeps.orbit.values=[0,90,180]",
    "study.sweeps.turntable.values=[0,90]",
    "study.sweeps.elevation.values=[10,40]",
    "study.sweeps.distance.values=[2.5,3.5]",
    "study.floor_repeats=1",
    "study.effects.rows=2",
    "study.effects.factors.appearance=[ana,ben]",
    "study.effects.factors.environment=[lawn,plane]",
]


def command(store: Path, *overrides: str) -> list[str]:
    run = [sys.executable, "-m", "experiments.run", "conf=viewpoint", *SMALL, f"store.root={store}"]
    return [*run, f"hydra.run.dir={store}/run", *overrides]


def finish(store: Path, *overrides: str, code: int = 0) -> str:
    done = subprocess.run(command(store, *overrides), cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def clips(store: Path) -> dict[str, bytes]:
    """Every file of every finished clip, by its path within the store."""
    folders = [path.parent for path in store.glob("clips/??/*/manifest.json")]
    return {str(p.relative_to(store)): p.read_bytes() for f in folders for p in f.iterdir() if p.name[0] != "."}


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    store = tmp_path_factory.mktemp("finished")
    output = finish(store)
    assert "Report: " in output
    return store


def test_the_run_ends_with_a_report_that_holds_its_curves(finished):
    page = finished / "run" / "report" / "report.html"
    assert page.stat().st_size > 50_000 and "squat" in page.read_text()
    assert list(page.parent.glob("figures/*.svg")) and list(page.parent.glob("tables/*.csv"))


def test_a_second_run_draws_nothing_and_says_so(finished):
    before = {p: p.stat().st_mtime_ns for p in finished.glob("clips/??/*/*")}
    output = finish(finished)
    assert "nothing to draw" in output and "0 clips scored" in output
    assert {p: p.stat().st_mtime_ns for p in finished.glob("clips/??/*/*")} == before


def test_killed_in_the_middle_and_resumed_equals_an_undisturbed_run(finished, tmp_path):
    with subprocess.Popen(command(tmp_path), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        deadline = time.monotonic() + 200
        while len(clips(tmp_path)) < 12:
            assert run.poll() is None and time.monotonic() < deadline, "the run ended before it could be killed"
            time.sleep(0.02)
        run.send_signal(signal.SIGKILL)
    left = clips(tmp_path)
    assert 0 < len(left) < len(clips(finished))
    finish(tmp_path)
    assert clips(tmp_path) == clips(finished)


def test_no_engine_outlives_a_killed_run(tmp_path):
    marker = f"study.seed={os.getpid()}"
    run = subprocess.Popen(command(tmp_path, marker), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    engines: list[int] = []
    deadline = time.monotonic() + 100
    while not engines and time.monotonic() < deadline:
        time.sleep(0.1)
        engines = children(run.pid)
    run.kill()
    run.wait()
    while any(alive(pid) for pid in engines) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert engines and not any(alive(pid) for pid in engines)


def children(pid: int) -> list[int]:
    """Processes whose parent is `pid` and which run the stage."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(status.read_text().rsplit(")", 1)[1].split()[1])
            runs_stage = b"synth.stage" in (status.parent / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == pid and runs_stage:
            found.append(int(status.parent.name))
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_plan_only_prints_the_plan_and_draws_nothing(tmp_path):
    output = finish(tmp_path, "plan_only=true")
    assert "expected:" in output and "minutes" in output and not clips(tmp_path)


@pytest.mark.parametrize(
    ("override", "says"),
    [
        ("conf=viewpiont", "did you mean 'viewpoint'"),
        ("models=[frontl]", "did you mean 'frontal'"),
        ("study.activities=[squad]", "its nearest by name: 'squat'"),
        ("study.appearances=[anna]", "did you mean 'ana'"),
        ("study.environment=laun", "did you mean 'lawn'"),
        ("study.sweeps.distance.values=[0.2,3.5]", "expected a number from 0.8 to 100 m"),
        ("study.clip.fov_deg=0", "field of view"),
        ("study.clip.num_frames=3", "too short"),
        ("device=cuda:7", "cuda:7"),
        ("motion=cmu", "assets.root"),
        ("motion.source=kinect", "kinect"),
    ],
)
def test_a_mistake_ends_with_its_message_and_no_traceback(tmp_path, override, says):
    output = finish(tmp_path, override, "plan_only=true", code=1 if override.startswith("conf=") else 2)
    assert says in output and "Traceback" not in output
