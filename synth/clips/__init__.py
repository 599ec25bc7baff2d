"""Clips on disk: the content-addressed store and its lossless codec."""

from synth.clips.codec import ClipError
from synth.clips.passes import PASSES
from synth.clips.spill import SpillingStore
from synth.clips.store import BrokenClip, ClipStore

__all__ = ["PASSES", "BrokenClip", "ClipError", "ClipStore", "SpillingStore"]
