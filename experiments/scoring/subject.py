"""How much of the person is to be seen in a clip, measured on its ground truth and kept beside the scores.

A sweep of distance or elevation changes the person's size, and a model's crop cuts more away, so that these shares
stand beside every score.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

import numpy as np
from tqdm import tqdm

from experiments.models.input import InputSpec
from experiments.scoring.cache import RowCache
from synth.clips import ClipStore
from synth.factors import ClipSpec
from synth.resolve import resolve

Measure = Callable[[np.ndarray, ClipSpec], float]


def measure(store: ClipStore, specs: Mapping[str, ClipSpec], spec: InputSpec) -> dict[str, dict[str, float]]:
    """Column -> clip id -> share in [0, 1], NaN where the clip lacks the pass.

    person_share: of all pixels. person_in_view: of the pixels that the model is shown. in_frame: share of the joints
    inside the picture.
    """
    view = hashlib.sha256(f"{spec.resize} {spec.crop} {spec.height} {spec.width}".encode()).hexdigest()[:8]
    return {
        "person_share": _measured(store, specs, "mask", "mask", _person_share),
        "person_in_view": _measured(store, specs, "mask", f"view-{view}", _in_view(spec)),
        "in_frame": _measured(store, specs, "joints", "joints", _joints_in_frame),
    }


def _measured(
    store: ClipStore, specs: Mapping[str, ClipSpec], pass_name: str, kept_as: str, rule: Measure
) -> dict[str, float]:
    cache = RowCache(store.root / "scores" / kept_as, 1)
    todo = [clip_id for clip_id in specs if clip_id not in cache and store.has(clip_id, (pass_name,))]
    fresh = {}
    for clip_id in tqdm(todo, desc=f"measure {kept_as}", unit="clip", disable=None):
        fresh[clip_id] = rule(store.read(clip_id, (pass_name,))[pass_name], specs[clip_id])
    cache.add(fresh)
    return {clip_id: float(cache[clip_id][0]) if clip_id in cache else np.nan for clip_id in specs}


def _person_share(mask: np.ndarray, _: ClipSpec) -> float:
    return float((mask > 0).mean())


def _in_view(spec: InputSpec) -> Measure:
    """The share of the model's crops; of a model that is shown no pictures, of the whole picture."""
    if spec.modality == "skeleton":
        return _person_share
    from experiments.models.geometry import share_in_view

    return lambda mask, _: share_in_view(mask, spec)


def _joints_in_frame(joints: np.ndarray, spec: ClipSpec) -> float:
    pixels = resolve(spec).camera.project(joints)
    inside = (pixels[..., :2] >= 0).all(-1) & (pixels[..., :2] < (spec.width, spec.height)).all(-1)
    return float((inside & (pixels[..., 2] > 0)).mean())
