"""One factor swept in several ways, over each other: an orbit, an orbit with the sun and a turntable have the side of
the body in common; what they differ in is place, light, or both (design §4)."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from experiments.analysis import ALL
from experiments.report.axis import make_axis
from experiments.report.figures import dress
from experiments.report.look import activity_title, colour_of, factor_look
from experiments.report.panel import Panel, make_panel
from experiments.report.section import Section, part
from experiments.report.study import Study
from experiments.report.words import points

# What differs between two ways of sweeping the azimuth, all else being alike.
DIFFERS = {
    frozenset({"orbit", "orbit_lit"}): "the lit side and the shadow; the place behind is the same",
    frozenset({"orbit_lit", "turntable"}): "the place behind; the person is lit from the same side of the camera",
    frozenset({"orbit", "turntable"}): "the place behind, the lit side and the shadow",
}


def ways(study: Study) -> list[Section]:
    """A section per factor that is swept in more than one way, if at two equal values at least."""
    groups: dict[str, list[dict]] = {}
    for sweep in study.sweeps:
        groups.setdefault(sweep["factor"], []).append(sweep)
    return [_section(study, f, own) for f, own in groups.items() if len(own) > 1 and len(_shared(study, own)) > 1]


def _shared(study: Study, own: Sequence[dict]) -> set[float]:
    """The values that all ways have."""
    return set.intersection(*(set(study.of("curves", study.activities[0], sweep)["value"]) for sweep in own))


def _section(study: Study, factor: str, own: Sequence[dict]) -> Section:
    names = {sweep["sweep"]: k for k, sweep in enumerate(own)}
    table = gaps(study.tables.curves, factor, _modes(study, own))
    html = part(
        "sections/ways.html.j2",
        index=study.index,
        ways=names,
        title=factor_look(factor).title.lower(),
        plates=[
            (model, [_panel(study, activity, model, own) for activity in study.activities]) for model in study.models
        ],
        gaps=[{**row, "where": _where(study, row)} for row in table.to_dict("records")],
    )
    stem = f"{factor}_ways"
    figure = functools.partial(_figure, study, own)
    return Section(id=f"ways-{factor}", title="Ways round", html=html, figures={stem: figure}, tables={stem: table})


def _modes(study: Study, own: Sequence[dict]) -> dict[str, str]:
    known = {sweep["name"]: sweep.get("mode", sweep["name"]) for sweep in study.info.get("sweeps", ())}
    return {sweep["sweep"]: known.get(sweep["sweep"], sweep["sweep"]) for sweep in own}


def gaps(curves: pd.DataFrame, factor: str, modes: Mapping[str, str]) -> pd.DataFrame:
    """One row per model and pair of ways: first, second, differs (in what), mean and most, the mean and the largest
    absolute difference of the mean curves at equal values over all activities, in score; and where the largest is."""
    own = curves[(curves["factor"] == factor) & (curves["activity"] != ALL)]
    out, names = [], list(modes)
    for model, part_of in own.groupby("model", sort=False):
        wide = part_of.pivot_table(index=["activity", "value"], columns="sweep", values="score")
        for k, first in enumerate(names):
            for second in names[k + 1 :]:
                gap = (wide[first] - wide[second]).abs().dropna()
                if len(gap):
                    activity, value = gap.idxmax()
                    said = DIFFERS.get(frozenset({modes[first], modes[second]}), "the way of sweeping")
                    row = {"model": model, "first": first, "second": second, "differs": said, "mean": gap.mean()}
                    out.append({**row, "most": gap.max(), "activity": activity, "value": value})
    return pd.DataFrame(out)


def _where(study: Study, row: Mapping) -> str:
    where = study.look("azimuth").text(row["value"])
    return f"{activity_title(row['activity']).lower()} at {where}, {points(row['most'])}"


def _panel(study: Study, activity: str, model: str, own: Sequence[dict]) -> Panel:
    """The chart of one activity and model, a line per way, at the values that all ways have."""
    names = [sweep["sweep"] for sweep in own]
    rows = pd.concat([study.of("curves", activity, sweep) for sweep in own], ignore_index=True)
    rows = rows[(rows["model"] == model) & rows["value"].isin(_shared(study, own))]
    return make_panel(
        rows.assign(model=rows["sweep"]),
        raw=study.of("raw", activity, own[0]).iloc[:0],
        floors=dict.fromkeys(names, np.nan),
        models=names,
        reference=study.info["reference"][own[0]["factor"]],
        look=study.look(own[0]["factor"]),
    )


def _figure(study: Study, own: Sequence[dict]) -> plt.Figure:
    """A row per model, a column per activity, a line per way."""
    look, activities = study.look(own[0]["factor"]), study.activities
    size = (2.0 * max(2, len(activities)), 1.7 * len(study.models) + 0.6)
    figure, grid = plt.subplots(
        len(study.models), len(activities), figsize=size, sharey=True, squeeze=False, layout="constrained"
    )
    for line, model in zip(grid, study.models, strict=True):
        for axes, activity in zip(line, activities, strict=True):
            for k, sweep in enumerate(own):
                mine = study.of("curves", activity, sweep)
                mine = mine[mine["model"] == model].sort_values("value")
                axis = make_axis(mine["value"].to_numpy(), look)
                shown = mine.iloc[axis.column]
                axes.plot(axis.values, shown["score"], color=colour_of(k), linewidth=1.3)
            axes.set_title(f"{activity_title(activity)}, {model}", fontsize=7)
            dress(axes, look, axis)
            axes.tick_params(labelsize=5.5)
    names = [plt.Line2D([], [], color=colour_of(k), label=sweep["sweep"]) for k, sweep in enumerate(own)]
    figure.legend(handles=names, loc="outside upper right", ncols=len(own), labelcolor="linecolor")
    return figure
