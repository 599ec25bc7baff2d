"""Recordings on a page: what is said of their agreement with a curve, where they stand on a chart, and the figure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from experiments.analysis import agreement as agreed
from experiments.report.axis import Axis, make_axis
from experiments.report.figures import closed, dress
from experiments.report.look import activity_title, colour_of
from experiments.report.panel import path
from experiments.report.study import Study
from experiments.report.words import p_equals
from experiments.verify.compare import UNMOVED

MARK = (0.026, 0.11)  # of a chart's width and height: nearer marks cover one another
SHAPES = "os^DvPX<>*hp"
PANEL_INCHES = (3.7, 2.0)
LINE_INCHES, NAMES = 0.22, 6  # of the figure's legend; names in a row for each column of charts
CURVE_WORDS = "the curve of rendered clips"


def rho_text(value: float) -> str:
    """A correlation with two decimals and a true minus sign; an en dash for NaN."""
    return "–" if math.isnan(value) else f"{value:.2f}".replace("-", "−")


def sentence(row: Mapping) -> str:
    """What one model's recordings of one activity say of its curve, as the end of a sentence that begins with the
    model's name."""
    of = f"{count(row['n'], 'recording')} from {count(row['viewpoints'], 'viewpoint')}"
    rho = f"rank correlation {rho_text(row['rho'])}"
    if row["low"] < row["high"]:
        rho += f" ({rho_text(row['low'])} to {rho_text(row['high'])} within the azimuths' error)"
    numbers = of if math.isnan(row["rho"]) else f"{rho}, p {p_equals(row['p_error'])}, {of}"
    if row["verdict"] == agreed.FEW:
        return f"cannot be judged on {of}: at least {row['needed']} viewpoints are needed{_why(row)}"
    return {
        agreed.AGREES: f"scores recordings in the order of {CURVE_WORDS}: {numbers}",
        agreed.SHAKY: (
            f"scores recordings in the order of {CURVE_WORDS} at the azimuths as written (p {p_equals(row['p'])}), but "
            f"the azimuths are not known well enough to conclude it: {numbers}"
        ),
        agreed.CHANCE: f"does not score recordings in the order of {CURVE_WORDS} beyond chance: {numbers}",
        agreed.FLAT: f"gives no order to compare: the curve, or the scores of the recordings, are all alike ({of})",
        agreed.COARSE: f"cannot be judged: no p under {row['least_p']:.3f} exists ({numbers})",
        UNMOVED: f"has no curve that recordings could follow: it does not move beyond its floor ({numbers})",
    }[row["verdict"]]


def _why(row: Mapping) -> str:
    """Why so few viewpoints conclude nothing, with what they say; nothing of a single one, which has no order."""
    if row["viewpoints"] < 2 or math.isnan(row["rho"]):
        return ""
    return (
        f", since with {row['viewpoints']} no p under 1/{math.factorial(row['viewpoints'])} exists, and none that "
        f"survives an exchange of two neighbours (rank correlation {rho_text(row['rho'])})"
    )


def count(number: int, noun: str) -> str:
    """'1 recording', '7 recordings'."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def marks(own: pd.DataFrame, axis: Axis) -> list[dict]:
    """Where the recordings of one model and activity stand on its chart, all in [0, 1]: at, left (moved aside where
    another mark would be covered) and top; bar, the azimuth's error as (left, width), cut off at the chart's edge; and
    the row's own."""
    out: list[dict] = []
    for row in own.sort_values("azimuth_deg", kind="stable").to_dict("records"):
        at = _at(row["azimuth_deg"], axis)
        top = 1.0 - row["score"]
        out.append({**row, "at": at, "left": _aside(at, top, out), "top": top, "bar": _bar(row, axis)})
    return out


def _at(azimuth_deg: float, axis: Axis) -> float:
    """The place of an azimuth, which may lie a little beyond the axis' ends."""
    step = (axis.positions[-1] - axis.positions[0]) / (axis.values[-1] - axis.values[0])
    return float(axis.positions[0] + step * (azimuth_deg - axis.values[0]))


def _aside(at: float, top: float, placed: Sequence[Mapping]) -> float:
    """The nearest place to `at` at which a mark covers none of those that are placed."""
    near = [mark["left"] for mark in placed if abs(mark["top"] - top) < MARK[1]]
    tried = sorted(
        (at + side * step * MARK[0] / 2 for step in range(40) for side in (1, -1)), key=lambda x: abs(x - at)
    )
    return next((x for x in tried if all(abs(x - other) >= MARK[0] - 1e-9 for other in near)), at)


def _bar(row: Mapping, axis: Axis) -> tuple[float, float]:
    ends = [_at(row["azimuth_deg"] + side * row["azimuth_error_deg"], axis) for side in (-1, 1)]
    low, high = np.clip(ends, 0.0, 1.0)
    return float(low), float(high - low)


def person_paths(own: pd.DataFrame, axis: Axis) -> list[str]:
    """The recordings of each person with two and more of them as a path, in the order of their azimuths."""
    out = []
    for _, part in own.groupby("person", sort=False):
        if len(part) > 1:
            part = part.sort_values("azimuth_deg")
            at = np.interp(part["azimuth_deg"], axis.values, axis.positions)
            out.append(path(at, part["score"].to_numpy()))
    return out


def figure(study: Study, sweep: Mapping, recordings: pd.DataFrame) -> plt.Figure:
    """Curves with their intervals, and on them the recordings, a shape for each person, with the error of the azimuth;
    a row per activity, a column per model."""
    activities, columns = list(dict.fromkeys(recordings["activity"])), len(study.models)
    people = list(dict.fromkeys(recordings["person"]))
    shape = {name: SHAPES[k % len(SHAPES)] for k, name in enumerate(people)}
    named = shape if len(shape) <= len(SHAPES) else {}  # a shape that two people share names nobody
    legend = LINE_INCHES * math.ceil(len(named) / (NAMES * columns))
    size = (PANEL_INCHES[0] * columns, PANEL_INCHES[1] * len(activities) + 0.6 + legend)
    drawn, grid = plt.subplots(len(activities), columns, figsize=size, sharey=True, squeeze=False)
    for line, activity in zip(grid, activities, strict=True):
        for axes, (index, model) in zip(line, enumerate(study.models), strict=True):
            curve = study.of("curves", activity, sweep)
            own = recordings[(recordings["model"] == model) & (recordings["activity"] == activity)]
            _draw(axes, curve[curve["model"] == model], own, study, sweep, colour=colour_of(index), shape=shape)
            axes.set_title(f"{activity_title(activity)}, {model}")
        line[0].set_ylabel("score")
    if named:
        _name(drawn, named, NAMES * columns)
    drawn.supxlabel(f"{sweep['title']} (°)", fontsize=8, y=0.06 / size[1])
    top, bottom = 1 - (0.3 + legend) / size[1], 0.6 / size[1]
    drawn.subplots_adjust(left=0.08, right=0.98, top=top, bottom=bottom, hspace=0.6, wspace=0.1)
    return drawn


def _name(drawn: plt.Figure, shape: Mapping[str, str], a_row: int) -> None:
    """The legend: whose recordings have which shape."""
    how = {"linestyle": "none", "mfc": "white", "mec": "0.35", "ms": 4.5, "mew": 1.1}
    names = [plt.Line2D([], [], marker=marker, label=person, **how) for person, marker in shape.items()]
    drawn.legend(handles=names, loc="upper right", ncols=min(a_row, len(names)), handletextpad=0.1, columnspacing=0.9)


def _draw(
    axes: plt.Axes,
    curve: pd.DataFrame,
    own: pd.DataFrame,
    study: Study,
    sweep: Mapping,
    *,
    colour: str,
    shape: Mapping[str, str],
) -> None:
    look = study.look(sweep["factor"])
    axis = make_axis(np.sort(curve["value"].unique()), look)
    shown = closed(curve, axis)
    axes.fill_between(shown["value"], shown["score_low"], shown["score_high"], color=colour, alpha=0.16, linewidth=0)
    axes.plot(shown["value"], shown["score"], color=colour)
    for person, part in own.groupby("person", sort=False):
        part = part.sort_values("azimuth_deg")
        at, score, error = (part[name] for name in ("azimuth_deg", "score", "azimuth_error_deg"))
        if len(part) > 1:
            axes.plot(at, score, color=colour, linewidth=0.7, linestyle=(0, (2, 2)))
        how = {"ecolor": colour, "elinewidth": 0.7, "mfc": "white", "mec": colour, "ms": 4.5, "mew": 1.1}
        axes.errorbar(at, score, xerr=error, fmt=shape[person], linestyle="none", **how)
    axes.set_xlim(-8, 368)
    dress(axes, look, axis)
