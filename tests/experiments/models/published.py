"""Small models of the published families, and their weights under the names and in the layouts of their authors."""

import torch
import yaml

from experiments.models.base import Options, load
from experiments.models.res_tcn import keras_order

RAW = {"scale": 1, "mean": [0, 0, 0], "std": [1, 1, 1]}
TWO_STREAM = {
    **RAW,
    "modality": "rgb+flow",
    "frames": 5,
    "fps": 6.25,
    "sampling": "centre",
    "height": 32,
    "width": 32,
    "resize": "short 36",
    "interpolation": "linear",
    "crop": "centre",
    "mean": [123.68, 116.779, 103.939],
    "flow_stack": 2,
    "flow_levels": "bytes",
}
SKELETON = {
    **RAW,
    "modality": "skeleton",
    "frames": 100,
    "fps": 30,
    "sampling": "padded",
    "mean": [0.6, 0.6, 0.6],
}
SMALL = {
    "conv_lstm": {
        "family": "conv_lstm",
        "architecture": {"units": [4, 4]},
        "input": {**RAW, "frames": 4, "fps": None, "sampling": "uniform", "height": 32, "width": 40},
    },
    "two_stream": {
        "family": "two_stream",
        "architecture": {"widths": [4, 4, 6, 6, 8], "hidden": 10},
        "input": TWO_STREAM,
    },
    "st_resnet": {
        "family": "st_resnet",
        "architecture": {"blocks": [2, 2], "width": 4, "pool_time": [2, 1]},
        "input": TWO_STREAM,
    },
    "res_tcn": {"family": "res_tcn", "architecture": {"widths": [4, 4, 6, 6]}, "input": SKELETON},
    "ms_res_tcn": {
        "family": "res_tcn",
        "architecture": {"widths": [4, 4, 6, 6], "attention": ["hand.L", "hand.R"]},
        "input": SKELETON,
    },
}


def small(folder, name, weights="random", **given):
    """The adapter of a small card, written to `folder`; `given` are fields of its input."""
    table = {**SMALL[name], "classes": ["bend", "jump", "wave"], "weights": str(weights)}
    table["input"] = {**table["input"], **given}
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(table))
    return load(str(path), Options())


def vgg_as_matconvnet(net, *, fused=True):
    """The network's tensors under MatConvNet's names and in its layouts."""
    out = {}
    for name, value in net.state_dict().items():
        *stream, layer, kind = name.split(".")
        if kind == "bias":
            value = value[None]
        elif value.ndim == 5:
            value = value.permute(3, 4, 2, 1, 0)
        else:
            value = value.permute(2, 3, 1, 0)
        letter = "f" if kind == "weight" else "b"
        if stream:
            out[f"{layer}{letter}_{stream[0]}"] = value
        elif fused:
            out[f"conv3D{letter}"] = value
    return out


def resnet_as_matconvnet(net, stream, *, flat=False):
    """One stream's tensors under MatConvNet's names, in its layouts; flat: filters over time as before they were."""
    out = {}
    for name, value in getattr(net, stream).state_dict().items():
        *path, kind = name.split(".")
        layer = path[-1] if len(path) == 1 else f"{path[0]}_{path[1]}".replace("_bn_", "_")
        if path[-1].startswith("bn_") and len(path) == 2:
            layer = layer.replace("res", "bn", 1)
        if kind == "weight" and value.ndim == 5:
            shape = value.shape[2]
            filt = value.permute(3, 4, 1, 0, 2)[..., 0] if shape == 1 else value[..., 0, 0].permute(2, 1, 0)[None]
            out[f"{layer}_filter"] = filt.sum(1, keepdim=True) if flat and shape == 3 else filt
        elif kind in ("weight", "bias"):
            out[f"{layer}_{'mult' if kind == 'weight' else 'bias'}"] = value[:, None]
        elif kind == "running_mean":
            sigma = (getattr(net, stream).state_dict()[name.replace("mean", "var")] + 1e-5).sqrt()
            out[f"{layer}_moments"] = torch.stack([value, sigma], 1)
    return out


def fused_file(net):
    return {f"{k}_{s}": v for s in ("spatial", "temporal") for k, v in resnet_as_matconvnet(net, s).items()}


STATISTICS = {"weight": "gamma", "bias": "beta", "running_mean": "moving_mean", "running_var": "moving_variance"}
KERAS = {
    1: {
        "conv": ("convolution1d", {"weight": "W", "bias": "b"}),
        "dense": ("dense", {"weight": "W", "bias": "b"}),
        "norm": ("batchnormalization", {**STATISTICS, "running_mean": "running_mean", "running_var": "running_std"}),
    },
    2: {
        "conv": ("conv1d", {"weight": "kernel:0", "bias": "bias:0"}),
        "dense": ("dense", {"weight": "kernel:0", "bias": "bias:0"}),
        "norm": ("batch_normalization", {ours: f"{theirs}:0" for ours, theirs in STATISTICS.items()}),
    },
}


def as_keras(net, version, first=1):
    """The network's tensors under Keras' names and in its layouts, numbered from `first` on as a process would."""
    out, state = {}, net.state_dict()
    for kind, paths in keras_order(net).items():
        word, parts = KERAS[version][kind]
        for number, path in enumerate(paths, first):
            for ours, theirs in parts.items():
                layer, value = f"{word}_{number}", state[f"{path}.{ours}"]
                if ours == "weight" and kind == "conv":
                    value = value.permute(2, 1, 0)
                    value = value.unsqueeze(1) if version == 1 else value
                if ours == "weight" and kind == "dense":
                    value = value.T
                out[f"{layer}/{layer}_{theirs}" if version == 1 else f"{layer}/{layer}/{theirs}"] = value
    return out
