"""The figures as files, SVG and PNG: small multiples, an activity each, all models over each other."""

from __future__ import annotations

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from experiments.report.axis import Axis, make_axis
from experiments.report.look import FactorLook, activity_title, colour_of, factor_look
from experiments.report.study import Study

COLUMNS = 3
PANEL_INCHES = (2.7, 1.75)


def small_multiples(study: Study, sweep: dict, *, plain: bool = False) -> plt.Figure:
    """The score curves of one sweep, a panel per activity. plain: only mean and interval."""
    activities = study.activities
    columns = min(COLUMNS, len(activities))
    rows = -(-len(activities) // columns)
    size = (PANEL_INCHES[0] * max(columns, 2), PANEL_INCHES[1] * rows + 0.6)
    figure, grid = plt.subplots(rows, columns, figsize=size, sharey=True, squeeze=False)
    swept = study.of("curves", activities[0], sweep)["value"].unique()
    axis = make_axis(np.sort(swept), study.look(sweep["factor"]))
    for axes, activity in zip(grid.flat, activities, strict=False):
        for index, model in enumerate(study.models):
            _draw(axes, study, sweep, activity=activity, model=model, colour=colour_of(index), axis=axis, plain=plain)
        axes.set_title(activity_title(activity))
        dress(axes, study.look(sweep["factor"]), axis)
    for axes in grid.flat[len(activities) :]:
        axes.set_visible(False)
    for axes in grid[:, 0]:
        axes.set_ylabel("score")
    unit = factor_look(sweep["factor"]).unit.strip()
    _frame(figure, study.models, f"{sweep['title']} ({unit})" if unit else sweep["title"], size[1])
    return figure


def _frame(figure: plt.Figure, models: list[str], title: str, height: float) -> None:
    """The legend above, the factor's name below, and margins of fixed size in inches."""
    names = [plt.Line2D([], [], color=colour_of(k), label=name) for k, name in enumerate(models)]
    figure.legend(handles=names, loc="upper right", ncols=len(names), labelcolor="linecolor")
    figure.supxlabel(title, fontsize=8, y=0.08 / height)
    margins = {"top": 1 - 0.48 / height, "bottom": 0.6 / height}
    figure.subplots_adjust(left=0.06, right=0.985, hspace=0.62, wspace=0.1, **margins)


def _one(table: pd.DataFrame, model: str) -> pd.DataFrame:
    return table[table["model"] == model]


def closed(table: pd.DataFrame, axis: Axis) -> pd.DataFrame:
    """The rows of a curve in the order of the axis, the first one again at the end where it is closed."""
    return table.sort_values("value").iloc[axis.column].assign(value=axis.values)


def _draw(
    axes: plt.Axes, study: Study, sweep: dict, *, activity: str, model: str, colour: str, axis: Axis, plain: bool
) -> None:
    own = _one(study.of("curves", activity, sweep), model)
    if own.empty:
        return
    if not plain:
        for _, block in _one(study.of("raw", activity, sweep), model).groupby("block"):
            shown = closed(block, axis)
            axes.plot(shown["value"], shown["score"], color=colour, alpha=0.25, linewidth=0.6)
        level = own.loc[np.isclose(own["value"], study.info["reference"][sweep["factor"]]), "score"].iloc[0]
        for edge in (-1, 1):
            height = level + edge * study.floor(activity, model)
            axes.axhline(height, color=colour, linestyle=(0, (1, 3)), linewidth=0.9)
    own = closed(own, axis)
    axes.fill_between(own["value"], own["score_low"], own["score_high"], color=colour, alpha=0.16, linewidth=0)
    axes.plot(
        own["value"],
        own["score"],
        color=colour,
        marker="o",
        markersize=0 if plain else 2.6,
        markevery=axis.stops.tolist(),
    )


def dress(axes: plt.Axes, look: FactorLook, axis: Axis) -> None:
    """Limits, scale, ticks with units, and the names of special values."""
    if axis.log:
        axes.set_xscale("log")
        axes.minorticks_off()
    names = [look.name_of(value) for value in axis.values]
    shown = [k for k, name in enumerate(names) if name or ((look.named or len(look.names) < 2) and k in axis.stops)]
    ticks = [(axis.values[k], names[k]) for k in shown]
    axes.set_xticks([v for v, _ in ticks], [f"{look.tick(v)}\n{n}".rstrip() for v, n in ticks])
    axes.set_ylim(-0.03, 1.03)
    axes.set_yticks([0, 0.5, 1], ["0", "0.5", "1"])
