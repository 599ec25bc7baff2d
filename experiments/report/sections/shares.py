"""What a model depends on, from the motion down to the light: the shares of variance of a randomised design, ranked,
and the levels of a factor that differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from experiments.analysis.variance import ALL_CLASSES
from experiments.effects import CLIPS, LEVELS, PAIRS, SHARES
from experiments.report.bars import Group, chart, figure
from experiments.report.look import FACTORS, FactorLook, colour_of, factor_look
from experiments.report.section import Section, part
from experiments.report.study import Study
from experiments.report.words import joined, points

ALPHA = 0.05
MOTION, FLOOR = "motion", "Harmless changes"
XLABEL = "share of the variance: alone (dark), with others (light); 95 % interval of the total"
LONGEST = 15  # differences that the page lists; all are in the table beside it
_LOOKS = {
    MOTION: FactorLook(title="Motion", meaning="which activity is shown, by which performance of it"),
    "lighting": FactorLook(title="Light", meaning="where the sun stands, how strong it is, and the light of the sky"),
    "viewpoint": FactorLook(title="Viewpoint", meaning="where the camera stands"),
}


def shares(study: Study) -> list[Section]:
    """One section; none without a randomised design, or where no model's answers moved in it."""
    if SHARES not in study.more:
        return []
    table, levels = study.more[SHARES], study.more[LEVELS]
    pooled = table[table["label"] == ALL_CLASSES]
    models = [model for model in study.models if model in set(pooled["model"])]
    drawn = groups(pooled, models)
    html = part(
        "sections/shares.html.j2",
        index=study.index,
        models=models,
        silent=[model for model in study.models if model not in models],
        headlines=[(model, headline(pooled[pooled["model"] == model])) for model in models],
        chart=chart(drawn),
        spans=[(title(name), text) for name, text in study.info.get("effects", {}).items()],
        classes=_classes(table, models, drawn),
        differences=_differences(levels),
        tested=int(levels["p_holm"].notna().sum()),
        pairs=_pairs(study.more.get(PAIRS), models),
        rows=int(pooled["rows"].max()),
        clusters=int(pooled["clusters"].min()),
        clips=int(study.more[CLIPS].groupby("model").size().max()),
    )
    tables = {name: study.more[name] for name in (SHARES, PAIRS, LEVELS, CLIPS) if name in study.more}
    colours = {model: colour_of(study.index[model]) for model in models}
    figures = {"what_counts": lambda: figure(drawn, colours, XLABEL)}
    return [Section(id="shares", title="What counts", html=html, figures=figures, tables=tables)]


def title(factor: str) -> str:
    """A factor of the design for people: Motion, Viewpoint, Place."""
    return _LOOKS[factor].title if factor in _LOOKS and factor not in FACTORS else factor_look(factor).title


def headline(own: pd.DataFrame) -> str:
    """What one model depends on, as the end of a sentence that begins with its name. own: its pooled shares."""
    ranked = own.sort_values("rank").to_dict("records")
    first, motion = ranked[0], next(row for row in ranked if row["factor"] == MOTION)
    said = f"answers first of all to {_lower(first)}, with which {_size(first)} of the variance goes"
    if first is not motion:
        said += f"; with the motion itself only {_size(motion)}"
    rest = [row for row in ranked if row is not first and row is not motion]
    above = [row for row in rest if not within_floor(row)]
    within = [row for row in rest if within_floor(row)]
    if above:
        said += f". Then come {joined([f'{_lower(row)} with {_size(row)}' for row in above])}"
    if within:
        said += f". Not told from harmless changes ({_percent(within[0]['floor'])}): "
        said += joined([f"{_lower(row)} ({_percent(row['total'])})" for row in within])
    return f"{said}."


def within_floor(row: Mapping) -> bool:
    """Whether the interval of a total share reaches down to what harmless changes have; False without either."""
    return bool(row["total_low"] <= row["floor"])


def _lower(row: Mapping) -> str:
    name = title(row["factor"])
    return f"the {name.lower()}" if row["factor"] in (MOTION, "lighting") else name.lower()


def _percent(share: float) -> str:
    return f"{points(share)}\N{NO-BREAK SPACE}%"


def _size(row: Mapping) -> str:
    low, high = points(row["total_low"]), points(row["total_high"])
    return f"{_percent(row['total'])} ({'no interval' if np.isnan(row['total_low']) else f'{low} to {high}'})"


def groups(pooled: pd.DataFrame, models: Sequence[str]) -> list[Group]:
    """What is drawn from top to bottom: the motion, the others by their mean total share over the models, the floor."""
    mean = pooled.groupby("factor")["total"].mean().sort_values(ascending=False)
    cells = {(row["factor"], row["model"]): row for row in pooled.to_dict("records")}
    factors = [MOTION, *(factor for factor in mean.index if factor != MOTION)]
    out = [Group(title=title(factor), rows=[cells[factor, model] for model in models]) for factor in factors]
    floors = [float(pooled.loc[pooled["model"] == model, "floor"].iloc[0]) for model in models]
    if np.isfinite(floors).all():
        still = [
            {"model": model, "main": floor, "total": floor, "total_low": np.nan, "total_high": np.nan}
            for model, floor in zip(models, floors, strict=True)
        ]
        out.append(Group(title=FLOOR, rows=still, faint=True))
    return out


def _classes(table: pd.DataFrame, models: Sequence[str], drawn: Sequence[Group]) -> dict:
    """The matrix class by class: total shares."""
    factors = [group.rows[0]["factor"] for group in drawn if not group.faint]
    cells = {(row["label"], row["model"], row["factor"]): row for row in table.to_dict("records")}
    labels = [label for label in table["label"].unique() if label != ALL_CLASSES]
    rows = [(a, [(model, [cells[a, model, factor] for factor in factors]) for model in models]) for a in labels]
    return {"factors": [title(factor) for factor in factors], "rows": rows}


def _differences(levels: pd.DataFrame) -> list[dict]:
    """The largest differences that are more than chance, the higher level first."""
    found = levels[levels["p_holm"] < ALPHA]
    found = found.reindex(found["difference"].abs().sort_values(ascending=False).index).head(LONGEST)
    return [_positive(row) | {"title": axis_title(row["factor"], row["axis"])} for row in found.to_dict("records")]


def _positive(row: Mapping) -> dict:
    if row["difference"] >= 0:
        return dict(row)
    turned = {"difference": -row["difference"], "low": -row["high"], "high": -row["low"]}
    return {**row, "level": row["other"], "other": row["level"], **turned}


def axis_title(factor: str, axis: str) -> str:
    """'Place', and of a factor with several axes 'Viewpoint: azimuth'."""
    return title(factor) if factor == axis else f"{title(factor)}: {title(axis).lower()}"


def _pairs(table: pd.DataFrame | None, models: Sequence[str]) -> list[dict]:
    """Pairs of factors over all classes, the largest mean share first, a share per model."""
    if table is None:
        return []
    pooled = table[table["label"] == ALL_CLASSES]
    mean = pooled.groupby(["factor", "other"])["share"].mean().sort_values(ascending=False)
    cells = {(row["factor"], row["other"], row["model"]): row for row in pooled.to_dict("records")}
    return [
        {"title": f"{title(a)} and {title(b).lower()}", "cells": [cells[a, b, model] for model in models]}
        for a, b in mean.index
    ]
