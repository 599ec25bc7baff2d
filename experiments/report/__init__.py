"""Tables to a page: figures, thumbnails and one self-contained report.html."""

from experiments.report.build import build

__all__ = ["build"]
