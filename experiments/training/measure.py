"""What a trained model can do: accuracy with its interval, per class and per value of each viewpoint factor.

Intervals are Wilson's (*Probable inference*, JASA 1927), as clips are drawn independently here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from scipy.special import log_softmax
from scipy.stats import binomtest

from experiments.models.adapter import TorchAdapter
from experiments.training.data import TrainingSet, in_order
from synth.factors import ClipSpec

# Edges of the bins that a card tells accuracy in; azimuth bins are centred on 0, 30, ... degrees.
BINS = {
    "azimuth_deg": np.arange(-15.0, 346.0, 30.0),
    "elevation_deg": np.array([-5.0, 5.0, 15.0, 30.0, 45.0, 63.0]),
    "distance_m": np.array([1.9, 2.8, 3.7, 4.6, 5.5, 6.3]),
}


@torch.inference_mode()
def predict(adapter: TorchAdapter, clips: TrainingSet, *, batch: int = 64) -> np.ndarray:
    """float32 (N, C) logits of `clips`, in eval mode and the precision of the adapter."""
    training = adapter.net.training
    adapter.net.eval()
    parts = [adapter.logits(inputs).cpu().numpy() for inputs in in_order(clips, adapter, batch)]
    adapter.net.train(training)
    return np.concatenate(parts)


def mean_loss(logits: np.ndarray, labels: np.ndarray) -> float:
    """Cross-entropy of (N, C) logits, mean over clips."""
    return float(-log_softmax(logits.astype(np.float64), axis=1)[np.arange(len(labels)), labels].mean())


def accuracy(right: np.ndarray) -> dict[str, float | int]:
    """Share of true values in the boolean (N,) `right`, with Wilson's 95 % interval."""
    hits, clips = int(right.sum()), len(right)
    if clips == 0:
        return {"clips": 0}
    interval = binomtest(hits, clips).proportion_ci(0.95, method="wilson")
    numbers = {"accuracy": hits / clips, "low": interval.low, "high": interval.high}
    return {"clips": clips, **{name: round(float(value), 4) for name, value in numbers.items()}}


def f1(labels: np.ndarray, said: np.ndarray) -> float:
    """Mean over the classes that are there of the harmonic mean of precision and recall (macro F1)."""
    scores = []
    for label in np.unique(labels):
        hits = int(((said == label) & (labels == label)).sum())
        scores.append(2 * hits / (int((said == label).sum()) + int((labels == label).sum())))
    return float(np.mean(scores))


def measure(right: np.ndarray, specs: Sequence[ClipSpec]) -> dict:
    """Accuracy over all clips, per activity, per appearance, and in BINS of the viewpoint."""
    activity = np.array([spec.motion.activity for spec in specs])
    appearance = np.array([spec.appearance.name for spec in specs])
    return {
        "all": accuracy(right),
        "activity": {name: accuracy(right[activity == name]) for name in dict.fromkeys(activity.tolist())},
        "appearance": {name: accuracy(right[appearance == name]) for name in sorted(set(appearance.tolist()))},
        **{factor: _binned(right, specs, factor) for factor in BINS},
    }


def _binned(right: np.ndarray, specs: Sequence[ClipSpec], factor: str) -> dict[str, Mapping]:
    values, edges = np.array([getattr(spec.viewpoint, factor) for spec in specs]), BINS[factor]
    if factor == "azimuth_deg":
        values = (values - edges[0]) % 360.0 + edges[0]
    at = np.digitize(values, edges[1:-1])
    rows = {}
    for number in np.unique(at):
        rows[f"{edges[number]:g} to {edges[number + 1]:g}"] = accuracy(right[at == number])
    return rows
