"""Replies of an engine as arrays: pictures, NPY and lists of bones."""

from __future__ import annotations

import io
import json

import cv2
import numpy as np

from synth.engine.errors import EngineRefused
from synth.frames import CM_PER_M, from_unreal_location

MASK_TOLERANCE = 3  # an Unreal object mask is anti-aliased; upstream's own client allows as much

# The rows are our coordinates of Unreal's unit vectors, so that `points_cm @ FROM_UNREAL` converts many at once.
FROM_UNREAL = np.array([from_unreal_location(axis) for axis in np.eye(3)])


def text(command: str, reply: str | bytes) -> str:
    """A reply that must be text; raises EngineRefused for `error ...`."""
    if not isinstance(reply, str):
        raise EngineRefused(command, f"error expected text, got {len(reply)} bytes")
    if reply.startswith("error"):
        raise EngineRefused(command, reply)
    return reply


def outputs(command: str, reply: str | bytes) -> dict[str, str]:
    """The out-parameters of a `vbp` reply; of a plain `ok`, none."""
    answer = text(command, reply)
    if answer == "ok":
        return {}
    try:
        return json.loads(answer)
    except json.JSONDecodeError as error:
        raise EngineRefused(command, f"error expected ok or JSON, got {answer[:200]!r}") from error


def arrays(command: str, reply: str | bytes, count: int) -> list[np.ndarray]:
    """`count` NPY files, one after the other."""
    stream = io.BytesIO(_binary(command, reply))
    try:
        return [np.lib.format.read_array(stream, allow_pickle=False) for _ in range(count)]
    except ValueError as error:
        raise EngineRefused(command, f"error the reply is no NPY: {error}") from error


def picture(command: str, reply: str | bytes) -> np.ndarray:
    """A PNG as (H, W, 3) uint8 sRGB."""
    bgr = cv2.imdecode(np.frombuffer(_binary(command, reply), np.uint8), cv2.IMREAD_COLOR)
    if bgr is None:
        raise EngineRefused(command, "error the reply is no picture")
    return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)


def mask(colors: np.ndarray, person: tuple[int, int, int]) -> np.ndarray:
    """(..., 3) annotation colours to (...) uint8: 1 where the person is."""
    low, high = (
        np.clip(np.array(person) + step, 0, 255).astype(np.uint8) for step in (-MASK_TOLERANCE, MASK_TOLERANCE)
    )
    return ((colors >= low) & (colors <= high)).all(axis=-1).astype(np.uint8)


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
        raise EngineRefused(command, f"error expected a JSON list of bones, got {answer[:200]!r}") from error


def _binary(command: str, reply: str | bytes) -> bytes:
    if isinstance(reply, str):
        raise EngineRefused(
            command, reply if reply.startswith("error") else f"error expected bytes, got {reply[:200]!r}"
        )
    return reply
