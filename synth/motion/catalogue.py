"""The motions that a study may ask for, by reference, on the body that performs them.

Authored motions come from `synth.motion.builtin`. CMU motions are crops of trials, listed in `cmu.yaml`; their files
are no part of the package and are read from an assets root, the folder that contains `cmu/asfamc` and `cmu/bvh`.
Whatever the source, a loaded motion faces +X (see `facing`), has its pelvis above the origin in the mean and the
floor at z = 0.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

from synth.body.skeleton import Skeleton
from synth.errors import CeterisError, UnknownName, find
from synth.factors import MotionRef
from synth.motion import builtin
from synth.motion.amc import read_amc
from synth.motion.asf import read_asf
from synth.motion.bvh import onto_asf, read_bvh
from synth.motion.facing import front_deg
from synth.motion.motion import KINDS, Motion
from synth.motion.performance import Performance
from synth.motion.retarget import retarget

HERE = Path(__file__).parent
TRIALS_HELD = 16  # a trial of 40 s takes a second to read and 17 MB to hold
_CMU_CODE = ("*.py", "builtin/hands.py", "builtin/rig.py", "builtin/rotations.py")
_AUTHORED_CODE = ("motion.py", "facing.py", "travel.py", "catalogue.py", "builtin/*.py")
_ONLY_MEASURES = "quality.py"


class MissingMotion(CeterisError):
    """A motion that the source does not have, or whose files are not there."""


@dataclass(frozen=True, kw_only=True)
class Crop:
    """A crop of a CMU trial; the fields are those of `cmu.yaml`."""

    variant: str
    trial: str
    skeleton: str
    frames: tuple[int, int]
    facing_deg: float
    hands: str
    folder: str = "amc"

    def __post_init__(self):
        object.__setattr__(self, "frames", tuple(self.frames))

    def files(self, assets_root: Path | None) -> tuple[Path, Path]:
        """The ASF and the motion file; raises MissingMotion if they are not there."""
        if assets_root is None:
            raise MissingMotion(
                f"CMU trial {self.trial} is no part of the package; say where the files are: assets.root=<the folder "
                "that contains cmu/asfamc>"
            )
        cmu = Path(assets_root) / "cmu"
        name = f"asfamc/{self.trial}.amc" if self.folder == "amc" else f"bvh/{self.trial}.bvh"
        paths = cmu / f"asfamc/{self.skeleton}.asf", cmu / name
        for path in paths:
            if not path.is_file():
                raise MissingMotion(
                    f"{path} does not exist; assets.root={assets_root} should be the folder that contains cmu/asfamc "
                    "and cmu/bvh, with files as mocap.cs.cmu.edu names them"
                )
        return paths


@functools.cache
def crops() -> dict[str, dict[str, Crop]]:
    """{activity: {variant: crop}} of the CMU catalogue, in the order in which replicates are taken."""
    table = yaml.safe_load((HERE / "cmu.yaml").read_text(encoding="utf-8"))
    return {activity: {row["variant"]: Crop(**row) for row in rows} for activity, rows in table.items()}


def activities(source: str) -> list[str]:
    """The activities that a source ("authored" or "cmu") has motions of."""
    _known_source(source)
    return list(crops()) if source == "cmu" else list(builtin.ACTIVITIES)


def references(activity: str, *, source: str, n: int) -> list[MotionRef]:
    """Up to n different motions of an activity; CMU has as many as the catalogue lists crops.

    Authored ones are `held-0` and so on. Raises UnknownName, and MissingMotion where CMU has none.
    """
    if _known_source(source) == "cmu":
        variants: Iterable[str] = list(_crops_of(activity))[:n]
    else:
        find("activity", activity, dict.fromkeys(builtin.ACTIVITIES))
        variants = [f"held-{k}" for k in range(n)]
    return [MotionRef(activity=activity, source=source, variant=variant) for variant in variants]


def cluster(ref: MotionRef) -> str:
    """What replicates have in common: the recording of a CMU crop; an authored motion stands alone."""
    return f"cmu/{_crop(ref).trial}" if _known_source(ref.source) == "cmu" else ref.key


def load(ref: MotionRef, skeleton: Skeleton, *, assets_root: Path | None = None) -> Motion:
    """The motion on a body: facing +X, mean pelvis above the origin, floor at z = 0.

    Raises UnknownName for an activity, source or variant, MissingMotion without the files, MotionFileError for files
    that cannot be read.
    """
    if _known_source(ref.source) == "authored":
        motion = builtin.make(ref.activity, ref.variant, skeleton)
        motion = dataclasses.replace(motion, label=ref.key).turned(-front_deg(motion, skeleton))
    else:
        crop = _crop(ref)
        motion = on_body(crop, skeleton, assets_root=assets_root, label=ref.key).turned(-crop.facing_deg)
    return motion.moved(-motion.root.mean(axis=0) * [1.0, 1.0, 0.0])


def on_body(crop: Crop, skeleton: Skeleton, *, assets_root: Path | None, label: str = "", lock: bool = True) -> Motion:
    """A crop on a body where it was recorded and as it faced there."""
    asf, path = crop.files(assets_root)
    start, stop = crop.frames
    trial = performance(asf, path)
    if stop > len(trial):
        raise MissingMotion(f"{path} has {len(trial)} frames, the catalogue's crop ends at {stop}; is it another file?")
    motion = retarget(trial, skeleton, start=start, stop=stop, label=label, hands=crop.hands, lock=lock)
    return dataclasses.replace(motion, label=label)


def performance(asf: Path, path: Path) -> Performance:
    """What the subject did in a trial; the last few are held in memory."""
    return _performance(asf, path, path.stat().st_mtime_ns)


def digest(ref: MotionRef, assets_root: Path | None = None) -> str:
    """SHA-256 (hex) of what a motion is made of: its recipe, its files and the code that puts it on a body."""
    _known_source(ref.source)
    total = hashlib.sha256()
    if ref.source == "authored":
        find("activity", ref.activity, dict.fromkeys(builtin.ACTIVITIES))
        total.update(json.dumps([ref.key, _code_digest(_AUTHORED_CODE)]).encode())
        return total.hexdigest()
    crop = _crop(ref)
    total.update(json.dumps([dataclasses.asdict(crop), _code_digest(_CMU_CODE)], sort_keys=True).encode())
    for path in crop.files(assets_root):
        total.update(_file_digest(path, path.stat().st_mtime_ns).encode())
    return total.hexdigest()


def _known_source(source: str) -> str:
    if source not in KINDS:
        raise UnknownName("source of motions", source, KINDS)
    return source


def _crops_of(activity: str) -> dict[str, Crop]:
    table = crops()
    if activity not in table and activity in builtin.ACTIVITIES:
        raise MissingMotion(
            f"CMU has no motion of {activity!r}; take the authored one: source=authored (e.g. "
            f"authored/{activity}/held-0). CMU has: {', '.join(table)}"
        )
    return find("activity", activity, table)


def _crop(ref: MotionRef) -> Crop:
    return find(f"CMU crop of {ref.activity}", ref.variant, _crops_of(ref.activity))


@functools.lru_cache(maxsize=TRIALS_HELD)
def _performance(asf: Path, path: Path, mtime_ns: int) -> Performance:
    skeleton = read_asf(asf)
    if path.suffix == ".amc":
        return Performance.of(skeleton, read_amc(path, skeleton))
    return Performance.of(*onto_asf(read_bvh(path), skeleton))


@functools.lru_cache(maxsize=256)
def _file_digest(path: Path, mtime_ns: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@functools.cache
def _code_digest(patterns: tuple[str, ...]) -> str:
    total = hashlib.sha256()
    for path in sorted({path for pattern in patterns for path in HERE.glob(pattern)} - {HERE / _ONLY_MEASURES}):
        total.update(path.name.encode() + path.read_bytes().replace(b"\r\n", b"\n"))
    return total.hexdigest()
