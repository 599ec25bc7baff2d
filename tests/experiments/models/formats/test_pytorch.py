"""PyTorch's files: what they are wrapped in, what is refused, and what damage is seen."""

import argparse
import collections
import io
import os
import pickle
import pickletools

import numpy as np
import pytest
import torch

from experiments.models.errors import WeightsError
from experiments.models.formats import read

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


class Command:
    """A pickle of it runs a command when it is unpickled whole."""

    def __reduce__(self):
        return os.system, ("touch was_run",)


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize(
    ("what", "named"),
    [
        (Command(), "posix.system"),
        (torch.nn.Linear(1, 1), "torch.nn.modules.linear.Linear"),
        (argparse.Namespace(lr=1), "argparse.Namespace"),
        (np.ones(2), "numpy._core.multiarray._reconstruct"),
        (np.datetime64(1, "s"), "numpy.dtypes.DateTime64DType"),
    ],
)
def test_the_refusal_names_the_class_and_never_advises_to_unpickle_all(tmp_path, monkeypatch, zipped, what, named):
    monkeypatch.chdir(tmp_path)
    torch.save({"state_dict": TENSORS, "what": what}, "weights.pt", _use_new_zipfile_serialization=zipped)
    with pytest.raises(WeightsError) as caught:
        read("weights.pt")
    assert f"object of {named}," in str(caught.value) and "safetensors" in str(caught.value)
    assert "set to `False`" not in str(caught.value) and not os.path.exists("was_run")


def test_scalars_of_numpy_and_plain_containers_are_harmless(tmp_path):
    kinds = ("bool", "int8", "uint8", "int64", "float16", "float32", "float64")
    meta = {"scalars": [np.dtype(kind).type(1) for kind in kinds] + [np.str_("x")], "set": {1}}
    torch.save({"state_dict": collections.OrderedDict(TENSORS), "meta": meta}, tmp_path / "w.pt")
    assert same(read(tmp_path / "w.pt"))


def test_a_file_that_python_2_wrote(tmp_path):
    """Python 2 pickled names as byte strings (SHORT_BINSTRING), as those of tsn-pytorch's time are."""
    file = tmp_path / "w.pth"
    torch.save({"state_dict": TENSORS, "epoch": 1}, file, _use_new_zipfile_serialization=False)
    raw, out = file.read_bytes(), b""
    stream = io.BytesIO(raw)
    for _ in range(5):
        places = [(op.name, arg, at) for op, arg, at in pickletools.genops(stream)]
        ends = [at for _, _, at in places[1:]] + [stream.tell()]
        for (name, arg, at), end in zip(places, ends, strict=True):
            out += b"U" + bytes([len(arg)]) + arg.encode() if name == "BINUNICODE" else raw[at:end]
    file.write_bytes(out + raw[stream.tell() :])
    assert file.read_bytes() != raw and same(read(file))


def test_tensors_are_contiguous_and_without_gradient(tmp_path):
    odd = {
        "parameter": torch.nn.Parameter(torch.ones(2, 3)),
        "turned": torch.arange(6.0).reshape(2, 3).T,
        "last": torch.ones(2, 3, 4, 5).to(memory_format=torch.channels_last),
    }
    torch.save(odd, tmp_path / "w.pt")
    got = read(tmp_path / "w.pt")
    assert same(got, {name: value.detach() for name, value in odd.items()})
    assert all(value.is_contiguous() and not value.requires_grad for value in got.values())


def test_a_changed_bit_within_the_data_is_seen(tmp_path):
    file = tmp_path / "w.pt"
    torch.save({"a": torch.arange(100.0)}, file)
    raw = file.read_bytes()
    at = raw.index(torch.arange(50.0, 60.0).numpy().tobytes())
    file.write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
    with pytest.raises(WeightsError, match="another CRC-32"):
        read(file)


def test_a_pytorch_file_without_tensors_is_refused(tmp_path):
    torch.save({"epoch": 3}, tmp_path / "card.pt")
    with pytest.raises(WeightsError, match="no tensors but epoch"):
        read(tmp_path / "card.pt")
    torch.save({"weights": TENSORS, "epoch": 3}, tmp_path / "odd.pt")
    with pytest.raises(WeightsError, match=r"weights, epoch.*state_dict"):
        read(tmp_path / "odd.pt")
    torch.save([1, 2], tmp_path / "list.pt")
    with pytest.raises(WeightsError, match="expected a state dict"):
        read(tmp_path / "list.pt")


def test_other_pickles_and_archives_say_what_they_are(tmp_path):
    file = tmp_path / "w.pt"
    file.write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(WeightsError, match="a pickle, but none of PyTorch"):
        read(file)
    np.savez(tmp_path / "w.npz", a=np.ones(2))
    with pytest.raises(WeightsError, match=r"ZIP archive of a\.npy"):
        read(tmp_path / "w.npz")
    with pytest.warns(DeprecationWarning):
        torch.jit.script(torch.nn.Linear(1, 1)).save(file)
    with pytest.raises(WeightsError, match="TorchScript"):
        read(file)
