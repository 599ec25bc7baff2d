"""The errors of models and of their weights."""

from __future__ import annotations

from synth.errors import CeterisError


class WeightsError(CeterisError):
    """A card or a weights file that is missing, damaged, or does not fit its network; names file, keys and shapes."""


class DeviceError(CeterisError):
    """A device that was asked for and is not there."""
