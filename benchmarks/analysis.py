"""What analysis and report cost: from logits that are there to a finished page, on this machine.

    python -m benchmarks.analysis                               # 10,000 clips, 400 classes, one model
    python -m benchmarks.analysis --clips 2000 --classes 101 --models 2

A plan of the default study's kind, with as many values of azimuth, elevation and distance as make the clips; logits are
random with a planted curve, pictures are noise of the store's size. Judging, the table of rows, analysis and page are
timed one after the other; the last line is the whole, with the peak of resident memory.
"""

from __future__ import annotations

import argparse
import dataclasses
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd

from benchmarks.scenes import machine
from experiments.analysis import analyse
from experiments.plan import PlannedClip, plan, with_ids
from experiments.report import build
from experiments.score import _rows
from experiments.scoring.judge import judge
from experiments.study import Study
from experiments.sweeps import Sweep
from synth.arguments import whole
from synth.factors import Viewpoint

ACTIVITIES = ("push_up", "jumping_jack", "squat", "walk", "box", "wave")
PEOPLE = ("ana", "ben", "igor", "mei", "nia", "omar", "rosa", "tom")


class Noise:
    """A store whose clips are noise."""

    def read(self, clip_id: str, passes: Sequence[str]) -> dict[str, np.ndarray]:
        rng = np.random.default_rng(int(clip_id, 16) % 2**32)
        return {"frames": rng.integers(0, 255, (8, 112, 112, 3), dtype=np.uint8)}


def planned(count: int) -> tuple[Study, list[PlannedClip]]:
    """A study of about `count` clips, and its plan."""
    values = max(2, round(count / len(ACTIVITIES) / len(PEOPLE) / 3))
    study = Study(
        name="benchmark",
        title="Benchmark",
        question="What does it cost?",
        activities=ACTIVITIES,
        sweeps=(
            Sweep(name="azimuth", factor="azimuth", values=tuple(np.arange(values) * 360.0 / values)),
            Sweep(name="elevation", factor="elevation", values=tuple(np.linspace(0, 60, values).round(6))),
            Sweep(name="distance", factor="distance", values=tuple(np.linspace(2, 6, values).round(6))),
        ),
        reference=Viewpoint(elevation_deg=0.0, distance_m=2.0),
        replicates=len(PEOPLE),
        appearances=PEOPLE,
    )
    clips = plan(study)
    return study, with_ids(clips, {clip.spec: clip.spec.clip_id({}) for clip in clips})


def scored(clips: Sequence[PlannedClip], classes: int, model: int) -> pd.DataFrame:
    """Rows of one model whose logit of the right class falls from the front to the flanks."""
    logits = np.random.default_rng(model).normal(0, 1, (len(clips), classes)).astype(np.float32)
    truth = np.array([ACTIVITIES.index(clip.activity) for clip in clips])
    side = np.cos(np.deg2rad(2 * np.array([clip.spec.viewpoint.azimuth_deg for clip in clips])))
    logits[np.arange(len(clips)), truth] += 5 + 2 * side
    columns = judge(logits, [[k] for k in truth]) | {"person_in_view": np.full(len(clips), 0.05)}
    card = SimpleNamespace(name=f"model-{model}")
    return _rows(clips, card, dict.fromkeys(ACTIVITIES, SimpleNamespace(quality="exact")), columns)


def facts(study: Study) -> dict:
    """What the page wants to know of the study."""
    return {
        "name": study.name,
        "title": study.title,
        "question": study.question,
        "reference": study.references,
        "sweeps": [dataclasses.asdict(sweep) for sweep in study.sweeps],
        "held": {},
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=whole(100), default=10_000)
    parser.add_argument("--classes", type=whole(6), default=400)
    parser.add_argument("--models", type=whole(1), default=1)
    args = parser.parse_args(arguments)
    write = sys.stdout.write
    study, clips = planned(args.clips)
    write(f"{machine()}; {len(clips):,} clips, {args.classes} classes, {args.models} models\n")
    started = time.perf_counter()
    rows = pd.concat([scored(clips, args.classes, k) for k in range(args.models)], ignore_index=True)
    judged = time.perf_counter()
    analyse(rows, study.references)
    analysed = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        page = build(rows, study=facts(study), models=[], store=Noise(), out_dir=Path(folder))
        size = page.stat().st_size / 2**20
    built = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    write(f"judged and tabulated {judged - started:6.1f} s\nanalysis alone       {analysed - judged:6.1f} s\n")
    write(f"analysis and page    {built - analysed:6.1f} s, {size:.1f} MB\n")
    write(f"from logits to page  {judged - started + built - analysed:6.1f} s, peak resident memory {peak:.2f} GiB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
