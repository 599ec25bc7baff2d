"""The errors of models and of their weights."""

from __future__ import annotations

from synth.errors import CeterisError


class WeightsError(CeterisError):
    """A card or a weights file that is missing, damaged, or does not fit its network; names file, keys and shapes."""


class MissingPackage(CeterisError):
    """A package that a family needs and that is not installed, or is broken; gives the one line that mends it."""


class LayerError(CeterisError):
    """A layer that was asked for and does not run; names the module."""


class DeviceError(CeterisError):
    """A device that was asked for and is not there."""


class FlowError(CeterisError):
    """Flow that cannot be estimated or read: what was got, what was expected, and the way out."""
