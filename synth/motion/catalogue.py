"""The motions that a study may ask for, by reference, on the body that performs them.

Authored motions come from `synth.motion.builtin`. CMU motions are trials (`synth.motion.trials`): first the crops that
were chosen by looking (`cmu.yaml`), then whatever trials of the activity's class lie under the assets root, the folder
that contains `cmu/asfamc` and `cmu/bvh`; their files are no part of the package. Whatever the source, a loaded motion
faces +X (see `facing`), has its pelvis above the origin in the mean and the floor at z = 0.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from synth.assets import cmu
from synth.body.skeleton import Skeleton
from synth.errors import UnknownName, find
from synth.factors import MotionRef
from synth.motion import builtin
from synth.motion.amc import read_amc, trial_fps
from synth.motion.asf import read_asf
from synth.motion.bvh import onto_asf, read_bvh
from synth.motion.facing import front_deg, subject_front_deg
from synth.motion.holding import for_activity
from synth.motion.motion import KINDS, Motion
from synth.motion.performance import Performance
from synth.motion.retarget import retarget
from synth.motion.trials import Crop, MissingMotion, absent, at_hand, crop_of, crops

HERE = Path(__file__).parent
TRIALS_HELD = 16  # a trial of 40 s takes a second to read and 17 MB to hold
_CMU_CODE = ("*.py", *(f"builtin/{name}.py" for name in ("figure", "grip", "hands", "rig", "rotations")))
_AUTHORED_CODE = ("motion.py", "facing.py", "travel.py", "catalogue.py", "builtin/*.py")
_ONLY_MEASURES = ("quality.py", "fidelity.py")


def activities(source: str, assets_root: Path | None = None) -> list[str]:
    """The activities that a source ("authored" or "cmu") has motions of.

    Of CMU those with chosen crops; with an assets root also the classes of which it holds a trial.
    """
    if _known_source(source) == "authored":
        return list(builtin.ACTIVITIES)
    chosen = list(crops())
    others = [name for name in cmu.classes() if name not in chosen]
    return chosen + [name for name in others if at_hand(name, assets_root)]


def references(activity: str, *, source: str, n: int, assets_root: Path | None = None) -> list[MotionRef]:
    """Up to n different motions of an activity.

    Authored ones are `held-0` and so on. CMU has the chosen crops, then, with an assets root, the other trials of the
    class that it holds. Raises UnknownName, and MissingMotion where CMU has none.
    """
    if _known_source(source) == "authored":
        find("activity", activity, dict.fromkeys(builtin.ACTIVITIES))
        variants: Sequence[str] = [f"held-{k}" for k in range(n)]
    else:
        variants = [*crops().get(activity, ()), *at_hand(activity, assets_root)][:n]
        if not variants:
            raise absent(activity, assets_root)
    return [MotionRef(activity=activity, source=source, variant=variant) for variant in variants]


def cluster(ref: MotionRef) -> str:
    """What replicates have in common: the recording of a CMU crop; an authored motion stands alone."""
    return f"cmu/{crop_of(ref).trial}" if _known_source(ref.source) == "cmu" else ref.key


def load(ref: MotionRef, skeleton: Skeleton, *, assets_root: Path | None = None) -> Motion:
    """The motion on a body: facing +X, mean pelvis above the origin, floor at z = 0.

    Raises UnknownName for an activity, source or variant, MissingMotion without the files, MotionFileError for files
    that cannot be read.
    """
    if _known_source(ref.source) == "authored":
        motion = builtin.make(ref.activity, ref.variant, skeleton)
        motion = dataclasses.replace(motion, label=ref.key).turned(-front_deg(motion, skeleton))
    else:
        crop = crop_of(ref)
        motion = on_body(crop, skeleton, assets_root=assets_root, label=ref.key)
        motion = motion.turned(-facing_deg(crop, assets_root=assets_root))
        motion = dataclasses.replace(motion, props=for_activity(ref.activity, motion, skeleton))
    return motion.moved(-motion.root.mean(axis=0) * [1.0, 1.0, 0.0])


def on_body(
    crop: Crop,
    skeleton: Skeleton,
    *,
    assets_root: Path | None,
    label: str = "",
    lock: bool = True,
    lift: bool = True,
) -> Motion:
    """A crop on a body where it was recorded and as it faced there. lock, lift: as of `retarget`."""
    trial, frames = recording(crop, assets_root)
    part = {"start": frames.start, "stop": frames.stop}
    return retarget(trial, skeleton, **part, label=label, hands=crop.hands, lock=lock, lift=lift)


def subject(crop: Crop, *, assets_root: Path | None) -> Performance:
    """What the subject did in a crop."""
    trial, frames = recording(crop, assets_root)
    return trial.cut(frames)


def facing_deg(crop: Crop, *, assets_root: Path | None) -> float:
    """The front of a crop in its file's world; of one that was not looked at, as measured on the subject."""
    if crop.facing_deg is not None:
        return crop.facing_deg
    return subject_front_deg(subject(crop, assets_root=assets_root))


def recording(crop: Crop, assets_root: Path | None) -> tuple[Performance, slice]:
    """The whole trial and the frames of a crop in it."""
    asf, path = crop.files(assets_root)
    trial = performance(asf, path, cut_off=crop.cut_off)
    start, stop = crop.frames or (0, len(trial))
    if stop > len(trial):
        raise MissingMotion(f"{path} has {len(trial)} frames, the catalogue's crop ends at {stop}; is it another file?")
    return trial, slice(start, stop)


def performance(asf: Path, path: Path, *, cut_off: bool = False) -> Performance:
    """What the subject did in a trial (AMC or BVH); the last few are held in memory. cut_off: see `read_amc`."""
    return _performance(asf, path, path.stat().st_mtime_ns, cut_off)


def digest(ref: MotionRef, assets_root: Path | None = None) -> str:
    """SHA-256 (hex) of what a motion is made of: its recipe, its files and the code that puts it on a body."""
    _known_source(ref.source)
    total = hashlib.sha256()
    if ref.source == "authored":
        find("activity", ref.activity, dict.fromkeys(builtin.ACTIVITIES))
        total.update(json.dumps([ref.key, _code_digest(_AUTHORED_CODE)]).encode())
        return total.hexdigest()
    crop = crop_of(ref)
    recipe = [dataclasses.asdict(crop), trial_fps(crop.trial), _code_digest(_CMU_CODE)]
    total.update(json.dumps(recipe, sort_keys=True).encode())
    for path in crop.files(assets_root):
        total.update(_file_digest(path, path.stat().st_mtime_ns).encode())
    return total.hexdigest()


def _known_source(source: str) -> str:
    if source not in KINDS:
        raise UnknownName("source of motions", source, KINDS)
    return source


@functools.lru_cache(maxsize=TRIALS_HELD)
def _performance(asf: Path, path: Path, mtime_ns: int, cut_off: bool) -> Performance:
    skeleton = read_asf(asf)
    if path.suffix == ".amc":
        return Performance.of(skeleton, read_amc(path, skeleton, cut_off=cut_off))
    bvh = read_bvh(path)
    trial = cmu.trial_in(path.name)
    if trial:  # cgspeed's files say 120 frames a second whatever the trial's rate
        bvh = dataclasses.replace(bvh, motion=dataclasses.replace(bvh.motion, fps=trial_fps(trial)))
    return Performance.of(*onto_asf(bvh, skeleton))


@functools.lru_cache(maxsize=256)
def _file_digest(path: Path, mtime_ns: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@functools.cache
def _code_digest(patterns: tuple[str, ...]) -> str:
    total = hashlib.sha256()
    for path in sorted(
        {path for pattern in patterns for path in HERE.glob(pattern) if path.name not in _ONLY_MEASURES}
    ):
        total.update(path.name.encode() + path.read_bytes().replace(b"\r\n", b"\n"))
    return total.hexdigest()
