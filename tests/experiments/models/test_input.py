"""Which frames a model is shown, against numbers written down by hand; and what no input can be."""

import numpy as np
import pytest

from experiments.models.input import (
    ClipTooShort,
    InputError,
    InputSpec,
    common_length,
    common_rate,
    common_size,
)
from synth.errors import UnknownName


def picks(spec, *clip, **options):
    return spec.indices(*clip, **options).tolist()


def test_stride_takes_the_first_frame_and_then_its_own_rate():
    spec = InputSpec(frames=4, fps=6.25)
    assert picks(spec, 4, 6.25) == [[0, 1, 2, 3]]
    assert picks(spec, 16, 25.0) == [[0, 4, 8, 12]]
    assert picks(spec, 20, 30.0) == [np.rint(np.arange(4) * 4.8).astype(int).tolist()]


def test_a_loop_begins_again_after_its_last_frame():
    spec = InputSpec(frames=4, fps=5.0)
    assert picks(spec, 5, 10.0, loop=True) == [[0, 2, 4, 1]]
    with pytest.raises(ClipTooShort):
        spec.indices(5, 10.0)
    with pytest.raises(ClipTooShort):
        spec.indices(20, 2.0, loop=True)


def test_centre_leaves_as_much_before_as_after():
    spec = InputSpec(frames=3, fps=12.5, sampling="centre")
    assert picks(spec, 5, 25.0) == [[0, 2, 4]]
    assert picks(spec, 9, 25.0) == [[2, 4, 6]]


def test_clips_in_time_start_evenly_spread():
    spec = InputSpec(frames=2, fps=25.0, sampling="centre", clips=2)
    assert picks(spec, 10, 25.0) == [[2, 3], [6, 7]]
    assert spec.views == 2


@pytest.mark.parametrize("length", [64, 73, 200])
def test_clips_in_time_are_those_of_mmaction(length):
    """RawFramesDataset._get_test_indices of mmaction v0: tick = (N - 64 + 1) / 10, int(tick / 2 + tick k)."""
    tick = (length - 63) / 10
    starts = [int(tick / 2 + tick * k) for k in range(10)]
    spec = InputSpec(frames=64, fps=25.0, sampling="centre", clips=10)
    assert spec.indices(length, 25.0)[:, 0].tolist() == starts
    assert spec.indices(length, 25.0).max() < length


def test_uniform_is_the_ceiling_of_i_l_over_n_and_repeats_the_last():
    spec = InputSpec(frames=4, fps=None, sampling="uniform")
    assert picks(spec, 10, 25.0) == [[0, 3, 5, 8]]
    assert picks(spec, 4, 25.0) == [[0, 1, 2, 3]]
    assert picks(spec, 2, 25.0) == [[0, 1, 1, 1]]


def test_segments_are_read_in_their_middle():
    spec = InputSpec(frames=3, fps=None, sampling="segments")
    assert picks(spec, 9, 25.0) == [[1, 4, 7]]
    assert picks(spec, 10, 25.0) == [[1, 5, 8]]


@pytest.mark.parametrize("length", [30, 70, 140, 248, 250])
def test_segments_are_rounded_as_in_mmaction(length):
    """int(tick / 2 + tick k): rounded otherwise than tick (k + 1/2) where a middle is a whole number."""
    tick = length / 25
    spec = InputSpec(frames=25, fps=None, sampling="segments")
    assert picks(spec, length, 25.0) == [[int(tick / 2.0 + tick * k) for k in range(25)]]


def test_needs_is_the_shortest_clip_that_is_not_refused():
    for spec in (InputSpec(frames=8, fps=6.25), InputSpec(frames=64, fps=25.0, sampling="centre")):
        need = spec.needs(25.0)
        assert spec.indices(need, 25.0).max() == need - 1
        with pytest.raises(ClipTooShort, match=str(need)):
            spec.indices(need - 1, 25.0)


def test_shape_counts_views_and_channels():
    assert InputSpec().shape == (1, 3, 8, 112, 112)
    ten = InputSpec(crop="ten", resize="short 256", height=224, width=224, frames=25, fps=None, sampling="segments")
    assert ten.shape == (10, 3, 25, 224, 224) and ten.source == (256, 256)
    assert InputSpec(modality="flow").shape[1] == 2


def test_clips_suit_the_most_demanding_model():
    small = InputSpec(frames=8, fps=6.25)
    large = InputSpec(frames=64, fps=25.0, sampling="centre", resize="short 256", crop="centre", height=224, width=224)
    assert (common_rate([small]), common_length([small], 6.25), common_size([small])) == (6.25, 8, (112, 112))
    both = [small, large]
    assert (common_rate(both), common_length(both, 25.0), common_size(both)) == (25.0, 64, (256, 256))


@pytest.mark.parametrize(
    "wrong",
    [
        {"frames": 0},
        {"fps": None},
        {"fps": -1.0},
        {"std": (0.0, 1.0, 1.0)},
        {"mean": (0.5,)},
        {"resize": "short"},
        {"clips": 3},
    ],
)
def test_an_input_that_cannot_be_says_which_field(wrong):
    with pytest.raises(InputError, match=f"input.{next(iter(wrong))}"):
        InputSpec(**wrong)


@pytest.mark.parametrize("field", ["modality", "sampling", "crop", "interpolation", "average", "channels"])
def test_a_misspelt_rule_is_answered_with_those_there_are(field):
    with pytest.raises(UnknownName):
        InputSpec(**{field: "centr"})


def test_all_that_is_declared_is_told():
    text = InputSpec(crop="ten", resize="short 256", channels="BGR", scale=1.0, mean=(104, 117, 128)).words()
    for part in ("8 frames", "6.25", "short 256", "ten crop", "BGR", "[104, 117, 128]", "10 views"):
        assert part in text
