"""Crops whose place is known by hand."""

import numpy as np
import pytest

from experiments.segmenters import Segmentation, SegmenterError
from experiments.settings import SettingError
from experiments.verify.preparing import Box, Preparing, around, choose_cut
from synth.errors import UnknownName

FRAMES = np.zeros((4, 30, 40, 3), np.uint8)


class Told:
    """A segmenter that says what it was told."""

    def __init__(self, mask):
        self.mask = mask

    def segment(self, footage):
        sure = np.full(len(self.mask), 0.5, np.float32)
        return Segmentation(mask=self.mask, confidence=sure, remarks=("look at it",))


def mask_of(top, bottom, left, right, shape=(4, 30, 40)):
    mask = np.zeros(shape, np.uint8)
    mask[:, top:bottom, left:right] = 1
    return mask


def test_the_whole_picture_and_the_square_in_its_middle():
    assert choose_cut(FRAMES, Preparing(), None).box == Box(left=0, top=0, width=40, height=30)
    assert choose_cut(FRAMES, Preparing(crop="square"), None).box == Box(left=5, top=0, width=30, height=30)


def test_a_square_around_the_person_with_its_margin():
    assert around(mask_of(10, 20, 18, 22), 0.0) == Box(left=15, top=10, width=10, height=10)
    assert around(mask_of(10, 20, 18, 22), 0.5) == Box(left=10, top=5, width=20, height=20)


def test_the_box_is_no_longer_than_the_picture():
    assert around(mask_of(0, 30, 0, 40), 1.0) == Box(left=0, top=-5, width=40, height=40)


def test_pixels_that_are_the_persons_in_hardly_a_frame_do_not_widen_the_box():
    mask = mask_of(10, 20, 18, 22, (40, 30, 40))
    mask[0, 0, 0] = 1
    assert around(mask, 0.0) == Box(left=15, top=10, width=10, height=10)


def test_what_lies_beyond_the_picture_is_its_edge_and_is_counted():
    frames = np.arange(6, dtype=np.uint8).reshape(1, 2, 3, 1).repeat(3, axis=3)
    box = Box(left=-1, top=0, width=3, height=3)
    assert box.cut(frames)[0, ..., 0].tolist() == [[0, 0, 1], [3, 3, 4], [3, 3, 4]]
    assert box.padding(2, 3) == pytest.approx(1 - 4 / 9)


def test_a_box_within_the_picture_cuts_and_pads_nothing():
    frames = np.random.default_rng(0).integers(0, 255, (2, 6, 8, 3), np.uint8)
    box = Box(left=2, top=1, width=4, height=3)
    np.testing.assert_array_equal(box.cut(frames), frames[:, 1:4, 2:6])
    assert box.padding(6, 8) == 0.0


def test_the_mask_is_declared():
    cut = choose_cut(FRAMES, Preparing(crop="person", margin=0.5), Told(mask_of(10, 20, 18, 22)))
    assert cut.facts["mask_sureness"] == 0.5 and cut.facts["remarks"] == "look at it" and cut.facts["padding"] == 0.0
    words = dict(Preparing(crop="person", segmenter_options={"moving": "warn"}).words())
    assert "still_camera, moving warn" in words["Crop"] and "margin 0.35" in words["Crop"]


def test_nobody_in_the_picture():
    with pytest.raises(SegmenterError, match="no person was found"):
        choose_cut(FRAMES, Preparing(crop="person"), Told(np.zeros((4, 30, 40), np.uint8)))


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"crop": "persn"}, UnknownName, "did you mean 'person'"),
        ({"camera": "stil"}, UnknownName, "did you mean 'still'"),
        ({"margins": 1}, UnknownName, "did you mean 'margin'"),
        ({"margin": -1}, SettingError, "margin = -1"),
        ({"windows": 0}, SettingError, "windows = 0"),
        ({"segmenter_options": 3}, SettingError, "segmenter_options = 3"),
    ],
)
def test_a_mistake_is_named(given, error, says):
    with pytest.raises(error, match=says):
        Preparing.from_config(given)
