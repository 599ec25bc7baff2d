"""One chart of the page as plain numbers: paths in a 1000 x 1000 box that the template draws and stretches.

Text stands beside the drawing as HTML, so that it keeps its size when a chart is stretched to a narrow screen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from experiments.report.axis import Axis, make_axis
from experiments.report.look import FactorLook

SIZE = 1000.0
LABEL_GAP = 0.115
TICK_LABELS = 13
TICK_ROOM = 0.8  # of the distance of two labels: nearer to a named one, a label gives way
COMPACT_ROOM = 44  # characters under a compact chart


@dataclass(frozen=True, kw_only=True)
class Line:
    """One model's curve: SVG path data, its floor (heights in [0, SIZE]), label height in [0, 1] from the top, and per
    shown value the score and the accuracy."""

    model: str
    index: int
    line: str
    band: str
    dots: str
    raw: list[str]
    floor: tuple[float, float] | None
    label: float
    score: list[float]
    accuracy: list[float]


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A chart: its axis, how the factor is named, tick marks (position, text, name) and lines."""

    activity: str
    factor: str
    sweep: str
    axis: Axis
    look: FactorLook
    ticks: list[tuple[float, str, str]]
    lines: list[Line]

    @property
    def few_ticks(self) -> list[tuple[float, str, str]]:
        """The ticks of a compact chart: all of a factor that has names, those with a name where there are two and
        more, else as many at even steps as fit."""
        told = [(at, text, name.partition(" (")[0]) for at, text, name in self.ticks if name]
        if self.look.named or len(told) > 1:
            return self.ticks if self.look.named else told
        room = COMPACT_ROOM // (max(len(text) for _, text, _ in self.ticks) + 1)
        return self.ticks[:: -(-len(self.ticks) // room)]


def make_panel(
    curves: pd.DataFrame,
    *,
    raw: pd.DataFrame,
    floors: Mapping[str, float],
    models: Sequence[str],
    reference: float,
    look: FactorLook,
) -> Panel:
    """The chart of one activity and sweep.

    Args:
        curves: rows of `Tables.curves` of one activity, factor and sweep, all models.
        raw: rows of `Tables.raw` to be drawn thin behind, or none.
        floors: model -> floor in score, NaN where there is none.
        models: all models of the study in their order, which decides the colours.
        reference: the value around whose score the floor is drawn.
        look: how the factor is named.
    """
    first = curves.iloc[0]
    axis = make_axis(np.sort(curves["value"].unique()), look)
    lines = [
        _line(own, raw[raw["model"] == model], axis=axis, floor=floors[model], index=index, reference=reference)
        for index, model in enumerate(models)
        if len(own := curves[curves["model"] == model].sort_values("value"))
    ]
    return Panel(
        activity=first["activity"],
        factor=first["factor"],
        sweep=first["sweep"],
        axis=axis,
        look=look,
        ticks=_ticks(axis, look),
        lines=_spread(lines),
    )


def path(positions: np.ndarray, heights: np.ndarray, *, start: str = "M") -> str:
    """SVG path data through positions in [0, 1] from the left and heights in [0, 1] from the bottom."""
    x, y = positions * SIZE, (1.0 - heights) * SIZE
    return start + "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(x, y, strict=True))


def _line(own: pd.DataFrame, raw: pd.DataFrame, *, axis: Axis, floor: float, index: int, reference: float) -> Line:
    table = own.iloc[axis.column]
    at, score = axis.positions, table["score"].to_numpy()
    low, high = table["score_low"].to_numpy(), table["score_high"].to_numpy()
    band = "" if np.isnan(low).any() else path(at, high) + path(at[::-1], low[::-1], start="L") + "Z"
    blocks = raw.sort_values(["block", "value"])["score"].to_numpy().reshape(-1, len(own))
    return Line(
        model=own.iloc[0]["model"],
        index=index,
        line=path(at, score),
        band=band,
        dots="".join(
            f"M{x * SIZE:.1f} {(1 - y) * SIZE:.1f}h0" for x, y in zip(at[axis.stops], score[axis.stops], strict=True)
        ),
        raw=[path(at, block[axis.column]) for block in blocks],
        floor=_floor(own, floor, reference),
        label=1.0 - float(score[-1]),
        score=[float(v) for v in score],
        accuracy=[float(v) for v in table["accuracy"]],
    )


def _floor(own: pd.DataFrame, floor: float, reference: float) -> tuple[float, float] | None:
    """Top and bottom of the floor around the score at the reference value, in the drawing's units."""
    at_reference = own[np.isclose(own["value"], reference)]
    if np.isnan(floor) or at_reference.empty:
        return None
    score = float(at_reference["score"].iloc[0])
    return (1.0 - min(score + floor, 1.0)) * SIZE, (1.0 - max(score - floor, 0.0)) * SIZE


def _ticks(axis: Axis, look: FactorLook) -> list[tuple[float, str, str]]:
    """Every value where they are few, else every second or third, always with the named ones, which others make way
    for."""
    step = -(-len(axis.values) // TICK_LABELS)
    values = zip(axis.positions, axis.values, strict=True)
    all_of_them = [(float(at), value, look.name_of(value)) for at, value in values]
    named = [at for at, _, name in all_of_them if name]
    room = TICK_ROOM * float(np.diff(axis.positions[::step]).min(initial=1.0)) if step > 1 else 0.0
    return [
        (at, look.text(value), name)
        for k, (at, value, name) in enumerate(all_of_them)
        if name or (k % step == 0 and all(abs(at - other) >= room for other in named))
    ]


def _spread(lines: list[Line]) -> list[Line]:
    """Labels pushed apart so that none covers another."""
    order = sorted(range(len(lines)), key=lambda i: lines[i].label)
    heights = np.array([lines[i].label for i in order])
    for k in range(1, len(heights)):
        heights[k] = max(heights[k], heights[k - 1] + LABEL_GAP)
    if len(heights):
        heights -= max(0.0, heights[-1] - 1.0)
    placed = dict(zip(order, heights, strict=True))
    return [replace(line, label=float(placed[i])) for i, line in enumerate(lines)]
