"""From linear light to the bytes of a picture."""

from __future__ import annotations

import numpy as np

from synth.stage.textures import to_srgb

STEPS_PER_UNIT = 8192
TOP = 4.0
_KNEE = 0.6


def tone_map(linear: np.ndarray) -> np.ndarray:
    """Linear light to 0..1: straight up to 0.6, a shoulder above, so that whites in the sun keep their shades."""
    room = 1.0 - _KNEE
    above = _KNEE + room * (1.0 - np.exp(-np.maximum(linear - _KNEE, 0.0) / room))
    return np.where(linear < _KNEE, linear, above)


def tone_curve() -> np.ndarray:
    """(TOP * STEPS_PER_UNIT,) uint8: sRGB bytes of linear light in equal steps."""
    linear = (np.arange(int(TOP * STEPS_PER_UNIT)) + 0.5) / STEPS_PER_UNIT
    return (to_srgb(tone_map(linear)) * 255.0 + 0.5).astype(np.uint8)
