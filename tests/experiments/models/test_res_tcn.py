"""Res-TCN and MS-Res-TCN: sizes counted by hand, Keras' padding and names, and forward passes written down in NumPy."""

import numpy as np
import pytest
import torch

from experiments.models.errors import WeightsError
from experiments.models.res_tcn import (
    HANDS,
    Architecture,
    SameConv,
    build,
    centred,
    from_keras,
    seen_features,
)
from synth.errors import UnknownName
from tests.experiments.models.published import as_keras

SMALL = {"widths": [4, 4, 6, 6], "dropout": 0.5}


def size(num_classes, **architecture):
    return sum(p.numel() for p in build(num_classes, architecture).parameters())


def randomised(net, seed=0):
    generator = torch.Generator().manual_seed(seed)
    for name, tensor in net.state_dict().items():
        if tensor.is_floating_point():
            drawn = torch.randn(tensor.shape, generator=generator) * 0.3
            tensor.copy_(drawn.abs() + 0.5 if name.endswith("var") else drawn)
    return net.eval()


def conv(into, out, length):
    return length * into * out + out


def test_the_published_network_counted_by_hand():
    convs = conv(150, 64, 8) + 3 * conv(64, 64, 8)
    convs += conv(64, 128, 8) + 2 * conv(128, 128, 8) + conv(128, 256, 8) + 2 * conv(256, 256, 8)
    shortcuts = conv(64, 128, 1) + conv(128, 256, 1)
    norms = 2 * (4 * 64 + 3 * 128 + 3 * 256)
    dense = 256 * 60 + 60
    assert size(60) == convs + shortcuts + norms + dense == 1_874_492


def test_the_multi_scale_variant_counted_by_hand():
    """Half the filters of length 8, half of length 16: half as much again per unit, first layer and shortcuts apart."""
    units = 3 * (conv(64, 32, 8) + conv(64, 32, 16))
    units += conv(64, 64, 8) + conv(64, 64, 16) + 2 * (conv(128, 64, 8) + conv(128, 64, 16))
    units += conv(128, 128, 8) + conv(128, 128, 16) + 2 * (conv(256, 128, 8) + conv(256, 128, 16))
    rest = conv(150, 64, 8) + conv(64, 128, 1) + conv(128, 256, 1) + 2 * (4 * 64 + 3 * 128 + 3 * 256) + 256 * 60 + 60
    assert size(60, lengths=[8, 16]) == units + rest


def test_the_multi_stream_network_counted_by_hand():
    """Two streams, nine pipes of the units' widths, and a classifier of twice the width."""
    pipes = 3 * (conv(64, 64, 8) + conv(128, 128, 8) + conv(256, 256, 8))
    one = size(60) - (256 * 60 + 60)
    assert size(60, attention=list(HANDS)) == 2 * one + pipes + 512 * 60 + 60


PADDINGS = [(300, 8, 1, 3, 4), (300, 8, 2, 3, 3), (75, 16, 1, 7, 8), (9, 8, 2, 3, 4), (8, 1, 2, 0, 0)]


@pytest.mark.parametrize(("steps", "length", "stride", "before", "after"), PADDINGS)
def test_same_padding_is_tensorflows(steps, length, stride, before, after):
    """A filter of ones counts the steps that it covers: `before` fewer at the start, `after` fewer at the end."""
    layer = SameConv(1, 1, length, stride, bias=False)
    torch.nn.init.ones_(layer.weight)
    out = layer(torch.ones(1, 1, steps))[0, 0]
    assert len(out) == -(-steps // stride)
    assert out[0] == min(length - before, steps) and out[-1] == length - after


def numpy_conv(x, weight, bias, stride=1):
    """(into, T) by definition; weight (out, into, length)."""
    length, steps = weight.shape[2], x.shape[1]
    count = -(-steps // stride)
    missing = max((count - 1) * stride + length - steps, 0)
    padded = np.pad(x, ((0, 0), (missing // 2, missing - missing // 2)))
    windows = [np.tensordot(weight, padded[:, k * stride : k * stride + length], 2) for k in range(count)]
    return np.stack(windows, 1) + bias[:, None]


def numpy_active(x, weights, name):
    scale = weights[f"{name}.weight"] / np.sqrt(weights[f"{name}.running_var"] + 1e-3)
    return np.maximum(
        (x - weights[f"{name}.running_mean"][:, None]) * scale[:, None] + weights[f"{name}.bias"][:, None], 0
    )


def numpy_unit(x, weights, name):
    active, k = numpy_active(x, weights, f"{name}.norm"), 0
    grows = f"{name}.shortcut.weight" in weights
    parts = []
    while f"{name}.convs.{k}.weight" in weights:
        at = f"{name}.convs.{k}"
        parts.append(numpy_conv(active, weights[f"{at}.weight"], weights[f"{at}.bias"], 2 if grows else 1))
        k += 1
    if grows:
        x = numpy_conv(x, weights[f"{name}.shortcut.weight"], weights[f"{name}.shortcut.bias"], 2)
    return x + np.concatenate(parts)


def as_numpy(net):
    return {name: tensor.double().numpy() for name, tensor in net.state_dict().items()}


@pytest.mark.parametrize("lengths", [[8], [8, 16]])
def test_the_forward_pass_by_definition(lengths):
    net = randomised(build(5, {**SMALL, "lengths": lengths}))
    weights, x = as_numpy(net), torch.randn(1, 20, 150)
    h = numpy_conv(x[0].T.numpy(), weights["main.first.weight"], weights["main.first.bias"])
    for unit in range(4):
        h = numpy_unit(h, weights, f"main.units.{unit}")
    assert h.shape == (6, 10)
    pooled = numpy_active(h, weights, "main.last").mean(1)
    by_hand = weights["dense.weight"] @ pooled + weights["dense.bias"]
    assert np.allclose(net(x)[0].detach().numpy(), by_hand, atol=1e-4)


@pytest.mark.parametrize("pipe_norm", [False, True])
def test_the_two_streams_by_equations_11_to_16(pipe_norm):
    net = randomised(build(5, {**SMALL, "attention": list(HANDS), "pipe_norm": pipe_norm}))
    weights, x = as_numpy(net), torch.randn(1, 20, 150)

    def pipe(layer, value):
        at = f"pipes.{layer - 2}"
        value = numpy_conv(value, weights[f"{at}.0.weight"], weights[f"{at}.0.bias"])
        return numpy_active(value, weights, f"{at}.1") if pipe_norm else np.maximum(value, 0)

    points = x[0].T.numpy()
    hands = points * seen_features(HANDS).numpy()[:, None]
    main = numpy_conv(points, weights["main.first.weight"], weights["main.first.bias"])
    aimed = numpy_conv(hands, weights["attention.first.weight"], weights["attention.first.bias"])
    for layer in (2, 3, 4, 5):
        main, aimed = (
            numpy_unit(h, weights, f"{s}.units.{layer - 2}") for h, s in ((main, "main"), (aimed, "attention"))
        )
        if layer % 2 == 0:
            main = main + pipe(layer, aimed)
        else:
            aimed = aimed + pipe(layer, main)
    both = np.concatenate([numpy_active(main, weights, "main.last"), numpy_active(aimed, weights, "attention.last")])
    by_hand = weights["dense.weight"] @ both.mean(1) + weights["dense.bias"]
    assert np.allclose(net(x)[0].detach().numpy(), by_hand, atol=1e-4)


def test_the_attention_stream_sees_hands_of_both_actors_alone():
    seen = seen_features(HANDS).view(2, 25, 3)
    assert seen.sum() == 2 * 6 * 3
    assert seen[:, [7, 11, 21, 22, 23, 24]].all()  # the data set's joints 8, 12, 22 to 25
    with pytest.raises(UnknownName, match=r"hand\.L"):
        Architecture(attention=("hand_L",))


def test_the_mean_is_taken_from_what_is_there():
    x = torch.zeros(1, 4, 6)
    x[:, :3] = torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    x[:, 1] = -1.0
    mean = (0.5, 0.25, 0.0)
    kept = centred(x, mean, "padding")
    assert torch.equal(kept[0, 0], torch.tensor([0.5, 1.75, 3.0, 3.5, 4.75, 6.0]))
    assert torch.equal(kept[0, 1], torch.tensor([-1.5, -1.25, -1.0] * 2))
    assert not kept[0, 3].any()
    assert torch.equal(centred(x, mean, "none"), x)


def test_the_published_programs_subtraction_is_there_behind_a_name():
    """It stops at the first frame whose sum is not above 0, and does nothing where there is none."""
    x = torch.ones(2, 4, 6)
    x[0, 2] = -1.0
    out = centred(x, (0.5,) * 3, "original")
    assert out[0, :, 0].tolist() == [0.5, 0.5, -1.0, 1.0]
    assert torch.equal(out[1], x[1])


@pytest.mark.parametrize(("version", "first"), [(1, 1), (1, 97), (2, 1)])
@pytest.mark.parametrize("lengths", [[8], [8, 16]])
def test_files_of_keras_are_read_in_the_order_of_their_layers(version, first, lengths):
    net = randomised(build(5, {**SMALL, "lengths": lengths}))
    other = build(5, {**SMALL, "lengths": lengths}).eval()
    file = {**as_keras(net, version, first), "optimizer_weights/SGD/iterations:0": torch.zeros(())}
    other.load_state_dict(from_keras(file, other), strict=True)
    x = torch.randn(2, 20, 150)
    assert torch.equal(net(x), other(x))


def test_a_file_of_another_network_is_refused():
    net = build(5, SMALL)
    with pytest.raises(WeightsError, match="architecture"):
        from_keras(as_keras(build(5, {**SMALL, "lengths": [8, 16]}), 2), net)
    with pytest.raises(WeightsError, match="lstm_1/kernel"):
        from_keras({"lstm_1/kernel:0": torch.zeros(3)}, net)


def test_it_is_drawn_as_keras_would():
    torch.manual_seed(0)
    net = build(60, {})
    weight = net.main.units[8].convs[0].weight.detach()
    assert abs(float(weight.std()) - 0.88 * (2 / (256 * 8)) ** 0.5) < 1e-4
    assert float(weight.abs().max()) <= 2 * (2 / (256 * 8)) ** 0.5 + 1e-6
    assert not any(p.any() for name, p in net.named_parameters() if name.endswith("convs.0.bias"))
