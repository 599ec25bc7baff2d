"""What can go wrong when a data set is made."""

from __future__ import annotations

from synth.errors import CeterisError


class ExportError(CeterisError):
    """A data set that cannot be made, or a folder that holds something else: what was got and the way out."""


class SplitError(CeterisError):
    """Splits that cannot be made of a design: what there is and what would be needed."""


class LeakedSplit(CeterisError):
    """A motion or a person that is in two splits of a data set."""


class FormatError(CeterisError):
    """A format that breaks the contract of `synth.export.formats`: the rule, and what was got."""


class VideoError(CeterisError):
    """Frames that a codec cannot take, or settings that it does not have."""
