"""What a plan must know of a motion: where the camera looks, how long the motion lasts, whether it repeats.

Taken once per study block from the reference body and the unmodified motion, so that a sweep of appearance, size or
amplitude never moves the camera (design §3, ClipSpec). Putting a recording on a body takes half a second; the answer
is a few numbers, so it can be kept in a folder and a plan that was made before is made again at once.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synth.body import reference_skeleton
from synth.body.appearance import code_digest
from synth.body.pack import pack_digest
from synth.factors import MotionRef
from synth.motion import catalogue, objects, props, travel
from synth.whole import whole

SAMPLES_PER_S = 12.5
DIGEST = "sha256"
log = logging.getLogger("ceteris")


@dataclass(frozen=True, kw_only=True)
class Aim:
    """look_at_m: the middle of the box that holds all joints over the whole motion, world metres, to a millimetre.
    duration_s, cycle_s and cyclic: as of the motion."""

    look_at_m: tuple[float, float, float]
    duration_s: float
    cycle_s: float
    cyclic: bool


def aim(ref: MotionRef, *, root: str, assets_root: Path | None = None, kept_in: Path | None = None) -> Aim:
    """The aim of a motion with its travel ("world") or without ("in_place"); kept in the folder `kept_in`, if given,
    under a name that all it depends on decides."""
    if kept_in is None:
        return _measure(ref, root, assets_root)
    path = kept_in / f"{_digest(ref, root, assets_root)}.json"
    if (kept := _kept(path)) is not None:
        return kept
    found = _measure(ref, root, assets_root)
    kept_in.mkdir(parents=True, exist_ok=True)
    measured = dataclasses.asdict(found)
    with whole(path) as partial:
        partial.write_text(json.dumps({**measured, DIGEST: _digest_of(measured)}))
    return found


def _kept(path: Path) -> Aim | None:
    """The aim in a file; None where there is none, or a damaged one, which is written anew."""
    try:
        kept = json.loads(path.read_text())
        if kept.pop(DIGEST) != _digest_of(kept):
            raise ValueError("its sha256 differs")
        return Aim(**{**kept, "look_at_m": tuple(kept["look_at_m"])})
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        log.warning("%s: not what was measured of a motion (%s); it is measured anew", path, error)
        return None


def _digest_of(measured: Mapping) -> str:
    return hashlib.sha256(json.dumps(measured, sort_keys=True).encode()).hexdigest()


@functools.lru_cache(maxsize=1024)
def _measure(ref: MotionRef, root: str, assets_root: Path | None) -> Aim:
    skeleton = reference_skeleton()
    motion = catalogue.load(ref, skeleton, assets_root=assets_root)
    times = np.arange(0.0, motion.duration_s, 1.0 / SAMPLES_PER_S)
    rotations, path = motion.sample(times)
    if root == "in_place":
        path = travel.in_place(motion, times, path)
    joints = skeleton.fk(rotations, path).reshape(-1, 3)
    middle = (joints.min(axis=0) + joints.max(axis=0)) / 2
    return Aim(
        look_at_m=tuple(round(float(v), 3) for v in middle),
        duration_s=motion.duration_s,
        cycle_s=motion.cycle_s,
        cyclic=motion.cyclic,
    )


def _digest(ref: MotionRef, root: str, assets_root: Path | None) -> str:
    parts = [catalogue.digest(ref, assets_root), root, pack_digest(), code_digest()]
    modules = (__file__, *(module.__file__ for module in (travel, objects, props)))
    parts += [Path(module).read_text(encoding="utf-8") for module in modules]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:20]
