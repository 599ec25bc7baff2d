"""Bytes on the wire: UnrealCV's frames, and pictures as PNG, BMP and NPY.

A frame is a magic number, the payload's length (both u32, little endian) and the payload; the same both ways.
Pictures are encoded as the plugin does it: PNG is RGBA with 8 bits, NPY is version 1.0. PNG at zlib level 1, because
encoding and not the protocol is what a frame costs.
"""

from __future__ import annotations

import io
import socket
import struct

import cv2
import numpy as np

MAGIC = 0x9E2B83C1
MAX_PAYLOAD = 256 << 20
_HEADER = struct.Struct("<II")
_BMP = struct.Struct("<2sIII IiiHHIIiiII")


class FrameError(Exception):
    """Bytes that are no UnrealCV frame; the connection they came over cannot be read further."""


def frame(payload: bytes) -> bytes:
    """`payload` as one frame."""
    return _HEADER.pack(MAGIC, len(payload)) + payload


def read_frame(connection: socket.socket) -> bytes | None:
    """The next payload, or None where the other side has closed.

    Raises FrameError for a wrong magic number, a length of 0 or above 256 MiB, and a frame cut off in the middle.
    """
    header = _read_exactly(connection, _HEADER.size)
    if header is None:
        return None
    magic, length = _HEADER.unpack(header)
    if magic != MAGIC:
        raise FrameError(f"a frame starts with {magic:#010x}, expected {MAGIC:#010x}: this is not UnrealCV")
    if not 0 < length <= MAX_PAYLOAD:
        raise FrameError(f"a frame of {length} bytes is outside 1 to {MAX_PAYLOAD}")
    payload = _read_exactly(connection, length)
    if payload is None:
        raise FrameError(f"the connection ended in the middle of a frame of {length} bytes")
    return payload


def _read_exactly(connection: socket.socket, count: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < count:
        part = connection.recv(min(count - len(parts), 1 << 20))
        if not part:
            return None
        parts += part
    return bytes(parts)


def npy(array: np.ndarray) -> bytes:
    """An array as the bytes of an NPY file."""
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.ascontiguousarray(array), version=(1, 0), allow_pickle=False)
    return buffer.getvalue()


def png(image: np.ndarray) -> bytes:
    """(H, W, 3) uint8 sRGB as an RGBA PNG, opaque; (H, W, 4) with its alpha."""
    return cv2.imencode(".png", _bgra(image), [cv2.IMWRITE_PNG_COMPRESSION, 1])[1].tobytes()


def bmp(image: np.ndarray) -> bytes:
    """(H, W, 3) uint8 sRGB as the plugin's kind of BMP: 32 bit, opaque, rows from the top, a header of 54 bytes."""
    height, width = image.shape[:2]
    header = _BMP.pack(
        b"BM", _BMP.size + 4 * width * height, 0, _BMP.size, 40, width, -height, 1, 32, 0, 0, 1024, 1024, 0, 0
    )
    return header + _bgra(image).tobytes()


def _bgra(image: np.ndarray) -> np.ndarray:
    order = cv2.COLOR_RGBA2BGRA if image.shape[2] == 4 else cv2.COLOR_RGB2BGRA
    return cv2.cvtColor(np.ascontiguousarray(image), order)
