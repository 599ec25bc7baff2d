"""The errors of segmenters."""

from __future__ import annotations

from synth.errors import CeterisError


class SegmenterError(CeterisError):
    """A segmenter that cannot be made or used as asked: its card, its files or the footage it was given."""


class NoMask(SegmenterError):
    """Footage without a mask of its own, given to the segmenter that hands it on."""


class HintMissing(SegmenterError):
    """A segmenter that needs to be told something of the clip and was not; names what, and who knows it."""


class ClipUnfit(SegmenterError):
    """A clip that a method cannot work on: too short, or nothing in it changes."""


class CameraMoves(ClipUnfit):
    """A clip whose camera moves, given to a segmenter for cameras that stand still."""
