"""`python -m experiments.run conf=train`: fits a model and measures what it can do.

Two sources of clips: those that Ceteris draws and renders (`train.design`, see `training.generated`), and recordings
of a data set (`train.recordings`, see `training.recorded`). What either gives is fitted, measured and written down by
`training.core`; the model's folder is a card and weights that every study can name.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from experiments.settings import table


def run_training(config: Mapping, out: Path) -> Path | None:
    """Train the model of a composed config; returns its folder under `out` (None for plan_only)."""
    if table("train", config["train"]).get("recordings"):
        from experiments.training.recorded import run_recorded

        return run_recorded(config, out)
    from experiments.training.generated import run_generated

    return run_generated(config, out)
