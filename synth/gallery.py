"""Contact sheets, so that people can judge what models are shown.

    python -m synth.gallery motions --activity squat      one motion, eight azimuths down, eight times across
    python -m synth.gallery appearances                   every appearance from eight azimuths
    python -m synth.gallery environments                  every environment from eight azimuths

Every picture comes from the engine over the wire, exactly as a study's does.
"""

from __future__ import annotations

import argparse
import dataclasses
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from synth import body
from synth.aim import aim
from synth.engine import open_engine
from synth.errors import CeterisError
from synth.factors import Appearance, ClipSpec, Environment, FactorError, MotionRef, Viewpoint
from synth.motion import catalogue
from synth.stage import place

AZIMUTHS_DEG = tuple(range(0, 360, 45))
log = logging.getLogger("ceteris")


def motion_specs(ref: MotionRef, options: argparse.Namespace) -> list[ClipSpec]:
    """One clip per azimuth of a motion, its frames spread over at most two seconds."""
    seen = aim(ref, root="in_place", assets_root=options.assets_root)
    seconds = min(seen.duration_s, 2.0)
    base = ClipSpec(
        motion=ref,
        appearance=Appearance(name=options.appearance),
        environment=Environment(name=options.environment),
        look_at_m=seen.look_at_m,
        fps=8 / seconds,
        num_frames=8,
        width=options.size,
        height=options.size,
    )
    return [_seen_from(base, azimuth) for azimuth in AZIMUTHS_DEG]


def _seen_from(spec: ClipSpec, azimuth_deg: float) -> ClipSpec:
    view = Viewpoint(azimuth_deg=azimuth_deg, elevation_deg=10.0, distance_m=3.2)
    return dataclasses.replace(spec, viewpoint=view)


def sheets(options: argparse.Namespace) -> dict[str, list[ClipSpec]]:
    """Name of every sheet -> its clips, a row each."""
    if options.what == "motions":
        known = catalogue.activities(options.source)
        chosen = [options.activity] if options.activity else known
        refs = [r for a in chosen for r in catalogue.references(a, source=options.source, n=options.count)]
        return {ref.key.replace("/", "_"): motion_specs(ref, options) for ref in refs}
    standing = motion_specs(MotionRef(activity="wave", variant="held-0"), options)
    standing = [dataclasses.replace(spec, num_frames=1) for spec in standing]
    if options.what == "appearances":
        names = [*body.appearance_names(), *(f"random-{k}" for k in range(options.count))]
        varied = {name: {"appearance": Appearance(name=name)} for name in names}
    else:
        names = [*place.place_names(), *(f"random-{k}" for k in range(options.count))]
        varied = {name: {"environment": Environment(name=name)} for name in names}
    return {options.what: [dataclasses.replace(spec, **change) for change in varied.values() for spec in standing]}


def tile(clips: Sequence[np.ndarray], columns: int) -> np.ndarray:
    """uint8 (H, W, 3): the frames of all clips in order, `columns` to a row."""
    frames = np.concatenate(list(clips))
    rows = [np.concatenate(list(frames[k : k + columns]), axis=1) for k in range(0, len(frames), columns)]
    return np.concatenate(rows, axis=0)


def draw(options: argparse.Namespace) -> list[Path]:
    """Write every sheet as a PNG into the folder `options.out`; returns their paths."""
    options.out.mkdir(parents=True, exist_ok=True)
    written = []
    with open_engine(assets_root=options.assets_root) as engine:
        for name, specs in sheets(options).items():
            frames = {spec: arrays["frames"] for spec, arrays, _ in engine.capture(specs, ("frames",))}
            path = options.out / f"{name}.png"
            cv2.imwrite(str(path), cv2.cvtColor(tile([frames[s] for s in specs], 8), cv2.COLOR_RGB2BGR))
            log.info("%s", path)
            written.append(path)
    return written


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of 1 or more")
    return int(text)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("motions", "appearances", "environments"))
    parser.add_argument("--activity", help="one activity only")
    parser.add_argument("--source", default="authored", choices=("authored", "cmu"))
    parser.add_argument("--assets-root", type=Path, help="folder that holds cmu/, for --source cmu")
    parser.add_argument("--count", type=_count, default=1, help="motions per activity, or random draws (default 1)")
    parser.add_argument("--appearance", default="ana")
    parser.add_argument("--environment", default="lawn")
    parser.add_argument("--size", type=int, default=160, help="pixels a side of every picture")
    parser.add_argument("--out", type=Path, default=Path("runs/gallery"))
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        draw(parser.parse_args(arguments))
    except (CeterisError, FactorError) as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
