"""Accuracy per appearance (*Identity Preserve Transform*, Table 2), and everyone's own curves over each other (Fig. 7);
shown where every appearance did the same."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from experiments.analysis.people import likeness, person_curves, seen_alike
from experiments.report.axis import make_axis
from experiments.report.bars import Group, chart
from experiments.report.figures import dress
from experiments.report.look import colour_of
from experiments.report.section import Lead, Section, part, render
from experiments.report.study import Study
from experiments.report.words import p_equals, points, span

ALPHA = 0.05


def people(study: Study) -> list[Section]:
    """One section, or none where fewer than two appearances did the same."""
    table, tests = study.people
    if table.empty:
        return []
    curves = person_curves(seen_alike(study.rows))
    alike = likeness(curves)
    html = part(
        "sections/people.html.j2",
        index=study.index,
        people=_people(table),
        models=study.models,
        top5=table["top5"].notna().any(),
        tests=tests.to_dict("records"),
        alike=_alike(alike, study),
        clips=int(table["clips"].max()),
        motions=int(table["motions"].max()),
    )
    figures = {
        f"people_{s['sweep']}": (lambda s=s: _figure(curves, study, s))
        for s in study.sweeps
        if s["factor"] != "appearance"
    }
    tables = {"people": table, "people_equal": tests, "people_curves": curves, "people_alike": alike}
    return [
        Section(
            id="people",
            title="People",
            html=html,
            figures={"people": lambda: _dots(table, study), **figures},
            tables=tables,
        )
    ]


def lead(study: Study) -> list[Lead]:
    """Whether everyone is recognised alike, with the accuracy of each; nothing where there is no such section."""
    table, tests = study.people
    if table.empty:
        return []
    own = {model: table[table["model"] == model] for model in study.models}
    said = [(test["model"], _sentence(test, own[test["model"]])) for test in tests.to_dict("records")]
    shown = {"index": study.index, "chart": _bars(own), "motions": int(tests["motions"].max())}
    return [Lead(sentences=said, figure=render("sections/people_lead.html.j2", **shown))]


def _sentence(test: Mapping, own: pd.DataFrame) -> str:
    """The verdict of the test over motions, and whom a model recognises least and most."""
    least, most = (own.loc[own["top1"].agg(which)] for which in ("idxmin", "idxmax"))
    ends = f"top-1 accuracy from {_accuracy(least)} to {_accuracy(most)}, of {own['clips'].max():,} clips each."
    if np.isnan(test["p_motions"]):
        return f"was shown a single motion, on which people cannot be compared: {ends}"
    p, motions = p_equals(test["p_motions_holm"]), f"{test['motions']} motions"
    if test["p_motions_holm"] < ALPHA:
        return f"recognises some people better than others (p {p}, permutation of people among {motions}): {ends}"
    return f"recognises everyone alike, as far as {motions} tell (p {p}, permutation of people among them): {ends}"


def _accuracy(row: pd.Series) -> str:
    return f"{points(row['top1'])} % for {row['appearance']} ({span(row['top1_low'], row['top1_high'])})"


def _bars(own: Mapping[str, pd.DataFrame]) -> dict:
    """A bar per appearance and model, for the template `bars.html.j2`."""
    ends = {"top1": "total", "top1_low": "total_low", "top1_high": "total_high"}
    rows = pd.concat([part.rename(columns=ends) for part in own.values()])
    rows["main"] = rows["total"]
    return chart([Group(title=name, rows=part.to_dict("records")) for name, part in rows.groupby("appearance")])


def _people(table: pd.DataFrame) -> list[tuple[str, dict[str, dict]]]:
    return [
        (name, {row["model"]: row for row in part.to_dict("records")}) for name, part in table.groupby("appearance")
    ]


def _alike(alike: pd.DataFrame, study: Study) -> list[dict]:
    titles = {sweep["sweep"]: sweep["title"] for sweep in study.sweeps}
    return [{**row, "title": titles[row["sweep"]]} for row in alike.to_dict("records")]


def _dots(table: pd.DataFrame, study: Study) -> plt.Figure:
    """Accuracy per appearance with its interval, models beside each other."""
    names = sorted(table["appearance"].unique())
    figure, axes = plt.subplots(figsize=(6.4, 0.32 * len(names) + 1.0))
    for k, model in enumerate(study.models):
        own = table[table["model"] == model].set_index("appearance").loc[names]
        height = np.arange(len(names)) + (k - (len(study.models) - 1) / 2) * 0.22
        for at, row in zip(height, own.itertuples(), strict=True):
            axes.plot([row.top1_low, row.top1_high], [at, at], color=colour_of(k), linewidth=1.6, alpha=0.5)
        axes.plot(own["top1"], height, "o", color=colour_of(k), markersize=4.5, label=model)
    axes.set_yticks(range(len(names)), names)
    axes.set_xlim(-0.02, 1.02)
    axes.invert_yaxis()
    axes.set_xlabel("top-1 accuracy; bars: 95 % interval over motions")
    figure.legend(loc="upper right", ncols=len(study.models), labelcolor="linecolor")
    figure.subplots_adjust(
        left=0.12, right=0.97, top=1 - 0.35 / figure.get_size_inches()[1], bottom=0.55 / figure.get_size_inches()[1]
    )
    return figure


def _figure(curves: pd.DataFrame, study: Study, sweep: Mapping) -> plt.Figure:
    """The appearances' curves over each other, a panel per model."""
    own = curves[curves["sweep"] == sweep["sweep"]]
    names, look = sorted(own["appearance"].unique()), study.look(sweep["factor"])
    axis = make_axis(np.sort(own["value"].unique()), look)
    figure, grid = plt.subplots(
        1, len(study.models), figsize=(3.4 * max(2, len(study.models)), 2.6), sharey=True, squeeze=False
    )
    shades = plt.get_cmap("viridis")(np.linspace(0.0, 0.92, len(names)))
    for axes, model in zip(grid[0], study.models, strict=True):
        for name, colour in zip(names, shades, strict=True):
            line = own[(own["model"] == model) & (own["appearance"] == name)].sort_values("value").iloc[axis.column]
            axes.plot(axis.values, line["score"], color=colour, linewidth=1.3, label=name)
        axes.set_title(model)
        dress(axes, look, axis)
    grid[0, 0].set_ylabel("score, all activities")
    figure.legend(
        *grid[0, 0].get_legend_handles_labels(), loc="upper center", ncols=min(8, len(names)), labelcolor="linecolor"
    )
    figure.supxlabel(sweep["title"], fontsize=8, y=0.02)
    figure.subplots_adjust(left=0.08, right=0.98, top=0.78, bottom=0.24, wspace=0.08)
    return figure
