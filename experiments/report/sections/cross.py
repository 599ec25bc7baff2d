"""Two factors crossed: a map of the mean score per model and activity, and how much the two factors do together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from experiments.analysis.crossed import Cross, cells
from experiments.planned import BY
from experiments.report.look import activity_title
from experiments.report.section import Lead, Section, part, render
from experiments.report.study import Study
from experiments.report.words import p_equals, points, span

ALPHA = 0.05


def cross(study: Study) -> list[Section]:
    """A section per pair of sweeps."""
    return [_section(study, *pair) for pair in _pairs(study)]


def lead(study: Study) -> list[Lead]:
    """In how many activities the two factors do something together, and all maps in small; one per pair of sweeps."""
    return [_lead(study, found, table) for _, found, table in _pairs(study)]


def _pairs(study: Study) -> list[tuple[str, list[Cross], pd.DataFrame]]:
    """(name, maps, interactions) of each pair of sweeps."""
    found, table = study.crossed
    return [
        (
            name,
            [one for one in found if one.keys["sweep"] == name],
            table[table["sweep"] == name].reset_index(drop=True),
        )
        for name in dict.fromkeys(one.keys["sweep"] for one in found)
    ]


def _lead(study: Study, found: Sequence[Cross], table: pd.DataFrame) -> Lead:
    titles = _titles(study, found)
    said = [(model, headline(table[table["model"] == model], titles)) for model in study.models]
    maps = _maps(study, found, table)
    by_activity = [(name, [one for one in maps if one["activity"] == name]) for name in study.activities]
    figure = render("sections/cross_lead.html.j2", index=study.index, titles=titles, maps=by_activity)
    return Lead(sentences=said, figure=figure)


def headline(own: pd.DataFrame, titles: Sequence[str]) -> str:
    """Whether what the first factor does depends on the second, as the end of a sentence that begins with the model's
    name. own: the interactions of the model, a row per activity."""
    first, second = (title.lower() for title in titles)
    beyond = own["p_holm"] < ALPHA
    said = f"shows an interaction of {first} and {second} beyond chance in {beyond.sum()} of {len(own)} activities"
    if beyond.any():
        said += ": what the one does depends on the other"
    known = own[beyond if beyond.any() else own["interaction"].notna()]
    if known.empty:
        return f"{said}: its maps are flat."
    row = known.loc[known["interaction"].idxmax()]
    p = "no p with one replicate" if np.isnan(row["p_holm"]) else f"p {p_equals(row['p_holm'])}"
    where = activity_title(row["activity"]).lower()
    return f"{said}. It is largest in {where}: {_size(row)}, {p}, {row['blocks']} replicates."


def _titles(study: Study, found: Sequence[Cross]) -> list[str]:
    return [study.look(factor).title for factor in found[0].keys["factor"].split(BY)]


def _maps(study: Study, found: Sequence[Cross], table: pd.DataFrame) -> list[dict]:
    rows = {(row["activity"], row["model"]): row for row in table.to_dict("records")}
    return [_map(study, one, rows[one.keys["activity"], one.keys["model"]]) for one in found]


def _section(study: Study, name: str, found: Sequence[Cross], table: pd.DataFrame) -> Section:
    titles, maps = _titles(study, found), _maps(study, found, table)
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
    size = _size(row)
    if not np.isfinite(row["p_holm"]):
        return f"the interaction is {size}; with one replicate it cannot be told from noise"
    if row["p_holm"] >= ALPHA:
        return f"no interaction beyond chance: {size}, p {row['p_holm']:.3f}"
    return f"what one factor does depends on the other: the interaction is {size}, p {max(row['p_holm'], 0.001):.3f}"


def _size(row: Mapping) -> str:
    share = points(row["interaction"])
    return f"{share} % of the map's variance ({span(row['interaction_low'], row['interaction_high'])})"


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
