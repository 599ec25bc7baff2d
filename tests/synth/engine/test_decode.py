"""Replies that are not what was asked for are refused by name, whatever is wrong with them."""

import io

import numpy as np
import pytest

from synth.engine import decode
from synth.engine.errors import EngineRefused


@pytest.mark.parametrize("reply", ["5", "[1]", "null", '"ok"', "{"])
def test_out_parameters_are_a_table(reply):
    with pytest.raises(EngineRefused, match="JSON"):
        decode.outputs("vbp Stage identity", reply)


def test_out_parameters_of_a_plain_ok_are_none():
    assert decode.outputs("vset /x", "ok") == {}
    assert decode.outputs("vbp Stage identity", '{"Engine": "stage"}') == {"Engine": "stage"}


@pytest.mark.parametrize("reply", [b"", b"BM", b"\x89PNG\r\n"])
def test_bytes_that_are_no_picture_are_refused(reply):
    with pytest.raises(EngineRefused, match="no picture"):
        decode.image("vget /camera/1/lit png", reply)


def test_bytes_that_end_early_are_no_array():
    with pytest.raises(EngineRefused, match="no NPY"):
        decode.arrays("vget /stage/capture", b"\x93NUMPY\x01\x00v\x00{", 1)


def npy(array) -> bytes:
    content = io.BytesIO()
    np.save(content, array)
    return content.getvalue()


def test_arrays_one_after_the_other():
    sent = [np.arange(12, dtype=np.float32).reshape(3, 4), np.asfortranarray(np.eye(2)), np.zeros((0, 3), np.uint8)]
    found = decode.arrays("vget /x", b"".join(map(npy, sent)), 3)
    assert all(np.array_equal(a, b) and a.dtype == b.dtype for a, b in zip(sent, found, strict=True))


WHOLE = npy(np.zeros((2, 3), np.uint8))


@pytest.mark.parametrize(
    "reply",
    [
        b"", WHOLE[:-1], WHOLE + b"x", WHOLE * 2, WHOLE[:6] + b"\x09" + WHOLE[7:], npy(np.array([None])),
        WHOLE.replace(b"(2, 3)", b"(-1,) "), WHOLE.replace(b"(2, 3)", b"(9**9)"), WHOLE.replace(b"(2, 3)", b"(2,30)"),
    ],
)  # fmt: skip
def test_what_is_no_array_is_refused(reply):
    with pytest.raises(EngineRefused, match=r"no NPY|bytes follow"):
        decode.arrays("vget /x", reply, 1)
