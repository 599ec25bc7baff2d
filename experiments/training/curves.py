"""The course of a training run as a table and a picture: loss and accuracy by epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure


def write_curves(folder: Path, history: Sequence[Mapping[str, float]]) -> None:
    """Write history.csv and curves.png into `folder`; history as `fit` returns it."""
    table = pd.DataFrame(history)
    table.to_csv(folder / "history.csv", index=False)
    figure = Figure(figsize=(8, 3), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot(table["epoch"], table["loss"])
    left.set(xlabel="epoch", ylabel="loss (training clips)", ylim=(0, None))
    right.plot(table["epoch"], table["accuracy"], label="training clips, changed")
    if "held_out" in table:
        right.plot(table["epoch"], table["held_out"], label="held-out clips")
    right.set(xlabel="epoch", ylabel="accuracy", ylim=(0, 1))
    right.legend(frameon=False)
    for axis in (left, right):
        axis.spines[["top", "right"]].set_visible(False)
    figure.savefig(folder / "curves.png", dpi=120)
