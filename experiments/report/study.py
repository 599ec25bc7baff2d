"""What a study's page is made of: score rows, the tables that were made of them, and how things are named."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from experiments.analysis import Tables
from experiments.analysis.crossed import Cross, crosses, interactions
from experiments.analysis.floor import floor_of
from experiments.analysis.people import accuracies, equality, seen_alike
from experiments.report import facts, words
from experiments.report.look import FactorLook, both_angles, factor_look
from experiments.report.panel import Panel, make_panel
from experiments.report.thumbnails import Sprite


@dataclass(frozen=True, kw_only=True)
class Study:
    """What a page is made of.

    rows: of the sweeps. everything: of every design. tables: of the analysis. info: the study as `build` got it.
    cards: the models' cards. models: names in order. sprite: clip id -> picture strip. draws, permutations: of the
    analysis. more: tables that other stages made, by their names, for the sections that show them.
    """

    rows: pd.DataFrame
    everything: pd.DataFrame
    tables: Tables
    info: Mapping
    cards: Sequence[Mapping]
    models: list[str]
    sprite: Callable[[str], Sprite]
    draws: int
    permutations: int
    more: Mapping = field(default_factory=dict)

    @functools.cached_property
    def _groups(self) -> dict[tuple[str, ...], pd.DataFrame]:
        """(table, activity, factor, sweep) -> its rows."""
        tables = {name: table for name, table in self.tables.items() if "sweep" in table}
        return {
            (name, *keys): part
            for name, table in tables.items()
            for keys, part in table.groupby(["activity", "factor", "sweep"], sort=False)
        }

    def of(self, table: str, activity: str, sweep: Mapping) -> pd.DataFrame:
        """The rows of one table for one activity and sweep, models in their order; empty where there are none."""
        found = self._groups.get((table, activity, sweep["factor"], sweep["sweep"]))
        if found is None:
            return getattr(self.tables, table).iloc[:0]
        return found.sort_values("model", key=lambda name: name.map(self.models.index), kind="stable")

    def floor(self, activity: str, model: str) -> float:
        """The floor in score, NaN where there is none."""
        return floor_of(self.tables.floors, model, activity)

    def look(self, factor: str) -> FactorLook:
        """How a factor is named; a study in the paper's angles shows both, and a sweep of names shows the names."""
        if names := self.info.get("levels", {}).get(factor):
            return replace(factor_look(factor), names=dict(names), named=True)
        sign = self.info.get("paper_sign", 0)
        return both_angles(sign) if sign and factor == "azimuth" else factor_look(factor)

    @property
    def activities(self) -> list[str]:
        """In the order of the rows."""
        return list(dict.fromkeys(self.tables.effects["activity"]))

    @functools.cached_property
    def people(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Accuracies per appearance, and the tests whether they are equal; both empty where fewer than two appearances
        did the same."""
        alike = seen_alike(self.rows)
        if alike["appearance"].nunique() < 2:
            return pd.DataFrame(), pd.DataFrame()
        seed = int(self.info.get("seed", 0))
        return (
            accuracies(alike, draws=self.draws, seed=seed),
            equality(alike, permutations=self.permutations, seed=seed),
        )

    @functools.cached_property
    def crossed(self) -> tuple[list[Cross], pd.DataFrame]:
        """The maps of crossed factors, and the interactions in those of each pair of sweeps."""
        found, seed = crosses(self.everything), int(self.info.get("seed", 0))
        tables = [
            interactions(
                [one for one in found if one.keys["sweep"] == name],
                draws=self.draws,
                permutations=self.permutations,
                seed=seed,
            )
            for name in dict.fromkeys(one.keys["sweep"] for one in found)
        ]
        return found, pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()

    @functools.cached_property
    def sweeps(self) -> list[dict]:
        """What the page says of every sweep; see `facts.sweep_facts`."""
        return facts.sweep_facts(self.rows, self.info)

    @property
    def index(self) -> dict[str, int]:
        """Model -> its number, which decides its colour."""
        return {name: k for k, name in enumerate(self.models)}

    def panel(self, activity: str, sweep: Mapping) -> Panel:
        """The chart of one activity and sweep, all models; with few clusters every replicate's own curve as well."""
        few = self.tables.effects[["motions", "appearances"]].min().min() < words.FEW_CLUSTERS
        raw = self.of("raw", activity, sweep)
        return make_panel(
            self.of("curves", activity, sweep),
            raw=raw if few else raw.iloc[:0],
            floors={model: self.floor(activity, model) for model in self.models},
            models=self.models,
            reference=self.info["reference"][sweep["factor"]],
            look=self.look(sweep["factor"]),
        )


def file_name(sweep: Mapping) -> str:
    """The stem of a sweep's figure: azimuth_orbit, elevation."""
    return sweep["factor"] if sweep["factor"] == sweep["sweep"] else f"{sweep['factor']}_{sweep['sweep']}"


def marked(table: pd.DataFrame) -> list[dict]:
    """A table as dictionaries; `first` marks the one that carries the group's name."""
    return [{**row, "first": k == 0} for k, row in enumerate(table.to_dict("records"))]
