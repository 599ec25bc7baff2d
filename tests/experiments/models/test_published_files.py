"""Files as their authors' programs write them, made here, read by the families' adapters: MatConvNet's and Keras'."""

import numpy as np
import pytest
import scipy.io
import torch
from safetensors.torch import save_file

from experiments.models.errors import WeightsError
from synth.errors import UnknownName
from tests.experiments.models.published import as_keras, fused_file, resnet_as_matconvnet, small, vgg_as_matconvnet


def varied(adapter, seed=7):
    """The adapter with weights that no seed of its own would draw."""
    generator = torch.Generator().manual_seed(seed)
    for tensor in adapter.net.state_dict().values():
        if tensor.is_floating_point():
            tensor.add_(torch.rand(tensor.shape, generator=generator) * 0.2)
    return adapter


def write_mat(path, tensors):
    """A DagNN as MatConvNet saves one: net.params, a struct array of name and value."""
    params = np.zeros((1, len(tensors)), dtype=[("name", object), ("value", object)])
    for index, (name, value) in enumerate(tensors.items()):
        params[0, index] = (name, value.numpy())
    scipy.io.savemat(path, {"net": {"params": params}})


def logits(adapter):
    shape = (2, *adapter.input.shape)
    batch = torch.rand(shape, generator=torch.Generator().manual_seed(0)) * (2 if len(shape) == 4 else 20)
    with torch.inference_mode():
        return adapter.logits(batch)


@pytest.mark.parametrize("name", ["two_stream", "st_resnet"])
def test_a_fused_network_of_matconvnet(tmp_path, name):
    adapter = varied(small(tmp_path, name))
    tensors = vgg_as_matconvnet(adapter.net) if name == "two_stream" else fused_file(adapter.net)
    write_mat(tmp_path / "net.mat", tensors)
    assert torch.allclose(logits(small(tmp_path, name, tmp_path / "net.mat")), logits(adapter), atol=1e-4)


@pytest.mark.parametrize("name", ["two_stream", "st_resnet"])
def test_two_towers_of_matconvnet_in_a_folder(tmp_path, name):
    adapter = varied(small(tmp_path, name))
    (tmp_path / "towers").mkdir()
    for stream in ("spatial", "temporal"):
        if name == "two_stream":
            both = vgg_as_matconvnet(adapter.net, fused=False)
            tensors = {key.removesuffix(f"_{stream}"): v for key, v in both.items() if key.endswith(stream)}
        else:
            tensors = resnet_as_matconvnet(adapter.net, stream)
        write_mat(tmp_path / "towers" / f"{stream}.mat", tensors)
    again = small(tmp_path, name, tmp_path / "towers")
    ours, theirs = adapter.net.state_dict(), again.net.state_dict()
    alike = [key for key in ours if not key.startswith("conv5_fusion")]
    assert all(torch.allclose(ours[key].float(), theirs[key].float(), atol=1e-5) for key in alike)
    (tmp_path / "towers" / "temporal.mat").unlink()
    with pytest.raises(WeightsError, match=r"0 files temporal"):
        small(tmp_path, name, tmp_path / "towers")


def test_one_tower_alone_is_told_where_it_belongs(tmp_path):
    adapter = small(tmp_path, "st_resnet")
    write_mat(tmp_path / "spatial.mat", resnet_as_matconvnet(adapter.net, "spatial"))
    with pytest.raises(UnknownName, match=r"spatial\.mat and temporal\.mat"):
        small(tmp_path, "st_resnet", tmp_path / "spatial.mat")


def write_keras(path, tensors):
    """Weights as Keras saves them: a group per layer, listed in attributes."""
    h5py = pytest.importorskip("h5py")
    layers: dict[str, list[str]] = {}
    for name in tensors:
        layers.setdefault(name.split("/")[0], []).append(name)
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [layer.encode() for layer in layers]
        for layer, names in layers.items():
            group = file.create_group(layer)
            group.attrs["weight_names"] = [name.split("/", 1)[1].encode() for name in names]
            for name in names:
                group[name.split("/", 1)[1]] = tensors[name].numpy()


@pytest.mark.parametrize("version", [1, 2])
def test_res_tcn_of_keras(tmp_path, version):
    adapter = varied(small(tmp_path, "res_tcn"))
    write_keras(tmp_path / "weights.hdf5", as_keras(adapter.net, version, first=30))
    assert torch.allclose(logits(small(tmp_path, "res_tcn", tmp_path / "weights.hdf5")), logits(adapter), atol=1e-4)


def test_a_file_of_the_multi_stream_network_is_ours_alone(tmp_path):
    write_keras(tmp_path / "weights.hdf5", as_keras(small(tmp_path, "res_tcn").net, 2))
    with pytest.raises(WeightsError, match="layers of kind conv"):
        small(tmp_path, "ms_res_tcn", tmp_path / "weights.hdf5")


def test_the_convolutional_lstms_checkpoint(tmp_path):
    """As the published program saves one: within a dictionary, trained on several GPUs."""
    adapter = varied(small(tmp_path, "conv_lstm"))
    state = {f"module.{key}": value for key, value in adapter.net.state_dict().items()}
    torch.save({"epoch": 3, "arch": "Conv4", "state_dict": state, "best_loss": 1.5}, tmp_path / "model.pth.tar")
    assert torch.equal(logits(small(tmp_path, "conv_lstm", tmp_path / "model.pth.tar")), logits(adapter))


@pytest.mark.parametrize("name", ["conv_lstm", "two_stream", "st_resnet", "res_tcn"])
def test_a_missing_tensor_is_named(tmp_path, name):
    state = dict(small(tmp_path, name).net.state_dict())
    gone = next(key for key in state if key.endswith("weight"))
    save_file({k: v.contiguous() for k, v in state.items() if k != gone}, tmp_path / "less.safetensors")
    with pytest.raises(WeightsError, match=f"missing {gone}"):
        small(tmp_path, name, tmp_path / "less.safetensors")
