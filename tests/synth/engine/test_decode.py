"""Replies that are not what was asked for are refused by name, whatever is wrong with them."""

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
