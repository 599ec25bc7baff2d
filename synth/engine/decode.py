"""Replies of an engine as arrays: pictures, NPY and lists of bones."""

from __future__ import annotations

import io
import json
import math

import cv2
import numpy as np

from synth.engine.errors import BadReply, EngineRefused
from synth.frames import CM_PER_M, from_unreal_location, swap_handedness

NPY = b"\x93NUMPY"
PNG, PNG_END = b"\x89PNG", b"IEND\xaeB`\x82"
MOST_HEADER = 65_536  # of an NPY file, bytes
MASK_TOLERANCE = 3  # an Unreal object mask is anti-aliased; upstream's own client allows as much

# The rows are our coordinates of Unreal's unit vectors, so that `points_cm @ FROM_UNREAL` converts many at once.
FROM_UNREAL = np.array([from_unreal_location(axis) for axis in np.eye(3)])


def text(command: str, reply: str | bytes) -> str:
    """A reply that must be text; raises EngineRefused for `error ...`."""
    if not isinstance(reply, str):
        raise BadReply(command, f"expected text, got {len(reply)} bytes")
    if reply.startswith("error"):
        raise EngineRefused(command, reply)
    return reply


def outputs(command: str, reply: str | bytes) -> dict[str, str]:
    """The out-parameters of a `vbp` reply; of a plain `ok`, none."""
    answer = text(command, reply)
    if answer == "ok":
        return {}
    try:
        found = json.loads(answer)
    except json.JSONDecodeError as error:
        raise BadReply(command, f"expected ok or JSON, got {answer[:200]!r}") from error
    if not isinstance(found, dict):
        raise BadReply(command, f"expected ok or a JSON table, got {answer[:200]!r}")
    return found


def arrays(command: str, reply: str | bytes, count: int) -> list[np.ndarray]:
    """`count` NPY files, one after the other, as read-only views of the reply."""
    content, found, at = _binary(command, reply), [], 0
    try:
        for _ in range(count):
            array, at = _npy(content, at)
            found.append(array)
    except ValueError as error:
        raise BadReply(command, f"the reply is no NPY: {error}") from error
    if rest := len(content) - at:
        raise BadReply(command, f"{rest} bytes follow the {count} arrays that were asked for")
    return found


def _npy(content: bytes, at: int) -> tuple[np.ndarray, int]:
    """The NPY file at an offset, and where it ends; raises ValueError. NumPy's own reader copies it in small pieces."""
    head = io.BytesIO(memoryview(content)[at : at + MOST_HEADER])
    version = np.lib.format.read_magic(head)
    read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    if version not in read:
        raise ValueError(f"version {version} of the format is not understood")
    shape, by_column, kind = read[version](head)
    if kind.hasobject or min(shape, default=0) < 0:
        raise ValueError(f"an array of {kind} in shape {shape}")
    start, count = at + head.tell(), math.prod(shape)
    array = np.frombuffer(content, kind, count, start) if count else np.empty(0, kind)
    return array.reshape(shape, order="F" if by_column else "C"), start + count * kind.itemsize


def image(command: str, reply: str | bytes) -> np.ndarray:
    """One PNG or NPY: a PNG as (H, W, 3) or (H, W, 4) uint8 sRGB, with alpha where it has one."""
    content = _binary(command, reply)
    if content.startswith(NPY):
        return arrays(command, content, 1)[0]
    if content.startswith(PNG) and not content.endswith(PNG_END):  # OpenCV would fill what is missing with grey
        raise BadReply(command, f"the reply is no picture: its {len(content)} bytes end in the middle of it")
    found = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED) if content else None
    if found is None or found.dtype != np.uint8:
        raise BadReply(command, "the reply is no picture of 8 bits")
    if found.ndim == 2:
        return cv2.cvtColor(found, cv2.COLOR_GRAY2RGB)
    return cv2.cvtColor(found, cv2.COLOR_BGRA2RGBA if found.shape[2] == 4 else cv2.COLOR_BGR2RGB)


def shaped(command: str, array: np.ndarray, channels: int) -> np.ndarray:
    """`array` itself, if it is a picture (H, W), or (H, W, channels) for more than one; raises EngineRefused."""
    if array.ndim != (2 if channels == 1 else 3) or array.shape[2:] != (channels,)[: array.ndim - 2]:
        raise BadReply(command, f"the picture is {array.shape}, expected {channels} numbers a pixel")
    return array


def mask(colors: np.ndarray, person: tuple[int, int, int]) -> np.ndarray:
    """(..., H, W, 3) annotation colours to (..., H, W) uint8: 1 where the person is."""
    low, high = (np.clip(np.array(person) + step, 0, 255) for step in (-MASK_TOLERANCE, MASK_TOLERANCE))
    rows = np.ascontiguousarray(colors).reshape(-1, *colors.shape[-2:])
    return cv2.inRange(rows, low, high).reshape(colors.shape[:-1]) & np.uint8(1)


def normal(sent: np.ndarray) -> np.ndarray:
    """(..., 3) in Unreal's axes to unit normals in ours, float32, 0 where nothing is; the 8-bit colours of the plugin,
    n / 2 + 1 / 2, with their rounding."""
    if sent.dtype != np.uint8:
        return swap_handedness(sent.astype(np.float32))
    unit = sent.astype(np.float32) / np.float32(127.5) - 1
    length = np.linalg.norm(unit, axis=-1, keepdims=True)
    return swap_handedness(np.where(length > 0.5, unit / np.maximum(length, 0.5), np.float32(0)))


def depth(centimetres: np.ndarray) -> np.ndarray:
    """Planar depth in metres, float32."""
    return (centimetres / np.float32(CM_PER_M)).astype(np.float32)


def joints(centimetres: np.ndarray) -> np.ndarray:
    """(..., 3) Unreal locations to our metres, float32."""
    return (centimetres @ FROM_UNREAL).astype(np.float32)


def bones(command: str, reply: str | bytes) -> tuple[list[str], np.ndarray]:
    """Names, and (J, 3) locations in Unreal's cm, of a `bones` reply."""
    answer = text(command, reply)
    try:
        rows = json.loads(answer)
        return [row["name"] for row in rows], np.array([[row["location"][axis] for axis in "xyz"] for row in rows])
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise BadReply(command, f"expected a JSON list of bones, got {answer[:200]!r}") from error


def _binary(command: str, reply: str | bytes) -> bytes:
    if isinstance(reply, str):
        if reply.startswith("error"):
            raise EngineRefused(command, reply)
        raise BadReply(command, f"expected bytes, got {reply[:200]!r}")
    return reply
