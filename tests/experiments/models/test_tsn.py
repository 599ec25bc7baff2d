"""TSN: sizes and names as published, both file formats of each backbone, and a forward pass written down by hand."""

import pytest
import torch
import yaml
from torch.nn import functional

from experiments.models.base import Options, load
from experiments.models.bn_inception import MODULES, BNInception
from experiments.models.card import MODEL_DIR, describe
from experiments.models.check import check_model
from experiments.models.errors import WeightsError
from experiments.models.example import example
from experiments.models.resnet import BLOCKS, ResNet50
from experiments.models.tsn import TSN, renamed
from synth.errors import UnknownName


def made_up(net, seed=0):
    """Random values of a network's tensors that keep activations of a usual size."""
    generator, out = torch.Generator().manual_seed(seed), {}
    for name, value in net.state_dict().items():
        if not value.is_floating_point():
            continue
        fan = max(value[0].numel(), 1) if value.ndim > 1 else 100
        drawn = torch.randn(value.shape, generator=generator) * (2.0 / fan) ** 0.5
        out[name] = drawn.abs() + 0.5 if name.endswith("running_var") else drawn + name.endswith("bn.weight")
    return out


def bn_convolutions():
    """(name, in, out, kernel) of BN-Inception's 69 convolutions, by its table."""
    yield "conv1_7x7_s2", 3, 64, 7
    yield "conv2_3x3_reduce", 64, 64, 1
    yield "conv2_3x3", 64, 192, 3
    into = 192
    for name, (one, (ra, a), (rb, b, c), (_, proj)) in MODULES.items():
        stem = f"inception_{name}"
        if one:
            yield f"{stem}_1x1", into, one, 1
        yield f"{stem}_3x3_reduce", into, ra, 1
        yield f"{stem}_3x3", ra, a, 3
        yield f"{stem}_double_3x3_reduce", into, rb, 1
        yield f"{stem}_double_3x3_1", rb, b, 3
        yield f"{stem}_double_3x3_2", b, c, 3
        if proj:
            yield f"{stem}_pool_proj", into, proj, 1
        into = (one or 0) + a + c + (proj or into)


def test_bn_inception_has_69_convolutions_with_biases_and_normalisations():
    table = list(bn_convolutions())
    assert len(table) == 69
    expected = {f"{name}.weight": (out, into, k, k) for name, into, out, k in table}
    expected |= {f"{name}.bias": (out,) for name, _, out, _ in table}
    for name, _, out, _ in table:
        expected |= {f"{name}_bn.{end}": (out,) for end in ("weight", "bias", "running_mean", "running_var")}
    own = {k: tuple(v.shape) for k, v in BNInception().state_dict().items() if "num_batches" not in k}
    assert own == expected
    by_hand = sum(out * into * k * k + 3 * out for _, into, out, k in table)
    assert sum(p.numel() for p in BNInception().parameters()) == by_hand == 10_270_240


def test_channels_after_every_module_are_the_published_ones():
    widths, net = {}, BNInception().eval()
    for name in MODULES:
        net.get_submodule(f"inception_{name}_output").register_forward_hook(
            lambda module, given, got, name=name: widths.__setitem__(name, tuple(got.shape[1:]))
        )
    net(torch.zeros(1, 3, 224, 224))
    channels = dict(zip(MODULES, (256, 320, 576, 576, 576, 608, 608, 1056, 1024, 1024), strict=True))
    sizes = (
        dict.fromkeys(("3a", "3b"), 28)
        | dict.fromkeys(("3c", "4a", "4b", "4c", "4d"), 14)
        | {"4e": 7, "5a": 7, "5b": 7}
    )
    assert widths == {name: (channels[name], sizes[name], sizes[name]) for name in MODULES}


def test_the_forward_pass_is_that_of_the_reference():
    net = TSN(5).eval()
    tensors = made_up(net)
    net.load_state_dict(tensors, strict=False)
    x = torch.randn(2, 3, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        got, expected = net(x), torch.stack([_reference(tensors, clip) for clip in x])
    assert torch.allclose(got, expected, rtol=1e-4, atol=1e-4 * float(expected.abs().max()))


def _reference(t, clip):
    """(3, segments, H, W) -> (C,): Caffe's layers one after the other, consensus of class scores as in tsn-pytorch."""

    def unit(x, name, stride=1):
        w = t[f"backbone.{name}.weight"]
        x = functional.conv2d(x, w, t[f"backbone.{name}.bias"], stride, w.shape[-1] // 2)
        n = {e: t[f"backbone.{name}_bn.{e}"].view(-1, 1, 1) for e in ("weight", "bias", "running_mean", "running_var")}
        return torch.relu((x - n["running_mean"]) / (n["running_var"] + 1e-5).sqrt() * n["weight"] + n["bias"])

    scores = []
    for k in range(clip.shape[1]):
        x = functional.max_pool2d(unit(clip[None, :, k], "conv1_7x7_s2", 2), 3, 2, ceil_mode=True)
        x = functional.max_pool2d(unit(unit(x, "conv2_3x3_reduce"), "conv2_3x3"), 3, 2, ceil_mode=True)
        for name in MODULES:
            s, halves = f"inception_{name}", name in ("3c", "4e")
            stride = 2 if halves else 1
            deep = unit(unit(x, f"{s}_double_3x3_reduce"), f"{s}_double_3x3_1")
            parts = [unit(unit(x, f"{s}_3x3_reduce"), f"{s}_3x3", stride), unit(deep, f"{s}_double_3x3_2", stride)]
            if halves:
                parts.append(functional.max_pool2d(x, 3, 2, ceil_mode=True))
            else:
                pooled = functional.max_pool2d(x, 3, 1, 1) if name == "5b" else functional.avg_pool2d(x, 3, 1, 1)
                parts = [unit(x, f"{s}_1x1"), *parts, unit(pooled, f"{s}_pool_proj")]
            x = torch.cat(parts, 1)
        scores.append(x.mean((2, 3)) @ t["fc_cls.weight"].T + t["fc_cls.bias"])
    return torch.stack(scores).mean(0)[0]


def test_resnet_50_by_hand():
    count, into = 64 * 3 * 49 + 2 * 64, 64
    for stage, blocks in enumerate(BLOCKS):
        width = 64 << stage
        for k in range(blocks):
            count += into * width + 9 * width * width + 4 * width * width + 2 * (2 * width + 4 * width)
            if k == 0:
                count += into * 4 * width + 2 * 4 * width
            into = 4 * width
    assert sum(p.numel() for p in ResNet50().parameters()) == count == 23_508_032
    assert sum(p.numel() for p in TSN(400, "resnet50").parameters()) == count + 2048 * 400 + 400 == 24_327_632


def test_the_forward_pass_of_resnet_is_that_of_the_reference():
    net = ResNet50().eval()
    t = made_up(net)
    net.load_state_dict(t, strict=False)

    def unit(x, conv, norm, stride=1, pad=0):
        x = functional.conv2d(x, t[f"{conv}.weight"], None, stride, pad)
        mean, var, gain, shift = (
            t[f"{norm}.{end}"].view(-1, 1, 1) for end in ("running_mean", "running_var", "weight", "bias")
        )
        return (x - mean) / (var + 1e-5).sqrt() * gain + shift

    x = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    y = functional.max_pool2d(unit(x, "conv1", "bn1", 2, 3).clamp(min=0), 3, 2, 1)
    for stage, blocks in enumerate((3, 4, 6, 3), 1):
        for k in range(blocks):
            at, stride = f"layer{stage}.{k}", 2 if k == 0 and stage > 1 else 1
            inner = unit(y, f"{at}.conv1", f"{at}.bn1").clamp(min=0)
            inner = unit(inner, f"{at}.conv2", f"{at}.bn2", stride, 1).clamp(min=0)  # it halves in the 3x3
            beside = unit(y, f"{at}.downsample.0", f"{at}.downsample.1", stride) if k == 0 else y
            y = (unit(inner, f"{at}.conv3", f"{at}.bn3") + beside).clamp(min=0)
    with torch.inference_mode():
        got = net(x)
    assert got.shape == (2, 2048, 2, 2)
    assert torch.allclose(got, y, rtol=1e-4, atol=1e-4 * float(y.abs().max()))


def mmaction2(name):
    """torchvision's name as mmaction2 1.x writes it."""
    head, _, end = name.rpartition(".")
    if head in ("conv1", "bn1"):
        return f"conv1.{'conv' if head == 'conv1' else 'bn'}.{end}"
    block, _, part = head.rpartition(".")
    if "downsample" in head:
        return f"{block}.{'conv' if part == '0' else 'bn'}.{end}"
    return f"{block}.conv{part[-1]}.{part[:-1]}.{end}"


FORMATS = {
    "ours": ("bn_inception", lambda name: name),
    "mmaction v0": ("bn_inception", lambda name: f"cls_head.{name}" if name.startswith("fc_cls") else name),
    "tsn-pytorch": (
        "bn_inception",
        lambda name: f"module.{name.replace('backbone.', 'base_model.').replace('fc_cls', 'new_fc')}",
    ),
    "mmaction2 1.x": (
        "resnet50",
        lambda name: f"cls_head.{name}" if name.startswith("fc_cls") else f"backbone.{mmaction2(name[9:])}",
    ),
    "mmaction v0, ResNet": ("resnet50", lambda name: f"cls_head.{name}" if name.startswith("fc_cls") else name),
}


@pytest.fixture
def small(tmp_path):
    """A card with three classes, two segments, small pictures."""

    def make(backbone="bn_inception", **changes):
        table = {
            "family": "tsn",
            "classes": ["a", "b", "c"],
            "architecture": {"backbone": backbone},
            "input": {"frames": 2, "fps": None, "sampling": "segments", "height": 64, "width": 64},
            "weights": "random",
        }
        path = tmp_path / f"{backbone}.yaml"
        path.write_text(yaml.safe_dump(table | changes))
        return str(path)

    return make


@pytest.mark.parametrize("name", FORMATS)
def test_every_published_format_is_read_strictly(tmp_path, small, name):
    backbone, theirs = FORMATS[name]
    ours = made_up(TSN(3, backbone))
    file = tmp_path / "published.pth"
    content = {theirs(key): value for key, value in ours.items()}
    torch.save({"epoch": 80, "best_prec1": 86.4, "state_dict": content}, file, _use_new_zipfile_serialization=False)
    net = load(small(backbone, weights=str(file))).net
    assert all(torch.equal(net.state_dict()[key], value) for key, value in ours.items())
    content.pop(theirs("fc_cls.bias"))
    torch.save(content, file)
    with pytest.raises(WeightsError, match=r"missing fc_cls\.bias"):
        load(small(backbone, weights=str(file)))


def test_a_backbone_alone_is_refused():
    with pytest.raises(WeightsError, match="no classes"):
        renamed({"conv1_7x7_s2.weight": torch.zeros(1)})


@pytest.mark.parametrize("backbone", ["bn_inception", "resnet50"])
def test_it_keeps_the_contract(small, backbone):
    check_model(load(small(backbone)))


def test_taps_are_those_of_the_paper(small):
    adapter = load(small())
    batch = adapter.prepare(example(adapter.input))[None]
    taps = adapter.run(batch, ["inception_3c_pool", "inception_3c_output", "consensus"]).features
    assert taps["inception_3c_pool"].shape == (1, 320, 2, 4, 4)
    assert taps["inception_3c_output"].shape == (1, 576, 2, 4, 4)
    assert taps["consensus"].shape == (1, 1024)


def test_ten_crop_is_the_mean_over_its_views(small):
    shown = {"frames": 2, "fps": None, "sampling": "segments", "height": 64, "width": 64, "resize": "short 72"}
    adapter = load(small(input={**shown, "crop": "ten", "average": "prob"}))
    inputs = adapter.prepare(example(adapter.input))
    assert inputs.shape == (10, 3, 2, 64, 64)
    with torch.inference_mode():
        got = adapter.logits(inputs[None])[0]
        alone = adapter.forward(adapter.normalise(inputs)).softmax(1).mean(0)
    assert torch.allclose(got.softmax(0), alone, atol=1e-5)


def test_a_misspelt_backbone_is_answered_with_those_there_are(small):
    with pytest.raises(UnknownName, match="'resnet50'"):
        load(small("resnet5"))
    with pytest.raises(UnknownName, match="'dropout'"):
        load(small(architecture={"droput": 0.1}))


def test_the_cards_are_as_published():
    cards = {path.stem: describe(path.stem, Options(weights="random")) for path in MODEL_DIR.glob("tsn_*.yaml")}
    paper = cards["tsn_bninception_ucf101"].input
    assert paper.shape == (10, 3, 25, 224, 224) and paper.channels == "BGR" and paper.mean == (104.0, 117.0, 128.0)
    # mmaction2 averages features over segments and crops alike: with a linear classifier, logits
    assert cards["tsn_r50_kinetics400"].input.average == "logit"
    assert cards["tsn_r50_kinetics400"].input.shape == (10, 3, 25, 224, 224)
    assert cards["tsn_r50_kinetics400_3x1"].input.shape == (1, 3, 3, 224, 224)
    assert cards["tsn_bninception_ucf101_8x1"].input.shape == (1, 3, 8, 224, 224)
