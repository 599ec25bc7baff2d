"""The errors of scoring."""

from __future__ import annotations

from synth.errors import CeterisError


class ScoreError(CeterisError):
    """Scores that are no numbers, or that a device has no room for; names the model and the clips."""
