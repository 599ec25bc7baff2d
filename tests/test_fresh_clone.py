"""README's first command, word for word apart from a smaller study, in a fresh clone with a fresh environment."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SMALL = (
    "study.activities=[squat] study.replicates=1 study.sweeps.orbit.values=[0,90] study.floor_repeats=0 "
    "study.effects=null"
)


def test_a_fresh_clone_installs_and_runs(tmp_path):
    clone = tmp_path / "ceteris"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    env = {k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "PYTHONPATH", "MAKEFLAGS")}
    make = ["make", "viewpoint", f"ARGS={SMALL}"]
    done = subprocess.run(make, cwd=clone, env=env, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Report: " in done.stdout
    installed = {path.name.split("-")[0].lower() for path in clone.glob(".venv/lib/*/site-packages/*.dist-info")}
    assert "opencv_python_headless" in installed and "opencv_python" not in installed
    status = subprocess.run(["git", "status", "--porcelain"], cwd=clone, capture_output=True, text=True, check=True)
    assert status.stdout == "", "a run leaves nothing in the clone that git would see"
