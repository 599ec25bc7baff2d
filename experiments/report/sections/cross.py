"""Two factors crossed: a map of the mean score per model and activity, and how much the two factors do together."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from experiments.analysis.crossed import Cross, cells, crosses, interactions
from experiments.planned import BY
from experiments.report.look import activity_title
from experiments.report.section import Section, part
from experiments.report.study import Study
from experiments.report.words import points

DRAWS, PERMUTATIONS = 2000, 4999


def cross(study: Study) -> list[Section]:
    """A section per pair of sweeps."""
    found = crosses(study.everything)
    return [
        _section(study, name, [one for one in found if one.keys["sweep"] == name])
        for name in dict.fromkeys(one.keys["sweep"] for one in found)
    ]


def _section(study: Study, name: str, found: Sequence[Cross]) -> Section:
    seed = int(study.info.get("seed", 0))
    table = interactions(list(found), draws=DRAWS, permutations=PERMUTATIONS, seed=seed)
    rows = {(row["activity"], row["model"]): row for row in table.to_dict("records")}
    looks = [study.look(factor) for factor in found[0].keys["factor"].split(BY)]
    titles = [look.title for look in looks]
    maps = [_map(study, one, rows[one.keys["activity"], one.keys["model"]]) for one in found]
    html = part("sections/cross.html.j2", index=study.index, titles=titles, maps=maps)
    stem = name.replace(" ", "_")
    return Section(
        id=f"cross-{stem}",
        title=f"{titles[0]} by {titles[1].lower()}",
        html=html,
        figures={stem: lambda: _figure(study, found)},
        tables={stem: pd.concat([cells(one) for one in found], ignore_index=True), f"{stem}_interaction": table},
    )


def level_names(study: Study, one: Cross) -> list[list[str]]:
    """How the levels of both factors are written."""
    looks = [study.look(factor) for factor in one.keys["factor"].split(BY)]
    return [
        [look.text(float(level)) if isinstance(level, int | float) else str(level) for level in levels]
        for look, levels in zip(looks, one.levels, strict=True)
    ]


def _map(study: Study, one: Cross, row: dict) -> dict:
    first, second = level_names(study, one)
    mean = one.score.mean(axis=0)
    return {
        **row,
        "rows": [(name, mean[k].tolist()) for k, name in enumerate(first)],
        "columns": second,
        "sentence": _sentence(row),
    }


def _sentence(row: dict) -> str:
    """What the two factors do together, as the end of a sentence."""
    if not np.isfinite(row["interaction"]):
        return "the map is flat"
    low, high = points(row["interaction_low"]), points(row["interaction_high"])
    size = f"{points(row['interaction'])} % of the map's variance ({low} to {high})"
    if not np.isfinite(row["p_holm"]):
        return f"the interaction is {size}; with one replicate it cannot be told from noise"
    if row["p_holm"] >= 0.05:
        return f"no interaction beyond chance: {size}, p {row['p_holm']:.3f}"
    return f"what one factor does depends on the other: the interaction is {size}, p {max(row['p_holm'], 0.001):.3f}"


def _figure(study: Study, found: Sequence[Cross]) -> plt.Figure:
    """A heat map per activity (rows) and model (columns), all on one scale from 0 to 1."""
    activities = list(dict.fromkeys(one.keys["activity"] for one in found))
    size = (0.7 + 2.9 * len(study.models), 0.7 + 1.5 * len(activities))
    figure, grid = plt.subplots(len(activities), len(study.models), figsize=size, squeeze=False, layout="constrained")
    for one in found:
        axes = grid[activities.index(one.keys["activity"]), study.models.index(one.keys["model"])]
        image = axes.imshow(one.score.mean(axis=0), vmin=0, vmax=1, cmap="cividis", aspect="auto", origin="lower")
        first, second = level_names(study, one)
        _ticks(axes.set_xticks, second)
        _ticks(axes.set_yticks, first)
        axes.tick_params(length=0)
        axes.set_title(f"{activity_title(one.keys['activity'])}, {one.keys['model']}")
    looks = [study.look(factor) for factor in found[0].keys["factor"].split(BY)]
    figure.supxlabel(looks[1].title, fontsize=8)
    figure.supylabel(looks[0].title, fontsize=8)
    figure.colorbar(image, ax=grid, label="mean score", shrink=0.7)
    return figure


def _ticks(put, names: Sequence[str]) -> None:
    step = -(-len(names) // 8)
    put(range(0, len(names), step), names[::step])
