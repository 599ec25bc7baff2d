"""Readers of real data: UCF101, HMDB51, KTH, Something-Something-V2, NTU RGB+D's skeletons, plain folders."""

from experiments.recordings.base import Recording, Recordings
from experiments.recordings.sources import SOURCES, open_recordings

__all__ = ["SOURCES", "Recording", "Recordings", "open_recordings"]
