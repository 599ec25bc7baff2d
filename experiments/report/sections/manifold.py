"""How features move along a sweep, layer by layer (*Identity Preserve Transform*, Fig. 6): paths in three principal
components, coloured by the factor and by the score, and what was measured on them."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.colors import to_hex

from experiments.report.look import FactorLook, activity_title, colour_of
from experiments.report.section import Section, part
from experiments.report.study import Study

MEASURES = {
    "moved": "moved by the factor, over moved by the activity",
    "opposite": "distance of opposite views, over size",
    "mirrored": "distance of mirrored pairs, over size",
    "closing": "closing step, over the others",
}
VIEW = (0.6, 0.45)  # turn and tilt of the first look, radians


def manifold(study: Study) -> list[Section]:
    """A section per sweep that was followed."""
    if "manifold" not in study.more:
        return []
    followed = dict.fromkeys(study.more["manifold"]["sweep"])
    return [_section(study, sweep) for sweep in study.sweeps if sweep["sweep"] in followed]


def _section(study: Study, sweep: dict) -> Section:
    tables = {name: study.more[name] for name in ("manifold", "manifold_points", "manifold_layers")}
    own = {name: table[table["sweep"] == sweep["sweep"]] for name, table in tables.items()}
    look = study.look(sweep["factor"])
    html = part(
        "sections/manifold.html.j2",
        index=study.index,
        sweep=sweep,
        plates=[(activity, _models(study, own, activity, look)) for activity in study.activities],
        layers=_layers(own),
        measures=MEASURES,
        legend=[(look.text(value), to_hex(shade)) for value, shade in _legend(own["manifold_points"], look)],
    )
    name = f"manifold_{sweep['sweep']}"
    figures = {f"{name}_{model}": functools.partial(_figure, study, own, model, look) for model in study.models}
    figures[f"{name}_layers"] = functools.partial(_depths, study, own)
    return Section(id=f"manifold-{sweep['sweep']}", title="Manifold", html=html, figures=figures, tables=tables)


def shades(values: np.ndarray, look: FactorLook) -> np.ndarray:
    """(K, 4) colours of the values of a factor; a circle has a palette that closes."""
    palette = plt.get_cmap("twilight_shifted" if look.period else "viridis")
    if look.period:
        return palette(np.asarray(values) % look.period / look.period)
    span = max(np.ptp(values), 1e-9)
    return palette((np.asarray(values) - np.min(values)) / span)


def _legend(points: pd.DataFrame, look: FactorLook) -> list[tuple[float, tuple]]:
    values = np.sort(points["value"].unique())
    few = values[:: -(-len(values) // 8)]
    return list(zip(few, shades(few, look), strict=True))


def _models(study: Study, own: Mapping[str, pd.DataFrame], activity: str, look: FactorLook) -> list[dict]:
    points = own["manifold_points"]
    found = []
    for model in study.models:
        mine = points[(points["activity"] == activity) & (points["model"] == model)]
        found.append({"model": model, "layers": [_plot(part_of, look) for _, part_of in mine.groupby("depth")]})
    return found


def _plot(rows: pd.DataFrame, look: FactorLook) -> dict:
    """One layer: its points in [-1, 1], the colours of both pictures, and how much the axes explain."""
    rows = rows.sort_values("value")
    place = rows[["x", "y", "z"]].to_numpy()
    place = place / max(np.linalg.norm(place, axis=1).max(), 1e-12)
    first = rows.iloc[0]
    values = rows["value"].to_numpy()
    score = plt.get_cmap("cividis")(rows["score"].to_numpy())
    return {
        "layer": first["layer"],
        "closed": bool(look.period and np.isclose(look.period - np.ptp(values), np.diff(values).mean())),
        "points": " ".join(f"{v:.3f}" for v in place.ravel()),
        "flat": [(50 + 46 * x, 50 - 46 * y) for x, y, _ in turned(place)],
        "by": [[to_hex(c) for c in shades(values, look)], [to_hex(c) for c in score]],
        "explained": float(rows[["x_share", "y_share", "z_share"]].iloc[0].sum()),
    }


def turned(place: np.ndarray, turn: float = VIEW[0], tilt: float = VIEW[1]) -> np.ndarray:
    """(K, 3) points as seen after a turn about the vertical and a tilt: right, up, towards the eye."""
    x, y, z = place.T
    right, back = x * np.cos(turn) + y * np.sin(turn), -x * np.sin(turn) + y * np.cos(turn)
    return np.stack([right, z * np.cos(tilt) + back * np.sin(tilt), z * np.sin(tilt) - back * np.cos(tilt)], axis=1)


def _layers(own: Mapping[str, pd.DataFrame]) -> list[dict]:
    """One row per model and layer: the measures, means over activities, with the least and the greatest."""
    rows = []
    measured = own["manifold"]
    for row in own["manifold_layers"].to_dict("records"):
        mine = measured[(measured["model"] == row["model"]) & (measured["layer"] == row["layer"])]
        for name in ("opposite", "mirrored", "closing"):
            values = mine[name].dropna()
            row[name] = float(values.mean()) if len(values) else np.nan
            row[f"{name}_span"] = f"{values.min():.2f} to {values.max():.2f}" if len(values) else ""
        rows.append(row)
    return rows


def _figure(study: Study, own: Mapping[str, pd.DataFrame], model: str, look: FactorLook) -> plt.Figure:
    """The paths of one model: a row per activity, a column per layer, coloured by the factor."""
    points = own["manifold_points"][own["manifold_points"]["model"] == model]
    layers = list(dict.fromkeys(points.sort_values("depth")["layer"]))
    names = [name for name in study.activities if name in set(points["activity"])]
    figure = plt.figure(figsize=(2.1 * max(2, len(layers)), 1.9 * len(names) + 0.3), layout="constrained")
    for k, activity in enumerate(names):
        for j, layer in enumerate(layers):
            axes = figure.add_subplot(len(names), len(layers), k * len(layers) + j + 1, projection="3d")
            mine = points[(points["activity"] == activity) & (points["layer"] == layer)].sort_values("value")
            shown = _plot(mine, look)
            place = np.array(shown["points"].split(), float).reshape(-1, 3)
            line = np.concatenate([place, place[:1]]) if shown["closed"] else place
            axes.plot(*line.T, color="0.6", linewidth=0.8)
            axes.scatter(*place.T, c=shown["by"][0], s=14, depthshade=False)
            axes.set(xticklabels=[], yticklabels=[], zticklabels=[], xlim=(-1, 1), ylim=(-1, 1), zlim=(-1, 1))
            axes.set_title(
                f"{activity_title(activity)}, {layer}\n{100 * shown['explained']:.0f} % in three", fontsize=6.5
            )
    return figure


def _depths(study: Study, own: Mapping[str, pd.DataFrame]) -> plt.Figure:
    """The measures against depth, a panel each, a line per model."""
    rows = pd.DataFrame(_layers(own))
    figure, grid = plt.subplots(1, 3, figsize=(7.2, 2.4), layout="constrained")
    for axes, name in zip(grid, ("moved", "opposite", "mirrored"), strict=True):
        for k, model in enumerate(study.models):
            mine = rows[rows["model"] == model].sort_values("depth")
            axes.plot(mine["depth"] / max(mine["depth"].max(), 1), mine[name], "o-", color=colour_of(k), markersize=3)
        axes.set_title(MEASURES[name], fontsize=7)
        axes.set_ylim(bottom=0)
        axes.set_xticks([0, 1], ["first", "last layer"])
    names = [plt.Line2D([], [], color=colour_of(k), label=name) for k, name in enumerate(study.models)]
    figure.legend(handles=names, loc="outside upper right", ncols=len(names), labelcolor="linecolor")
    return figure
