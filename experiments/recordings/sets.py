"""Recordings as a set to train or measure a model on (`experiments.training.data.TrainingSet`)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from experiments.models.footage import Footage
from experiments.recordings.base import Recording, Recordings
from experiments.recordings.errors import RecordingsError
from synth.errors import find


def footage(recordings: Recordings, recording: Recording) -> Footage:
    """One clip as models are given it; of skeletons (T, 50, 3), one actor after the other. Raises as `read` does."""
    data, fps = recordings.read(recording)
    if recordings.modality == "skeleton":
        return Footage(joints=data.reshape(len(data), -1, 3), fps=fps)
    return Footage(frames=data, fps=fps)


class RecordedClips:
    """Clips that are decoded when their turn comes; labels: int64 (N,), columns of `classes`.

    Args:
        recordings: the reader that the clips come from.
        clips: which clips.
        classes: the class list of a model; the data set's own where None.

    Raises RecordingsError for no clips, or clips without a label, UnknownName for a class that the model lacks.
    """

    def __init__(self, recordings: Recordings, clips: Sequence[Recording], classes: Sequence[str] | None = None):
        self.recordings, self.clips = recordings, tuple(clips)
        unlabelled = [clip.name for clip in clips if clip.class_name is None]
        if unlabelled or not clips:
            got = f"{len(unlabelled)} clips without a label ({', '.join(unlabelled[:5])})" if unlabelled else "no clips"
            raise RecordingsError(f"{got} of {recordings.name}; a model is trained and measured on labelled clips")
        column = {name: at for at, name in enumerate(recordings.classes if classes is None else classes)}
        hint = f"It is a class of {recordings.name}."
        self.labels = np.array([find("class", clip.class_name, column, hint) for clip in clips], dtype=np.int64)

    def __len__(self) -> int:
        return len(self.clips)

    def footage(self, index: int) -> Footage:
        """One clip; may be called from several threads."""
        return footage(self.recordings, self.clips[index])
