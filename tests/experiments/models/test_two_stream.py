"""Two-stream VGG-16: the size counted by hand, the fusion's beginning, MatConvNet's names and a plain forward pass."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from experiments.models.two_stream import (
    CONVS,
    Architecture,
    TwoStream,
    build,
    from_matconvnet,
    fusion_kernel,
    with_fusion,
)
from synth.errors import UnknownName
from tests.experiments.models.published import vgg_as_matconvnet as as_matconvnet

TINY = {"widths": [4, 4, 6, 6, 8], "hidden": 10, "side": 64, "flow_stack": 2}


@pytest.fixture(scope="module")
def tiny():
    torch.manual_seed(0)
    net = build(5, TINY).eval()
    for tensor in net.state_dict().values():
        if tensor.ndim == 1:
            tensor.normal_(std=0.1)
    return net


def test_the_size_counted_by_hand():
    """VGG-16's 134.3 million for 101 classes, 17 more input channels for the motion, and the fusion's 14.2."""
    with torch.device("meta"):
        net = TwoStream(101)
    convs = [(3, 64), (64, 64), (64, 128), (128, 128), (128, 256)] + [(256, 256)] * 2 + [(256, 512)] + [(512, 512)] * 5
    tower = sum(9 * into * out + out for into, out in convs)
    assert tower == 14_714_688
    tower += 49 * 512 * 4096 + 4096 + 4096 * 4096 + 4096 + 4096 * 101 + 101
    fusion = 27 * 1024 * 512 + 512
    assert sum(p.numel() for p in net.spatial.parameters()) == tower == 134_674_341
    assert sum(p.numel() for p in net.parameters()) == 2 * tower + 17 * 9 * 64 + fusion == 283_514_762


def test_the_fusion_begins_as_a_gaussian_of_either_towers_channel():
    kernel = fusion_kernel(4).numpy()
    assert kernel.shape == (4, 8, 3, 3, 3)
    assert np.allclose(kernel.sum((2, 3, 4)), np.hstack([0.25 * np.eye(4), 0.75 * np.eye(4)]))
    bell = kernel[0, 0] / 0.25
    assert bell[1, 1, 1] / bell[0, 1, 1] == pytest.approx(np.exp(0.5), rel=1e-5)
    assert bell[1, 1, 1] / bell[0, 0, 0] == pytest.approx(np.exp(1.5), rel=1e-5)
    assert np.allclose(bell, bell.transpose(2, 0, 1))


def plain_tower(state, stream, pictures):
    """ReLU5_3 of one clip, frame by frame: (T, channels, H, W) -> (channels, T, h, w)."""
    out = []
    for x in pictures:
        for group, count in enumerate(CONVS, 1):
            for index in range(1, count + 1):
                at = f"{stream}.conv{group}_{index}"
                x = F.conv2d(x[None], state[f"{at}.weight"], state[f"{at}.bias"], padding=1)[0].clamp(min=0)
            if group < 5:
                x = F.max_pool2d(x, 2)
        out.append(x)
    return torch.stack(out, 1)


def plain_head(state, stream, x):
    """Scores of one clip's (channels, 5, 4, 4), the fully connected layers as matrices."""
    x = x.amax(1).unfold(1, 2, 2).unfold(2, 2, 2).amax((3, 4)).flatten()
    for layer in ("fc6", "fc7", "fc8"):
        x = state[f"{stream}.{layer}.weight"].flatten(1) @ x + state[f"{stream}.{layer}.bias"]
        x = x if layer == "fc8" else x.clamp(min=0)
    return x


def test_the_forward_pass_layer_by_layer(tiny):
    x = torch.randn(2, 3 + 4, 5, 64, 64)
    state = tiny.state_dict()
    for clip, spatial, temporal, mean in zip(x, *tiny.streams(x), tiny(x), strict=True):
        look = plain_tower(state, "spatial", clip[:3].transpose(0, 1))
        move = plain_tower(state, "temporal", clip[3:].transpose(0, 1))
        weight, bias = state["conv5_fusion.weight"], state["conv5_fusion.bias"]
        fused = F.conv3d(torch.cat([look, move])[None], weight, bias, padding=1)[0].clamp(min=0)
        by_hand = plain_head(state, "spatial", fused), plain_head(state, "temporal", move)
        assert torch.allclose(spatial, by_hand[0], atol=1e-5) and torch.allclose(temporal, by_hand[1], atol=1e-5)
        assert torch.allclose(mean, (by_hand[0] + by_hand[1]) / 2, atol=1e-5)


def test_more_frames_and_larger_pictures_are_averaged(tiny):
    """Nine frames hold three windows of five, two frames apart."""
    x = torch.randn(1, 7, 9, 64, 64)
    assert tiny.temporal.pool5(torch.zeros(1, 8, 9, 4, 4)).shape[2] == 3
    motion = tiny.temporal.trunk(x[:, 3:])
    windows = [tiny.temporal.head(motion[:, :, start : start + 5]) for start in (0, 2, 4)]
    assert torch.allclose(tiny.streams(x)[1], torch.stack(windows).mean(0), atol=1e-5)
    assert tiny(torch.randn(1, 7, 5, 96, 64)).shape == (1, 5)


def test_a_fused_file_of_matconvnet(tiny):
    other = build(5, TINY).eval()
    torch.nn.init.normal_(tiny.conv5_fusion.weight, std=0.1)
    other.load_state_dict(with_fusion(from_matconvnet(as_matconvnet(tiny))), strict=True)
    x = torch.randn(1, 7, 5, 64, 64)
    assert torch.equal(tiny(x), other(x))


def test_two_towers_begin_a_fused_network(tiny):
    tensors = as_matconvnet(tiny, fused=False)
    towers = [{k[: -len(s) - 1]: v for k, v in tensors.items() if k.endswith(s)} for s in ("spatial", "temporal")]
    found = {**from_matconvnet(towers[0], "spatial"), **from_matconvnet(towers[1], "temporal")}
    other = build(5, TINY)
    other.load_state_dict(with_fusion(found), strict=True)
    assert torch.equal(other.conv5_fusion.weight, fusion_kernel(8))
    assert torch.equal(other.temporal.fc8.weight, tiny.temporal.fc8.weight)


def test_what_is_no_parameter_of_the_network_is_refused(tiny):
    with pytest.raises(UnknownName, match=r"conv1_1f"):
        from_matconvnet({"conv1_1_f_spatial": torch.zeros(3, 3, 3, 4)})
    with pytest.raises(UnknownName, match=r"spatial\.mat"):
        from_matconvnet({"conv1_1f": torch.zeros(3, 3, 3, 4)})
    with pytest.raises(UnknownName, match="temporal"):
        from_matconvnet({}, "tempral")


def test_both_losses_reach_both_towers(tiny):
    net = build(5, TINY).train()
    spatial, temporal = net(torch.randn(2, 7, 5, 64, 64))
    labels = torch.tensor([0, 1])
    (F.cross_entropy(spatial, labels) + F.cross_entropy(temporal, labels)).backward()
    assert all(p.grad is not None for p in net.parameters())
    assert Architecture().dropout == 0.85
