"""How faithful the CMU motions are on a body: `python -m synth.motion.quality --assets-root DIR`.

Four numbers a motion: the angle between the body's limbs and the subject's; how fast the ball of a planted foot slides,
beside the subject's own; how deep the body's lowest point goes under the floor; and the front, for the catalogue.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synth.body import reference_skeleton
from synth.body.skeleton import Skeleton
from synth.motion import catalogue
from synth.motion.align import body_joint
from synth.motion.facing import front_deg
from synth.motion.performance import SIDES, Performance

LIMBS = (("hip", "knee"), ("knee", "ankle"), ("shoulder", "elbow"), ("elbow", "wrist"))


@dataclass(frozen=True, kw_only=True)
class Quality:
    """limb_deg: (T, 8) angles. skate_m_s, source_skate_m_s: mean horizontal speed of planted balls of the feet.
    lowest_m: (T,) height of the lowest point. front_deg: in [0, 360)."""

    limb_deg: np.ndarray
    skate_m_s: float
    source_skate_m_s: float
    lowest_m: np.ndarray
    front_deg: float


def measure(crop: catalogue.Crop, body: Skeleton, *, assets_root: Path, lock: bool = True) -> Quality:
    """The quality of one crop of the catalogue on a body."""
    motion = catalogue.on_body(crop, body, assets_root=assets_root, lock=lock)
    source = catalogue.performance(*crop.files(assets_root)).cut(slice(*crop.frames)).levelled()
    rotations = motion.matrices()
    joints = body.fk(rotations, motion.root)
    feet = {side: joints[:, body_joint(body, f"toe.{side}")] for side in SIDES}
    own = {side: source.joint(f"toe.{side}") for side in SIDES}
    return Quality(
        limb_deg=limb_error_deg(joints, body, source),
        skate_m_s=_skate(feet, source),
        source_skate_m_s=_skate(own, source),
        lowest_m=body.lowest(rotations, motion.root),
        front_deg=front_deg(motion, body),
    )


def limb_error_deg(joints: np.ndarray, body: Skeleton, source: Performance) -> np.ndarray:
    """(T, 8) angles in degrees between the body's limbs, posed joints (T, J, 3), and the source's."""
    errors = []
    for side in SIDES:
        for start, end in LIMBS:
            ends = [joints[:, body_joint(body, f"{name}.{side}")] for name in (start, end)]
            wanted = source.joint(f"{end}.{side}") - source.joint(f"{start}.{side}")
            errors.append(angle_deg(ends[1] - ends[0], wanted))
    return np.stack(errors, axis=1)


def angle_deg(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(...) the angle between vectors (..., 3); exact for small angles, where a cosine is not."""
    return np.degrees(np.arctan2(np.linalg.norm(np.cross(a, b), axis=-1), np.sum(a * b, axis=-1)))


def _skate(feet: dict[str, np.ndarray], source: Performance) -> float:
    """Mean horizontal speed of the balls of the feet while planted; 0 where none is."""
    speeds = []
    for side in SIDES:
        steps = np.gradient(feet[side], 1.0 / source.fps, axis=0)[source.planted(side)]
        speeds.append(np.linalg.norm(steps[:, :2], axis=1))
    together = np.concatenate(speeds)
    return float(together.mean()) if together.size else 0.0


def _row(name: str, motion: Quality) -> str:
    limb = motion.limb_deg
    return (
        f"{name:24s} {limb.mean():5.2f} {np.percentile(limb, 99):5.2f} {limb.max():6.2f}   "
        f"{100 * motion.skate_m_s:5.1f} {100 * motion.source_skate_m_s:6.1f}   "
        f"{100 * motion.lowest_m.min():6.2f} {100 * np.median(motion.lowest_m):6.2f}   {motion.front_deg:6.1f}\n"
    )


def main(arguments: list[str] | None = None) -> None:
    """Writes a table of every CMU motion of the catalogue."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--assets-root", type=Path, required=True, help="the folder that contains cmu/asfamc")
    parser.add_argument("--activity", choices=catalogue.activities("cmu"), help="only this one")
    options = parser.parse_args(arguments)
    body = reference_skeleton()
    sys.stdout.write(f"{'motion':24s} {'limb error, deg':>18s}   {'skate, cm/s':>12s}   {'lowest, cm':>13s}    front\n")
    sys.stdout.write(f"{'':24s}  mean   p99    max    body source      min median      deg\n")
    for activity in [options.activity] if options.activity else catalogue.activities("cmu"):
        for crop in catalogue.crops()[activity].values():
            quality = measure(crop, body, assets_root=options.assets_root)
            sys.stdout.write(_row(f"{activity}/{crop.variant}", quality))


if __name__ == "__main__":
    main()
