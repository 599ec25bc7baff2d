"""The public checker of layouts: holds a format to the contract of `synth.export.formats`, on a toy data set.

    from synth.export.check import check_format

    check_format(MyFormat(option=3))  # raises FormatError, which names the rule that is broken

A run may be killed at any time and goes on with whatever is missing, in another order. So what a format leaves must
follow from the data set alone: not from the order, not from how often a clip was added, not from what is in memory.
"""

from __future__ import annotations

import dataclasses
import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from synth.body import reference_skeleton
from synth.clips import PASSES
from synth.export.dataset import DataSet, Sample, data_set
from synth.export.errors import FormatError
from synth.export.files import Files
from synth.export.formats import Format
from synth.export.video import Video
from synth.factors import Appearance, ClipSpec, MotionRef, Viewpoint
from synth.resolve import resolve

SPLITS = {"train": ("ana", "ben"), "val": ("mei",), "test": ("tom",)}
AZIMUTHS = (0, 90)
MOST_SAID = 300
MADE = {"summary": "A toy.", "design": "a toy", "command": "none", "seed": 0, "versions": {}}


def toy_data(
    activities: Sequence[str] = ("squat", "push_up"), *, video: Video | None = None, size: int = 32
) -> DataSet:
    """A data set of few and small clips, in three splits."""
    parts = {
        split: [_toy_spec(activity, f"{split}-{number}", who, azimuth, size)
                for activity in activities for number, who in enumerate(people) for azimuth in AZIMUTHS]
        for split, people in SPLITS.items()
    }  # fmt: skip
    ids = {spec: spec.clip_id({}) for specs in parts.values() for spec in specs}
    return data_set("toy", parts, ids, video=video or Video(), made=MADE)


def _toy_spec(activity: str, variant: str, who: str, azimuth_deg: float, size: int) -> ClipSpec:
    return ClipSpec(
        motion=MotionRef(activity=activity, variant=variant),
        appearance=Appearance(name=who),
        viewpoint=Viewpoint(azimuth_deg=azimuth_deg, distance_m=4.0),
        fps=12.5,
        num_frames=4,
        width=size,
        height=size,
    )


def toy_arrays(spec: ClipSpec) -> dict[str, np.ndarray]:
    """Every pass of a clip that shows a box about a body at rest, which sinks from frame to frame; no renderer."""
    camera, count = resolve(spec).camera, spec.num_frames
    sunk_m = 0.05 * np.arange(count)[:, None, None] * np.array([0, 0, -1.0])
    joints = (reference_skeleton().heads[None] + sunk_m).astype(np.float32)
    seen = camera.project(joints)
    shape = (count, spec.height, spec.width)
    mask = np.zeros(shape, np.uint8)
    for frame, points in zip(mask, seen, strict=True):
        (x, y), (to_x, to_y) = (np.clip(f(points[:, :2], axis=0).astype(int), 0, 4096) for f in (np.min, np.max))
        frame[y : to_y + 1, x : to_x + 1] = 1
    ramp = np.linspace(40, 200, spec.width).astype(np.uint8)
    frames = np.broadcast_to(ramp[None, None, :, None], (*shape, 3)).copy()
    frames[mask > 0] = (200, 60, 30)
    depth = np.where(mask > 0, np.float32(seen[..., 2].min() - 0.01), np.float32(np.inf))
    arrays = {"frames": frames, "mask": mask, "parts": mask, "depth": depth, "joints": joints}
    for name, form in PASSES.items():
        if name not in arrays:
            pixels = (count - form.pairs, *shape[1:], *form.pixel) if form.pixel is not None else joints.shape
            arrays[name] = np.zeros(pixels, form.dtype)
    return arrays


def toy_samples(data: DataSet) -> list[Sample]:
    """A sample for every clip of a data set."""
    return [
        Sample(item=item, arrays=toy_arrays(item.spec), camera=resolve(item.spec).camera, video=data.video)
        for item in data.items
    ]


def check_format(form: Format) -> None:
    """Raises FormatError for the first rule that a format breaks."""
    _check_settings(form)
    data = toy_data()
    samples = [dataclasses.replace(s, arrays={name: s.arrays[name] for name in form.passes}) for s in toy_samples(data)]
    form.check(data)
    once = _made(form, data, samples)
    _rule(bool(once), form, "finish leaves a data set", "no file")
    _rule(not any(part.startswith(".") for name in once for part in Path(name).parts), form, "no file is hidden", once)
    _same(form, once, _made(form, data, samples[::-1]), "clips may be added in any order")
    _same(form, once, _made(form, data, [*samples, *samples[:2]]), "a clip may be added twice")
    _same(form, once, _made(form, data, samples, finishes=2), "finish may be called twice")


def _check_settings(form: Format) -> None:
    unknown = [name for name in form.passes if name not in PASSES]
    _rule(not unknown, form, f"passes are of {', '.join(PASSES)}", unknown)
    settings = form.settings
    _rule(_plain(settings) == settings, form, "settings are JSON-able", settings)
    _rule(type(form)(**settings) == form, form, "settings make the format again", settings)


def _made(form: Format, data: DataSet, samples: Sequence[Sample], finishes: int = 1) -> dict[str, bytes]:
    """Every file of the data set, by name."""
    with tempfile.TemporaryDirectory() as folder:
        root, work = Path(folder) / "root", Path(folder) / "work"
        root.mkdir()
        work.mkdir()
        notes = {}
        for sample in samples:
            note = form.add(sample, Files(root, work))
            _rule(_plain(note) == note, form, "what add returns is JSON-able", note)
            notes[sample.item.id] = _plain(note)
        for _ in range(finishes):
            form.finish(data, notes, Files(root, work))
        _rule(not list(work.iterdir()), form, "no partial file is left", list(work.iterdir()))
        return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def _plain(value):
    """`value` as JSON gives it back; None where it cannot be."""
    try:
        return json.loads(json.dumps(value))
    except (TypeError, ValueError):
        return None


def _same(form: Format, one: Mapping[str, bytes], other: Mapping[str, bytes], rule: str) -> None:
    differing = [name for name in {**one, **other} if one.get(name) != other.get(name)]
    _rule(not differing, form, rule, differing[:3])


def _rule(kept: bool, form: Format, rule: str, got) -> None:
    if not kept:
        raise FormatError(f"the format {form.name!r} breaks the rule that {rule}; got {str(got)[:MOST_SAID]}")
