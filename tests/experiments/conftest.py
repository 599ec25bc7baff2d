"""Score rows with planted answers, for the tests of the analysis and of the report."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

AZIMUTHS = np.arange(0.0, 360.0, 30.0)
VALUES = {
    "orbit": ("azimuth", AZIMUTHS),
    "turntable": ("azimuth", AZIMUTHS),
    "elevation": ("elevation", np.arange(-15.0, 76.0, 15.0)),
    "distance": ("distance", np.array([2.0, 2.5, 3.0, 3.5, 4.5, 6.0, 8.0])),
}
REFERENCE = {"azimuth": 0.0, "elevation": 0.0, "distance": 3.5}
COLUMNS = {
    "azimuth": "viewpoint.azimuth_deg",
    "elevation": "viewpoint.elevation_deg",
    "distance": "viewpoint.distance_m",
}


def toy_rows(
    score: Callable[[str, str, str, float], float],
    *,
    models: tuple[str, ...] = ("frontal", "all-round"),
    activities: tuple[str, ...] = ("squat", "walk"),
    sweeps: tuple[str, ...] = ("orbit", "turntable", "elevation", "distance"),
    replicates: int = 6,
    people: int = 4,
    spread: float = 0.03,
    noise: float = 0.01,
    repeats: int = 3,
    seed: int = 0,
) -> pd.DataFrame:
    """Rows whose mean score is `score(model, activity, factor, value)`.

    spread: standard deviation of motions and of appearances; noise: of single clips and of the floor's repeats.
    """
    rng = np.random.default_rng(seed)
    out = []
    for model in models:
        for activity in activities:
            shift = rng.normal(0, spread, replicates)
            by_person = rng.normal(0, spread, people)
            for sweep in sweeps:
                factor, values = VALUES[sweep]
                for r in range(replicates):
                    for value in values:
                        at_reference = sweep == "orbit" and value == REFERENCE[factor]
                        for repeat in range(1 + repeats * at_reference):
                            mean = score(model, activity, factor, float(value)) + shift[r] + by_person[r % people]
                            out.append(_row(model, activity, sweep, r, r % people, float(value), repeat))
                            out[-1]["score"] = float(np.clip(mean + rng.normal(0, noise), 0.0, 1.0))
    rows = pd.DataFrame(out)
    return rows.assign(top1=rows["score"] > 0.5, rank=np.where(rows["score"] > 0.5, 1, 2))


def _row(model: str, activity: str, sweep: str, replicate: int, person: int, value: float, repeat: int) -> dict:
    factor, _ = VALUES[sweep]
    mode = sweep if factor == "azimuth" else "orbit"
    view = {COLUMNS[name]: float(number) for name, number in REFERENCE.items()} | {COLUMNS[factor]: value}
    start = round(0.2 * replicate, 6)
    return {
        "clip_id": f"{activity}-{mode}-{replicate}-{'-'.join(f'{v:g}' for v in view.values())}-{repeat}",
        "model": model,
        "activity": activity,
        "motion": f"authored/{activity}/held-{replicate}",
        "source": "authored",
        "appearance": f"person-{person}",
        "design": "sweep",
        "sweep": sweep,
        "factor": factor,
        "value": value,
        "block": f"authored/{activity}/held-{replicate}#{replicate}",
        "cluster": f"authored/{activity}/held-{replicate}",
        "start_s": start,
        "repeat": repeat,
        "person_share": 0.1,
        "in_frame": 1.0,
        "motion.activity": activity,
        "motion.variant": f"held-{replicate}",
        "appearance.name": f"person-{person}",
        "environment.name": "lawn",
        "lighting.sun_azimuth_deg": 40.0,
        **view,
        "viewpoint.sweep": mode,
        "fps": 12.5,
        "num_frames": 8,
        "width": 112,
        "height": 112,
    }


@pytest.fixture(scope="session")
def make_rows() -> Callable[..., pd.DataFrame]:
    """`toy_rows`: rows with a planted curve."""
    return toy_rows


@pytest.fixture(scope="session")
def reference() -> dict[str, float]:
    """Reference values of the toy study."""
    return dict(REFERENCE)
