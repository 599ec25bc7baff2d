"""Verification: the scores of real recordings over the synthetic curve of the same activity.

The figure is that of *Identity Preserve Transform* (Lyu et al. 2019), Fig. 8; the number beside it is ours
(`analysis/agreement.py`). On pages of studies without recordings there is no such section.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

import pandas as pd

from experiments.report import facts
from experiments.report.look import factor_look
from experiments.report.section import Section, part
from experiments.report.study import Study, marked
from experiments.report.thumbnails import Sprite
from experiments.report.verified import count, figure, marks, person_paths, rho_text, sentence
from experiments.report.words import joined
from experiments.verify.compare import EVERYONE, compare

HELD = (("elevation_deg", "elevation"), ("distance_m", "distance"))
FOOTER = (
    "Made with Ceteris. Pictures of the recordings show real people: share this page only as far as they have agreed. "
    "All others are rendered."
)


def verification(study: Study) -> list[Section]:
    """One section, or none."""
    if "recordings" not in study.more:
        return []
    sweep, recordings = study.sweeps[0], _numbered(study.more["recordings"])
    tables = [getattr(study.tables, name) for name in ("curves", "effects")]
    curves, effects = (table[table["sweep"] == sweep["sweep"]] for table in tables)
    found = compare(curves, effects, recordings, seed=int(study.info.get("seed", 0)))
    html = part(
        "sections/verification.html.j2",
        index=study.index,
        plates=[_plate(study, sweep, activity, recordings, found) for activity in study.activities],
        rows=_rows(found),
        files=_files(recordings),
        declared=_declared(study.info["verification"], recordings),
        estimated=_estimated(recordings),
        tests=int((found["person"] == EVERYONE).sum()),
        rho=rho_text,
    )
    return [
        Section(
            id="verification",
            title="Verification",
            html=html,
            figures={"verification": lambda: figure(study, sweep, recordings)},
            tables={"agreement": found, "recordings": study.more["recordings"], "windows": study.more["windows"]},
        )
    ]


def verification_head(study: Study) -> dict:
    """What the top of the page of a verification says otherwise than that of a study."""
    files = study.more["recordings"].drop_duplicates("file")
    people = files["person"].nunique()
    intro = (
        f"{count(len(files), 'real recording')} of {people} {'person' if people == 1 else 'people'}, held against the "
        "score curve of rendered clips of the same activity, in which only the azimuth moved. If the curve tells how "
        "the model sees the world, recordings follow it."
    )
    counted = facts.counts(study.rows)
    rendered = [(number, f"rendered {name}" if name in ("clips", "people") else name) for number, name in counted]
    return {"intro": intro, "footer": FOOTER, "counts": [(f"{len(files):,}", "recordings"), *rendered]}


def _numbered(recordings: pd.DataFrame) -> pd.DataFrame:
    """With the number that each file has on the page: by azimuth, within its activity."""
    files = recordings.drop_duplicates("file").sort_values(["azimuth_deg", "file"], kind="stable")
    number = {file: k + 1 for _, own in files.groupby("activity") for k, file in enumerate(own["file"])}
    return recordings.assign(number=recordings["file"].map(number))


def _plate(study: Study, sweep: Mapping, activity: str, recordings: pd.DataFrame, found: pd.DataFrame) -> dict:
    """One activity: a chart per model with its sentence, and the pictures of the recordings."""
    shown = study.panel(activity, sweep)
    own = recordings[recordings["activity"] == activity]
    charts = []
    for line in shown.lines:
        scored = own[own["model"] == line.model]
        row = found[(found["model"] == line.model) & (found["activity"] == activity) & (found["person"] == EVERYONE)]
        plain = dataclasses.replace(line, raw=[])
        charts.append(
            {
                "panel": dataclasses.replace(shown, lines=[plain]),
                "model": line.model,
                "index": line.index,
                "marks": marks(scored, shown.axis),
                "paths": person_paths(scored, shown.axis),
                "text": sentence(row.iloc[0]),
            }
        )
    return {"activity": activity, "charts": charts, "pictures": _pictures(study, own)}


def _pictures(study: Study, own: pd.DataFrame) -> list[dict]:
    """One per recording, in the order of their numbers, with what each model scored."""
    kept = study.info["verification"]["pictures"]
    out = []
    for file, part_ in own.sort_values("number").groupby("file", sort=False):
        row = part_.iloc[0].to_dict()
        scores = [(m, float(part_.loc[part_["model"] == m, "score"].iloc[0])) for m in study.models]
        out.append({**row, "sprite": Sprite(**kept[file]), "where": _where(row), "scores": scores})
    return out


def _where(row: Mapping) -> str:
    look = factor_look("azimuth")
    error = f" ± {row['azimuth_error_deg']:g}°" if row["azimuth_error_deg"] else ""
    name = look.name_of(row["azimuth_deg"])
    return f"{look.text(row['azimuth_deg'])}{error}{f' {name}' if name else ''}"


def _rows(found: pd.DataFrame) -> list[dict]:
    return [row for _, own in found.groupby(["activity", "model"], sort=False) for row in marked(own)]


def _files(recordings: pd.DataFrame) -> list[dict]:
    """The table of recordings: one row per file."""
    out = []
    for _, own in recordings.sort_values(["activity", "number"]).groupby("file", sort=False):
        row = own.iloc[0].to_dict()
        row["where"] = _where(row)
        for name, title in HELD:
            row[title] = "–" if math.isnan(row[name]) else factor_look(title).text(row[name])
        row["scores"] = own[["model", "score", "score_low", "score_high", "top1"]].to_dict("records")
        out.append(row)
    return out


def _declared(info: Mapping, recordings: pd.DataFrame) -> list[tuple[str, str]]:
    """What was done to the recordings, and at what the rendered clips stand."""
    files = recordings.drop_duplicates("file")
    window = info["window"]
    least, most = int(files["windows"].min()), int(files["windows"].max())
    spread = f"{least}" if least == most else f"{least} to {most}"
    out = [
        *info["prepared"],
        (
            "Windows",
            f"{spread} of each recording, of {window['num_frames']} frames at {window['fps']:g} per second as the "
            "rendered clips; a recording's score is their mean",
        ),
        ("Pixels", "made square; then each model's own preprocessing, as for rendered clips"),
    ]
    moving = int(files["camera_moves"].sum())
    out.append(("Cameras that move", f"{moving} of {len(files)}" + _left(info["moving"], "left out")))
    if files["paced"].lt(1).any():
        out.append(("Rate", f"{int(files['paced'].lt(1).sum())} recordings have fewer frames per second: shown faster"))
    if padded := int(files["padding"].gt(0).sum()):
        out.append(("Beyond the picture", f"the crop of {padded} recordings reaches over the edge, which is repeated"))
    for name, title in HELD:
        text_of = factor_look(title).text
        if name in info["medians"]:
            low, high = files[name].min(), files[name].max()
            text = f"{text_of(info['medians'][name])}, the recordings' median ({text_of(low)} to {text_of(high)})"
        else:
            text = "as in the config: the table does not say it"
        out.append((f"Rendered at {title}", text))
    if info["left_out"]:
        out.append(("Left out", f"{info['left_out']} rows of the table, of other activities"))
    return out


def _left(names, what: str) -> str:
    return f"; {what}: {', '.join(names)}" if names else ""


def _estimated(recordings: pd.DataFrame) -> str:
    files = recordings.drop_duplicates("file")
    errors = files["azimuth_error_deg"].value_counts().sort_index()
    known = int(errors.get(0.0, 0))
    said = [f"{number} to ± {error:g}°" for error, number in errors.items() if error]
    if not said:
        return "All azimuths were given as exact."
    exact = f"; {known} are given as exact" if known else ""
    return (
        f"The azimuths of the recordings are estimates: {joined(said)}{exact}. The bars show it, and the intervals and "
        "p with error are taken over it; an error that all recordings share, as a front that was guessed wrong, is not "
        "in them."
    )


__all__ = ["FOOTER", "verification", "verification_head"]
