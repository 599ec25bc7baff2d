"""Every format from a file made here, and every way in which such a file can be wrong."""

import json
import sys

import h5py
import numpy as np
import pytest
import scipy.io
import torch
from safetensors.torch import save_file

from experiments.models.errors import WeightsError
from experiments.models.formats import read

TENSORS = {"a.weight": torch.arange(6.0).reshape(2, 3), "a.bias": torch.tensor([1.0, -1.0])}


def same(got, expected=TENSORS):
    return got.keys() == expected.keys() and all(torch.equal(got[k], expected[k]) for k in expected)


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
        (b"\x80\x02 and then nothing", "pickle"),
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


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(WeightsError, match="is a folder"):
        read(tmp_path)


def test_a_file_that_keras_2_wrote_itself(tmp_path):
    """By Keras 3.15, model.save("NAME.h5"): its names hold the whole path of a weight."""
    with h5py.File(tmp_path / "w.h5", "w") as file:
        root = file.create_group("model_weights")
        root.attrs["layer_names"] = np.array([b"c1", b"top_level_model_weights"])
        root.create_group("c1").attrs["weight_names"] = np.array([b"sequential/c1/kernel"])
        root["c1"]["sequential/c1/kernel"] = np.ones((8, 6, 4), np.float32)
        root.create_group("top_level_model_weights").attrs["weight_names"] = np.array([], "S1")
    assert {name: tuple(value.shape) for name, value in read(tmp_path / "w.h5").items()} == {
        "sequential/c1/kernel": (8, 6, 4)
    }


def test_a_missing_h5py_gives_the_line_that_mends_it(tmp_path, monkeypatch):
    with h5py.File(tmp_path / "w.hdf5", "w") as file:
        file.attrs["layer_names"] = []
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(WeightsError, match="make zoo"):
        read(tmp_path / "w.hdf5")


def damaged(content: bytes, seed: int = 0, count: int = 60):
    """Beginnings of a file, and copies of it with one byte changed."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        at = int(rng.integers(len(content)))
        yield content[:at]
        yield content[:at] + bytes([content[at] ^ int(rng.integers(1, 256))]) + content[at + 1 :]


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")  # torch's, of a damaged byte
@pytest.mark.parametrize("kind", ["zip", "legacy", "safetensors", "keras", "v5", "v5 compressed"])
def test_no_damage_ends_in_another_error(tmp_path, kind):
    file = tmp_path / "weights"
    if kind in ("zip", "legacy"):
        torch.save({"state_dict": TENSORS, "best": np.float64(1)}, file, _use_new_zipfile_serialization=kind == "zip")
    elif kind == "safetensors":
        save_file(TENSORS, file)
    elif kind == "keras":
        with h5py.File(file, "w") as h5:
            h5.attrs["layer_names"] = [b"a"]
            h5.create_group("a").attrs["weight_names"] = [b"a_W"]
            h5["a"]["a_W"] = np.ones((3, 2), np.float32)
    else:
        params = np.zeros((1, 2), [("name", object), ("value", object)])
        params[0, 0], params[0, 1] = ("a", np.ones((2, 3))), ("b", np.ones((3, 1), np.float32))
        scipy.io.savemat(file, {"params": params}, appendmat=False, do_compression="compressed" in kind)
    whole, refused = file.read_bytes(), 0
    assert read(file)
    for content in damaged(whole):
        file.write_bytes(content)
        try:
            read(file)
        except WeightsError:
            refused += 1
    assert refused >= 30
