"""The adapters of the C-LSTM, two-stream, ST-ResNet and Res-TCN families: small cards of each keep the contract."""

import dataclasses

import numpy as np
import pytest
import torch
import yaml

from experiments.models.base import Footage
from experiments.models.card import MODEL_DIR
from experiments.models.check import check_model
from experiments.models.example import example
from experiments.models.input import InputError
from experiments.training.recipe import Recipe
from tests.experiments.models.published import SMALL, small

FAMILIES = {table["family"] for table in SMALL.values()}
LAYERS = {
    "conv_lstm": ["cell0", "pool0", "cell1", "pool1"],
    "two_stream": ["spatial.relu5_3", "temporal.relu5_3", "conv5_fusion", "spatial.pool5"],
    "st_resnet": ["spatial.res2a", "temporal.res2a", "spatial.res2b"],
    "res_tcn": ["layer1", "layer2", "layer3", "layer4", "layer5"],
    "ms_res_tcn": ["layer1", "attention1", "layer2"],
}


@pytest.mark.parametrize("name", SMALL)
def test_it_keeps_the_contract(tmp_path, name):
    adapter = small(tmp_path, name)
    assert "gradients" in check_model(adapter)
    assert adapter.layers()[: len(LAYERS[name])] == LAYERS[name]


def test_the_convolutional_lstm_is_shown_raw_pixels(tmp_path):
    adapter = small(tmp_path, "conv_lstm")
    pixels = adapter.prepare(example(adapter.input))
    assert pixels.dtype == torch.uint8
    assert torch.equal(adapter.normalise(pixels), pixels.float())
    assert adapter.features(pixels[None], "cell0").shape == (1, 4, 4, 16, 20)


def test_a_two_stream_network_is_shown_picture_and_flow(tmp_path):
    adapter = small(tmp_path, "two_stream")
    clip = example(adapter.input)
    shown = adapter.prepare(clip)
    assert shown.shape == (1, 3 + 4, 5, 32, 32) and shown.dtype == torch.float32
    assert float(shown[:, :3].max()) > 100
    read = adapter.normalise(shown)
    assert torch.allclose(read[:, 0], shown[:, 0] - 123.68)
    u = round(255 * (float(clip.flow[0, 0, 0, 0]) + 20) / 40) - 128
    assert torch.equal(read[:, 3], torch.full_like(read[:, 3], u))


def test_estimated_flow_takes_a_clip_without_any(tmp_path):
    adapter = small(tmp_path, "two_stream", flow_from="dis")
    clip = dataclasses.replace(example(adapter.input), flow=None)
    assert adapter.logits(adapter.prepare(clip)[None]).shape == (1, 3)
    with pytest.raises(InputError, match="has no flow"):
        small(tmp_path, "two_stream").prepare(clip)


def test_flow_alone(tmp_path):
    adapter = small(tmp_path, "st_resnet")
    spec = dataclasses.replace(adapter.input, modality="flow")
    adapter.input = spec
    shown = adapter.prepare(example(spec))
    assert shown.shape == (1, 4, 5, 32, 32)
    assert float(adapter.normalise(shown).abs().max()) <= 128


def test_a_skeleton_model_sees_what_the_camera_sees(tmp_path):
    adapter = small(tmp_path, "res_tcn")
    clip = example(adapter.input)
    shown = adapter.prepare(clip)
    assert shown.shape == (1, 100, 150)
    assert shown[0, : len(clip), :75].all() and not shown[0, len(clip) :].any() and not shown[..., 75:].any()
    read = adapter.normalise(shown)
    assert torch.allclose(read[0, : len(clip)], shown[0, : len(clip)] - 0.6)
    assert not read[0, len(clip) :].any()


def test_recorded_skeletons_need_no_camera(tmp_path):
    adapter = small(tmp_path, "ms_res_tcn")
    joints = np.random.default_rng(0).normal(size=(40, 50, 3)).astype(np.float32)
    shown = adapter.prepare(Footage(joints=joints, fps=30.0))
    assert np.allclose(shown[0, :40], joints.reshape(40, 150))


def test_recipes_of_the_papers_are_ones_that_the_trainer_takes():
    cards = [yaml.safe_load(path.read_text()) for path in MODEL_DIR.glob("*.yaml")]
    recipes = {card["title"]: Recipe(**card["training"]) for card in cards if card["family"] in FAMILIES}
    assert len(recipes) == 8
    kth, ssv2 = recipes["C-LSTM, KTH"], recipes["C-LSTM, Something-Something-V2"]
    assert (kth.optimiser, kth.momentum, kth.epochs, kth.weight_decay) == ("sgd", 0.2, 21, 1e-4)
    assert (ssv2.optimiser, ssv2.momentum, ssv2.epochs, ssv2.weight_decay) == ("sgd", 0.2, 105, 0.0)
    fused = recipes["Two-stream VGG-16 fusion, UCF101"]
    assert [fused.rate(0, [{}] * epoch) for epoch in (0, 20, 30, 40)] == pytest.approx([1e-3, 1e-4, 1e-5, 1e-6])


@pytest.mark.parametrize("name", SMALL)
def test_its_own_weights_come_back(tmp_path, name):
    from safetensors.torch import save_file

    drawn = small(tmp_path, name)
    torch.manual_seed(5)
    state = {key: value + torch.rand_like(value) * 0.1 for key, value in drawn.net.state_dict().items() if value.ndim}
    state |= {key: value for key, value in drawn.net.state_dict().items() if not value.ndim}
    save_file({key: value.contiguous() for key, value in state.items()}, tmp_path / "own.safetensors")
    again = small(tmp_path, name, tmp_path / "own.safetensors")
    assert all(torch.equal(value, state[key]) for key, value in again.net.state_dict().items())
    assert again.fingerprint != drawn.fingerprint
