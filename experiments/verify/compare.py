"""From score curves and scored recordings to agreements: a row per model, activity and person, and for all of them.

All recordings of an activity together are what is concluded from. Single persons, of whom there are often few
viewpoints, stand beside them as in the paper (*Identity Preserve Transform*, §4.2.4), which shows two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

import numpy as np
import pandas as pd

from experiments.analysis.agreement import FEW, agreement
from experiments.analysis.blocks import AnalysisError
from experiments.analysis.effects import FLOOR

EVERYONE = "everyone"
UNMOVED = "the curve does not move"
LEAST_OF_ONE = 3  # recordings of a person, for an agreement of their own: two are always in some order
DRAWS = 500


def compare(curves: pd.DataFrame, effects: pd.DataFrame, recordings: pd.DataFrame, *, seed: int = 0) -> pd.DataFrame:
    """Agreement of recordings with curves; columns as in `agreement.Agreement`, and model, activity, person, persons.

    Args:
        curves: of one sweep of the azimuth (model, activity, value, score), all round in even steps from 0.
        effects: of the same sweep (model, activity, verdict). Where a curve does not move beyond its floor there is
            nothing to follow, whatever the ranks say.
        recordings: model, activity, person, azimuth_deg, azimuth_error_deg, score.
        seed: of the draws within the azimuths' errors.
    """
    still = set(effects.loc[effects["verdict"] == FLOOR, ["model", "activity"]].itertuples(index=False, name=None))
    rows = []
    for (model, activity), own in recordings.groupby(["model", "activity"], sort=False):
        curve = curves[(curves["model"] == model) & (curves["activity"] == activity)].sort_values("value")
        _check_round(curve["value"].to_numpy())
        for person, part in _parts(own):
            found = _agreed(part, curve["score"].to_numpy(), seed)
            if (model, activity) in still and found["verdict"] != FEW:
                found["verdict"] = UNMOVED
            persons = part["person"].nunique()
            rows.append({"model": model, "activity": activity, "person": person, "persons": persons, **found})
    return pd.DataFrame(rows)


def _parts(own: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Everyone, and each person with enough recordings where there are others."""
    people = [(name, part) for name, part in own.groupby("person", sort=False) if len(part) >= LEAST_OF_ONE]
    return [(EVERYONE, own), *(people if own["person"].nunique() > 1 else ())]


def _agreed(part: pd.DataFrame, curve: np.ndarray, seed: int) -> Mapping:
    """The same draws for every model and activity: they are of the same azimuths."""
    rng = np.random.default_rng(seed)
    columns = {name: part[name].to_numpy(float) for name in ("azimuth_deg", "score", "azimuth_error_deg")}
    return asdict(
        agreement(
            columns["azimuth_deg"],
            columns["score"],
            curve,
            errors_deg=columns["azimuth_error_deg"],
            draws=DRAWS,
            rng=rng,
        )
    )


def _check_round(values: np.ndarray) -> None:
    even = np.arange(len(values)) * 360.0 / max(len(values), 1)
    if len(values) < 2 or not np.allclose(values, even):
        listed = ", ".join(f"{value:g}" for value in values)
        raise AnalysisError(f"the curve is known at {listed}; recordings need it all round from 0 in even steps")
