"""Whether a file is what it says it is: a motion is read with the project's own readers before it is taken; of weights,
which their own readers check when they are loaded, what a server says instead of a file is refused."""

from __future__ import annotations

from pathlib import Path

from synth.assets import cmu
from synth.assets.errors import AssetError
from synth.motion.amc import read_amc
from synth.motion.asf import AsfSkeleton, read_asf
from synth.motion.bvh import onto_asf, read_bvh
from synth.motion.files import MotionFileError
from synth.motion.trials import Crop, crops


def motion_file(path: Path, folder: Path) -> str:
    """Reads an ASF, AMC or BVH file; folder: the `cmu` that holds the skeletons. Gives a remark, or "".

    Raises MotionFileError (file and line) for one that cannot be read, AssetError for an AMC without any skeleton.
    """
    if path.suffix.lower() == ".asf":
        read_asf(path)
        return ""
    own, skeleton = _skeleton(path, folder)
    if path.suffix.lower() == ".bvh":
        bvh = read_bvh(path)
        if skeleton is not None:
            onto_asf(bvh, skeleton)
        return "" if skeleton is not None else "no skeleton at hand yet: any ASF will do"
    if skeleton is None:
        raise AssetError(f"{path}: needs a skeleton to be read, {own.name} beside it or in {own.parent}")
    return "; ".join(
        filter(None, (_read_trial(path, skeleton), "" if own.is_file() else f"its own {own.name} is missing"))
    )


def _read_trial(path: Path, skeleton: AsfSkeleton) -> str:
    """Reads an AMC file; one that is known to end within its last frame may, but not before the crops made of it do."""
    used, remark = _crops_of(path.stem), ""
    try:
        trial = read_amc(path, skeleton)
    except MotionFileError:
        if not any(crop.cut_off for crop in used):
            raise
        trial = read_amc(path, skeleton, cut_off=True)
        remark = "ends within its last frame, as the copy in circulation does"
    wanted = max((crop.frames[1] for crop in used if crop.frames), default=0)
    if len(trial) < wanted:
        raise AssetError(
            f"{path}: has {len(trial)} frames, expected {wanted} or more, which are used; the file seems cut off: "
            "fetch it anew"
        )
    return remark


def _skeleton(path: Path, folder: Path) -> tuple[Path, AsfSkeleton | None]:
    """Where the subject's own ASF should be, and it or another with which the motion can be read."""
    trial = cmu.trial_in(path.name) or path.stem
    own = folder / "asfamc" / f"{trial.partition('_')[0]}.asf"
    named = [folder / "asfamc" / f"{crop.skeleton}.asf" for crop in _crops_of(trial) if crop.skeleton]
    others = sorted((folder / "asfamc").glob("*.asf"))
    found = next((file for file in [own, *named, *others] if file.is_file()), None)
    return own, read_asf(found) if found else None


def _crops_of(trial: str) -> list[Crop]:
    return [crop for table in crops().values() for crop in table.values() if crop.trial == trial]


def weights_file(path: Path, folder: Path) -> str:
    """Refuses an empty file and a page of text that a server sent instead of weights; gives no remarks."""
    with path.open("rb") as file:
        head = file.read(256).lstrip()
    if not head or head[:1] == b"<" or head.startswith((b"version https://git-lfs", b'{"error')):
        raise AssetError(
            f"{path}: begins with {head[:40]!r}, which is no file of weights: the server sent a page, or a pointer, "
            "instead. Is the address right? A copy from elsewhere can be used: python -m synth.assets add PATH weights"
        )
    return ""
