"""The smallest change of a factor that loses the class, per activity and model."""

from __future__ import annotations

import functools

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from experiments.analysis.losses import KEYS, losses
from experiments.report.look import FactorLook, activity_title, colour_of
from experiments.report.section import Lead, Section, part
from experiments.report.study import Study, marked

DRAWS = 2000


def flips(study: Study) -> list[Section]:
    """One section, where a study looked for them."""
    if "flips" not in study.more:
        return []
    found = study.more["flips"]
    table = losses(found, _replicates(study), draws=DRAWS, seed=int(study.info.get("seed", 0)))
    sweeps = [s for s in study.sweeps if s["sweep"] in set(found["sweep"])]
    html = part("sections/flips.html.j2", index=study.index, sweeps=[_sweep(study, table, s) for s in sweeps])
    figures = {f"flips_{s['sweep']}": functools.partial(_figure, study, table, s) for s in sweeps}
    return [
        Section(id="flips", title="What it takes", html=html, figures=figures, tables={"flips": found, "losses": table})
    ]


def lead(study: Study) -> list[Lead]:
    """How far each sweep had to go, activities side by side; nothing where none was looked for."""
    if "flips" not in study.more:
        return []
    table = losses(study.more["flips"], _replicates(study), draws=1, seed=0)  # medians alone
    said = [(model, _sentence(study, table[table["model"] == model])) for model in study.models]
    return [Lead(sentences=said)]


def _sentence(study: Study, own: pd.DataFrame) -> str:
    """'loses the class after 37° to 171° of azimuth (6 of 6 activities), ...' from the rows of a model."""
    told = []
    for sweep in study.sweeps:
        part_of = own[(own["sweep"] == sweep["sweep"]) & (own["way"] == "any")]
        look, title = study.look(sweep["factor"]), sweep["factor"].replace("_", " ")
        lost = part_of[np.isfinite(part_of["change"])].sort_values("change")
        share = f"({len(lost)} of {len(part_of)} activities)"
        if len(lost):
            ends = dict.fromkeys(change_text(row, look) for row in (lost.iloc[0], lost.iloc[-1]))
            told.append(f"after {' to '.join(ends)} of {title} {share}")
        elif len(part_of):
            told.append(f"at no {title} of the sweep {share}")
    if not told:
        return "has no class to lose: it is not first at the reference in any replicate."
    return f"loses the class {', '.join(told)}."


def _replicates(study: Study) -> pd.DataFrame:
    own = study.rows[study.rows["repeat"] == 0]
    return own.groupby(KEYS, sort=False)["block"].nunique().rename("replicates").reset_index()


def _sweep(study: Study, table: pd.DataFrame, sweep: dict) -> dict:
    look, own = study.look(sweep["factor"]), table[table["sweep"] == sweep["sweep"]]
    rows = []
    for activity in study.activities:
        part_of = own[(own["activity"] == activity) & (own["way"] == "any")]
        rows += [_said(row, own, look) for row in marked(part_of)]
    whole = study.rows[(study.rows["sweep"] == sweep["sweep"]) & (study.rows["repeat"] == 0)]
    met = set(zip(own["activity"], own["model"], strict=True))
    never = [
        (activity, model)
        for activity in study.activities
        for model in study.models
        if (activity, model) not in met and ((whole["activity"] == activity) & (whole["model"] == model)).any()
    ]
    return {**sweep, "rows": rows, "never": never}


def _said(row: dict, own: pd.DataFrame, look: FactorLook) -> dict:
    """A row with its changes as text, and those of either direction."""
    same = own[(own["activity"] == row["activity"]) & (own["model"] == row["model"])].set_index("way")
    sides = [change_text(same.loc[way], look) if way in same.index else "not swept" for way in ("down", "up")]
    ends = f"{_text(row['change_low'], row, look)} to {_text(row['change_high'], row, look)}"
    return {
        **row,
        "text": change_text(row, look),
        "ends": ends if np.isfinite(row["change_low"]) else "",
        "sides": sides,
        "fine": look.text(float(f"{row['width']:.1g}")) if np.isfinite(row["width"]) else "",
        "coarse": look.text(row["step"]),
    }


def change_text(row, look: FactorLook) -> str:
    """'35°', as fine as it was found; 'beyond 180°' where more than half of the replicates keep the class."""
    return _text(row["change"], row, look)


def _text(value: float, row, look: FactorLook) -> str:
    if not np.isfinite(value):
        return f"beyond {look.text(row['reach'])}"
    return look.text(round(value, max(0, round(-np.log10(row["width"])))))


def _figure(study: Study, table: pd.DataFrame, sweep: dict) -> plt.Figure:
    """The median smallest change per activity, with its interval; an arrow where the class is kept beyond the sweep."""
    own = table[(table["sweep"] == sweep["sweep"]) & (table["way"] == "any")]
    look, names = study.look(sweep["factor"]), study.activities
    figure, axes = plt.subplots(figsize=(6.4, 0.36 * len(names) + 1.1), layout="constrained")
    reach = own["reach"].max() if len(own) else 1.0
    for k, model in enumerate(study.models):
        shift = (k - (len(study.models) - 1) / 2) * 0.24
        for row in own[own["model"] == model].itertuples():
            at = names.index(row.activity) + shift
            if np.isfinite(row.change_low):
                axes.plot(
                    np.clip([row.change_low, row.change_high], 0, reach), [at, at], color=colour_of(k), alpha=0.45
                )
            mark, place = ("o", row.change) if np.isfinite(row.change) else (">", row.reach)
            axes.plot(place, at, mark, color=colour_of(k), markersize=5)
        axes.plot([], [], "o", color=colour_of(k), label=model)
    axes.set_yticks(range(len(names)), [activity_title(name) for name in names])
    axes.invert_yaxis()
    axes.set_xlim(0, reach * 1.03)
    unit = f" ({look.unit.strip()})" if look.unit else ""
    axes.set_xlabel(f"smallest change of {sweep['title'].lower()} that loses the class{unit}; arrow: kept beyond")
    figure.legend(loc="outside upper right", ncols=len(study.models), labelcolor="linecolor")
    return figure
