"""The network: shapes, size, determinism, and a forward pass written down by hand."""

import numpy as np
import pytest
import torch
from torch import nn

from experiments.models.r2plus1d import ARCHITECTURE, Block, R2Plus1D, build, split_conv


def test_it_is_small_and_halves_what_it_says():
    net = build(6)
    assert sum(p.numel() for p in net.parameters()) < 500_000
    x = net.stem(torch.zeros(1, 3, 8, 112, 112))
    assert tuple(x.shape) == (1, ARCHITECTURE["widths"][0], 8, 28, 28)
    assert tuple(net.blocks[2](net.blocks[1](x)).shape) == (1, ARCHITECTURE["widths"][-1], 4, 7, 7)


def test_the_seed_alone_decides_the_weights():
    torch.manual_seed(1)
    first = build(6, seed=3).state_dict()
    torch.manual_seed(2)
    again, other = build(6, seed=3).state_dict(), build(6, seed=4).state_dict()
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert not torch.equal(first["head.weight"], other["head.weight"])


def test_a_new_block_is_its_shortcut():
    net = build(2, {"stem": 4, "widths": [4, 8]}).eval()
    x = torch.rand(1, 4, 2, 6, 6)
    assert torch.allclose(net.blocks[0](x), x, atol=1e-6)


def test_a_split_convolution_is_space_then_time():
    """With a delta in space and a one-frame delay in time, the output is the input of the frame before."""
    conv = split_conv(1, 1).eval()
    nn.init.zeros_(conv[0].weight)
    nn.init.zeros_(conv[3].weight)
    conv[0].weight.data[0, 0, 0, 1, 1] = 1.0
    conv[3].weight.data[0, 0, 0] = 1.0
    x = torch.rand(1, 1, 4, 5, 5)
    shown = conv(x)
    assert torch.allclose(shown[:, :, 1:], x[:, :, :-1], atol=1e-4)
    assert float(shown[:, :, 0].detach().abs().max()) == 0.0


def test_the_shortcut_projects_where_the_shape_changes():
    block = Block(4, 6, stride=2, time_stride=2)
    assert tuple(block(torch.zeros(2, 4, 8, 10, 10)).shape) == (2, 6, 4, 5, 5)
    assert isinstance(Block(4, 4).shortcut, nn.Identity)


def test_the_head_reads_the_strongest_response_averaged_over_time():
    net = R2Plus1D(2, stem=4, widths=[4, 8]).eval()
    x = torch.rand(1, 3, 4, 16, 16)
    trunk = net.blocks[1](net.blocks[0](net.stem(x)))
    pooled = trunk.detach().numpy().max((3, 4)).mean(2)
    by_hand = pooled @ net.head.weight.detach().numpy().T + net.head.bias.detach().numpy()
    assert np.allclose(net(x).detach().numpy(), by_hand, atol=1e-5)


def test_the_stem_sees_the_frames_and_nothing_else():
    net = R2Plus1D(2, stem=4, widths=[4, 8]).eval()
    seen = []
    net.stem.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    frames = torch.rand(1, 3, 4, 16, 16)
    net(frames)
    assert torch.equal(seen[0], frames)


@pytest.mark.parametrize("seed", [0, 1])
def test_gradients_reach_the_input(seed):
    x = torch.rand(1, 3, 8, 32, 32, requires_grad=True)
    net = build(3, {"stem": 4, "widths": [4, 6]}, seed=seed).eval()
    net(x)[0, 0].backward()
    assert float(x.grad.abs().sum()) > 0
