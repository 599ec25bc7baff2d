"""I3D: sizes and names as published, every file format, and the same numbers as a forward pass written down by hand."""

import dataclasses
import hashlib
import importlib.util
import os
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from torch.nn import functional

from experiments.models.base import Footage, Options, load
from experiments.models.card import MODEL_DIR, describe
from experiments.models.check import check_model
from experiments.models.errors import WeightsError
from experiments.models.example import example
from experiments.models.i3d import I3D, Architecture, Average, I3DAdapter, same_padding
from experiments.models.i3d_keys import MIXED, from_mmaction, from_tensorflow
from experiments.models.input import ClipTooShort
from synth.errors import UnknownName

_SPEC = importlib.util.spec_from_file_location("bundle", Path(__file__).parent / "formats" / "bundle.py")
bundle = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(bundle)

BRANCHES = ("b0", "b1a", "b1b", "b2a", "b2b", "b3b")


def convolutions():
    """(the port's path, in, out, kernel) of all 57 convolutions before the classifier, from the table of widths."""
    yield "Conv3d_1a_7x7", 3, 64, 7
    yield "Conv3d_2b_1x1", 64, 64, 1
    yield "Conv3d_2c_3x3", 64, 192, 3
    into = 192
    for name, (b0, b1a, b1b, b2a, b2b, b3b) in MIXED.items():
        sizes = ((into, b0, 1), (into, b1a, 1), (b1a, b1b, 3), (into, b2a, 1), (b2a, b2b, 3), (into, b3b, 1))
        for branch, size in zip(BRANCHES, sizes, strict=True):
            yield f"{name}.{branch}", *size
        into = b0 + b1b + b2b + b3b


def published_shapes(classes):
    """The port's 287 tensors, by rule."""
    shapes = {}
    for path, into, out, k in convolutions():
        shapes[f"{path}.conv3d.weight"] = (out, into, k, k, k)
        shapes |= {f"{path}.bn.{end}": (out,) for end in ("weight", "bias", "running_mean", "running_var")}
    return shapes | {"logits.conv3d.weight": (classes, 1024, 1, 1, 1), "logits.conv3d.bias": (classes,)}


def made_up(shapes, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return {
        name: torch.rand(shape, generator=generator) + 0.5
        if name.endswith("running_var")
        else torch.randn(shape, generator=generator) * (2.0 / max(np.prod(shape[1:]), 1)) ** 0.5
        for name, shape in shapes.items()
    }


def test_the_counts_of_parameters_are_the_published_ones():
    assert sum(p.numel() for p in I3D(400, 3, Architecture()).parameters()) == 12_697_264
    modified = Architecture(first_stride=1, pool4_stride=1, average=None)
    assert sum(p.numel() for p in I3D(174, 3, modified).parameters()) == 12_465_614  # Mänttäri et al. 2020, §4.2


def test_the_keys_are_the_ports_287():
    own = {k: tuple(v.shape) for k, v in I3D(400, 3, Architecture()).state_dict().items() if "num_batches" not in k}
    assert own == published_shapes(400) and len(own) == 287
    names = "\n".join(sorted(own))
    assert hashlib.sha256(names.encode()).hexdigest()[:16] == "5d92e2e0fa101b7a"


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "expected"),
    [
        (224, 7, 2, (2, 3)),
        (112, 3, 2, (0, 1)),
        (64, 7, 2, (2, 3)),
        (7, 3, 1, (1, 1)),
        (8, 2, 2, (0, 0)),
        (15, 3, 2, (1, 1)),
    ],
)
def test_same_padding_by_hand(size, kernel, stride, expected):
    assert same_padding(size, kernel, stride) == expected


def reference(tensors, x):
    """The forward pass of DeepMind's program, written down with explicit padding; (1, 3, T, H, W) -> (1, C)."""

    def pad(x, kernel, stride):
        sides = []
        for size, k, s in zip(x.shape[2:][::-1], kernel[::-1], stride[::-1], strict=True):
            need = max(k - s if size % s == 0 else k - size % s, 0)
            sides += [need // 2, need - need // 2]
        return functional.pad(x, sides)

    def unit(x, path, k, stride=(1, 1, 1)):
        w = tensors[f"{path}.conv3d.weight"]
        x = functional.conv3d(pad(x, (k, k, k), stride), w, stride=stride)
        mean, var, shift, gain = (
            tensors[f"{path}.bn.{end}"].view(-1, 1, 1, 1) for end in ("running_mean", "running_var", "bias", "weight")
        )
        return ((x - mean) / torch.sqrt(var + 1e-3) * gain + shift).clamp(min=0)

    def pool(x, kernel, stride):
        padded = pad(x, kernel, stride)
        parts = padded
        for axis, (k, s) in enumerate(zip(kernel, stride, strict=True), 2):
            parts = parts.unfold(axis, k, s).amax(-1)
        return parts

    x = unit(x, "Conv3d_1a_7x7", 7, (2, 2, 2))
    x = pool(x, (1, 3, 3), (1, 2, 2))
    x = unit(unit(x, "Conv3d_2b_1x1", 1), "Conv3d_2c_3x3", 3)
    x = pool(x, (1, 3, 3), (1, 2, 2))
    for name in MIXED:
        if name == "Mixed_4b":
            x = pool(x, (3, 3, 3), (2, 2, 2))
        if name == "Mixed_5b":
            x = pool(x, (2, 2, 2), (2, 2, 2))
        x = torch.cat(
            [
                unit(x, f"{name}.b0", 1),
                unit(unit(x, f"{name}.b1a", 1), f"{name}.b1b", 3),
                unit(unit(x, f"{name}.b2a", 1), f"{name}.b2b", 3),
                unit(pool(x, (3, 3, 3), (1, 1, 1)), f"{name}.b3b", 1),
            ],
            1,
        )
    pooled = torch.stack([x[:, :, t : t + 2].mean((2, 3, 4)) for t in range(x.shape[2] - 1)], -1)
    weight, bias = tensors["logits.conv3d.weight"].flatten(1), tensors["logits.conv3d.bias"]
    return torch.einsum("ck,nkt->nct", weight, pooled).mean(-1) + bias


@pytest.mark.parametrize("size", [(17, 64, 64), (16, 60, 52)])
def test_the_forward_pass_is_that_of_the_reference(size):
    net, tensors = I3D(11, 3, Architecture()).eval(), made_up(published_shapes(11))
    net.load_state_dict(tensors, strict=False)
    x = torch.randn(1, 3, *size, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        got, expected = net(x), reference(tensors, x)
    assert float(got.abs().max()) > 0.1
    assert torch.allclose(got, expected, rtol=1e-4, atol=1e-4 * float(expected.abs().max()))


def test_modified_strides_keep_eight_frames_of_sixteen():
    net = I3D(5, 3, Architecture(first_stride=1, pool4_stride=1, average=None)).eval()
    seen = []
    net.Mixed_5c.register_forward_hook(lambda module, given, got: seen.append(tuple(got.shape)))
    net(torch.zeros(1, 3, 16, 64, 64))
    assert seen == [(1, 1024, 8, 2, 2)]


def test_all_frames_at_once_and_two_by_two_differ_at_the_ends():
    """mmaction pools all frames before its classifier; DeepMind two by two, and then averages logits."""
    features = torch.arange(4.0).view(1, 1, 4, 1, 1).expand(1, 1024, 4, 1, 1) ** 2  # 0, 1, 4, 9
    assert Average(None)(features)[0, 0].flatten().tolist() == [3.5]
    assert Average(2)(features)[0, 0].flatten().tolist() == [0.5, 2.5, 6.5]


def test_normalisation_is_that_of_the_port():
    net = I3D(5, 3, Architecture())
    assert {(m.eps, m.momentum) for m in net.modules() if isinstance(m, torch.nn.BatchNorm3d)} == {(1e-3, 0.01)}


def tensorflow_names(prefix="RGB/inception_i3d/"):
    """{DeepMind's variable: (shape, the port's tensor)} of one stream, by rule: 230 of them."""
    ends = {"b0": "Branch_0/Conv3d_0a_1x1", "b1a": "Branch_1/Conv3d_0a_1x1", "b1b": "Branch_1/Conv3d_0b_3x3"}
    ends |= {"b2a": "Branch_2/Conv3d_0a_1x1", "b2b": "Branch_2/Conv3d_0b_3x3", "b3b": "Branch_3/Conv3d_0b_1x1"}
    table = {}
    for path, into, out, k in convolutions():
        stage, _, branch = path.partition(".")
        name = f"{prefix}{stage}" + (f"/{ends[branch]}" if branch else "")
        if path == "Mixed_5b.b2b":
            name = name.replace("0b_3x3", "0a_3x3")
        table[f"{name}/conv_3d/w"] = ((k, k, k, into, out), f"{path}.conv3d.weight")
        for theirs, ours in (("beta", "bias"), ("moving_mean", "running_mean"), ("moving_variance", "running_var")):
            table[f"{name}/batch_norm/{theirs}"] = ((1, 1, 1, 1, out), f"{path}.bn.{ours}")
    for end, shape, ours in (("w", (1, 1, 1, 1024, 7), "weight"), ("b", (7,), "bias")):
        table[f"{prefix}Logits/Conv3d_0c_1x1/conv_3d/{end}"] = (shape, f"logits.conv3d.{ours}")
    return table


@pytest.fixture
def small(tmp_path):
    """A card with seven classes and small pictures."""

    def make(name="mine", **changes):
        table = {
            "family": "i3d",
            "classes": list("abcdefg"),
            "architecture": {},
            "input": {
                "frames": 9,
                "fps": 25.0,
                "height": 32,
                "width": 32,
                "scale": 127.5,
                "mean": [1] * 3,
                "std": [1] * 3,
            },
            "weights": "random",
        }
        path = tmp_path / f"{name}.yaml"
        path.write_text(yaml.safe_dump(table | changes))
        return str(path)

    return make


@pytest.mark.parametrize("prefix", ["RGB/inception_i3d/", ""])
def test_deepminds_checkpoint(tmp_path, small, prefix):
    names = tensorflow_names(prefix)
    assert len(names) == 230
    ours = made_up(published_shapes(7))
    values = {}
    for name, (shape, own) in names.items():
        value = ours[own].permute(2, 3, 4, 1, 0) if len(shape) == 5 and own.endswith("weight") else ours[own]
        values[name] = value.reshape(shape).contiguous().numpy()
    values[f"{prefix}Conv3d_1a_7x7/conv_3d/w/Momentum"] = np.zeros(3, np.float32)
    file = bundle.write_bundle(tmp_path / "model.ckpt", values, per_block=40)
    net = load(small(weights=f"{file}.index")).net
    for name, value in ours.items():
        expected = torch.ones_like(value) if name.endswith("bn.weight") else value
        assert torch.equal(net.state_dict()[name], expected), name


def test_the_ports_legacy_pickle(tmp_path, small):
    torch.save(made_up(published_shapes(7)), tmp_path / "rgb.pt", _use_new_zipfile_serialization=False)
    net = load(small(weights=str(tmp_path / "rgb.pt"))).net
    assert torch.equal(net.Mixed_4f.b2b.bn.running_var, made_up(published_shapes(7))["Mixed_4f.b2b.bn.running_var"])


def test_mmactions_conversion(tmp_path, small):
    ours = made_up(published_shapes(7))
    stem = {"Conv3d_1a_7x7": "conv1_7x7_s2", "Conv3d_2b_1x1": "conv2_3x3_reduce", "Conv3d_2c_3x3": "conv2_3x3"}
    ends = ("1x1", "branch1_3x3_reduce", "branch1_3x3", "branch2_3x3_reduce", "branch2_3x3", "pool_proj")
    theirs = {
        "cls_head.fc_cls.weight": ours["logits.conv3d.weight"].flatten(1),
        "cls_head.fc_cls.bias": ours["logits.conv3d.bias"],
    }
    for path, *_ in convolutions():
        stage, _, branch = path.partition(".")
        letter = chr(ord(stage[-1]) - 1)
        name = stem.get(path) or f"inception_{stage[-2]}{letter}_{ends[BRANCHES.index(branch)]}"
        theirs[f"backbone.{name}.weight"] = ours[f"{path}.conv3d.weight"]
        theirs |= {
            f"backbone.{name}_bn.{e}": ours[f"{path}.bn.{e}"] for e in ("weight", "bias", "running_mean", "running_var")
        }
    torch.save({"meta": {"epoch": 1}, "state_dict": theirs}, tmp_path / "mm.pth")
    card = small(weights=str(tmp_path / "mm.pth"), architecture={"epsilon": 1e-5, "average": None})
    net = load(card).net
    assert all(torch.equal(net.state_dict()[name], value) for name, value in ours.items())
    assert net.Mixed_3b.b0.bn.eps == 1e-5
    # its configuration says in_channels=2048, which is not what the network gives
    torch.save({"state_dict": theirs | {"cls_head.fc_cls.weight": torch.zeros(7, 2048)}}, tmp_path / "mm.pth")
    with pytest.raises(WeightsError, match=r"logits\.conv3d\.weight is \(7, 2048, 1, 1, 1\), expected \(7, 1024"):
        load(card)


@pytest.mark.parametrize("rename", [from_tensorflow, from_mmaction])
def test_a_foreign_name_is_refused(rename):
    with pytest.raises(WeightsError, match="expected"):
        rename({"vgg/fc6": torch.zeros(1)})


def test_two_streams_are_summed_and_read_from_a_folder(tmp_path, small):
    both = {}
    for stream, channels in (("rgb", 3), ("flow", 2)):
        shapes = published_shapes(7) | {"Conv3d_1a_7x7.conv3d.weight": (64, channels, 7, 7, 7)}
        both[stream] = made_up(shapes, seed=channels)
        (tmp_path / "joint").mkdir(exist_ok=True)
        torch.save(both[stream], tmp_path / "joint" / f"{stream}.pt")
    shown = {"modality": "rgb+flow", "frames": 9, "fps": 25.0, "height": 32, "width": 32}
    card = small("joint", architecture={"streams": ["flow", "rgb"]}, input=shown, weights=str(tmp_path / "joint"))
    joint = load(card)
    x = joint.prepare(example(joint.input))[None]
    alone = []
    for stream, channels in (("rgb", 3), ("flow", 2)):
        net = I3D(7, channels, Architecture()).eval()
        net.load_state_dict(both[stream], strict=False)
        part = slice(0, 3) if stream == "rgb" else slice(3, 5)
        alone.append(net(joint.normalise(x[0])[:, part]))
    assert torch.allclose(joint.logits(x), sum(alone), rtol=1e-4, atol=1e-4)
    assert {"rgb.Mixed_5c", "flow.pooled"} <= set(joint.layers())
    (tmp_path / "joint" / "flow.pt").unlink()
    with pytest.raises(WeightsError, match="called rgb and flow"):
        load(card)


def test_it_keeps_the_contract_and_names_the_papers_layer(small):
    adapter = load(small())
    check_model(adapter)
    batch = adapter.prepare(example(adapter.input))[None]
    taps = adapter.run(batch, ["MaxPool3d_4a_3x3", "inception_3c_pool", "pooled"]).features
    assert torch.equal(taps["MaxPool3d_4a_3x3"], taps["inception_3c_pool"])
    assert taps["inception_3c_pool"].shape == (1, 480, 3, 2, 2) and taps["pooled"].shape[1] == 1024


def test_too_few_frames_and_misspelt_options_are_refused(small):
    with pytest.raises(ClipTooShort, match="at least 9"):
        adapter = load(small(input={"frames": 8, "fps": 25.0, "height": 32, "width": 32}))
        adapter.logits(adapter.prepare(example(adapter.input))[None])
    with pytest.raises(UnknownName, match="'dropout'"):
        load(small(architecture={"dropuot": 0.1}))
    with pytest.raises(UnknownName, match="'flow'"):
        load(small(architecture={"streams": ["flwo"]}))


def test_every_card_is_an_i3d_with_the_authors_input():
    cards = {path.stem: describe(path.stem, Options(weights="random")) for path in sorted(MODEL_DIR.glob("i3d_*.yaml"))}
    assert len(cards) >= 7
    deepmind = cards["i3d_rgb_imagenet"].input
    assert (deepmind.frames, deepmind.fps, deepmind.resize, deepmind.height) == (64, 25.0, "short 256", 224)
    assert ((0 / deepmind.scale) - deepmind.mean[0], 255 / deepmind.scale - deepmind.mean[0]) == (-1.0, 1.0)
    assert cards["i3d_ivf_kth"].classes == ("boxing", "handclapping", "handwaving", "jogging", "running", "walking")
    assert cards["i3d_ivf_ssv2"].input.scale == 1.0
    for modality in ("rgb", "flow"):
        converted = cards[f"i3d_{modality}_ucf101"]
        assert converted.architecture["average"] is None and converted.architecture["epsilon"] == 1e-5
        assert len(converted.classes) == 101


def references():
    """(folder, streams) of DeepMind's example and checkpoints, where the user names them; with flow if it is there."""
    folder = os.environ.get("CETERIS_I3D_REFERENCE")
    if not folder:
        return []
    has_flow = (Path(folder) / "v_CricketShot_g04_c01_flow.npy").is_file()
    return [(folder, kind) for kind in (("rgb", "flow", "joint") if has_flow else ("rgb",))]


# Of kinetics-i3d/out/imagenet_*.txt: norm of the logits, the largest ("playing cricket"), the second and its class.
PUBLISHED = {
    "rgb": (87.108871, 25.856646, 12.330335, "playing kickball"),
    "flow": (63.252754, 15.957031, 12.808723, "hurling (sport)"),
    "joint": (138.468658, 41.813675, 21.493977, "hurling (sport)"),
}


def stream_logits(folder, stream):
    """(400,) of DeepMind's example, and their classes."""
    found = [folder / f"{stream}_imagenet" / "model.ckpt.index", folder / f"{stream}_imagenet.pt"]
    weights = next(path for path in found if path.is_file())
    pixels = np.load(folder / f"v_CricketShot_g04_c01_{stream}.npy")
    shown = torch.from_numpy(pixels).float().permute(0, 4, 1, 2, 3)
    card = describe(f"i3d_{stream}_imagenet", Options(weights=str(weights)))
    adapter = I3DAdapter(dataclasses.replace(card, input=dataclasses.replace(card.input, frames=79)))
    with torch.inference_mode():
        return adapter.forward(shown)[0], adapter.classes


@pytest.mark.parametrize(("folder", "kind"), references())
def test_deepminds_published_numbers(folder, kind):
    """CricketShot of kinetics-i3d/out: run with CETERIS_I3D_REFERENCE=DIR that holds v_CricketShot_g04_c01_rgb.npy and
    the checkpoint rgb_imagenet/model.ckpt.* (or rgb_imagenet.pt of the port), and for flow and both those of flow."""
    parts = [stream_logits(Path(folder), stream) for stream in (("rgb", "flow") if kind == "joint" else (kind,))]
    logits, classes = sum(part for part, _ in parts), parts[0][1]
    norm, first, second, runner_up = PUBLISHED[kind]
    best = logits.topk(2)
    assert float(logits.norm()) == pytest.approx(norm, rel=1e-4)
    assert [classes[int(k)] for k in best.indices] == ["playing cricket", runner_up]
    assert best.values.tolist() == pytest.approx([first, second], rel=1e-4)


def test_footage_of_another_size_is_resized_as_the_authors_did(small):
    adapter = load(
        small(
            input={
                "frames": 9,
                "fps": 25.0,
                "height": 32,
                "width": 32,
                "resize": "short 36",
                "crop": "centre",
                "interpolation": "linear",
            }
        )
    )
    frames = np.zeros((12, 48, 64, 3), np.uint8)
    assert adapter.prepare(Footage(frames=frames)).shape == (1, 3, 9, 32, 32)
