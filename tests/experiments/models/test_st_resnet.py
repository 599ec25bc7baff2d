"""ST-ResNet-50: the size counted by hand, injection, filters over time, MatConvNet's names, a plain forward pass."""

import pytest
import torch
from torch.nn import functional as F

from experiments.models.matconvnet import moments, over_time
from experiments.models.st_resnet import Architecture, StResNet, build, from_matconvnet
from synth.errors import UnknownName
from tests.experiments.models.published import fused_file
from tests.experiments.models.published import resnet_as_matconvnet as as_matconvnet

TINY = {"blocks": [2, 3], "width": 4, "side": 64, "flow_stack": 2, "pool_time": [2, 1]}


def randomised(net, seed=0):
    generator = torch.Generator().manual_seed(seed)
    for name, tensor in net.state_dict().items():
        if name.endswith("var"):
            tensor.copy_(torch.rand(tensor.shape, generator=generator) + 0.5)
        elif tensor.is_floating_point() and tensor.ndim == 1:
            tensor.copy_(torch.randn(tensor.shape, generator=generator) * 0.2 + float(name.endswith("weight")))
    return net.eval()


@pytest.fixture(scope="module")
def tiny():
    torch.manual_seed(0)
    # Two stages leave a picture of 64 at 8 x 8, more than the pooling of 2 x 2 that side 64 has: places are averaged.
    return randomised(build(5, TINY))


def test_the_size_counted_by_hand():
    """ResNet-50 for 101 classes, twice; 17 more input channels; two thirds of eight 1 x 1 filters more in each."""
    with torch.device("meta"):
        net = StResNet(101)
    total, over, into = 49 * 3 * 64 + 2 * 64, 0, 64
    for stage, count in enumerate((3, 4, 6, 3)):
        width = 64 * 2**stage
        for block in range(count):
            total += into * width + 9 * width * width + width * 4 * width + 2 * (width + width + 4 * width)
            if block == 0:
                total += into * 4 * width + 2 * 4 * width
            if block == 1:
                over += 2 * (into * width + width * 4 * width)
            into = 4 * width
    total += 2048 * 101 + 101
    assert total == 23_508_032 + 2048 * 101 + 101 == 23_714_981
    assert sum(p.numel() for p in net.spatial.parameters()) == total + over
    assert sum(p.numel() for p in net.parameters()) == 2 * (total + over) + 49 * 17 * 64


def plain_norm(state, at, x):
    scale = state[f"{at}.weight"] / torch.sqrt(state[f"{at}.running_var"] + 1e-5)
    shift = state[f"{at}.bias"] - state[f"{at}.running_mean"] * scale
    return x * scale.view(-1, 1, 1) + shift.view(-1, 1, 1)


def plain_conv(state, at, frames, stride=1):
    """Pictures, each convolved in space; a filter of three frames reaches to the neighbours, zeros outside."""
    weight = state[f"{at}.weight"]
    pad = weight.shape[3] // 2
    spread = [
        [F.conv2d(x[None], weight[:, :, k], None, stride, pad)[0] for x in frames] for k in range(weight.shape[2])
    ]
    if len(spread) == 1:
        return spread[0]
    zero = torch.zeros_like(spread[0][0])
    before, here, after = spread
    return [
        (before[t - 1] if t else zero) + here[t] + (after[t + 1] if t + 1 < len(frames) else zero)
        for t in range(len(frames))
    ]


def plain_block(state, at, frames, residual, stride):
    shortcut = frames
    if f"{at}.branch1.weight" in state:
        shortcut = plain_conv(state, f"{at}.branch1", frames, stride)
        shortcut = [plain_norm(state, f"{at}.bn_branch1", x) for x in shortcut]
    y = residual
    for branch, by in (("branch2a", stride), ("branch2b", 1), ("branch2c", 1)):
        y = [plain_norm(state, f"{at}.bn_{branch}", x) for x in plain_conv(state, f"{at}.{branch}", y, by)]
        y = [x.clamp(min=0) for x in y] if branch != "branch2c" else y
    return [a + b for a, b in zip(shortcut, y, strict=True)]


@pytest.mark.parametrize("injection", ["sum", "product", "none"])
def test_the_forward_pass_frame_by_frame(tiny, injection):
    net = StResNet(5, Architecture(**{**TINY, "injection": injection})).eval()
    net.load_state_dict(tiny.state_dict())
    state, x = net.state_dict(), torch.randn(1, 7, 3, 64, 64)
    now = {"spatial": list(x[0, :3].unbind(1)), "temporal": list(x[0, 3:].unbind(1))}
    for stream, frames in now.items():
        frames = [F.conv2d(f[None], state[f"{stream}.conv1.weight"][:, :, 0], None, 2, 3)[0] for f in frames]
        frames = [plain_norm(state, f"{stream}.bn_conv1", f).clamp(min=0) for f in frames]
        # 32 -> 16: the last window of Caffe's pooling lies partly outside
        now[stream] = [F.max_pool2d(F.pad(f, (0, 1, 0, 1), value=-1e9), 3, 2) for f in frames]
    for stage, count in ((2, 2), (3, 3)):
        given = now["spatial"]
        for block in range(count):
            name, stride = f"res{stage}{'abc'[block]}", 2 if stage > 2 and block == 0 else 1
            given = given if block == 1 else now["spatial"]
            total = plain_block(state, f"spatial.{name}", now["spatial"], given, stride)
            move = plain_block(state, f"temporal.{name}", now["temporal"], now["temporal"], stride)
            now = {"spatial": [f.clamp(min=0) for f in total], "temporal": [f.clamp(min=0) for f in move]}
            how = {"sum": torch.add, "product": torch.mul, "none": lambda a, b: a.clamp(min=0)}[injection]
            given = [how(a, b) for a, b in zip(total, now["temporal"], strict=True)]
    for stream, got in zip(("spatial", "temporal"), net.streams(x), strict=True):
        a, b, c = now[stream]
        pooled = [torch.maximum(a, b), torch.maximum(b, c)]
        means = torch.stack([F.avg_pool2d(p, 2, 1).mean((1, 2)) for p in pooled]).mean(0)
        weight, bias = state[f"{stream}.fc1000.weight"].flatten(1), state[f"{stream}.fc1000.bias"]
        assert torch.allclose(got[0], weight @ means + bias, atol=1e-4)
    assert torch.allclose(net(x), torch.stack(net.streams(x)).mean(0))


def test_motion_reaches_the_appearance_but_not_the_other_way(tiny):
    x = torch.randn(1, 7, 3, 64, 64)
    other = x.clone()
    other[:, 3:] += 1
    looks = x.clone()
    looks[:, :3] += 1
    assert not torch.allclose(tiny.streams(x)[0], tiny.streams(other)[0])
    assert torch.equal(tiny.streams(x)[1], tiny.streams(looks)[1])


def test_filters_over_time_begin_as_thirds():
    """What does not move is seen through three equal thirds as through the filter of one frame."""
    one = torch.randn(1, 1, 6, 4)
    wide = over_time(one)
    assert wide.shape == (4, 6, 3, 1, 1)
    still = torch.randn(1, 6, 1, 2, 2).expand(-1, -1, 5, -1, -1)
    seen = F.conv3d(still, wide)
    assert torch.allclose(seen[:, :, 0], F.conv2d(still[:, :, 0], one.permute(3, 2, 0, 1)), atol=1e-5)
    trained = torch.randn(1, 3, 6, 4)
    assert torch.equal(over_time(trained)[2, 5, :, 0, 0], trained[0, :, 5, 2])


def test_statistics_are_mean_and_deviation():
    mean, variance = moments(torch.tensor([[1.0, 2.0], [3.0, 0.5]]))
    assert mean.tolist() == [1.0, 3.0]
    assert (variance + 1e-5).sqrt().tolist() == pytest.approx([2.0, 0.5])


def test_a_fused_file_of_matconvnet(tiny):
    tensors = fused_file(tiny)
    assert {"conv1_filter_spatial", "bn_conv1_moments_temporal", "bn2a_branch1_mult_spatial"} <= set(tensors)
    assert tensors["res3b_branch2a_filter_temporal"].shape == (1, 3, 32, 8)
    other = build(5, TINY).eval()
    other.load_state_dict(from_matconvnet(tensors, other), strict=True)
    x = torch.randn(1, 7, 3, 64, 64)
    assert torch.allclose(tiny(x), other(x), atol=1e-5)


def test_towers_whose_filters_are_of_one_frame(tiny):
    other, parts = build(5, TINY).eval(), {}
    for stream in ("spatial", "temporal"):
        parts |= from_matconvnet(as_matconvnet(tiny, stream, flat=True), other, stream)
    other.load_state_dict(parts, strict=True)
    weight = other.spatial.res2b.branch2a.weight
    assert torch.equal(weight[:, :, 0], weight[:, :, 2])
    assert torch.allclose(weight.sum(2), tiny.spatial.res2b.branch2a.weight.sum(2), atol=1e-6)


def test_the_bias_of_conv1_is_absorbed(tiny):
    tensors, bias = fused_file(tiny), torch.randn(4)
    other = build(5, TINY)
    other.load_state_dict(from_matconvnet({**tensors, "conv1_bias_spatial": bias[None]}, other), strict=True)
    x = torch.randn(1, 4, 1, 3, 3)
    got = other.spatial.eval().bn_conv1(x)
    assert torch.allclose(got, tiny.spatial.bn_conv1(x + bias.view(1, 4, 1, 1, 1)), atol=1e-5)


def test_what_is_no_parameter_of_the_network_is_refused(tiny):
    with pytest.raises(UnknownName, match="res9z_branch2a_filter_spatial"):
        from_matconvnet({"res9z_branch2a_filter_spatial": torch.zeros(1, 1, 4, 4)}, tiny)
    with pytest.raises(UnknownName, match=r"spatial\.mat"):
        from_matconvnet({"conv1_filter": torch.zeros(7, 7, 3, 4)}, tiny)
    with pytest.raises(UnknownName, match="product"):
        Architecture(injection="produkt")
