"""MatConvNet's networks: v5 files that SciPy wrote, v7.3 files laid out as MATLAB does, old and new forms of layers."""

import itertools
import struct

import h5py
import numpy as np
import pytest
import scipy.io

from experiments.models.errors import WeightsError
from experiments.models.formats import mat5, read

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


def cell(*items):
    """A 1 x N cell."""
    box = np.empty((1, len(items)), object)
    for at, item in enumerate(items):
        box[0, at] = item
    return box


# Of every kind that a SimpleNN has: present and old form, without weights, an empty bias, a normalisation.
LAYERS = [
    {"name": "conv1", "type": "conv", "weights": cell(FILTERS, np.ones((1, 5), np.float32))},
    {"name": "relu1", "type": "relu"},
    {"name": "pool1", "type": "pool", "weights": cell()},
    {"name": "bn1", "type": "bnorm", "weights": cell(*(np.ones((5, k), np.float32) for k in (1, 1, 2)))},
    {"name": "conv2", "type": "conv", "filters": FILTERS, "biases": np.ones((1, 5))},
    {"name": "conv3", "type": "conv", "weights": cell(FILTERS, np.zeros((0, 0), np.float32))},
]
SHAPES = {
    "conv1f": (2, 3, 4, 5), "conv1b": (1, 5), "bn1f": (5, 1), "bn1b": (5, 1), "bn1m": (5, 2),
    "conv2f": (2, 3, 4, 5), "conv2b": (1, 5), "conv3f": (2, 3, 4, 5),
}  # fmt: skip


NUMBERS = itertools.count()


def put(h5: h5py.File, parent: h5py.Group, name: str, value) -> None:
    """A value as MATLAB writes it: cells are references, texts numbers, axes in reverse, empty ones their size."""
    if isinstance(value, dict):
        group = parent.create_group(name)
        group.attrs["MATLAB_class"] = np.bytes_("struct")
        for key, item in value.items():
            put(h5, group, key, item)
        return
    if isinstance(value, np.ndarray) and value.dtype == object and value.size:
        pool = h5.require_group("#refs#")
        references = []
        for item in value.ravel():
            key = f"r{next(NUMBERS)}"
            put(h5, pool, key, item)
            references.append(pool[key].ref)
        parent.create_dataset(name, data=np.array(references, h5py.ref_dtype)[:, None], dtype=h5py.ref_dtype)
    elif isinstance(value, str):
        parent[name] = np.array([[ord(letter)] for letter in value], np.uint16)
    elif value.size:
        parent[name] = value.T
    else:
        parent[name] = np.array(value.shape, np.uint64)
        parent[name].attrs["MATLAB_empty"] = np.uint8(1)
    kind = "char" if isinstance(value, str) else "cell" if value.dtype == object else "single"
    parent[name].attrs["MATLAB_class"] = np.bytes_(kind)


@pytest.mark.parametrize("inside", [True, False])
@pytest.mark.parametrize("form", ["v5", "v5 compressed", "v7.3"])
def test_every_kind_of_layer_of_a_simplenn(tmp_path, form, inside):
    file = tmp_path / "net.mat"
    content = {"net": {"layers": cell(*LAYERS)}} if inside else {"layers": cell(*LAYERS)}
    if form == "v7.3":
        with h5py.File(file, "w", userblock_size=512) as h5:
            for name, value in content.items():
                put(h5, h5, name, value)
        with file.open("r+b") as raw:
            raw.write(b"MATLAB 7.3 MAT-file")
    else:
        scipy.io.savemat(file, content, do_compression="compressed" in form)
    got = read(file)
    assert {name: tuple(value.shape) for name, value in got.items()} == SHAPES
    assert all(np.array_equal(got[f"conv{k}f"].numpy(), FILTERS) for k in (1, 2, 3))


@pytest.mark.parametrize("compressed", [True, False])
def test_our_reader_of_v5_agrees_with_scipys(tmp_path, compressed):
    rng, file = np.random.default_rng(0), tmp_path / "any.mat"
    numbers = {kind: rng.integers(0, 100, (3, 2, 4)).astype(kind) for kind in ("u1", "i2", "u4", "i8", "f4", "f8")}
    scipy.io.savemat(file, {**numbers, "text": "näme", "short": "ab"}, do_compression=compressed)
    got = mat5.variables(file, {*numbers, "text", "short"})
    for name, value in scipy.io.loadmat(file).items():
        if name in numbers:
            assert np.array_equal(got[name], value) and got[name].shape == value.shape, name
    assert got["text"] == "näme" and got["short"] == "ab"
    assert mat5.variables(file, {"u1"})["f8"] is None


def test_a_variable_that_grows_beyond_all_memory_is_refused(tmp_path, monkeypatch):
    scipy.io.savemat(tmp_path / "bomb.mat", {"net": np.zeros(1 << 20)}, do_compression=True)
    assert (tmp_path / "bomb.mat").stat().st_size < 20_000
    monkeypatch.setattr(mat5, "MOST_BYTES", 1 << 20)
    with pytest.raises(WeightsError, match="more than 1048576 bytes"):
        read(tmp_path / "bomb.mat")


def test_big_endian_files_are_read(tmp_path):
    head = b"MATLAB 5.0".ljust(124) + struct.pack(">H", 0x100) + b"MI"
    parts = [(6, struct.pack(">2I", 7, 0)), (5, struct.pack(">2i", 1, 2)), (1, b"x"), (7, struct.pack(">2f", 1.5, -2))]
    body = b"".join(struct.pack(">2I", kind, len(raw)) + raw.ljust(-(-len(raw) // 8) * 8, b"\0") for kind, raw in parts)
    (tmp_path / "x.mat").write_bytes(head + struct.pack(">2I", 14, len(body)) + body)
    assert mat5.variables(tmp_path / "x.mat", {"x"})["x"].tolist() == [[1.5, -2.0]]


def test_what_only_matlab_understands_is_named_where_it_is_a_weight(tmp_path):
    """A handle of a function, such as a network may hold beside its weights, is no array."""
    file = tmp_path / "net.mat"
    scipy.io.savemat(file, {"net": {"params": {"name": "conv1f", "value": np.ones(3, np.float32)}}})
    single, function = (struct.pack("<4I", 6, 8, kind, 0) for kind in (7, 16))
    assert read(file)["conv1f"].tolist() == [[1, 1, 1]]
    file.write_bytes(file.read_bytes().replace(single, function))
    with pytest.raises(WeightsError, match=r"conv1f is no array.*GPU"):
        read(file)


def test_a_file_without_a_network_says_what_it_has(tmp_path):
    scipy.io.savemat(tmp_path / "images.mat", {"images": np.ones(3), "net": np.ones(2)})
    with pytest.raises(WeightsError, match=r"it has images, net"):
        read(tmp_path / "images.mat")
