"""NTU RGB+D's layout (Shahroudy et al., CVPR 2016): one .skeleton file a clip, of 25 joints as a Kinect reports them.

    nturgb+d_skeletons/S001C001P003R002A001.skeleton
    classes.txt                     A001 box
    train.txt                       the names of a split, one a line

In a name, A is the class, P the person, R counts the clips of this person and class (beyond 999, S counts on), and C is
always 1. The published splits are lists of the data set's own people and do not apply: take the lists. Joints are those
of `synth.ntu`, at 30 frames a second, in metres before the clip's camera. Where a Kinect says where a joint lies in its
depth and colour pictures, this says where it lies in the clip's; it knows no orientations, which are 0 (as of joints
that a Kinect has none for), and calls every joint tracked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from synth import ntu
from synth.body.pack import load_pack
from synth.export.dataset import DataSet, Item, Sample
from synth.export.errors import ExportError
from synth.export.files import Files
from synth.export.formats import Format
from synth.export.tables import csv_table
from synth.frames import Camera

FOLDER = "nturgb+d_skeletons"
MOST = 999
_TRACKED = 2
_BODY = f"{72_057_594_037_944_000} 0 0 0 0 0 0 0 0 {_TRACKED}"  # id, clipped edges, hands, restricted, lean, tracked


@dataclass(frozen=True, kw_only=True)
class NTU(Format):
    """No options."""

    name = "ntu"
    title = "NTU RGB+D: .skeleton files of 25 joints"
    videos = False
    passes = ("joints",)

    def check(self, data: DataSet) -> None:
        """Three digits must do for classes and for people."""
        people = max((item.person for item in data.items), default=0)
        if len(data.classes) > MOST or people > MOST:
            raise ExportError(
                f"ntu: {len(data.classes)} classes and {people} people; the names of NTU RGB+D have room for {MOST} "
                "of either"
            )

    def add(self, sample: Sample, files: Files) -> dict:
        """Joints as text."""
        spec = sample.item.spec
        joints = ntu.as_seen(ntu.ntu_joints(sample.arrays["joints"], load_pack().bone_names), sample.camera)
        joints = ntu.resampled(joints, spec.fps, ntu.FPS)
        files.write(f"{FOLDER}/{_name(sample.item)}.skeleton", _text(joints, sample.camera))
        return {"frames": len(joints)}

    def finish(self, data: DataSet, notes: Mapping[str, Mapping], files: Files) -> None:
        """Classes, the names of each split, and factors.csv."""
        names = {item.id: _name(item) for item in data.items}
        files.write("classes.txt", "".join(f"A{k:03d} {name}\n" for k, name in enumerate(data.classes, 1)))
        for split in data.splits:
            files.write(f"{split}.txt", "".join(sorted(f"{names[item.id]}\n" for item in data.of_split(split))))
        rows = ({"file": names[item.id], "frames": notes[item.id]["frames"], **item.facts} for item in data.items)
        files.write("factors.csv", csv_table(rows))


def _name(item: Item) -> str:
    """SsssCcccPpppRrrrAaaa of a clip."""
    setup, repetition = divmod(item.take - 1, MOST)
    return f"S{setup + 1:03d}C001P{item.person:03d}R{repetition + 1:03d}A{item.label + 1:03d}"


def _text(joints_m: np.ndarray, camera: Camera) -> str:
    """A file of (T, 25, 3) joints in the sensor's frame; lines end as the data set's, with CR LF."""
    k = camera.intrinsics()
    away = np.where(np.abs(joints_m[..., 2:]) > 1e-6, joints_m[..., 2:], np.nan)
    pixels = np.nan_to_num(joints_m[..., :2] * [-1.0, -1.0] / away * k[[0, 1], [0, 1]] + k[:2, 2])
    lines = [str(len(joints_m))]
    for points, places in zip(joints_m, pixels, strict=True):
        lines += ["1", _BODY, str(len(points))]
        lines += [_joint(point, place) for point, place in zip(points, places, strict=True)]
    return "".join(f"{line}\r\n" for line in lines)


def _joint(point_m: Sequence[float], pixel: Sequence[float]) -> str:
    """x y z, depth x y, colour x y, orientation w x y z, tracking state."""
    place = " ".join(f"{v:.3f}" for v in (*pixel, *pixel))
    return " ".join(f"{v:.7f}" for v in point_m) + f" {place} 0 0 0 0 {_TRACKED}"
