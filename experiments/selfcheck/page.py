"""The self-check's page: planted against found, shares against doses, and every criterion."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import pandas as pd

from experiments.report.look import colour_of
from experiments.report.page import Head, write_page
from experiments.report.section import Section, part
from experiments.selfcheck.design import CLEAN, LIGHTING, PLANTS, SelfCheck
from experiments.selfcheck.verdict import Verdict

SAVED = "selfcheck.json"
REMAKE = "python -m experiments.selfcheck DIR"
NUISANCES = (*PLANTS, LIGHTING)
TITLES = {"viewpoint": "Viewpoint", "environment": "Place", "appearance": "Person", "lighting": "Light"}
PLANTED = {
    CLEAN: "nothing: trained on everything in every way",
    "viewpoint": "viewpoint: trained on people seen by one camera, in front",
    "environment": "place: every activity in a place of its own",
    "appearance": "person: every activity done by a person of its own",
}


def write(
    check: SelfCheck, verdict: Verdict, tables: Mapping[str, pd.DataFrame], facts: Mapping, out_dir: Path
) -> Path:
    """Write report.html, figures/, tables/ and selfcheck.json into `out_dir`; returns the page's path.

    tables: what the models said and what was made of it. facts: command, minutes.
    """
    saved = {"selfcheck": {**dataclasses.asdict(check)}, "facts": dict(facts)}
    return write_page(
        _head(check, verdict, facts),
        sections(check, verdict, tables, facts),
        out_dir,
        colours=len(NUISANCES),
        remake=REMAKE,
        beside=lambda folder: (folder / SAVED).write_text(json.dumps(saved, indent=1), encoding="utf-8") and None,
    )


def sections(check: SelfCheck, verdict: Verdict, tables: Mapping[str, pd.DataFrame], facts: Mapping) -> list[Section]:
    """All sections of the page, in order."""
    index = {name: k for k, name in enumerate(NUISANCES)}
    common = {"check": check, "verdict": verdict, "titles": TITLES, "index": index, "planted": PLANTED}
    found = part("selfcheck/found.html.j2", rows=verdict.confusion.to_dict("records"), nuisances=NUISANCES, **common)
    doses = part("selfcheck/doses.html.j2", rows=verdict.doses.to_dict("records"), **common)
    criteria = part("selfcheck/criteria.html.j2", rows=verdict.criteria.to_dict("records"), **common)
    made = part("selfcheck/made.html.j2", facts=facts, effects=check.effects, **common)
    return [
        Section(id="found", title="Planted and found", html=found, tables={"confusion": verdict.confusion}),
        Section(
            id="doses",
            title="The dose",
            html=doses,
            figures={"doses": lambda: dose_figure(check, verdict)},
            tables={"doses": verdict.doses},
        ),
        Section(id="criteria", title="Criteria", html=criteria, tables={"criteria": verdict.criteria}),
        Section(id="made", title="How it was made", html=made, tables=dict(tables)),
    ]


def _head(check: SelfCheck, verdict: Verdict, facts: Mapping) -> Head:
    right = int((verdict.confusion["found"] == verdict.confusion["planted"].replace(CLEAN, "nothing")).sum())
    met = int(verdict.criteria["passed"].sum())
    intro = (
        f"{len(check.models)} small networks were made to depend on something known, and asked in the way that any "
        f"model is asked. What was planted was found in {right} of {len(verdict.confusion)} cases; {met} of "
        f"{len(verdict.criteria)} criteria are met."
    )
    counts = [
        (f"{len(check.models)}", "models"),
        (f"{check.pool:,}", "clips in the pool"),
        (f"{check.clips:,}", "clips a model"),
        (f"{check.rows}", "rows of the design"),
        (f"{facts['minutes']:.0f}", "minutes"),
    ]
    return Head(title="Self-check", question="Does the instrument find what was planted?", intro=intro, counts=counts)


def dose_figure(check: SelfCheck, verdict: Verdict) -> plt.Figure:
    """A panel per plant: its total share with its interval, and the largest of the others, against the dose."""
    figure, grid = plt.subplots(
        1, len(check.plants), figsize=(2.7 * max(len(check.plants), 2), 2.5), sharey=True, squeeze=False
    )
    for axes, plant in zip(grid[0], check.plants, strict=True):
        own = verdict.doses[verdict.doses["planted"] == plant]
        colour, at = colour_of(NUISANCES.index(plant)), range(len(own))
        axes.fill_between(at, own["low"], own["high"], color=colour, alpha=0.16, linewidth=0)
        axes.plot(at, own["total"], color=colour, marker="o", markersize=3, label="planted")
        axes.plot(at, own["next"], color="#6e7781", marker="o", markersize=2.4, linestyle=":", label="largest other")
        axes.axhline(check.margin, color="#6e7781", linewidth=0.6)
        axes.set_xticks(list(at), [f"{100 * dose:g} %" for dose in own["dose"]])
        axes.set_title(TITLES[plant])
        axes.set_xlabel("dose")
    grid[0, 0].set_ylabel("total share of variance")
    grid[0, 0].set_ylim(bottom=0.0)
    grid[0, 0].legend(loc="upper left")
    figure.subplots_adjust(left=0.08, right=0.985, bottom=0.2, top=0.88, wspace=0.1)
    return figure
