"""What the page says of the study itself: what was held, swept, counted and proven."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from experiments.report.glossary import CMU_CITATION
from experiments.report.look import WAYS, FactorLook, activity_title, factor_look, sweep_title
from experiments.report.words import joined
from synth import axes

LABELS = {
    "trained_azimuth_deg": "Azimuths trained on",
    "shown": "What it is shown of a clip",
    "activities": "What counts as the activity",
    "precision_of_scores": "Scored in",
    "fps": "Frames per second",
    "num_frames": "Frames per clip",
    "root": "Travel of the person",
    "fov_deg": "Field of view",
    "environment": "Place",
    "lighting.sun_azimuth_deg": "Sun azimuth",
    "lighting.sun_elevation_deg": "Sun height",
    "lighting.intensity": "Sun strength (1 = clear noon)",
    "lighting.temperature_k": "Sun colour",
    "lighting.ambient": "Light of the sky (1 = the place's own)",
}
MANY = 16
VALUES = {"in_place": "removed: the person stays in place", "world": "kept"}
UNITS = {"_deg": "°", "_m": " m", "_s": " s", "_k": " K", "_px": " px"}


def plain(value: object) -> str:
    """Any value of a config or a card as short text."""
    if isinstance(value, Mapping):
        return "; ".join(f"{name.lower()} {text}" for name, text in (named(str(k), v) for k, v in value.items()))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return (f"{value:,}" if isinstance(value, int) else f"{value:.4g}").replace("-", "−")
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(plain(item) for item in value)
    return str(value)


def named(name: str, value: object) -> tuple[str, str]:
    """A configuration key and its value for people: ('Fov', '45°')."""
    label = LABELS.get(name)
    for suffix, unit in UNITS.items():
        if name.endswith(suffix) and isinstance(value, Sequence) and len(value) == 2 and not isinstance(value, str):
            return label or _words(name.removesuffix(suffix)), f"{plain(value[0])} to {plain(value[1])}{unit}"
        if name.endswith(suffix) and isinstance(value, int | float):
            return label or _words(name.removesuffix(suffix)), plain(value) + unit
    return label or _words(name), plain(value)


def held(study: Mapping) -> list[tuple[str, str]]:
    """Everything that stayed as it was, with its value."""
    reference = [(factor_look(f).title, _level(study, f, v)) for f, v in study["reference"].items()]
    told = {*study["reference"], *(axes.AXES[name].path for name in study["reference"] if name in axes.AXES)}
    rest = {name: value for name, value in study.get("held", {}).items() if name not in told}
    if rest.pop("loop", False):
        rest.pop("fps", None)
        rest["num_frames"] = f"{rest['num_frames']}, one whole cycle, begun again as often as a model needs"
    if "width" in rest and "height" in rest:
        rest["picture"] = f"{rest.pop('width')} × {rest.pop('height')} pixels"
    shown = [named(name, value) for name, value in rest.items()]
    return reference + [(name, VALUES.get(text, text)) for name, text in shown]


def counts(rows: pd.DataFrame, everything: pd.DataFrame) -> list[tuple[str, str]]:
    """The study in numbers, for the top of the page: clips of every design, replicates of the sweeps."""
    clips = everything.drop_duplicates("clip_id")
    out = [(len(clips), "clip", "clips")]
    if "num_frames" in clips:
        out.append((int(clips["num_frames"].sum()), "frame", "frames"))
    own = rows[rows["repeat"] == 0]
    out += [
        (own["activity"].nunique(), "activity", "activities"),
        (own["block"].nunique(), "replicate", "replicates"),
        (own["appearance"].nunique(), "person", "people"),
        (own["model"].nunique(), "model", "models"),
    ]
    return [(f"{number:,}", one if number == 1 else many) for number, one, many in out]


def sweep_facts(rows: pd.DataFrame, study: Mapping) -> list[dict]:
    """One entry per sweep in the rows: name, factor, title, short title, values as text, a note on the way of it."""
    modes = {sweep["name"]: sweep.get("mode", sweep["name"]) for sweep in study.get("sweeps", ())}
    own = rows[rows["repeat"] == 0]
    out = []
    for (factor, sweep), part in own.groupby(["factor", "sweep"], sort=False):
        look = factor_look(factor)
        values = np.sort(part["value"].unique())
        way = WAYS.get(modes.get(sweep, sweep), ("", "")) if factor == "azimuth" else ("", "")
        out.append(
            {
                "factor": factor,
                "sweep": sweep,
                "title": sweep_title(factor, modes.get(sweep, sweep) if factor == "azimuth" else ""),
                "short": sweep if factor == "azimuth" else look.title.lower(),
                "listing": _listing(values, look, study.get("levels", {}).get(factor)),
                "note": way[1] or look.meaning,
                "reference": _level(study, factor, study["reference"][factor]),
            }
        )
    return out


def _level(study: Mapping, factor: str, value: float) -> str:
    """A value with its unit; of a factor that has names, the name that stands at it."""
    return study.get("levels", {}).get(factor, {}).get(value) or factor_look(factor).text(value)


def _listing(values: np.ndarray, look: FactorLook, names: Mapping[float, str] | None = None) -> str:
    """Every value or name, or where there are many at even steps, the ends and the step."""
    if names:
        return f"{joined([names[float(v)] for v in values])}: {len(values)} values"
    steps = np.diff(values)
    if len(values) > MANY and np.allclose(steps, steps[0]):
        ends = f"{look.text(values[0])} to {look.text(round(values[-1], 6))}"
        return f"{ends} in steps of {look.text(round(steps[0], 6))}: {len(values)} values"
    return f"{joined([look.text(v) for v in values])}: {len(values)} values"


def proof(study: Mapping, rows: pd.DataFrame) -> str:
    """What the control proof found."""
    blocks = rows[rows["repeat"] == 0].groupby(["model", "activity", "factor", "sweep"])["block"].nunique().sum()
    compared = study.get("comparisons")
    first = (
        f"In all {compared:,} comparisons the recipes, the cameras that the engine was told, its build and its "
        f"backend differ in the swept factor alone. "
        if compared
        else ""
    )
    return (
        f"{first}The analysis checked the {blocks:,} curves of single replicates again and would have refused any "
        f"in which a value was missing or anything else had moved."
    )


def motions(rows: pd.DataFrame) -> tuple[str, str]:
    """A sentence on where the motions come from, and the citation that they ask for."""
    sources = rows.groupby("activity", sort=False)["source"].first()
    groups = {source: [activity_title(a).lower() for a in sources.index[sources == source]] for source in set(sources)}
    parts = []
    if names := groups.pop("authored", None):
        parts.append(f"The motions of {joined(names)} are authored: made from key poses, not recorded from people.")
    if names := groups.pop("cmu", None):
        parts.append(f"Those of {joined(names)} are recordings from the CMU motion capture database.")
    parts += [f"Those of {joined(names)} come from {source}." for source, names in sorted(groups.items())]
    return " ".join(parts), CMU_CITATION if "cmu" in set(sources) else ""


def again(study: Mapping) -> list[tuple[str, str]]:
    """Seeds and versions, for whoever makes the page again."""
    out = [("Study", study["name"])] if "name" in study else []
    if "seed" in study:
        out.append(("Seed", str(study["seed"])))
    return out + [(_words(name), str(number)) for name, number in study.get("versions", {}).items()]


def _words(name: str) -> str:
    text = name.replace("_", " ").replace(".", ": ")
    return text[:1].upper() + text[1:]
