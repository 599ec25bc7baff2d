"""Horizontal bars for shares of something: a group per factor, a bar per model, for the page and as a figure.

A bar is the total share: the main share dark, the rest of it lighter, the total's interval as a line. Nothing is cut
off: the axis reaches from 0 to 1 and on to whatever an estimate or an interval reaches beyond.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from experiments.report.words import points

INK = "#6e7781"


@dataclass(frozen=True, kw_only=True)
class Group:
    """Bars under one title. rows: model, main, total, total_low and total_high (NaN where there is no interval); a bar
    each. faint: set back, as what is shown for comparison only."""

    title: str
    rows: Sequence[Mapping]
    faint: bool = False


def scale_of(groups: Sequence[Group]) -> tuple[float, float]:
    """Both ends of the axis, in shares."""
    names = ("main", "total", "total_low", "total_high")
    reached = np.array([[row[name] for name in names] for group in groups for row in group.rows], dtype=float)
    return min(0.0, np.floor(np.nanmin(reached) * 20) / 20), max(1.0, np.ceil(np.nanmax(reached) * 20) / 20)


def chart(groups: Sequence[Group]) -> dict:
    """For the template `bars.html.j2`: the groups with bars as places in per cent of the axis, and its ticks."""
    low, high = scale_of(groups)
    shown = [{"title": g.title, "faint": g.faint, "bars": [_bar(row, low, high) for row in g.rows]} for g in groups]
    stops = np.arange(np.ceil(low * 4) / 4, high + 1e-9, 0.25)
    return {"groups": shown, "ticks": [(100 * (at - low) / (high - low), at) for at in stops]}


def _bar(row: Mapping, low: float, high: float) -> dict:
    """start and width of the dark part, of the light part and of the line, and where the number stands."""

    def between(start: float, end: float) -> tuple[float, float]:
        return 100 * (start - low) / (high - low), max(100 * (end - start) / (high - low), 0.0)

    main, total = row["main"], row["total"]
    line = between(row["total_low"], row["total_high"]) if np.isfinite(row["total_low"]) else None
    ends = [*between(low, max(main, total))[1:], *([sum(line)] if line else [])]
    return {
        **row,
        "dark": between(min(main, 0.0), max(main, 0.0)),
        "light": between(max(main, 0.0), total),
        "line": line,
        "end": max(ends),
    }


def figure(groups: Sequence[Group], colours: Mapping[str, str], xlabel: str) -> plt.Figure:
    """The same in matplotlib. colours: model -> colour, in the order of the bars."""
    step = 0.8 / len(colours)
    inches = (0.3 + 0.14 * len(colours)) * len(groups) + 1.0
    drawn, axes = plt.subplots(figsize=(6.4, inches))
    for j, group in enumerate(groups):
        for k, row in enumerate(group.rows):
            at = j + (k - (len(colours) - 1) / 2) * step
            _draw(axes, row, at, height=0.82 * step, colour=colours[row["model"]], label=j == 0)
    low, high = scale_of(groups)
    axes.set_xlim(low, high)
    axes.set_ylim(len(groups) - 0.45, -0.55)
    axes.grid(axis="y", visible=False)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.xaxis.set_major_locator(plt.MultipleLocator(0.25))
    axes.xaxis.set_major_formatter(lambda share, _: f"{points(share)} %")
    axes.set_yticks(range(len(groups)), [group.title for group in groups])
    axes.set_xlabel(xlabel)
    drawn.legend(loc="upper right", ncols=len(colours), labelcolor="linecolor")
    drawn.subplots_adjust(left=0.2, right=0.97, top=1 - 0.34 / inches, bottom=0.5 / inches)
    return drawn


def _draw(axes: plt.Axes, row: Mapping, at: float, *, height: float, colour: str, label: bool) -> None:
    main, total, start = row["main"], row["total"], max(row["main"], 0.0)
    axes.barh(at, main, height=height, color=colour, label=row["model"] if label else None)
    axes.barh(at, max(total - start, 0.0), left=start, height=height, color=colour, alpha=0.35)
    axes.plot([row["total_low"], row["total_high"]], [at, at], color=INK, linewidth=1.1)
