"""A writer of TensorFlow V2 checkpoints for tests: several blocks, shared key prefixes, checksums."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from experiments.models.formats.kinds import TF_MAGIC
from experiments.models.formats.tf_bundle import masked_crc

TYPES = {"float32": 1, "float64": 2, "int32": 3, "int64": 9, "float16": 19}


def varint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def field(number: int, value: int | bytes) -> bytes:
    if isinstance(value, bytes):
        return varint(number << 3 | 2) + varint(len(value)) + value
    return varint(number << 3) + varint(value)


def block(entries: list[tuple[bytes, bytes]], interval: int = 4) -> bytes:
    out, restarts, before = bytearray(), [], b""
    for count, (key, value) in enumerate(entries):
        shared = 0
        if count % interval == 0:
            restarts.append(len(out))
        else:
            while shared < min(len(before), len(key)) and before[shared] == key[shared]:
                shared += 1
        out += varint(shared) + varint(len(key) - shared) + varint(len(value)) + key[shared:] + value
        before = key
    ends = restarts or [0]
    return bytes(out) + b"".join(r.to_bytes(4, "little") for r in ends) + len(ends).to_bytes(4, "little")


def write_bundle(
    prefix: Path, tensors: dict[str, np.ndarray], *, shards: int = 1, per_block: int = 5, kind: int = 0
) -> Path:
    """Write `prefix`.index and its data files; returns the prefix. kind: the blocks' compression byte."""
    data, entries = [bytearray() for _ in range(shards)], [(b"", field(1, shards))]
    for number, name in enumerate(sorted(tensors)):
        array, shard = np.asarray(tensors[name]), number % shards
        raw = array.tobytes()
        shape = b"".join(field(2, field(1, size)) for size in array.shape)
        entry = field(1, TYPES[array.dtype.name]) + field(2, shape) + field(3, shard) + field(4, len(data[shard]))
        entry += field(5, len(raw)) + varint(6 << 3 | 5) + masked_crc(raw).to_bytes(4, "little")
        entries.append((name.encode(), entry))
        data[shard] += raw
    table, handles = bytearray(), []

    def put(content: bytes) -> bytes:
        at = len(table)
        table.extend(content + bytes([kind]) + masked_crc(content + bytes([kind])).to_bytes(4, "little"))
        return varint(at) + varint(len(content))

    for start in range(0, len(entries), per_block):
        part = entries[start : start + per_block]
        handles.append((part[-1][0], put(block(part))))
    meta, index = put(block([])), put(block(handles, 1))
    table.extend((meta + index).ljust(40, b"\0") + TF_MAGIC)
    prefix.with_name(prefix.name + ".index").write_bytes(bytes(table))
    for shard, content in enumerate(data):
        prefix.with_name(f"{prefix.name}.data-{shard:05d}-of-{shards:05d}").write_bytes(bytes(content))
    return prefix
