"""Every format from a file made here, and every way in which such a file can be wrong."""

import importlib.util
import json
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
import scipy.io
import torch
from safetensors.torch import save_file

from experiments.models.errors import WeightsError
from experiments.models.formats import read

_SPEC = importlib.util.spec_from_file_location("bundle", Path(__file__).with_name("bundle.py"))
bundle = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(bundle)

TENSORS = {"a.weight": torch.arange(6.0).reshape(2, 3), "a.bias": torch.tensor([1.0, -1.0])}


def same(got, expected=TENSORS):
    return got.keys() == expected.keys() and all(torch.equal(got[k], expected[k]) for k in expected)


class Foreign:
    """Something that a pickle would have to run code for."""

    def __init__(self):
        self.value = 1


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize(
    "wrapped",
    [
        TENSORS,
        {"state_dict": TENSORS, "epoch": 7},
        {"meta": {"mmaction_version": "1.0"}, "state_dict": {f"module.{k}": v for k, v in TENSORS.items()}},
        {"model_state": TENSORS, "optimizer_state": {"lr": 0.1}},
        {"epoch": 3, "arch": "BNInception", "best_prec1": np.float64(86.4), "state_dict": TENSORS},
    ],
)
def test_pytorch_files_new_and_legacy_out_of_their_wrapping(tmp_path, zipped, wrapped):
    file = tmp_path / "weights.pt"
    torch.save(wrapped, file, _use_new_zipfile_serialization=zipped)
    assert same(read(file))


@pytest.mark.parametrize("zipped", [True, False])
def test_a_pickle_that_would_run_code_is_refused_and_its_class_named(tmp_path, zipped):
    file = tmp_path / "weights.pt"
    torch.save({"state_dict": TENSORS, "what": Foreign()}, file, _use_new_zipfile_serialization=zipped)
    with pytest.raises(WeightsError, match=r"Foreign.*would run code"):
        read(file)


def test_safetensors_one_file_and_shards(tmp_path):
    save_file(TENSORS, tmp_path / "one.safetensors")
    assert same(read(tmp_path / "one.safetensors"))
    for number, name in enumerate(TENSORS):
        save_file({name: TENSORS[name]}, tmp_path / f"{number}.safetensors")
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {name: f"{k}.safetensors" for k, name in enumerate(TENSORS)}}))
    assert same(read(index))
    (tmp_path / "1.safetensors").unlink()
    with pytest.raises(WeightsError, match=r"1\.safetensors"):
        read(index)


@pytest.fixture
def variables():
    rng = np.random.default_rng(0)
    shapes = {f"RGB/inception_i3d/Mixed_{k}/w": (1, 2, k + 1) for k in range(13)}
    plain = {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    return plain | {"step": np.array(7, np.int64), "half": np.ones(3, np.float16)}


@pytest.mark.parametrize("shards", [1, 3])
def test_a_tensorflow_bundle_by_prefix_index_and_data(tmp_path, variables, shards):
    prefix = bundle.write_bundle(tmp_path / "model.ckpt", variables, shards=shards)
    data = prefix.with_name(f"model.ckpt.data-00000-of-{shards:05d}")
    for path in (prefix, prefix.with_name("model.ckpt.index"), data):
        got = read(path)
        assert got.keys() == variables.keys()
        assert all(np.array_equal(got[name].numpy(), variables[name]) for name in variables)


def test_a_damaged_bundle_is_refused(tmp_path, variables):
    prefix = bundle.write_bundle(tmp_path / "model.ckpt", variables)
    data, index = (prefix.with_name(f"model.ckpt.{end}") for end in ("data-00000-of-00001", "index"))
    whole, table = data.read_bytes(), index.read_bytes()
    data.write_bytes(whole[:40] + bytes([whole[40] ^ 1]) + whole[41:])
    with pytest.raises(WeightsError, match="another checksum"):
        read(prefix)
    data.write_bytes(whole[:-8])
    with pytest.raises(WeightsError, match="end after"):
        read(prefix)
    data.unlink()
    with pytest.raises(WeightsError, match="does not lie beside it"):
        read(prefix)
    data.write_bytes(whole)
    index.write_bytes(table[:20] + bytes([table[20] ^ 1]) + table[21:])
    with pytest.raises(WeightsError, match="checksum"):
        read(prefix)
    index.write_bytes(table[-60:])
    with pytest.raises(WeightsError):
        read(prefix)
    index.unlink()
    with pytest.raises(WeightsError, match="index"):
        read(data)


def test_a_compressed_bundle_is_refused(tmp_path, variables):
    with pytest.raises(WeightsError, match="compressed"):
        read(bundle.write_bundle(tmp_path / "model.ckpt", variables, kind=1))


FILTERS = np.arange(2 * 3 * 4 * 5, dtype=np.float32).reshape(2, 3, 4, 5)


def test_matconvnet_dagnn_of_v5(tmp_path):
    params = np.zeros((1, 2), dtype=[("name", object), ("value", object)])
    params[0, 0] = ("conv1_filter", FILTERS)
    params[0, 1] = ("conv1_bias", np.ones((5, 1), np.float32))
    scipy.io.savemat(tmp_path / "net.mat", {"net": {"params": params, "meta": 1}}, do_compression=True)
    got = read(tmp_path / "net.mat")
    assert np.array_equal(got["conv1_filter"].numpy(), FILTERS) and got["conv1_bias"].shape == (5, 1)


def test_matconvnet_simplenn_of_v5(tmp_path):
    layers = np.empty((1, 2), object)
    weights = np.empty((1, 2), object)
    weights[0, 0], weights[0, 1] = FILTERS, np.ones((1, 5), np.float32)
    layers[0, 0] = {"name": "conv1_1", "type": "conv", "weights": weights}
    layers[0, 1] = {"name": "relu1_1", "type": "relu"}
    scipy.io.savemat(tmp_path / "net.mat", {"layers": layers})
    got = read(tmp_path / "net.mat")
    assert sorted(got) == ["conv1_1b", "conv1_1f"] and np.array_equal(got["conv1_1f"].numpy(), FILTERS)


def test_matconvnet_dagnn_of_v7_3(tmp_path):
    file = tmp_path / "net.mat"
    with h5py.File(file, "w", userblock_size=512) as h5:
        names, values = [], []
        for number, (name, value) in enumerate({"conv1f": FILTERS, "conv1b": np.ones((5, 1), np.float32)}.items()):
            h5[f"#refs#/n{number}"] = np.array([[ord(letter)] for letter in name], np.uint16)
            h5[f"#refs#/v{number}"] = value.T
            names.append(h5[f"#refs#/n{number}"].ref)
            values.append(h5[f"#refs#/v{number}"].ref)
        for key, references in (("name", names), ("value", values)):
            h5.create_dataset(f"net/params/{key}", data=np.array([references], h5py.ref_dtype), dtype=h5py.ref_dtype)
    with file.open("r+b") as raw:
        raw.write(b"MATLAB 7.3 MAT-file")
    got = read(file)
    assert np.array_equal(got["conv1f"].numpy(), FILTERS) and got["conv1b"].shape == (5, 1)


@pytest.mark.parametrize("nested", [True, False])
def test_keras_one_and_two(tmp_path, nested):
    kernel = np.arange(8 * 3 * 4, dtype=np.float32).reshape(8, 1, 3, 4)
    with h5py.File(tmp_path / "w.hdf5", "w") as file:
        root = file.create_group("model_weights") if nested else file
        root.attrs["layer_names"] = [b"convolution1d_1", b"conv1d_2", b"activation_1"]
        for layer, weight, value in (
            ("convolution1d_1", "convolution1d_1_W", kernel),
            ("conv1d_2", "conv1d_2/kernel:0", kernel[:, 0]),
        ):
            group = root.create_group(layer)
            group.attrs["weight_names"] = [weight.encode()]
            group[weight] = value
        root.create_group("activation_1").attrs["weight_names"] = []
    got = read(tmp_path / "w.hdf5")
    assert list(got) == ["convolution1d_1/convolution1d_1_W", "conv1d_2/kernel:0"]
    assert np.array_equal(got["conv1d_2/kernel:0"].numpy(), kernel[:, 0])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no format of weights"),
        (b"<!DOCTYPE html><html>not found", "error page"),
        (b"PK\x03\x04 and then nothing", "PyTorch"),
        (b"\x80\x02 and then nothing", "PyTorch"),
        (b"MATLAB 5.0 MAT-file" + b" " * 200, "MATLAB"),
        (b"MATLAB 7.3 MAT-file" + b" " * 600, "HDF5"),
        (b"\x89HDF\r\n\x1a\n" + b" " * 600, "HDF5"),
        ((20).to_bytes(8, "little") + b'{"a":' + b" " * 30, "safetensors"),
    ],
)
def test_a_file_that_is_no_weights_says_what_it_begins_as(tmp_path, content, says):
    file = tmp_path / "odd.bin"
    file.write_bytes(content)
    with pytest.raises(WeightsError, match=says):
        read(file)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(WeightsError, match="no such file"):
        read(tmp_path / "nowhere.pt")


def test_a_pytorch_file_without_tensors_is_refused(tmp_path):
    torch.save({"epoch": 3}, tmp_path / "card.pt")
    with pytest.raises(WeightsError, match="no tensors"):
        read(tmp_path / "card.pt")
    torch.save([1, 2], tmp_path / "list.pt")
    with pytest.raises(WeightsError, match="expected a state dict"):
        read(tmp_path / "list.pt")


@pytest.mark.parametrize("package", ["h5py", "google_crc32c"])
def test_a_missing_package_gives_the_line_that_mends_it(tmp_path, monkeypatch, variables, package):
    prefix = bundle.write_bundle(tmp_path / "model.ckpt", variables)
    with h5py.File(tmp_path / "w.hdf5", "w") as file:
        file.attrs["layer_names"] = []
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(WeightsError, match="make zoo"):
        read(prefix if package == "google_crc32c" else tmp_path / "w.hdf5")
