"""How faithful recorded motions are on a body: `python -m synth.motion.quality --root DIR [--csv FILE]`.

A row for every CMU motion at hand: the chosen crops, the other trials of the catalogue's classes, and whatever other
file lies under the root; then the means of every class, and a summary. The bars are those of production: who crosses
one is named with it, and the exit code is 1. Where hardly a foot is planted (running, boxing, rolls) the skate is
reported and not barred. What is known to cross, alone of 86: the dive roll 127_23, 6.5 cm in the floor (p99) before
it is lifted out. There the recording itself has the middle of a knee 3 cm under the floor on which its feet stand.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from synth.arguments import folder, new_file
from synth.assets import cmu
from synth.body import reference_skeleton
from synth.errors import CeterisError
from synth.motion import catalogue
from synth.motion.fidelity import Fidelity, measure
from synth.motion.motion import MotionError
from synth.motion.trials import Crop, crop_of
from synth.whole import whole

FEW_STANDS = ("run", "box", "somersault")  # classes whose skate is not barred
ROOT_VARIABLE = "CETERIS_ASSETS"


@dataclass(frozen=True)
class Column:
    """A number of the table: its heading, its unit's factor from metres or degrees, digits, and the most it may be."""

    name: str
    heading: str
    digits: int = 2
    bar: float | None = None


COLUMNS = (
    Column("limb_fk_deg", "FK", 2, 0.1),
    Column("limb_deg", "limb", 2, 1.0),
    Column("limb_p99_deg", "p99", 1, 7.0),
    Column("limb_max_deg", "max", 1, 15.0),
    Column("hip_deg", "hips", 2, 0.1),
    Column("shoulder_deg", "shldr", 1, 5.0),
    Column("torso_bias_deg", "torso", 1, 8.0),
    Column("torso_sd_deg", "+-", 1, 1.5),
    Column("mpjpe_cm", "MPJPE", 1, 6.0),
    Column("pa_mpjpe_cm", "PA", 1, 5.0),
    Column("skate_cm_s", "skate", 1, 4.0),
    Column("source_skate_cm_s", "src", 1),
    Column("skate_ratio", "ratio", 2, 0.7),
    Column("sole_sd_cm", "sole", 2, 1.5),
    Column("depth_mean_cm", "depth", 2, 0.7),
    Column("depth_p99_cm", "p99", 1, 5.0),
    Column("depth_after_cm", "after", 2, 0.1),
    Column("jerk", "jerk", 2),
    Column("framed_pct", "framed", 0),
    Column("framed_in_world_pct", "world", 0),
    Column("front_deg", "front", 1),
)
_SKATE = ("skate_cm_s", "skate_ratio")


def numbers(found: Fidelity) -> dict[str, float]:
    """The columns of a motion."""
    return {
        "limb_fk_deg": found.limb_fk_deg.mean(),
        "limb_deg": found.limb_deg.mean(),
        "limb_p99_deg": np.percentile(found.limb_deg, 99),
        "limb_max_deg": found.limb_deg.max(),
        "hip_deg": found.hip_deg,
        "shoulder_deg": found.shoulder_deg,
        "torso_bias_deg": found.torso_deg.mean(),
        "torso_sd_deg": found.torso_deg.std(),
        "mpjpe_cm": 100 * found.position_m,
        "pa_mpjpe_cm": 100 * found.aligned_m,
        "skate_cm_s": 100 * found.skate_m_s,
        "source_skate_cm_s": 100 * found.source_skate_m_s,
        "skate_ratio": found.skate_m_s / found.source_skate_m_s if found.source_skate_m_s > 0 else 0.0,
        "sole_sd_cm": 100 * found.sole_sd_m,
        "depth_mean_cm": 100 * found.depth_m.mean(),
        "depth_p99_cm": 100 * np.percentile(found.depth_m, 99),
        "depth_after_cm": 100 * max(0.0, -found.lowest_m.min()),
        "jerk": found.jerk,
        "framed_pct": 100 * found.framed,
        "framed_in_world_pct": 100 * found.framed_in_world,
        "front_deg": found.front_deg,
    }


def crossed(activity: str, row: dict[str, float]) -> list[str]:
    """The columns of a motion that cross their bar; one that shows the digits of its bar does not."""
    free = _SKATE if activity in FEW_STANDS else ()
    barred = [column for column in COLUMNS if column.bar is not None and column.name not in free]
    return [column.name for column in barred if round(row[column.name], column.digits) > column.bar]


def motions(assets_root: Path, activity: str | None = None) -> dict[str, Crop]:
    """{"activity/variant": crop} of every motion at hand, or of one activity; first those of the catalogue."""
    table: dict[str, Crop] = {}
    for name in [activity] if activity else catalogue.activities("cmu", assets_root):
        for ref in catalogue.references(name, source="cmu", n=10**6, assets_root=assets_root):
            table[f"{name}/{ref.variant}"] = crop_of(ref)
    return table if activity else {**table, **_others(assets_root, table)}


def _others(assets_root: Path, table: dict[str, Crop]) -> dict[str, Crop]:
    """The files that no motion of the catalogue is made of, each as a whole."""
    folder = assets_root / "cmu"
    found = [crop.find_files(folder) for crop in table.values()]
    used = {files[1] for files in found if files}
    others = {}
    for path in sorted([*folder.glob("asfamc/*.amc"), *folder.glob("bvh/*.bvh")]):
        trial = cmu.trial_in(path.name)
        if path not in used and trial:
            kind = path.suffix[1:]
            others[f"{cmu.ANY}/{trial}.{kind}"] = Crop(variant=trial, trial=trial, folder=kind)
    return others


def _row(name: str, row: dict[str, float], verdict: str) -> str:
    values = " ".join(f"{row[column.name]:{_width(column)}.{column.digits}f}" for column in COLUMNS)
    return f"{name:24s} {values}  {verdict}\n"


def _width(column: Column) -> int:
    return max(5, len(column.heading))


def _head() -> str:
    headings = " ".join(f"{column.heading:>{_width(column)}s}" for column in COLUMNS)
    bars = " ".join(f"{'' if c.bar is None else f'{c.bar:g}':>{_width(c)}s}" for c in COLUMNS)
    return f"{'motion':24s} {headings}  verdict\n{'bar (deg, cm, cm/s, %)':24s} {bars}\n"


def _classes(rows: dict[str, dict[str, float]]) -> str:
    """The means of every class, and how many of its motions pass."""
    text = "\nmeans of the classes\n"
    for activity in dict.fromkeys(name.partition("/")[0] for name in rows):
        own = [row for name, row in rows.items() if name.partition("/")[0] == activity]
        passed = sum(not crossed(activity, row) for row in own)
        mean = {column.name: float(np.mean([row[column.name] for row in own])) for column in COLUMNS}
        text += _row(activity, mean, f"{passed} of {len(own)} pass")
    return text


def _write_csv(path: Path, rows: dict[str, dict[str, float]]) -> None:
    """All columns and the verdicts, written beside and then renamed."""
    with whole(path) as partial, partial.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["motion", *(column.name for column in COLUMNS), "crossed"])
        for name, row in rows.items():
            values = [f"{row[column.name]:.4g}" for column in COLUMNS]
            writer.writerow([name, *values, " ".join(crossed(name.partition("/")[0], row))])


def report(assets_root: Path, *, activity: str | None = None, csv_file: Path | None = None) -> int:
    """Writes the table of all motions at hand; returns the exit code, 2 if none was measured."""
    body, rows, refused = reference_skeleton(), {}, {}
    sys.stdout.write(_head())
    with tqdm(motions(assets_root, activity).items(), unit="motion", file=sys.stderr, disable=None) as progress:
        for name, crop in progress:
            try:
                rows[name] = numbers(measure(crop, body, assets_root=assets_root))
            except (catalogue.MissingMotion, MotionError) as error:
                refused[name] = f"{name:24s} not measured: {error}\n"
                progress.write(refused[name].rstrip(), file=sys.stdout)
                continue
            marks = crossed(name.partition("/")[0], rows[name])
            progress.write(_row(name, rows[name], " ".join(marks) or "ok").rstrip(), file=sys.stdout)
    failing = [name for name, row in rows.items() if crossed(name.partition("/")[0], row)]
    sys.stdout.write(_classes(rows) if rows else "")
    if csv_file is not None:
        _write_csv(csv_file, rows)
    sys.stdout.write(
        f"\n{len(rows)} motions: {len(rows) - len(failing)} pass all bars, {len(failing)} cross one; "
        f"{len(refused)} not measured\n"
    )
    if not rows:
        sys.stderr.write(f"nothing was measured: {assets_root} holds no CMU motion that was asked for; see --root\n")
        return 2
    return 1 if failing else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code: 0 if all pass, 1 if one crosses a bar, 2 for a mistake or no motion."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    usual = os.environ.get(ROOT_VARIABLE)
    parser.add_argument(
        "--root", type=folder, default=usual, required=usual is None, help="the folder that contains cmu/asfamc"
    )
    parser.add_argument("--activity", help="only this one")
    parser.add_argument("--csv", type=new_file, help="write all numbers to this file too")
    options = parser.parse_args(arguments)
    try:
        return report(options.root, activity=options.activity, csv_file=options.csv)
    except CeterisError as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
