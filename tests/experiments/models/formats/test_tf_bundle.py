"""TensorFlow's checkpoints: one that TensorFlow itself wrote, and those of our own writer, whole and damaged.

What `bundle.write_bundle` writes was read by TensorFlow 2.21, and equal.
"""

import base64
import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from experiments.models.errors import WeightsError
from experiments.models.formats import read
from experiments.models.formats.tf_bundle import masked_crc

_SPEC = importlib.util.spec_from_file_location("bundle", Path(__file__).with_name("bundle.py"))
bundle = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(bundle)


# By TensorFlow 2.21, tf.compat.v1.train.Saver: variables of every type, a scalar, an empty one and a text.
KINDS = {
    "kinds.index": """
AAAGCAEaAggBAAgTYmZsb2F0MTYIDhIIEgIIAhICCAMoDDWnYYwSAQMVb29sCAoSCBICCAISAggDIAwoBjWBtUr0AAURZW1wdHkI
ARIGEgASAggEIBI12OqCogAHFWZsb2F0MTYIExIIEgIIAhICCAMgEigMNdezz0QFAhUzMggBEggSAggCEgIIAyAeKBg1uNY1qgUC
FTY0CAISCBICCAISAggDIDYoMDWf48v5AAUVaW50MTYIBRIIEgIIAhICCAMgZigMNZEINDIDAhUzMggDEggSAggCEgIIAyByKBg1
yGcwtAMCFjY0CAkSCBICCAISAggDIIoBKDA1vOXdBQMBFjgIBhIIEgIIAhICCAMgugEoBjXE+TfmAAYOc2NhbGFyCAESACDAASgE
Ndj9fYkABBJ0ZXh0CAcSBBICCAIgxAEoEDVCpHwpAAUWdWludDgIBBIIEgIIAhICCAMg1AEoBjXE+TfmAAAAAAEAAAAA19XRQQAA
AAABAAAAAMDyobAAAQN2APACAAAAAAEAAAAAs0FOkvUCCIIDDwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABX+4CL
JHVH2w==""",
    "kinds.data-00000-of-00001": """
AACAPwBAgD8AAIA/AAEBAQABAAAAPABAADwAAAA8AAAAAAAAgD8AAABAAACAPwAAAAAAAIA/AAAAAAAAAAAAAAAAAADwPwAAAAAA
AABAAAAAAAAA8D8AAAAAAAAAAAAAAAAAAPA/AAABAAIAAQAAAAEAAAAAAAEAAAACAAAAAQAAAAAAAAABAAAAAAAAAAAAAAABAAAA
AAAAAAIAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAAECAQABAABgQAUFtW+ZT2hlbGxvdGhlcmUAAQIBAAE=""",
}
# The same Saver, with a variable that a partitioner cut.
SLICED = """
AAAGCAEaAggBAAwTAGN1dAABAQKAgoCCCAESCBICCAISAggCKBA1IzfLuwgEFYKCgIIIARIIEgIIAhICCAIgECgQNSM3y7sAAyJj
dXQIARIIEgIIBBICCAI6CAoCEAIKAhACOgoKBAgCEAIKAhACAAURd2hvbGUIARIEEgIIAyAgKAw1eW6AIQAAAAABAAAAAAE11QAA
AAAAAQAAAADA8qGwAAEDeACQAQAAAAABAAAAAKMfeUSVAQiiAQ8AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAV/uA
iyR1R9s="""


def test_a_checkpoint_that_tensorflow_wrote(tmp_path):
    for name, text in KINDS.items():
        (tmp_path / name).write_bytes(base64.b64decode(text))
    got = read(tmp_path / "kinds")
    for name in ("float16", "bfloat16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool"):
        assert torch.equal(got[name], torch.tensor([[0, 1, 2], [1, 0, 1]]).to(getattr(torch, name))), name
    assert got["scalar"].item() == 3.5 and got["scalar"].shape == () and got["empty"].shape == (0, 4)
    assert "text" not in got and len(got) == 12


def test_a_variable_in_slices_is_named(tmp_path):
    (tmp_path / "cut.index").write_bytes(base64.b64decode(SLICED))
    with pytest.raises(WeightsError, match="cut is stored in slices"):
        read(tmp_path / "cut")


def test_a_checkpoint_of_version_1_is_told_apart(tmp_path):
    file = tmp_path / "model.ckpt"
    file.write_bytes(base64.b64decode(SLICED))  # version 1 is a table of the same kind, under the checkpoint's own name
    with pytest.raises(WeightsError, match="version 2"):
        read(file)


def test_the_checksum_is_that_of_the_standard():
    """CRC-32C of "123456789" is 0xE3069283 (RFC 3720, appendix B.4, and the catalogue of CRCs); LevelDB turns it by 15
    bits and adds a constant."""
    assert masked_crc(b"123456789") == ((0xE3069283 >> 15 | 0xE3069283 << 17) + 0xA282EAD8) & 0xFFFFFFFF


def test_a_file_that_is_only_called_like_a_data_file_is_read_as_what_it_is(tmp_path):
    file = tmp_path / "model.data-00000-of-00001"
    torch.save({"a": torch.ones(2)}, file)
    assert list(read(file)) == ["a"]


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


def test_a_damaged_index_ends_in_no_other_error(tmp_path, variables):
    prefix = bundle.write_bundle(tmp_path / "model.ckpt", variables)
    index, rng = prefix.with_name("model.ckpt.index"), np.random.default_rng(0)
    table = index.read_bytes()
    for at in rng.integers(len(table), size=80):
        index.write_bytes(table[:at] + bytes([table[at] ^ int(rng.integers(1, 256))]) + table[at + 1 :])
        try:
            got = read(prefix)
        except WeightsError:
            continue
        assert all(np.array_equal(got[name].numpy(), variables[name]) for name in variables)  # a byte that none needs


def test_a_missing_package_gives_the_line_that_mends_it(tmp_path, monkeypatch, variables):
    prefix = bundle.write_bundle(tmp_path / "model.ckpt", variables)
    monkeypatch.setitem(sys.modules, "google_crc32c", None)
    with pytest.raises(WeightsError, match="make zoo"):
        read(prefix)
