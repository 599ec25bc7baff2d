"""The forward passes over clips that have no scores yet: one pass gives the logits and every tapped layer.

Shards are written every few batches, so that a run that is stopped loses little and memory stays flat. A device that
runs out of memory is asked for half as much at a time, which is said once.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from tqdm import tqdm

from experiments.models.base import ModelAdapter
from experiments.models.footage import Footage
from experiments.models.input import InputSpec
from experiments.models.loader import batches
from experiments.models.mirror import mirrored
from experiments.scoring.cache import RowCache
from experiments.scoring.errors import ScoreError
from experiments.scoring.features import FeatureStore, pool
from experiments.scoring.raw import RawFrames
from synth.clips import ClipStore
from synth.factors import ClipSpec
from synth.resolve import resolve

log = logging.getLogger(__name__)
SHARD = 256  # clips
BATCH_BYTES = {"cpu": 12e6, "cuda": 1e9}  # of float32 input; on a CPU more leave the cache and the heap
MOST = {"cpu": 32, "cuda": 128}  # clips


@dataclass
class Batch:
    """How many clips are taken at a time; halved where memory runs out."""

    size: int

    def __call__(self) -> int:
        return self.size

    def halve(self, model: str, error: Exception) -> None:
        """Half as many from now on; raises ScoreError where it is one already."""
        if self.size == 1:
            raise ScoreError(
                f"{model} runs out of memory on a single clip ({str(error).splitlines()[0]}); use fewer views or "
                "frames (input of its card), precision=bfloat16, or a device with more memory"
            ) from error
        self.size //= 2
        log.warning("%s ran out of memory; from now on %d clips at a time", model, self.size)


@dataclass
class Kept:
    """Where the results go: logits, and the pooled features of every tapped layer."""

    logits: RowCache
    features: Sequence[FeatureStore] = ()
    _rows: dict[str, np.ndarray] = field(default_factory=dict)
    _taps: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)

    def add(self, ids: Sequence[str], logits: np.ndarray, taps: Mapping[str, np.ndarray]) -> None:
        """Results of one batch; written once there are enough for a shard."""
        self._rows.update(zip(ids, logits, strict=True))
        for name, rows in taps.items():
            self._taps.setdefault(name, {}).update(zip(ids, rows, strict=True))
        if len(self._rows) >= SHARD:
            self.flush()

    def flush(self) -> None:
        """Write what has come since the last shard; features first, since logits say that a clip is done."""
        for store in self.features:
            store.add(self._taps.pop(str(store.root), {}))
        self.logits.add(self._rows)
        self._rows, self._taps = {}, {}


def forward(
    adapter: ModelAdapter,
    store: ClipStore,
    specs: Mapping[str, ClipSpec],
    kept: Kept,
    *,
    batch: int | None = None,
    raw: RawFrames | None = None,
    flipped: bool = False,
) -> None:
    """Score `specs` (clip id -> recipe) into `kept`. batch: clips at a time, None for what suits input and device.
    flipped: show the clips as a mirror does.

    Raises ClipError, ClipTooShort, InputError; ScoreError for logits that are no finite numbers.
    """
    size = Batch(batch or batch_size(adapter.input, getattr(adapter, "device", "cpu")))

    def prepare(clip_id: str) -> torch.Tensor:
        shown = footage(store, clip_id, specs[clip_id], adapter.input, raw)
        return adapter.prepare(mirrored(shown) if flipped else shown)

    layers = list(dict.fromkeys(tap.layer for tap in kept.features))
    with tqdm(total=len(specs), desc=f"score {adapter.name}", unit="clip", disable=None) as bar, torch.inference_mode():
        for ids, inputs in batches(list(specs), prepare, size):
            for part, output in _run(adapter, ids, inputs, layers, size):
                logits = output.logits.float().cpu().numpy()
                _refuse_nan(adapter, part, logits)
                taps = {str(tap.root): pool(output.features[tap.layer], tap.pooling) for tap in kept.features}
                kept.add(part, logits, taps)
                bar.update(len(part))
    kept.flush()


def batch_size(spec: InputSpec, device: str) -> int:
    """Clips at a time: as many as `BATCH_BYTES` of input hold, at least one."""
    kind = device.partition(":")[0]
    clip = 4 * float(np.prod(spec.shape))
    return int(np.clip(BATCH_BYTES.get(kind, BATCH_BYTES["cpu"]) // clip, 1, MOST.get(kind, 32)))


def footage(store: ClipStore, clip_id: str, spec: ClipSpec, shown: InputSpec, raw: RawFrames | None = None) -> Footage:
    """What of a stored clip a model asks for."""
    passes = tuple(name for name in shown.passes if raw is None or name != "frames")
    arrays = store.read(clip_id, passes) if passes else {}
    if raw is not None and "frames" in shown.passes:
        arrays["frames"] = raw.read(clip_id)
    camera = resolve(spec).camera if shown.modality == "skeleton" else None
    return Footage(fps=spec.fps, loop=spec.loop, camera=camera, **arrays)


def _run(adapter: ModelAdapter, ids: list[str], inputs: torch.Tensor, layers: Sequence[str], size: Batch) -> Iterator:
    """(ids, output) of the batch in one piece, or in as many as memory allows."""
    inputs = _pinned(inputs, getattr(adapter, "device", "cpu"))
    start = 0
    while start < len(ids):
        stop = min(start + size(), len(ids))
        try:
            output = adapter.run(inputs[start:stop], layers)
        except RuntimeError as error:
            if not _is_memory(error):
                raise
            size.halve(adapter.name, error)
            continue
        yield ids[start:stop], output
        start = stop


def _pinned(inputs: torch.Tensor, device: str) -> torch.Tensor:
    """On its way to a GPU a batch lies in pinned memory, from where it is copied while the GPU works."""
    return inputs.pin_memory() if device.startswith("cuda") else inputs


def _is_memory(error: RuntimeError) -> bool:
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)


def _refuse_nan(adapter: ModelAdapter, ids: Sequence[str], logits: np.ndarray) -> None:
    bad = [clip_id for clip_id, row in zip(ids, logits, strict=True) if not np.isfinite(row).all()]
    if bad:
        raise ScoreError(
            f"{adapter.name} gave logits that are no finite numbers for {len(bad)} clips, first {bad[0]}; "
            "its weights or its normalisation are broken: run python -m experiments.models.check model=NAME"
        )
