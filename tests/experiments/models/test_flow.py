"""Optical flow as models are shown it: the fields of a frame, lengths, levels, and two estimators on a known motion."""

import cv2
import numpy as np
import pytest
import torch

from experiments.models import flow
from experiments.models.flow import FlowError, estimate, field_indices, fields, levels
from experiments.models.footage import Footage
from experiments.models.input import InputSpec
from synth.errors import UnknownName


def spec(**given):
    base = {"modality": "flow", "frames": 3, "fps": 5.0, "sampling": "centre", "height": 4, "width": 6, "flow_stack": 4}
    return InputSpec(**{**base, **given})


def numbered(count=21, height=4, width=6, fps=25.0, **more):
    """A clip whose field k is u = k, v = -k / 2 everywhere."""
    k = np.arange(count - 1, dtype=np.float32)[:, None, None, None]
    both = np.concatenate([k, -k / 2], -1)
    frames = np.zeros((count, height, width, 3), np.uint8)
    return Footage(frames=frames, flow=np.tile(both, (1, height, width, 1)), fps=fps, **more)


def test_a_stack_is_centred_on_its_frame():
    """Frames 5, 10 and 15 of 21; ten fields of two-stream networks reach from t - 5 to t + 4."""
    assert field_indices(numbered(), spec()).tolist() == [[[3, 4, 5, 6], [8, 9, 10, 11], [13, 14, 15, 16]]]
    assert field_indices(numbered(), spec(frames=1, fps=25.0, flow_stack=10))[0, 0].tolist() == list(range(5, 15))
    assert field_indices(numbered(), spec(flow_stack=1))[0, :, 0].tolist() == [5, 10, 15]


def test_beyond_the_ends_the_outermost_field_stands_in():
    at = field_indices(numbered(11), spec())
    assert at.tolist() == [[[0, 0, 0, 1], [3, 4, 5, 6], [8, 9, 9, 9]]]
    assert field_indices(numbered(11, loop=True), spec())[0, 0].tolist() == [9, 9, 0, 1]


def test_u_and_v_alternate_and_are_of_the_models_pace():
    shown = fields(numbered(), spec())
    assert shown.shape == (1, 8, 3, 4, 6) and shown.dtype == torch.float32
    assert shown[0, :, 1, 0, 0].tolist() == [8, -4, 9, -4.5, 10, -5, 11, -5.5]
    faster = fields(numbered(41, fps=50.0), spec(flow_stack=1))
    assert faster[0, 0, :, 0, 0].tolist() == [20, 40, 60]  # fields 10, 20 and 30, each of half the model's interval


def test_vectors_grow_with_the_picture():
    clip = numbered(height=2, width=2)
    shown = fields(clip, spec(flow_stack=1, interpolation="linear"))
    assert shown[0, :, 1, 0, 0].tolist() == [10 * 3, -5 * 2]


def test_a_mirrored_crop_turns_u():
    clip = numbered(height=4, width=8)
    clip.flow[..., 0] = np.arange(8)
    shown = fields(clip, spec(flow_stack=1, resize="none", crop="ten"))
    assert shown.shape[0] == 10
    assert shown[0, 0, 0, 0].tolist() == [0, 1, 2, 3, 4, 5]
    assert shown[1, 0, 0, 0].tolist() == [-5, -4, -3, -2, -1, 0]
    assert torch.equal(shown[0, 1], shown[1, 1])


def test_levels_of_i3d_and_of_the_two_stream_networks():
    pixels = torch.tensor([-30.0, -20.0, 0.0, 0.1, 10.0, 20.0])
    assert levels(pixels, spec()).tolist() == pytest.approx([-1, -1, 0, 0.005, 0.5, 1])
    as_bytes = levels(pixels, spec(flow_levels="bytes"))
    # round(255 (v + 20) / 40) - 128; 127.5 rounds to the even 128
    assert as_bytes.tolist() == [-128, -128, 0, 0, 63, 127]


def test_levels_of_mmaction_turn_u():
    pixels = torch.tensor([-20.0, 0.0, 10.0, 20.0]).view(4, 1, 1, 1).repeat(1, 1, 2, 2)  # u, v, u, v of one frame
    read = levels(pixels, spec(flow_levels="mmaction"))
    assert read.shape == pixels.shape
    # bytes 0, 128, 191, 255; u becomes 255 - u; minus 128, over 128
    assert (read[:, 0, 0, 0] * 128).tolist() == [127, 0, -64, 127]
    assert torch.equal(levels(pixels[None], spec(flow_levels="mmaction")), read[None])


def test_levels_let_gradients_through():
    pixels = torch.tensor([0.3, 25.0], requires_grad=True)
    levels(pixels, spec(flow_levels="bytes")).sum().backward()
    assert pixels.grad.tolist() == pytest.approx([127.5 / 20, 0.0])


def drifting(by=3, size=64, count=4):
    rng = np.random.default_rng(0)
    still = cv2.GaussianBlur(rng.uniform(0, 255, (size, size + by * count, 3)), (0, 0), 2.5)
    still = ((still - still.min()) / np.ptp(still) * 255).astype(np.uint8)
    return np.stack([still[:, by * (count - t) : by * (count - t) + size] for t in range(count)])


def test_dis_finds_a_drift():
    found = estimate(drifting(), "dis")
    assert found.shape == (3, 64, 64, 2) and found.dtype == np.float32
    assert np.median(found[..., 0]) == pytest.approx(3, abs=0.2)
    assert np.median(found[..., 1]) == pytest.approx(0, abs=0.1)


def test_tvl1_finds_a_drift_or_says_what_it_needs():
    if hasattr(cv2, "optflow"):
        assert np.median(estimate(drifting(), "tvl1")[..., 0]) == pytest.approx(3, abs=0.2)
    else:
        with pytest.raises(FlowError, match="opencv-contrib-python-headless"):
            estimate(drifting(), "tvl1")


def test_estimated_flow_needs_frames_alone_and_only_the_pairs_that_are_shown(monkeypatch):
    asked = []
    monkeypatch.setitem(flow.METHODS, "dis", lambda: lambda a, b: asked.append(a[0, 0]) or np.zeros((*a.shape, 2)))
    frames = np.zeros((21, 4, 6, 3), np.uint8) + np.arange(21, dtype=np.uint8)[:, None, None, None]
    shown = fields(Footage(frames=frames), spec(flow_from="dis"))
    assert shown.shape == (1, 8, 3, 4, 6)
    assert asked == [3, 4, 5, 6, 8, 9, 10, 11, 13, 14, 15, 16]
    assert spec(flow_from="dis").passes == ("frames",) and spec().passes == ("flow",)


def test_a_method_that_there_is_not():
    with pytest.raises(UnknownName, match="tvl1"):
        estimate(drifting(), "tvl")
    with pytest.raises(UnknownName, match="source of flow"):
        spec(flow_from="farneback")
