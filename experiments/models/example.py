"""A made-up clip with every pass that a model can ask for, for checks and benchmarks of models."""

from __future__ import annotations

import numpy as np

from experiments.models.footage import Footage
from experiments.models.input import InputSpec
from synth.body import reference_skeleton
from synth.factors import ClipSpec, MotionRef
from synth.resolve import resolve

STEP = 2  # pixels that the picture drifts by in every frame


def example(spec: InputSpec, seed: int = 0, *, zoom: int = 1, more: int = 0) -> Footage:
    """A blurred random picture that drifts to the right, its flow, and a body that sways: a clip of the size and
    length that the model asks for, `zoom` times as large and with `more` frames."""
    rng = np.random.default_rng(seed)
    fps = spec.rate or 25.0
    count = max(spec.needs(fps), spec.flow_stack + 2) + more
    height, width = (side * zoom for side in spec.source)
    coarse = rng.uniform(0, 255, (height // 8 + 2, width // 8 + 2, 3))
    still = np.kron(coarse, np.ones((8, 8, 1)))[:height, :width].astype(np.uint8)
    frames = np.stack([np.roll(still, STEP * t, axis=1) for t in range(count)])
    flow = np.broadcast_to(np.array([STEP, rng.uniform(-1, 1)], np.float32), (count - 1, height, width, 2))
    shown = ClipSpec(motion=MotionRef(activity="squat"), num_frames=count, height=height, width=width, fps=fps)
    return Footage(frames=frames, fps=fps, flow=flow.copy(), joints=_swaying(count, rng), camera=resolve(shown).camera)


def _swaying(count: int, rng: np.random.Generator) -> np.ndarray:
    """float32 (count, J, 3): the reference body in its rest pose, every joint swaying by some centimetres."""
    heads = reference_skeleton().heads
    phase = rng.uniform(0, 2 * np.pi, (1, len(heads), 3)) + np.arange(count)[:, None, None] / 3
    return (heads + 0.05 * np.sin(phase)).astype(np.float32)
