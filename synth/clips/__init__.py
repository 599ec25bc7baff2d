"""Clips on disk: the content-addressed store and its lossless codec."""

from synth.clips.codec import ClipError
from synth.clips.store import PASSES, ClipStore

__all__ = ["PASSES", "ClipError", "ClipStore"]
