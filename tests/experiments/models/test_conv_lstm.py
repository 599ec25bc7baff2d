"""The convolutional LSTM: the published size and names, and forward passes written down step by step."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from experiments.models.conv_lstm import Architecture, Cell, ConvLstm, StepNorm, build, hard_sigmoid
from experiments.models.input import InputError
from synth.errors import UnknownName

SMALL = {"units": [4, 4], "frames": 3, "height": 32, "width": 32}
KTH = {
    "units": [32, 32],
    "kernel": [3, 5],
    "padding": "valid",
    "gate": "hard_sigmoid",
    "norm": "none",
    "dropout": 0.5,
    "dropout_on": "input",
    "head": "last",
    "frames": 32,
    "height": 120,
    "width": 160,
}


def parameters(num_classes, architecture):
    with torch.device("meta"):
        net = ConvLstm(num_classes, Architecture(**architecture))
    return sum(p.numel() for p in net.parameters())


def randomised(net, seed=0):
    """Weights and running statistics that no two tensors share, small enough to leave the gates in their slopes."""
    generator = torch.Generator().manual_seed(seed)
    for name, tensor in net.state_dict().items():
        if tensor.is_floating_point():
            drawn = torch.randn(tensor.shape, generator=generator) * 0.2
            tensor.copy_(drawn.abs() + 0.5 if name.endswith("var") else drawn)
    return net.eval()


def test_the_published_number_of_parameters_and_names():
    assert parameters(174, {}) == 1_324_014
    with torch.device("meta"):
        keys = set(ConvLstm(174).state_dict())
    cells = {f"clstm.cell{k}.W{way}{gate}.weight" for k in range(3) for way in "xh" for gate in "ifco"}
    cells |= {f"clstm.cell{k}.Wx{gate}.bias" for k in range(3) for gate in "ifco"}
    norm = {f"clstm.bn.{n}" for n in ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")}
    assert keys == cells | norm | {"endFC.weight", "endFC.bias"}
    assert len(keys) == 43


def test_the_kth_variant_counted_by_hand():
    """Two layers of 3 x 5 kernels without padding: 120 x 160 -> 59 x 78 -> 29 x 39 -> 14 x 18 -> 7 x 9."""
    first = 4 * (3 * 15 * 32 + 32) + 4 * 32 * 15 * 32
    second = 4 * (32 * 15 * 32 + 32) + 4 * 32 * 15 * 32
    assert Architecture(**KTH).state_sizes() == [(59, 78), (14, 18)]
    assert parameters(6, KTH) == first + second + 32 * 7 * 9 * 6 + 6 == 202_438


def published(net, x, *, squash=torch.sigmoid, normed=True):
    """The PyTorch program's loop: over steps, and within a step over layers; its eight convolutions one by one."""
    weights = {key.removeprefix("clstm."): value for key, value in net.state_dict().items()}
    of, states, outputs = net.of, {}, []
    for t in range(of.frames):
        out = x[:, :, t]
        for layer in range(len(of.units)):

            def conv(way, gate, value, layer=layer):
                inward = of.padding == "valid" and way == "x"
                return F.conv2d(
                    value,
                    weights[f"cell{layer}.W{way}{gate}.weight"],
                    weights.get(f"cell{layer}.W{way}{gate}.bias"),
                    stride=of.stride if way == "x" else 1,
                    padding=0 if inward else tuple((k - 1) // 2 for k in of.kernel),
                )

            drive = {gate: conv("x", gate, out) for gate in "ifco"}
            h, c = states.get(layer, (torch.zeros_like(drive["i"]),) * 2)
            gates = {gate: drive[gate] + conv("h", gate, h) for gate in "ifco"}
            peep = {g: weights.get(f"cell{layer}.Wc{g}", torch.zeros(1)) for g in "ifo"}
            new = squash(gates["f"] + c * peep["f"]) * c
            new = new + squash(gates["i"] + c * peep["i"]) * torch.tanh(gates["c"])
            out = squash(gates["o"] + new * peep["o"]) * torch.tanh(new)
            states[layer] = (out, new)
            if normed:
                mean, var = weights["bn.running_mean"], weights["bn.running_var"]
                out = F.batch_norm(out, mean, var, weights["bn.weight"], weights["bn.bias"], eps=1e-5)
            out = F.max_pool2d(out, 2)
        outputs.append(out)
    chosen = torch.stack(outputs, 1) if of.head == "all" else outputs[-1]
    return chosen.flatten(1) @ net.endFC.weight.T + net.endFC.bias


@pytest.mark.parametrize("peepholes", [False, True])
def test_the_forward_pass_is_the_published_loop(peepholes):
    net = randomised(ConvLstm(5, Architecture(**SMALL, peepholes=peepholes)))
    x = torch.rand(2, 3, 3, 32, 32)
    with torch.no_grad():
        assert torch.allclose(net(x), published(net, x), atol=1e-5)


def test_the_kth_forward_pass_by_the_loop():
    size = {"units": [4, 6], "frames": 4, "height": 30, "width": 40}
    net = randomised(ConvLstm(3, Architecture(**{**KTH, **size})))
    x = torch.rand(2, 3, 4, 30, 40)
    with torch.no_grad():
        assert torch.allclose(net(x), published(net, x, squash=hard_sigmoid, normed=False), atol=1e-5)


def test_the_gate_of_keras():
    x = torch.tensor([-3.0, -2.5, 0.0, 1.0, 2.5, 9.0])
    assert hard_sigmoid(x).tolist() == pytest.approx([0.0, 0.0, 0.5, 0.7, 1.0, 1.0])


def test_one_number_through_a_cell_by_hand():
    """Everything 1 x 1: two steps of an LSTM with all weights 1 and all biases 0."""
    of = Architecture(units=(1,), kernel=(1, 1), stride=1, frames=2, height=2, width=2)
    cell = Cell(3, 1, (2, 2), of)
    for p in cell.parameters():
        p.data.fill_(1.0 if p.ndim == 4 else 0.0)
    x = torch.full((1, 3, 2, 2, 2), 0.1)
    s, th = (lambda v: 1 / (1 + np.exp(-v))), np.tanh
    c1 = s(0.3) * th(0.3)
    h1 = s(0.3) * th(c1)
    c2 = s(0.3 + h1) * (c1 + th(0.3 + h1))
    h2 = s(0.3 + h1) * th(c2)
    assert cell(x)[0, 0, :, 0, 0].tolist() == pytest.approx([h1, h2], rel=1e-5)


def test_a_shared_norm_learns_its_statistics_in_the_order_of_the_loop():
    """Step by step, and within a step layer by layer: the last entry, which weighs most, is the last layer's."""
    net = randomised(ConvLstm(2, Architecture(**SMALL)))
    x = torch.rand(2, 3, 3, 32, 32)
    states = []
    for layer in range(2):
        getattr(net.clstm, f"cell{layer}").register_forward_hook(lambda m, a, out: states.append(out.detach()))
    mean, var = net.clstm.bn.running_mean.clone(), net.clstm.bn.running_var.clone()
    net.train()(x)
    for t in range(3):
        for layer in range(2):
            step = states[layer][:, :, t]
            mean = 0.9 * mean + 0.1 * step.mean((0, 2, 3))
            var = 0.9 * var + 0.1 * step.var((0, 2, 3))
    assert torch.allclose(net.clstm.bn.running_mean, mean, atol=1e-6)
    assert torch.allclose(net.clstm.bn.running_var, var, atol=1e-6)
    assert int(net.clstm.bn.num_batches_tracked) == 6


def test_while_training_each_step_is_normalised_by_itself():
    norm = StepNorm(3)
    x = torch.randn(4, 3, 5, 6, 6) * torch.arange(1, 6).view(1, 1, 5, 1, 1)
    out = norm(x)
    assert torch.allclose(out.std((0, 3, 4), unbiased=False), torch.ones(3, 5), atol=1e-3)
    norm.seen.clear()


def test_a_frozen_norm_only_scales():
    norm = StepNorm(2, frozen=True).train()
    x = torch.randn(3, 2, 4, 5, 5)
    assert torch.allclose(norm(x), x / np.sqrt(1 + 1e-3), atol=1e-6)
    assert not norm.seen


@pytest.mark.parametrize("norm", ["shared", "per_layer", "frozen", "none"])
@pytest.mark.parametrize("dropout_on", ["output", "input"])
def test_every_choice_trains(norm, dropout_on):
    net = ConvLstm(2, Architecture(**SMALL, norm=norm, dropout=0.5, dropout_on=dropout_on, peepholes=True)).train()
    net(torch.rand(2, 3, 3, 32, 32)).square().sum().backward()
    assert all(p.grad is not None for p in net.parameters())


@pytest.mark.parametrize("norm", ["shared", "none"])
def test_it_runs_and_trains_in_bfloat16(norm):
    net = randomised(ConvLstm(2, Architecture(**SMALL, norm=norm)))
    x = torch.rand(2, 3, 3, 32, 32)
    with torch.autocast("cpu", torch.bfloat16):
        half = net(x)
        net.train()(x).float().square().sum().backward()
    assert torch.allclose(half.float(), net.eval()(x), atol=0.1)
    assert all(torch.isfinite(p.grad).all() for p in net.parameters())


def test_clips_of_a_batch_do_not_mix():
    net = randomised(ConvLstm(5, Architecture(**SMALL)))
    x = torch.rand(3, 3, 3, 32, 32)
    with torch.no_grad():
        assert torch.allclose(net(x), torch.cat([net(clip[None]) for clip in x]), atol=1e-5)


def test_weights_as_keras_draws_them():
    torch.manual_seed(0)
    cell = build(3, {**KTH, "units": [4], "frames": 2, "height": 30, "width": 40}).clstm.cell0
    assert cell.Wxf.bias.tolist() == [1.0] * 4
    assert not any(getattr(cell, f"Wx{g}").bias.any() for g in "ico")
    whole = torch.cat([getattr(cell, f"Wh{g}").weight for g in "ifco"]).flatten(1).detach()
    assert torch.allclose(whole @ whole.T, torch.eye(16), atol=1e-5)


def test_what_cannot_be_built_is_refused():
    with pytest.raises(InputError, match="odd"):
        Architecture(kernel=(4, 4))
    with pytest.raises(InputError, match="too small"):
        ConvLstm(2, Architecture(height=32, width=32))
    with pytest.raises(InputError, match="per_layer"):
        Architecture(units=(4, 8))
    with pytest.raises(UnknownName, match="hard_sigmoid"):
        Architecture(gate="hard_sigmod")
