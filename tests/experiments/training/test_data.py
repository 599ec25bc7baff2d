"""Changes to clips on their way in: alike in all frames, decided by the seed."""

import numpy as np
import pytest
import torch

from experiments.models.input import InputSpec
from experiments.models.preprocess import pictures
from experiments.training.changes import Changes, change
from experiments.training.data import Clips, batches, in_order

STILL = Changes(zoom=0, shift=0, roll_deg=0, gain=0, tint=0, lift=0, grey=0, flip=0)
SPEC = InputSpec(frames=2, height=12, width=12)


@pytest.fixture
def frames():
    return np.random.default_rng(0).integers(0, 255, (2, 12, 12, 3)).astype(np.uint8)


def test_no_change_changes_nothing(frames):
    assert np.array_equal(change(frames, STILL, np.random.default_rng(1)), frames)


def test_a_flip_is_the_mirror_image(frames):
    flipped = change(frames, Changes(**{**vars(STILL), "flip": 1.0}), np.random.default_rng(1))
    assert np.array_equal(flipped, frames[:, :, ::-1])


def test_grey_has_no_colour(frames):
    grey = change(frames, Changes(**{**vars(STILL), "grey": 1.0}), np.random.default_rng(1))
    assert np.array_equal(grey[..., 0], grey[..., 1]) and np.array_equal(grey[..., 1], grey[..., 2])


def test_all_frames_are_changed_alike(frames):
    still = np.repeat(frames[:1], 2, axis=0)
    changed = change(still, Changes(), np.random.default_rng(2))
    assert np.array_equal(changed[0], changed[1])
    assert not np.array_equal(changed[0], still[0])


class Shows:
    """An adapter that shows its input."""

    def prepare(self, footage):
        return pictures(footage, SPEC)


def test_an_epoch_depends_on_its_seed_alone_and_shows_each_clip_once(frames):
    clips = Clips(np.stack([frames] * 7), np.arange(7))
    first = [(x, y) for x, y in batches(clips, Shows(), size=2, seed=[0, 1], changes=Changes())]
    again = [(x, y) for x, y in batches(clips, Shows(), size=2, seed=[0, 1], changes=Changes())]
    other = [(x, y) for x, y in batches(clips, Shows(), size=2, seed=[0, 2], changes=Changes())]
    assert len(first) == 3 and len({int(k) for _, y in first for k in y}) == 6
    assert all(torch.equal(a[0], b[0]) and torch.equal(a[1], b[1]) for a, b in zip(first, again, strict=True))
    assert not all(torch.equal(a[1], b[1]) for a, b in zip(first, other, strict=True))


def test_clips_in_order_are_all_there_and_unchanged(frames):
    clips = Clips(np.stack([frames, frames[:, ::-1]] + [frames] * 3), np.arange(5))
    shown = torch.cat(list(in_order(clips, Shows(), 2)))
    assert torch.equal(shown[:, 0].permute(0, 2, 3, 4, 1), torch.from_numpy(clips.frames))


def test_no_changes_are_none():
    assert STILL.none and not Changes().none
