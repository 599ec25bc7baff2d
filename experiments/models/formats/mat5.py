"""MATLAB's MAT-files of version 5 (as `save` writes them by default), the variables that are asked for.

An own reader because SciPy's ends the whole process at a damaged tag, and because networks hold objects (function
handles, tables, GPU arrays) that nobody but MATLAB understands: those are None here. Cells are lists, structs lists of
dicts, texts str, all else arrays in MATLAB's order of axes. Format: MathWorks, MAT-File Format, chapter 1. Compressed
variables carry a checksum (zlib's Adler-32), which is compared.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Container, Iterator
from pathlib import Path

import numpy as np

HEADER = 128
MOST_BYTES = 4 << 30  # of a variable; a whole VGG has 0.5 GB
NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
TEXTS = {1: "latin-1", 2: "latin-1", 4: "utf-16", 16: "utf-8", 17: "utf-16", 18: "utf-32"}
MATRIX, COMPRESSED = 14, 15
CELL, STRUCT, OBJECT, CHAR = 1, 2, 3, 4  # classes of arrays
NUMERIC = range(6, 16)


def variables(path: Path, wanted: Container[str]) -> dict[str, object]:
    """Name -> content of the wanted variables, None for the others. Raises ValueError for a damaged file."""
    data = memoryview(np.memmap(path, np.uint8, "r"))
    order = {b"IM": "<", b"MI": ">"}.get(bytes(data[126:HEADER]))
    if order is None:
        raise ValueError(f"the header's byte order is {bytes(data[126:HEADER])!r}, expected b'IM' or b'MI'")
    found = {}
    for kind, raw in _elements(data[HEADER:], order):
        if kind == COMPRESSED:
            kind, raw = next(_elements(_inflated(raw), order))
        if kind == MATRIX:
            parts = list(_elements(raw, order))
            name = _text(*parts[2], order) if len(parts) > 2 else ""
            found[name] = _content(parts, order) if name in wanted else None
    return found


def _inflated(raw: memoryview) -> memoryview:
    stream = zlib.decompressobj()
    try:
        content = stream.decompress(raw, MOST_BYTES)
    except zlib.error as error:
        raise ValueError(f"a compressed variable is damaged: {error}") from error
    if not stream.eof:
        raise ValueError(f"a compressed variable is cut off, or has more than {MOST_BYTES} bytes")
    return memoryview(content)


def _elements(data: memoryview, order: str) -> Iterator[tuple[int, memoryview]]:
    """(type, bytes) of the elements that lie one after the other. Those of up to four bytes lie within their tag."""
    at = 0
    while at < len(data):
        kind, size = struct.unpack_from(f"{order}2I", data, at)
        body, small = at + 8, kind >> 16
        if small:
            kind, size, body = kind & 0xFFFF, small, at + 4
        left = len(data) - body
        if size > left or (small and size > 4) or kind not in {*NUMBERS, *TEXTS, MATRIX, COMPRESSED}:
            raise ValueError(f"an element of type {kind} with {size} bytes where {left} are left")
        yield kind, data[body : body + size]
        at = at + 8 if small else body + size + (0 if kind == COMPRESSED else -size % 8)


def _content(parts: list[tuple[int, memoryview]], order: str):
    """Of an array: flags, dimensions, name, and what follows by its class."""
    if not parts:
        return np.zeros(0)
    kind = int(_numbers(*parts[0], order)[0]) & 0xFF
    if kind not in (CELL, STRUCT, OBJECT, CHAR, *NUMERIC):
        return None
    dims, rest = tuple(_numbers(*parts[1], order).tolist()), parts[3:]
    count = math.prod(dims)
    if kind == CHAR:
        return _text(*rest[0], order) if rest else ""
    if kind in NUMERIC:
        return _numbers(*rest[0], order).reshape(dims, order="F")
    if kind == CELL:
        return _arrays(rest, count, order)
    length, names = rest[1:3] if kind == OBJECT else rest[:2]  # an object has its class before
    fields = _field_names(bytes(names[1]), int(_numbers(*length, order)[0]))
    values = _arrays(rest[4 if kind == OBJECT else 2 :], count * len(fields), order)
    return [dict(zip(fields, values[k * len(fields) :], strict=False)) for k in range(count)]


def _arrays(parts: list[tuple[int, memoryview]], count: int, order: str) -> list:
    if len(parts) != count:
        raise ValueError(f"a cell or struct has {len(parts)} arrays, expected {count}")
    return [_content(list(_elements(raw, order)), order) for _, raw in parts]


def _field_names(raw: bytes, length: int) -> list[str]:
    if length < 1:
        raise ValueError(f"a struct's names of fields have {length} bytes")
    return [raw[k : k + length].split(b"\0")[0].decode("latin-1") for k in range(0, len(raw), length)]


def _numbers(kind: int, raw: memoryview, order: str) -> np.ndarray:
    if kind not in NUMBERS:
        raise ValueError(f"expected numbers, got an element of type {kind}")
    return np.frombuffer(raw, order + NUMBERS[kind])


def _text(kind: int, raw: memoryview, order: str) -> str:
    if kind not in TEXTS:
        raise ValueError(f"expected a text, got an element of type {kind}")
    ends = {"<": "-le", ">": "-be"}[order] if TEXTS[kind] in ("utf-16", "utf-32") else ""
    return bytes(raw).decode(TEXTS[kind] + ends)
