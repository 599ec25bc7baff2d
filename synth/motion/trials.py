"""Which recordings of the CMU database show an activity, which frames of them, and where their files are.

First come the crops of `cmu.yaml`, chosen by looking. Every other trial of a class (`assets_manifest/cmu`) can be asked
for by its name, `cmu/golf_swing/64_02`, and any trial of the database as `cmu/trial/64_02`: whole, or the part of it
that published labels give.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

import yaml

from synth.assets import cmu
from synth.errors import CeterisError, find
from synth.factors import MotionRef
from synth.motion import builtin

HERE = Path(__file__).parent
USUAL_HANDS = "relaxed"


class MissingMotion(CeterisError):
    """A motion that the source does not have, or whose files are not there."""


@dataclass(frozen=True, kw_only=True)
class Crop:
    """A part of a CMU trial; the fields are those of `cmu.yaml`.

    skeleton: whose ASF; None: the subject's own. frames: None for all. facing_deg: None to be measured. folder: where
    the file is looked for first, "amc" or "bvh". cut_off: the copy in circulation ends within its last frame.
    """

    variant: str
    trial: str
    skeleton: str | None = None
    frames: tuple[int, int] | None = None
    facing_deg: float | None = None
    hands: str = USUAL_HANDS
    folder: str = "amc"
    cut_off: bool = False

    def __post_init__(self):
        if self.frames is not None:
            object.__setattr__(self, "frames", tuple(self.frames))

    def files(self, assets_root: Path | None) -> tuple[Path, Path]:
        """The ASF and the motion file; raises MissingMotion if they are not there."""
        if assets_root is None:
            raise MissingMotion(
                f"CMU trial {self.trial} is no part of the package; say where the files are: assets.root=<the folder "
                f"that contains cmu/asfamc>. To get them: python -m synth.assets fetch cmu --trial {self.trial}"
            )
        found = self.find_files(Path(assets_root) / "cmu")
        if found is None:
            amc, bvh = self._motions(Path(assets_root) / "cmu")
            raise MissingMotion(
                f"{amc} (with its {self._asf(amc).name}) does not exist, nor {bvh}; assets.root={assets_root} should "
                "be the folder that contains cmu/asfamc and cmu/bvh, with files as mocap.cs.cmu.edu names them. To get "
                f"them: python -m synth.assets fetch cmu --trial {self.trial} --root {assets_root}"
            )
        return found

    def find_files(self, folder: Path) -> tuple[Path, Path] | None:
        """The ASF and the motion file under a folder `cmu`; None where they are not there."""
        motions = self._motions(folder)
        for path in motions if self.folder == "amc" else reversed(motions):
            asf = self._asf(path)
            if asf is not None and path.is_file() and asf.is_file():
                return asf, path
        return None

    def _motions(self, folder: Path) -> tuple[Path, Path]:
        """Where the trial's AMC and BVH are or would be."""
        plain = folder / "bvh" / f"{self.trial}.bvh"
        named = sorted(folder.glob(f"bvh/{self.trial}[-.]*bvh"))
        return folder / "asfamc" / f"{self.trial}.amc", named[0] if named else plain

    def _asf(self, motion: Path) -> Path:
        """The ASF for a motion file. A BVH only needs one to be scaled, so that the first there is will do."""
        folder = motion.parents[1] / "asfamc"
        own = folder / f"{self.trial.partition('_')[0]}.asf"
        chosen = own if self.skeleton is None else folder / f"{self.skeleton}.asf"
        if chosen.is_file() or motion.suffix == ".amc":
            return chosen if chosen.is_file() else own
        return own if own.is_file() else next(iter(sorted(folder.glob("*.asf"))), own)


@functools.cache
def crops() -> dict[str, dict[str, Crop]]:
    """{activity: {variant: crop}} of those chosen by looking, in the order in which replicates are taken."""
    table = yaml.safe_load((HERE / "cmu.yaml").read_text(encoding="utf-8"))
    return {activity: {row["variant"]: Crop(**row) for row in rows} for activity, rows in table.items()}


def crop_of(ref: MotionRef) -> Crop:
    """The crop that a reference names; raises UnknownName."""
    chosen = crops().get(ref.activity, {})
    if ref.variant in chosen:
        return chosen[ref.variant]
    trials = cmu.index() if ref.activity == cmu.ANY else dict.fromkeys(_class(ref.activity))
    find(f"CMU crop of {ref.activity}", ref.variant, {**chosen, **trials}, "")
    hands = next((crop.hands for crop in chosen.values()), USUAL_HANDS)
    frames = cmu.labels().get((ref.activity, ref.variant))
    return Crop(variant=ref.variant, trial=ref.variant, frames=frames, hands=hands)


def at_hand(activity: str, assets_root: Path | None) -> list[str]:
    """The variants of an activity, beside the chosen crops, whose files an assets root holds.

    Trials that only come near the activity (a weak match) are left out; they can be asked for by name.
    """
    if assets_root is None or (activity in cmu.classes() and cmu.classes()[activity].weak):
        return []
    chosen = {crop.trial for crop in crops().get(activity, {}).values()}
    others = [Crop(variant=trial, trial=trial) for trial in _class(activity) if trial not in chosen]
    return [crop.trial for crop in others if crop.find_files(Path(assets_root) / "cmu")]


def absent(activity: str, assets_root: Path | None) -> MissingMotion:
    """The error for an activity of which there is no trial; raises UnknownName for no activity at all."""
    trials = _class(activity) if activity not in builtin.ACTIVITIES or activity in cmu.classes() else ()
    ways = [f"python -m synth.assets fetch cmu --class {activity}"] if trials else []
    if activity in builtin.ACTIVITIES:
        ways.append(f"the authored one: source=authored (e.g. authored/{activity}/held-0)")
    where = f"under {assets_root}" if assets_root else "without an assets root"
    there = ", ".join(crops())
    return MissingMotion(
        f"there is no good CMU motion of {activity!r} {where}; take {' or '.join(ways)}. There are: {there}"
    )


def _class(activity: str) -> tuple[str, ...]:
    """The trials of a class; raises UnknownName for an activity that is none."""
    known = {**cmu.classes(), **{name: None for name in crops() if name not in cmu.classes()}}
    entry = find("activity", activity, known)
    return entry.trials if entry else ()
