"""TensorFlow's V2 checkpoints ("tensor bundle"), read without TensorFlow, with every checksum compared.

`<prefix>.index` is a LevelDB table (blocks of prefix-compressed keys, a trailer of type and masked CRC-32C, a footer
with a magic number) whose values are protocol buffers: under the empty key a BundleHeaderProto, under every variable's
name a BundleEntryProto (type 1, shape 2, shard 3, offset 4, size 5, crc32c 6). `<prefix>.data-SSSSS-of-NNNNN` holds the
bytes. Formats: leveldb/doc/table_format.md; tensorflow/core/protobuf/tensor_bundle.proto.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from experiments.models.errors import WeightsError
from experiments.models.formats.kinds import DATA

FOOTER, TRAILER = 48, 5
DTYPES = {1: "<f4", 2: "<f8", 3: "<i4", 4: "|u1", 5: "<i2", 6: "|i1", 9: "<i8", 10: "|b1", 19: "<f2"}
BFLOAT16, STRING = 14, 7
SLICE = b"\0"  # begins the key of a part of a variable that was saved in slices


def read(path: Path) -> dict[str, torch.Tensor]:
    """Name -> tensor of a bundle given by its prefix, its index or one of its data files; texts are left out."""
    prefix = _prefix(path)
    index = prefix.with_name(prefix.name + ".index")
    if not index.is_file():
        raise WeightsError(
            f"{path}: its index {index.name} does not lie beside it; expected a checkpoint of version 2, which is an "
            "index and its data: fetch both, or save one of version 1 anew with tf.train.Saver"
        )
    table = dict(_table(index, index.read_bytes()))
    header = _fields(table.pop(b"", b""))
    shards, big_endian = header.get(1, [0])[0], header.get(2, [0])[0]
    if not shards or big_endian:
        raise WeightsError(f"{index}: {shards} data files, byte order {big_endian}; expected some, little-endian (0)")
    names = [name for name in table if not name.startswith(SLICE)]
    entries = [_Entry(index, name.decode(), _fields(table[name])) for name in names]
    files = {shard: _data(prefix, shard, shards) for shard in sorted({entry.shard for entry in entries})}
    return {entry.name: entry.tensor(files[entry.shard]) for entry in entries if entry.dtype != STRING}


def _data(prefix: Path, shard: int, shards: int) -> np.ndarray:
    """The bytes of one data file."""
    file = prefix.with_name(f"{prefix.name}.data-{shard:05d}-of-{shards:05d}")
    if not file.is_file():
        raise WeightsError(
            f"{prefix}.index asks for {file.name}, which does not lie beside it; fetch all of the checkpoint"
        )
    return np.memmap(file, np.uint8, "r") if file.stat().st_size else np.zeros(0, np.uint8)


def _prefix(path: Path) -> Path:
    if path.suffix == ".index":
        return path.with_suffix("")
    match = DATA.match(path.name)
    return path.with_name(match[1]) if match else path


class _Entry:
    """One variable of the index."""

    def __init__(self, index: Path, name: str, fields: dict[int, list]):
        self.index, self.name = index, name
        self.dtype, self.shard, self.offset, self.size = (fields.get(k, [0])[0] for k in (1, 3, 4, 5))
        self.crc = fields.get(6, [0])[0]
        dims = _fields(fields.get(2, [b""])[0]).get(2, [])
        self.shape = tuple(_fields(dim).get(1, [0])[0] for dim in dims)
        if 7 in fields:
            raise WeightsError(f"{index}: {name} is stored in slices, which is not read; save the checkpoint unsliced")

    def tensor(self, data: np.ndarray) -> torch.Tensor:
        """The variable's values, once their checksum was compared."""
        raw = data[self.offset : self.offset + self.size]
        if len(raw) != self.size:
            raise WeightsError(f"{self.index}: the data of {self.name} end after {len(raw)} of {self.size} bytes")
        _compare(self.index, f"the data of {self.name}", bytes(raw), self.crc)
        if self.dtype == BFLOAT16:
            return torch.from_numpy(np.frombuffer(raw, "<i2").copy()).view(torch.bfloat16).reshape(self.shape)
        if self.dtype not in DTYPES:
            raise WeightsError(f"{self.index}: {self.name} is of TensorFlow's type {self.dtype}, which is no number")
        return torch.from_numpy(np.frombuffer(raw, DTYPES[self.dtype]).reshape(self.shape).copy())


def _table(index: Path, content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Every (key, value) of a LevelDB table."""
    if len(content) < FOOTER:
        raise WeightsError(f"{index}: {len(content)} bytes are no index of a checkpoint; was it cut off?")
    footer = content[-FOOTER:]
    offset, at = _varint(footer, _after_meta(footer))
    size, _ = _varint(footer, at)
    for _, handle in _entries(_block(index, content, offset, size)):
        start, after = _varint(handle, 0)
        length, _ = _varint(handle, after)
        yield from _entries(_block(index, content, start, length))


def _after_meta(footer: bytes) -> int:
    """Where the handle of the index block begins in the footer."""
    _, at = _varint(footer, 0)
    return _varint(footer, at)[1]


def _block(index: Path, content: bytes, offset: int, size: int) -> bytes:
    """One block of the table, once its checksum was compared."""
    block, trailer = content[offset : offset + size], content[offset + size : offset + size + TRAILER]
    if len(block) != size or len(trailer) != TRAILER:
        raise WeightsError(f"{index}: a block at {offset} reaches beyond the file; it was cut off")
    if trailer[0] != 0:
        raise WeightsError(f"{index}: a block at {offset} is compressed (type {trailer[0]}); checkpoints' never are")
    _compare(index, f"a block at {offset}", block + trailer[:1], int.from_bytes(trailer[1:], "little"))
    return block


def _entries(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(key, value) of a block; each key shares its beginning with the one before."""
    end = len(block) - 4 - 4 * int.from_bytes(block[-4:], "little")
    at, key = 0, b""
    while at < end:
        shared, at = _varint(block, at)
        own, at = _varint(block, at)
        size, at = _varint(block, at)
        key = key[:shared] + block[at : at + own]
        yield key, block[at + own : at + own + size]
        at += own + size


def _fields(message: bytes) -> dict[int, list]:
    """Field number -> values of a protocol buffer: whole numbers, and bytes for what has a length."""
    found: dict[int, list] = {}
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        kind = tag & 7
        if kind == 0:
            value, at = _varint(message, at)
        elif kind == 2:
            size, at = _varint(message, at)
            value, at = message[at : at + size], at + size
        elif kind in (1, 5):
            width = 8 if kind == 1 else 4
            value, at = int.from_bytes(message[at : at + width], "little"), at + width
        else:
            raise WeightsError(f"a protocol buffer with a field of kind {kind}; the index is damaged")
        found.setdefault(tag >> 3, []).append(value)
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """(number, where it ends)."""
    value = shift = 0
    while True:
        if at >= len(data):
            raise WeightsError("a number reaches beyond the end of its block; the index is damaged")
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def masked_crc(data: bytes) -> int:
    """LevelDB's masked CRC-32C."""
    try:
        import google_crc32c
    except ImportError as error:
        raise WeightsError("TensorFlow's checkpoints are checked with the package google-crc32c: make zoo") from error
    crc = google_crc32c.value(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def _compare(index: Path, what: str, data: bytes, expected: int) -> None:
    if masked_crc(data) != expected:
        raise WeightsError(
            f"{index}: {what} have another checksum than the index says; the file was damaged: fetch it again"
        )
